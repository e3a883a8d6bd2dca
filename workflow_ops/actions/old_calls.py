"""Removal of calls from the log after 90 days."""

from datetime import timedelta
from typing import Final

from django.utils import timezone

from ticketflower.removal import BATCH, remove_in_batches
from ticketflower.tenancy.context import all_companies_scope
from workflow_ops.models import ActionCall

STORED_FOR: Final = timedelta(days=90)


def remove_old_calls(*, batch: int = BATCH) -> int:
    """Remove the old calls of all companies, at most `batch` in one transaction. Return their number.

    Called by a job.
    """
    with all_companies_scope():
        old = ActionCall.objects.filter(started_at__lt=timezone.now() - STORED_FOR)
        return remove_in_batches(old.order_by("started_at"), batch=batch)
