"""Small systems that workflows can call, to watch actions work: `python3 examples/receivers.py`.

Each answers one workflow of the gallery (`examples/README.md`). They show what every receiver should do:
check the signature, and answer the same call again as it did before. Nothing but Python is needed.
"""

import argparse
import base64
import hmac
import json
import os
import re
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Timer
from typing import Any
from urllib.request import Request, urlopen

Json = dict[str, Any]
Answer = tuple[HTTPStatus, Json]
Post = Callable[[str, Json], None]

LIMITS = {"travel": 500, "meals": 50, "material": 200, "other": 100}
COMPANIES = {"HRB 10410": "Northern Timber Ltd", "HRB 20520": "Bright Paper plc"}
TOLERANCE = 5 * 60
"""In seconds: older calls may be recorded and sent again by somebody else."""


# --- The systems ---------------------------------------------------------------------


def check_limit(claim: Json) -> Answer:
    """Say whether an expense claim is within the limit of its category."""
    limit = LIMITS.get(claim["category"], 0)
    return HTTPStatus.OK, {"within_limit": claim["amount"] <= limit, "limit": limit}


def find_company(question: Json) -> Answer:
    """Look a number up in the company register."""
    name = COMPANIES.get(question["number"])
    return HTTPStatus.OK, {"found": True, "name": name} if name else {"found": False}


def show_message(message: Json) -> Answer:
    """Show a message of a chat."""
    print(f"#team: {message.get('text', message)}", flush=True)  # noqa: T201
    return HTTPStatus.OK, {"ok": True}


def welcome(_test: Json) -> Answer:
    """Answer the test on the page of a connection."""
    return HTTPStatus.OK, {"ok": True}


class Accounts:
    """Sets up accounts. That takes a while, so the answer is sent to the callback address later."""

    def __init__(self, post: Post, seconds: float) -> None:
        self._post, self._seconds = post, seconds

    def set_up(self, order: Json) -> Answer:
        """Accept the order of an account."""
        Timer(self._seconds, self._report, [order]).start()
        return HTTPStatus.ACCEPTED, {"accepted": True}

    def _report(self, order: Json) -> None:
        first, *_others, last = order["name"].lower().split() * 2
        names = [re.sub(r"[^a-z]", "", each) or "x" for each in (first, last)]
        account = {"login_name": f"{names[0][0]}{names[1]}", "email": f"{'.'.join(names)}@example.com"}
        self._post(order["callback_url"], account)


# --- What they have in common --------------------------------------------------------


def post_json(address: str, content: Json) -> None:
    """Post an answer to a callback address."""
    body = json.dumps(content).encode()
    request = Request(address, body, {"Content-Type": "application/json"})  # noqa: S310 - as it was given
    with urlopen(request, timeout=10) as response:  # noqa: S310
        print(f"Answered {response.status} to {content}", flush=True)  # noqa: T201


def is_signed(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Return whether a call was signed with the secret of the connection (www.standardwebhooks.com)."""
    key, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    content = b".".join([key.encode(), moment.encode(), body])
    mac = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), content, sha256).digest()
    right = f"v1,{base64.b64encode(mac).decode()}"
    given = headers.get("webhook-signature", "").split()
    is_new = moment.isdecimal() and abs(time.time() - int(moment)) <= TOLERANCE
    return is_new and any(hmac.compare_digest(each.encode(), right.encode()) for each in given)


class Receivers(ThreadingHTTPServer):
    """All of these systems at one address; `secret` is the signing secret of their connections, if any."""

    def __init__(self, port: int, *, secret: str = "", seconds: float = 3, post: Post = post_json) -> None:
        super().__init__(("127.0.0.1", port), _Requests)
        accounts = Accounts(post, seconds)
        self.systems: dict[str, Callable[[Json], Answer]] = {
            "/": welcome,
            "/accounts": accounts.set_up,
            "/limits": check_limit,
            "/companies": find_company,
            "/chat": show_message,
        }
        self.secret = secret
        self.answers: dict[str, Answer] = {}
        """The answer to each call by its key: a call that is tried again has the same one."""
        self.lock = Lock()

    def answer(self, path: str, key: str, body: bytes) -> Answer:
        """Do what a call asks for, once."""
        with self.lock:
            if key not in self.answers:
                self.answers[key] = self.systems[path](json.loads(body))
            return self.answers[key]


class _Requests(BaseHTTPRequestHandler):
    server: Receivers

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if self.server.secret and not is_signed(self.server.secret, headers, body):
            self._respond(HTTPStatus.UNAUTHORIZED, {"error": "The signature is not right."})
        elif self.path not in self.server.systems:
            self._respond(HTTPStatus.NOT_FOUND, {"error": f"Known are {', '.join(self.server.systems)}."})
        else:
            try:
                answer = self.server.answer(self.path, headers["idempotency-key"], body)
            except (KeyError, TypeError, ValueError) as error:
                answer = HTTPStatus.BAD_REQUEST, {"error": f"{type(error).__name__}: {error}"}
            self._respond(*answer)

    def _respond(self, status: HTTPStatus, content: Json) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Answer until Ctrl+C."""
    parser = argparse.ArgumentParser(description="Small systems for the workflows of the gallery.")
    parser.add_argument("--port", type=int, default=8765)
    receivers = Receivers(parser.parse_args().port, secret=os.environ.get("SIGNING_SECRET", ""))
    addresses = ", ".join(f"http://127.0.0.1:{receivers.server_port}{path}" for path in receivers.systems)
    print(f"Listening at {addresses}", flush=True)  # noqa: T201
    receivers.serve_forever()


if __name__ == "__main__":
    main()
