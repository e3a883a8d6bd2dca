"""Tickets of submitters: submitted, listed, read and withdrawn."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from users.models import CustomUser, Scope
from workflow_design.definition.problems import Problem
from workflow_design.definition.schema import data_validator
from workflow_design.models import TicketDefinition
from workflow_design.pages.picture_file import picture_file
from workflow_ops.access import submitted
from workflow_ops.api.calls import (
    IF_MATCH,
    SVG,
    ApiRequest,
    Once,
    RowId,
    Token,
    svg_response,
)
from workflow_ops.api.catalogue import find_ticket_type
from workflow_ops.api.lists import Page, list_parameters, page_of
from workflow_ops.api.problems import RequestRefusedError
from workflow_ops.api.ticket_answers import Ticket, answer_with, describe_ticket, seen_ticket
from workflow_ops.api.values import read_edit, read_values
from workflow_ops.comments import following
from workflow_ops.history.own_tickets import OwnTicket
from workflow_ops.history.pictures import draw_ticket_now
from workflow_ops.models import TicketInstance, WorkflowInstance
from workflow_ops.work import corrections, submissions
from workflow_ops.work.finding import find_ticket
from workflow_ops.work.forms import MAX_REASON_LENGTH, ticket_form
from workflow_ops.work.own_lists import TICKET_SORTS, OwnTicketFilter, find_own_tickets
from workflow_ops.work.requesters import people_who_may_submit

router = Router(tags=["Tickets"])


class NewTicket(Schema, extra="forbid"):
    """A ticket to submit."""

    ticket_type: int
    values: dict[str, Any]
    requester: RowId | None = Field(None, description="For whom, if not for yourself.")
    may_repeat: bool = Field(False, description="Take it although you have just submitted the same.")


class Correction(Schema, extra="forbid"):
    """New values of fields; null empties one, and other fields stay as they are."""

    values: dict[str, Any]


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


@router.post("/tickets", auth=Token(Scope.SUBMIT), response={201: Ticket})
def submit_ticket(request: ApiRequest, ticket: NewTicket) -> Status[dict[str, Any]]:
    """Submit a ticket. `values` are as the form of its kind says; a field that is left out is blank."""
    once = Once(request)
    if not once.is_first:
        return Status(201, describe_ticket(find_ticket(request.user, once.result)))
    made = _submit(request, ticket)
    once.done(made.number)
    return Status(201, describe_ticket(made))


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
    made = submissions.submit_ticket(
        definition,
        values=values.values,
        form_token=uuid4(),
        by=requester,
        entered_by=None if requester == person else person,
        file_ids=values.file_ids,
        may_repeat=ticket.may_repeat,
        file_fields=values.file_fields,
    )
    return _with_relations(made, definition, requester)


def _with_relations(
    made: TicketInstance, definition: TicketDefinition, requester: CustomUser
) -> TicketInstance:
    """Return a new ticket with what it belongs to, which is known, so that nothing is read again."""
    made.created_by, made.changed_at = requester, made.created_at
    made.workflow_instance = WorkflowInstance(
        pk=made.workflow_instance_id, company_id=made.company_id, workflow=definition.workflow
    )
    return made


@router.get(
    "/tickets",
    auth=Token(Scope.READ),
    response=Page[TicketItem],
    openapi_extra=list_parameters(OwnTicketFilter.base_filters, TICKET_SORTS),
)
def list_tickets(request: ApiRequest) -> dict[str, Any]:
    """List your own tickets, those that are running or, with `status=archive`, those that have ended."""
    return page_of(request, find_own_tickets(request, request.user), _item)


def _item(row: OwnTicket) -> dict[str, Any]:
    return {
        "number": row.number,
        "title": row.heading,
        "standing": strip_tags(row.standing),
        "due_at": row.due_at,
        "submitted_at": row.created_at,
    }


@router.get("/tickets/{int:number}", auth=Token(Scope.READ), response=Ticket)
def read_ticket(request: ApiRequest, response: HttpResponse, number: int) -> dict[str, Any]:
    """Read a ticket: where it stands, what was submitted, and what has been added since.

    Its `ETag` is needed to correct it.
    """
    return answer_with(response, find_ticket(request.user, number))


@router.get("/tickets/{int:number}/picture", auth=Token(Scope.READ), response={200: None}, openapi_extra=SVG)
def read_ticket_picture(request: ApiRequest, number: int) -> HttpResponse:
    """Read the picture of a ticket's workflow as SVG, in which is marked what is done and what is open."""
    ticket = find_ticket(request.user, number)
    picture = draw_ticket_now(ticket, reader=request.user)
    return svg_response(picture_file(picture, title=ticket.ticket_definition.title))


# --- Changing ------------------------------------------------------------------------


@router.post(
    "/tickets/{int:number}/correct", auth=Token(Scope.SUBMIT), response=Ticket, openapi_extra=IF_MATCH
)
def correct_ticket(
    request: ApiRequest, response: HttpResponse, number: int, correction: Correction
) -> dict[str, Any]:
    """Correct the form of a ticket of your own, until work on it begins."""
    seen = seen_ticket(request)
    ticket = find_ticket(request.user, number)
    if not submitted(request.user, ticket):
        raise PermissionDenied
    if Once(request).is_first:
        form = partial(corrections.correction_form, ticket, by=request.user)
        values, files = read_edit(form, correction.values, run=ticket.workflow_instance)
        corrections.correct_ticket(ticket, values=values, by=request.user, file_ids=files, **seen)
    return answer_with(response, find_ticket(request.user, number))


@router.post("/tickets/{int:number}/follow", auth=Token(Scope.SUBMIT), response=Ticket)
def follow_ticket(request: ApiRequest, response: HttpResponse, number: int) -> dict[str, Any]:
    """Follow a ticket: you are notified of what happens in it, for as long as you may see it."""
    ticket = find_ticket(request.user, number)
    if Once(request).is_first:
        following.follow(ticket, request.user)
    return answer_with(response, find_ticket(request.user, number))


@router.post("/tickets/{int:number}/unfollow", auth=Token(Scope.SUBMIT), response=Ticket)
def unfollow_ticket(request: ApiRequest, response: HttpResponse, number: int) -> dict[str, Any]:
    """Stop following a ticket."""
    ticket = find_ticket(request.user, number)
    if Once(request).is_first:
        following.unfollow(ticket, request.user)
    return answer_with(response, find_ticket(request.user, number))


@router.post("/tickets/{int:number}/withdraw", auth=Token(Scope.SUBMIT), response=Ticket)
def withdraw_ticket(
    request: ApiRequest, response: HttpResponse, number: int, withdrawal: Reason
) -> dict[str, Any]:
    """Withdraw a ticket of your own, which ends it. This can't be undone."""
    ticket = find_ticket(request.user, number)
    if Once(request).is_first:
        submissions.withdraw_ticket(ticket, reason=withdrawal.reason, by=request.user)
    return answer_with(response, find_ticket(request.user, number))
