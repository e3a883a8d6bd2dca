"""A dump is restored into a new server, which counts transactions from the beginning."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection, transaction

from ticketflower.tenancy.owner import database_owner
from workflow_ops.models import (
    EventCursor,
    Notification,
    NotificationKind,
    TicketInstance,
    TimelineEvent,
    TimelineKind,
    Webhook,
)
from workflow_ops.notifications.events import READER
from workflow_ops.notifications.restored import renumber_transactions
from workflow_ops.notifications.webhooks.actions import pause_webhook, resume_webhook
from workflow_ops.tests.engine_cases import Engine, form, workflow
from workflow_ops.tests.notifications.webhooks.webhook_cases import CommittedWebhookTestCase

# As a server has it after years, beside the few of a new one.
_RAISE = (
    "UPDATE workflow_ops_timelineevent SET transaction = transaction + 1000000000",
    "UPDATE workflow_ops_eventcursor SET transaction = transaction + 1000000000",
    "UPDATE workflow_ops_webhook SET since = since + 1000000000, until = until + 1000000000",
)


class RestoredTests(CommittedWebhookTestCase):
    """A ticket of Sam's. He is told of each hold, and so is a webhook."""

    def setUp(self) -> None:
        super().setUp()
        self.webhook = self.register(events=["ticket.changed"])
        self.ticket = self.submit(self.engine)

    def submit(self, engine: Engine) -> TicketInstance:
        return engine.submit(engine.load(workflow(form("Do", "a"))), a="x")

    def hold(self) -> int:
        with self.ours.scope(), transaction.atomic():
            return TimelineEvent.objects.create(ticket=self.ticket, kind=TimelineKind.HELD).pk

    def read(self) -> None:
        while READER.read_next(self.ours.company.pk):
            pass
        self.announce()

    def restore(self) -> None:
        with database_owner(), connection.cursor() as cursor:
            for statement in _RAISE:
                cursor.execute(statement)

    def holds_told(self) -> list[int]:
        with self.ours.scope(), transaction.atomic():
            rows = Notification.objects.filter(kind=NotificationKind.HELD).order_by("pk")
            return [*rows.values_list("event", flat=True)]

    def holds_announced(self) -> list[int]:
        return [content["sequence"] for content in self.contents()]

    def test_all_are_told_of_what_was_unread_and_of_what_happens_later(self) -> None:
        expected = [self.hold()]
        self.read()
        expected.append(self.hold())
        self.restore()
        call_command("migrate", verbosity=0)
        self.read()
        self.assertEqual((self.holds_told(), self.holds_announced()), (expected, expected))
        expected.append(self.hold())
        self.read()
        self.assertEqual((self.holds_told(), self.holds_announced()), (expected, expected))

    def test_a_company_of_which_nothing_was_read(self) -> None:
        self.submit(Engine(self.theirs, lambda function: function()))
        self.restore()
        self.renumber()
        READER.read_next(self.theirs.company.pk)
        with self.theirs.scope(), transaction.atomic():
            self.assertTrue(Notification.objects.exists())

    def renumber(self) -> bool:
        with database_owner():
            return renumber_transactions()

    def test_a_webhook_that_is_paused(self) -> None:
        self.read()
        with self.ours.admin.scope():
            pause_webhook(self.webhook)
        self.restore()
        self.renumber()
        self.hold()
        self.read()
        with self.ours.admin.scope():
            resume_webhook(self.webhook)
        later = self.hold()
        self.read()
        self.assertEqual(self.holds_announced(), [later])

    def test_nothing_changes_on_the_same_server(self) -> None:
        self.hold()
        self.read()
        self.hold()
        before = self.numbers()
        self.assertFalse(self.renumber())
        self.assertEqual(self.numbers(), before)
        self.restore()
        self.assertTrue(self.renumber())
        moved = self.numbers()
        self.assertNotEqual(moved, before)
        self.assertFalse(self.renumber())
        self.assertEqual(self.numbers(), moved)

    def numbers(self) -> list[int]:
        """Return all stored numbers of transactions of our company."""
        with self.ours.scope(), transaction.atomic():
            return [
                *TimelineEvent.objects.order_by("pk").values_list("transaction", flat=True),
                *EventCursor.objects.order_by("pk").values_list("transaction", flat=True),
                *Webhook.objects.order_by("pk").values_list("since", flat=True),
            ]
