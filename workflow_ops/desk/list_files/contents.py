"""The content of a list's CSV file: column heads, and rows as the reader may see them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ticketflower.csv_files import csv_lines
from users.models import CustomUser
from workflow_ops.access import (
    administered_errors,
    administered_tasks,
    administered_tickets,
)
from workflow_ops.desk.lists.errors import ErrorList
from workflow_ops.desk.lists.rows import assignee_name, task_title
from workflow_ops.desk.lists.tasks import TaskList
from workflow_ops.desk.lists.ticket_form import FIELD_PREFIX
from workflow_ops.desk.lists.tickets import TicketList
from workflow_ops.engine.cached_rules import priority_title
from workflow_ops.history.list_rows import read_ticket_rows
from workflow_ops.history.timeline_wording import actor_name
from workflow_ops.models import (
    DeskList,
    RunStatus,
    TaskInstance,
    TaskStatus,
    TicketFieldValue,
    TicketInstance,
)

ROWS_AT_ONCE = 500
MAX_MESSAGE = 1000
"""Maximum number of characters of an error's message in a file; the error's page shows all of it."""
Fields = Mapping[str, forms.Field]
"""The form fields of the filters that depend on the chosen workflow, by the names of its fields."""
Reader = CustomUser | AnonymousUser
Rows = Callable[[Sequence[int], Reader], dict[int, list[str]]]
"""A function that returns the cells of those of the given rows that the reader may administer, by id."""


def contents_of(desk_list: DeskList, found: TicketList | TaskList | ErrorList) -> tuple[list[str], Rows]:
    """Return the column heads of a list's file, and the function that reads its rows."""
    if desk_list == DeskList.TASKS:
        return _task_heads(), _task_rows
    if desk_list == DeskList.ERRORS:
        return _error_heads(), _error_rows
    fields = {
        name.removeprefix(FIELD_PREFIX): field
        for name, field in found.form.fields.items()
        if name.startswith(FIELD_PREFIX)
    }
    heads = [*_ticket_heads(), *(str(field.label) for field in fields.values())]
    return heads, partial(_ticket_rows, fields=fields)


def csv_parts(ids: Sequence[int], person: CustomUser, rows: Rows) -> Iterator[str]:
    """Yield the rows of these ids as CSV lines. Each part opens the scope, because the request's has ended.

    Each part checks the rights again, because they may have changed in the meantime.
    """
    for start in range(0, len(ids), ROWS_AT_ONCE):
        part = ids[start : start + ROWS_AT_ONCE]
        with person.scope(), transaction.atomic(), timezone.override(person.time_zone_in_use):
            found = rows(part, _as_they_are_now(person))
            yield csv_lines(found[key] for key in part if key in found)


def _as_they_are_now(person: CustomUser) -> Reader:
    """Return the person with their current roles, or AnonymousUser if they may no longer log in."""
    if person.impersonating:
        return person  # the rights of staff are not read from the company
    now = CustomUser.objects.active().select_related("company").filter(pk=person.pk).first()
    return now or AnonymousUser()


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else timezone.localtime(moment).isoformat(" ", "seconds")


# --- Tickets -------------------------------------------------------------------------


def _ticket_heads() -> list[str]:
    return [
        *_names_of_ticket(),
        _("Status"),
        _("Priority"),
        _("Submitted by"),
        _("Entered by"),
        _("Responsible"),
        _("Waits for"),
        _("Submitted"),
        _("Last change"),
        _("Waiting since"),
        _("Due"),
        _("On hold until"),
    ]


def _names_of_ticket() -> list[str]:
    return [_("Number"), _("Subject"), _("Type"), _("Workflow")]


def _ticket(ticket: TicketInstance, workflow: str) -> list[str]:
    return [str(ticket.number), ticket.subject, ticket.type_title, workflow]


def _ticket_rows(ids: Sequence[int], reader: Reader, *, fields: Fields) -> dict[int, list[str]]:
    rows = administered_tickets(reader).filter(pk__in=ids)
    tickets = list(rows.select_related("line", "created_by", "entered_by", "responsible"))
    marked = _marked_values(tickets, fields)
    return {
        ticket.pk: [
            *_ticket(ticket, ticket.line.title),
            str(RunStatus(ticket.status).label),
            row.priority,
            actor_name(ticket.created_by, ticket.impersonator_id),
            ticket.entered_by.get_full_name() if ticket.entered_by else "",
            ticket.responsible.get_full_name() if ticket.responsible else "",
            "; ".join(row.waits_for),
            _moment(ticket.created_at),
            _moment(ticket.changed_at),
            "" if ticket.is_finished else _moment(ticket.waiting_since),
            _moment(ticket.due_at),
            _moment(ticket.held_until),
            *(marked.get((ticket.pk, name), "") for name in fields),
        ]
        for ticket, row in zip(tickets, read_ticket_rows([each.pk for each in tickets]), strict=True)
    }


def _marked_values(tickets: Iterable[TicketInstance], fields: Fields) -> dict[tuple[int, str], str]:
    """Return each ticket's values of these fields as text: labels of choices, and names of people."""
    if not fields:
        return {}
    stored = TicketFieldValue.objects.filter(ticket__in=tickets, field__in=fields)
    values = list(stored.values_list("ticket", "field", "value"))
    titles = {name: dict(getattr(field, "choices", ())) for name, field in fields.items()}
    ids = [value for _ticket, name, value in values if not titles[name]]  # too many people for a choice
    people = {str(pk): person.get_full_name() for pk, person in CustomUser.objects.in_bulk(ids).items()}
    return {
        (ticket, name): str(titles[name].get(value) or people.get(value, value))
        for ticket, name, value in values
    }


# --- Tasks ---------------------------------------------------------------------------


def _task_heads() -> list[str]:
    return [
        *_names_of_ticket(),
        _("Task"),
        _("Status"),
        _("Priority"),
        _("Assigned to"),
        _("Due"),
        _("Created"),
        _("Assigned"),
        _("Done"),
        _("Done by"),
    ]


def _task_rows(ids: Sequence[int], reader: Reader) -> dict[int, list[str]]:
    related = ("line", "task_definition", "workflow_instance__ticket", "assigned_to", "completed_by")
    tasks = administered_tasks(reader).filter(pk__in=ids).select_related(*related)
    data = ("input_data", "draft", "output_data", "workflow_instance__data")
    return {
        task.pk: [
            *_ticket(task.workflow_instance.ticket, task.line.title),
            task_title(task),
            _task_status(task),
            priority_title(task.workflow_instance.ticket),
            assignee_name(task),
            _moment(task.visible_due_at),
            _moment(task.created_at),
            _moment(task.assigned_at),
            _moment(task.completed_at),
            actor_name(task.completed_by, task.impersonator_id),
        ]
        for task in tasks.defer(*data, "workflow_instance__ticket__ticket_data")
    }


def _task_status(task: TaskInstance) -> str:
    if task.visible_status == RunStatus.ON_HOLD:
        return str(RunStatus.ON_HOLD.label)
    return _("To confirm") if task.is_prepared else str(TaskStatus(task.status).label)


# --- Errors --------------------------------------------------------------------------


def _error_heads() -> list[str]:
    return [
        *_names_of_ticket(),
        _("Error"),
        _("Status"),
        _("Kind"),
        _("Reason"),
        _("Task"),
        _("Notes"),
        _("Happened"),
        _("Changed"),
    ]


def _error_rows(ids: Sequence[int], reader: Reader) -> dict[int, list[str]]:
    rows = administered_errors(reader).filter(pk__in=ids)
    errors = rows.select_related("line", "ticket", "task__task_definition")
    data = ("stack_trace", "looks", "ticket__ticket_data", "task__input_data", "task__output_data")
    return {
        error.pk: [
            *_ticket(error.ticket, error.line.title),
            error.error_message[:MAX_MESSAGE],
            error.get_error_status_display(),
            error.summary,
            error.get_reason_display(),
            task_title(error.task) if error.task else "",
            error.resolution_notes,
            _moment(error.created_at),
            _moment(error.updated_at),
        ]
        for error in errors.defer(*data, "task__draft")
    }
