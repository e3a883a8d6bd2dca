"""Another system on loopback, which actions call."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Received:
    """A call, as it was received."""

    path: str
    body: dict[str, Any]
    key: str
    """Its idempotency key."""
    port: int
    """Where it came from."""


class Receiver(ThreadingHTTPServer):
    """A server that answers each call with the status and JSON that `answer` makes of it."""

    daemon_threads = True
    request_queue_size = 64

    around_answer: Callable[[Received, Callable[[], None]], None]
    """Called with each call and what sends its answer."""

    def __init__(self, answer: Callable[[Received], tuple[int, Any]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.around_answer = lambda _received, answer: answer()
        self.received: list[Received] = []

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of calls whose worker was killed."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet
    server: Receiver

    def do_POST(self) -> None:
        """Answer a call."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        received = Received(self.path, body, self.headers["Idempotency-Key"], self.client_address[1])
        self.server.received.append(received)
        self.server.around_answer(received, lambda: self._answer(*self.server.answer(received)))

    def _answer(self, status: int, value: Any) -> None:
        text = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""
