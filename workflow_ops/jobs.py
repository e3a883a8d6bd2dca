"""Jobs of this app. Each may run twice with the effect of once."""

from typing import Final

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from ticketflower.tenancy.context import company_scope
from workflow_ops.state_manager import WorkflowStateManager

MOST_RETRIES: Final = 10
"""In growing pauses, which come to some 35 minutes: then somebody has to be told."""


@app.task(retry=RetryStrategy(max_attempts=MOST_RETRIES, exponential_wait=2), pass_context=True)
def apply_writes(context: JobContext, company_id: int, workflow_instance_id: int) -> None:
    """Apply what still waits in a workflow: nothing, unless the request that stored it broke off.

    At the last try, what can't be applied becomes a ticket error, to be retried by hand.
    """
    with company_scope(company_id):
        is_last_try = context.job.attempts >= MOST_RETRIES
        WorkflowStateManager(workflow_instance_id).apply_waiting(is_last_try=is_last_try)
