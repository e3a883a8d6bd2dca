"""Tickets of submitters: submitted, listed, read and withdrawn."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from ticketflower.listing import list_page
from users.models import Scope
from workflow_design.definition.problems import Problem
from workflow_design.definition.schema import data_validator
from workflow_design.persistence.plans import load_fields
from workflow_design.workspace.reading import read_layout
from workflow_ops.api.calls import ApiRequest, Once, RowId, Token
from workflow_ops.api.catalogue import find_ticket_type
from workflow_ops.api.lists import Page, list_parameters, page_of
from workflow_ops.api.problems import RequestRefusedError
from workflow_ops.api.values import only, read_values
from workflow_ops.history.own_tickets import OwnTicket, read_own_tickets
from workflow_ops.history.timeline_wording import actor_name
from workflow_ops.models import TicketInstance
from workflow_ops.work import submissions
from workflow_ops.work.forms import MAX_REASON_LENGTH, ticket_form
from workflow_ops.work.requesters import people_who_may_submit
from workflow_ops.work.ticket_views import TICKET_SORTS, OwnTicketFilter, find_ticket

router = Router(tags=["Tickets"])


class NewTicket(Schema, extra="forbid"):
    """A ticket to submit."""

    ticket_type: int
    values: dict[str, Any]
    requester: RowId | None = Field(None, description="For whom, if not for yourself.")
    may_repeat: bool = Field(False, description="Take it although you have just submitted the same.")


class Reason(Schema, extra="forbid"):
    """Why something is done; everyone who sees the ticket can read it."""

    reason: str = Field(min_length=1, max_length=MAX_REASON_LENGTH)


class TicketItem(Schema):
    """A ticket in a list."""

    number: int
    title: str
    standing: str
    due_at: datetime | None
    submitted_at: datetime


class Ticket(Schema):
    """A ticket with what its submitter sees of it.

    `submitted` are the values that the form had, `values` those of now, as far as the page shows them.
    """

    number: int
    title: str
    ticket_type: int
    type_title: str
    status: str
    requester: str
    submitted_at: datetime
    changed_at: datetime
    ended_at: datetime | None
    due_at: datetime | None
    submitted: dict[str, Any]
    values: dict[str, Any]


@router.post("/tickets", auth=Token(Scope.SUBMIT), response={201: Ticket})
def submit_ticket(request: ApiRequest, ticket: NewTicket) -> Status[dict[str, Any]]:
    """Submit a ticket. `values` are as the form of its kind says; a field that is left out is blank."""
    once = Once(request)
    if once.is_first:
        once.done(_submit(request, ticket).number)
    return Status(201, describe_ticket(find_ticket(request.user, once.result)))


def _submit(request: ApiRequest, ticket: NewTicket) -> TicketInstance:
    person = request.user
    definition = find_ticket_type(request, ticket.ticket_type)
    values = read_values(
        partial(ticket_form, definition, by=person),
        ticket.values,
        validator=data_validator(definition.workflow.fields_schema),
    )
    requester = person
    if ticket.requester is not None and ticket.requester != person.pk:
        found = people_who_may_submit(definition).filter(pk=ticket.requester).first()
        if found is None:
            problem = Problem(
                "/requester", _("This person may not submit such tickets."), "unknown-reference"
            )
            raise RequestRefusedError(422, _("The request is not valid."), problems=[problem])
        requester = found
    return submissions.submit_ticket(
        definition,
        values=values.values,
        form_token=uuid4(),
        by=requester,
        entered_by=None if requester == person else person,
        file_ids=values.file_ids,
        may_repeat=ticket.may_repeat,
        file_fields=values.file_fields,
    )


@router.get(
    "/tickets",
    auth=Token(Scope.READ),
    response=Page[TicketItem],
    openapi_extra=list_parameters(OwnTicketFilter.base_filters, TICKET_SORTS),
)
def list_tickets(request: ApiRequest) -> dict[str, Any]:
    """List your own tickets, those that are running or, with `status=archive`, those that have ended."""
    mine = TicketInstance.objects.filter(**request.user.as_author())
    found = OwnTicketFilter(request.GET, mine)
    read = partial(read_own_tickets, reader=request.user)
    return page_of(request, list_page(request, found.qs, sorts=TICKET_SORTS, read=read), _item)


def _item(row: OwnTicket) -> dict[str, Any]:
    return {
        "number": row.number,
        "title": row.heading,
        "standing": strip_tags(row.standing),
        "due_at": row.due_at,
        "submitted_at": row.created_at,
    }


@router.get("/tickets/{int:number}", auth=Token(Scope.READ), response=Ticket)
def read_ticket(request: ApiRequest, number: int) -> dict[str, Any]:
    """Read a ticket: where it stands, what was submitted, and what has been added since."""
    return describe_ticket(find_ticket(request.user, number))


@router.post("/tickets/{int:number}/withdraw", auth=Token(Scope.SUBMIT), response=Ticket)
def withdraw_ticket(request: ApiRequest, number: int, withdrawal: Reason) -> dict[str, Any]:
    """Withdraw a ticket of your own, which ends it. This can't be undone."""
    ticket = find_ticket(request.user, number)
    if Once(request).is_first:
        submissions.withdraw_ticket(ticket, reason=withdrawal.reason, by=request.user)
    return describe_ticket(find_ticket(request.user, number))


def describe_ticket(ticket: TicketInstance) -> dict[str, Any]:
    """Return the ticket as its own page shows it."""
    run, definition = ticket.workflow_instance, ticket.ticket_definition
    fields = load_fields(run.workflow)
    laid_out = read_layout(run.workflow.display_layout, fields=fields).fields_in_order
    asked = read_layout(definition.display_layout, fields=fields, only=definition.fields).fields_in_order
    return {
        "number": ticket.number,
        "title": ticket.heading,
        "ticket_type": definition.pk,
        "type_title": definition.title,
        "status": run.status,
        "requester": actor_name(ticket.created_by, ticket.impersonator_id),
        "submitted_at": ticket.created_at,
        "changed_at": ticket.changed_at,
        "ended_at": run.ended_at,
        "due_at": None if run.is_final else ticket.due_at,
        "submitted": only(ticket.ticket_data, asked),
        "values": only(run.data, laid_out),
    }
