"""Background jobs of this app. Each is idempotent, because the queue may run it twice."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from ticketflower.tenancy.context import company_scope
from workflow_design.persistence import missing_people
from workflow_design.persistence.reports import finish_check


@app.task(queue="checks", retry=RetryStrategy(max_attempts=3, exponential_wait=4))
def check_in_full(company_id: int, workflow_id: int, digest: str) -> None:
    """Finish a check that took too long for a request. Do nothing if the draft has changed since."""
    with company_scope(company_id):
        finish_check(workflow_id, digest=digest)


@app.task(queue="mails", retry=RetryStrategy(max_attempts=6, exponential_wait=4))
def send_missing_people(company_id: int, person_id: int, workflow_ids: list[int]) -> None:
    """E-mail a workflow's admin which tasks nobody could be given. A second run sends a second copy."""
    with company_scope(company_id):
        missing_people.send_missing_people(person_id, workflow_ids)
