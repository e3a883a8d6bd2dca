"""Tickets in answers: what they say, and which version of a ticket a program has seen."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Schema

from ticketflower.clean_json import parse_number
from workflow_design.persistence.plans import load_fields
from workflow_design.workspace.reading import read_layout
from workflow_ops.api.calls import ApiRequest, required_version, set_version
from workflow_ops.api.problems import RequestRefusedError
from workflow_ops.api.values import only
from workflow_ops.history.timeline_wording import actor_name
from workflow_ops.models import RunStatus, TicketInstance
from workflow_ops.work.corrections import count_waiting


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
    is_followed: bool
    submitted: dict[str, Any]
    values: dict[str, Any]


def answer_with(response: HttpResponse, ticket: TicketInstance) -> dict[str, Any]:
    """Return the ticket, and set its version."""
    set_version(response, ticket_version(ticket))
    return describe_ticket(ticket)


def ticket_version(ticket: TicketInstance) -> str:
    """Return what changes with the ticket's data: the step, and on hold how many writes wait."""
    run = ticket.workflow_instance
    return f"{run.step}.{count_waiting(run)}" if run.status == RunStatus.ON_HOLD else str(run.step)


class SeenTicket(TypedDict):
    """What a program has seen of a ticket, as arguments of what changes its data."""

    expected_step: int
    expected_waiting: int | None


def seen_ticket(request: ApiRequest) -> SeenTicket:
    """Return the step and the number of waiting writes that a program has seen. Raise RequestRefusedError."""
    step, _dot, waiting = required_version(request).partition(".")
    number = parse_number(step)
    if number is None:
        raise RequestRefusedError(412, _("The ticket has another version. Read it again."))
    return SeenTicket(expected_step=number, expected_waiting=parse_number(waiting))


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
        "is_followed": getattr(ticket, "is_followed", False),
        "submitted": only(ticket.ticket_data, asked),
        "values": only(run.data, laid_out),
    }
