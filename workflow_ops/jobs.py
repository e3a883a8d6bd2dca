"""Jobs of this app. Each may run twice with the effect of once."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from ticketflower.tenancy.context import company_scope
from workflow_ops.state_manager import WorkflowStateManager


@app.task(retry=RetryStrategy(max_attempts=10, exponential_wait=3))
def apply_writes(company_id: int, workflow_instance_id: int) -> None:
    """Apply what still waits in a workflow: nothing, unless the request that stored it broke off."""
    with company_scope(company_id):
        WorkflowStateManager(workflow_instance_id).apply_waiting()
