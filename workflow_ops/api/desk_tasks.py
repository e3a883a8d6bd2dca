"""Tasks and errors for those who administer their tickets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from users.models import CustomUser, Scope
from workflow_design.access import may_administer_something
from workflow_design.definition.schema import data_validator
from workflow_design.models import Connection
from workflow_ops.actions.by_hand import fill_in_by_hand, retry_action
from workflow_ops.actions.connections.pausing import find_resumable, paused_connections, resume
from workflow_ops.api.calls import (
    IF_MATCH,
    ApiRequest,
    Once,
    RowId,
    Token,
    require,
    required_input_version,
    set_version,
)
from workflow_ops.api.catalogue import form_schema
from workflow_ops.api.desk_tickets import DeskError, DeskTask, Note, describe_error, describe_task
from workflow_ops.api.lists import Page, list_parameters, page_of
from workflow_ops.api.problems import RequestRefusedError
from workflow_ops.api.tasks import Answers, TaskItem, describe_row
from workflow_ops.api.tickets import Reason
from workflow_ops.api.values import read_values
from workflow_ops.desk import actions
from workflow_ops.desk.errors.actions import resolve_error, review_error
from workflow_ops.desk.errors.retries import retry_error
from workflow_ops.desk.forms import MAX_NOTES_LENGTH
from workflow_ops.desk.lists.errors import HAPPENED, ErrorFilterForm, ErrorList
from workflow_ops.desk.lists.rows import ErrorRow
from workflow_ops.desk.lists.tasks import DUE, PRIORITY, WAITING, TaskFilterForm, TaskList
from workflow_ops.desk.shared import find_error, find_task
from workflow_ops.files import attach_files
from workflow_ops.models import TaskInstance, TicketError
from workflow_ops.work.forms import task_form

router = Router(tags=["Desk: tasks and errors"])
_MAX_NOTE = 1000


class DeskTaskDetail(DeskTask):
    """A task with its input and output; `form` is the JSON Schema of what it answers."""

    ticket: int
    input_version: int
    input: dict[str, Any]
    output: dict[str, Any] | None
    form: dict[str, Any]
    allowed: list[int]


class Assignment(Schema, extra="forbid"):
    """Who is to do a task: the id of a person who may do it, or null for nobody."""

    person: RowId | None
    note: str = Field("", max_length=_MAX_NOTE)


class Restriction(Schema, extra="forbid"):
    """The only people who may do a task; none means no restriction."""

    people: list[RowId] = Field(max_length=100)
    note: str = Field("", max_length=_MAX_NOTE)


class ErrorItem(Schema):
    """An error in a list."""

    id: int
    message: str
    kind: str
    reason: str
    status: str
    ticket: str
    happened_at: datetime


class PausedOut(Schema):
    """A connection that is paused, and how many tasks wait for it."""

    id: int
    name: str
    waiting: str
    paused_at: datetime


class Notes(Schema, extra="forbid"):
    """What was found out about an error."""

    notes: str = Field("", max_length=MAX_NOTES_LENGTH)


@router.get(
    "/desk/tasks",
    auth=Token(Scope.ADMINISTER),
    response=Page[TaskItem],
    openapi_extra=list_parameters(TaskFilterForm.base_fields, (WAITING, PRIORITY, DUE)),
)
def list_desk_tasks(request: ApiRequest) -> dict[str, Any]:
    """List the tasks of tickets that you administer, unfinished ones unless `status` says otherwise."""
    require(request, may_administer_something)
    found = TaskList(request.GET, request.user)
    return page_of(request, (found.form, found.page(request)), describe_row)


@router.get("/desk/tasks/{int:task_id}", auth=Token(Scope.ADMINISTER), response=DeskTaskDetail)
def read_desk_task(request: ApiRequest, response: HttpResponse, task_id: int) -> dict[str, Any]:
    """Read a task of a ticket that you administer."""
    return _describe(request, response, task_id)


@router.post("/desk/tasks/{int:task_id}/assign", auth=Token(Scope.ADMINISTER), response=DeskTaskDetail)
def assign_task(
    request: ApiRequest, response: HttpResponse, task_id: int, assignment: Assignment
) -> dict[str, Any]:
    """Give a task to a person who may do it, or to nobody."""

    def change(task: TaskInstance, *, by: CustomUser) -> None:
        to = get_object_or_404(CustomUser, pk=assignment.person) if assignment.person else None
        actions.assign_task(task, to=to, note=assignment.note, by=by)

    return _act(request, response, task_id, change)


@router.post("/desk/tasks/{int:task_id}/restrict", auth=Token(Scope.ADMINISTER), response=DeskTaskDetail)
def restrict_task(
    request: ApiRequest, response: HttpResponse, task_id: int, restriction: Restriction
) -> dict[str, Any]:
    """Restrict a task to these people, or lift the restriction."""

    def change(task: TaskInstance, *, by: CustomUser) -> None:
        people = list(CustomUser.objects.filter(pk__in=restriction.people))
        if len(people) != len(set(restriction.people)):
            raise RequestRefusedError(422, _("There is no such person in the company."))
        actions.restrict_task(task, people=people, note=restriction.note, by=by)

    return _act(request, response, task_id, change)


@router.post("/desk/tasks/{int:task_id}/cancel", auth=Token(Scope.ADMINISTER), response=DeskTaskDetail)
def cancel_task(request: ApiRequest, response: HttpResponse, task_id: int, why: Reason) -> dict[str, Any]:
    """Cancel an unfinished task."""
    return _act(request, response, task_id, partial(actions.cancel_task, reason=why.reason))


@router.post("/desk/tasks/{int:task_id}/retry", auth=Token(Scope.ADMINISTER), response=DeskTaskDetail)
def retry_task(request: ApiRequest, response: HttpResponse, task_id: int, note: Note) -> dict[str, Any]:
    """Call the other system of an action again, now."""
    return _act(request, response, task_id, partial(retry_action, note=note.note))


@router.post(
    "/desk/tasks/{int:task_id}/fill-in",
    auth=Token(Scope.ADMINISTER),
    response=DeskTaskDetail,
    openapi_extra=IF_MATCH,
)
def fill_in_task(
    request: ApiRequest, response: HttpResponse, task_id: int, answers: Answers
) -> dict[str, Any]:
    """Answer an action in place of the other system."""
    version = required_input_version(request)

    def change(task: TaskInstance, *, by: CustomUser) -> None:
        schema = task.workflow_instance.workflow.fields_schema
        read = read_values(partial(task_form, task, by=by), answers.values, validator=data_validator(schema))
        fill_in_by_hand(task, values=read.values, input_version=version, by=by)
        attach_files(task.workflow_instance.ticket, read.file_ids, by=by)

    return _act(request, response, task_id, change)


def _act(
    request: ApiRequest, response: HttpResponse, task_id: int, change: Callable[..., object]
) -> dict[str, Any]:
    """Change a task that the person administers, once, and return it as it is then."""
    task = find_task(request, task_id)
    if Once(request).is_first:
        change(task, by=request.user)
    return _describe(request, response, task_id)


def _describe(request: ApiRequest, response: HttpResponse, task_id: int) -> dict[str, Any]:
    task = find_task(request, task_id)
    definition, run = task.task_definition, task.workflow_instance
    set_version(response, task.input_version)
    return {
        **describe_task(task),
        "ticket": run.ticket.number,
        "input_version": task.input_version,
        "input": task.visible_data,
        "output": task.output_data,
        "form": form_schema(run.workflow.fields_schema, definition.output_fields),
        "allowed": sorted(task.allowed_links.values_list("person_id", flat=True)),
    }


# --- Errors --------------------------------------------------------------------------


@router.get(
    "/desk/errors",
    auth=Token(Scope.ADMINISTER),
    response=Page[ErrorItem],
    openapi_extra=list_parameters(ErrorFilterForm.base_fields, (HAPPENED,)),
)
def list_errors(request: ApiRequest) -> dict[str, Any]:
    """List the errors of tickets that you administer, unresolved ones unless `status` says otherwise."""
    require(request, may_administer_something)
    found = ErrorList(request.GET, request.user)
    return page_of(request, (found.form, found.page(request)), _error_item)


def _error_item(row: ErrorRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "message": row.message,
        "kind": row.kind,
        "reason": row.reason,
        "status": row.status,
        "ticket": row.heading,
        "happened_at": row.created_at,
    }


@router.post("/desk/errors/{int:error_id}/retry", auth=Token(Scope.ADMINISTER), response=DeskError)
def retry_failed(request: ApiRequest, error_id: int, note: Note) -> dict[str, Any]:
    """Try again what failed, with the data of now."""
    return _act_on_error(request, error_id, partial(retry_error, note=note.note))


@router.post("/desk/errors/{int:error_id}/review", auth=Token(Scope.ADMINISTER), response=DeskError)
def review_failed(request: ApiRequest, error_id: int, notes: Notes) -> dict[str, Any]:
    """Mark an error as reviewed, with notes."""
    return _act_on_error(request, error_id, partial(review_error, notes=notes.notes))


@router.post("/desk/errors/{int:error_id}/resolve", auth=Token(Scope.ADMINISTER), response=DeskError)
def resolve_failed(request: ApiRequest, error_id: int, notes: Notes) -> dict[str, Any]:
    """Mark an error as resolved, with notes."""
    return _act_on_error(request, error_id, partial(resolve_error, notes=notes.notes))


def _act_on_error(request: ApiRequest, error_id: int, change: Callable[..., object]) -> dict[str, Any]:
    error: TicketError = find_error(request, error_id)
    if Once(request).is_first:
        change(error, by=request.user)
    return describe_error(find_error(request, error_id))


# --- Paused connections --------------------------------------------------------------


@router.get("/desk/connections", auth=Token(Scope.ADMINISTER), response=list[PausedOut])
def list_paused_connections(request: ApiRequest) -> list[dict[str, Any]]:
    """List the connections that are paused since their system fails, while tasks of yours wait for them."""
    require(request, may_administer_something)
    return [_paused(each.connection, each.waiting) for each in paused_connections(request.user)]


@router.post(
    "/desk/connections/{int:connection_id}/resume", auth=Token(Scope.ADMINISTER), response={204: None}
)
def resume_connection(request: ApiRequest, connection_id: int) -> Status[None]:
    """Have the calls tried again that wait for a paused connection."""
    connection = find_resumable(request.user, connection_id)
    if Once(request).is_first:
        resume(connection)
    return Status(204, None)


def _paused(connection: Connection, waiting: str) -> dict[str, Any]:
    return {
        "id": connection.pk,
        "name": connection.name,
        "waiting": waiting,
        "paused_at": connection.paused_at,
    }
