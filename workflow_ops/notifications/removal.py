"""Old notifications are removed, and the rows of their e-mails."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ticketflower.tenancy.context import all_companies_scope
from workflow_ops.models import Notification, NotificationMail, NotificationWay

READ_ONES_FOR: Final = timedelta(days=90)
ALL_FOR: Final = timedelta(days=365)
MAILS_FOR: Final = timedelta(days=90)
BATCH: Final = 1_000


def remove_old_notifications(*, batch: int = BATCH) -> None:
    """Remove what is old in all companies, at most `batch` rows in one transaction. Called by a job."""
    now = timezone.now()
    for condition, age in ((~Q(read_at=None), READ_ONES_FOR), (Q(read_at=None), ALL_FOR)):
        _remove(Notification, condition & Q(created_at__lt=now - age), batch)
    for condition in (~Q(sent_at=None), Q(sent_at=None)):
        _remove(NotificationMail, condition & Q(created_at__lt=now - MAILS_FOR), batch)


def _remove(model: type[Notification | NotificationMail], is_old: Q, batch: int) -> None:
    removed = batch
    while removed == batch:
        with all_companies_scope(), transaction.atomic():
            old = model.objects.filter(is_old).order_by("created_at")
            ids = list(old.values_list("pk", flat=True)[:batch])
            if model is NotificationMail:
                # Without its e-mail, a notification that is unread would wait for another one.
                Notification.objects.filter(mail__in=ids).update(mail=None, way=NotificationWay.SITE)
            removed = model.objects.filter(pk__in=ids).delete()[0]
