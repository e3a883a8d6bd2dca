"""Ticket errors, which ticket admins see and retry (`docs/engine.md`, "Errors")."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from workflow_design.definition.problems import Problem
from workflow_design.definition.workflow import Kind
from workflow_design.engine import Evaluation
from workflow_ops.models import (
    ErrorReason,
    ErrorStatus,
    ErrorType,
    TaskInstance,
    TicketError,
    TimelineEvent,
    TimelineKind,
    WorkflowWrite,
)


class DataMisfitError(Exception):
    """The values of a write do not fit the fields of the workflow."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__(" ".join(f"{each.pointer.removeprefix('/')}: {each.message}" for each in problems))


class TaskCreationError(Exception):
    """A task of a write could not be created. To find out which one, create each in its own savepoint."""


class TaskUpdateError(Exception):
    """The new state of existing tasks could not be stored; the exception's cause says why."""

    def __init__(self, tasks: Sequence[TaskInstance], titles: Sequence[str]) -> None:
        super().__init__(", ".join(titles))
        self.task_id = tasks[0].pk if len(tasks) == 1 else None


def storable_text(text: str) -> str:
    """Return the text without characters that PostgreSQL can't store."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def format_trace(error: BaseException) -> str:
    """Return the stack trace as text."""
    return storable_text("".join(traceback.format_exception(error)))


def format_message(error: BaseException) -> str:
    """Return the error's message, with the exception's type unless it is one of ours."""
    if isinstance(error, TaskUpdateError) and error.__cause__ is not None:
        return f"{storable_text(str(error))}: {format_message(error.__cause__)}"
    text = str(error) if isinstance(error, DataMisfitError) else f"{type(error).__name__}: {error}"
    return storable_text(text)


def condition_error(failure: Evaluation, write: WorkflowWrite, modified: Sequence[str]) -> TicketError:
    """Build the error of a condition that could not be evaluated."""
    return _definition_error(
        write,
        failure.kind,
        failure.key,
        error_type=ErrorType.WORKFLOW_TRANSITION,
        reason=ErrorReason.CONDITION,
        error_message=storable_text(failure.message),
        modified_fields=list(modified),
    )


def creation_error(
    key: str, title: str, write: WorkflowWrite, modified: Sequence[str], error: Exception
) -> TicketError:
    """Build the error of a task that was triggered but could not be created."""
    return _definition_error(
        write,
        Kind.TASK,
        key,
        error_type=ErrorType.TASK_CREATION,
        reason=ErrorReason.CREATION,
        error_message=f"{title}: {format_message(error)}",
        stack_trace=format_trace(error),
        modified_fields=list(modified),
    )


def assignment_error(task: TaskInstance, message: str, write: WorkflowWrite | None) -> TicketError:
    """Build the error of a task without an assignee."""
    return _definition_error(
        write,
        Kind.TASK,
        str(task.task_definition_id),
        task=task,
        error_type=ErrorType.WORKFLOW_TRANSITION,
        reason=ErrorReason.ASSIGNMENT,
        error_message=message,
    )


def store_assignment_error(task: TaskInstance, message: str) -> None:
    """Store an error about an existing task that nobody can do, unless there is an unresolved one.

    The caller holds the lock of the task's workflow, which it has loaded with the ticket.
    """
    unresolved = TicketError.objects.filter(task=task, reason=ErrorReason.ASSIGNMENT)
    if unresolved.exclude(error_status=ErrorStatus.RESOLVED).exists():
        return
    error = assignment_error(task, message, None)
    error.ticket = task.workflow_instance.ticket
    error.save()
    error_event(error).save()


def stall_error(write: WorkflowWrite, modified: Sequence[str], evaluations: Sequence[Any]) -> TicketError:
    """Build the error of a stalled workflow."""
    return TicketError(
        write=write,
        error_type=ErrorType.WORKFLOW_TRANSITION,
        reason=ErrorReason.STALL,
        error_message=_(
            "The workflow has stalled: it has no unfinished task, no task started and it did not end."
        ),
        modified_fields=list(modified),
        looks=list(evaluations),
    )


def circle_error(write: WorkflowWrite) -> TicketError:
    """Build the error of a loop: a workflow in which only actions and the clock write, again and again."""
    return TicketError(
        write=write,
        error_type=ErrorType.WORKFLOW_TRANSITION,
        reason=ErrorReason.CIRCLE,
        error_message=_("The workflow ran in a circle without any person acting. It was put on hold."),
        modified_fields=write.content["modified"],
    )


def error_event(error: TicketError) -> TimelineEvent:
    """Build the timeline entry of a stored error."""
    return TimelineEvent(
        ticket_id=error.ticket_id,
        kind=TimelineKind.ERROR,
        task_id=error.task_id,
        # Only the beginning: the whole message is in the error itself.
        details={"error": error.pk, "message": error.error_message[:500]},
    )


def resolve_errors(reason: ErrorReason, **of: Any) -> None:
    """Resolve the errors with this reason of a ticket or a task (`of`), because it can continue."""
    errors = TicketError.objects.filter(reason=reason, **of).exclude(error_status=ErrorStatus.RESOLVED)
    errors.update(error_status=ErrorStatus.RESOLVED, updated_at=timezone.now())


def settle_retry(error_id: int, errors: list[TicketError]) -> None:
    """Resolve the error that was retried, unless the retry failed in the same way.

    In that case, update the retried error and remove the equal one from the new `errors`, so that one problem
    remains one error.
    """
    retried = TicketError.objects.filter(pk=error_id).first()
    if retried is None:
        return
    same = next((each for each in errors if _identity(each) == _identity(retried)), None)
    if same is None:
        retried.error_status = ErrorStatus.RESOLVED
    else:
        errors.remove(same)
        retried.error_message, retried.stack_trace = same.error_message, same.stack_trace
        retried.looks, retried.error_status = same.looks, ErrorStatus.NEW
    retried.save(update_fields=["error_status", "error_message", "stack_trace", "looks", "updated_at"])


def _identity(error: TicketError) -> tuple[str, str, str]:
    return error.reason, error.definition_kind, error.definition_key


def _definition_error(write: WorkflowWrite | None, kind: Kind, key: str, **values: Any) -> TicketError:
    return TicketError(write=write, definition_kind=str(kind), definition_key=key, **values)


_TRANSIENT_SQL_STATES = ("08", "40", "53", "55", "57")
"""Classes of SQLSTATE: connection errors, deadlocks, lack of resources, locks and shutdown."""


def is_transient(error: BaseException) -> bool:
    """Return whether a retry may succeed, because the database error is a temporary one."""
    if not isinstance(error, DatabaseError):
        return False
    cause = error.__cause__  # the exception of psycopg; a lost connection has no SQLSTATE
    state = getattr(cause, "sqlstate", None)
    return state.startswith(_TRANSIENT_SQL_STATES) if state else type(cause).__name__ == "OperationalError"
