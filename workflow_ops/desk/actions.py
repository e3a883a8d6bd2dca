"""What ticket admins do: assign, restrict, cancel, hold, resume, edit, and see to errors.

Each function opens its transaction (or joins the view's), locks the workflow, checks the right
again and changes. Retrying is in `workflow_ops.desk.retries`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from users.models import CustomUser
from workflow_design.engine import Source, Write
from workflow_design.models import TaskType
from workflow_ops.access import may_administer, may_execute
from workflow_ops.engine.assignment import candidates
from workflow_ops.engine.errors import resolve_assignment
from workflow_ops.engine.run_rows import lock_assignment, lock_run, lock_task, one_transaction
from workflow_ops.engine.timeline import record
from workflow_ops.models import (
    ErrorStatus,
    RunStatus,
    TaskAllowedUser,
    TaskInstance,
    TaskStatus,
    TicketError,
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
    DataChangedError,
    NotAllowedError,
    WrongStatusError,
)
from workflow_ops.state_manager import apply_after_commit, store_write
from workflow_ops.work.submissions import end_by_hand

# --- Tasks ---------------------------------------------------------------------------


def assign_task(task: TaskInstance, *, to: CustomUser | None, by: CustomUser) -> None:
    """Give a form to somebody who may execute it, or to nobody.

    Effects: the error that said there was nobody to assign is resolved. Raises NotAllowedError
    and AlreadyDoneError.
    """
    with one_transaction():
        fresh = _lock_unfinished(task, by)
        if fresh.assigned_to_id == (to.pk if to else None):
            return
        if to is not None and not (
            to.is_active and to.company_id == fresh.company_id and may_execute(to, fresh)
        ):
            raise NotAllowedError(_("%(name)s may not do this task.") % {"name": to.get_full_name()})
        _assign(fresh, to, by)


def restrict_task(task: TaskInstance, *, people: Collection[CustomUser], by: CustomUser) -> None:
    """Let only these people do a form, of those who may execute it; none of them named: all who may.

    Effects: if whoever has the task is not among them, it goes to the next of them who could be
    given it, else to nobody. Raises NotAllowedError and AlreadyDoneError.
    """
    with one_transaction():
        fresh = _lock_unfinished(task, by)
        if any(person.company_id != fresh.company_id for person in people):
            raise NotAllowedError
        wanted = {person.pk for person in people}
        present = set(fresh.allowed_links.values_list("person_id", flat=True))
        fresh.allowed_links.exclude(person__in=wanted).delete()
        TaskAllowedUser.objects.bulk_create(
            TaskAllowedUser(task=fresh, person_id=pk) for pk in sorted(wanted - present)
        )
        if wanted and fresh.assigned_to_id not in wanted:
            lock_assignment()
            _assign(fresh, candidates(fresh).first(), by)


def cancel_task(task: TaskInstance, *, reason: str, by: CustomUser) -> None:
    """Cancel an unfinished task; whether the workflow has stalled is looked at as the transaction commits.

    Raises NotAllowedError and AlreadyDoneError.
    """
    with one_transaction():
        fresh = _lock_unfinished(task, by, forms_only=False)
        TaskInstance.objects.filter(pk=fresh.pk, status__in=UNFINISHED_STATUSES).update(
            status=TaskStatus.CANCELLED
        )
        record(fresh.workflow_instance.ticket, TimelineKind.TASK_CANCELLED, task=fresh, by=by, reason=reason)
        check = Write.retry((), source=Source.EDIT)
        store_write(fresh.workflow_instance, check, source=WriteSource.EDIT, task=fresh, by=by)


def _lock_unfinished(task: TaskInstance, by: CustomUser, *, forms_only: bool = True) -> TaskInstance:
    fresh = lock_task(task)
    if not may_administer(by, fresh.task_definition.workflow):
        raise NotAllowedError
    if fresh.is_finished:
        raise AlreadyDoneError(fresh)
    if forms_only and fresh.task_definition.task_type != TaskType.FORM:
        raise NotAllowedError
    return fresh


def _assign(task: TaskInstance, to: CustomUser | None, by: CustomUser) -> None:
    TaskInstance.objects.filter(pk=task.pk, status__in=UNFINISHED_STATUSES).update(
        assigned_to=to, assigned_at=timezone.now() if to else None
    )
    record(task.workflow_instance.ticket, TimelineKind.TASK_ASSIGNED, task=task, about=to, by=by)
    if to is not None:
        resolve_assignment(task)


# --- Workflows -----------------------------------------------------------------------


def hold_workflow(ticket: TicketInstance, *, reason: str, by: CustomUser) -> None:
    """Put a workflow in progress on hold: tasks can't be completed, other writes wait.

    Raises NotAllowedError and WrongStatusError.
    """
    with one_transaction():
        run = _lock(ticket, by)
        if run.status != RunStatus.IN_PROGRESS:
            raise WrongStatusError(_("Only a ticket in progress can be put on hold."))
        run.status, run.waiting_modified = RunStatus.ON_HOLD, []
        run.save(update_fields=["status", "waiting_modified", "updated_at"])
        record(run.ticket, TimelineKind.HELD, by=by, reason=reason)


def resume_workflow(ticket: TicketInstance, *, by: CustomUser) -> None:
    """End a hold: as the transaction commits, the steps that waited, then the queue in order.

    Raises NotAllowedError and WrongStatusError.
    """
    with one_transaction():
        run = _lock(ticket, by)
        waiting = WorkflowWrite.objects.filter(
            workflow_instance=run, status=WriteStatus.WAITING, source=WriteSource.RESUME
        )
        if run.status != RunStatus.ON_HOLD or waiting.exists():
            raise WrongStatusError(_("This ticket is not on hold."))
        write = Write.retry(run.waiting_modified or (), source=Source.EDIT)
        store_write(run, write, source=WriteSource.RESUME, by=by)


def cancel_workflow(ticket: TicketInstance, *, reason: str, by: CustomUser) -> None:
    """Cancel a workflow and its unfinished tasks. Raises NotAllowedError and WrongStatusError."""
    with one_transaction():
        end_by_hand(_lock(ticket, by), kind=TimelineKind.CANCELLED, reason=reason, by=by)


def edit_data(
    ticket: TicketInstance, *, values: Mapping[str, Any], by: CustomUser, expected_step: int | None = None
) -> bool:
    """Give fields of the workspace these values, an empty one empties it; fields not named stay.

    Only fields whose value differs count as modified. Returns whether any does. On hold the edit
    waits. Raises NotAllowedError, WrongStatusError, and DataChangedError if `expected_step` is given and
    the data is not that of this step any more, or is about to change.
    """
    with one_transaction():
        run = _lock(ticket, by)
        if run.is_final:
            raise WrongStatusError(_("This ticket has ended already."))
        if expected_step is not None:
            _refuse_outdated(run, expected_step)
        write = Write.by_edit(run.data, {**run.data, **values})
        if write.modified:
            store_write(run, write, source=WriteSource.EDIT, by=by)
        return bool(write.modified)


def _refuse_outdated(run: WorkflowInstance, expected_step: int) -> None:
    """Raises DataChangedError, also for what somebody has committed and nobody has applied yet."""
    waiting = 0
    if run.status != RunStatus.ON_HOLD:
        waiting = WorkflowWrite.objects.filter(workflow_instance=run, status=WriteStatus.WAITING).count()
    if waiting:
        apply_after_commit(run.pk)
    if waiting or run.step != expected_step:
        raise DataChangedError(run.step + waiting)


def _lock(ticket: TicketInstance, by: CustomUser) -> WorkflowInstance:
    run = lock_run(ticket.workflow_instance_id)
    if not may_administer(by, run.workflow):
        raise NotAllowedError
    return run


# --- Errors --------------------------------------------------------------------------


def review_error(error: TicketError, *, notes: str, by: CustomUser) -> None:
    """Somebody has looked at it. Raises NotAllowedError, and WrongStatusError if it is resolved."""
    _set_status(error, ErrorStatus.REVIEWED, notes, by)


def resolve_error(error: TicketError, *, notes: str, by: CustomUser) -> None:
    """It is done with, by whatever means; if it is so already, the notes change. Raises NotAllowedError."""
    _set_status(error, ErrorStatus.RESOLVED, notes, by)


def _set_status(error: TicketError, status: ErrorStatus, notes: str, by: CustomUser) -> None:
    with one_transaction():
        fresh = (
            TicketError.objects.select_for_update(of=("self",))
            .select_related("ticket__ticket_definition__workflow")
            .get(pk=error.pk)
        )
        if not may_administer(by, fresh.ticket.ticket_definition.workflow):
            raise NotAllowedError
        if fresh.error_status == ErrorStatus.RESOLVED and status != ErrorStatus.RESOLVED:
            raise WrongStatusError(_("This error is resolved already."))
        fresh.error_status, fresh.resolution_notes = status, notes
        fresh.save(update_fields=["error_status", "resolution_notes", "updated_at"])
