"""Functions of ticket admins that call an action again or fill in its answer (`docs/engine.md`, "Actions").

Each function opens a transaction (or joins the view's), locks the workflow, checks the permission again and
makes the change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from users.models import CustomUser
from workflow_design.access import may_administer_workflow
from workflow_design.engine import Write
from workflow_design.models import TaskType
from workflow_ops.actions.answers import complete_action
from workflow_ops.engine.calls import call_again
from workflow_ops.engine.run_rows import one_transaction
from workflow_ops.engine.task_rows import lock_task
from workflow_ops.engine.timeline import record
from workflow_ops.models import TaskInstance, TaskStatus, TimelineKind
from workflow_ops.refusals import AlreadyDoneError, InputChangedError, NotAllowedError, WrongStatusError


def retry_action(task: TaskInstance, *, by: CustomUser, note: str = "") -> None:
    """Call again, now and from the first try, an action that failed or waits for its next try.

    Effects: the error of the call stays until an answer is accepted. Raise NotAllowedError, AlreadyDoneError,
    or WrongStatusError if the other system is being called now, or was called and has yet to answer.
    """
    with one_transaction():
        fresh = _lock_action(task, by)
        start_again(fresh)
        record(fresh.workflow_instance.ticket, TimelineKind.RETRIED, task=fresh, by=by, reason=note)


def start_again(task: TaskInstance) -> None:
    """Call an action of a locked workflow again. Raise AlreadyDoneError or WrongStatusError."""
    if task.is_finished:
        raise AlreadyDoneError(task)
    if task.status == TaskStatus.IN_PROGRESS:
        raise WrongStatusError(_("The other system is being called at this moment."))
    if task.status == TaskStatus.PENDING and task.next_call_at is None:
        raise WrongStatusError(_("The other system has been called, and its answer has not come yet."))
    call_again([task])


def fill_in_by_hand(
    task: TaskInstance, *, values: Mapping[str, Any], input_version: int, by: CustomUser
) -> None:
    """Complete an unfinished action in place of the other system, with cleaned values of its output fields.

    Effects: as with a form, blank fields are emptied; on hold, the write waits for the resume. An answer that
    arrives later is ignored. Errors of the call are resolved. `input_version` is the version of the task's
    input with which the form was opened. Raise NotAllowedError, AlreadyDoneError or InputChangedError. Raise
    ValueError for a value of another field.
    """
    with one_transaction():
        fresh = _lock_action(task, by)
        if fresh.input_version != input_version:
            raise InputChangedError(fresh)
        write = Write.by_form(fresh.task_definition.output_fields, values)
        if not complete_action(fresh, write, by=by):
            raise AlreadyDoneError(fresh)


def _lock_action(task: TaskInstance, by: CustomUser) -> TaskInstance:
    fresh = lock_task(task)
    definition = fresh.task_definition
    if not may_administer_workflow(by, definition.workflow) or definition.task_type == TaskType.FORM:
        raise NotAllowedError
    if fresh.is_finished:
        raise AlreadyDoneError(fresh)
    return fresh
