"""Errors for those who administer their tickets, and connections that are paused since their system fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from ninja import Schema, Status
from pydantic import Field

from users.models import Scope
from workflow_design.access import may_administer_something
from workflow_design.models import Connection
from workflow_ops.actions.connections.pausing import find_resumable, paused_connections, resume
from workflow_ops.api.bodies import Note, Notes
from workflow_ops.api.calls import ApiRequest, Token, require, run_idempotently
from workflow_ops.api.desk_tasks import router
from workflow_ops.api.desk_tickets import ErrorOfTicket, describe_error
from workflow_ops.api.lists import DESK_FILTERS, Page, list_parameters, page_of
from workflow_ops.desk.errors.actions import resolve_error, review_error
from workflow_ops.desk.errors.page import error_context
from workflow_ops.desk.errors.retries import retry_error
from workflow_ops.desk.lists.errors import HAPPENED, ErrorFilterForm, ErrorList
from workflow_ops.desk.lists.rows import ErrorRow
from workflow_ops.desk.shared import find_error

_FILTERS = {**DESK_FILTERS, "kind": "What failed.", "reason": "The cause."}


class ErrorItem(ErrorOfTicket):
    """An error in a list. A long message is truncated."""

    ticket_title: str
    type_title: str


class ErrorDetail(ErrorOfTicket):
    """An error with its causes and remedies."""

    task_title: str
    notes: str = Field(description="What people found out about it.")
    written_fields: list[str] = Field(description="Fields that were written when it happened.")
    why: list[str] = Field(description="What was evaluated, in sentences.")
    consequence: str = Field(description="What it means for the ticket.")
    remedies: list[str] = Field(description="What would remove the cause.")
    may_retry: bool = Field(description="True if `retry_failed` can succeed.")


class PausedConnection(Schema):
    """A connection to another system that is paused because the system fails."""

    id: int
    name: str
    waiting: str = Field(description="How many tasks wait for it, in a sentence.")
    paused_at: datetime


@router.get(
    "/desk/errors",
    auth=Token(Scope.ADMINISTER),
    response=Page[ErrorItem],
    openapi_extra=list_parameters(ErrorFilterForm.base_fields, (HAPPENED,), _FILTERS),
)
def list_errors(request: ApiRequest) -> dict[str, Any]:
    """List the errors of tickets that you administer: unresolved ones unless `status` says otherwise."""
    require(request, may_administer_something)
    found = ErrorList(request.GET, request.user)
    return page_of(request, (found.form, found.page(request)), _error_item)


def _error_item(row: ErrorRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "ticket": row.number,
        "ticket_title": row.heading,
        "type_title": row.type_title,
        "task": row.task_id,
        "kind": row.error_type,
        "reason": row.reason_code,
        "status": row.status,
        "message": row.message,
        "happened_at": row.created_at,
    }


@router.get("/desk/errors/{int:error_id}", auth=Token(Scope.ADMINISTER), response=ErrorDetail)
def read_error(request: ApiRequest, error_id: int) -> dict[str, Any]:
    """Read an error of a ticket that you administer: the full message, the cause, and what would fix it."""
    error = find_error(request, error_id)
    context = error_context(error, person=request.user)
    return {
        **describe_error(error, error.ticket),
        "task_title": context["task_name"],
        "notes": error.resolution_notes,
        "written_fields": error.modified_fields,
        "why": context["why"],
        "consequence": str(context["consequence"]),
        "remedies": [remedy["text"] for remedy in context["remedies"]],
        "may_retry": context["may_retry"],
    }


@router.post("/desk/errors/{int:error_id}/retry", auth=Token(Scope.ADMINISTER), response=ErrorOfTicket)
def retry_failed(request: ApiRequest, error_id: int, note: Note) -> dict[str, Any]:
    """Retry the operation that failed with this error, using the current data of the ticket.

    On success the error is resolved. 409 if it is resolved already or there is nothing to retry.
    """
    return _act_on_error(request, error_id, partial(retry_error, note=note.checked_note()))


@router.post("/desk/errors/{int:error_id}/review", auth=Token(Scope.ADMINISTER), response=ErrorOfTicket)
def review_failed(request: ApiRequest, error_id: int, notes: Notes) -> dict[str, Any]:
    """Mark an error as reviewed: known, but not resolved yet. 409 if it is resolved."""
    return _act_on_error(request, error_id, partial(review_error, notes=notes.checked_notes()))


@router.post("/desk/errors/{int:error_id}/resolve", auth=Token(Scope.ADMINISTER), response=ErrorOfTicket)
def resolve_failed(request: ApiRequest, error_id: int, notes: Notes) -> dict[str, Any]:
    """Mark an error as resolved, without retrying anything, or change the notes of a resolved one."""
    return _act_on_error(request, error_id, partial(resolve_error, notes=notes.checked_notes()))


def _act_on_error(request: ApiRequest, error_id: int, change: Callable[..., object]) -> dict[str, Any]:
    error = find_error(request, error_id)
    run_idempotently(request, partial(change, error, by=request.user))
    return describe_error(find_error(request, error_id), error.ticket)


# --- Paused connections --------------------------------------------------------------


@router.get("/desk/connections", auth=Token(Scope.ADMINISTER), response=list[PausedConnection])
def list_paused_connections(request: ApiRequest) -> list[dict[str, Any]]:
    """List the connections that are paused because their system fails, while tasks of yours wait for them."""
    require(request, may_administer_something)
    return [_paused(each.connection, each.waiting) for each in paused_connections(request.user)]


@router.post(
    "/desk/connections/{int:connection_id}/resume", auth=Token(Scope.ADMINISTER), response={204: None}
)
def resume_connection(request: ApiRequest, connection_id: int) -> Status[None]:
    """Resume a paused connection: a job makes all calls that wait for it. For one task, use `retry_task`."""
    connection = find_resumable(request.user, connection_id)
    run_idempotently(request, partial(resume, connection))
    return Status(204, None)


def _paused(connection: Connection, waiting: str) -> dict[str, Any]:
    return {
        "id": connection.pk,
        "name": connection.name,
        "waiting": waiting,
        "paused_at": connection.paused_at,
    }
