"""The receiver under examples/: what it takes, and that deliveries of the site arrive there."""

from __future__ import annotations

import json
from contextlib import closing, redirect_stdout
from datetime import timedelta
from http.client import HTTPConnection
from io import StringIO
from threading import Thread
from typing import Self

from django.test import SimpleTestCase
from django.utils import timezone

from examples.receivers import Json
from examples.webhook_receiver import WebhookReceiver
from ticketflower.outgoing.signing import new_signing_secret, sign
from workflow_ops.models import DeliveryState
from workflow_ops.tests.engine_cases import form, workflow
from workflow_ops.tests.notifications.webhooks.webhook_cases import CommittedWebhookTestCase


class Running:
    """A receiver on a port of its own."""

    def __init__(self, secret: str) -> None:
        self.server = WebhookReceiver(0, secret=secret)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def __enter__(self) -> Self:
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def send(self, delivery: Json, secret: str, *, age: timedelta = timedelta()) -> int:
        """Post a delivery signed with a secret, and return the status of the answer."""
        body = json.dumps(delivery).encode()
        headers = sign(secret, key=delivery["id"], body=body, at=timezone.now() - age)
        with (
            closing(HTTPConnection("127.0.0.1", self.server.server_port, timeout=10)) as connection,
            redirect_stdout(StringIO()),
        ):
            connection.request("POST", "/", body, headers)
            return connection.getresponse().status


class ReceiverTests(SimpleTestCase):
    def test_only_what_was_signed_just_now(self) -> None:
        secret, delivery = new_signing_secret(), {"id": "1", "event": "test"}
        with Running(secret) as running:
            self.assertEqual(running.send(delivery, new_signing_secret()), 401)
            self.assertEqual(running.send(delivery, secret, age=timedelta(minutes=6)), 401)
            self.assertEqual(running.server.taken, {})
            self.assertEqual(running.send(delivery, secret), 204)
            self.assertEqual([*running.server.taken], ["1"])

    def test_each_once_and_in_order(self) -> None:
        with Running(new_signing_secret()) as running:
            for key, sequence, done in (("a", 31, "taken"), ("b", 95, "taken"), ("c", 60, "came late")):
                delivery = {"id": key, "event": "ticket.changed", "ticket": 12, "sequence": sequence}
                self.assertEqual(running.server.take(delivery), done)
                self.assertEqual(running.server.take(delivery), "known already")
            self.assertEqual(running.server.newest, {12: 95})


class FromTheSite(CommittedWebhookTestCase):
    def test_what_happens_to_a_ticket(self) -> None:
        with Running("") as running, redirect_stdout(StringIO()) as printed:
            webhook = self.register(running.url, events=["ticket.submitted"])
            running.server.secret = self.secret
            ticket = self.engine.submit(self.engine.load(workflow(form("Do", "a"))), a="x")
            self.announce()
            self.send(webhook)
        (taken,) = running.server.taken.values()
        self.assertEqual((taken["event"], taken["ticket"]), ("ticket.submitted", ticket.number))
        self.assertEqual(self.states(), [DeliveryState.DELIVERED])
        self.assertIn("ticket.submitted: taken", printed.getvalue())
