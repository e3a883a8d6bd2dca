"""Background jobs of this app. Running a job twice has the effect of running it once.

Each job imports what it needs: the site only enqueues it (docs/architecture.md, "What is loaded by whom").
"""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from ticketflower.jobs import FEW_ATTEMPTS, MAX_ATTEMPTS, USUAL_ATTEMPTS
from ticketflower.tenancy.context import company_scope, current_company_id
from workflow_ops import state_manager
from workflow_ops.engine.calls import CALLS
from workflow_ops.models import TicketInstance
from workflow_ops.state_manager import WorkflowStateManager

PEOPLE_CHANGES_DELAY: Final = timedelta(seconds=5)
"""Delay in which changes of people are collected before their consequences are processed."""
MAX_RETRIES: Final = MAX_ATTEMPTS
"""With increasing pauses, about 35 minutes in total. After that, a ticket error is reported."""

_FEW_RETRIES: Final = RetryStrategy(max_attempts=FEW_ATTEMPTS, exponential_wait=4)

BEHIND_OTHERS: Final = -10
"""The priority of jobs that take long and that nobody waits for."""


@app.task(retry=RetryStrategy(max_attempts=MAX_RETRIES, exponential_wait=2), pass_context=True)
def apply_writes(context: JobContext, company_id: int, workflow_instance_id: int) -> None:
    """Apply the waiting writes of a workflow whose request was interrupted after storing them.

    At the last attempt, a write that can't be applied becomes a ticket error, which can be retried by hand.
    If the worker died even at the last attempt, the write is marked as failed without another attempt.
    """
    from workflow_ops.search.documents import update_documents

    manager, attempts = WorkflowStateManager(workflow_instance_id), context.job.attempts
    with company_scope(company_id):
        if attempts <= MAX_RETRIES:
            manager.apply_waiting(is_last_try=attempts == MAX_RETRIES)
            update_documents(TicketInstance.objects.filter(workflow_instance=workflow_instance_id))
            return
        with transaction.atomic():
            manager.give_up(InterruptedError(_("The worker ended each time before this was done.")))
            apply_writes.defer(company_id=company_id, workflow_instance_id=workflow_instance_id)


@app.periodic(cron="* * * * * */15")  # the last is for seconds
@app.task(queueing_lock="look_for_waiting_writes")
def look_for_waiting_writes(timestamp: int) -> None:
    """Enqueue `apply_writes` for each workflow with writes that have waited too long."""
    state_manager.look_for_waiting_writes()


@app.task(queue=CALLS, retry=RetryStrategy(max_attempts=MAX_RETRIES, linear_wait=5), pass_context=True)
def call_action(context: JobContext, company_id: int, task_id: int, due: str) -> None:
    """Make the try of an action that was due at this time, and apply its answer."""
    from workflow_ops.actions import calling
    from workflow_ops.search.documents import update_documents

    with company_scope(company_id):
        due_at = datetime.fromisoformat(due)
        calling.call_action(task_id, due=due_at, interruptions=context.job.attempts)
        update_documents(TicketInstance.objects.filter(workflow_instance__tasks=task_id))


@app.task(retry=RetryStrategy(max_attempts=6, exponential_wait=4))
def rebuild_search(company_id: int, person_id: int | None, before: int | None) -> None:
    """Rebuild the search documents of the next tickets, then continue in a new job.

    A trigger enqueues it if a company's language or a person's name changes (`docs/speed.md`, "Search").
    """
    from workflow_ops.search.documents import rebuild_next

    with company_scope(company_id), transaction.atomic():
        following = rebuild_next(before=before, person_id=person_id)
        if following is not None:
            job = rebuild_search.configure(lock=f"rebuild_search:{company_id}", priority=BEHIND_OTHERS)
            job.defer(company_id=company_id, person_id=person_id, before=following)


@app.task(queue=CALLS, retry=RetryStrategy(max_attempts=MAX_RETRIES, linear_wait=5))
def call_action_later(company_id: int, task_id: int, due: str) -> None:
    """Enqueue the next try of an action, which is due now."""
    from workflow_ops.actions import calling

    with company_scope(company_id):
        calling.enqueue_due_try(task_id, due=datetime.fromisoformat(due))


@app.task(queue=CALLS, retry=RetryStrategy(max_attempts=MAX_RETRIES, linear_wait=5))
def answer_overdue(company_id: int, task_id: int, until: str) -> None:
    """Give up an action whose callback has not come in time."""
    from workflow_ops.actions import calling

    with company_scope(company_id):
        calling.give_up_waiting(task_id, until=datetime.fromisoformat(until))


def enqueue_people_changes(company_id: int | None = None, at: datetime | None = None, **_signal: Any) -> None:
    """Enqueue `process_people_changes` for a company (by default that of the scope), unless it already is."""
    company_id = company_id or current_company_id()
    if company_id is not None:
        lock = f"process_people_changes:{company_id}"
        when = at or timezone.now() + PEOPLE_CHANGES_DELAY
        queueing_lock = f"{lock}:{at}" if at else lock
        job = process_people_changes.configure(lock=lock, queueing_lock=queueing_lock, schedule_at=when)
        with suppress(AlreadyEnqueued), transaction.atomic():  # a savepoint, so that the request can continue
            job.defer(company_id=company_id)


@app.task(retry=RetryStrategy(max_attempts=6, exponential_wait=4))
def process_people_changes(company_id: int) -> None:
    """Report tasks and tickets that nobody can do or administer after a company's people or roles changed."""
    from workflow_design.persistence.missing_people import tell_missing_people
    from workflow_ops.handover.actions import release_tickets
    from workflow_ops.handover.stuck import report_stuck_tasks

    with company_scope(company_id):
        after: int | None = 0
        while after is not None:
            after = report_stuck_tasks(after=after)
        release_tickets()
        tell_missing_people()


@app.task(retry=RetryStrategy(max_attempts=6, exponential_wait=4))
def hand_over_tasks(
    company_id: int, person_id: int | None, impersonator_id: int | None, plan: dict[str, Any], after: int = 0
) -> None:
    """Hand on the next open tasks of people who left, lost a role or are away, then continue in a new job."""
    from workflow_ops.handover.actions import HandOver, hand_over

    with company_scope(company_id, person_id=person_id, impersonator_id=impersonator_id):
        following = hand_over(HandOver(**{**plan, "people": tuple(plan["people"])}), after=after)
        if following is not None:
            with transaction.atomic():
                hand_over_tasks.defer(
                    company_id=company_id,
                    person_id=person_id,
                    impersonator_id=impersonator_id,
                    plan=plan,
                    after=following,
                )


@app.periodic(cron="* * * * * */5")  # the last is for seconds
@app.task(queueing_lock="look_for_events")
def look_for_events(timestamp: int) -> None:
    """Enqueue `create_notifications` for each company with unread timeline events."""
    from workflow_ops.notifications import events

    events.READER.look_for_events()


@app.task(retry=RetryStrategy(max_attempts=USUAL_ATTEMPTS, exponential_wait=2), pass_context=True)
def create_notifications(context: JobContext, company_id: int) -> None:
    """Create the notifications for a company's next events, then continue in a new job.

    A job that skips an event is marked as failed, so that the problem remains visible.
    """
    from workflow_ops.notifications import events

    events.READER.read_next(company_id, tries=context.job.attempts)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="mail_soon")
def mail_soon(timestamp: int) -> None:
    """Enqueue `mail_notifications` for each company in which e-mails with notifications may be due."""
    from workflow_ops.notifications import mailing

    mailing.mail_soon()


@app.task(queue="mails")
def mail_notifications(company_id: int) -> None:
    """Send the e-mails with notifications that are due in a company. Later jobs retry what fails."""
    from workflow_ops.notifications import mailing

    mailing.send_due(company_id)


@app.task(retry=RetryStrategy(max_attempts=MAX_RETRIES, exponential_wait=2), pass_context=True)
def resume_held_ticket(context: JobContext, company_id: int, ticket_id: int, until: str) -> None:
    """Resume a ticket whose hold ends automatically now. After the last try, its admins have to do it."""
    from workflow_ops.desk import actions as desk

    is_given_up = context.job.attempts >= MAX_RETRIES
    with company_scope(company_id), transaction.atomic():
        desk.resume_held_ticket(ticket_id, until=datetime.fromisoformat(until), is_given_up=is_given_up)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="enqueue_overdue_checks")
def enqueue_overdue_checks(timestamp: int) -> None:
    """Enqueue `mark_overdue_tasks` for each company in which a task has become overdue."""
    from workflow_ops.work import overdue

    overdue.enqueue_overdue_checks()


@app.task
def mark_overdue_tasks(company_id: int, failed: int) -> None:
    """Mark the next overdue tasks of a company, then continue in a new job. Later jobs retry failures."""
    from workflow_ops.work import overdue

    overdue.mark_overdue_tasks(company_id, failed=failed)


@app.task(queue=CALLS, retry=RetryStrategy(max_attempts=6, exponential_wait=4))
def call_waiting_tasks(company_id: int, connection: str, after: int) -> None:
    """Call the next actions that wait for a resumed connection, then continue in a new job."""
    from workflow_ops.actions.connections.pausing import call_waiting

    with company_scope(company_id):
        call_waiting(connection, after=after)


@app.task(retry=RetryStrategy(max_attempts=6, exponential_wait=4))
def go_on_deleting_connection(
    company_id: int, person_id: int | None, impersonator_id: int | None, connection_id: int
) -> None:
    """Delete a connection with many calls in batches; do nothing if a workflow names it by now."""
    from workflow_ops.actions.connections.actions import continue_deletion

    with company_scope(company_id, person_id=person_id, impersonator_id=impersonator_id):
        continue_deletion(connection_id)


@app.task(queue=CALLS, retry=RetryStrategy(max_attempts=3, exponential_wait=4))
def test_connection(company_id: int, call_id: int) -> None:
    """Test a connection, as its page asks for. A second run after an answer does nothing."""
    from workflow_ops.actions.connections.testing import run_test

    with company_scope(company_id):
        run_test(call_id)


@app.task(retry=RetryStrategy(max_attempts=6, exponential_wait=4))
def remove_company(company_id: int, impersonator_id: int) -> None:
    """Delete a company with everything in it, as a member of staff has asked."""
    from workflow_ops.handover.company_deletion import delete_company

    delete_company(company_id, impersonator_id=impersonator_id)


@app.task(retry=RetryStrategy(max_attempts=MAX_RETRIES, exponential_wait=2), pass_context=True)
def perform_bulk_action(context: JobContext, company_id: int, bulk_action_id: int) -> None:
    """Process the next rows of a bulk action, then continue in a new job."""
    from workflow_ops.desk.bulk import running

    running.perform_bulk_action(company_id, bulk_action_id, attempts=context.job.attempts)


@app.task(queue="reports", retry=_FEW_RETRIES, pass_context=True)
def make_report(context: JobContext, company_id: int, report_id: int) -> None:
    """Compute the next table of a report, then continue in a new job."""
    from workflow_ops.reports import making

    making.compute_next_table(company_id, report_id, tries=context.job.attempts)


@app.task(queue="reports", retry=_FEW_RETRIES, pass_context=True)
def make_list_file(context: JobContext, company_id: int, file_id: int) -> None:
    """Create the next part of the CSV file of a long list, then continue in a new job."""
    from workflow_ops.desk.list_files.making import make_next_part

    make_next_part(company_id, file_id, tries=context.job.attempts)


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="remove_unused")
def remove_unused(timestamp: int) -> None:
    """Remove files of forms that were refused or never submitted, and old rows of several kinds."""
    from workflow_ops.actions.old_calls import remove_old_calls
    from workflow_ops.api.old_calls import remove_old_keys
    from workflow_ops.desk.bulk import running
    from workflow_ops.desk.list_files.making import remove_old_list_files
    from workflow_ops.files import remove_unused_files
    from workflow_ops.notifications.removal import remove_old_notifications
    from workflow_ops.notifications.webhooks.removal import remove_old_deliveries
    from workflow_ops.reports import making

    remove_unused_files()
    remove_old_calls()
    running.remove_old_bulk_actions()
    making.remove_old_reports()
    remove_old_notifications()
    remove_old_list_files()
    remove_old_keys()
    remove_old_deliveries()
