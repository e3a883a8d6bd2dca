"""Requests to other systems that answer well, badly or not at all."""

import gc
import gzip
import itertools
import logging
import os
import random
import tempfile
import threading
import traceback
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from unittest.mock import patch

from django.test import SimpleTestCase, override_settings
from django.utils import timezone
from django.utils.http import http_date

from ticketflower.outgoing.call import MAX_ANSWER_BYTES, CallFailedError, OutgoingRequest
from ticketflower.outgoing.headers import header_problem
from ticketflower.outgoing.sending import send
from ticketflower.tests.outgoing.receivers import Receiver, answer, taking

SUCCESS = b"HTTP/1.1 200 OK\r\n"
CHUNKED = SUCCESS + b"Transfer-Encoding: chunked\r\n\r\n"
TOO_LARGE = "The answer is too large: at most 1 MiB is read."
NOT_HTTP = "The system did not answer as a web server does."
ENDED = "The system ended the connection before its answer was complete."
REDIRECTED = "The system redirects the call to another system, which is not allowed."


def fail(
    url: str, *, timeout: float = 30, body: bytes = b"{}", headers: Mapping[str, str] | None = None
) -> CallFailedError:
    """Send a request that must fail, and return how."""
    try:
        sent = send(OutgoingRequest(url, body, headers or {}, timeout))
    except CallFailedError as error:
        return error
    raise AssertionError(sent)


@override_settings(ACTIONS_ALLOW_LOOPBACK=True)
class AnswerTests(SimpleTestCase):
    """Answers that come in time."""

    def test_request_and_answer(self) -> None:
        with Receiver(answer("201 Made", b'{"id": 7}')) as receiver:
            sent = send(OutgoingRequest(receiver.url + "/a?b=c", b'{"n": 1}', {"Authorization": "Bearer x"}))
        self.assertEqual((sent.status, sent.body), (201, b'{"id": 7}'))
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

    def test_any_body_is_returned(self) -> None:
        most = b"x" * MAX_ANSWER_BYTES
        bodies = {
            b"": answer("204 No Content", b""),
            b"<html>": answer(body=b"<html>"),
            b"no length": SUCCESS + b"\r\nno length",
            b"chunks": CHUNKED + b"3\r\nchu\r\n3;x=y\r\nnks\r\n0\r\nTrailer: x\r\n\r\n",
            b"after 100": b"HTTP/1.1 100 Continue\r\n\r\n" + answer(body=b"after 100"),
            most: answer(body=most),
        }
        with Receiver(*bodies.values()) as receiver:
            for body in bodies:
                self.assertEqual(send(OutgoingRequest(receiver.url, b"{}")).body, body)

    def test_temporary_statuses(self) -> None:
        temporary = [408, 425, 429, 500, 502, 503, 504, 599]
        final = [304, 305, 400, 401, 403, 404, 405, 409, 410, 413, 418, 422, 600]
        with Receiver(*(answer(f"{status} X", b"why") for status in temporary + final)) as receiver:
            for status in temporary + final:
                error = fail(receiver.url)
                self.assertEqual((error.status, error.is_temporary), (status, status in temporary))
                self.assertTrue(error.message.startswith(f"The system answered {status}"), error.message)
                self.assertEqual(error.body, b"" if status == 304 else b"why")

    def test_success_after_failure(self) -> None:
        with Receiver(answer("503 I am <b>the law</b>", b"x" * 9999), answer()) as receiver:
            error = fail(receiver.url)
            self.assertEqual(send(OutgoingRequest(receiver.url, b"{}")).body, b"{}")
        self.assertEqual(error.message, "The system answered 503 (Service Unavailable).")
        self.assertEqual((error.status, error.body), (503, b"x" * 4096))

    def test_time_to_wait(self) -> None:
        soon, past = (http_date(timezone.now().timestamp() + seconds) for seconds in (100, -100))
        expected = {
            "7": (7, 7),
            "0": (0, 0),
            soon: (90, 100),
            past: (0, 0),
            "999999999": (86400, 86400),
            "9" * 5000: None,
            "-1": None,
            "1.5": None,
            "soon": None,
            "Mon, 99 Foo 99999 99:99:99 GMT": None,
        }
        with Receiver(*(answer("429 X", Retry_After=text) for text in expected), answer("503 X")) as receiver:
            for text, bounds in expected.items():
                seconds = fail(receiver.url).retry_after
                with self.subTest(text[:40]):
                    if bounds is None:
                        self.assertIsNone(seconds)
                    else:
                        self.assertTrue(bounds[0] <= (-1 if seconds is None else seconds) <= bounds[1])
            self.assertIsNone(fail(receiver.url).retry_after)

    def test_answers_that_are_none(self) -> None:
        answers = {
            b"": ENDED,
            answer(body=b"{}", Content_Length="3"): ENDED,
            CHUNKED + b"5\r\nab": ENDED,
            CHUNKED + b"zz\r\n{}\r\n": ENDED,
            CHUNKED + b"-5\r\n{}\r\n": NOT_HTTP,
            b"hello": NOT_HTTP,
            b"SSH-2.0-x\r\n": NOT_HTTP,
            b"\x00\xff" * 99: NOT_HTTP,
            answer() .replace(b"Content", b"Content-Length: 9\r\nContent"): NOT_HTTP,
            SUCCESS + b"a: b\r\n" * 101 + b"\r\n{}": NOT_HTTP,
        }  # fmt: skip
        with Receiver(*answers) as receiver:
            for given, message in answers.items():
                error = fail(receiver.url)
                with self.subTest(given[:60]):
                    self.assertEqual((error.message, error.is_temporary), (message, True))

    def test_random_answers(self) -> None:
        """No exception of a library gets out."""
        parts = (
            b"HTTP/1.1 ,200,307,500,099,\r\n,\n,\r,: ,Content-Length,Transfer-Encoding,chunked,gzip,Location"
            b",Content-Encoding,http://[,http://x:y/,//,Set-Cookie,a=b; expires=Mon 99,\x00,\xff\xfe,0,5,-1"
            b",ffffffffffffffffffff,{}, ,\t,Retry-After,multipart/form-data; boundary=',=?utf-8?q?=FF?="
        ).split(b",")
        chance = random.Random(7)  # noqa: S311
        answers = [
            SUCCESS * chance.choice([0, 1, 1, 1]) + b"".join(chance.choices(parts, k=chance.randrange(1, 25)))
            for _answer in range(200)
        ]
        with Receiver(*answers) as receiver:
            while receiver.answers:
                with suppress(CallFailedError):
                    send(OutgoingRequest(receiver.url, b"{}", timeout=5))
        self.assertGreaterEqual(receiver.connections, 200)

    def test_nobody_listens(self) -> None:
        with Receiver() as receiver:
            pass
        error = fail(receiver.url)
        self.assertEqual((error.message, error.is_temporary), ("The system can't be reached.", True))

    def test_localhost_that_listens_on_one_of_its_addresses(self) -> None:
        with Receiver(answer()) as receiver:
            url = f"http://localhost:{receiver.port}/"
            self.assertEqual(send(OutgoingRequest(url, b"{}")).status, 200)
        self.assertIn(f"Host: localhost:{receiver.port}".encode(), receiver.received[0])


@override_settings(ACTIONS_ALLOW_LOOPBACK=True)
class LimitTests(SimpleTestCase):
    """Answers that are too slow or too large."""

    def test_slow_answers(self) -> None:
        slow = {
            "never": None,
            "status": (b"HTTP/1.1 2", b"0"),
            "header": (SUCCESS + b"A: ", b"b"),
            "headers": (SUCCESS, b"a: b\r\n"),
            "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
            "body": (SUCCESS + b"Content-Length: 9999\r\n\r\n", b"x"),
            "no length": (SUCCESS + b"\r\n", b"x"),
            "size": (CHUNKED, b"0"),
            "chunks": (CHUNKED, b"1\r\nx\r\n"),
            "trailers": (CHUNKED + b"0\r\n", b"a: b\r\n"),
        }
        with ExitStack() as stack, ThreadPoolExecutor(len(slow)) as threads:
            receivers = [stack.enter_context(Receiver()) for _name in slow]
            for receiver, parts in zip(receivers, slow.values(), strict=True):
                receiver.answers += [receiver.drip(*parts)] if parts else []
            with taking(at_least=0.5, at_most=1.5):
                errors = list(threads.map(lambda receiver: fail(receiver.url, timeout=0.5), receivers))
            for name, error in zip(slow, errors, strict=True):
                with self.subTest(name):
                    self.assertEqual(error.message, "No answer within 0.5 seconds.")
                    self.assertTrue(error.is_temporary)

    def test_slow_body_of_an_error(self) -> None:
        with Receiver() as receiver:
            receiver.answers = [receiver.drip(b"HTTP/1.1 500 X\r\nContent-Length: 9999\r\n\r\n", b"x")]
            with taking(at_most=1.3):
                error = fail(receiver.url, timeout=0.3)
        self.assertEqual((error.status, error.body[:2]), (500, b"xx"))

    def test_redirects_share_one_deadline(self) -> None:
        def late(receiver: Receiver) -> Iterator[bytes]:
            receiver.stopped.wait(0.2)
            yield answer("307 X", Location="/")

        with Receiver() as receiver:
            receiver.answers = [late(receiver) for _hop in range(6)]
            with taking(at_most=1.5):
                error = fail(receiver.url, timeout=0.5)
        self.assertEqual(error.message, "No answer within 0.5 seconds.")

    def test_request_that_is_never_read(self) -> None:
        with (
            patch.object(Receiver, "_read", lambda self, _connection: self.stopped.wait()),
            Receiver() as receiver,
            taking(at_most=1.3),
        ):
            error = fail(receiver.url, timeout=0.3, body=b"x" * 20_000_000)
        self.assertEqual(error.message, "No answer within 0.3 seconds.")

    def test_slow_name(self) -> None:
        found = threading.Event()
        with patch("socket.getaddrinfo", lambda *_args, **_options: found.wait() and []):
            error = fail("http://slow.example/", timeout=0.2)
            found.set()
        self.assertEqual((error.message, error.is_temporary), ("No answer within 0.2 seconds.", True))
        threads = [thread for thread in threading.enumerate() if thread.name == "name look-up"]
        for thread in threads:
            thread.join(2)
        self.assertEqual(any(thread.is_alive() for thread in threads), False)

    def test_large_answers(self) -> None:
        much = b"x" * 65536
        large: dict[str, tuple[bytes, bytes]] = {
            "body": (SUCCESS + b"Content-Length: 99999999999\r\n\r\n", much),
            "no length": (SUCCESS + b"\r\n", much),
            "chunks": (CHUNKED, b"8000\r\n" + b"x" * 0x8000 + b"\r\n"),
            "trailers": (CHUNKED + b"0\r\n", b"a: b\r\n" * 9999),
            "header": (SUCCESS + b"a: ", much),
            "headers": (SUCCESS, b"a: " + b"b" * 6000 + b"\r\n"),
            "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 999),
        }
        for name, (beginning, part) in large.items():
            with (
                self.subTest(name),
                Receiver(itertools.chain([beginning], itertools.repeat(part))) as receiver,
            ):
                error = fail(receiver.url)
                self.assertEqual((error.message, error.is_temporary), (TOO_LARGE, False))
        with Receiver(itertools.chain([CHUNKED], itertools.repeat(b"0" * 65536))) as receiver:
            self.assertEqual(fail(receiver.url).message, NOT_HTTP)
        with Receiver(answer(body=b"x" * (MAX_ANSWER_BYTES + 1))) as receiver:
            error = fail(receiver.url)
        self.assertEqual((error.message, error.status), (TOO_LARGE, 200))

    def test_compressed_answers(self) -> None:
        bomb = gzip.compress(gzip.compress(bytes(30_000_000)))
        packed = {"Content_Encoding": "gzip, gzip"}
        message = "The answer is compressed, which was not asked for."
        with Receiver(
            answer(body=bomb, **packed),
            answer("500 X", bomb, **packed),
            answer("307 X", bomb, Location="/", **packed),
            answer(),
        ) as receiver:
            self.assertEqual(fail(receiver.url).message, message)
            self.assertEqual(fail(receiver.url).body, b"")
            self.assertEqual(send(OutgoingRequest(receiver.url, b"{}")).body, b"{}")


@override_settings(ACTIONS_ALLOW_LOOPBACK=True)
class RedirectTests(SimpleTestCase):
    def test_within_the_same_system(self) -> None:
        with Receiver(answer("307 X", Location="/b?c"), answer("308 X", Location="d"), answer()) as receiver:
            sent = send(OutgoingRequest(receiver.url + "/a", b'{"n": 1}', {"Authorization": "x"}))
        self.assertEqual(sent.status, 200)
        heads = [request.partition(b"\r\n")[0] for request in receiver.received]
        self.assertEqual(heads, [b"POST /a HTTP/1.1", b"POST /b?c HTTP/1.1", b"POST /d HTTP/1.1"])
        for request in receiver.received:
            self.assertTrue(request.endswith(b'\r\n\r\n{"n": 1}') and b"Authorization: x" in request)

    def test_to_other_systems(self) -> None:
        with Receiver() as other, Receiver() as receiver:
            targets = [
                f"http://localhost:{receiver.port}/",
                f"http://127.1:{receiver.port}/",
                f"http://127.0.0.1.:{receiver.port}/",
                f"http://127.0.0.2:{receiver.port}/",
                f"https://127.0.0.1:{receiver.port}/",
                f"http://x@127.0.0.1:{receiver.port}/",
                f"//127.0.0.1:{other.port}/",
                f"\\\\127.0.0.1:{other.port}/",
                other.url,
                "http://10.0.0.1/",
                "http://169.254.169.254/latest/meta-data/",
                "http://[::1/",
                "http://127.0.0.1:99999/",
                "file:///etc/passwd",
                "gopher://127.0.0.1:6379/_x",
                "javascript:x",
                "/ü",
                "/\x01",
                "#x",
            ]
            receiver.answers += [answer("307 X", Location=target) for target in targets]
            for target in targets:
                with self.subTest(target):
                    error = fail(receiver.url)
                    self.assertEqual((error.message, error.is_temporary), (REDIRECTED, False))
        self.assertEqual((receiver.connections, other.connections), (len(targets), 0))

    def test_that_lose_the_body(self) -> None:
        with Receiver(*(answer(f"{status} X", Location="/") for status in (301, 302, 303))) as receiver:
            for name in ("301 (Moved Permanently)", "302 (Found)", "303 (See Other)"):
                error = fail(receiver.url)
                self.assertIn(f"The system answered {name}. After such a redirect nothing", error.message)
                self.assertFalse(error.is_temporary)
        self.assertEqual(receiver.connections, 3)

    def test_circle_and_no_target(self) -> None:
        with Receiver(*[answer("307 X", Location="/")] * 6, answer("308 X")) as receiver:
            error = fail(receiver.url)
            self.assertEqual((receiver.connections, error.status), (6, 307))
            self.assertEqual(error.message, "The system redirects the call again and again.")
            self.assertEqual(fail(receiver.url).message, "The system answered 308 (Permanent Redirect).")


@override_settings(ACTIONS_ALLOW_LOOPBACK=True)
class ApartTests(SimpleTestCase):
    """Nothing of one call, or of this machine, gets into another call, a log or a message."""

    def test_calls_share_nothing(self) -> None:
        first = answer(Set_Cookie="s=1", Connection="keep-alive")
        hop = answer("307 X", Location="/", Set_Cookie="s=1")
        with Receiver(first, hop, answer()) as receiver:
            for secret in ("one", "two"):
                send(OutgoingRequest(receiver.url, b"{}", {"Authorization": secret}))
        self.assertEqual(receiver.connections, 3)
        sent = [b"one" in request for request in receiver.received]
        self.assertEqual((sent, b"ookie" in b"".join(receiver.received)), ([True, False, False], False))

    def test_environment_is_not_asked(self) -> None:
        with tempfile.TemporaryDirectory() as folder, Receiver() as proxy, Receiver(answer()) as receiver:
            passwords = Path(folder) / "netrc"
            passwords.write_text("machine 127.0.0.1 login me password hush")
            environment = dict.fromkeys(("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"), proxy.url)
            environment |= {"NETRC": str(passwords), "REQUESTS_CA_BUNDLE": folder + "/none", "no_proxy": ""}
            with patch.dict(os.environ, environment):
                self.assertEqual(send(OutgoingRequest(receiver.url, b"{}")).status, 200)
        self.assertEqual((proxy.connections, b"Authorization" in receiver.received[0]), (0, False))

    def test_nothing_is_left_open(self) -> None:
        answers = [answer(), answer("500 X"), answer(Content_Length="9"), b"x", CHUNKED + b"-5\r\n"] * 8
        gc.collect()  # what earlier tests left open
        files = len(os.listdir("/dev/fd"))  # noqa: PTH208
        with Receiver(*answers) as receiver, ThreadPoolExecutor(8) as threads:

            def call(_number: int) -> bytes:
                try:
                    return send(OutgoingRequest(receiver.url, b"{}")).body
                except CallFailedError as error:
                    return error.body

            bodies = list(threads.map(call, range(len(answers))))
        self.assertEqual((bodies.count(b"{}"), len(bodies)), (16, 40))
        self.assertLessEqual(len(os.listdir("/dev/fd")), files)  # noqa: PTH208

    def test_secrets_are_not_in_errors_and_logs(self) -> None:
        with Receiver(b"", b"x", SUCCESS + b"junk\r\n\r\n{}") as receiver:
            request = OutgoingRequest(receiver.url + "/hush", b"{}", {"Authorization": "hush"})
            for _answer in range(2):
                with self.assertRaises(CallFailedError) as raised:
                    send(request)
                self.assertNotIn("hush", "".join(traceback.format_exception(raised.exception)))
            with self.assertNoLogs(level="WARNING"):
                send(request)
        self.assertNotIn("hush", repr(request))
        self.assertFalse(logging.getLogger("urllib3.connectionpool").isEnabledFor(logging.WARNING))

    def test_headers_of_the_protocol(self) -> None:
        headers = {
            "Host": "internal",
            "content-length": "0",
            "Transfer-Encoding": "chunked",
            "Connection": "keep-alive",
            "Content-Type": "text/plain",
            "Proxy-Authorization": "x",
            "X-A": "b\r\nHost: internal",
            "X-B": "ü",
            "X-C": "",
            "X D": "e",
            "X-E:": "f",
            "": "x",
        }
        with Receiver() as receiver:
            for name, value in headers.items():
                with self.subTest(name):
                    error = fail(receiver.url, headers={name: value})
                    self.assertEqual(error.message, header_problem(name, value))
                    self.assertRegex(error.message, r"^[A-Z].*\.$")
        self.assertEqual(receiver.connections, 0)
        self.assertEqual(header_problem("X-Api-Key", "a b=c"), "")
