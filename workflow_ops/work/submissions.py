"""What submitters and workers do: submit, fill in, complete, take, give back, withdraw, comment.

Each function opens its transaction (or joins the view's), locks the workflow, checks again and
changes. What follows from a ticket or a completed task is applied as the transaction commits
(`workflow_ops.state_manager`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from users.models import CustomUser
from workflow_design.definition.fields import without_empty
from workflow_design.engine import Source, Write
from workflow_design.models import TaskType, TicketDefinition, WorkflowStatus
from workflow_ops.access import may_complete, may_execute, may_see_ticket, may_submit, submitted
from workflow_ops.engine.errors import resolve_assignment
from workflow_ops.engine.run_rows import lock_run, lock_task, one_transaction
from workflow_ops.engine.timeline import record
from workflow_ops.files import attach_files
from workflow_ops.models import (
    Comment,
    RunStatus,
    TaskInstance,
    TaskStatus,
    TicketInstance,
    TimelineKind,
    WorkflowInstance,
    WorkflowWrite,
    WriteSource,
    WriteStatus,
)
from workflow_ops.models.tasks import UNFINISHED_STATUSES
from workflow_ops.refusals import (
    AlreadyDoneError,
    InputChangedError,
    NotAllowedError,
    NotYoursError,
    OnHoldError,
    WrongStatusError,
)
from workflow_ops.state_manager import apply_after_commit, apply_soon, store_write
from workflow_ops.work.ticket_rows import insert_ticket, ticket_of_form


def submit_ticket(
    definition: TicketDefinition,
    *,
    values: Mapping[str, Any],
    form_token: UUID,
    by: CustomUser,
    file_ids: Collection[str] = (),
) -> TicketInstance:
    """Return the ticket that this form makes; if it is posted twice, the ticket that it made before.

    `values` are those of the definition's fields, cleaned; empty ones may be left out. `file_ids` are
    the uploaded files that they name. Effects: a number, a workflow that has not started, its files, and
    the write that starts it, which is applied after the commit. Raises NotAllowedError, also if the
    workflow takes no new tickets; ValueError for a value that the form did not ask for.
    """
    with one_transaction():
        if definition.workflow.status != WorkflowStatus.ACTIVE or not may_submit(by, definition):
            raise NotAllowedError
        write = Write.by_form(definition.fields, values, source=Source.TICKET)
        made = insert_ticket(definition, write=write, form_token=form_token, by=by)
        if made is not None:
            if file_ids:
                attach_files(made, file_ids, by=by)
            apply_soon(made.workflow_instance_id)
            return made
        present = submitted_before(form_token, by=by)
        if present is None:
            raise NotAllowedError
        return present


def submitted_before(form_token: UUID, *, by: CustomUser) -> TicketInstance | None:
    """The ticket that the person has made by this form, if it has made one.

    Effects: what still waits of it, because a process died, is applied as the transaction commits.
    """
    present = ticket_of_form(form_token)
    if present is None or not submitted(by, present):
        return None
    apply_after_commit(present.workflow_instance_id)
    return present


def complete_task(
    task: TaskInstance, *, values: Mapping[str, Any], input_version: int, by: CustomUser
) -> None:
    """Finish a form: its output enters the workspace as the transaction commits.

    `input_version` is that of the task as the form was shown. Raises AlreadyDoneError, OnHoldError,
    NotYoursError, InputChangedError; ValueError for a value that the form did not ask for.
    """
    with one_transaction():
        fresh = _unfinished(task)
        if fresh.workflow_instance.status == RunStatus.ON_HOLD:
            raise OnHoldError
        if not may_complete(by, fresh):
            raise NotYoursError(fresh)
        if fresh.input_version != input_version:
            raise InputChangedError(fresh)
        write = Write.by_form(fresh.task_definition.output_fields, values)
        now = timezone.now()
        _change(
            fresh,
            status=TaskStatus.COMPLETED,
            output_data=dict(write.values),
            draft=None,
            started_at=fresh.started_at or now,
            completed_at=now,
            **by.as_author("completed_by"),
        )
        store_write(fresh.workflow_instance, write, source=WriteSource.TASK, task=fresh, by=by)


def save_draft(task: TaskInstance, *, values: Mapping[str, Any], by: CustomUser) -> None:
    """Keep what is filled in so far; the task is IN_PROGRESS. Raises AlreadyDoneError, NotYoursError."""
    with one_transaction():
        fresh = _unfinished(task)
        if not may_complete(by, fresh):
            raise NotYoursError(fresh)
        _change(
            fresh,
            status=TaskStatus.IN_PROGRESS,
            draft=without_empty(values),
            started_at=fresh.started_at or timezone.now(),
        )


def take_task(task: TaskInstance, *, by: CustomUser) -> None:
    """Have a task that nobody has; nothing if the person has it.

    Effects: the error that said there was nobody to assign is resolved. Raises AlreadyDoneError,
    NotYoursError.
    """
    with one_transaction():
        fresh = _unfinished(task)
        if fresh.assigned_to_id == by.pk:
            return
        if by.impersonating or fresh.assigned_to_id is not None or not may_execute(by, fresh):
            raise NotYoursError(fresh)
        _change(fresh, assigned_to=by, assigned_at=timezone.now())
        resolve_assignment(fresh)
        record(fresh.workflow_instance.ticket, TimelineKind.TASK_TAKEN, task=fresh, by=by)


def give_back_task(task: TaskInstance, *, by: CustomUser) -> None:
    """Have the task no more: nobody has it then. Raises AlreadyDoneError, NotYoursError."""
    with one_transaction():
        fresh = _unfinished(task)
        if fresh.assigned_to_id != by.pk:
            raise NotYoursError(fresh)
        _change(fresh, assigned_to=None, assigned_at=None)
        record(fresh.workflow_instance.ticket, TimelineKind.TASK_GIVEN_BACK, task=fresh, by=by)


def withdraw_ticket(ticket: TicketInstance, *, reason: str, by: CustomUser) -> None:
    """End a ticket that one submitted: the workflow and its unfinished tasks are cancelled.

    Raises NotAllowedError, and WrongStatusError if it has ended.
    """
    with one_transaction():
        run = lock_run(ticket.workflow_instance_id)
        if not submitted(by, ticket):
            raise NotAllowedError
        end_by_hand(run, kind=TimelineKind.WITHDRAWN, reason=reason, by=by)


def comment(ticket: TicketInstance, *, text: str, by: CustomUser) -> Comment:
    """Say something about a ticket. Raises NotAllowedError for who may not see it."""
    with one_transaction():
        if not may_see_ticket(by, ticket):
            raise NotAllowedError
        if not text.strip():
            raise NotAllowedError(_("A comment needs some text."))
        return Comment.objects.create(ticket=ticket, text=text.strip(), **by.as_author())


def _unfinished(task: TaskInstance) -> TaskInstance:
    """The form as it stands now, its workflow locked; raises AlreadyDoneError and NotAllowedError."""
    fresh = lock_task(task)
    if fresh.is_finished:
        raise AlreadyDoneError(fresh)
    if fresh.task_definition.task_type != TaskType.FORM:
        raise NotAllowedError
    return fresh


def _change(task: TaskInstance, **values: Any) -> None:
    """Change a row whose workflow is locked; compare-and-set all the same, as the last line of defence."""
    rows = TaskInstance.objects.filter(pk=task.pk, status=task.status, input_version=task.input_version)
    if rows.update(**values) != 1:
        raise AlreadyDoneError(task)


def end_by_hand(run: WorkflowInstance, *, kind: TimelineKind, reason: str, by: CustomUser) -> None:
    """Cancel a workflow that the caller has locked, and its unfinished tasks.

    Writes that still wait are recorded as too late. Raises WrongStatusError if it has ended.
    """
    if run.is_final:
        raise WrongStatusError(_("This ticket has ended already."))
    run.status, run.ended_at, run.waiting_modified = RunStatus.CANCELLED, timezone.now(), None
    run.save(update_fields=["status", "ended_at", "waiting_modified", "updated_at"])
    tasks = TaskInstance.objects.filter(workflow_instance=run, status__in=UNFINISHED_STATUSES)
    tasks.update(status=TaskStatus.CANCELLED)
    record(run.ticket, kind, by=by, reason=reason)
    if WorkflowWrite.objects.filter(workflow_instance=run, status=WriteStatus.WAITING).exists():
        apply_soon(run.pk)
