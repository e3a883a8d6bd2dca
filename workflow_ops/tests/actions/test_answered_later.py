"""Actions that are answered later: the call, the wait for the callback, and its end."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.test import Client
from django.utils import timezone

from ticketflower.tests.outgoing.receivers import Receiver, answer
from workflow_ops.actions.by_hand import retry_action
from workflow_ops.actions.callbacks import callback_url
from workflow_ops.models import RunStatus, TaskStatus, TicketInstance
from workflow_ops.refusals import WrongStatusError
from workflow_ops.tests.actions.action_cases import ActionTestCase, asking, body_of, ok

HOUR = timedelta(hours=1)
ACCEPTED = answer("202 Accepted", b"")


class AnsweredLaterTests(ActionTestCase):
    def order(self, url: str, **members: Any) -> TicketInstance:
        """Submit a ticket that starts the action."""
        return self.submit(asking(url, kind="ASYNC_ACTION", **members))

    def call_back(self, request: bytes, **values: Any) -> int:
        """Post an answer to the address that a request carries; return the status of the reply."""
        path = urlsplit(body_of(request)["callback_url"]).path
        with self.captureOnCommitCallbacks(execute=True):
            reply = Client().post(path, json.dumps(values), content_type="application/json")
        return reply.status_code

    def test_the_callback_becomes_the_write(self) -> None:
        with Receiver(ACCEPTED) as there:
            ticket = self.order(there.url)
            self.assertEqual(self.do_calls(), ["call_action"])
            task = self.ask(ticket)
            self.assertEqual((task.status, task.next_call_at), (TaskStatus.PENDING, None))
            assert task.answer_until is not None
            self.assertAlmostEqual(task.answer_until - timezone.now(), timedelta(days=7), delta=HOUR)
            self.assertEqual(self.call_back(there.received[0], total=3), 200)
        self.assertEqual(self.outcomes(ticket), ["ACCEPTED", "ANSWERED"])
        self.assertEqual(self.engine.status(ticket), RunStatus.COMPLETED)
        self.assertEqual(self.engine.run(ticket).data["total"], 3)
        address = body_of(there.received[0])["callback_url"]
        self.assertNotIn(address.rpartition("/")[2] or address, str(self.calls(ticket)[0].request))
        # The job that would have given up finds nothing to do.
        self.assertEqual(self.do_calls(until=timedelta(days=8)), ["answer_overdue"])
        self.assertEqual(self.engine.errors(ticket), [])

    def test_what_the_call_is_answered_is_no_answer(self) -> None:
        with Receiver(ok(total=3)) as there:
            ticket = self.order(there.url)
            self.do_calls()
        self.assertEqual((self.ask(ticket).status, self.outcomes(ticket)), (TaskStatus.PENDING, ["ACCEPTED"]))
        self.assertEqual(self.engine.run(ticket).data, {"a": "x"})
        with self.assertRaises(WrongStatusError):
            admin = self.ours.ticket_admin
            self.engine.as_person(admin, lambda: retry_action(self.ask(ticket), by=admin))

    def test_the_address_is_not_kept_if_the_system_repeats_it(self) -> None:
        with Receiver() as there:
            ticket = self.order(there.url)
            address = callback_url(self.ask(ticket))
            there.answers.append(answer("400 Bad Request", f"answer at {address}".encode()))
            self.do_calls()
        self.assertEqual(self.calls(ticket)[0].response, {"body": "answer at ●●●"})

    def test_no_callback_in_time(self) -> None:
        with Receiver(ACCEPTED) as there:
            ticket = self.order(there.url, timeout_seconds=60)
            self.assertEqual(self.do_calls(until=timedelta(minutes=2)), ["call_action", "answer_overdue"])
        self.assertEqual(self.ask(ticket).status, TaskStatus.ERROR)
        message = "The other system was called, but did not answer in time."
        self.assertEqual(self.only_error(ticket).error_message, message)

    def test_a_callback_between_tries(self) -> None:
        with Receiver(answer("503 Service Unavailable")) as there:
            ticket = self.order(there.url)
            self.do_calls()
            self.assertEqual(self.ask(ticket).tries, 1)
            self.assertEqual(self.call_back(there.received[0], total=3), 200)
            self.do_calls(until=HOUR)
            self.assertEqual(len(there.received), 1)
        self.assertEqual(self.engine.status(ticket), RunStatus.COMPLETED)

    def test_a_callback_after_the_call_failed_for_good(self) -> None:
        with Receiver(answer("404 Not Found")) as there:
            ticket = self.order(there.url)
            self.do_calls()
            self.assertEqual(self.ask(ticket).status, TaskStatus.ERROR)
            self.assertEqual(self.call_back(there.received[0], total=3), 200)
        self.assertEqual(self.only_error(ticket).error_status, "RESOLVED")
        self.assertEqual(self.engine.status(ticket), RunStatus.COMPLETED)
