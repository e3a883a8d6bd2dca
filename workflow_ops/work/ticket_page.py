"""The context of a ticket's page, with one page of its timeline."""

import base64
import binascii
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import IntegerField, Q, QuerySet, Value
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from ticketflower.http import PageRequest
from users.models import CustomUser
from workflow_design.access import may_see_conditions
from workflow_design.definition.fields import Fields
from workflow_design.engine import Plan
from workflow_design.models import WorkflowCompletion
from workflow_design.persistence.plans import load_fields, load_plan
from workflow_design.workspace.reading import Block, build_read_view
from workflow_ops.access import submitted
from workflow_ops.history.links import links_of
from workflow_ops.history.names import names_in, reached_end, vocabulary_for, with_problem
from workflow_ops.history.pictures import draw_ticket, states_now
from workflow_ops.history.remarks import held_entries
from workflow_ops.history.stages import build_stages
from workflow_ops.history.standing import standing
from workflow_ops.history.steps import step_url, why_links
from workflow_ops.history.timeline_wording import TimelineEntry, actor_name, build_entries, enterer_name
from workflow_ops.models import (
    Comment,
    FileUpload,
    RunStatus,
    TaskInstance,
    TicketInstance,
    TimelineEvent,
    TimelineKind,
    WorkflowData,
)
from workflow_ops.work.corrections import reason_against_correction
from workflow_ops.work.forms import CommentForm

MAX_FINISHED = 30


def ticket_page(
    request: PageRequest, ticket: TicketInstance, comment_form: CommentForm, *, links_calls: bool = False
) -> dict[str, Any]:
    """Return the context of the page. `ticket` must have its workflow, definition and submitter loaded."""
    run, reader = ticket.workflow_instance, request.user
    plan, fields, tasks = load_plan(run.workflow_id), load_fields(run.workflow), _tasks(ticket)
    unfinished = [task for task in tasks if not task.is_finished]
    # Conditions tell amounts and reasons that are not meant for everybody who sees the ticket.
    sees_rules = may_see_conditions(reader, run.workflow)
    before = request.GET.get("before", "")
    return {
        "ticket": ticket,
        "definition": ticket.ticket_definition,
        "run": run,
        "submitter": actor_name(ticket.created_by, ticket.impersonator_id),
        "enterer": enterer_name(ticket),
        "links": links_of(ticket, reader=reader),
        "held": held_entries([ticket]).get(ticket.pk),
        "stages": build_stages(plan, ticket, tasks),
        "unfinished": unfinished,
        "finished": [task for task in reversed(tasks) if task.is_finished][:MAX_FINISHED],
        "files": _files(ticket),
        "timeline": timeline_page(ticket, fields=fields, before=before, explains=sees_rules),
        "comment_form": comment_form,
        "actions": _actions(reader, ticket, tasks),
        **_state(ticket, unfinished, fields, reader=reader, links_calls=links_calls),
        **_data(ticket, fields),
        **_path(ticket, plan, tasks, sees_rules=sees_rules),
    }


def _state(
    ticket: TicketInstance,
    unfinished: Sequence[TaskInstance],
    fields: Fields,
    *,
    reader: CustomUser,
    links_calls: bool,
) -> dict[str, Any]:
    """Return where the ticket stands, and the completion that ended it, with its result."""
    run = ticket.workflow_instance
    end = reached_end(run)
    title = end.title if end else ""
    return {
        "standing": standing(run, unfinished, reader=reader, ended_as=title, links_calls=links_calls),
        "end": end,
        "result": _result(ticket, end, fields) if end else [],
    }


def _path(
    ticket: TicketInstance, plan: Plan, tasks: Iterable[TaskInstance], *, sees_rules: bool
) -> dict[str, Any]:
    """Return the picture, and the addresses of the steps for those who may see the conditions."""
    states, step = states_now(ticket, tasks), ticket.workflow_instance.step
    if not sees_rules:
        return {"picture": draw_ticket(ticket, plan.without_conditions(), states).without_fields()}
    return {
        "picture": draw_ticket(ticket, plan, states).linked(why_links(ticket, plan, step)),
        "step_url": step_url(ticket, step) if step else "",
        "history_url": reverse("manage_ticket_history", args=[ticket.number]),
    }


def _tasks(ticket: TicketInstance) -> list[TaskInstance]:
    """Return all tasks of the ticket, oldest first, with definition and people."""
    run = ticket.workflow_instance
    tasks = TaskInstance.objects.filter(workflow_instance=run.pk).defer("input_data", "output_data", "draft")
    people = ("task_definition", "assigned_to", "completed_by")
    found = list(with_problem(tasks).select_related(*people).order_by("created_at", "pk"))
    for task in found:
        task.workflow_instance = run
    return found


def _data(ticket: TicketInstance, fields: Fields) -> dict[str, list[Block]]:
    """Return the submitted data, and the workspace data that is new or has changed since."""
    run, definition = ticket.workflow_instance, ticket.ticket_definition
    names = names_in(fields, ticket, ticket.ticket_data, run.data)
    since = {name for name in fields if run.data.get(name) != ticket.ticket_data.get(name)}
    submitted = {
        **{name: value for name, value in run.data.items() if name not in definition.fields},
        **ticket.ticket_data,
    }
    layout, now_layout = definition.display_layout, run.workflow.display_layout
    return {
        "submitted": build_read_view(
            submitted, fields=fields, names=names, layout=layout, only=definition.fields
        ),
        "now": build_read_view(run.data, fields=fields, names=names, layout=now_layout, narrowed_to=since),
    }


def _result(ticket: TicketInstance, end: WorkflowCompletion, fields: Fields) -> list[Block]:
    """Return the data that the completion's layout shows; nothing without a layout."""
    if not end.display_layout:
        return []
    data = ticket.workflow_instance.data
    names = names_in(fields, ticket, data)
    return build_read_view(data, fields=fields, names=names, layout=end.display_layout)


def _files(ticket: TicketInstance) -> list[dict[str, Any]]:
    files = FileUpload.objects.filter(ticket=ticket).select_related("uploaded_by").order_by("pk")
    return [
        {
            "name": file.filename,
            "url": reverse("file_download", args=[file.pk]),
            "size": file.size,
            "at": file.uploaded_at,
            "who": file.uploaded_by.get_full_name() if file.uploaded_by else "",
        }
        for file in files
    ]


def _actions(
    person: CustomUser, ticket: TicketInstance, tasks: Sequence[TaskInstance]
) -> list[dict[str, Any]]:
    actions = []
    mine = (task for task in tasks if not task.is_finished and task.assigned_to_id == person.pk)
    my_task = next(mine, None)
    if my_task is not None and ticket.workflow_instance.status == RunStatus.IN_PROGRESS:
        label = _("Your task: %(task)s") % {"task": my_task.task_definition.title}
        url = reverse("task_detail", args=[my_task.pk])
        actions.append({"label": label, "url": url, "is_primary": True, "is_wide_only": True})
    if submitted(person, ticket) and not reason_against_correction(ticket.workflow_instance, tasks):
        url = reverse("ticket_correct", args=[ticket.number])
        actions.append({"label": _("Correct"), "url": url, "icon": "pencil-square"})
    if submitted(person, ticket):
        actions.append({"label": _("Submit again"), "url": reverse("ticket_again", args=[ticket.number])})
    if submitted(person, ticket) and not ticket.workflow_instance.is_final:
        url = reverse("ticket_withdraw", args=[ticket.number])
        actions.append({"label": _("Withdraw"), "url": url})
    return actions


PAGE_SIZE = 40
_EVENT, _COMMENT = 0, 1

_Position = tuple[datetime, int, int]


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """A page for `workflow_ops/includes/timeline.html`; `older` is the value of `?before=`, or ""."""

    entries: list[TimelineEntry]
    older: str
    is_newest: bool


def timeline_page(
    ticket: TicketInstance, *, fields: Fields, before: str = "", size: int = PAGE_SIZE, explains: bool = True
) -> TimelinePage:
    """Return a page of the timeline; if it `explains`, with the decisions and links to other tickets.

    An invalid `before` is ignored.

    This takes at most four statements, and one each for people and files that conditions read.
    """
    beyond = _decode(before)
    # Other tickets may be hidden from whoever does not administer this one.
    hidden = () if explains else (TimelineKind.LINKED, TimelineKind.UNLINKED)
    # One more shows whether there is an older page.
    positions = _find_positions(ticket, beyond, size + 1, hidden=hidden)
    page = positions[:size]
    events = list(
        TimelineEvent.objects.filter(pk__in=[pk for _at, kind, pk in page if kind == _EVENT]).select_related(
            "task__task_definition", "person", "about"
        )
    )
    # The union found the positions; the rows are loaded by id with their related rows.
    comments = Comment.objects.filter(pk__in=[pk for _at, kind, pk in page if kind == _COMMENT])
    steps = list(_steps(ticket, events)) if explains else []
    evaluations = (evaluation for step in steps for evaluation in step.looks)
    vocabulary = vocabulary_for(evaluations, fields=fields, ticket=ticket)
    return TimelinePage(
        entries=build_entries(
            events, comments.select_related("created_by"), steps=steps, vocabulary=vocabulary
        ),
        older=_encode(page[-1]) if len(positions) > size else "",
        is_newest=beyond is None,
    )


def _find_positions(
    ticket: TicketInstance, beyond: _Position | None, limit: int, *, hidden: Collection[TimelineKind]
) -> list[_Position]:
    events: QuerySet[Any, Any] = TimelineEvent.objects.filter(ticket=ticket).exclude(kind__in=hidden)
    comments: QuerySet[Any, Any] = Comment.objects.filter(ticket=ticket)
    both = _keys(events, _EVENT, beyond).union(_keys(comments, _COMMENT, beyond), all=True)
    return list(both.order_by("-created_at", "-row_kind", "-pk")[:limit])


def _keys(rows: "QuerySet[Any, Any]", kind: int, beyond: _Position | None) -> "QuerySet[Any, Any]":
    if beyond is not None:
        at, other, pk = beyond
        earlier = Q(created_at__lt=at)
        # Of one time, comments come before events, and higher ids before lower ones.
        if kind < other:
            earlier |= Q(created_at=at)
        elif kind == other:
            earlier |= Q(created_at=at, pk__lt=pk)
        rows = rows.filter(earlier)
    keyed: QuerySet[Any, Any] = rows.annotate(row_kind=Value(kind, IntegerField()))
    return keyed.values_list("created_at", "row_kind", "pk")


def _steps(ticket: TicketInstance, events: list[TimelineEvent]) -> "QuerySet[WorkflowData]":
    """Return the steps whose decisions explain these events."""
    steps = WorkflowData.objects.filter(workflow_instance_id=ticket.workflow_instance_id)
    # Step 1 is the write of the ticket, which explains its submission.
    own = Q(pk__in={event.workflow_data_id for event in events if event.workflow_data_id})
    of_tasks = Q(task_id__in={event.task_id for event in events if event.task_id})
    return steps.filter(own | of_tasks | Q(step=1)).only("step", "source", "task_id", "looks")


def _encode(position: _Position) -> str:
    at, kind, pk = position
    return base64.urlsafe_b64encode(f"{at.isoformat()} {kind} {pk}".encode()).decode()


def _decode(text: str) -> _Position | None:
    try:
        at, kind, pk = base64.urlsafe_b64decode(text.encode()).decode().split(" ")
        moment = parse_datetime(at)
        return None if moment is None or moment.tzinfo is None else (moment, int(kind), int(pk))
    # The cursor comes from the URL, so it may be manipulated.
    except (ValueError, binascii.Error):
        return None
