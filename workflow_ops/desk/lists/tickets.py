"""The list of tickets: what its address asks for, as a page, as ids, and as the neighbours of a ticket."""

from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from ticketflower.listing import ListPage, Sort, list_page, neighbour, requested_sort, sorted_rows
from users.models import CustomUser
from workflow_ops.access import administered_tickets
from workflow_ops.desk.lists.filters import TicketFilter
from workflow_ops.desk.lists.rows import listed_tickets
from workflow_ops.models import TicketInstance

SORTS = (
    Sort("number", _("Number"), "number", descending=True),
    Sort("changed", _("Last change"), "changed_at", descending=True),
    Sort("waiting", _("Waiting time"), "waiting_since"),
    Sort("priority", _("Priority"), "priority"),
)


class TicketList:
    """The tickets that `person` administers and the parameters of an address ask for, in its order."""

    def __init__(self, params: QueryDict, person: CustomUser) -> None:
        self._filter = TicketFilter(params, administered_tickets(person), person=person)
        self._sort, self._descending = requested_sort(params, SORTS)

    @property
    def form(self) -> Any:
        """The form of the filters."""
        return self._filter.form

    def page(self, request: HttpRequest) -> ListPage:
        """Return the page that the address asks for."""
        return list_page(request, listed_tickets(self._filter.qs), sorts=SORTS)

    def ids(self, most: int) -> list[int]:
        """Return the ids of the first tickets, in the order of the list."""
        rows = sorted_rows(self._filter.qs, self._sort, descending=self._descending)
        return list(rows.values_list("pk", flat=True)[:most])

    def neighbours(self, ticket: TicketInstance) -> tuple[int | None, int | None]:
        """Return the numbers of the tickets before and after this one, which need not match itself."""
        before, after = (
            neighbour(self._filter.qs, self._sort, descending=self._descending, row=ticket, after=after)
            for after in (False, True)
        )
        return before and before.number, after and after.number
