"""A webhook of the demo's company: paused, because nothing listens, with a log of some deliveries."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from users.models import CustomUser
from workflow_ops.models import DeliveryState, TimelineEvent, Webhook, WebhookDelivery, WebhookEvent
from workflow_ops.models.timeline import BEGINNING, CurrentTransaction
from workflow_ops.notifications.webhooks.actions import create_webhook, pause_webhook
from workflow_ops.notifications.webhooks.announcing import READER

ADDRESS: Final = "http://127.0.0.1:8766/"
"""Where `examples/webhook_receiver.py` listens."""
_ENTRIES: Final = 60
_FAILED: Final = 3
_EVENTS: Final = (
    WebhookEvent.TICKET_SUBMITTED,
    WebhookEvent.TICKET_FINISHED,
    WebhookEvent.TASK_STARTED,
    WebhookEvent.TASK_COMPLETED,
)


def make_demo_webhook(admin: CustomUser) -> None:
    """Register a webhook, announce the newest events to it, and pause it."""
    with admin.scope(), transaction.atomic():
        webhook, _secret = create_webhook(name="Team dashboard", address=ADDRESS, events=_EVENTS, by=admin)
        Webhook.objects.filter(pk=webhook.pk).update(since=BEGINNING)
        newest = TimelineEvent.objects.select_related("ticket__workflow_instance", "comment").order_by("-pk")
        entries = list(newest[:_ENTRIES])[::-1]
        handle = READER.prepare(entries)
        for entry in entries:
            handle(entry)
        deliveries = list(webhook.deliveries.order_by("pk"))
        for number, delivery in enumerate(deliveries):
            _answer(delivery, has_failed=number == len(deliveries) - _FAILED)
        Webhook.objects.filter(pk=webhook.pk).update(since=CurrentTransaction())
        pause_webhook(webhook)


def _answer(delivery: WebhookDelivery, *, has_failed: bool) -> None:
    """Store the result of a delivery, as if it had been sent at the time of its event."""
    made = datetime.fromisoformat(delivery.content["time"])
    delivery.created_at, delivery.tried_at = made, made + timedelta(seconds=4)
    delivery.finished_at, delivery.tries = made + timedelta(seconds=5), 1
    delivery.state, delivery.status, delivery.answer = DeliveryState.DELIVERED, HTTPStatus.NO_CONTENT, ""
    if has_failed:
        delivery.state, delivery.status = DeliveryState.FAILED, HTTPStatus.UNPROCESSABLE_ENTITY
        delivery.answer = '{"error": "unknown ticket"}'
        delivery.error = _("The system answered %(status)s.") % {"status": "422 (Unprocessable Entity)"}
    delivery.save()
