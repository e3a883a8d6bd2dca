"""Tickets in API responses, and the version of a ticket that a program has seen."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import Field

from ticketflower.clean_json import parse_number
from users.models import CustomUser
from workflow_design.persistence.plans import load_fields
from workflow_design.workspace.reading import read_layout
from workflow_ops.api.calls import ApiRequest, required_version, set_version
from workflow_ops.api.problems import RequestRefusedError
from workflow_ops.api.values import only
from workflow_ops.history.links import links_of
from workflow_ops.history.timeline_wording import actor_name
from workflow_ops.models import RunStatus, TicketInstance
from workflow_ops.work.corrections import count_waiting
from workflow_ops.work.ticket_rows import has


class LinkedTicket(Schema):
    """A link to another ticket."""

    number: int = Field(description="Number of the other ticket.")
    kind: str = Field(
        description="`RELATES`, `DUPLICATE` (of the other one), or `HAS_DUPLICATE` (the other one is it)."
    )
    status: str = Field(description="Status of the other ticket.")


class TicketReceipt(Schema):
    """The number and status of the ticket that was created or changed."""

    number: int
    status: str


class Ticket(Schema):
    """A ticket as its requester sees it."""

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
    held_until: datetime | None = Field(description="On hold: when the hold is to end, if that is known.")
    resumes_by_itself: bool = Field(description="True if the ticket is resumed automatically then.")
    links: list[LinkedTicket]
    is_followed: bool = Field(description="True if you follow the ticket.")
    submitted: dict[str, Any] = Field(description="Values with which it was submitted, by field name.")
    values: dict[str, Any] = Field(description="Current values of the fields that its page shows, by name.")


def answer_with(response: HttpResponse, ticket: TicketInstance, *, reader: CustomUser) -> dict[str, Any]:
    """Return the ticket as the reader sees it, and set its version."""
    set_version(response, ticket_version(ticket))
    return describe_ticket(ticket, reader=reader)


def receipt_of(response: HttpResponse, ticket: TicketInstance) -> dict[str, Any]:
    """Return the number and status of a changed ticket, and set its version."""
    set_version(response, ticket_version(ticket))
    return {"number": ticket.number, "status": ticket.workflow_instance.status}


def ticket_version(ticket: TicketInstance) -> str:
    """Return the version of the ticket's data: its step and, on hold, the number of waiting writes."""
    run = ticket.workflow_instance
    return f"{run.step}.{count_waiting(run)}" if run.status == RunStatus.ON_HOLD else str(run.step)


class SeenTicket(TypedDict):
    """The version of a ticket that a program has seen, as arguments of functions that change its data."""

    expected_step: int
    expected_waiting: int


def seen_ticket(request: ApiRequest) -> SeenTicket:
    """Return the step and the number of waiting writes that a program has seen. Raise RequestRefusedError."""
    step, dot, waiting = required_version(request).partition(".")
    # The version of a ticket that was not on hold has no dot: no writes were waiting for a resume.
    number, writes = parse_number(step), parse_number(waiting if dot else "0")
    if number is None or writes is None:
        raise RequestRefusedError(412, _("The ticket has another version. Read it again."))
    return SeenTicket(expected_step=number, expected_waiting=writes)


def describe_ticket(ticket: TicketInstance, *, reader: CustomUser) -> dict[str, Any]:
    """Return the ticket as its own page shows it to the reader."""
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
        "due_at": ticket.visible_due_at,
        "held_until": ticket.held_until,
        "resumes_by_itself": ticket.resumes_by_itself,
        "links": links_of(ticket, reader=reader) if has(ticket, "links") else [],
        "is_followed": getattr(ticket, "is_followed", False),
        "submitted": only(ticket.ticket_data, asked),
        "values": only(run.data, laid_out),
    }
