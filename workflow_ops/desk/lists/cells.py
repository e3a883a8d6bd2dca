"""The cells of the ticket admins' lists, which fill in the template of a row."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, TypeVar

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from ticketflower.markup import fill
from ticketflower.template_tags import due, status, time, waiting
from workflow_ops.desk.lists.rows import ErrorRow
from workflow_ops.history.list_rows import TaskRow, TicketRow
from workflow_ops.history.remarks import draw_remark, remarks_of_tasks

RowT = TypeVar("RowT", TicketRow, TaskRow, ErrorRow)
Cell = Callable[[RowT, datetime], object]
"""A function that returns the cell for a row, given the time at which the page is shown."""


@lru_cache(maxsize=256)
def _shortened(priority: str) -> str:
    return Truncator(priority).chars(40)


_OF_TICKETS: Final[Mapping[str, Cell[TicketRow]]] = {
    "status": lambda row, _now: status(row.status),
    "priority": lambda row, _now: _shortened(row.priority),
    "submitter": lambda row, _now: row.submitter,
    "waits_for": lambda row, _now: SafeString("".join(fill("<div>{}</div>", each) for each in row.waits_for)),
    "due": lambda row, now: due(row.due_at, now, is_short=True),
    "waiting": lambda row, now: waiting(row.waiting_since, now),
    "changed": lambda row, now: time(row.changed_at, now),
    "submitted": lambda row, now: time(row.created_at, now),
}
_OF_TASKS: Final[Mapping[str, Cell[TaskRow]]] = {
    "status": lambda row, _now: SafeString(f"{status(row.status)}{small_line(row.prepared_text)}"),
    "ticket": lambda row, _now: row.heading,
    "priority": lambda row, _now: _shortened(row.priority),
    "assignee": lambda row, _now: row.assignee,
    "due": lambda row, now: due(row.due_at, now, is_short=True),
    "created": lambda row, now: time(row.created_at, now),
}
_OF_ERRORS: Final[Mapping[str, Cell[ErrorRow]]] = {
    "status": lambda row, _now: status(row.status),
    "kind": lambda row, _now: row.kind,
    "reason": lambda row, _now: row.reason,
    "ticket": lambda row, _now: row.heading,
    "happened": lambda row, now: time(row.created_at, now),
}


def ticket_cells(
    rows: Sequence[TicketRow], keys: Collection[str], *, suffix: str = ""
) -> list[dict[str, object]]:
    """Return the cells of tickets, for these columns. `suffix` is added to each address."""
    top = reverse("manage_tickets")  # one call for all rows: `reverse` is slow
    return [
        {
            "id": row.id,
            "url": f"{top}{row.number}/{suffix}",
            "heading": row.heading,
            "below": row.below,
            **cells,
        }
        for row, cells in zip(rows, _cells(_OF_TICKETS, rows, keys), strict=True)
    ]


def task_cells(rows: Sequence[TaskRow], keys: Collection[str]) -> list[dict[str, object]]:
    """Return the cells of tasks, for these columns. Unassigned tasks show why they were given back."""
    top = reverse("manage_tasks")
    remarks = remarks_of_tasks({row.id: row.ticket_id for row in rows if row.is_unassigned})
    return [
        {
            "id": row.id,
            "url": f"{top}{row.id}/",
            "title": row.title,
            "heading": row.heading,
            "below": row.below,
            "second_line": small_line(row.below),
            "remark": small_line(draw_remark(remarks.get(row.id))),
            **cells,
        }
        for row, cells in zip(rows, _cells(_OF_TASKS, rows, keys), strict=True)
    ]


def error_cells(rows: Sequence[ErrorRow], keys: Collection[str]) -> list[dict[str, object]]:
    """Return the cells of errors, for these columns."""
    top = reverse("manage_errors")
    return [
        {
            "id": row.id,
            "url": f"{top}{row.id}/",
            "message": row.message,
            "heading": row.heading,
            "below": row.below,
            "second_line": small_line(row.below),
            **cells,
        }
        for row, cells in zip(rows, _cells(_OF_ERRORS, rows, keys), strict=True)
    ]


def small_line(text: str) -> str:
    """Return the second line of a cell as HTML; "" for no text, because an empty element would be styled."""
    return fill('<div class="tf-muted small">{}</div>', text) if text else ""


def _cells(
    columns: Mapping[str, Cell[RowT]], rows: Sequence[RowT], keys: Collection[str]
) -> list[dict[str, object]]:
    now, chosen = timezone.localtime(), [(key, columns[key]) for key in keys]
    return [{key: cell(row, now) for key, cell in chosen} for row in rows]
