"""What the lists of ticket admins show in a row, ready to be drawn fifty times."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from users.models import CustomUser
from workflow_design.models import TaskType
from workflow_ops.history.names import unfinished_tasks
from workflow_ops.history.timeline_wording import actor_name
from workflow_ops.models import TaskInstance, TicketError, TicketInstance

MOST_WAITS = 3


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket, and whom it waits for."""

    url: str
    number: int
    title: str
    status: str
    submitter: str
    waits_for: list[str]
    at: datetime


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task, whose it is, and the ticket that it belongs to."""

    url: str
    title: str
    ticket: str
    status: str
    assignee: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """An error and the ticket that it happened to."""

    url: str
    message: str
    kind: str
    ticket: str
    status: str
    at: datetime


def listed_tickets(tickets: "QuerySet[TicketInstance]") -> "QuerySet[TicketInstance]":
    """The tickets with what their rows need, and without their data."""
    return tickets.select_related("ticket_definition", "created_by").only(
        "number",
        "created_at",
        "impersonator",
        "ticket_definition__title",
        "workflow_instance",
        "status",
        "is_finished",
        "changed_at",
        *_names("created_by"),
    )


def listed_tasks(tasks: "QuerySet[TaskInstance]") -> "QuerySet[TaskInstance]":
    """The tasks with what their rows need, and without their data."""
    return tasks.select_related(
        "task_definition", "workflow_instance__ticket__ticket_definition", "assigned_to"
    ).only(
        "run",
        "status",
        "created_at",
        "task_definition__title",
        "task_definition__task_type",
        "workflow_instance__id",
        "workflow_instance__ticket__number",
        "workflow_instance__ticket__workflow_instance",
        "workflow_instance__ticket__ticket_definition__title",
        *_names("assigned_to"),
    )


def listed_errors(errors: "QuerySet[TicketError]") -> "QuerySet[TicketError]":
    """The errors with what their rows need, and without their stack traces."""
    return errors.select_related("ticket__ticket_definition").only(
        "error_message",
        "error_type",
        "error_status",
        "created_at",
        "ticket__number",
        "ticket__ticket_definition__title",
    )


def _names(person: str) -> list[str]:
    return [f"{person}__{name}" for name in ("first_name", "last_name", "email")]


def ticket_rows(tickets: Collection[TicketInstance]) -> list[TicketRow]:
    """Rows of tickets with their definition and submitter selected."""
    waiting = unfinished_tasks(ticket.workflow_instance_id for ticket in tickets if not ticket.is_finished)
    top = reverse("manage_tickets")
    return [
        TicketRow(
            url=f"{top}{ticket.number}/",
            number=ticket.number,
            title=ticket.ticket_definition.title,
            status=ticket.status,
            submitter=actor_name(ticket.created_by, ticket.impersonator_id),
            waits_for=_waits(waiting.get(ticket.workflow_instance_id, [])),
            at=ticket.created_at,
        )
        for ticket in tickets
    ]


def _waits(tasks: list[TaskInstance]) -> list[str]:
    words = [f"{task.task_definition.title}: {assignee_name(task)}" for task in tasks[:MOST_WAITS]]
    more = len(tasks) - MOST_WAITS
    return [*words, _("and %(count)d more") % {"count": more}] if more > 0 else words


def assignee_name(task: TaskInstance) -> str:
    """Who has a task: a person, another system, or nobody yet."""
    if task.task_definition.task_type != TaskType.FORM:
        return _("another system")
    return _name(task.assigned_to)


def _name(person: CustomUser | None) -> str:
    return _("nobody yet") if person is None else person.get_full_name()


def ticket_name(ticket: TicketInstance) -> str:
    """What people call it: "Vacation request #41"."""
    return f"{ticket.ticket_definition.title} #{ticket.number}"


def task_rows(tasks: Iterable[TaskInstance]) -> list[TaskRow]:
    """Rows of tasks with their definition, assignee and ticket (with its definition) selected."""
    top = reverse("manage_tasks")
    return [
        TaskRow(
            url=f"{top}{task.pk}/",
            title=f"{task.task_definition.title} #{task.run}" if task.run > 1 else task.task_definition.title,
            ticket=ticket_name(task.workflow_instance.ticket),
            status=task.status,
            assignee=assignee_name(task),
            at=task.created_at,
        )
        for task in tasks
    ]


def error_rows(errors: Iterable[TicketError]) -> list[ErrorRow]:
    """Rows of errors with their ticket (with its definition) selected."""
    top = reverse("manage_errors")
    return [
        ErrorRow(
            url=f"{top}{error.pk}/",
            message=error.error_message[:200],
            kind=error.get_error_type_display(),
            ticket=ticket_name(error.ticket),
            status=error.error_status,
            at=error.created_at,
        )
        for error in errors
    ]
