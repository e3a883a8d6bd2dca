"""Background jobs of this app. Each is idempotent, because the queue may run it twice."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from ticketflower.tenancy.context import company_scope
from workflow_design.persistence.reports import finish_check


@app.task(queue="checks", retry=RetryStrategy(max_attempts=3, exponential_wait=4))
def check_in_full(company_id: int, workflow_id: int, digest: str) -> None:
    """Finish a check that took too long for a request. Do nothing if the draft has changed since."""
    with company_scope(company_id):
        finish_check(workflow_id, digest=digest)
