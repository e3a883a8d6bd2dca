"""Requests to other systems that answer well, badly or not at all."""

import json
from datetime import UTC, datetime

from django.test import SimpleTestCase, override_settings
from standardwebhooks import Webhook

from ticketflower.outgoing.call import CallFailedError, OutgoingRequest
from ticketflower.outgoing.sending import send
from ticketflower.outgoing.signing import new_signing_secret, sign
from ticketflower.tests.outgoing.receivers import Receiver, answer


def fail(url: str, *, timeout: float = 30) -> CallFailedError:
    """Send a request that must fail, and return how."""
    try:
        sent = send(OutgoingRequest(url, b"{}", timeout=timeout))
    except CallFailedError as error:
        return error
    raise AssertionError(sent)


@override_settings(ACTIONS_ALLOW_LOOPBACK=True)
class SendingTests(SimpleTestCase):
    def test_request_and_answer(self) -> None:
        with Receiver(answer("201 Made", b'{"id": 7}', X_Kind="new")) as receiver:
            sent = send(OutgoingRequest(receiver.url + "/a?b=c", b'{"n": 1}', {"Authorization": "Bearer x"}))
        self.assertEqual((sent.status, sent.body, sent.headers["x-kind"]), (201, b'{"id": 7}', "new"))
        self.assertTrue(0 < sent.seconds < 30, sent.seconds)
        head, _end, body = receiver.received[0].decode().partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        self.assertEqual((first, body), ("POST /a?b=c HTTP/1.1", '{"n": 1}'))
        self.assertEqual(
            dict(line.split(": ") for line in lines),
            {
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "Authorization": "Bearer x",
                "Connection": "close",
                "Content-Length": "8",
                "Content-Type": "application/json",
                "Host": f"127.0.0.1:{receiver.port}",
                "User-Agent": "TicketFlower",
            },
        )

    def test_no_answer(self) -> None:
        with Receiver() as receiver:
            error = fail(receiver.url, timeout=0.2)
        self.assertEqual((error.message, error.is_temporary), ("No answer within 0.2 seconds.", True))

    def test_address_of_this_machine(self) -> None:
        with Receiver() as receiver, self.settings(ACTIONS_ALLOW_LOOPBACK=False):
            error = fail(receiver.url)
        self.assertIn("leads to this machine", error.message)
        self.assertEqual((error.is_temporary, receiver.received), (False, []))

    def test_status(self) -> None:
        with Receiver(answer("503 X", b"later", Retry_After="7")) as receiver:
            error = fail(receiver.url)
        self.assertEqual(error.message, "The system answered 503 (Service Unavailable).")
        self.assertEqual((error.status, error.body, error.retry_after), (503, b"later", 7))


class SigningTests(SimpleTestCase):
    def test_verified_by_the_standard(self) -> None:
        secret, body = new_signing_secret(), json.dumps({"ä": 1}).encode()
        headers = sign(secret, key="k", body=body, at=datetime.now(UTC))
        self.assertEqual(Webhook(secret).verify(body, headers), {"ä": 1})
