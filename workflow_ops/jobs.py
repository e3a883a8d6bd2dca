"""Background jobs of this app. Running a job twice has the effect of running it once."""

from typing import Any, Final

from django.db import transaction
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from ticketflower.tenancy.context import company_scope
from workflow_ops.files import remove_unused_files
from workflow_ops.handover.actions import HandOver, hand_over
from workflow_ops.state_manager import WorkflowStateManager

MAX_RETRIES: Final = 10
"""With growing pauses, about 35 minutes in total. After that, a ticket error is reported."""


@app.task(retry=RetryStrategy(max_attempts=MAX_RETRIES, exponential_wait=2), pass_context=True)
def apply_writes(context: JobContext, company_id: int, workflow_instance_id: int) -> None:
    """Apply the waiting writes of a workflow. There are none unless the request that stored them broke off.

    At the last attempt, a write that can't be applied becomes a ticket error, which can be retried by hand.
    """
    with company_scope(company_id):
        is_last_try = context.job.attempts >= MAX_RETRIES
        WorkflowStateManager(workflow_instance_id).apply_waiting(is_last_try=is_last_try)


@app.task(retry=RetryStrategy(max_attempts=6, exponential_wait=4))
def hand_over_tasks(
    company_id: int, person_id: int | None, impersonator_id: int | None, plan: dict[str, Any], after: int = 0
) -> None:
    """Hand on the next open tasks of people who left, lost a role or are away, then go on in a new job."""
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


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="remove_unused")
def remove_unused(timestamp: int) -> None:
    """Remove files of forms that were refused or never submitted."""
    remove_unused_files()
