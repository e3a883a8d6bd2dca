"""What bulk actions do with one row, by the functions that do it on the row's own page.

Each function looks for the row among those that the person administers at that moment, acts on it, and raises
SkippedError if there is nothing to do, or another RefusedError.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.db.models import Model, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users.models import CustomUser
from workflow_design.models import TaskType
from workflow_ops.access import administered_errors, administered_tasks, administered_tickets
from workflow_ops.actions.by_hand import retry_action
from workflow_ops.desk import actions
from workflow_ops.desk.errors.retries import retry_error
from workflow_ops.engine.assignment import candidates
from workflow_ops.engine.run_rows import lock_assignment, lock_task
from workflow_ops.history.timeline_wording import task_name
from workflow_ops.models import (
    BulkAction,
    BulkOperation,
    ErrorReason,
    ErrorStatus,
    RunStatus,
    TaskInstance,
    TaskStatus,
    TicketInstance,
)
from workflow_ops.models.tasks import UNFINISHED_STATUSES
from workflow_ops.refusals import NotAllowedError, RefusedError

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

RowT = TypeVar("RowT", bound=Model)


class SkippedError(RefusedError):
    """The row is already as it is to become."""


def _find(rows: QuerySet[RowT], row_id: int) -> RowT:
    row = rows.filter(pk=row_id).first()
    if row is None:
        raise NotAllowedError(_("You may not administer this any more."))
    return row


# --- Tickets -------------------------------------------------------------------------


def _ticket(row_id: int, by: CustomUser) -> TicketInstance:
    return _find(administered_tickets(by), row_id)


def _hold(row_id: int, bulk: BulkAction, by: CustomUser) -> None:
    ticket = _ticket(row_id, by)
    if ticket.status == RunStatus.ON_HOLD:
        raise SkippedError(_("It is on hold already."))
    until = bulk.arguments.get("until")
    actions.hold_workflow(
        ticket,
        reason=bulk.reason,
        by=by,
        until=date.fromisoformat(until) if until else None,
        resumes_by_itself=bool(bulk.arguments.get("resumes_by_itself")),
    )


def _resume(row_id: int, _bulk: BulkAction, by: CustomUser) -> None:
    ticket = _ticket(row_id, by)
    if ticket.status != RunStatus.ON_HOLD:
        raise SkippedError(_("It is not on hold."))
    actions.resume_workflow(ticket, by=by)


def _cancel(row_id: int, bulk: BulkAction, by: CustomUser) -> None:
    ticket = _ticket(row_id, by)
    if ticket.status == RunStatus.CANCELLED:
        raise SkippedError(_("It is cancelled already."))
    actions.cancel_workflow(ticket, reason=bulk.reason, by=by)


def _assign_open(row_id: int, bulk: BulkAction, by: CustomUser) -> str:
    """Assign each open form of a ticket; return which were refused, and why."""
    ticket = _ticket(row_id, by)
    tasks = TaskInstance.objects.filter(
        workflow_instance=ticket.workflow_instance_id,
        status__in=UNFINISHED_STATUSES,
        task_definition__task_type=TaskType.FORM,
    )
    refusals = []
    open_tasks = list(tasks.select_related("task_definition").order_by("pk"))
    for task in open_tasks:
        try:
            actions.assign_task(task, to=_assignee(bulk), by=by, note=bulk.reason)
        except RefusedError as refusal:
            refusals.append(f"{task_name(task.task_definition.title, task.run)}: {refusal}")
    if not open_tasks:
        raise SkippedError(_("No person has an open task in it."))
    return " ".join(refusals)


# --- Tasks ---------------------------------------------------------------------------


def _task(row_id: int, by: CustomUser) -> TaskInstance:
    return _find(administered_tasks(by).select_related("task_definition"), row_id)


def _form(row_id: int, by: CustomUser) -> TaskInstance:
    task = _task(row_id, by)
    if task.task_definition.task_type != TaskType.FORM:
        raise NotAllowedError(_("Another system does this task."))
    return task


def _assignee(bulk: BulkAction) -> CustomUser | None:
    person_id = bulk.arguments.get("person")
    return CustomUser.objects.get(pk=person_id) if person_id else None


def _assign(row_id: int, bulk: BulkAction, by: CustomUser) -> None:
    task, to = _form(row_id, by), _assignee(bulk)
    if not task.is_finished and task.assigned_to_id == (to.pk if to else None):
        raise SkippedError(_("It is assigned like this already."))
    actions.assign_task(task, to=to, by=by, note=bulk.reason)


def _hand_over(row_id: int, bulk: BulkAction, by: CustomUser) -> None:
    """Give the task to the next person in turn other than its assignee."""
    fresh = lock_task(_form(row_id, by))
    lock_assignment()  # so that two assignments at once see each other's workload
    to = candidates(fresh).exclude(pk=fresh.assigned_to_id or 0).first()
    if to is None and not fresh.is_finished:
        raise NotAllowedError(_("Nobody else gets this task by turn at present."))
    actions.assign_task(fresh, to=to, by=by, note=bulk.reason)


def _restrict(row_id: int, bulk: BulkAction, by: CustomUser) -> None:
    people = list(CustomUser.objects.filter(pk__in=bulk.arguments.get("people") or ()))
    actions.restrict_task(_form(row_id, by), people=people, by=by)


def _cancel_task(row_id: int, bulk: BulkAction, by: CustomUser) -> None:
    task = _task(row_id, by)
    if task.status == TaskStatus.CANCELLED:
        raise SkippedError(_("It is cancelled already."))
    actions.cancel_task(task, reason=bulk.reason, by=by)


def _call_again(row_id: int, _bulk: BulkAction, by: CustomUser) -> None:
    task = _task(row_id, by)
    if task.task_definition.task_type == TaskType.FORM:
        raise NotAllowedError(_("A person does this task; nothing is called."))
    retry_action(task, by=by)


# --- Errors --------------------------------------------------------------------------


def _retry(row_id: int, _bulk: BulkAction, by: CustomUser) -> None:
    error = _find(administered_errors(by).select_related("ticket"), row_id)
    if error.error_status == ErrorStatus.RESOLVED:
        raise SkippedError(_("It is resolved already."))
    retry_error(error, by=by)


# --- All of them ---------------------------------------------------------------------

TICKETS, TASKS, ERRORS = "tickets", "tasks", "errors"
_FINISHED_TASK: Final = Q(status__in=(TaskStatus.COMPLETED, TaskStatus.CANCELLED))
_FORM, _ACTION = Q(task_definition__task_type=TaskType.FORM), ~Q(task_definition__task_type=TaskType.FORM)


@dataclass(frozen=True, slots=True)
class Operation:
    """What can be done with rows of a list.

    `perform` acts on one row, and returns why a part of it was refused, or "". `does` says what happens to
    each row, `asks` names the fields of the form. `excluded` finds most of the rows that it won't change.
    """

    of: str
    perform: Callable[[int, BulkAction, CustomUser], str | None]
    does: StrPromise
    excluded: Q
    why_excluded: StrPromise
    asks: tuple[str, ...] = ()
    is_harmless: bool = True


_NOT_A_FORM = gettext_lazy("finished, or done by another system")
_REFUSES_ENDED = gettext_lazy("finished already")

OPERATIONS: Final[dict[str, Operation]] = {
    BulkOperation.HOLD: Operation(
        TICKETS,
        _hold,
        gettext_lazy("Nobody can complete their tasks until they are resumed. Nothing is lost."),
        asks=("until", "resumes_by_itself", "reason"),
        excluded=~Q(status=RunStatus.IN_PROGRESS),
        why_excluded=gettext_lazy("not in progress"),
    ),
    BulkOperation.RESUME: Operation(
        TICKETS,
        _resume,
        gettext_lazy("Their tasks can be completed again, and changes made in the meantime take effect."),
        excluded=~Q(status=RunStatus.ON_HOLD),
        why_excluded=gettext_lazy("not on hold"),
    ),
    BulkOperation.ASSIGN_OPEN: Operation(
        TICKETS,
        _assign_open,
        gettext_lazy("Each of their open tasks that this person may do is assigned."),
        asks=("person", "note"),
        excluded=Q(is_finished=True),
        why_excluded=_REFUSES_ENDED,
    ),
    BulkOperation.CANCEL: Operation(
        TICKETS,
        _cancel,
        gettext_lazy(
            "The tickets and all their open tasks are cancelled permanently. Their data can be read."
        ),
        asks=("reason",),
        excluded=Q(is_finished=True),
        why_excluded=_REFUSES_ENDED,
        is_harmless=False,
    ),
    BulkOperation.ASSIGN: Operation(
        TASKS,
        _assign,
        gettext_lazy("Each task that this person may do is assigned."),
        asks=("person", "note"),
        excluded=_FINISHED_TASK | _ACTION,
        why_excluded=_NOT_A_FORM,
    ),
    BulkOperation.HAND_OVER: Operation(
        TASKS,
        _hand_over,
        gettext_lazy("Each task goes to the person other than its assignee who is next in turn."),
        asks=("note",),
        excluded=_FINISHED_TASK | _ACTION,
        why_excluded=_NOT_A_FORM,
    ),
    BulkOperation.RESTRICT: Operation(
        TASKS,
        _restrict,
        gettext_lazy("Only these people may do the tasks, as far as they have a suitable role."),
        asks=("people",),
        excluded=_FINISHED_TASK | _ACTION,
        why_excluded=_NOT_A_FORM,
    ),
    BulkOperation.CALL_AGAIN: Operation(
        TASKS,
        _call_again,
        gettext_lazy("Each action that failed or waits is called again now, from its first try."),
        excluded=_FINISHED_TASK | _FORM,
        why_excluded=gettext_lazy("finished, or done by a person"),
    ),
    BulkOperation.CANCEL_TASK: Operation(
        TASKS,
        _cancel_task,
        gettext_lazy("Nobody can complete the tasks any more. A ticket without another open task stops."),
        asks=("reason",),
        excluded=_FINISHED_TASK,
        why_excluded=_REFUSES_ENDED,
        is_harmless=False,
    ),
    BulkOperation.RETRY: Operation(
        ERRORS,
        _retry,
        gettext_lazy("What failed is tried again with the current data. Errors that succeed are resolved."),
        excluded=Q(error_status=ErrorStatus.RESOLVED) | Q(reason=ErrorReason.CIRCLE),
        why_excluded=gettext_lazy("resolved, or continued only by resuming the ticket"),
    ),
}


def bulk_bar(of: str) -> dict[str, Any]:
    """Return what a list's page needs so that rows can be ticked (`c-bulk-bar`)."""
    choices = [(name, BulkOperation(name).label) for name, each in OPERATIONS.items() if each.of == of]
    return {"url": reverse(f"manage_{of}_bulk"), "choices": choices, "tick": _("Tick")}
