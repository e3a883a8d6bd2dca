"""Removal of old notifications, and of the rows of their e-mails."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from ticketflower.removal import BATCH, remove_in_batches
from ticketflower.tenancy.context import all_companies_scope
from workflow_ops.models import Notification, NotificationMail, NotificationWay

READ_ONES_FOR: Final = timedelta(days=90)
ALL_FOR: Final = timedelta(days=365)
MAILS_FOR: Final = timedelta(days=90)


def remove_old_notifications(*, batch: int = BATCH) -> None:
    """Remove old notifications of all companies, at most `batch` rows in one transaction. Called by a job."""
    now = timezone.now()
    with all_companies_scope():
        for condition, age in ((~Q(read_at=None), READ_ONES_FOR), (Q(read_at=None), ALL_FOR)):
            old = Notification.objects.filter(condition, created_at__lt=now - age)
            remove_in_batches(old.order_by("created_at"), batch=batch)
        for condition in (~Q(sent_at=None), Q(sent_at=None)):
            mails = NotificationMail.objects.filter(condition, created_at__lt=now - MAILS_FOR)
            remove_in_batches(mails.order_by("created_at"), batch=batch, first=_separate_from_mails)


def _separate_from_mails(mails: Collection[int]) -> None:
    # If its e-mail was removed, an unread notification would wait for another e-mail.
    Notification.objects.filter(mail__in=mails).update(mail=None, way=NotificationWay.SITE)
