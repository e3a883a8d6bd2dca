"""The search for tickets."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from ninja import Query, Schema
from pydantic import Field

from ticketflower.filters import MAX_SEARCH_LENGTH
from users.models import Scope
from workflow_design.access import may_administer_workflow
from workflow_ops.api.calls import ApiRequest, Token
from workflow_ops.api.lists import Before, Page
from workflow_ops.api.tickets import router
from workflow_ops.models import TicketInstance
from workflow_ops.search.finding import RESULTS, clean_text, find_by_number, search

Words = Annotated[
    str, Query(min_length=1, max_length=MAX_SEARCH_LENGTH, description="Words, or the number of a ticket.")
]


class FoundTicket(Schema):
    """A ticket that a search has found."""

    number: int
    title: str
    type_title: str
    status: str
    submitted_at: datetime
    administers: bool = Field(description="True if you administer it.")


@router.get("/search", auth=Token(Scope.READ), response=Page[FoundTicket])
def search_tickets(request: ApiRequest, q: Words, before: Before = None) -> dict[str, Any]:
    """Search all tickets that you may see, running or ended, newest first.

    Finds tickets with all of the words in their subject, data or comments, or the ticket with that number.
    """
    text = clean_text(q)
    ticket = find_by_number(request.user, text)
    if ticket is not None:
        administers = may_administer_workflow(request.user, ticket.workflow_instance.workflow)
        return {"items": [_item(ticket, administers=administers)], "next": None, "previous": None}
    found = search(request.user, text, most=RESULTS, before=before)
    tickets = TicketInstance.objects.in_bulk([hit.ticket_id for hit in found.hits])
    older = found.older(RESULTS)
    return {
        "items": [_item(tickets[hit.ticket_id], administers=hit.administers) for hit in found.hits],
        "next": f"{request.path}?{urlencode({'q': text, 'before': older})}" if older else None,
        "previous": None,
    }


def _item(ticket: TicketInstance, *, administers: bool) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "title": ticket.heading,
        "type_title": ticket.type_title,
        "status": ticket.status,
        "submitted_at": ticket.created_at,
        "administers": administers,
    }
