"""Navigation between the tickets of the list from which the person came."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse, QueryDict
from django.urls import reverse

from ticketflower.http import PageRequest
from workflow_ops.desk.lists.tickets import TicketList
from workflow_ops.models import TicketInstance
from workflow_ops.models.saved_views import MAX_QUERY_LENGTH

FROM_LIST: Final = "in"
"""The URL parameter of a ticket's page with the parameters of the list from which the person came."""
_COOKIE: Final = "desk_list"


@dataclass(frozen=True, slots=True)
class ListPlace:
    """The position of a ticket in a list: the URLs of the list and of the neighbouring tickets, or ""."""

    list_url: str
    previous_url: str
    next_url: str


def ticket_suffix(query: str) -> str:
    """Return the query string for links to tickets in a list with these parameters."""
    return f"?{urlencode({FROM_LIST: query})}"


def find_place(request: PageRequest, ticket: TicketInstance) -> ListPlace | None:
    """Return the ticket's position in the list from which the person came, or None if they came from none."""
    query = _list_query(request, ticket)
    if query is None:
        return None
    found = TicketList(QueryDict(query), request.user, is_rendered=False)
    if not found.form.is_valid():
        return None
    before, after = (
        "" if number is None else reverse("manage_ticket", args=[number]) + ticket_suffix(query)
        for number in found.neighbours(ticket)
    )
    return ListPlace(f"{reverse('manage_tickets')}?{query}", before, after)


def _list_query(request: PageRequest, ticket: TicketInstance) -> str | None:
    query = _query_in_address(request)
    if query is None:
        number, _separator, noted = request.COOKIES.get(_COOKIE, "").partition(":")
        query = noted if number == str(ticket.number) and len(noted) <= MAX_QUERY_LENGTH else None
    return query


def _query_in_address(request: PageRequest) -> str | None:
    query = request.GET.get(FROM_LIST)
    if query is None or len(query) > MAX_QUERY_LENGTH:
        return None
    return QueryDict(query).urlencode()  # re-encoded as ASCII, which a cookie requires


def remember_place(request: PageRequest, response: HttpResponse, ticket: TicketInstance) -> HttpResponse:
    """Store the list's parameters in a cookie, so that they survive actions that lead back to the ticket."""
    query = _query_in_address(request)
    if query is not None:
        response.set_cookie(
            _COOKIE,
            f"{ticket.number}:{query}",
            path=reverse("manage_tickets"),
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response
