"""The rows of a ticket's page. Their number, and that of statements, does not grow with the history."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, prefetch_related_objects
from django.http import Http404

from ticketflower.fast_sql import RowColumns
from ticketflower.prepared_queries import PreparedQuery, columns_of
from users.access import is_company_admin
from users.models import CustomUser
from workflow_design.models import TicketDefinition, WorkflowDefinition
from workflow_ops.comments.audience import without_internal
from workflow_ops.history.names import with_problem
from workflow_ops.models import (
    Comment,
    ErrorStatus,
    FileUpload,
    TaskInstance,
    TaskStatus,
    TicketError,
    TicketFollower,
    TicketInstance,
    TicketLink,
    TimelineEvent,
    TimelineKind,
    WorkflowData,
    WorkflowInstance,
)
from workflow_ops.models.tasks import ENDED_STATUSES, UNFINISHED_STATUSES

MAX_FINISHED: Final = 30
_NAME: Final = ("id", "first_name", "last_name", "email")
_NAME_AND_STATE: Final = (*_NAME, "is_active", "away_from", "away_until", "time_zone")


def _columns(path: str, names: Collection[str]) -> list[str]:
    return [f"{path}__{name}" for name in names]


# --- The ticket ------------------------------------------------------------------------


def _ticket(*, number: int, reader: int) -> QuerySet[TicketInstance]:
    links = TicketLink.objects.filter(Q(ticket=OuterRef("pk")) | Q(other=OuterRef("pk")))
    errors = TicketError.objects.exclude(error_status=ErrorStatus.RESOLVED)
    followers = TicketFollower.objects.filter(ticket=OuterRef("pk"))
    # Most tickets have none of these, and then no further statements are needed.
    return TicketInstance.objects.filter(number=number).annotate(
        has_links=Exists(links),
        has_files=Exists(FileUpload.objects.filter(ticket=OuterRef("pk"))),
        has_errors=Exists(errors.filter(ticket=OuterRef("pk"))),
        has_followers=Exists(followers),
        is_followed=Exists(followers.filter(person=reader)),
    )


_TICKET = PreparedQuery(
    _ticket,
    *columns_of(TicketInstance),
    *columns_of(WorkflowInstance, "workflow_instance"),
    *columns_of(WorkflowDefinition, "workflow_instance__workflow"),
    *columns_of(TicketDefinition, "ticket_definition"),
    *_columns("created_by", _NAME_AND_STATE),
    *_columns("entered_by", _NAME_AND_STATE),
    *_columns("responsible", _NAME_AND_STATE),
    *("has_links", "has_files", "has_errors", "has_followers", "is_followed"),
)


def read_ticket(number: int, *, reader: CustomUser) -> TicketInstance:
    """Return the ticket with its workflow, definition and people. Raise Http404.

    It is annotated with what `has()` returns.
    """
    found = _TICKET.rows(number=number, reader=reader.pk)
    if not found:
        raise Http404
    ticket = found[0]
    if not is_company_admin(reader):  # for others, `may_administer_workflow` is called repeatedly
        prefetch_related_objects([ticket.workflow_instance.workflow], "ticket_admin_links")
    return ticket


def has(ticket: TicketInstance, what: str) -> bool:
    """Return whether the ticket has "links", "files", "errors" or "followers"; True if this is not known."""
    return bool(getattr(ticket, f"has_{what}", True))


# --- Its tasks -------------------------------------------------------------------------


def _tasks(only_last_done: bool, *, run: int) -> QuerySet[TaskInstance]:
    tasks = TaskInstance.objects.filter(workflow_instance=run)
    if only_last_done:
        done = tasks.filter(status=TaskStatus.COMPLETED).order_by("task_definition", "-run")
        begun = tasks.filter(started_at__isnull=False).order_by("pk")
        others = Q(pk__in=done.distinct("task_definition").values("pk")) | Q(pk__in=begun.values("pk")[:1])
    else:
        ended = tasks.filter(status__in=ENDED_STATUSES).order_by("-created_at", "-pk")
        others = Q(pk__in=ended.values("pk")[:MAX_FINISHED])
    found = tasks.filter(Q(status__in=UNFINISHED_STATUSES) | others)
    return with_problem(found).order_by("created_at", "pk")


_TASKS = PreparedQuery(
    _tasks,
    *("id", "workflow_instance_id", "task_definition_id", "run", "status", "created_at", "started_at"),
    *("due_at", "assigned_to_id", "completed_by_id", "prepared_by_id", "problem"),
    *_columns("task_definition", ("id", "title", "task_type", "output_fields")),
    *_columns("task_definition", ("action", "action_url", "connection")),
    *_columns("assigned_to", _NAME_AND_STATE),
    *_columns("completed_by", _NAME),
)


def read_tasks(run: WorkflowInstance, *, only_last_done: bool = False) -> list[TaskInstance]:
    """Return the unfinished tasks and the newest finished ones, oldest first, with definition and people.

    With `only_last_done`, the finished ones are instead the last completed task of each definition, and one
    task that was begun, if there is any.
    """
    found = _TASKS.rows(only_last_done, run=run.pk)
    for task in found:
        task.workflow_instance = run
    return found


# --- Its timeline ----------------------------------------------------------------------


# Links may name tickets, and errors may name rules and roles, that only admins of this ticket may see.
_FOR_ADMINS: Final = (TimelineKind.LINKED, TimelineKind.UNLINKED, TimelineKind.ERROR, TimelineKind.RETRIED)


def _events(
    explains: bool, reads_internal: bool, size: int, *, ticket: int, before: int | None = None
) -> QuerySet[TimelineEvent]:
    # Edits of comments are shown with the comment itself.
    rows = TimelineEvent.objects.filter(ticket=ticket).exclude(kind=TimelineKind.COMMENT_EDITED)
    if not explains:
        rows = rows.exclude(kind__in=_FOR_ADMINS)
    if not reads_internal:
        rows = without_internal(rows)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return rows.order_by("-pk")[:size]


_EVENTS = PreparedQuery(
    _events,
    *("id", "kind", "details", "created_at", "task_id", "workflow_data_id", "comment_id"),
    *("about_id", "person_id", "impersonator_id"),
    *_columns("task", ("id", "run", "task_definition_id")),
    *_columns("task__task_definition", ("id", "title", "task_type")),
    *_columns("person", _NAME),
    *_columns("about", _NAME),
    *columns_of(Comment, "comment"),
    *_columns("comment__created_by", _NAME),
)


def read_events(
    ticket: TicketInstance, *, explains: bool, reads_internal: bool, before: int | None, most: int
) -> list[TimelineEvent]:
    """Return the newest entries of the timeline that the reader may see, with task, people and comment.

    With `explains`, errors and links to other tickets are included. `before` is the cursor: the id of the
    entry before which to continue.
    """
    beyond = {} if before is None else {"before": before}
    return _EVENTS.rows(explains, reads_internal, most, ticket=ticket.pk, **beyond)


_STEP = RowColumns(WorkflowData, of="step", only=("id", "step", "source", "task_id", "looks"))
# Step 1 is the write of the ticket, whose decisions explain its submission.
_STEPS = f"""
SELECT {_STEP.sql} FROM workflow_ops_workflowdata AS step
WHERE step.company_id = %s AND step.workflow_instance_id = %s
    AND (step.id = ANY(%s) OR step.task_id = ANY(%s) OR step.step = 1)
"""  # noqa: S608 - columns of our own model


def read_steps_of(events: Collection[TimelineEvent], run: WorkflowInstance) -> list[WorkflowData]:
    """Return the steps whose decisions explain these events."""
    own = [event.workflow_data_id for event in events if event.workflow_data_id]
    tasks = [event.task_id for event in events if event.task_id]
    values: list[Any] = [run.company_id, run.pk, own, tasks]
    with connection.cursor() as cursor:
        cursor.execute(_STEPS, values)
        return [_STEP.take(list(row)) for row in cursor.fetchall()]
