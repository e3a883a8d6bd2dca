"""Tickets for those who administer them: listed, read, edited, held, resumed, cancelled, linked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import BaseModel, Field

from users.models import CustomUser, Scope
from workflow_design.access import may_administer_something
from workflow_ops.api.bodies import (
    Body,
    Correction,
    Day,
    Note,
    PersonOrNobody,
    Reason,
    checked,
    person_in_body,
)
from workflow_ops.api.calls import IF_MATCH, ApiRequest, RowId, Token, require, run_idempotently
from workflow_ops.api.lists import DESK_FILTERS, Page, list_parameters, page_of
from workflow_ops.api.ticket_answers import Ticket, answer_with, seen_ticket
from workflow_ops.api.values import read_edit
from workflow_ops.desk import actions
from workflow_ops.desk.edits.form import edit_form_of
from workflow_ops.desk.forms import HoldForm
from workflow_ops.desk.links import find_links, link_tickets, unlink_tickets
from workflow_ops.desk.lists.ticket_form import TicketFilterForm
from workflow_ops.desk.lists.tickets import CHANGE, DUE, NUMBER, PRIORITY, WAITING, TicketList
from workflow_ops.desk.responsible import people_who_can_be_responsible, set_responsible
from workflow_ops.desk.shared import find_ticket, unresolved_errors
from workflow_ops.engine.cached_rules import priority_title
from workflow_ops.history.list_rows import TicketRow
from workflow_ops.models import LinkKind, TaskInstance, TicketError, TicketInstance
from workflow_ops.work import finding
from workflow_ops.work.ticket_rows import read_tasks

router = Router(tags=["Desk: tickets"])
MOST_ERRORS = 20


class DeskTicketItem(BaseModel):
    """A ticket in a list for its administrators."""

    number: int
    title: str
    type_title: str
    status: str
    priority: str
    requester: str
    waits_for: list[str] = Field(description="What it waits for, in sentences.")
    waiting_since: datetime | None
    due_at: datetime | None
    changed_at: datetime
    submitted_at: datetime


class DeskTask(Schema):
    """A task of a ticket."""

    id: int
    title: str
    run: int = Field(description="Counts how often the ticket has started this task.")
    kind: str = Field(description="`FORM`, or for actions `SYNC_ACTION` or `ASYNC_ACTION`.")
    status: str
    assignee: str = Field(description="Name of the person or system that has it; “” if it is unassigned.")
    due_at: datetime | None


class ErrorOfTicket(Schema):
    """An error of a ticket."""

    id: int
    ticket: int = Field(description="Number of the ticket.")
    task: int | None = Field(description="Id of the task, if it is about one.")
    kind: str = Field(description="What failed, such as `TASK_CREATION`.")
    reason: str = Field(description="The cause, such as `CONDITION`, `ASSIGNMENT`, `STALL` or `ACTION`.")
    status: str = Field(description="`NEW`, `REVIEWED` or `RESOLVED`.")
    message: str
    happened_at: datetime


class DeskTicket(Ticket):
    """A ticket as its administrators see it."""

    step: int = Field(description="Number of the last step of its data.")
    priority: str
    responsible: str = Field(description="Name of the responsible person, or “”.")
    data: dict[str, Any] = Field(description="All data of the ticket, by field name.")
    tasks: list[DeskTask] = Field(description="Its newest tasks.")
    errors: list[ErrorOfTicket] = Field(description="Its newest unresolved errors.")


class Hold(Reason):
    """Why and for how long a ticket is put on hold."""

    until: Day | None = Field(None, description="Day on which the hold should end, in the future.")
    resumes_by_itself: bool = Field(False, description="Resume it automatically on that day.")


class Edit(Correction):
    """New values of some fields of a ticket."""

    only_corrects: bool = Field(False, description="Only correct the data: no task or completion starts.")


class Responsible(PersonOrNobody):
    """The person who is responsible for a ticket, or null for nobody."""


class NewLink(Body):
    """A link to another ticket."""

    other: RowId = Field(description="Number of the other ticket.")
    kind: LinkKind = Field(
        description="`RELATES`, or `DUPLICATE` if this ticket is a duplicate of the other."
    )


@router.get(
    "/desk/tickets",
    auth=Token(Scope.ADMINISTER),
    response=Page[DeskTicketItem],
    openapi_extra=list_parameters(
        TicketFilterForm.base_fields, (NUMBER, CHANGE, WAITING, DUE, PRIORITY), DESK_FILTERS
    ),
)
def list_desk_tickets(request: ApiRequest) -> dict[str, Any]:
    """List the tickets that you administer: unfinished ones unless `status` says otherwise."""
    require(request, may_administer_something)
    found = TicketList(request.GET, request.user, is_rendered=False)
    return page_of(request, (found.form, found.page(request)), _item, note=found.note)


def _item(row: TicketRow) -> dict[str, Any]:
    return {
        "number": row.number,
        "title": row.heading,
        "type_title": row.type_title,
        "status": row.status,
        "priority": row.priority,
        "requester": row.submitter,
        "waits_for": row.waits_for,
        "waiting_since": row.waiting_since,
        "due_at": row.due_at,
        "changed_at": row.changed_at,
        "submitted_at": row.created_at,
    }


@router.get("/desk/tickets/{int:number}", auth=Token(Scope.ADMINISTER), response=DeskTicket)
def read_desk_ticket(request: ApiRequest, response: HttpResponse, number: int) -> dict[str, Any]:
    """Read a ticket that you administer: all data, tasks, errors, and the `ETag` that `edit_ticket` needs."""
    return _describe(request, response, number)


@router.post("/desk/tickets/{int:number}/hold", auth=Token(Scope.ADMINISTER), response=DeskTicket)
def hold_ticket(request: ApiRequest, response: HttpResponse, number: int, hold: Hold) -> dict[str, Any]:
    """Put a ticket on hold: its tasks can't be completed until it is resumed. 409 unless in progress."""

    def change(ticket: TicketInstance, *, by: CustomUser) -> None:
        until = hold.until.isoformat() if hold.until else ""
        form = HoldForm({**hold.model_dump(), "until": until}, by=by)
        actions.hold_workflow(ticket, by=by, **checked(form))

    return _act(request, response, number, change)


@router.post("/desk/tickets/{int:number}/resume", auth=Token(Scope.ADMINISTER), response=DeskTicket)
def resume_ticket(request: ApiRequest, response: HttpResponse, number: int, note: Note) -> dict[str, Any]:
    """Resume a ticket that is on hold; writes that waited take effect. 409 if it is not on hold."""
    return _act(request, response, number, partial(actions.resume_workflow, note=note.checked_note()))


@router.post("/desk/tickets/{int:number}/cancel", auth=Token(Scope.ADMINISTER), response=DeskTicket)
def cancel_ticket(request: ApiRequest, response: HttpResponse, number: int, why: Reason) -> dict[str, Any]:
    """Cancel a ticket that you administer, with its unfinished tasks. This can't be undone."""
    return _act(request, response, number, partial(actions.cancel_workflow, reason=why.checked_reason()))


@router.post(
    "/desk/tickets/{int:number}/edit",
    auth=Token(Scope.ADMINISTER),
    response=DeskTicket,
    openapi_extra=IF_MATCH,
)
def edit_ticket(request: ApiRequest, response: HttpResponse, number: int, edit: Edit) -> dict[str, Any]:
    """Edit the data of a ticket that you administer, which can start tasks or end the ticket.

    412 if its data has changed since you read it. For your own ticket, use `correct_ticket`.
    """
    seen = seen_ticket(request)

    def change(ticket: TicketInstance, *, by: CustomUser) -> None:
        form = partial(edit_form_of, ticket, by=by)
        values, files = read_edit(form, edit.values, run=ticket.workflow_instance)
        only = edit.only_corrects
        actions.edit_data(ticket, values=values, by=by, file_ids=files, only_corrects=only, **seen)

    return _act(request, response, number, change)


@router.post("/desk/tickets/{int:number}/responsible", auth=Token(Scope.ADMINISTER), response=DeskTicket)
def set_responsible_person(
    request: ApiRequest, response: HttpResponse, number: int, responsible: Responsible
) -> dict[str, Any]:
    """Set or clear the person who is responsible for a ticket. The assignees of its tasks do not change."""

    def change(ticket: TicketInstance, *, by: CustomUser) -> None:
        to = person_in_body(people_who_can_be_responsible(ticket), responsible.person, "/person")
        set_responsible(ticket, to=to, note=responsible.checked_note(), by=by)

    return _act(request, response, number, change)


@router.post("/desk/tickets/{int:number}/links", auth=Token(Scope.ADMINISTER), response=DeskTicket)
def link_ticket(request: ApiRequest, response: HttpResponse, number: int, link: NewLink) -> dict[str, Any]:
    """Link a ticket to another one that you may see. 409 if they are linked already."""

    def change(ticket: TicketInstance, *, by: CustomUser) -> None:
        link_tickets(ticket, finding.find_ticket(by, link.other), kind=link.kind, by=by)

    return _act(request, response, number, change)


@router.post(
    "/desk/tickets/{int:number}/unlink/{int:other}", auth=Token(Scope.ADMINISTER), response=DeskTicket
)
def unlink_ticket(request: ApiRequest, response: HttpResponse, number: int, other: int) -> dict[str, Any]:
    """Remove the link between two tickets."""

    def change(ticket: TicketInstance, *, by: CustomUser) -> None:
        both = [ticket.number, finding.find_ticket(by, other).number]
        for link in find_links().filter(ticket__number__in=both, other__number__in=both):
            unlink_tickets(link, by=by)

    return _act(request, response, number, change)


def _act(
    request: ApiRequest, response: HttpResponse, number: int, change: Callable[..., object]
) -> dict[str, Any]:
    """Change a ticket that the person administers, once, and return it as it is then."""
    ticket = find_ticket(request, number)
    run_idempotently(request, partial(change, ticket, by=request.user))
    return _describe(request, response, number)


def _describe(request: ApiRequest, response: HttpResponse, number: int) -> dict[str, Any]:
    ticket = find_ticket(request, number)
    run = ticket.workflow_instance
    return {
        **answer_with(response, ticket, reader=request.user),
        "step": run.step,
        "priority": priority_title(ticket),
        "responsible": ticket.responsible.get_full_name() if ticket.responsible else "",
        "data": run.data,
        "tasks": [describe_task(task) for task in read_tasks(run)],
        "errors": [describe_error(error, ticket) for error in unresolved_errors(ticket, most=MOST_ERRORS)],
    }


def describe_task(task: TaskInstance) -> dict[str, Any]:
    """Return a task as it stands in its ticket."""
    return {
        "id": task.pk,
        "title": task.task_definition.title,
        "run": task.run,
        "kind": task.task_definition.task_type,
        "status": task.status,
        "assignee": task.assigned_to.get_full_name() if task.assigned_to else task.system_name,
        "due_at": task.visible_due_at,
    }


def describe_error(error: TicketError, ticket: TicketInstance) -> dict[str, Any]:
    """Return an error of the ticket."""
    return {
        "id": error.pk,
        "ticket": ticket.number,
        "task": error.task_id,
        "kind": error.error_type,
        "reason": error.reason,
        "status": error.error_status,
        "message": error.error_message,
        "happened_at": error.created_at,
    }
