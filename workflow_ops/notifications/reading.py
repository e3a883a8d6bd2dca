"""Marking notifications as read."""

from __future__ import annotations

from typing import Final

from django.db.models import QuerySet
from django.utils import timezone

from users.models import CustomUser
from workflow_ops.models import Notification

MOST_AT_ONCE: Final = 5_000


def notifications_of(person: CustomUser) -> QuerySet[Notification]:
    """Return the notifications of the person; TicketFlower's staff get none."""
    return Notification.objects.filter(person=person.pk)


def mark_read(row: Notification) -> None:
    """Mark a notification as read, unless it is already."""
    Notification.objects.filter(pk=row.pk, read_at=None).update(read_at=timezone.now())


def mark_all_read(person: CustomUser, *, newest: int) -> int:
    """Mark unread notifications as read, up to `newest`, which the person saw on top. Return their number."""
    unread = notifications_of(person).filter(read_at=None, pk__lte=newest)
    rows = unread.order_by("-pk").values("pk")[:MOST_AT_ONCE]
    return Notification.objects.filter(pk__in=rows).update(read_at=timezone.now())
