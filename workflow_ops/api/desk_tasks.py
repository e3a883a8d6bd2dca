"""Tasks for those who administer their tickets."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpResponse
from ninja import Router
from pydantic import Field

from users.models import CustomUser, Scope
from workflow_design.access import may_administer_something
from workflow_ops.actions.by_hand import fill_in_by_hand, retry_action
from workflow_ops.api.bodies import Answers, Note, PersonOrNobody, Reason, people_in_body, person_in_body
from workflow_ops.api.calls import (
    IF_MATCH,
    ApiRequest,
    RowId,
    Token,
    require,
    required_input_version,
    run_idempotently,
    set_version,
)
from workflow_ops.api.catalogue import form_schema
from workflow_ops.api.desk_tickets import DeskTask, describe_task
from workflow_ops.api.lists import DESK_FILTERS, Page, list_parameters, page_of
from workflow_ops.api.tasks import TaskItem, describe_row
from workflow_ops.api.values import read_values
from workflow_ops.desk import actions
from workflow_ops.desk.lists.tasks import DUE, PRIORITY, WAITING, TaskFilterForm, TaskList
from workflow_ops.desk.shared import find_task
from workflow_ops.engine.by_hand import assignable_people, restrictable_people
from workflow_ops.files import attach_files
from workflow_ops.models import TaskInstance
from workflow_ops.work.forms import task_form

router = Router(tags=["Desk: tasks and errors"])


class DeskTaskDetail(DeskTask):
    """A task as the administrators of its ticket see it."""

    ticket: int = Field(description="Number of the ticket.")
    input_version: int = Field(description="Version of the input; the `ETag` has the same.")
    input: dict[str, Any] = Field(description="What the task is about: values by field name.")
    output: dict[str, Any] | None = Field(description="Answers with which it was completed.")
    form: dict[str, Any] = Field(description="JSON Schema of its answers (`values` for `fill_in_task`).")
    allowed: list[int] = Field(description="Ids of the only people who may do it; empty: not restricted.")


class Assignment(PersonOrNobody):
    """The new assignee of a task (see `list_assignable_people`), or null for nobody."""


class Restriction(Note):
    """The only people who may do a task."""

    people: list[RowId] = Field(
        max_length=100,
        description="Ids from `list_restrictable_people`; an empty list lifts the restriction.",
    )


@router.get(
    "/desk/tasks",
    auth=Token(Scope.ADMINISTER),
    response=Page[TaskItem],
    openapi_extra=list_parameters(
        TaskFilterForm.base_fields,
        (WAITING, PRIORITY, DUE),
        {
            **DESK_FILTERS,
            "task": "Title of a task.",
            "sort": "Sort order; a leading “-” reverses it. Only `waiting` if finished tasks are listed.",
        },
    ),
)
def list_desk_tasks(request: ApiRequest) -> dict[str, Any]:
    """List the tasks of tickets that you administer: unfinished ones unless `status` says otherwise."""
    require(request, may_administer_something)
    found = TaskList(request.GET, request.user, is_rendered=False)
    return page_of(request, (found.form, found.page(request)), describe_row, note=found.note)


@router.get("/desk/tasks/{int:task_id}", auth=Token(Scope.ADMINISTER), response=DeskTaskDetail)
def read_desk_task(request: ApiRequest, response: HttpResponse, task_id: int) -> dict[str, Any]:
    """Read a task of a ticket that you administer: input, output, assignee and restriction.

    Returns the `ETag` that `fill_in_task` needs.
    """
    return _describe(request, response, task_id)


@router.post("/desk/tasks/{int:task_id}/assign", auth=Token(Scope.ADMINISTER), response=DeskTaskDetail)
def assign_task(
    request: ApiRequest, response: HttpResponse, task_id: int, assignment: Assignment
) -> dict[str, Any]:
    """Assign a task to a person who may do it, or unassign it. 409 if it is finished."""

    def change(task: TaskInstance, *, by: CustomUser) -> None:
        to = person_in_body(assignable_people(task), assignment.person, "/person")
        actions.assign_task(task, to=to, note=assignment.checked_note(), by=by)

    return _act(request, response, task_id, change)


@router.post("/desk/tasks/{int:task_id}/restrict", auth=Token(Scope.ADMINISTER), response=DeskTaskDetail)
def restrict_task(
    request: ApiRequest, response: HttpResponse, task_id: int, restriction: Restriction
) -> dict[str, Any]:
    """Restrict who may take and complete a task, or lift the restriction.

    If the assignee is not one of these people, the task is assigned to the next of them, or to nobody.
    """

    def change(task: TaskInstance, *, by: CustomUser) -> None:
        people = people_in_body(restrictable_people(task), restriction.people, "/people")
        actions.restrict_task(task, people=people, note=restriction.checked_note(), by=by)

    return _act(request, response, task_id, change)


@router.post("/desk/tasks/{int:task_id}/cancel", auth=Token(Scope.ADMINISTER), response=DeskTaskDetail)
def cancel_task(request: ApiRequest, response: HttpResponse, task_id: int, why: Reason) -> dict[str, Any]:
    """Cancel an unfinished task. The ticket goes on, and stalls if no other task is open. 409 if finished."""
    return _act(request, response, task_id, partial(actions.cancel_task, reason=why.checked_reason()))


@router.post("/desk/tasks/{int:task_id}/retry", auth=Token(Scope.ADMINISTER), response=DeskTaskDetail)
def retry_task(request: ApiRequest, response: HttpResponse, task_id: int, note: Note) -> dict[str, Any]:
    """Retry an action: call the other system of an unfinished task again now, from the first try.

    409 while a call is running or its answer is awaited. For errors of other kinds, use `retry_failed`.
    """
    return _act(request, response, task_id, partial(retry_action, note=note.checked_note()))


@router.post(
    "/desk/tasks/{int:task_id}/fill-in",
    auth=Token(Scope.ADMINISTER),
    response=DeskTaskDetail,
    openapi_extra=IF_MATCH,
)
def fill_in_task(
    request: ApiRequest, response: HttpResponse, task_id: int, answers: Answers
) -> dict[str, Any]:
    """Complete an action by hand, with the values that the other system should have answered.

    412 if its input has changed since you read it. A later answer of the system is ignored.
    """
    version = required_input_version(request)

    def change(task: TaskInstance, *, by: CustomUser) -> None:
        read = read_values(partial(task_form, task, by=by), answers.values)
        fill_in_by_hand(task, values=read.values, input_version=version, by=by)
        attach_files(task.workflow_instance.ticket, read.file_ids, by=by)

    return _act(request, response, task_id, change)


def _act(
    request: ApiRequest, response: HttpResponse, task_id: int, change: Callable[..., object]
) -> dict[str, Any]:
    """Change a task that the person administers, once, and return it as it is then."""
    task = find_task(request, task_id)
    run_idempotently(request, partial(change, task, by=request.user))
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
