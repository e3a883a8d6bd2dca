"""Removal of old rows in batches, so that no transaction takes long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

BATCH: Final = 1_000


def remove_in_batches(
    old: QuerySet[Any], *, batch: int = BATCH, first: Callable[[list[int]], object] | None = None
) -> int:
    """Delete the rows of a queryset in its order, `batch` per transaction. Return their number.

    `first` is called in each transaction, with the ids of the rows that are deleted in it. Call this inside
    the scope in which the queryset was made.
    """
    total, removed = 0, batch
    while removed == batch:
        with transaction.atomic():
            ids = list(old.values_list("pk", flat=True)[:batch])
            if first is not None:
                first(ids)
            old.filter(pk__in=ids).delete()
        removed = len(ids)
        total += removed
    return total
