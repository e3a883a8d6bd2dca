"""`kill -9` of workers while they send to a webhook (`docs/programs.md`, "Webhooks")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from threading import Event

import pytest

from bench.killed_workers import Workers, take_up_jobs
from bench.receiver import Received, Receiver
from tests.processes.cases import environment
from workflow_ops.models import DeliveryState, Webhook
from workflow_ops.notifications.webhooks.sending import look_for_deliveries
from workflow_ops.tests.notifications.webhooks.webhook_cases import SENT_WITHIN, CommittedWebhookTestCase

DELIVERIES = 4
MOMENTS = ("before the answer", "after the answer") * 2
MOST_LOOKS = 200


@pytest.mark.slow
class KilledWebhooksTests(CommittedWebhookTestCase):
    """Each of four deliveries loses the worker that makes its first try."""

    def test_each_arrives_with_one_id_and_no_more_often_than_workers_were_killed(self) -> None:
        moments, killed = list(MOMENTS), Event()

        def around_answer(received: Received, answer: Callable[[], None]) -> None:
            is_new = not any(each.key == received.key for each in receiver.received[:-1])
            moment = moments.pop(0) if moments and is_new else ""
            if moment != "before the answer":
                answer()
            if moment:
                workers.kill(workers.who_calls_from(received.port))
                killed.set()

        env = {**environment(), "ACTIONS_ALLOW_LOOPBACK": "true"}
        with Receiver(lambda _received: (200, {})) as receiver, Workers(env) as workers:
            receiver.around_answer = around_answer
            webhook = self.register(receiver.url)
            made = self.add(webhook, DELIVERIES)
            self.work(webhook, workers, killed)
        self.assertEqual(moments, [])
        self.assertEqual(self.states(), [DeliveryState.DELIVERED] * DELIVERIES)
        counted = Counter(received.key for received in receiver.received)
        self.assertEqual(set(counted), {str(each.key) for each in made})
        self.assertEqual(
            [each.body["id"] for each in receiver.received], [each.key for each in receiver.received]
        )
        for each, moment in zip(made, MOMENTS, strict=True):
            # One that was answered may have been stored before its worker was gone.
            least = 2 if moment == "before the answer" else 1
            # On a slow machine, a living worker may be silent for so long that it is taken for dead. Then the
            # try that it makes is repeated after the next kill.
            self.assertIn(counted[str(each.key)], range(least, 2 + len(MOMENTS)))

    def work(self, webhook: Webhook, workers: Workers, killed: Event) -> None:
        """Let workers send until nothing waits, each time as if a minute had passed."""
        for _look in range(MOST_LOOKS):
            if DeliveryState.WAITING not in self.states():
                return
            look_for_deliveries()
            if killed.wait(0.1):
                killed.clear()
                workers.fill_up()
                self.let_pass(webhook, SENT_WITHIN)
            take_up_jobs()
