"""Actions of submitters and workers: submit, save, complete, send back, take, give back and withdraw.

Each function opens a transaction (or joins the view's), locks the workflow, repeats the checks under the
lock, and changes the rows. The effects of a new ticket or a completed task are applied after the commit
(`workflow_ops.state_manager`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from users.models import CustomUser
from workflow_design.access import may_administer_workflow
from workflow_design.definition.fields import without_empty
from workflow_design.engine import Source, Write
from workflow_design.models import TaskType, TicketDefinition, WorkflowStatus
from workflow_ops.access import may_complete, may_execute, may_submit, requested_or_entered, submitted
from workflow_ops.engine.approval import (
    answer_details,
    require_same_preparation,
    store_preparation,
    store_sent_back,
)
from workflow_ops.engine.errors import resolve_errors
from workflow_ops.engine.new_tickets import authors_of, find_ticket_of_form, insert_ticket
from workflow_ops.engine.run_rows import lock_run, one_transaction
from workflow_ops.engine.task_rows import lock_task, store_completed_form
from workflow_ops.engine.timeline import record
from workflow_ops.files import attach_files
from workflow_ops.models import (
    ErrorReason,
    RunStatus,
    TaskInstance,
    TaskStatus,
    TicketInstance,
    TimelineKind,
    WorkflowInstance,
    WorkflowWrite,
    WriteStatus,
)
from workflow_ops.models.tasks import UNFINISHED_STATUSES
from workflow_ops.refusals import (
    AlreadyDoneError,
    InputChangedError,
    NotAllowedError,
    NotPreparedError,
    NotYoursError,
    OnHoldError,
    RepeatedError,
)
from workflow_ops.state_manager import apply_after_commit
from workflow_ops.work.repeated import find_repeated
from workflow_ops.work.tools import refuse_status


def submit_ticket(
    definition: TicketDefinition,
    *,
    values: Mapping[str, Any],
    form_token: UUID,
    by: CustomUser,
    entered_by: CustomUser | None = None,
    file_ids: Collection[str] = (),
    may_repeat: bool = True,
    file_fields: Collection[str] = (),
) -> TicketInstance:
    """Create a ticket and return it. If the form is submitted twice, return the ticket of the first time.

    `values` are the cleaned values of the definition's fields; empty ones may be left out. `file_ids` are the
    uploaded files that they name, and `file_fields` the fields that take files. `by` is the requester;
    `entered_by` is the person who submits it for them, and must administer the workflow.

    Effects: the ticket gets a number, a workflow that has not started, and its files. The write that starts
    the workflow is applied after the commit.

    Raise NotAllowedError, also if the workflow takes no new tickets. Without `may_repeat`, raise
    RepeatedError if the person has just submitted the same with another form. Raise ValueError for a value
    that the form did not ask for.
    """
    with one_transaction():
        _require_right_to_submit(definition, by=by, entered_by=entered_by)
        actor = entered_by or by
        write = Write.by_form(definition.fields, values, source=Source.TICKET)
        insert = partial(
            insert_ticket, definition, write=write, form_token=form_token, by=by, entered_by=entered_by
        )
        ticket = insert(may_repeat=may_repeat, file_fields=file_fields)
        if ticket is None:
            existing = find_submitted_ticket(form_token, by=actor)
            if existing is not None:
                return existing
            authors = authors_of(by, entered_by)
            repeated = find_repeated(definition, write.values, file_fields=file_fields, authors=authors)
            if repeated is not None and not may_repeat:
                raise RepeatedError(repeated)
            ticket = insert()  # not a repetition, because the files differ
            if ticket is None:  # another person has used the token
                raise NotAllowedError
        if file_ids:
            attach_files(ticket, file_ids, by=actor)
        apply_after_commit(ticket.workflow_instance_id)
        return ticket


def _require_right_to_submit(
    definition: TicketDefinition, *, by: CustomUser, entered_by: CustomUser | None
) -> None:
    if definition.workflow.status != WorkflowStatus.ACTIVE or not may_submit(by, definition):
        raise NotAllowedError
    if entered_by is not None and not may_administer_workflow(entered_by, definition.workflow):
        raise NotAllowedError


def find_submitted_ticket(form_token: UUID, *, by: CustomUser) -> TicketInstance | None:
    """Return the ticket that the person submitted with this form, perhaps for another, or None.

    Effects: writes of the ticket that still wait, because a process died, are applied after the commit.
    """
    existing = find_ticket_of_form(form_token)
    if existing is None or not requested_or_entered(by, existing):
        return None
    apply_after_commit(existing.workflow_instance_id)
    return existing


def complete_task(
    task: TaskInstance,
    *,
    values: Mapping[str, Any],
    input_version: int,
    by: CustomUser,
    file_ids: Collection[str] = (),
    note: str = "",
    prepared: str | None = None,
) -> bool:
    """Complete a form. Its output is written to the workspace after the commit.

    `input_version` is the version of the task's input with which the form was opened, and `file_ids` are the
    uploaded files that the values name. A `note` says how a program came to its answer. `prepared` is the id
    of the prepared answer when the form was opened (`prepared_id`); None skips this check.

    If the task needs approval and `by` acts through a token, the answer is only prepared: return False; raise
    WrongStatusError while the answer of another waits. Raise AlreadyDoneError, OnHoldError, NotYoursError,
    InputChangedError or PreparationChangedError. Raise ValueError for a value that the form did not ask for.
    """
    with one_transaction():
        fresh = _lock_unfinished_form(task)
        if fresh.workflow_instance.status == RunStatus.ON_HOLD:
            raise OnHoldError
        if not may_complete(by, fresh):
            raise NotYoursError(fresh)
        # The answers may not fit the new input: refuse once, and let the person see it.
        if fresh.input_version != input_version:
            raise InputChangedError(fresh)
        require_same_preparation(fresh, prepared)
        write = Write.by_form(fresh.task_definition.output_fields, values)
        is_done = by.token is None or not fresh.task_definition.needs_approval
        if not is_done:
            store_preparation(fresh, write, by=by, note=note)
        elif not store_completed_form(fresh, write, by=by, **answer_details(fresh, write, note)):
            raise AlreadyDoneError(fresh)
        if file_ids:
            attach_files(fresh.workflow_instance.ticket, file_ids, by=by)
        if is_done:
            apply_after_commit(fresh.workflow_instance_id)
        return is_done


def save_draft(
    task: TaskInstance,
    *,
    values: Mapping[str, Any],
    by: CustomUser,
    file_ids: Collection[str] = (),
    prepared: str | None = None,
) -> None:
    """Save a draft of the form, with the uploaded files that it names; the task becomes IN_PROGRESS.

    `prepared` is as in `complete_task`. Raise AlreadyDoneError, NotYoursError or PreparationChangedError.
    Raise NotAllowedError if the task needs approval and `by` acts through a token.
    """
    with one_transaction():
        fresh = _lock_unfinished_form(task)
        if not may_complete(by, fresh):
            raise NotYoursError(fresh)
        # People, and the timeline, would mistake a program's draft for their own, or for a prepared answer.
        if by.token is not None and fresh.task_definition.needs_approval:
            raise NotAllowedError(_("This task needs approval. Complete it: a person confirms your answer."))
        require_same_preparation(fresh, prepared)
        if file_ids:
            attach_files(fresh.workflow_instance.ticket, file_ids, by=by)
        _change(
            fresh,
            status=TaskStatus.IN_PROGRESS,
            draft=without_empty(values),
            started_at=fresh.started_at or timezone.now(),
        )


def send_back_task(task: TaskInstance, *, by: CustomUser, reason: str, prepared: str | None = None) -> None:
    """Send a prepared answer back to its program, so that it answers again. Only people in the browser may.

    `prepared` is as in `complete_task`. Raise AlreadyDoneError, NotYoursError, PreparationChangedError,
    NotPreparedError or NotAllowedError.
    """
    with one_transaction():
        fresh = _lock_unfinished_form(task)
        if by.token is not None:
            raise NotAllowedError
        if not may_complete(by, fresh):
            raise NotYoursError(fresh)
        require_same_preparation(fresh, prepared)
        if not fresh.is_prepared:
            raise NotPreparedError(fresh)
        store_sent_back(fresh, by=by, reason=reason)


def take_task(task: TaskInstance, *, by: CustomUser) -> None:
    """Assign an unassigned task to the person. Do nothing if the person is the assignee already.

    Effects: assignment errors of the task are resolved. Raise AlreadyDoneError or NotYoursError.
    """
    with one_transaction():
        fresh = _lock_unfinished_form(task)
        if fresh.assigned_to_id == by.pk:
            return
        # Staff in a company can't be assignees: they are not people of that company.
        if by.impersonating or fresh.assigned_to_id is not None or not may_execute(by, fresh):
            raise NotYoursError(fresh)
        _change(fresh, assigned_to=by, assigned_at=timezone.now())
        resolve_errors(ErrorReason.ASSIGNMENT, task=fresh)
        record(fresh.workflow_instance.ticket, TimelineKind.TASK_TAKEN, task=fresh, by=by)


def give_back_task(task: TaskInstance, *, by: CustomUser, reason: str = "") -> None:
    """Make the person's task unassigned again, for a reason. Raise AlreadyDoneError or NotYoursError."""
    with one_transaction():
        fresh = _lock_unfinished_form(task)
        if fresh.assigned_to_id != by.pk:
            raise NotYoursError(fresh)
        _change(fresh, assigned_to=None, assigned_at=None)
        record(fresh.workflow_instance.ticket, TimelineKind.TASK_GIVEN_BACK, task=fresh, by=by, reason=reason)


def withdraw_ticket(ticket: TicketInstance, *, reason: str, by: CustomUser) -> None:
    """End a ticket that the person submitted: cancel its workflow and the unfinished tasks.

    Raise NotAllowedError if another person submitted it, and WrongStatusError if it has ended.
    """
    with one_transaction():
        run = lock_run(ticket.workflow_instance_id)
        if not submitted(by, ticket):
            raise NotAllowedError
        end_by_hand(run, kind=TimelineKind.WITHDRAWN, reason=reason, by=by)


def _lock_unfinished_form(task: TaskInstance) -> TaskInstance:
    """Lock the task's workflow and return the current row of the task.

    Raise AlreadyDoneError if it is finished, and NotAllowedError if it is not a form.
    """
    fresh = lock_task(task)
    if fresh.is_finished:
        raise AlreadyDoneError(fresh)
    if fresh.task_definition.task_type != TaskType.FORM:
        raise NotAllowedError
    return fresh


def _change(task: TaskInstance, **values: Any) -> None:
    """Update a task whose workflow is locked.

    The row's state is checked nevertheless, as a defence against code that forgets the lock.
    """
    rows = TaskInstance.objects.filter(pk=task.pk, status=task.status, input_version=task.input_version)
    if rows.update(**values) != 1:
        raise AlreadyDoneError(task)


def end_by_hand(run: WorkflowInstance, *, kind: TimelineKind, reason: str, by: CustomUser) -> None:
    """Cancel a workflow that the caller has locked, and its unfinished tasks.

    Writes that still wait are recorded as too late. Raise WrongStatusError if it has ended.
    """
    refuse_status(run, "manage_ticket_cancel")
    run.status, run.ended_at, run.waiting_modified = RunStatus.CANCELLED, timezone.now(), None
    run.save(update_fields=["status", "ended_at", "waiting_modified", "updated_at"])
    tasks = TaskInstance.objects.filter(workflow_instance=run, status__in=UNFINISHED_STATUSES)
    tasks.update(status=TaskStatus.CANCELLED)
    resolve_errors(ErrorReason.ACTION, ticket=run.ticket)
    record(run.ticket, kind, by=by, reason=reason)
    # Applying a write to an ended workflow records it as too late.
    if WorkflowWrite.objects.filter(workflow_instance=run, status=WriteStatus.WAITING).exists():
        apply_after_commit(run.pk)
