"""Tickets of submitters: submitted, listed, read, corrected, followed and withdrawn."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from ninja import Router, Status
from pydantic import BaseModel, Field

from users.models import Scope
from workflow_design.pages.picture_file import picture_file
from workflow_ops.access import submitted
from workflow_ops.api.bodies import VALUES, Body, Correction, Reason, person_in_body
from workflow_ops.api.calls import (
    IF_MATCH,
    SVG,
    ApiRequest,
    IdempotentRequest,
    RowId,
    Token,
    run_idempotently,
    svg_response,
)
from workflow_ops.api.lists import Page, list_parameters, page_of
from workflow_ops.api.ticket_answers import Ticket, TicketReceipt, answer_with, receipt_of, seen_ticket
from workflow_ops.api.values import read_edit, read_values
from workflow_ops.comments import following
from workflow_ops.history.own_tickets import OwnTicket
from workflow_ops.history.pictures import draw_ticket_now
from workflow_ops.models import TicketInstance
from workflow_ops.work import corrections, submissions
from workflow_ops.work.finding import find_ticket, find_ticket_type
from workflow_ops.work.forms import ticket_form
from workflow_ops.work.own_lists import TICKET_SORTS, OwnTicketForm, find_own_tickets
from workflow_ops.work.requesters import people_to_submit_for

router = Router(tags=["Tickets"])


class NewTicket(Body):
    """A ticket to submit."""

    ticket_type: int = Field(description="Id of the ticket type.")
    values: dict[str, Any] = Field(description=VALUES)
    requester: RowId | None = Field(
        None, description="Id of the person for whom you submit it (`list_requesters`); by default, yourself."
    )
    may_repeat: bool = Field(
        False, description="Submit it although you have just submitted the same values (otherwise 409)."
    )


class UnfinishedTask(BaseModel):
    """An unfinished task of a ticket."""

    title: str
    status: str
    assignee: str = Field(description="“you”, the name of a person or system, or “” if it is unassigned.")
    since: datetime


class TicketItem(BaseModel):
    """A ticket in a list."""

    number: int
    title: str
    type_title: str
    status: str
    unfinished_tasks: list[UnfinishedTask]
    ended_at: datetime | None
    ended_as: str = Field(description="Title of the completion that ended it, or “”.")
    due_at: datetime | None
    submitted_at: datetime


@router.post("/tickets", auth=Token(Scope.SUBMIT), response={201: TicketReceipt})
def submit_ticket(request: ApiRequest, ticket: NewTicket) -> Status[dict[str, Any]]:
    """Submit a new ticket with the values of its form, and return its number.

    422 with a pointer to each invalid value; 409 if you have just submitted the same values.
    """
    form_token = uuid4()
    repeatable = IdempotentRequest(request, result=str(form_token))
    if repeatable.is_first:
        made = _submit(request, ticket, form_token)
    else:
        submitted_before = submissions.find_submitted_ticket(UUID(repeatable.result), by=request.user)
        if submitted_before is None:
            raise Http404
        made = find_ticket(request.user, submitted_before.number)  # with today's rights
    return Status(201, {"number": made.number, "status": made.status})


def _submit(request: ApiRequest, ticket: NewTicket, form_token: UUID) -> TicketInstance:
    person = request.user
    definition = find_ticket_type(person, ticket.ticket_type)
    values = read_values(partial(ticket_form, definition, by=person), ticket.values)
    requester = None
    if ticket.requester is not None and ticket.requester != person.pk:
        others = people_to_submit_for(definition, by=person)
        requester = person_in_body(others, ticket.requester, "/requester")
    return submissions.submit_ticket(
        definition,
        values=values.values,
        form_token=form_token,
        by=requester or person,
        entered_by=person if requester else None,
        file_ids=values.file_ids,
        may_repeat=ticket.may_repeat,
        file_fields=values.file_fields,
    )


@router.get(
    "/tickets",
    auth=Token(Scope.READ),
    response=Page[TicketItem],
    openapi_extra=list_parameters(
        OwnTicketForm.base_fields,
        TICKET_SORTS,
        {"q": "Subject, number or ticket type.", "status": "`archive` for tickets that have ended."},
    ),
)
def list_tickets(request: ApiRequest) -> dict[str, Any]:
    """List the tickets that you requested: running ones or, with `status=archive`, ended ones.

    For tickets that you administer, use `list_desk_tickets`; to find any ticket that you may see,
    `search_tickets`.
    """
    return page_of(request, find_own_tickets(request, request.user, is_rendered=False), _item)


def _item(row: OwnTicket) -> dict[str, Any]:
    return {
        "number": row.number,
        "title": row.heading,
        "type_title": row.type_title,
        "status": row.status,
        "unfinished_tasks": [
            {
                "title": task.title,
                "status": task.status,
                "assignee": task.system or task.name,
                "since": task.since,
            }
            for task in row.waits_for
        ],
        "ended_at": row.ended_at,
        "ended_as": row.ended_as,
        "due_at": row.due_at,
        "submitted_at": row.created_at,
    }


@router.get("/tickets/{int:number}", auth=Token(Scope.READ), response=Ticket)
def read_ticket(request: ApiRequest, response: HttpResponse, number: int) -> dict[str, Any]:
    """Read a ticket that you may see: its status, the submitted values and the current ones.

    Returns the `ETag` that `correct_ticket` needs. `read_desk_ticket` has more, for those who administer it.
    """
    return answer_with(response, find_ticket(request.user, number), reader=request.user)


@router.get("/tickets/{int:number}/picture", auth=Token(Scope.READ), response={200: None}, openapi_extra=SVG)
def read_ticket_picture(request: ApiRequest, number: int) -> HttpResponse:
    """Get an SVG diagram of a ticket's workflow, in which completed and open tasks are marked."""
    ticket = find_ticket(request.user, number)
    picture = draw_ticket_now(ticket, reader=request.user)
    return svg_response(picture_file(picture, title=ticket.ticket_definition.title))


# --- Changing ------------------------------------------------------------------------


@router.post(
    "/tickets/{int:number}/correct", auth=Token(Scope.SUBMIT), response=TicketReceipt, openapi_extra=IF_MATCH
)
def correct_ticket(
    request: ApiRequest, response: HttpResponse, number: int, correction: Correction
) -> dict[str, Any]:
    """Correct the submitted values of your own ticket, before work on it begins.

    409 once work has begun; 412 if its data has changed since you read it. As an administrator of the ticket,
    use `edit_ticket`.
    """
    seen = seen_ticket(request)
    ticket = find_ticket(request.user, number)
    if not submitted(request.user, ticket):
        raise PermissionDenied

    def correct() -> None:
        form = partial(corrections.correction_form, ticket, by=request.user)
        values, files = read_edit(form, correction.values, run=ticket.workflow_instance)
        corrections.correct_ticket(ticket, values=values, by=request.user, file_ids=files, **seen)

    run_idempotently(request, correct)
    return receipt_of(response, find_ticket(request.user, number))


@router.post("/tickets/{int:number}/follow", auth=Token(Scope.SUBMIT), response=TicketReceipt)
def follow_ticket(request: ApiRequest, response: HttpResponse, number: int) -> dict[str, Any]:
    """Follow a ticket, to be notified of what happens in it for as long as you may see it."""
    ticket = find_ticket(request.user, number)
    run_idempotently(request, lambda: following.follow(ticket, request.user))
    return receipt_of(response, find_ticket(request.user, number))


@router.post("/tickets/{int:number}/unfollow", auth=Token(Scope.SUBMIT), response=TicketReceipt)
def unfollow_ticket(request: ApiRequest, response: HttpResponse, number: int) -> dict[str, Any]:
    """Stop following a ticket, which ends the notifications that you get as a follower."""
    ticket = find_ticket(request.user, number)
    run_idempotently(request, lambda: following.unfollow(ticket, request.user))
    return receipt_of(response, find_ticket(request.user, number))


@router.post("/tickets/{int:number}/withdraw", auth=Token(Scope.SUBMIT), response=TicketReceipt)
def withdraw_ticket(
    request: ApiRequest, response: HttpResponse, number: int, withdrawal: Reason
) -> dict[str, Any]:
    """Withdraw your own ticket: it ends as cancelled, with its unfinished tasks. This can't be undone.

    409 if it has ended. As an administrator of the ticket, use `cancel_ticket`.
    """
    ticket = find_ticket(request.user, number)
    reason = withdrawal.checked_reason()
    run_idempotently(request, lambda: submissions.withdraw_ticket(ticket, reason=reason, by=request.user))
    return receipt_of(response, find_ticket(request.user, number))
