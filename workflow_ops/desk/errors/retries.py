"""Retries of exactly what failed (`docs/engine.md`, "Errors")."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from users.models import CustomUser
from workflow_design.access import may_administer_workflow
from workflow_design.definition.workflow import Kind
from workflow_design.engine import Source, Write
from workflow_ops.actions.by_hand import start_again
from workflow_ops.engine.assignment import Assignment, candidates, choose_assignees
from workflow_ops.engine.cached_rules import get_rules
from workflow_ops.engine.ineligible import tasks_with_ineligible_assignee
from workflow_ops.engine.run_rows import lock_assignment, lock_run, one_transaction
from workflow_ops.engine.timeline import record
from workflow_ops.models import (
    ErrorReason,
    ErrorStatus,
    TaskAllowedUser,
    TaskInstance,
    TicketError,
    TimelineKind,
    WorkflowInstance,
    WorkflowWrite,
    WriteSource,
    WriteStatus,
)
from workflow_ops.models.tasks import UNFINISHED_STATUSES
from workflow_ops.refusals import NotAllowedError, WrongStatusError
from workflow_ops.state_manager import apply_after_commit, store_write
from workflow_ops.work.tools import refuse_status


def retry_error(error: TicketError, *, by: CustomUser, note: str = "") -> None:
    """Retry what failed, with the same modified fields and the current data.

    An assignment is retried immediately, a call by its job, everything else after the commit. Effects: the
    error is resolved on success, otherwise it gets the result of the retry. Raise NotAllowedError. Raise
    AlreadyDoneError or WrongStatusError if the error is resolved, the workflow has ended, or there is nothing
    to retry.
    """
    with one_transaction():
        run = lock_run(error.ticket.workflow_instance_id)
        fresh = (
            TicketError.objects.select_for_update(of=("self",))
            .select_related("write", "task")
            .get(pk=error.pk)
        )
        if not may_administer_workflow(by, run.workflow):
            raise NotAllowedError
        if fresh.error_status == ErrorStatus.RESOLVED:
            raise WrongStatusError(_("This error is already resolved."))
        refuse_status(run, "manage_error_retry")
        if fresh.reason == ErrorReason.ASSIGNMENT:
            _assign_again(fresh, run, by)
        elif fresh.reason == ErrorReason.CIRCLE:
            raise WrongStatusError(_("Resume the ticket to continue; nothing else failed."))
        elif fresh.reason == ErrorReason.ACTION:
            assert fresh.task is not None
            fresh.task.workflow_instance = run
            start_again(fresh.task)
        elif fresh.reason in {ErrorReason.EXCEPTION, ErrorReason.MISFIT}:
            _apply_again(fresh, run)
        else:
            _decide_again(fresh, run, by)
        record(run.ticket, TimelineKind.RETRIED, task=fresh.task, by=by, reason=note)


def _apply_again(error: TicketError, run: WorkflowInstance) -> None:
    """Apply the whole write again in the name of the same person, without fields written since."""
    write = error.write
    if write is None or write.status != WriteStatus.FAILED:
        raise WrongStatusError(_("There is nothing to retry."))
    # The engine resolves this error if the write succeeds.
    write.content["retries"] = error.pk
    rows = WorkflowWrite.objects.filter(pk=write.pk, status=WriteStatus.FAILED)
    rows.update(status=WriteStatus.WAITING, content=write.content)
    apply_after_commit(run.pk)


def _decide_again(error: TicketError, run: WorkflowInstance, by: CustomUser) -> None:
    """Evaluate the definition that failed, or after a stall, all definitions that read the fields."""
    waiting = WorkflowWrite.objects.filter(workflow_instance=run, status=WriteStatus.WAITING)
    if waiting.filter(content__retries=error.pk).exists():
        raise WrongStatusError(_("This is already being retried."))
    only = None
    # After a stall there is no single definition that failed.
    if error.definition_key:
        only = [(Kind(error.definition_kind), error.definition_key)]
    write = Write.retry(error.modified_fields, source=Source.EDIT, only=only)
    store_write(run, write, source=WriteSource.EDIT, task=error.task, retries=error, by=by)


def _assign_again(error: TicketError, run: WorkflowInstance, by: CustomUser) -> None:
    """Choose an assignee again, or update the error's message."""
    task = error.task
    assert task is not None
    task = TaskInstance.objects.select_related("task_definition").get(pk=task.pk)
    task.workflow_instance = run
    # An admin may have assigned the task in the meantime.
    has_assignee = task.assigned_to_id is not None
    is_stuck = (
        has_assignee and tasks_with_ineligible_assignee(TaskInstance.objects.filter(pk=task.pk)).exists()
    )
    if task.is_finished or (has_assignee and not is_stuck):
        _settle(error, Assignment(person_id=task.assigned_to_id))
        return
    given = _choose_again(task, run)
    if given.person_id is not None:
        TaskInstance.objects.filter(pk=task.pk, status__in=UNFINISHED_STATUSES).update(
            assigned_to=given.person_id, assigned_at=timezone.now()
        )
        person = CustomUser.objects.get(pk=given.person_id)
        record(run.ticket, TimelineKind.TASK_ASSIGNED, task=task, about=person, by=by)
    # A person named by a field is the only one who may do the task.
    if given.is_named and given.person_id is not None:
        TaskAllowedUser.objects.create(task=task, person_id=given.person_id)
    _settle(error, given)


def _choose_again(task: TaskInstance, run: WorkflowInstance) -> Assignment:
    # The field may name a service account whose answer waits to be confirmed or was sent back too often.
    if task.allowed_links.exists() or not task.is_open_to_programs:
        lock_assignment()  # so that two assignments at once see each other's workload
        person = candidates(task).first()
        problem = _("Nobody could be assigned to this task.")
        return Assignment(person.pk) if person else Assignment(problem=problem)
    key = str(task.task_definition_id)
    rules = get_rules(run.workflow_id).assignment
    return choose_assignees(rules, [key], ticket=run.ticket, workspace=run.data)[key]


def _settle(error: TicketError, given: Assignment) -> None:
    if given.problem:
        error.error_message, error.error_status = given.problem, ErrorStatus.NEW
    else:
        error.error_status = ErrorStatus.RESOLVED
    error.save(update_fields=["error_message", "error_status", "updated_at"])
