"""Several workers and people at the same time."""

from __future__ import annotations

from contextlib import suppress

from ticketflower.tests.outgoing.receivers import Receiver, answer
from users.tests.at_once import at_once
from workflow_ops.models import DeliveryState, Webhook
from workflow_ops.notifications.webhooks.actions import (
    MOST_WEBHOOKS,
    TooManyWebhooksError,
    create_webhook,
    delete_webhook,
    renew_secret,
    send_again,
    start_test,
)
from workflow_ops.refusals import WrongStatusError
from workflow_ops.tests.actions.action_cases import body_of
from workflow_ops.tests.engine_cases import form, workflow
from workflow_ops.tests.notifications.webhooks.webhook_cases import (
    EVERYTHING,
    NOWHERE,
    CommittedWebhookTestCase,
)


class AtOnce(CommittedWebhookTestCase):
    def test_two_workers_send_each_delivery_once(self) -> None:
        number = 6
        with Receiver(*[answer("204 No Content", b"")] * number) as receiver:
            webhook = self.register(receiver.url)
            made = self.add(webhook, number)
            at_once(*[lambda: self.send(webhook)] * 3)
            self.send(webhook)
        sent = sorted(body_of(request)["id"] for request in receiver.received)
        self.assertEqual(sent, sorted(str(each.key) for each in made))
        self.assertEqual(self.states(), [DeliveryState.DELIVERED] * number)

    def test_failures_at_once_all_count(self) -> None:
        with Receiver(*[answer("500 Error")] * 2) as receiver:
            webhook = self.register(receiver.url)
            self.add(webhook, 2)
            at_once(*[lambda: self.send(webhook)] * 2)
        self.assertEqual(self.fresh(webhook).failures, len(receiver.received))

    def test_two_readers(self) -> None:
        self.register()
        self.announce()  # the cursor is there
        self.engine.submit(self.engine.load(workflow(form("Do", "a"))), a="x")
        at_once(self.announce, self.announce)
        keys = [each.key for each in self.deliveries()]
        self.assertTrue(keys)
        self.assertEqual(len(keys), len(set(keys)))

    def test_send_again_twice(self) -> None:
        (row,) = self.add(self.register(), state=DeliveryState.FAILED)

        def again() -> bool:
            with self.ours.admin.scope(), suppress(WrongStatusError):
                send_again(row)
                return True
            return False

        self.assertCountEqual(at_once(again, again), [True, False])
        self.assertEqual(len(self.jobs("deliver_now")), 1)

    def test_two_tests(self) -> None:
        webhook = self.register()

        def test() -> int:
            with self.ours.admin.scope():
                return start_test(webhook).pk

        self.assertEqual(len({*at_once(test, test)}), 1)

    def test_the_last_place_is_given_once(self) -> None:
        for number in range(MOST_WEBHOOKS - 1):
            self.register(name=f"Number {number}")

        def register(name: str) -> str:
            try:
                with self.ours.admin.scope():
                    create_webhook(name=name, address=NOWHERE, events=EVERYTHING, by=self.ours.admin)
            except TooManyWebhooksError:
                return "refused"
            return "registered"

        outcomes = at_once(lambda: register("One"), lambda: register("Two"))
        self.assertCountEqual(outcomes, ["registered", "refused"])

    def test_one_new_secret(self) -> None:
        webhook = self.register()
        seen = webhook.secrets_changed_at.isoformat()

        def renew() -> bool:
            with self.ours.admin.scope():
                return renew_secret(webhook, seen=seen) is not None

        self.assertCountEqual(at_once(renew, renew), [True, False])

    def test_deleted_twice(self) -> None:
        webhook = self.register()
        self.add(webhook, 3)

        def delete() -> bool:
            with self.ours.admin.scope():
                return delete_webhook(webhook)

        self.assertEqual(at_once(delete, delete), [True, True])
        self.assertEqual(self.engine.call(lambda: len(Webhook.objects.all())), 0)
