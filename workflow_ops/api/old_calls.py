"""Old keys of repeated requests are removed (`docs/programs.md`, "Repeated requests").

Not in `calls`, which would load the library of the API into the worker.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from ticketflower.tenancy.context import all_companies_scope
from workflow_ops.models import IdempotentCall

KEYS_LAST: Final = timedelta(days=7)
BATCH: Final = 1_000


def remove_old_keys(*, batch: int = BATCH) -> None:
    """Remove the keys of all companies that are a week old, `batch` in one transaction. Called by a job."""
    removed = batch
    while removed == batch:
        with all_companies_scope(), transaction.atomic():
            old = IdempotentCall.objects.filter(made_at__lt=timezone.now() - KEYS_LAST).order_by("made_at")
            ids = list(old.values_list("pk", flat=True)[:batch])
            removed = IdempotentCall.objects.filter(pk__in=ids).delete()[0]
