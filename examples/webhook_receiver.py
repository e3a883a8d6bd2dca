"""A small system that is told of events: `SIGNING_SECRET=whsec_… python3 -m examples.webhook_receiver`.

It shows what every receiver should do: check the signature, answer at once, take each delivery once, and put
the events of a ticket in order by their `sequence`. Nothing but Python is needed.
"""

import argparse
import json
import os
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

from examples.receivers import Json, is_signed

MOST_BYTES = 64 * 1024
"""Deliveries are small; whoever sends more is somebody else."""


class WebhookReceiver(ThreadingHTTPServer):
    """Takes deliveries that are signed with this secret."""

    def __init__(self, port: int, *, secret: str) -> None:
        super().__init__(("127.0.0.1", port), _Requests)
        self.secret = secret
        self.taken: dict[str, Json] = {}
        """Deliveries by their id: one that is sent again, since our answer got lost, has the same."""
        self.newest: dict[int, int] = {}
        """The highest sequence of each ticket: an event with a lower one came late. Gaps say nothing."""
        self.lock = Lock()

    def take(self, delivery: Json) -> str:
        """Take a delivery, and return what was done with it. Work that takes long belongs into a queue."""
        with self.lock:
            if delivery["id"] in self.taken:
                return "known already"
            self.taken[delivery["id"]] = delivery
            ticket, sequence = delivery.get("ticket"), delivery.get("sequence", 0)
            if ticket is None:
                return "taken"
            is_late = sequence < self.newest.get(ticket, 0)
            self.newest[ticket] = max(sequence, self.newest.get(ticket, 0))
            return "came late" if is_late else "taken"


class _Requests(BaseHTTPRequestHandler):
    server: WebhookReceiver

    def do_POST(self) -> None:
        """Answer 204 to what was taken, and 401 to what was not signed; that is not tried again."""
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(min(length, MOST_BYTES))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if length > MOST_BYTES or not is_signed(self.server.secret, headers, body):
            self._answer(HTTPStatus.UNAUTHORIZED)
            return
        delivery = json.loads(body)
        print(f"{delivery['event']}: {self.server.take(delivery)} {delivery}", flush=True)  # noqa: T201
        self._answer(HTTPStatus.NO_CONTENT)

    def _answer(self, status: HTTPStatus) -> None:
        self.send_response(status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: each delivery is printed."""


def main() -> None:
    """Take deliveries until Ctrl+C."""
    parser = argparse.ArgumentParser(description="A receiver of webhooks.")
    parser.add_argument("--port", type=int, default=8766)
    receiver = WebhookReceiver(parser.parse_args().port, secret=os.environ["SIGNING_SECRET"])
    print(f"Listening at http://127.0.0.1:{receiver.server_port}/", flush=True)  # noqa: T201
    receiver.serve_forever()


if __name__ == "__main__":
    main()
