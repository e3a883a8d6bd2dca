"""The web server, as a process with four threads and clients slower than those threads are many."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import unittest
from collections.abc import Callable, Iterable
from http.client import HTTPConnection
from typing import Any

from ticketflower import environment

_CLIENTS = 12
_BIG = 4_000_000  # bytes: more than the operating system buffers for a socket
_SECONDS = 20.0


def application(wsgi: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Read the whole request, and answer with a short or a big page."""
    wsgi["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"x" * 1000] * (_BIG // 1000) if wsgi["PATH_INFO"] == "/big" else [b"page"]


class ServerTests(unittest.TestCase):
    """Each test has a server of its own."""

    def setUp(self) -> None:
        super().setUp()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [sys.executable, "-m", "ticketflower.server", "--port", str(self.port), "--threads", "4"]
        self.server = subprocess.Popen(
            [*command, "--application", f"{__name__}.application"], cwd=environment.BASE_DIR
        )
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.kill)
        while self.server.poll() is None:
            with socket.socket() as probe:
                if not probe.connect_ex(("127.0.0.1", self.port)):
                    return
        self.fail("the server did not start")

    def client(self, sends: bytes) -> socket.socket:
        """Return a connection that has sent something and reads nothing."""
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(_SECONDS)
        client.connect(("127.0.0.1", self.port))
        client.sendall(sends)
        self.addCleanup(client.close)
        return client

    def test_slow_clients_leave_the_threads_to_others(self) -> None:
        for what, sends in {
            "a header": b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
            "a body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nx",
            "a body in chunks": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nx",
            "the response": b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n",
        }.items():
            with self.subTest(slow=what):
                for _client in range(_CLIENTS):
                    self.client(sends)
                connection = HTTPConnection("127.0.0.1", self.port, timeout=_SECONDS)
                self.addCleanup(connection.close)
                connection.request("POST", "/", b"form")
                self.assertEqual(connection.getresponse().read(), b"page")

    def test_sigterm_ends_it_after_the_responses_that_have_begun(self) -> None:
        client = self.client(b"GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        received = len(client.recv(1))
        self.server.send_signal(signal.SIGTERM)
        while data := client.recv(65536):
            received += len(data)
        self.assertGreater(received, _BIG)
        self.assertEqual(self.server.wait(timeout=_SECONDS), 0)
