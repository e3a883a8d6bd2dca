"""The rows to which a bulk action applies, and their names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from ticketflower.clean_json import parse_number
from users.models import CustomUser
from workflow_ops.access import administered_errors, administered_tasks, administered_tickets
from workflow_ops.desk.bulk.operations import ERRORS, TASKS, TICKETS
from workflow_ops.desk.bulk.running import MOST_ROWS
from workflow_ops.desk.errors.page import errors_like
from workflow_ops.desk.lists.rows import task_title
from workflow_ops.desk.lists.saved_views import LISTS
from workflow_ops.models import DeskList, TaskInstance, TicketError, TicketInstance

ALL, TICKED = "all", "ticked"
OPERATION, ROW, WHICH, LIKE = OWN = ("what", "row", "which", "like")
"""The parameters that a bulk action adds to those of the list's URL."""


def administered_rows(of: str, person: CustomUser) -> QuerySet[Any]:
    """Return the rows of a list that the person administers."""
    rows = {TICKETS: administered_tickets, TASKS: administered_tasks, ERRORS: administered_errors}
    return rows[of](person)


class Selection:
    """The rows of a list that a URL selects: ticked ones, all that match, or errors similar to one.

    `ids` has at most MOST_ROWS ids, in the order of the list. `has_more` says whether more rows match.
    """

    def __init__(self, of: str, params: QueryDict, person: CustomUser) -> None:
        self.of, self._params, self._person = of, params, person
        found = self._find(MOST_ROWS + 1)
        self.ids, self.has_more = found[:MOST_ROWS], len(found) > MOST_ROWS

    @property
    def digest(self) -> str:
        """A digest of the selected rows."""
        return sha256(repr(self.ids).encode()).hexdigest()[:16]

    @property
    def filters(self) -> str:
        """The query string of the list's URL."""
        query = self._params.copy()
        for name in OWN:
            query.pop(name, None)
        return query.urlencode()

    @cached_property
    def rows(self) -> QuerySet[Any]:
        """The rows, in no particular order."""
        return administered_rows(self.of, self._person).filter(pk__in=self.ids)

    def _find(self, most: int) -> list[int]:
        rows = administered_rows(self.of, self._person)
        if like := self._params.get(LIKE):
            error = rows.filter(pk=parse_number(like) or 0).first() if self.of == ERRORS else None
            rows = errors_like(error, rows) if error else rows.none()
        elif self._params.get(WHICH) == ALL or not (WHICH in self._params or ROW in self._params):
            return self._matching(most)
        else:
            ticked = {parse_number(text) or 0 for text in self._params.getlist(ROW)[:MOST_ROWS]}
            rows = rows.filter(pk__in=ticked)
        return list(rows.order_by("-pk").values_list("pk", flat=True)[:most])

    def _matching(self, most: int) -> list[int]:
        """Return the ids of the rows that match the filters; none if a filter is not valid."""
        found = LISTS[DeskList(self.of)](self._params, self._person)
        return found.ids(most) if found.form.is_valid() else []


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A row with its name, the URL of its page, and its status; `key` is its number or id in URLs."""

    key: int
    name: str
    url: str
    status: str


def name_rows(of: str, ids: list[int], person: CustomUser) -> dict[int, NamedRow]:
    """Return the rows of these ids that the person may administer, in one statement."""
    rows = administered_rows(of, person).filter(pk__in=ids)
    if of == TICKETS:
        return {row.pk: _named_ticket(row) for row in rows.defer("ticket_data")}
    if of == TASKS:
        tasks = rows.select_related("task_definition", "workflow_instance__ticket")
        return {row.pk: _named_task(row) for row in tasks}
    return {row.pk: _named_error(row) for row in rows.select_related("ticket").defer("stack_trace", "looks")}


def _named_ticket(ticket: TicketInstance) -> NamedRow:
    return NamedRow(ticket.number, ticket.name, reverse("manage_ticket", args=[ticket.number]), ticket.status)


def _named_task(task: TaskInstance) -> NamedRow:
    name = f"{task_title(task)} · {task.workflow_instance.ticket.name}"
    return NamedRow(task.pk, name, reverse("manage_task", args=[task.pk]), task.status)


def _named_error(error: TicketError) -> NamedRow:
    name = f"{error.summary} · {error.ticket.name}"
    return NamedRow(error.pk, name, reverse("manage_error", args=[error.pk]), error.error_status)
