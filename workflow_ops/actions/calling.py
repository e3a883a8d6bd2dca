"""One try of an action: what is sent and what becomes of it (`docs/engine.md`, "Actions").

A try has two transactions, with the call between them, so that nothing is locked while another system works:

1. `_begin` checks whether the task still needs this try, and records the call as running.
2. `_finish` records its result. The answer becomes a write, if the task still waits for it.

A worker may die at any point. Its job is then run again: a call that was in progress is repeated with the
same idempotency key, and an answer that was stored is applied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from ticketflower.outgoing.call import Answer, CallFailedError
from workflow_design.definition.workflow import TaskType
from workflow_design.engine.answers import AnswerRefusedError
from workflow_design.models import Connection
from workflow_ops.actions.answers import read_answer, store_answer
from workflow_ops.actions.connections.pausing import is_name_paused, is_paused, pause_if_all_fail
from workflow_ops.actions.messages import EmailRequest, PostponedError
from workflow_ops.actions.requests import ActionRequest, RequestError, build_request
from workflow_ops.actions.secrets import ConnectionUnusableError, find_connection
from workflow_ops.actions.tries import MAX_TRIES, pause_after
from workflow_ops.engine.call_rows import store_result, store_start
from workflow_ops.engine.calls import build_job, definition_of, enqueue, enqueue_later_try, enqueue_tries
from workflow_ops.engine.errors import error_event, storable_text
from workflow_ops.engine.task_rows import lock_task_by_id
from workflow_ops.models import (
    ActionCall,
    CallOutcome,
    ErrorReason,
    ErrorStatus,
    ErrorType,
    TaskInstance,
    TaskStatus,
    TicketError,
)
from workflow_ops.state_manager import WorkflowStateManager

MAX_INTERRUPTIONS: Final = 8
"""After the worker died this many times, the call is given up: it may be what kills the workers."""
ANSWER_SECONDS: Final = 7 * 24 * 3600
"""Default time to wait for a callback."""

CALLS_AT_ONCE: Final = 8
_PLACES: Final = BoundedSemaphore(CALLS_AT_ONCE)
"""Limits simultaneous calls. A worker runs more jobs than this, so some store results while others call."""

_CALLED: Final = (TaskStatus.PENDING, TaskStatus.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class Try:
    """A try that has begun, with its call recorded as running."""

    task_id: int
    input_version: int
    due: datetime
    call_id: int
    connection: Connection | None
    request: ActionRequest | EmailRequest


def call_action(task_id: int, *, due: datetime, interruptions: int) -> None:
    """Make the try of an action that was due at this time, unless the task no longer needs it.

    Effects: see `docs/engine.md`, "Actions". `interruptions` is how often this job was started before.
    """
    with _PLACES:
        with transaction.atomic():
            task = lock_task_by_id(task_id)  # None if its company was deleted
            begun = _begin(task, due, interruptions) if task else None
        answer = _send(begun.request) if begun else None
    if begun is not None and answer is not None:
        task = _finish(begun, answer)
    if task is None or task.status != TaskStatus.COMPLETED:
        return
    if begun is not None:  # the answer is applied in a transaction of its own
        WorkflowStateManager(task.workflow_instance_id).apply_waiting()
    elif interruptions:
        # A worker stored the answer and died, maybe while applying it. So a job applies it, which counts
        # attempts.
        with transaction.atomic():
            job = app.configure_task("workflow_ops.jobs.apply_writes")
            job.defer(company_id=task.company_id, workflow_instance_id=task.workflow_instance_id)


# --- Before the call --------------------------------------------------------------------


def _begin(task: TaskInstance, due: datetime, interruptions: int) -> Try | None:
    """Record that a locked task is being called. Return None if there is nothing to send."""
    is_current = _waits_for(task, due)
    # A newer try may be running by now, if this worker was wrongly considered dead.
    if interruptions and (is_current or task.status != TaskStatus.IN_PROGRESS):
        running = ActionCall.objects.filter(task=task, outcome=CallOutcome.RUNNING)
        running.update(outcome=CallOutcome.INTERRUPTED, finished_at=timezone.now())
    if not is_current:
        return None
    if interruptions >= MAX_INTERRUPTIONS:
        fail_action(task, _("The call was interrupted %(number)d times.") % {"number": interruptions})
        return None
    try:
        connection = _connection(task)
        if connection is not None and is_paused(connection):
            _wait_for_resume(task)
            return None
        request = build_request(task, connection)
    except (ConnectionUnusableError, RequestError) as error:
        fail_action(task, str(error))
        return None
    call_id = _record_start(task, connection, request)
    return Try(task.pk, task.input_version, due, call_id, connection, request)


def _waits_for(task: TaskInstance, due: datetime) -> bool:
    """Return whether this is the task's current try."""
    return task.status in _CALLED and task.next_call_at == due


def _connection(task: TaskInstance) -> Connection | None:
    file = definition_of(task)
    if not file.connection_name:
        return None
    return find_connection(file.connection_name, for_message=not file.connection)


def _record_start(
    task: TaskInstance, connection: Connection | None, request: ActionRequest | EmailRequest
) -> int:
    file, until = definition_of(task), task.answer_until
    if file.task_type == TaskType.ASYNC_ACTION and until is None:
        until = timezone.now() + timedelta(seconds=file.timeout_seconds or ANSWER_SECONDS)
        enqueue(build_job("answer_overdue", task, at=until, until=until.isoformat()))
    connection_id = connection.pk if connection else None
    return store_start(task, until=until, connection_id=connection_id, request=request.logged)


# --- The call ---------------------------------------------------------------------------


def _send(request: ActionRequest | EmailRequest) -> Answer | CallFailedError:
    try:
        return request.send()
    except CallFailedError as error:
        return error


# --- After the call ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Result:
    """The result of a call. `values` are the task's output, if the answer contains it."""

    outcome: CallOutcome
    error: str = ""
    values: Mapping[str, Any] | None = None


def _finish(begun: Try, answer: Answer | CallFailedError) -> TaskInstance | None:
    """Record the result of a call, and change the task if it still waits for that. Return the task."""
    with transaction.atomic():
        task = lock_task_by_id(begun.task_id)
        if task is None:
            return None
        counts = task.status == TaskStatus.IN_PROGRESS and task.next_call_at == begun.due
        result = _judge(task, begun, answer, counts=counts)
        # Another worker considered this one dead and repeated the call: that result counts.
        if _store_result(begun, answer, result) and counts:
            _follow(task, begun, answer, result)
        return task


def _judge(task: TaskInstance, begun: Try, answer: Answer | CallFailedError, *, counts: bool) -> _Result:
    if isinstance(answer, CallFailedError):
        return _Result(CallOutcome.FAILED, answer.message)
    if definition_of(task).task_type == TaskType.ASYNC_ACTION:
        is_current = task.input_version == begun.input_version
        return _Result(CallOutcome.ACCEPTED if is_current else CallOutcome.OUTDATED)
    if not counts:
        return _Result(CallOutcome.OUTDATED)
    try:
        return _Result(CallOutcome.ANSWERED, values=read_answer(task, answer.status, answer.body))
    except AnswerRefusedError as error:
        return _Result(CallOutcome.FAILED, begun.request.black_out(error.message))


def _store_result(begun: Try, answer: Answer | CallFailedError, result: _Result) -> bool:
    """Record the result of a running call. Return False if the call was marked as interrupted."""
    return store_result(
        begun.call_id,
        outcome=result.outcome,
        status=answer.status,
        response=begun.request.logged_answer(answer.body),
        error=result.error,
    )


def _follow(task: TaskInstance, begun: Try, answer: Answer | CallFailedError, result: _Result) -> None:
    """Change the locked task for which a call was made, according to the result."""
    called = begun.connection.name if begun.connection else begun.request.host
    words = {"called": called, "why": result.error}
    # An e-mail that has to wait for tomorrow does not count as a failed try.
    tries = task.tries if isinstance(answer, PostponedError) else task.tries + 1
    if result.values is not None:
        store_answer(task, result.values, applies=False)
    elif result.outcome == CallOutcome.ACCEPTED:
        _change(task, status=TaskStatus.PENDING, next_call_at=None)
    elif begun.connection is not None and pause_if_all_fail(begun.connection.pk):
        _wait_for_resume(task)
    elif not isinstance(answer, CallFailedError):
        fail_action(task, _("The answer of %(called)s can't be used. %(why)s") % words)
    elif answer.is_temporary and tries < MAX_TRIES:
        due = timezone.now() + timedelta(seconds=pause_after(answer, earlier=task.tries))
        _change(task, status=TaskStatus.PENDING, tries=tries, next_call_at=due)
        enqueue_later_try(task)
    elif task.tries:
        text = _("The call to %(called)s failed %(number)d times, at last with this: %(why)s")
        fail_action(task, text % {**words, "number": task.tries + 1})
    else:
        fail_action(task, _("The call to %(called)s failed. %(why)s") % words)


def _wait_for_resume(task: TaskInstance) -> None:
    """Let a task wait, without a job, until its connection is resumed. This does not count as a try."""
    _change(task, status=TaskStatus.PENDING, answer_until=None)


def _change(task: TaskInstance, **values: Any) -> None:
    for name, value in values.items():
        setattr(task, name, value)
    TaskInstance.objects.filter(pk=task.pk).update(**values)


# --- Failures for good -------------------------------------------------------------------


def fail_action(task: TaskInstance, message: str) -> None:
    """Give up a locked action, and store a ticket error that says why or update the one that it has."""
    _change(task, status=TaskStatus.ERROR, next_call_at=None)
    ticket = task.workflow_instance.ticket
    open_errors = TicketError.objects.filter(task=task, reason=ErrorReason.ACTION).exclude(
        error_status=ErrorStatus.RESOLVED
    )
    error = open_errors.first() or TicketError(
        ticket=ticket, task=task, error_type=ErrorType.TASK_UPDATE, reason=ErrorReason.ACTION
    )
    error.error_message, error.error_status = storable_text(message), ErrorStatus.NEW
    error.save()
    error_event(error).save()


def give_up_waiting(task_id: int, *, until: datetime) -> None:
    """Give up an action whose callback has not arrived in time, unless it waits for another callback by now.

    If its connection is paused, let it wait for its next try instead, which starts the time again.
    """
    with transaction.atomic():
        task = lock_task_by_id(task_id)
        if task is None or task.status not in _CALLED or task.answer_until != until:
            return
        if task.next_call_at is not None and is_name_paused(definition_of(task).connection_name):
            _wait_for_resume(task)
        else:
            fail_action(task, _("The other system was called, but did not answer in time."))


def enqueue_due_try(task_id: int, *, due: datetime) -> None:
    """Enqueue the try of an action that was due at this time, unless the task no longer needs it."""
    with transaction.atomic():
        task = TaskInstance.objects.select_related("workflow_instance").filter(pk=task_id).first()
        if task is not None and _waits_for(task, due):
            enqueue_tries([task])
