"""The rows of the ticket admins' lists.

They contain plain values, because templates resolve these faster than rows of the ORM.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from users.models import CustomUser
from workflow_ops.engine.cached_rules import priority_title
from workflow_ops.history.remarks import task_remarks
from workflow_ops.history.timeline_wording import actor_name
from workflow_ops.models import OpenTask, RunStatus, TaskInstance, TicketError, TicketInstance

MAX_WAITS = 3
PERSON_COLUMNS = ("first_name", "last_name", "email", "is_active", "time_zone", "away_from", "away_until")
"""What a name with its mark needs."""

SYSTEM_COLUMNS = ("task_type", "action_url", "connection", "action")
"""What the name of another system needs."""


def listed_tickets(tickets: "QuerySet[TicketInstance]") -> "QuerySet[TicketInstance]":
    """Select the columns that rows of tickets need, without the data."""
    return tickets.select_related("created_by").only(
        "number",
        "created_at",
        "impersonator",
        "ticket_definition",
        "type_title",
        "subject",
        "workflow_instance",
        "status",
        "is_finished",
        "changed_at",
        "waiting_since",
        "due_at",
        "due_order",
        "priority",
        *_names("created_by"),
    )


def listed_tasks(tasks: "QuerySet[TaskInstance]") -> "QuerySet[TaskInstance]":
    """Select the columns that rows of tasks need, without the data."""
    return tasks.select_related("task_definition", "workflow_instance__ticket", "assigned_to").only(
        "run",
        "status",
        "created_at",
        "due_at",
        "task_definition__title",
        *(f"task_definition__{name}" for name in SYSTEM_COLUMNS),
        "workflow_instance__status",
        "workflow_instance__ticket__number",
        "workflow_instance__ticket__workflow_instance",
        "workflow_instance__ticket__type_title",
        "workflow_instance__ticket__subject",
        "workflow_instance__ticket__priority",
        "workflow_instance__ticket__ticket_definition",
        *_names("assigned_to"),
    )


def listed_errors(errors: "QuerySet[TicketError]") -> "QuerySet[TicketError]":
    """Select the columns that rows of errors need, without the stack traces."""
    return errors.select_related("ticket").only(
        "error_message",
        "error_type",
        "reason",
        "error_status",
        "created_at",
        "ticket__number",
        "ticket__type_title",
        "ticket__subject",
    )


def _names(person: str) -> list[str]:
    return [f"{person}__{name}" for name in PERSON_COLUMNS]


def ticket_rows(tickets: Collection[TicketInstance], *, suffix: str = "") -> list[dict[str, Any]]:
    """Build the rows of tickets, whose submitter must be selected.

    `suffix` is added to each address.
    """
    tasks = _open_tasks(ticket for ticket in tickets if not ticket.is_finished)
    names = _assignees(task for its in tasks.values() for task in its[:MAX_WAITS])
    top = reverse("manage_tickets")  # one call for all rows: `reverse` is slow
    return [
        {
            "id": ticket.pk,
            "url": f"{top}{ticket.number}/{suffix}",
            "number": ticket.number,
            **named(ticket),
            "status": ticket.status,
            "priority": priority_title(ticket),
            "submitter": actor_name(ticket.created_by, ticket.impersonator_id),
            "changed_at": ticket.changed_at,
            "waiting_since": None if ticket.is_finished else ticket.waiting_since,
            "due_at": ticket.visible_due_at,
            "waits_for": _waits(ticket, tasks.get(ticket.pk, []), names),
            "at": ticket.created_at,
        }
        for ticket in tickets
    ]


def _open_tasks(tickets: Iterable[TicketInstance]) -> dict[int, list[OpenTask]]:
    """Return the open tasks of each ticket, oldest first."""
    found: dict[int, list[OpenTask]] = defaultdict(list)
    for task in OpenTask.objects.filter(ticket__in=list(tickets)).order_by("created_at", "task"):
        found[task.ticket_id].append(task)
    return found


def _assignees(tasks: Iterable[OpenTask]) -> dict[int, str]:
    """Return who has each of these tasks, by its id: a person, the name of another system, or nobody yet."""
    # Joined in one statement, each task would be compared with many people and definitions.
    has = {task.task_id: task.assignee for task in tasks}
    people = CustomUser.objects.only(*PERSON_COLUMNS).in_bulk({person for person in has.values() if person})
    names = {
        pk: people[person].get_name_and_state() if person else _("nobody yet") for pk, person in has.items()
    }
    actions = TaskInstance.objects.filter(pk__in=[pk for pk, person in has.items() if person is None])
    return names | {each.pk: each.system_name for each in actions.prefetch_related("task_definition")}


def _waits(ticket: TicketInstance, tasks: Sequence[OpenTask], names: Mapping[int, str]) -> list[str]:
    if not tasks and ticket.status == RunStatus.IN_PROGRESS:
        return [_("nothing: it has stopped")]
    words = [f"{task.title}: {names[task.task_id]}" for task in tasks[:MAX_WAITS]]
    more = len(tasks) - MAX_WAITS
    return [*words, _("and %(count)d more") % {"count": more}] if more > 0 else words


def assignee_name(task: TaskInstance) -> str:
    """Return the assignee of a task: a person, the name of another system, or nobody yet."""
    if task.assigned_to is not None:
        return task.assigned_to.get_name_and_state()
    return task.system_name or _("nobody yet")


def task_title(task: TaskInstance) -> str:
    """Return the title of a task, with a number from its second run on."""
    return f"{task.task_definition.title} #{task.run}" if task.run > 1 else task.task_definition.title


def named(ticket: TicketInstance) -> dict[str, str]:
    """Return the two lines that name a ticket in a list: its subject, and its kind below."""
    return {"ticket": ticket.heading, "below": ticket.subheading}


def task_rows(tasks: Collection[TaskInstance]) -> list[dict[str, Any]]:
    """Build the rows of tasks, whose definition, assignee and ticket must be selected.

    Those that nobody has say why they were given back.
    """
    top = reverse("manage_tasks")
    remarks = task_remarks([task for task in tasks if task.assigned_to_id is None and not task.is_finished])
    return [
        {
            "id": task.pk,
            "url": f"{top}{task.pk}/",
            "title": task_title(task),
            **named(task.workflow_instance.ticket),
            "priority": priority_title(task.workflow_instance.ticket),
            "status": task.visible_status,
            "assignee": assignee_name(task),
            "remark": remarks.get(task.pk),
            "due_at": task.visible_due_at,
            "at": task.created_at,
        }
        for task in tasks
    ]


def error_rows(errors: Iterable[TicketError]) -> list[dict[str, Any]]:
    """Build the rows of errors, whose ticket must be selected."""
    top = reverse("manage_errors")
    return [
        {
            "id": error.pk,
            "url": f"{top}{error.pk}/",
            "message": error.error_message[:200],
            "kind": error.summary,
            "reason": error.get_reason_display(),
            **named(error.ticket),
            "status": error.error_status,
            "at": error.created_at,
        }
        for error in errors
    ]
