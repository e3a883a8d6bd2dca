"""Old notifications and their e-mails are removed."""

from __future__ import annotations

from datetime import timedelta

from django.core import mail
from django.utils import timezone

from workflow_ops.jobs import remove_unused
from workflow_ops.models import (
    Notification,
    NotificationKind,
    NotificationMail,
    NotificationWay,
    TimelineKind,
)
from workflow_ops.notifications.mailing import mail_soon, send_due
from workflow_ops.notifications.removal import ALL_FOR, MAILS_FOR, READ_ONES_FOR, remove_old_notifications
from workflow_ops.tests.notifications.news_cases import NewsTestCase

HOUR = timedelta(hours=1)


class RemovalTests(NewsTestCase):
    def make(self, age: timedelta, *, is_read: bool = False) -> Notification:
        """Tell Wanda of something so long ago, in an e-mail that was sent then."""
        event = self.event(TimelineKind.HELD)
        row = self.notify(self.wanda, NotificationKind.HELD, event, way=NotificationWay.MAIL, is_read=is_read)
        at = timezone.now() - age

        def send() -> None:
            sent = NotificationMail.objects.create(person=self.wanda, tried_at=at, sent_at=at)
            NotificationMail.objects.filter(pk=sent.pk).update(created_at=at)
            Notification.objects.filter(pk=row.pk).update(created_at=at, mail=sent)

        self.engine.call(send)
        return row

    def left(self) -> set[int]:
        found: set[int] = self.engine.call(lambda: set(Notification.objects.values_list("pk", flat=True)))
        return found

    def test_read_ones_after_90_days_all_after_a_year(self) -> None:
        recent = [
            self.make(READ_ONES_FOR - HOUR, is_read=True),
            self.make(READ_ONES_FOR + HOUR),
            self.make(ALL_FOR - HOUR),
        ]
        for age, is_read in ((READ_ONES_FOR + HOUR, True), (ALL_FOR + HOUR, True), (ALL_FOR + HOUR, False)):
            self.make(age, is_read=is_read)
        remove_old_notifications(batch=1)
        self.assertEqual(self.left(), {row.pk for row in recent})

    def test_e_mails_after_90_days_and_what_they_told_is_not_sent_again(self) -> None:
        old, newer = self.make(MAILS_FOR + HOUR), self.make(MAILS_FOR - HOUR)
        remove_unused.func(0)
        mails = self.engine.call(lambda: list(NotificationMail.objects.all()))
        self.assertEqual(mails, [self.fresh(newer).mail])
        self.assertIsNone(self.fresh(old).mail)
        mail_soon()
        send_due(self.ours.company.pk)
        self.assertEqual(mail.outbox, [])
        self.assertIsNone(self.fresh(old).mail)
