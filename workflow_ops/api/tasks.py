"""Tasks: listed, read, taken, given back, saved as a draft and completed."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.http import HttpResponse
from ninja import Router, Schema, Status
from pydantic import BaseModel, Field

from users.models import Scope
from workflow_design.workspace.reading import read_layout
from workflow_ops.access import may_complete
from workflow_ops.api.bodies import Answers, GivingBack, OptionalText, checked
from workflow_ops.api.calls import (
    IF_MATCH,
    ApiRequest,
    Token,
    required_input_version,
    run_idempotently,
    set_version,
)
from workflow_ops.api.catalogue import form_schema
from workflow_ops.api.lists import Page, list_parameters, page_of
from workflow_ops.api.values import FormValues, only, read_values
from workflow_ops.desk.forms import NoteForm
from workflow_ops.engine.cached_rules import get_rules
from workflow_ops.history.list_rows import TaskRow
from workflow_ops.history.timeline_wording import actor_name
from workflow_ops.models import TaskInstance, TimelineEvent, TimelineKind
from workflow_ops.work import submissions
from workflow_ops.work.finding import find_task
from workflow_ops.work.forms import task_form
from workflow_ops.work.own_lists import DONE_SORTS, WAITING_SORTS, OwnTaskForm, find_own_tasks

router = Router(tags=["Tasks"])
PREPARED_BY = "Program whose answers wait until a person confirms them, or “”."


class Completion(Answers):
    """Answers to the form of a task, and how you came to them."""

    note: OptionalText = Field(
        "", description="How you came to the answers, for the timeline and for the person who confirms them."
    )


class TaskItem(BaseModel):
    """A task in a list."""

    id: int
    title: str
    status: str
    ticket: int = Field(description="Number of the ticket.")
    ticket_title: str
    type_title: str
    requester: str
    assignee: str = Field(description="Name of the person or system that has it; “” if it is unassigned.")
    prepared_by: str = Field(description=PREPARED_BY)
    has_draft: bool
    due_at: datetime | None
    created_at: datetime
    completed_at: datetime | None


class SentBack(Schema):
    """Why a person sent prepared answers back the last time."""

    times: int = Field(description="How often answers to this task were sent back.")
    reason: str
    by: str
    at: datetime


class Task(Schema):
    """A task with its input and its form."""

    id: int
    title: str
    description: str
    status: str
    ticket: int = Field(description="Number of the ticket.")
    input_version: int = Field(description="Version of the input; the `ETag` has the same.")
    input: dict[str, Any] = Field(description="What the task is about: values by field name.")
    form: dict[str, Any] = Field(description="JSON Schema of `values` for `complete_task`.")
    draft: dict[str, Any] | None = Field(description="Saved draft of the answers, if you may complete it.")
    output: dict[str, Any] | None = Field(description="Answers with which it was completed.")
    assignee: str = Field(description="Name of the person who has it; “” if it is unassigned.")
    may_complete: bool = Field(description="True if you may complete it now.")
    needs_approval: bool = Field(description="True if a person has to confirm answers of programs.")
    prepared_by: str = Field(description=PREPARED_BY)
    sent_back: SentBack | None = Field(description="Why a person sent prepared answers back, or null.")
    due_at: datetime | None
    created_at: datetime
    completed_at: datetime | None


class Receipt(Schema):
    """The state of a task after your change, even if you may not read the task any more."""

    id: int
    status: str
    is_prepared: bool = Field(description="True if the answers wait until a person confirms them.")
    completed_at: datetime | None


@router.get(
    "/tasks",
    auth=Token(Scope.READ),
    response=Page[TaskItem],
    openapi_extra=list_parameters(
        OwnTaskForm.base_fields,
        (*WAITING_SORTS, DONE_SORTS[0]),
        {
            "q": "Subject, task or ticket number.",
            "show": "`open` (default), `take` (unassigned, you may take them), `held` (on hold), or `done`.",
            "sort": "Sort order; a leading “-” reverses it. With `show=done`, only `done` and `task`; with "
            "`show=held`, not `due`.",
        },
    ),
)
def list_tasks(request: ApiRequest) -> dict[str, Any]:
    """List your own tasks: by default, open ones that are assigned to you.

    With `show=take`, list unassigned tasks that you may take. For all tasks of tickets that you administer,
    use `list_desk_tasks`.
    """
    _tab, form, page = find_own_tasks(request, request.user, is_rendered=False)
    return page_of(request, (form, page), describe_row)


def describe_row(row: TaskRow) -> dict[str, Any]:
    """Return a task as lists show it."""
    return {
        "id": row.id,
        "title": row.title,
        "status": row.status,
        "ticket": row.number,
        "ticket_title": row.heading,
        "type_title": row.type_title,
        "requester": row.requester,
        "assignee": row.assignee_name,
        "prepared_by": row.prepared_by,
        "has_draft": row.is_draft,
        "due_at": row.due_at,
        "created_at": row.created_at,
        "completed_at": row.completed_at,
    }


@router.get("/tasks/{int:task_id}", auth=Token(Scope.READ), response=Task)
def read_task(request: ApiRequest, response: HttpResponse, task_id: int) -> dict[str, Any]:
    """Read a task that you may see: its input, and its form as JSON Schema.

    Returns the `ETag` that `complete_task` needs.
    """
    return _describe(request, response, task_id)


@router.post("/tasks/{int:task_id}/take", auth=Token(Scope.WORK), response=Receipt)
def take_task(request: ApiRequest, task_id: int) -> dict[str, Any]:
    """Take an unassigned task: assign it to yourself.

    403 if another person has it or you may not do it, 409 if it is finished.
    """
    task = find_task(request.user, task_id)
    run_idempotently(request, lambda: submissions.take_task(task, by=request.user))
    return _receipt(task_id)


@router.post("/tasks/{int:task_id}/give-back", auth=Token(Scope.WORK), response=Receipt)
def give_back_task(request: ApiRequest, task_id: int, giving_back: GivingBack) -> dict[str, Any]:
    """Give back a task that is assigned to you, so that it is unassigned and others can take it."""

    def give_back() -> None:
        task = find_task(request.user, task_id)
        submissions.give_back_task(task, by=request.user, reason=giving_back.checked_reason())

    run_idempotently(request, give_back)
    return _receipt(task_id)


@router.put("/tasks/{int:task_id}/draft", auth=Token(Scope.WORK), response=Receipt)
def save_task_draft(request: ApiRequest, task_id: int, answers: Answers) -> dict[str, Any]:
    """Save incomplete answers to a task as a draft, which replaces an earlier draft. The task stays open.

    403 if the task needs approval: use `complete_task`, whose answers a person confirms.
    """
    task = find_task(request.user, task_id)
    values = _read_answers(request, task, answers, is_draft=True)
    submissions.save_draft(task, values=values.values, file_ids=values.file_ids, by=request.user)
    return _receipt(task_id)


@router.post(
    "/tasks/{int:task_id}/complete",
    auth=Token(Scope.WORK),
    response={200: Receipt, 202: Receipt},
    openapi_extra=IF_MATCH,
)
def complete_task(request: ApiRequest, task_id: int, answers: Completion) -> Status[dict[str, Any]]:
    """Complete a task with the answers to its whole form.

    202 instead of 200 if the task needs approval: it stays open until a person confirms the answers. 412 if
    its input has changed since you read it (read it again), 409 if it is finished or on hold.
    """

    def complete() -> None:
        task = find_task(request.user, task_id)
        version = required_input_version(request)
        values = _read_answers(request, task, answers)
        submissions.complete_task(
            task,
            values=values.values,
            input_version=version,
            file_ids=values.file_ids,
            by=request.user,
            note=checked(NoteForm({"note": answers.note}))["note"],
        )

    run_idempotently(request, complete)
    receipt = _receipt(task_id)
    return Status(202 if receipt["is_prepared"] else 200, receipt)


def _receipt(task_id: int) -> dict[str, Any]:
    """Return the state of a task without its ticket, which a service account may no longer see."""
    task = TaskInstance.objects.get(pk=task_id)
    return {
        "id": task.pk,
        "status": task.status,
        "is_prepared": task.is_prepared,
        "completed_at": task.completed_at,
    }


def _sent_back(task: TaskInstance) -> dict[str, Any] | None:
    if not task.sent_back_times:
        return None
    events = TimelineEvent.objects.filter(task=task, kind=TimelineKind.TASK_SENT_BACK)
    last = events.select_related("person").latest("pk")
    return {
        "times": task.sent_back_times,
        "reason": last.details.get("reason", ""),
        "by": actor_name(last.person, last.impersonator_id),
        "at": last.created_at,
    }


def _read_answers(
    request: ApiRequest, task: TaskInstance, answers: Answers, *, is_draft: bool = False
) -> FormValues:
    return read_values(partial(task_form, task, by=request.user, is_draft=is_draft), answers.values)


def _describe(request: ApiRequest, response: HttpResponse, task_id: int) -> dict[str, Any]:
    """Return the task as its page shows it, and set its version."""
    task = find_task(request.user, task_id)
    definition, run = task.task_definition, task.workflow_instance
    rules = get_rules(definition.workflow_id)
    fields = rules.validator.fields
    names = read_layout(
        definition.display_layout, fields=fields, only=definition.input_fields, also=definition.shown_fields
    ).fields_in_order
    also = [name for name in definition.shown_fields if name not in names]
    may = not task.is_finished and may_complete(request.user, task)
    set_version(response, task.input_version)
    return {
        "id": task.pk,
        "title": definition.title,
        "description": definition.description,
        "status": task.status,
        "ticket": run.ticket.number,
        "input_version": task.input_version,
        "input": only(task.visible_data, [*names, *also]),
        "form": form_schema(rules.schema, definition.output_fields),
        "draft": task.draft if may else None,
        "output": task.output_data,
        "assignee": task.assigned_to.get_full_name() if task.assigned_to else "",
        "may_complete": may,
        "needs_approval": definition.needs_approval,
        "prepared_by": task.prepared_by.get_full_name() if task.is_prepared and task.prepared_by else "",
        "sent_back": _sent_back(task),
        "due_at": task.visible_due_at,
        "created_at": task.created_at,
        "completed_at": task.completed_at,
    }
