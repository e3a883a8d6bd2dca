"""Background jobs of webhooks. Running a job twice has the effect of running it once.

Each job imports what it needs: the site only enqueues it (docs/architecture.md, "What is loaded by whom").
"""

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from ticketflower.jobs import FEW_ATTEMPTS, USUAL_ATTEMPTS
from ticketflower.tenancy.context import company_scope
from workflow_ops.engine.calls import CALLS


@app.periodic(cron="* * * * * */5")  # the last is for seconds
@app.task(queueing_lock="look_for_webhooks")
def look_for_webhooks(timestamp: int) -> None:
    """Enqueue a job for each company with events to announce, and for each webhook with a delivery due."""
    from workflow_ops.notifications.webhooks import announcing, sending

    announcing.READER.look_for_events()
    sending.look_for_deliveries()


@app.task(retry=RetryStrategy(max_attempts=USUAL_ATTEMPTS, exponential_wait=2), pass_context=True)
def announce_events(context: JobContext, company_id: int) -> None:
    """Store the deliveries of a company's next events, then continue in a new job.

    A job that skips an event is marked as failed, so that the problem remains visible.
    """
    from workflow_ops.notifications.webhooks import announcing

    announcing.READER.read_next(company_id, tries=context.job.attempts)


@app.task(retry=RetryStrategy(max_attempts=USUAL_ATTEMPTS, exponential_wait=2))
def announce_published(company_id: int, workflow_id: int, published_in: int) -> None:
    """Store the deliveries that announce a published workflow. A trigger enqueues this job."""
    from workflow_ops.notifications.webhooks import announcing

    announcing.announce_published(company_id, workflow_id=workflow_id, published_in=published_in)


@app.task(queue=CALLS)
def deliver_events(company_id: int, webhook_id: int) -> None:
    """Send due deliveries to a webhook. Later jobs retry what fails."""
    from workflow_ops.notifications.webhooks import sending

    sending.send_due(company_id, webhook_id=webhook_id)


@app.task(queue=CALLS)
def deliver_now(company_id: int, delivery_id: int) -> None:
    """Send one delivery on a person's request. Later jobs retry it if it fails."""
    from workflow_ops.notifications.webhooks import sending

    sending.send_delivery(company_id, delivery_id=delivery_id)


@app.task(retry=RetryStrategy(max_attempts=FEW_ATTEMPTS, exponential_wait=4))
def go_on_deleting_webhook(
    company_id: int, person_id: int | None, impersonator_id: int | None, webhook_id: int
) -> None:
    """Delete a webhook with many deliveries in batches."""
    from workflow_ops.notifications.webhooks.actions import continue_deletion

    with company_scope(company_id, person_id=person_id, impersonator_id=impersonator_id):
        continue_deletion(webhook_id)
