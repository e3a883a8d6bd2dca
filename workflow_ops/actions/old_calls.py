"""Removal of calls from the log after 90 days."""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from ticketflower.tenancy.context import all_companies_scope
from workflow_ops.models import ActionCall

STORED_FOR: Final = timedelta(days=90)
BATCH: Final = 1_000


def remove_old_calls(*, batch: int = BATCH) -> int:
    """Remove the old calls of all companies, at most `batch` in one transaction. Return their number.

    Called by a job.
    """
    total, removed = 0, batch
    while removed == batch:
        with all_companies_scope(), transaction.atomic():
            old = ActionCall.objects.filter(started_at__lt=timezone.now() - STORED_FOR).order_by("started_at")
            removed, _by_model = ActionCall.objects.filter(pk__in=old.values("pk")[:batch]).delete()
        total += removed
    return total
