"""Helpers for tests of webhooks: registered ones, deliveries, and the jobs that send them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.test import override_settings
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from users.tests.cases import People
from workflow_ops.models import DeliveryState, Webhook, WebhookDelivery, WebhookEvent
from workflow_ops.notifications.webhooks.actions import create_webhook
from workflow_ops.notifications.webhooks.announcing import READER
from workflow_ops.notifications.webhooks.sending import SENT_WITHIN, send_due
from workflow_ops.tests.engine_cases import CommittedEngineTestCase, EngineTestCase

EVERYTHING = tuple(WebhookEvent.of_choice())
NOWHERE = "https://reader.example/in"
JOBS = "workflow_ops.notifications.webhooks.jobs"


class WebhookHelpers:
    """What tests with and without real commits share."""

    ours: People
    secret: str

    def register(
        self,
        url: str = NOWHERE,
        events: Collection[str] = EVERYTHING,
        *,
        people: People | None = None,
        name: str = "Reader",
    ) -> Webhook:
        """Register a webhook as an admin; its secret is `self.secret`."""
        admin = (people or self.ours).admin
        with admin.scope(), transaction.atomic():
            webhook, self.secret = create_webhook(name=name, address=url, events=events, by=admin)
            return Webhook.objects.get(pk=webhook.pk)

    def add(self, webhook: Webhook, number: int = 1, **values: Any) -> list[WebhookDelivery]:
        """Store so many deliveries that are due now."""
        with self.ours.scope(), transaction.atomic():
            now = timezone.now()
            rows = []
            for place in range(number):
                key = uuid4()
                content = {"id": str(key), "event": "ticket.submitted", "ticket": place + 1}
                row = {"key": key, "event": "ticket.submitted", "content": content, "next_try_at": now}
                rows.append(WebhookDelivery.objects.create(webhook=webhook, **{**row, **values}))
            return rows

    def fresh(self, webhook: Webhook) -> Webhook:
        """Return the current row."""
        with self.ours.scope(), transaction.atomic():
            return Webhook.objects.get(pk=webhook.pk)

    def deliveries(self, people: People | None = None) -> list[WebhookDelivery]:
        """Return the deliveries of a company, oldest first."""
        with (people or self.ours).scope(), transaction.atomic():
            return list(WebhookDelivery.objects.order_by("pk"))

    def states(self) -> list[str]:
        """Return what became of the deliveries."""
        return [delivery.state for delivery in self.deliveries()]

    def send(self, webhook: Webhook) -> None:
        """Send what is due, as the job does."""
        assert webhook.company_id is not None
        send_due(webhook.company_id, webhook_id=webhook.pk)

    def let_pass(self, webhook: Webhook, time: timedelta) -> None:
        """Let the moments of a webhook and its deliveries lie so much further back."""
        with self.ours.scope(), transaction.atomic():
            row = Webhook.objects.get(pk=webhook.pk)
            for name in ("failing_since", "waits_until"):
                moment = getattr(row, name)
                setattr(row, name, moment - time if moment else None)
            row.save(update_fields=("failing_since", "waits_until"))
            for delivery in WebhookDelivery.objects.filter(webhook=webhook, state=DeliveryState.WAITING):
                later = delivery.next_try_at - time
                WebhookDelivery.objects.filter(pk=delivery.pk).update(next_try_at=later)

    def jobs(self, name: str) -> list[dict[str, Any]]:
        """Return the arguments of the waiting jobs of this name."""
        rows = ProcrastinateJob.objects.filter(task_name=f"{JOBS}.{name}", status="todo")
        return [row.args for row in rows.order_by("id")]


with_loopback = override_settings(ACTIONS_ALLOW_LOOPBACK=True)


@with_loopback
class WebhookTestCase(WebhookHelpers, EngineTestCase):
    """Tests in one transaction, which nothing can be announced of."""


@with_loopback
class CommittedWebhookTestCase(WebhookHelpers, CommittedEngineTestCase):
    """Tests with real commits."""

    def announce(self, people: People | None = None) -> None:
        """Store the deliveries of all events of a company so far."""
        company_id = (people or self.ours).company.pk
        while READER.read_next(company_id):
            pass

    def contents(self, people: People | None = None) -> list[dict[str, Any]]:
        """Return what is sent, oldest first."""
        return [delivery.content for delivery in self.deliveries(people)]


__all__ = ["SENT_WITHIN", "CommittedWebhookTestCase", "WebhookTestCase"]
