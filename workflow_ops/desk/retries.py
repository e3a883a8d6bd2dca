"""Trying again exactly what failed (`docs/engine.md`, "Errors")."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from users.models import CustomUser
from workflow_design.definition.workflow import Kind
from workflow_design.engine import Source, Write
from workflow_ops.access import may_administer
from workflow_ops.engine.assignment import Assignment, candidates, choose_assignees
from workflow_ops.engine.cached_rules import get_rules
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
from workflow_ops.state_manager import apply_soon, store_write


def retry_error(error: TicketError, *, by: CustomUser) -> bool | None:
    """Do again what failed, with the same modified fields and the data of now.

    A choice of whom to give a task is made at once, and returned is whether it worked; all else is
    done as the transaction commits, and nothing is returned. Effects: the error is resolved if it
    succeeds, else it says what happened this time. Raises NotAllowedError, and WrongStatusError if
    it is resolved, or the workflow has ended, or nothing can be tried again.
    """
    worked = None
    with one_transaction():
        run = lock_run(error.ticket.workflow_instance_id)
        fresh = (
            TicketError.objects.select_for_update(of=("self",))
            .select_related("write", "task")
            .get(pk=error.pk)
        )
        if not may_administer(by, run.workflow):
            raise NotAllowedError
        if fresh.error_status == ErrorStatus.RESOLVED:
            raise WrongStatusError(_("This error is resolved already."))
        if run.is_final:
            raise WrongStatusError(_("This ticket has ended already."))
        if fresh.reason == ErrorReason.ASSIGNMENT:
            worked = _assign_again(fresh, run)
        elif fresh.reason == ErrorReason.CIRCLE:
            raise WrongStatusError(_("Resume the ticket to let it go on; nothing else failed."))
        elif fresh.reason == ErrorReason.EXCEPTION:
            _apply_again(fresh, run)
        else:
            _decide_again(fresh, run, by)
        record(run.ticket, TimelineKind.RETRIED, task=fresh.task, by=by)
    return worked


def _apply_again(error: TicketError, run: WorkflowInstance) -> None:
    """The whole write, which is still the person's own; without the fields that were written since."""
    write = error.write
    if write is None or write.status != WriteStatus.FAILED:
        raise WrongStatusError(_("There is nothing that could be tried again."))
    write.content["retries"] = error.pk
    rows = WorkflowWrite.objects.filter(pk=write.pk, status=WriteStatus.FAILED)
    rows.update(status=WriteStatus.WAITING, content=write.content)
    apply_soon(run.pk)


def _decide_again(error: TicketError, run: WorkflowInstance, by: CustomUser) -> None:
    """The one definition that failed, or, after a stall, all that the fields concern."""
    waiting = WorkflowWrite.objects.filter(workflow_instance=run, status=WriteStatus.WAITING)
    if waiting.filter(content__retries=error.pk).exists():
        raise WrongStatusError(_("This is being tried again already."))
    only = None
    if error.definition_key:
        only = [(Kind(error.definition_kind), error.definition_key)]
    write = Write.retry(error.modified_fields, source=Source.EDIT, only=only)
    store_write(run, write, source=WriteSource.EDIT, task=error.task, retries=error, by=by)


def _assign_again(error: TicketError, run: WorkflowInstance) -> bool:
    """At once. If there is still nobody, the error says so. Returns whether there is somebody."""
    task = error.task
    assert task is not None
    task = TaskInstance.objects.select_related("task_definition").get(pk=task.pk)
    task.workflow_instance = run
    if task.is_finished or task.assigned_to_id is not None:
        return _settle(error, Assignment(person_id=task.assigned_to_id))
    given = _choose_again(task, run)
    if given.person_id is not None:
        TaskInstance.objects.filter(pk=task.pk, status__in=UNFINISHED_STATUSES).update(
            assigned_to=given.person_id, assigned_at=timezone.now()
        )
    if given.is_named and given.person_id is not None:
        TaskAllowedUser.objects.create(task=task, person_id=given.person_id)
    return _settle(error, given)


def _choose_again(task: TaskInstance, run: WorkflowInstance) -> Assignment:
    if task.allowed_links.exists():
        lock_assignment()
        person = candidates(task).first()
        return Assignment(person.pk) if person else Assignment(problem=_("Nobody could be assigned."))
    key = str(task.task_definition_id)
    rules = get_rules(run.workflow_id).assignment
    return choose_assignees(rules, [key], ticket=run.ticket, workspace=run.data)[key]


def _settle(error: TicketError, given: Assignment) -> bool:
    if given.problem:
        error.error_message, error.error_status = given.problem, ErrorStatus.NEW
    else:
        error.error_status = ErrorStatus.RESOLVED
    error.save(update_fields=["error_message", "error_status", "updated_at"])
    return not given.problem
