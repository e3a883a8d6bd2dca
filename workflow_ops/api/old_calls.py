"""Removal of old idempotency keys (`docs/programs.md`, "Repeated requests").

This is not in `calls`, because importing that would load the API's library into the worker.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import timezone

from ticketflower.removal import BATCH, remove_in_batches
from ticketflower.tenancy.context import all_companies_scope
from workflow_ops.models import IdempotentCall

KEYS_LAST: Final = timedelta(days=7)


def remove_old_keys(*, batch: int = BATCH) -> None:
    """Remove keys older than a week, of all companies, `batch` in each transaction. Called by a job."""
    with all_companies_scope():
        old = IdempotentCall.objects.filter(made_at__lt=timezone.now() - KEYS_LAST)
        remove_in_batches(old.order_by("made_at"), batch=batch)
