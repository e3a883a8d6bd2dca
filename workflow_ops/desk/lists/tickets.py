"""The list of tickets that a URL requests: as a page, as ids, and the neighbours of a ticket."""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketflower.clean_json import parse_number
from ticketflower.formats import write_count
from ticketflower.list_parts import LoadedKeys, Part, PreparedParts, load_keys, neighbour, read_keys
from ticketflower.listing import COUNT_UP_TO, ListPage, Sort, list_page, requested_sort
from users.models import CustomUser
from workflow_ops.desk.lists.filters import ANY, is_due, old_enough, period
from workflow_ops.desk.lists.people import people_named
from workflow_ops.desk.lists.scope import Scope
from workflow_ops.desk.lists.sorted_list import SortedList
from workflow_ops.desk.lists.ticket_form import CHANGED, FINISHED, TicketFilterForm
from workflow_ops.desk.lists.ticket_parts import TicketParts
from workflow_ops.history.list_rows import read_ticket_rows
from workflow_ops.models import ActionCall, RunStatus, TaskInstance, TicketError, TicketInstance
from workflow_ops.models.runs import FINAL_STATUSES
from workflow_ops.search.finding import find_tickets
from workflow_ops.work.needs import IN_WORK, still_since

NUMBER = Sort("number", gettext_lazy("Number"), "id", descending=True)
CHANGE = Sort("changed", gettext_lazy("Last change"), "changed_at", descending=True)
WAITING = Sort("waiting", gettext_lazy("Waiting time"), "waiting_since")
DUE = Sort("due", gettext_lazy("Due"), "due_order")
PRIORITY = Sort("priority", gettext_lazy("Priority"), "priority")
_TICKETS: Final[QuerySet[TicketInstance]] = QuerySet(TicketInstance).none()
"""A queryset with the columns of the sort orders. It is never evaluated."""
_REUSABLE: Final = {"status", "workflow", "type", "priority"}
"""Filters whose rows depend only on their values, not on people, the current time or other rows."""
MAX_SORTED = COUNT_UP_TO
"""Maximum number of tickets that are sorted without an index; beyond that, the order of an index is used."""


class TicketList(SortedList):
    """The tickets that `person` administers, filtered and sorted by the parameters of a URL.

    `note` is a message if the list could not be sorted as requested. `is_rendered` says whether the filters
    and the number of rows are shown.
    """

    def __init__(self, params: QueryDict, person: CustomUser, *, is_rendered: bool = True) -> None:
        self._person, self._scope, self._is_rendered = person, Scope.of(person), is_rendered
        self.form = TicketFilterForm(params, scope=self._scope, is_rendered=is_rendered)
        self.form.unfiltered_rows = partial(tickets_of, self._scope)
        self._chosen = self.form.chosen()
        is_open = self._chosen.get("status", "") not in {ANY, FINISHED, *FINAL_STATUSES}
        self.sorts = (NUMBER, CHANGE, *([WAITING, DUE] if is_open else []), PRIORITY)
        self._order = requested_sort(params, self.sorts)
        if self._order[0] is PRIORITY and "priority" in self._chosen:  # all rows have the same priority
            self._order = replace(PRIORITY, field="id"), self._order[1]
        self.note = ""
        self._count: int | None = None
        self._parts = self._find_parts()

    def page(self, request: HttpRequest) -> ListPage:
        """Return the page that the URL requests."""
        return list_page(
            request,
            _TICKETS,
            sorts=self.sorts,
            parts=self._parts,
            order=self._order,
            count=self._count,
            read=read_ticket_rows,
            counts=self._is_rendered,
        )

    def neighbours(self, ticket: TicketInstance) -> tuple[int | None, int | None]:
        """Return the numbers of the tickets before and after this one, which need not match the filters."""
        sort, descending = self._order
        ids = [
            neighbour(self._parts, sort, descending=descending, row=ticket, after=after)
            for after in (False, True)
        ]
        numbers = dict(TicketInstance.objects.filter(pk__in=filter(None, ids)).values_list("pk", "number"))
        before, after = (numbers.get(row_id or 0) for row_id in ids)
        return before, after

    # --- Parts -------------------------------------------------------------------------

    def _find_parts(self) -> list[Part] | LoadedKeys | PreparedParts:
        if (key := self._key()) is not None:
            order = self._order[0].name
            return PreparedParts(key, lambda: self._make_parts({}).in_order(order))
        more, own = self._periods()
        parts = self._make_parts(more)

        if "q" in self._chosen:
            return parts.of_ids(search_tickets(self._person, self._chosen["q"])[0])
        if own is None and self._order[0] is DUE and not parts.has_due_order:
            own = CHANGE if "priority" in self._chosen else NUMBER
        if own is None or own.field == self._order[0].field:
            return parts.in_order(self._order[0].name)
        # No index has the other filters in the order of due times, or a period in another order than its own.
        first = parts.in_order(own.name)
        loaded = load_keys(first, own, self._order[0], limit=MAX_SORTED + 1)
        if len(loaded.keys) <= MAX_SORTED:
            return loaded
        self._count = len(loaded.keys)
        self._order = own, own.descending
        self.note = too_many_to_sort()
        return first

    def _make_parts(self, more: Mapping[str, Any]) -> TicketParts:
        return TicketParts(
            self._chosen,
            self._scope,
            types=self.form.ticket_types,
            tasks=self.form.task_titles,
            fields=self.form.field_values(),
            more=more,
            statuses=self._statuses(),
        )

    def _key(self) -> Hashable:
        """Return a key for the parts, or None if they depend on people, the current time or other rows."""
        if self._scope.key is None or not self._chosen.keys() <= _REUSABLE:
            return None
        if self._order[0] is DUE and "priority" in self._chosen:  # no index has this combination
            return None
        types = tuple((line, *titles) for line, titles in self.form.ticket_types.items())
        return "tickets", self._scope.key, types, *sorted(self._chosen.items()), self._order[0].name

    def _statuses(self) -> tuple[RunStatus, ...]:
        """Return the statuses that all filters except the one by status allow."""
        if "still" in self._chosen:
            return (RunStatus.IN_PROGRESS,)
        return IN_WORK if "due" in self._chosen else tuple(RunStatus)

    def _periods(self) -> tuple[dict[str, Any], Sort | None]:
        """Return the conditions for days and ages, and the only order in which an index has them, or None."""
        more: dict[str, Any] = {}
        own = None
        begin, end = period(self._chosen)
        if (begin or end) and self._chosen.get("day") == CHANGED:
            own = CHANGE
            more |= {"changed_at__gte": begin} if begin else {}
            more |= {"changed_at__lt": end} if end else {}
            begin = end = None
        end = old_enough(end, self._chosen)
        if begin or end:
            own = own or NUMBER
            more |= id_range(TicketInstance, begin, end)
        if "still" in self._chosen:
            own = CHANGE
            company = self._person.company_in_use
            assert company is not None
            more |= {"changed_at__lte": still_since(company, timezone.now()), "is_stalled": False}
        if "due" in self._chosen:
            own = DUE
            more |= is_due(self._chosen["due"], self._person.company_in_use, "due_order")
        return more, own


def tickets_of(scope: Scope) -> QuerySet[TicketInstance]:
    """Return all tickets that a person administers, in an order for which there is an index."""
    return TicketInstance.objects.filter(scope.condition()).order_by("line_id", "type_title", "is_finished")


def too_many_to_sort() -> str:
    """Return the message of a list that could not be sorted as requested."""
    return _("These are more than %(count)s, too many to sort that way. Narrow them down.") % {
        "count": write_count(MAX_SORTED)
    }


def search_tickets(person: CustomUser, text: str) -> tuple[list[int], list[int]]:
    """Return the ids of the tickets that match a search text, and of the people whose names match it."""
    digits = "".join(text.split()).removeprefix("#")
    if digits.isascii() and digits.isdigit():
        # Like 0, a number that is too long belongs to no ticket.
        number = TicketInstance.objects.filter(number=parse_number(digits) or 0)
        return list(number.values_list("pk", flat=True)), []
    people = people_named(text)
    parts = [
        Part(TicketInstance.objects.filter(created_by=each, is_finished=is_finished))
        for each in people
        for is_finished in (False, True)
    ]
    submitted = [pk for _value, pk in read_keys(parts, NUMBER, descending=True, limit=MAX_SORTED)]
    return [*submitted, *find_tickets(person, text, most=MAX_SORTED)], people


def id_range(
    model: "type[TicketInstance | TaskInstance | TicketError | ActionCall]",
    begin: datetime | None,
    end: datetime | None,
    *,
    column: str = "created_at",
) -> dict[str, Any]:
    """Return the conditions of a period as bounds of ids, which increase with time and are in every index."""
    rows, found = model.objects.all(), dict[str, Any]()
    if begin:
        first = rows.filter(**{f"{column}__gte": begin}).order_by(column).values_list("pk", flat=True)
        found["id__gte"] = first.first() or _BEYOND
    if end:
        last = rows.filter(**{f"{column}__lt": end}).order_by(f"-{column}").values_list("pk", flat=True)
        found["id__lte"] = last.first() or 0
    return found


_BEYOND = 2**63 - 1
