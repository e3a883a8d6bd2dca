"""Removal of old deliveries of webhooks, whatever their state."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import timezone

from ticketflower.removal import BATCH, remove_in_batches
from ticketflower.tenancy.context import all_companies_scope
from workflow_ops.models import WebhookDelivery

STORED_FOR: Final = timedelta(days=30)


def remove_old_deliveries(*, batch: int = BATCH) -> None:
    """Remove deliveries of all companies after 30 days, `batch` in one transaction. Called by a job."""
    with all_companies_scope():
        old = WebhookDelivery.objects.filter(created_at__lt=timezone.now() - STORED_FOR)
        remove_in_batches(old.order_by("created_at"), batch=batch)
