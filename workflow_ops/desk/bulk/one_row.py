"""The operations of bulk actions on one row, using the same functions as the row's own page.

Each function finds the row among those that the person administers at that moment and acts on it. It raises
SkippedError if there is nothing to do, or another RefusedError.
"""

from __future__ import annotations

from datetime import date
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from users.models import CustomUser
from workflow_design.models import TaskType
from workflow_ops.access import administered_errors, administered_tasks, administered_tickets
from workflow_ops.actions.by_hand import retry_action
from workflow_ops.desk import actions, responsible
from workflow_ops.desk.errors.retries import retry_error
from workflow_ops.engine.assignment import candidates
from workflow_ops.engine.run_rows import lock_assignment
from workflow_ops.engine.task_rows import lock_task
from workflow_ops.history.timeline_wording import task_name
from workflow_ops.models import (
    BulkAction,
    ErrorStatus,
    RunStatus,
    TaskInstance,
    TaskStatus,
    TicketInstance,
)
from workflow_ops.models.tasks import UNFINISHED_STATUSES
from workflow_ops.refusals import NotAllowedError, RefusedError

RowT = TypeVar("RowT", bound=Model)


class SkippedError(RefusedError):
    """The row already has the desired state."""


def _find(rows: QuerySet[RowT], row_id: int) -> RowT:
    row = rows.filter(pk=row_id).first()
    if row is None:
        raise NotAllowedError(_("You may not administer this any more."))
    return row


# --- Tickets -------------------------------------------------------------------------


def _ticket(row_id: int, by: CustomUser) -> TicketInstance:
    return _find(administered_tickets(by), row_id)


def hold(row_id: int, bulk: BulkAction, by: CustomUser) -> None:
    """Put a ticket on hold."""
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


def resume(row_id: int, bulk: BulkAction, by: CustomUser) -> None:
    """Resume a ticket."""
    ticket = _ticket(row_id, by)
    if ticket.status != RunStatus.ON_HOLD:
        raise SkippedError(_("It is not on hold."))
    actions.resume_workflow(ticket, note=bulk.reason, by=by)


def set_responsible(row_id: int, bulk: BulkAction, by: CustomUser) -> None:
    """Make the chosen person responsible for a ticket, or nobody."""
    ticket, to = _ticket(row_id, by), _person(bulk)
    if not ticket.is_finished and ticket.responsible_id == (to.pk if to else None):
        raise SkippedError(_("It is like this already."))
    responsible.set_responsible(ticket, to=to, note=bulk.reason, by=by)


def cancel(row_id: int, bulk: BulkAction, by: CustomUser) -> None:
    """Cancel a ticket."""
    ticket = _ticket(row_id, by)
    if ticket.status == RunStatus.CANCELLED:
        raise SkippedError(_("It is cancelled already."))
    actions.cancel_workflow(ticket, reason=bulk.reason, by=by)


def assign_open(row_id: int, bulk: BulkAction, by: CustomUser) -> str:
    """Assign each open form of a ticket; return a text that says which were refused, and why."""
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
            actions.assign_task(task, to=_person(bulk), by=by, note=bulk.reason)
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


def _person(bulk: BulkAction) -> CustomUser | None:
    person_id = bulk.arguments.get("person")
    return CustomUser.objects.get(pk=person_id) if person_id else None


def assign(row_id: int, bulk: BulkAction, by: CustomUser) -> None:
    """Assign a form to the chosen person, or to nobody."""
    task, to = _form(row_id, by), _person(bulk)
    if not task.is_finished and task.assigned_to_id == (to.pk if to else None):
        raise SkippedError(_("It is assigned like this already."))
    actions.assign_task(task, to=to, by=by, note=bulk.reason)


def hand_over(row_id: int, bulk: BulkAction, by: CustomUser) -> None:
    """Give the task to the next person in turn other than its assignee."""
    fresh = lock_task(_form(row_id, by))
    lock_assignment()  # so that two assignments at once see each other's workload
    to = candidates(fresh).exclude(pk=fresh.assigned_to_id or 0).first()
    if to is None and not fresh.is_finished:
        raise NotAllowedError(_("Nobody else gets this task by turn at present."))
    actions.assign_task(fresh, to=to, by=by, note=bulk.reason)


def restrict(row_id: int, bulk: BulkAction, by: CustomUser) -> None:
    """Restrict a form to the chosen people."""
    people = list(CustomUser.objects.filter(pk__in=bulk.arguments.get("people") or ()))
    actions.restrict_task(_form(row_id, by), people=people, note=bulk.reason, by=by)


def cancel_task(row_id: int, bulk: BulkAction, by: CustomUser) -> None:
    """Cancel a task."""
    task = _task(row_id, by)
    if task.status == TaskStatus.CANCELLED:
        raise SkippedError(_("It is cancelled already."))
    actions.cancel_task(task, reason=bulk.reason, by=by)


def call_again(row_id: int, bulk: BulkAction, by: CustomUser) -> None:
    """Call an action again."""
    task = _task(row_id, by)
    if task.task_definition.task_type == TaskType.FORM:
        raise NotAllowedError(_("A person does this task; nothing is called."))
    retry_action(task, note=bulk.reason, by=by)


# --- Errors --------------------------------------------------------------------------


def retry(row_id: int, bulk: BulkAction, by: CustomUser) -> None:
    """Retry what failed."""
    error = _find(administered_errors(by).select_related("ticket"), row_id)
    if error.error_status == ErrorStatus.RESOLVED:
        raise SkippedError(_("It is resolved already."))
    retry_error(error, note=bulk.reason, by=by)
