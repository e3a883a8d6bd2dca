"""Actions of ticket admins: assign, restrict, cancel, hold, resume and edit.

Each function opens a transaction (or joins the view's), locks the workflow, checks the permission
again and makes the change. Retries are in `workflow_ops/desk/errors/retries.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from users.models import CustomUser
from workflow_design.access import may_administer_workflow
from workflow_design.engine import Source, Write
from workflow_design.models import TaskType
from workflow_ops.access import may_execute
from workflow_ops.engine.approval import clear_lifted_restriction
from workflow_ops.engine.assignment import candidates
from workflow_ops.engine.by_hand import eligible_people
from workflow_ops.engine.errors import resolve_errors
from workflow_ops.engine.run_rows import lock_assignment, lock_run, one_transaction
from workflow_ops.engine.task_rows import lock_task
from workflow_ops.engine.timeline import record
from workflow_ops.files import attach_files
from workflow_ops.models import (
    ErrorReason,
    RunStatus,
    TaskAllowedUser,
    TaskInstance,
    TaskStatus,
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
    NotAllowedError,
    WrongStatusError,
)
from workflow_ops.state_manager import store_write
from workflow_ops.work.corrections import refuse_outdated
from workflow_ops.work.submissions import end_by_hand
from workflow_ops.work.tools import refuse_status

# --- Tasks ---------------------------------------------------------------------------


def assign_task(task: TaskInstance, *, to: CustomUser | None, by: CustomUser, note: str = "") -> None:
    """Assign a form to a person who may execute it, or to nobody, with a note to that person.

    Effects: an error about a missing assignee is resolved. The new assignee of a task of an `assignee_field`
    replaces the people to whom it is restricted. Raise NotAllowedError or AlreadyDoneError.
    """
    with one_transaction():
        fresh = _lock_unfinished(task, by)
        # A second click must not record a second event.
        if fresh.assigned_to_id == (to.pk if to else None):
            return
        # The choices of the form may be outdated, so the permission is checked under the lock.
        if to is not None and not (
            may_execute(to, fresh)
            or eligible_people(fresh).filter(pk=to.pk, company=fresh.company_id).exists()
        ):
            raise NotAllowedError(_("%(name)s may not do this task.") % {"name": to.get_full_name()})
        if to is not None and fresh.task_definition.assignee_field:
            _restrict(fresh, {to.pk})
        _assign(fresh, to, by, note=note)


def restrict_task(
    task: TaskInstance, *, people: Collection[CustomUser], by: CustomUser, note: str = ""
) -> None:
    """Restrict a form to these people, among those who may execute it; no people means no restriction.

    Effects: if the assignee is not one of these people, the task is assigned to the next of them who
    may be assigned, or else to nobody. A service account gets it if it is the only one of them. Raise
    NotAllowedError or AlreadyDoneError.
    """
    with one_transaction():
        fresh = _lock_unfinished(task, by)
        if any(person.company_id != fresh.company_id for person in people):
            raise NotAllowedError
        wanted = {person.pk for person in people}
        if _restrict(fresh, wanted):
            ticket = fresh.workflow_instance.ticket
            record(ticket, TimelineKind.TASK_RESTRICTED, task=fresh, by=by, reason=note)
        if wanted and fresh.assigned_to_id not in wanted:
            lock_assignment()  # so that two assignments at once see each other's workload
            alone = eligible_people(fresh).filter(is_service_account=True) if len(wanted) == 1 else None
            _assign(fresh, candidates(fresh).first() or (alone.first() if alone else None), by)


def _restrict(task: TaskInstance, wanted: set[int]) -> bool:
    """Restrict the task, and return whether that changed anything.

    If a program has prepared the task, its previous restriction will not be restored.
    """
    clear_lifted_restriction(task)
    # Write only the differences, so that the audit log contains only real changes.
    present = set(task.allowed_links.values_list("person_id", flat=True))
    task.allowed_links.exclude(person__in=wanted).delete()
    TaskAllowedUser.objects.bulk_create(
        TaskAllowedUser(task=task, person_id=pk) for pk in sorted(wanted - present)
    )
    return wanted != present


def cancel_task(task: TaskInstance, *, reason: str, by: CustomUser) -> None:
    """Cancel an unfinished task. After the commit, the engine checks whether the workflow has stalled.

    Effects: an action is not called any more, and the error of its call is resolved.

    Raise NotAllowedError or AlreadyDoneError.
    """
    with one_transaction():
        fresh = _lock_unfinished(task, by, forms_only=False)
        TaskInstance.objects.filter(pk=fresh.pk, status__in=UNFINISHED_STATUSES).update(
            status=TaskStatus.CANCELLED
        )
        resolve_errors(ErrorReason.ACTION, task=fresh)
        record(fresh.workflow_instance.ticket, TimelineKind.TASK_CANCELLED, task=fresh, by=by, reason=reason)
        # A write without fields changes nothing, but lets the engine look for a stall.
        check = Write.retry((), source=Source.EDIT)
        store_write(fresh.workflow_instance, check, source=WriteSource.EDIT, task=fresh, by=by)


def _lock_unfinished(task: TaskInstance, by: CustomUser, *, forms_only: bool = True) -> TaskInstance:
    fresh = lock_task(task)
    if not may_administer_workflow(by, fresh.task_definition.workflow):
        raise NotAllowedError
    if fresh.is_finished:
        raise AlreadyDoneError(fresh)
    if forms_only and fresh.task_definition.task_type != TaskType.FORM:
        raise NotAllowedError
    return fresh


def _assign(task: TaskInstance, to: CustomUser | None, by: CustomUser, *, note: str = "") -> None:
    TaskInstance.objects.filter(pk=task.pk, status__in=UNFINISHED_STATUSES).update(
        assigned_to=to, assigned_at=timezone.now() if to else None
    )
    record(task.workflow_instance.ticket, TimelineKind.TASK_ASSIGNED, task=task, about=to, by=by, reason=note)
    if to is not None:
        resolve_errors(ErrorReason.ASSIGNMENT, task=task)


# --- Workflows -----------------------------------------------------------------------


def hold_workflow(
    ticket: TicketInstance,
    *,
    reason: str,
    by: CustomUser,
    until: date | None = None,
    resumes_by_itself: bool = False,
) -> None:
    """Put a workflow in progress on hold: tasks can't be completed, and other writes wait.

    `until` is the day, in the company's time zone, on which the workflow should continue; with
    `resumes_by_itself`, a job resumes it at the beginning of that day. Raise NotAllowedError, or
    WrongStatusError, also for a past day.
    """
    ends_at = until and begin_of_day(until, by)
    if ends_at is not None and ends_at <= timezone.now():
        raise WrongStatusError(_("The hold must end on a day to come."))
    with one_transaction():
        run = _lock(ticket, by)
        refuse_status(run, "manage_ticket_hold", _("Only a ticket in progress can be put on hold."))
        run.status, run.waiting_modified = RunStatus.ON_HOLD, []
        run.save(update_fields=["status", "waiting_modified", "updated_at"])
        resumes = resumes_by_itself and ends_at is not None
        TicketInstance.objects.filter(pk=run.ticket.pk).update(held_until=ends_at, resumes_by_itself=resumes)
        day = until.isoformat() if until else ""
        record(run.ticket, TimelineKind.HELD, by=by, reason=reason, until=day, resumes_by_itself=resumes)
        if resumes and ends_at:
            job = app.configure_task("workflow_ops.jobs.resume_held_ticket", schedule_at=ends_at)
            job.defer(company_id=run.company_id, ticket_id=run.ticket.pk, until=ends_at.isoformat())


def begin_of_day(day: date, person: CustomUser) -> datetime:
    """Return when the day begins where the company of the person is."""
    company = person.company_in_use
    assert company is not None
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(company.time_zone))


def resume_workflow(ticket: TicketInstance, *, by: CustomUser, note: str = "") -> None:
    """End a hold. After the commit, the waiting steps are evaluated, then the waiting writes in order.

    Raise NotAllowedError or WrongStatusError.
    """
    with one_transaction():
        run = _lock(ticket, by)
        if not _may_resume(run):
            raise WrongStatusError(_("This ticket is not on hold."))
        _resume(run, by, note)


def resume_held_ticket(ticket_id: int, *, until: datetime, is_given_up: bool = False) -> None:
    """Resume a ticket automatically at this time, unless its hold has ended or changed in the meantime.

    Called by a job. If the resume fails, the hold continues beyond its date. With `is_given_up`, no job will
    resume it any more, so "Needs you" lists it.
    """
    with one_transaction():
        due = TicketInstance.objects.filter(pk=ticket_id, held_until=until, resumes_by_itself=True)
        if is_given_up:
            due.update(resumes_by_itself=False)
            return
        run = lock_run(TicketInstance.objects.get(pk=ticket_id).workflow_instance_id)
        if _may_resume(run) and due.update(resumes_by_itself=False):
            _resume(run, None)


def _may_resume(run: WorkflowInstance) -> bool:
    # The status changes only when the write is applied; a second resume must not be stored.
    waiting = WorkflowWrite.objects.filter(
        workflow_instance=run, status=WriteStatus.WAITING, source=WriteSource.RESUME
    )
    return run.status == RunStatus.ON_HOLD and not waiting.exists()


def _resume(run: WorkflowInstance, by: CustomUser | None, note: str = "") -> None:
    write = Write.retry(run.waiting_modified or (), source=Source.EDIT)
    store_write(run, write, source=WriteSource.RESUME, by=by, note=note)


def cancel_workflow(ticket: TicketInstance, *, reason: str, by: CustomUser) -> None:
    """Cancel a workflow and its unfinished tasks. Raise NotAllowedError or WrongStatusError."""
    with one_transaction():
        end_by_hand(_lock(ticket, by), kind=TimelineKind.CANCELLED, reason=reason, by=by)


def edit_data(
    ticket: TicketInstance,
    *,
    values: Mapping[str, Any],
    by: CustomUser,
    expected_step: int | None = None,
    expected_waiting: int | None = None,
    file_ids: Collection[str] = (),
    only_corrects: bool = False,
) -> WorkflowWrite | None:
    """Set these fields of the workspace; an empty value empties a field, and other fields do not change.

    Only fields whose value differs count as modified, and none if it `only_corrects`. Return the write, or
    None if no value differs. On hold, it waits. `file_ids` are the uploaded files that the values name.

    Raise NotAllowedError or WrongStatusError. Raise DataChangedError if `expected_step` is given
    and the data is no longer that of this step, or is about to change; on hold, also if the number of waiting
    writes is not `expected_waiting`.
    """
    with one_transaction():
        run = _lock(ticket, by)
        refuse_status(run, "manage_ticket_edit")
        if expected_step is not None:
            refuse_outdated(run, expected_step, expected_waiting)
        source = Source.CORRECTION if only_corrects else Source.EDIT
        write = Write.by_edit(run.data, {**run.data, **values}, source=source)
        if not write.changed:
            return None
        if file_ids:
            attach_files(ticket, file_ids, by=by)
        return store_write(run, write, source=WriteSource(source), by=by)


def _lock(ticket: TicketInstance, by: CustomUser) -> WorkflowInstance:
    run = lock_run(ticket.workflow_instance_id)
    if not may_administer_workflow(by, run.workflow):
        raise NotAllowedError
    return run
