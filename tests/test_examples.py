"""The receivers under examples/: what they answer, and that the workflows of the gallery work with them."""

import json
from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPConnection
from threading import Thread, Timer
from threading import enumerate as running_threads
from typing import Self

from django.test import SimpleTestCase
from django.utils import timezone

from examples.receivers import Answer, Json, Receivers
from ticketflower.outgoing.signing import new_signing_secret, sign


class Running:
    """Receivers on a port of their own, which post their answers at once to `sent`."""

    def __init__(self, secret: str = "") -> None:
        self.sent: list[tuple[str, Json]] = []
        self.server = Receivers(
            0, secret=secret, seconds=0, post=lambda address, content: self.sent.append((address, content))
        )
        self.port = self.server.server_port

    def __enter__(self) -> Self:
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def call(self, path: str, body: bytes | Json, headers: Mapping[str, str] = {}) -> Answer:
        """Post a body, and return what is answered."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("POST", path, content, {"Idempotency-Key": "1", **headers})
            response = connection.getresponse()
            return HTTPStatus(response.status), json.loads(response.read())


class ReceiverTests(SimpleTestCase):
    def test_each_answers(self) -> None:
        for path, sent, answered in (
            ("/limits", {"category": "meals", "amount": 50}, {"within_limit": True, "limit": 50}),
            ("/limits", {"category": "meals", "amount": 50.01}, {"within_limit": False, "limit": 50}),
            ("/companies", {"number": "HRB 10410"}, {"found": True, "name": "Northern Timber Ltd"}),
            ("/companies", {"number": "HRB 1"}, {"found": False}),
        ):
            with self.subTest(sent), Running() as running:
                self.assertEqual(running.call(path, sent), (HTTPStatus.OK, answered))

    def test_a_call_that_is_tried_again_sets_up_one_account(self) -> None:
        order = {"name": "Noor el-Salem", "callback_url": "http://site.example/answer/1/"}
        with Running() as running:
            for _try in range(2):
                self.assertEqual(running.call("/accounts", order), (HTTPStatus.ACCEPTED, {"accepted": True}))
            for thread in running_threads():
                if isinstance(thread, Timer):
                    thread.join()
        account = {"login_name": "nelsalem", "email": "noor.elsalem@example.com"}
        self.assertEqual(running.sent, [("http://site.example/answer/1/", account)])

    def test_what_is_not_right_is_refused(self) -> None:
        with Running() as running:
            self.assertEqual(running.call("/nowhere", {})[0], HTTPStatus.NOT_FOUND)
            for body in (b"no JSON", b"[]", b"{}"):
                self.assertEqual(running.call("/limits", body)[0], HTTPStatus.BAD_REQUEST, body)

    def test_signatures(self) -> None:
        secret, body, now = new_signing_secret(), b'{"number": "HRB 1"}', timezone.now()
        right = sign(secret, key="1", body=body, at=now)
        old = sign(secret, key="1", body=body, at=now - timedelta(minutes=6))
        other = sign(new_signing_secret(), key="1", body=body, at=now)
        with Running(secret) as running:
            self.assertEqual(running.call("/companies", body, right)[0], HTTPStatus.OK)
            for headers in ({}, old, other, right | {"webhook-id": "2"}):
                self.assertEqual(running.call("/companies", body, headers)[0], HTTPStatus.UNAUTHORIZED)
            self.assertEqual(running.call("/companies", body + b" ", right)[0], HTTPStatus.UNAUTHORIZED)
