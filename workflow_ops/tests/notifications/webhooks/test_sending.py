"""What is sent to a webhook, and what follows from each answer; time is moved, nobody waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

from cryptography.fernet import Fernet
from django.core import mail
from django.test import override_settings
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from standardwebhooks import Webhook as Verifier

from ticketflower.tenancy.context import nobody_scope
from ticketflower.tests.outgoing.receivers import Receiver, answer, taking
from users.tests.audit import audit_events
from workflow_ops.actions.tries import MAX_TRIES, PAUSES
from workflow_ops.models import (
    DeliveryState,
    Notification,
    NotificationKind,
    NotificationWay,
    Webhook,
    WebhookDelivery,
    WebhookState,
)
from workflow_ops.notifications.mailing import GATHERED_FOR, mail_soon, send_due
from workflow_ops.notifications.webhooks.actions import (
    MOST_WEBHOOKS,
    renew_secret,
    resume_webhook,
    send_again,
    start_test,
)
from workflow_ops.notifications.webhooks.secrets import STILL_SIGNS_FOR
from workflow_ops.notifications.webhooks.sending import (
    FAILURES_UNTIL_OFF,
    LANES,
    OFF_AFTER,
    look_for_deliveries,
    send_delivery,
)
from workflow_ops.tests.actions.action_cases import body_of, headers_of
from workflow_ops.tests.notifications.webhooks.webhook_cases import SENT_WITHIN, WebhookTestCase

NO_CONTENT = answer("204 No Content", b"")
DOWN = answer("500 Internal Server Error", b"down")


class WhatIsSent(WebhookTestCase):
    def test_a_delivery(self) -> None:
        with Receiver(answer(body=b'{"taken": true}')) as receiver:
            webhook = self.register(f"{receiver.url}/in")
            (made,) = self.add(webhook)
            self.send(webhook)
        (request,) = receiver.received
        headers = headers_of(request)
        self.assertTrue(request.startswith(b"POST /in HTTP/1.1"))
        self.assertEqual(body_of(request), made.content)
        self.assertEqual((headers["webhook-id"], headers["idempotency-key"]), (str(made.key),) * 2)
        Verifier(self.secret).verify(request.partition(b"\r\n\r\n")[2].decode(), headers)
        (row,) = self.deliveries()
        self.assertEqual((row.state, row.tries, row.status), (DeliveryState.DELIVERED, 1, 200))
        self.assertEqual((row.answer, row.error), ('{"taken": true}', ""))

    def test_it_is_sent_once(self) -> None:
        with Receiver(NO_CONTENT, NO_CONTENT) as receiver:
            webhook = self.register(receiver.url)
            self.add(webhook)
            self.send(webhook)
            self.send(webhook)
        self.assertEqual(len(receiver.received), 1)

    def test_oldest_first(self) -> None:
        with Receiver(*[NO_CONTENT] * 3) as receiver:
            webhook = self.register(receiver.url)
            made = self.add(webhook, 3)
            self.send(webhook)
        sent = [body_of(request)["id"] for request in receiver.received]
        self.assertEqual(sent, [str(each.key) for each in made])

    def test_what_repeats_the_secret_is_blacked_out(self) -> None:
        with Receiver() as receiver:
            webhook = self.register(receiver.url)
            receiver.answers = [answer("400 Bad Request", f"Not signed with {self.secret}".encode())]
            self.add(webhook)
            self.send(webhook)
        (row,) = self.deliveries()
        self.assertEqual(row.answer, "Not signed with ●●●")
        self.assertNotIn(self.secret, repr(row.__dict__))

    def test_for_a_day_both_secrets_sign(self) -> None:
        with Receiver(NO_CONTENT, NO_CONTENT) as receiver:
            webhook, former = self.register(receiver.url), self.secret
            with self.ours.admin.scope():
                new = renew_secret(webhook, seen=webhook.secrets_changed_at.isoformat())
            assert new is not None
            self.add(webhook)
            self.send(webhook)
            self.add(webhook)
            later = timezone.now() + STILL_SIGNS_FOR + timedelta(minutes=1)
            with patch("workflow_ops.notifications.webhooks.secrets.timezone.now", return_value=later):
                self.send(webhook)
        within, after = (headers_of(request)["webhook-signature"].split() for request in receiver.received)
        self.assertEqual((len(within), len(after)), (2, 1))
        body, headers = (
            receiver.received[0].partition(b"\r\n\r\n")[2].decode(),
            headers_of(receiver.received[0]),
        )
        for secret in (new, former):
            Verifier(secret).verify(body, headers)

    def test_renewed_twice_within_a_day_all_of_them_sign(self) -> None:
        """Nobody knows which of them the receiver has."""
        with Receiver(NO_CONTENT, NO_CONTENT) as receiver:
            webhook, secrets = self.register(receiver.url), [self.secret]
            for _time in range(2):
                with self.ours.admin.scope():
                    seen = self.fresh(webhook).secrets_changed_at.isoformat()
                    secrets.append(renew_secret(webhook, seen=seen) or "")
            self.add(webhook)
            self.send(webhook)
            self.add(webhook)
            later = timezone.now() + STILL_SIGNS_FOR + timedelta(minutes=1)
            with patch("workflow_ops.notifications.webhooks.secrets.timezone.now", return_value=later):
                self.send(webhook)
        within, after = receiver.received
        for secret in secrets:
            Verifier(secret).verify(within.partition(b"\r\n\r\n")[2].decode(), headers_of(within))
        self.assertEqual(len(headers_of(after)["webhook-signature"].split()), 1)

    def test_without_the_key(self) -> None:
        with Receiver(NO_CONTENT) as receiver:
            webhook = self.register(receiver.url)
            self.add(webhook)
            with override_settings(ENCRYPTION_KEYS=[Fernet.generate_key().decode()]):
                self.send(webhook)
        (row,) = self.deliveries()
        self.assertEqual((receiver.received, row.state), ([], DeliveryState.FAILED))
        self.assertIn("does not have the key", row.error)


class Failures(WebhookTestCase):
    def test_tried_again_after_growing_pauses_until_it_arrives(self) -> None:
        """However long the receiver is down: of a quiet company, nothing else is sent meanwhile."""
        number = 3 * MAX_TRIES
        with Receiver(*[DOWN] * number, NO_CONTENT) as receiver:
            webhook = self.register(receiver.url)
            self.add(webhook)
            for tries in range(1, number + 1):
                began = timezone.now()
                self.send(webhook)
                (row,) = self.deliveries()
                rests = self.fresh(webhook).waits_until
                assert rests is not None
                pause = PAUSES[min(tries, len(PAUSES)) - 1]
                self.assertEqual((row.tries, row.status, row.answer), (tries, 500, "down"))
                self.assertAlmostEqual((rests - began).total_seconds(), pause, delta=5)
                self.assertEqual(row.error, "The system answered 500 (Internal Server Error).")
                self.assertEqual(row.state, DeliveryState.WAITING)
                self.assertAlmostEqual((row.next_try_at - began).total_seconds(), pause, delta=5)
                self.send(webhook)  # nothing is due
                self.let_pass(webhook, timedelta(seconds=pause + 1))
            self.send(webhook)
        self.assertEqual(self.states(), [DeliveryState.DELIVERED])
        self.assertEqual(len({headers_of(request)["webhook-id"] for request in receiver.received}), 1)
        self.assertEqual(len(receiver.received), number + 1)

    def test_one_that_fails_while_others_arrive_is_given_up(self) -> None:
        with Receiver() as receiver:
            webhook = self.register(receiver.url)
            (row,) = self.add(webhook)
            for tries in range(1, MAX_TRIES + 1):
                self.add(webhook, next_try_at=timezone.now() - timedelta(hours=1))  # it is tried first
                receiver.answers = [NO_CONTENT, DOWN]
                self.send(webhook)
                failed, *others = self.deliveries()
                self.assertEqual((failed.pk, failed.tries), (row.pk, tries))
                self.assertEqual({each.state for each in others}, {DeliveryState.DELIVERED})
                is_last = tries == MAX_TRIES
                self.assertEqual(failed.state, DeliveryState.FAILED if is_last else DeliveryState.WAITING)
                self.let_pass(webhook, timedelta(hours=1))
        self.assertEqual(self.fresh(webhook).state, WebhookState.ACTIVE)

    def test_tries_while_everything_failed_do_not_count(self) -> None:
        with Receiver(*[DOWN] * MAX_TRIES) as receiver:
            webhook = self.register(receiver.url)
            self.add(webhook)
            for _time in range(MAX_TRIES):
                self.send(webhook)
                self.let_pass(webhook, timedelta(hours=1))
            # The receiver is there again for a moment.
            self.add(webhook, next_try_at=timezone.now() - timedelta(hours=2))
            receiver.answers = [NO_CONTENT, DOWN]
            self.send(webhook)
        self.assertEqual(self.states(), [DeliveryState.WAITING, DeliveryState.DELIVERED])

    def test_a_success_ends_the_rest(self) -> None:
        with Receiver(DOWN, NO_CONTENT, NO_CONTENT) as receiver:
            webhook = self.register(receiver.url)
            self.add(webhook, 2)
            self.send(webhook)
            self.assertEqual(self.fresh(webhook).failures, 1)
            self.let_pass(webhook, timedelta(seconds=11))
            self.send(webhook)
        after = self.fresh(webhook)
        self.assertEqual((after.failures, after.failing_since, after.waits_until), (0, None, None))
        self.assertEqual(self.states(), [DeliveryState.DELIVERED] * 2)
        # The second one did not wait behind the first, which was put off.
        self.assertEqual([body_of(request)["ticket"] for request in receiver.received], [1, 2, 1])

    def test_what_the_receiver_will_never_take_fails_at_once(self) -> None:
        with Receiver(answer("422 Unprocessable Entity"), NO_CONTENT) as receiver:
            webhook = self.register(receiver.url)
            self.add(webhook, 2)
            self.send(webhook)
            self.let_pass(webhook, timedelta(seconds=11))
            self.send(webhook)
        self.assertEqual(self.states(), [DeliveryState.FAILED, DeliveryState.DELIVERED])

    def test_a_receiver_that_hangs_is_cut_off(self) -> None:
        with (
            Receiver() as receiver,
            patch("workflow_ops.notifications.webhooks.sending.SECONDS", 0.3),
            taking(at_most=5),
        ):
            webhook = self.register(receiver.url)
            self.add(webhook, 10)
            self.send(webhook)
        self.assertEqual(len(receiver.received), 1)  # the others wait until it has rested
        self.assertEqual(self.deliveries()[0].state, DeliveryState.WAITING)
        self.assertIn("No answer within", self.deliveries()[0].error)

    def test_redirects_and_private_addresses(self) -> None:
        elsewhere = self.enterContext(Receiver(NO_CONTENT))
        for status, target in (
            ("302 Found", elsewhere.url),
            ("307 Temporary Redirect", elsewhere.url),
            ("307 Temporary Redirect", "http://169.254.169.254/latest"),
        ):
            with (
                self.subTest(status=status, target=target),
                Receiver(answer(status, b"", Location=target)) as receiver,
            ):
                webhook = self.register(receiver.url, name=f"{status} {target}")
                (row,) = self.add(webhook)
                self.send(webhook)
                with self.ours.scope():
                    state = WebhookDelivery.objects.get(pk=row.pk).state
                    webhook.delete()
                self.assertEqual(state, DeliveryState.FAILED)
        self.assertEqual(elsewhere.connections, 0)

    @override_settings(ACTIONS_ALLOW_LOOPBACK=False)
    def test_an_address_of_this_machine(self) -> None:
        with Receiver(NO_CONTENT) as receiver:
            webhook = self.register(receiver.url)
            self.add(webhook)
            self.send(webhook)
            self.assertEqual(receiver.connections, 0)
        (row,) = self.deliveries()
        self.assertEqual(row.state, DeliveryState.FAILED)
        self.assertIn("this machine or a private network", row.error)

    def test_one_that_hangs_holds_up_no_other(self) -> None:
        with Receiver() as hanging, Receiver(NO_CONTENT) as quick:
            first, second = self.register(hanging.url), self.register(quick.url, name="Second")
            self.add(first, 3)
            self.add(second)
            look_for_deliveries()
            look_for_deliveries()
            self.assertEqual(
                [job["webhook_id"] for job in self.jobs("deliver_events")], [first.pk, second.pk]
            )
            self.send(second)
        self.assertEqual(self.states(), [DeliveryState.WAITING] * 3 + [DeliveryState.DELIVERED])

    def test_a_company_sends_in_few_lanes(self) -> None:
        """So its receivers, if all of them hang, leave workers to other companies."""
        webhooks = [self.register(name=f"Number {number}") for number in range(MOST_WEBHOOKS)]
        for webhook in webhooks:
            self.add(webhook)
        look_for_deliveries()
        with self.ours.admin.scope():
            for webhook in webhooks:
                start_test(webhook)
        jobs = ProcrastinateJob.objects.filter(task_name__startswith="workflow_ops.notifications.webhooks")
        locks = [*jobs.values_list("lock", flat=True)]
        self.assertEqual((len(locks), len(set(locks))), (2 * MOST_WEBHOOKS, LANES))
        for lock in locks:
            self.assertTrue(lock.startswith(f"webhooks:{self.ours.company.pk}:"))

    def test_nobody_looks_for_what_rests_or_is_paused(self) -> None:
        webhook = self.register()
        self.add(webhook)
        later = timezone.now() + timedelta(minutes=1)
        for values in ({"waits_until": later}, {"state": WebhookState.PAUSED}, {"state": WebhookState.OFF}):
            with self.subTest(values), self.ours.scope():
                row = Webhook.objects.filter(pk=webhook.pk)
                row.update(waits_until=None, state=WebhookState.ACTIVE)
                row.update(**values)
                look_for = self.looked_for()
                self.send(webhook)
                self.assertEqual((look_for, self.deliveries()[0].tries), ([], 0))

    def looked_for(self) -> list[dict[str, Any]]:
        with nobody_scope():
            look_for_deliveries()
        return self.jobs("deliver_events")


class Killed(WebhookTestCase):
    """`tests/processes/test_killed_webhooks.py` kills real workers."""

    def test_one_that_a_worker_left_is_sent_again_with_the_same_id(self) -> None:
        with Receiver(NO_CONTENT) as receiver:
            webhook = self.register(receiver.url)
            # As a worker leaves it that was killed after sending.
            (made,) = self.add(webhook, tries=1, next_try_at=timezone.now() + SENT_WITHIN)
            self.send(webhook)
            self.assertEqual(receiver.received, [])  # it may still be sent
            self.let_pass(webhook, SENT_WITHIN)
            self.send(webhook)
        (request,) = receiver.received
        self.assertEqual(headers_of(request)["webhook-id"], str(made.key))
        self.assertEqual(self.deliveries()[0].tries, 2)

    def test_one_that_ends_each_worker_is_given_up(self) -> None:
        with Receiver() as receiver:
            webhook = self.register(receiver.url)
            self.add(webhook, tries=MAX_TRIES, counted_tries=MAX_TRIES)
            self.send(webhook)
        (row,) = self.deliveries()
        self.assertEqual((receiver.received, row.state), ([], DeliveryState.FAILED))
        self.assertIn("The worker ended", row.error)


class SwitchedOff(WebhookTestCase):
    def let_fail(self, webhook: Webhook, *, after: timedelta, receiver: Receiver) -> None:
        """Let a delivery fail, and so much time pass."""
        self.add(webhook)
        receiver.answers = [DOWN]
        self.send(webhook)
        self.let_pass(webhook, after)

    def test_after_three_days_of_failing(self) -> None:
        with Receiver() as receiver:
            webhook = self.register(receiver.url)
            self.let_fail(webhook, after=OFF_AFTER - timedelta(hours=10), receiver=receiver)
            for _hour in range(8):
                self.let_fail(webhook, after=timedelta(hours=1), receiver=receiver)
            self.let_fail(webhook, after=timedelta(hours=3), receiver=receiver)
            self.assertEqual(self.fresh(webhook).state, WebhookState.ACTIVE)
            self.let_fail(webhook, after=timedelta(), receiver=receiver)
        self.assertEqual(self.fresh(webhook).state, WebhookState.OFF)
        self.assert_admins_are_told(webhook)
        with self.ours.scope():
            event = audit_events(Webhook).latest("pk")
        self.assertEqual(event.changes, {"state": ["ACTIVE", "OFF"]})

    def assert_admins_are_told(self, webhook: Webhook) -> None:
        with self.ours.scope():
            rows = Notification.objects.all()
            rows.update(created_at=timezone.now() - GATHERED_FOR)
            values = list(rows.values_list("person", "kind", "way", "webhook"))
        kind, way = NotificationKind.WEBHOOK, NotificationWay.MAIL
        self.assertEqual(values, [(self.ours.admin.pk, kind, way, webhook.pk)])
        mail_soon()
        send_due(self.ours.company.pk)
        (message,) = mail.outbox
        self.assertEqual(message.to, [self.ours.admin.email])
        self.assertIn("A webhook was switched off", message.subject)
        self.assertIn("Reader", message.body)
        self.assertIn(f"/users/webhooks/{webhook.pk}/", message.body)

    def test_few_failures_far_apart_say_nothing(self) -> None:
        with Receiver() as receiver:
            webhook = self.register(receiver.url)
            for number in range(1, FAILURES_UNTIL_OFF):
                self.let_fail(webhook, after=OFF_AFTER, receiver=receiver)
                self.assertEqual(self.fresh(webhook).failures, number)
            self.assertEqual(self.fresh(webhook).state, WebhookState.ACTIVE)
            self.let_fail(webhook, after=timedelta(), receiver=receiver)
        self.assertEqual(self.fresh(webhook).state, WebhookState.OFF)

    def test_a_success_in_between_counts(self) -> None:
        with Receiver() as receiver:
            webhook = self.register(receiver.url)
            for _time in range(FAILURES_UNTIL_OFF):
                self.let_fail(webhook, after=timedelta(hours=1), receiver=receiver)
            self.let_pass(webhook, OFF_AFTER)
            receiver.answers = [NO_CONTENT] * FAILURES_UNTIL_OFF
            self.send(webhook)
            self.let_pass(webhook, timedelta(minutes=2))
            self.let_fail(webhook, after=timedelta(), receiver=receiver)
        self.assertEqual(self.fresh(webhook).state, WebhookState.ACTIVE)

    def test_a_receiver_that_is_gone(self) -> None:
        with Receiver(answer("410 Gone")) as receiver:
            webhook = self.register(receiver.url)
            self.add(webhook, 2)
            self.send(webhook)
        self.assertEqual(self.fresh(webhook).state, WebhookState.OFF)
        self.assertEqual(self.states(), [DeliveryState.FAILED, DeliveryState.WAITING])
        self.assert_admins_are_told(webhook)

    def test_resumed_it_sends_what_waits(self) -> None:
        with Receiver(NO_CONTENT) as receiver:
            webhook = self.register(receiver.url)
            self.add(webhook)
            with self.ours.admin.scope():
                Webhook.objects.update(
                    state=WebhookState.OFF, failures=9, waits_until=timezone.now() + OFF_AFTER
                )
                resume_webhook(webhook)
            self.assertEqual(len(self.jobs("deliver_events")), 1)
            self.send(webhook)
        self.assertEqual(self.states(), [DeliveryState.DELIVERED])


class AskedFor(WebhookTestCase):
    """Tests, and what a person has sent again."""

    def send_asked_for(self) -> None:
        for job in self.jobs("deliver_now"):
            send_delivery(**job)

    def test_a_test_while_the_webhook_is_paused(self) -> None:
        with Receiver(NO_CONTENT) as receiver:
            webhook = self.register(receiver.url)
            with self.ours.admin.scope():
                Webhook.objects.update(state=WebhookState.PAUSED)
                first, second = start_test(webhook), start_test(webhook)
            self.assertEqual(first.pk, second.pk)
            self.send_asked_for()
        self.assertEqual(self.states(), [DeliveryState.DELIVERED])
        self.assertEqual({*body_of(receiver.received[0])}, {"id", "event", "time"})

    def test_a_test_that_fails_counts_for_nothing(self) -> None:
        with Receiver(DOWN) as receiver:
            webhook = self.register(receiver.url)
            with self.ours.admin.scope():
                start_test(webhook)
            self.send_asked_for()
        self.assertEqual((self.states(), self.fresh(webhook).failures), ([DeliveryState.FAILED], 0))

    def test_sent_again_with_the_same_id(self) -> None:
        with Receiver(NO_CONTENT) as receiver:
            webhook = self.register(receiver.url)
            tries = {"tries": MAX_TRIES, "counted_tries": MAX_TRIES}
            (row,) = self.add(webhook, state=DeliveryState.FAILED, **tries, error="Down")
            with self.ours.admin.scope():
                Webhook.objects.update(waits_until=timezone.now() + timedelta(hours=1))
                send_again(row)
            self.send_asked_for()
        self.assertEqual(body_of(receiver.received[0])["id"], str(row.key))
        (after,) = self.deliveries()
        self.assertEqual((after.state, after.tries, after.error), (DeliveryState.DELIVERED, 1, ""))
        self.assertIsNone(self.fresh(webhook).waits_until)  # it works again
