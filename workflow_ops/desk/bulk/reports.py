"""Bulk actions and their results as lists, for pages and programs."""

from __future__ import annotations

from typing import Final

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy

from ticketflower.listing import Sort
from users.models import CustomUser
from workflow_ops.models import BulkAction

BULK_SORTS: Final = (Sort("started", gettext_lazy("Started"), "id", descending=True),)
RESULT_SORTS: Final = (Sort("order", gettext_lazy("Order"), "position"),)


def find_bulk_action(person: CustomUser, bulk_id: int) -> BulkAction:
    """Return a bulk action. Raise Http404, or PermissionDenied unless this person started it."""
    bulk = get_object_or_404(BulkAction, pk=bulk_id)
    if not BulkAction.objects.started_by(person).filter(pk=bulk_id).exists():
        raise PermissionDenied
    return bulk
