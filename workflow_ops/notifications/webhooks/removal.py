"""Old deliveries of webhooks are removed, whatever became of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from ticketflower.tenancy.context import all_companies_scope
from workflow_ops.models import WebhookDelivery

STORED_FOR: Final = timedelta(days=30)
BATCH: Final = 1_000


def remove_old_deliveries(*, batch: int = BATCH) -> None:
    """Remove deliveries of all companies after 30 days, `batch` in one transaction. Called by a job."""
    removed = batch
    while removed == batch:
        with all_companies_scope(), transaction.atomic():
            old = WebhookDelivery.objects.filter(created_at__lt=timezone.now() - STORED_FOR)
            ids = list(old.order_by("created_at").values_list("pk", flat=True)[:batch])
            removed = WebhookDelivery.objects.filter(pk__in=ids).delete()[0]
