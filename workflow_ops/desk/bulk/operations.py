"""Descriptions of the operations of bulk actions; `one_row` has the functions that perform them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users.models import CustomUser
from workflow_design.models import TaskType
from workflow_ops.desk.bulk import one_row
from workflow_ops.models import (
    BulkAction,
    BulkOperation,
    ErrorReason,
    ErrorStatus,
    RunStatus,
)
from workflow_ops.models.tasks import UNFINISHED_STATUSES

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

TICKETS, TASKS, ERRORS = "tickets", "tasks", "errors"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation that can be performed on rows of a list.

    `perform` acts on one row, and returns why a part of it was refused, or "". `does` says what happens to
    each row. `asks` names the form's fields; a note is added if there is no reason among them. `leaves_out`
    finds most of the rows that will not be changed, and describes them.
    """

    of: str
    perform: Callable[[int, BulkAction, CustomUser], str | None]
    does: StrPromise
    leaves_out: tuple[Q, StrPromise]
    asks: tuple[str, ...] = ()
    is_harmless: bool = True


_FINISHED, _FORM = ~Q(status__in=UNFINISHED_STATUSES), Q(task_definition__task_type=TaskType.FORM)
_ENDED_TICKETS: Final = (Q(is_finished=True), gettext_lazy("finished already"))
_NOT_OPEN_FORMS: Final = (_FINISHED | ~_FORM, gettext_lazy("finished, or done by another system"))

OPERATIONS: Final[dict[str, Operation]] = {
    BulkOperation.HOLD: Operation(
        TICKETS,
        one_row.hold,
        gettext_lazy("Nobody can complete their tasks until they are resumed. Nothing is lost."),
        (~Q(status=RunStatus.IN_PROGRESS), gettext_lazy("not in progress")),
        asks=("until", "resumes_by_itself", "reason"),
    ),
    BulkOperation.RESUME: Operation(
        TICKETS,
        one_row.resume,
        gettext_lazy("Their tasks can be completed again, and changes made in the meantime take effect."),
        (~Q(status=RunStatus.ON_HOLD), gettext_lazy("not on hold")),
    ),
    BulkOperation.ASSIGN_OPEN: Operation(
        TICKETS,
        one_row.assign_open,
        gettext_lazy("Each of their open tasks that this person may do is assigned."),
        _ENDED_TICKETS,
        asks=("person",),
    ),
    BulkOperation.RESPONSIBLE: Operation(
        TICKETS,
        one_row.set_responsible,
        gettext_lazy("That person looks after those that they may administer. Their tasks stay with others."),
        _ENDED_TICKETS,
        asks=("responsible",),
    ),
    BulkOperation.CANCEL: Operation(
        TICKETS,
        one_row.cancel,
        gettext_lazy(
            "The tickets and all their open tasks are cancelled permanently. Their data can be read."
        ),
        _ENDED_TICKETS,
        asks=("reason",),
        is_harmless=False,
    ),
    BulkOperation.ASSIGN: Operation(
        TASKS,
        one_row.assign,
        gettext_lazy("Each task that this person may do is assigned."),
        _NOT_OPEN_FORMS,
        asks=("person",),
    ),
    BulkOperation.HAND_OVER: Operation(
        TASKS,
        one_row.hand_over,
        gettext_lazy("Each task goes to the person other than its assignee who is next in turn."),
        _NOT_OPEN_FORMS,
    ),
    BulkOperation.RESTRICT: Operation(
        TASKS,
        one_row.restrict,
        gettext_lazy("Only these people may do the tasks, as far as they have a suitable role."),
        _NOT_OPEN_FORMS,
        asks=("people",),
    ),
    BulkOperation.CALL_AGAIN: Operation(
        TASKS,
        one_row.call_again,
        gettext_lazy("Each action that failed or waits is called again now, from its first try."),
        (_FINISHED | _FORM, gettext_lazy("finished, or done by a person")),
    ),
    BulkOperation.CANCEL_TASK: Operation(
        TASKS,
        one_row.cancel_task,
        gettext_lazy("Nobody can complete the tasks any more. A ticket without another open task stops."),
        (_FINISHED, gettext_lazy("finished already")),
        asks=("reason",),
        is_harmless=False,
    ),
    BulkOperation.RETRY: Operation(
        ERRORS,
        one_row.retry,
        gettext_lazy("What failed is tried again with the current data. Errors that succeed are resolved."),
        (
            Q(error_status=ErrorStatus.RESOLVED) | Q(reason=ErrorReason.CIRCLE),
            gettext_lazy("resolved, or continued only by resuming the ticket"),
        ),
    ),
}


def bulk_bar(of: str) -> dict[str, Any]:
    """Return the template context that lets people select rows of a list (`c-bulk-bar`)."""
    choices = [(name, BulkOperation(name).label) for name, each in OPERATIONS.items() if each.of == of]
    return {"url": reverse(f"manage_{of}_bulk"), "choices": choices, "tick": _("Tick")}
