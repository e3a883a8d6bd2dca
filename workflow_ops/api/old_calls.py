"""Old keys of repeated requests are removed (`docs/programs.md`, "Repeated requests").

Not in `calls`, which would load the library of the API into the worker.
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
    """Remove the keys of all companies that are a week old, `batch` in one transaction. Called by a job."""
    with all_companies_scope():
        old = IdempotentCall.objects.filter(made_at__lt=timezone.now() - KEYS_LAST)
        remove_in_batches(old.order_by("made_at"), batch=batch)
