"""E-mails with notifications: when, what, to whom, and that each is sent once."""

from __future__ import annotations

import smtplib
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

from django.core import mail
from django.db import transaction
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from users.models import CustomUser
from users.tests.at_once import at_once
from users.tests.cases import logged_in
from workflow_ops.comments.writing import delete_comment
from workflow_ops.models import (
    Comment,
    Notification,
    NotificationChoice,
    NotificationKind,
    NotificationMail,
    NotificationWay,
    TaskInstance,
    TimelineEvent,
    TimelineKind,
)
from workflow_ops.notifications.mailing import mail_soon, send_due
from workflow_ops.notifications.unsubscribing import unsubscribe_path
from workflow_ops.tests.engine_cases import CommittedEngineTestCase, form, workflow
from workflow_ops.tests.notifications.news_cases import NewsTestCase

COMMENT, TASK = NotificationKind.COMMENT, NotificationKind.TASK
BACKEND = "django.core.mail.backends.locmem.EmailBackend.send_messages"


class MailTestCase(NewsTestCase):
    """Wanda is told by e-mail."""

    def tell(
        self,
        event: TimelineEvent,
        *,
        person: CustomUser | None = None,
        kind: NotificationKind = COMMENT,
        way: NotificationWay = NotificationWay.MAIL,
        at: datetime | None = None,
        is_read: bool = False,
    ) -> Notification:
        """Tell somebody of an event, by default six minutes ago."""
        row = self.notify(person or self.wanda, kind, event, way=way, is_read=is_read)
        created_at = at or timezone.now() - timedelta(minutes=6)
        self.engine.call(lambda: Notification.objects.filter(pk=row.pk).update(created_at=created_at))
        return row

    def send(self) -> list[Any]:
        """Run the job of the company, and return what was sent."""
        mail.outbox.clear()
        send_due(self.ours.company.pk)
        return list(mail.outbox)

    def mails(self) -> list[NotificationMail]:
        found: list[NotificationMail] = self.engine.call(
            lambda: list(NotificationMail.objects.order_by("pk"))
        )
        return found


class WhenTests(MailTestCase):
    """After five minutes, in one e-mail; daily ones at seven."""

    def test_all_of_a_person_in_one_when_the_oldest_is_five_minutes_old(self) -> None:
        now = timezone.now()
        self.tell(self.comment(self.sam, "First"), at=now - timedelta(minutes=4, seconds=50))
        self.assertEqual(self.send(), [])
        self.tell(self.comment(self.sam, "Second"), at=now - timedelta(minutes=5, seconds=1))
        newest = self.tell(self.comment(self.sam, "Third"), at=now)
        (message,) = self.send()
        self.assertEqual(message.to, [self.wanda.email])
        self.assertEqual(message.subject, f"Sam Tester commented · {self.ticket.name} (and 2 more)")
        for text in ("First", "Second", "Third"):
            self.assertIn(text, message.body)
        self.assertEqual(message.body.count(self.ticket.name), 1)  # once, above all three
        self.assertEqual(self.send(), [])
        (stored,) = self.mails()
        self.assertIsNotNone(stored.sent_at)
        self.assertEqual(self.fresh(newest).mail_id, stored.pk)

    def test_the_sentence_of_a_single_one_is_the_subject(self) -> None:
        said = self.comment(self.sam, "First <b>line</b>\nsecond")
        self.tell(said)
        (message,) = self.send()
        self.assertEqual(message.subject, f"Sam Tester commented · {self.ticket.name}")
        link = f"http://127.0.0.1:8000/tickets/{self.ticket.number}/#comment-{said.comment_id}"
        ((html, kind),) = message.alternatives
        self.assertEqual(kind, "text/html")
        for text in (message.body, html):
            self.assertIn(link, text)
            self.assertIn("Ours on TicketFlower", text)
        self.assertIn("First &lt;b&gt;line", html)

    def test_daily_ones_at_seven_where_the_person_is(self) -> None:
        self.engine.call(lambda: CustomUser.objects.filter(pk=self.wanda.pk).update(time_zone="Asia/Tokyo"))
        seven = datetime(2026, 3, 5, 22, 0, tzinfo=UTC)  # of the next day in Tokyo
        row = self.tell(self.comment(self.sam), way=NotificationWay.DAILY, at=seven - timedelta(hours=1))
        later = self.tell(self.comment(self.sam), way=NotificationWay.DAILY, at=seven + timedelta(minutes=2))
        for minutes, expected in ((-1, 0), (0, 1), (5, 0), (24 * 60 - 1, 0), (24 * 60, 1)):
            with mock.patch.object(timezone, "now", return_value=seven + timedelta(minutes=minutes)):
                sent = self.send()
            self.assertEqual(len(sent), expected, minutes)
        self.assertEqual(sent[0].subject, "Your day in TicketFlower: 1 notification")
        self.assertNotEqual(self.fresh(row).mail_id, self.fresh(later).mail_id)

    def test_the_job_is_enqueued_once_for_each_company_with_something_to_send(self) -> None:
        mail_soon()
        jobs = ProcrastinateJob.objects.filter(task_name="workflow_ops.jobs.mail_notifications")
        self.assertEqual(jobs.count(), 0)
        self.tell(self.comment(self.sam))
        mail_soon()
        mail_soon()
        self.assertEqual([job.args for job in jobs], [{"company_id": self.ours.company.pk}])


class WhatTests(MailTestCase):
    """Only what the person may see when it is sent, and has not read."""

    def test_read_ones_are_left_out_and_nothing_left_is_no_mail(self) -> None:
        read = self.tell(self.comment(self.sam, "Read"), is_read=True)
        self.tell(self.comment(self.sam, "Unread"))
        (message,) = self.send()
        self.assertNotIn("“Read", message.body)
        self.assertNotIn('"Read"', message.body)
        self.assertIn('"Unread"', message.body)
        read = self.tell(self.comment(self.sam), is_read=True)
        self.assertEqual(self.send(), [])
        self.assertEqual((self.fresh(read).way, self.fresh(read).mail), (NotificationWay.SITE, None))
        self.assertEqual(len(self.mails()), 1)

    def test_shows_the_first_fifty_and_says_how_many_more_there_are(self) -> None:
        kind, more = NotificationKind.HELD, "http://127.0.0.1:8000/notifications/"
        self.tell(self.event(TimelineKind.HELD), kind=kind)
        (message,) = self.send()
        for text in (message.body, message.alternatives[0][0]):
            self.assertNotIn("And ", text)
        for _each in range(51):
            self.tell(self.event(TimelineKind.HELD), kind=kind)
        (message,) = self.send()
        self.assertEqual(message.subject, f"The ticket is on hold · {self.ticket.name} (and 50 more)")
        self.assertEqual(message.body.count("- The ticket is on hold"), 50)
        self.assertIn(f"And 1 more: {more}", message.body)
        self.assertIn(f'<a href="{more}" style="color: #0f6b67">And 1 more</a>', message.alternatives[0][0])

    def test_a_new_task_says_when_it_is_due_where_the_person_is(self) -> None:
        task = self.engine.task(self.ticket, "Decide")
        due_at = datetime(2026, 3, 5, 15, 30, tzinfo=UTC)  # half past midnight in Tokyo

        def plan() -> None:
            CustomUser.objects.filter(pk=self.wanda.pk).update(time_zone="Asia/Tokyo")
            TaskInstance.objects.filter(pk=task.pk).update(due_at=due_at)

        self.engine.call(plan)
        event = self.event(TimelineKind.TASK_STARTED, task=task, about=self.wanda)
        self.tell(event, kind=TASK, at=due_at - timedelta(days=1))
        with mock.patch.object(timezone, "now", return_value=due_at - timedelta(hours=12)):
            (message,) = self.send()
        said = "You have a new task: “Decide”, due tomorrow at 00:30"
        self.assertEqual(message.subject, f"{said} · {self.ticket.name}")
        self.assertIn(said, message.body)

    def test_rights_are_asked_again(self) -> None:
        self.tell(self.comment(self.sam, "Secret plan"), person=self.gus)
        self.assertEqual(self.send(), [])

    def test_no_text_of_internal_and_deleted_comments(self) -> None:
        self.tell(self.comment(self.tom, "Between us", is_internal=True))
        said = self.comment(self.sam, "Regretted")
        self.tell(said)
        comment = self.engine.call(lambda: Comment.objects.get(pk=said.comment_id or 0))
        self.engine.as_person(self.sam, lambda: delete_comment(comment, by=self.sam))
        (message,) = self.send()
        for text in (message.body, message.alternatives[0][0]):
            self.assertIn("Tom Tester wrote an internal comment", text)
            self.assertIn("deleted the comment since", text)
            self.assertNotIn("Between us", text)
            self.assertNotIn("Regretted", text)

    def test_none_for_people_who_left_or_have_not_confirmed_their_address(self) -> None:
        for change in ({"is_active": False}, {"is_active": True, "is_email_confirmed": False}):
            with self.ours.scope(), transaction.atomic():
                CustomUser.objects.filter(pk=self.wanda.pk).update(**change)
            self.tell(self.comment(self.sam))
            self.assertEqual(self.send(), [], change)


class OnceTests(MailTestCase):
    """What fails is sent again, with the same Message-ID."""

    def fail_once(self) -> NotificationMail:
        """Let an e-mail fail, since the mail server is gone, and return it."""
        self.tell(self.comment(self.sam))
        with mock.patch(BACKEND, side_effect=smtplib.SMTPServerDisconnected("gone")):
            self.assertEqual(self.send(), [])
        (stored,) = self.mails()
        self.assertIsNone(stored.sent_at)
        return stored

    def jobs(self) -> int:
        """Look for e-mails that may be due, and return how many jobs wait to send them."""
        mail_soon()
        return ProcrastinateJob.objects.filter(task_name="workflow_ops.jobs.mail_notifications").count()

    def test_is_sent_again_with_the_same_message_id(self) -> None:
        stored = self.fail_once()
        self.assertEqual((self.send(), self.jobs()), ([], 0))  # another job may still be sending it
        past = timezone.now() - timedelta(minutes=6)
        self.engine.call(lambda: NotificationMail.objects.update(tried_at=past))
        self.assertEqual(self.jobs(), 1)
        (message,) = self.send()
        self.assertEqual(message.extra_headers["Message-ID"], f"<{stored.token}@127.0.0.1>")
        self.assertEqual(self.send(), [])

    def test_is_given_up_after_a_day(self) -> None:
        self.fail_once()
        past = timezone.now() - timedelta(days=1, minutes=1)
        self.engine.call(lambda: NotificationMail.objects.update(tried_at=past, created_at=past))
        self.assertEqual((self.jobs(), self.send()), (0, []))

    def test_each_is_taken_up_as_its_turn_comes(self) -> None:
        """So however long the others take, no second job takes it for interrupted."""
        for person in (self.wanda, self.tom):
            self.tell(self.comment(self.sam), person=person)
        taken_up: list[int] = []

        def send(_messages: Any) -> None:
            recently = timezone.now() - timedelta(minutes=1)
            taken_up.append(sum((each.tried_at or recently) > recently for each in self.mails()))
            raise smtplib.SMTPDataError(450, b"later")

        with mock.patch(BACKEND, side_effect=send):
            self.send()
            past = timezone.now() - timedelta(minutes=6)
            self.engine.call(lambda: NotificationMail.objects.update(tried_at=past))
            self.send()
        self.assertEqual(taken_up, [1, 2, 1, 2])

    def test_an_address_that_is_refused_does_not_stop_others(self) -> None:
        for code, unsent in ((550, 0), (450, 1)):  # for good, and for now
            with self.subTest(code):
                refused = smtplib.SMTPRecipientsRefused({self.wanda.email: (code, b"no")})
                for person in (self.wanda, self.tom):
                    self.tell(self.comment(self.sam), person=person)
                with mock.patch(BACKEND, side_effect=[refused, 1]) as sent:
                    send_due(self.ours.company.pk)
                self.assertEqual(sent.call_count, 2)
                self.assertEqual(sum(each.sent_at is None for each in self.mails()), unsent)


class UnsubscribeTests(MailTestCase):
    """A link for one person and some kinds, which only a POST obeys."""

    def setUp(self) -> None:
        super().setUp()
        self.path = unsubscribe_path(self.wanda, [COMMENT, TASK])

    def chosen(self) -> dict[str, str]:
        found: dict[str, str] = self.engine.call(
            lambda: dict(NotificationChoice.objects.filter(person=self.wanda).values_list("kind", "way"))
        )
        return found

    def test_every_mail_has_a_link_of_its_kinds(self) -> None:
        self.tell(self.comment(self.sam))
        (message,) = self.send()
        stop = "http://127.0.0.1:8000" + unsubscribe_path(self.wanda, [COMMENT])
        self.assertEqual(message.extra_headers["List-Unsubscribe"], f"<{stop}>")
        self.assertEqual(message.extra_headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        self.assertIn(stop, message.body)

    def test_a_get_asks_and_a_post_ends_what_is_ticked(self) -> None:
        waiting = self.tell(self.comment(self.sam))
        client = Client(enforce_csrf_checks=True)
        page = client.get(self.path)
        self.assertContains(page, 'name="kind"', count=2)
        self.assertContains(page, "Comments on your tickets and tasks, and on tickets that you follow")
        self.assertEqual(self.chosen(), {})
        self.assertContains(client.post(self.path), "Choose at least one.")
        # Another kind than those of the link is ignored.
        response = client.post(self.path, {"kind": [COMMENT.value, NotificationKind.ERROR.value]})
        self.assertContains(response, "These e-mails have ended")
        self.assertEqual(self.chosen(), {"comment": "site"})
        self.assertEqual(self.send(), [])
        self.assertEqual(self.fresh(waiting).way, NotificationWay.SITE)
        self.assertNotIn("sessionid", client.cookies)
        self.assertEqual(client.get("/notifications/").status_code, 302)

    def test_one_click_ends_all_kinds_of_the_link_in_any_browser(self) -> None:
        self.engine.call(
            lambda: NotificationChoice.objects.create(person=self.wanda, kind=TASK, way=NotificationWay.OFF)
        )
        for client in (Client(enforce_csrf_checks=True), logged_in(self.theirs.admin)):
            response = client.post(self.path, {"List-Unsubscribe": "One-Click"})
            self.assertNotContains(response, "Choose what you are told")
        response = logged_in(self.wanda).post(self.path, {"List-Unsubscribe": "One-Click"})
        self.assertContains(response, 'href="/users/profile/notifications/"')
        self.assertEqual(self.chosen(), {"comment": "site", "task": "off"})
        others = self.engine.call(lambda: NotificationChoice.objects.exclude(person=self.wanda).count())
        self.assertEqual(others, 0)

    def test_a_changed_link_is_a_404(self) -> None:
        token = self.path.split("/")[-2]
        gone = unsubscribe_path(CustomUser(pk=999_999, company=self.ours.company), [COMMENT])
        for path in (self.path.replace(token, f"{token}x"), self.path.replace(token, token[5:]), gone):
            response = Client().post(path, {"List-Unsubscribe": "One-Click"})
            self.assertEqual(response.status_code, 404)
        self.assertEqual(self.chosen(), {})
        self.assertEqual(Client().put(self.path).status_code, 405)


class AtOnceTests(CommittedEngineTestCase):
    """Two jobs of a company at the same time."""

    def test_each_notification_is_in_one_mail(self) -> None:
        ticket = self.engine.submit(self.engine.load(workflow(form("Decide", "a"))), a="x")

        def tell() -> None:
            event = TimelineEvent.objects.filter(ticket=ticket).latest("pk")
            for person in self.ours.everybody:
                Notification.objects.create(
                    person=person, kind=COMMENT, ticket=ticket, event=event, way=NotificationWay.MAIL
                )
            Notification.objects.update(created_at=timezone.now() - timedelta(minutes=6))

        self.engine.call(tell)
        company = self.ours.company.pk
        at_once(*[lambda: send_due(company)] * 3)
        with self.ours.scope(), transaction.atomic():
            mails = NotificationMail.objects.count()
        self.assertEqual(
            sorted(message.to[0] for message in mail.outbox), sorted({m.to[0] for m in mail.outbox})
        )
        self.assertEqual(len(mail.outbox), mails)
        self.assertGreater(mails, 1)
