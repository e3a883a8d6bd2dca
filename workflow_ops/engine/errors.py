"""Ticket errors: what went wrong, for ticket admins to see and to retry (`docs/engine.md`, "Errors")."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from workflow_design.definition.problems import Problem
from workflow_design.definition.workflow import Kind
from workflow_design.engine import Failure
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

if TYPE_CHECKING:
    pass

from django.db import DatabaseError


class DataMisfitError(Exception):
    """The values of a write do not fit the fields of the workflow."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__(" ".join(f"{each.pointer.removeprefix('/')}: {each.message}" for each in problems))


class TaskCreationError(Exception):
    """Some task of a write could not be created; which one is found by creating each by itself."""


class TaskUpdateError(Exception):
    """The new state of tasks that are there could not be stored; its cause says why."""

    def __init__(self, tasks: Sequence[TaskInstance], titles: Sequence[str]) -> None:
        super().__init__(", ".join(titles))
        self.task_id = tasks[0].pk if len(tasks) == 1 else None


def plain(text: str) -> str:
    """The text without what PostgreSQL can't store."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def trace_of(error: BaseException) -> str:
    """The stack trace as text."""
    return plain("".join(traceback.format_exception(error)))


def message_of(error: BaseException) -> str:
    """What happened, with the exception's type unless it is one of ours."""
    if isinstance(error, TaskUpdateError) and error.__cause__ is not None:
        return f"{plain(str(error))}: {message_of(error.__cause__)}"
    return plain(str(error) if isinstance(error, DataMisfitError) else f"{type(error).__name__}: {error}")


def condition_error(failure: Failure, write: WorkflowWrite, modified: Sequence[str]) -> TicketError:
    """A condition that could not be evaluated."""
    return _of_definition(
        write,
        failure.kind,
        failure.key,
        error_type=ErrorType.WORKFLOW_TRANSITION,
        reason=ErrorReason.CONDITION,
        error_message=plain(failure.message),
        modified_fields=list(modified),
    )


def creation_error(
    key: str, title: str, write: WorkflowWrite, modified: Sequence[str], error: Exception
) -> TicketError:
    """A task that was triggered and could not be created."""
    return _of_definition(
        write,
        Kind.TASK,
        key,
        error_type=ErrorType.TASK_CREATION,
        reason=ErrorReason.CREATION,
        error_message=f"{title}: {message_of(error)}",
        stack_trace=trace_of(error),
        modified_fields=list(modified),
    )


def assignment_error(task: TaskInstance, message: str, write: WorkflowWrite | None) -> TicketError:
    """A task that nobody could be given."""
    return _of_definition(
        write,
        Kind.TASK,
        str(task.task_definition_id),
        task=task,
        error_type=ErrorType.WORKFLOW_TRANSITION,
        reason=ErrorReason.ASSIGNMENT,
        error_message=message,
    )


def stall_error(write: WorkflowWrite, modified: Sequence[str], looks: Sequence[Any]) -> TicketError:
    """Nothing is unfinished, nothing started, nothing ended."""
    return TicketError(
        write=write,
        error_type=ErrorType.WORKFLOW_TRANSITION,
        reason=ErrorReason.STALL,
        error_message=_(
            "The workflow has stalled: no task is unfinished, nothing started and it did not end."
        ),
        modified_fields=list(modified),
        looks=list(looks),
    )


def circle_error(write: WorkflowWrite) -> TicketError:
    """Machines write and write, and no person does."""
    return TicketError(
        write=write,
        error_type=ErrorType.WORKFLOW_TRANSITION,
        reason=ErrorReason.CIRCLE,
        error_message=_("The workflow runs in a circle without any person; it was put on hold."),
        modified_fields=write.content["modified"],
    )


def error_event(error: TicketError, **more: Any) -> TimelineEvent:
    """The timeline's entry for an error that was stored."""
    return TimelineEvent(
        ticket_id=error.ticket_id,
        kind=TimelineKind.ERROR,
        task_id=error.task_id,
        details={"error": error.pk, "message": error.error_message[:500]},
        **more,
    )


def resolve_assignment(task: TaskInstance) -> None:
    """Somebody has the task, so that nobody has to be found for it any more."""
    errors = TicketError.objects.filter(task=task, reason=ErrorReason.ASSIGNMENT)
    errors.exclude(error_status=ErrorStatus.RESOLVED).update(
        error_status=ErrorStatus.RESOLVED, updated_at=timezone.now()
    )


def resolve_all(ticket_id: int, reason: ErrorReason) -> None:
    """The workflow goes on: it has not stalled, or does not run in a circle, any more."""
    errors = TicketError.objects.filter(ticket=ticket_id, reason=reason)
    errors.exclude(error_status=ErrorStatus.RESOLVED).update(
        error_status=ErrorStatus.RESOLVED, updated_at=timezone.now()
    )


def settle_retry(error_id: int, errors: list[TicketError]) -> None:
    """Resolve the error that was retried, unless it is among the new `errors`: then it stays in its place."""
    kept = TicketError.objects.filter(pk=error_id).first()
    if kept is None:
        return
    same = next((each for each in errors if _what(each) == _what(kept)), None)
    if same is None:
        kept.error_status = ErrorStatus.RESOLVED
    else:
        errors.remove(same)
        kept.error_message, kept.stack_trace, kept.looks = same.error_message, same.stack_trace, same.looks
        kept.error_status = ErrorStatus.NEW
    kept.save(update_fields=["error_status", "error_message", "stack_trace", "looks", "updated_at"])


def _what(error: TicketError) -> tuple[str, str, str]:
    return error.reason, error.definition_kind, error.definition_key


def _of_definition(write: WorkflowWrite | None, kind: Kind, key: str, **values: Any) -> TicketError:
    return TicketError(write=write, definition_kind=str(kind), definition_key=key, **values)


_TRANSIENT_SQL_STATES = ("08", "40", "53", "55", "57")
"""Classes of SQLSTATE: connection, deadlock, resources, lock, shutdown."""


def is_transient(error: BaseException) -> bool:
    """Whether trying again later is all that is needed."""
    if not isinstance(error, DatabaseError):
        return False
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    return state.startswith(_TRANSIENT_SQL_STATES) if state else type(cause).__name__ == "OperationalError"
