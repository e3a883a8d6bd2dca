"""Simulated browsers that post forms one after the other and measure the response times."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from statistics import median, quantiles
from threading import Barrier
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

_CSRF = "c" * 32
_FIELDS = {
    "reason": "Needed for the trade fair",
    "amount": "5",
    "day": "2030-07-01",
    "kind": "a",
    "urgent": "False",
}


@dataclass(frozen=True, slots=True)
class Target:
    """A form of a running site."""

    name: str
    port: int
    path: str
    session: str
    site_url: str


@dataclass(frozen=True, slots=True)
class Measurement:
    """The result of one round."""

    seconds: float
    latencies: list[float]

    @property
    def per_second(self) -> float:
        """Tickets per second."""
        return len(self.latencies) / self.seconds

    @property
    def median_ms(self) -> float:
        """The median latency."""
        return median(self.latencies) * 1000

    @property
    def p95_ms(self) -> float:
        """The 95th percentile of the latency."""
        return quantiles(self.latencies, n=20)[-1] * 1000


def measure(target: Target, *, clients: int, posts: int) -> Measurement:
    """Run `clients` simultaneous clients that each send `posts` forms on a persistent connection.

    Raise RuntimeError for any response that is not a redirect to the new ticket.
    """
    barrier = Barrier(clients + 1)

    def run_client(_client: int) -> list[float]:
        connection = HTTPConnection("127.0.0.1", target.port, timeout=60)
        try:
            barrier.wait()
            return [_seconds(connection, target) for _post_number in range(posts)]
        finally:
            connection.close()

    with ThreadPoolExecutor(clients) as pool:
        running = [pool.submit(run_client, client) for client in range(clients)]
        barrier.wait()
        began = time.perf_counter()
        latencies = [latency for each in running for latency in each.result()]
        return Measurement(time.perf_counter() - began, latencies)


def submit(target: Target, token: str) -> int:
    """Submit a ticket with this form token on a new connection; return the number in its address.

    Raise RuntimeError for any response that is not a redirect to the new ticket, and OSError or
    HTTPException if there is none.
    """
    connection = HTTPConnection("127.0.0.1", target.port, timeout=60)
    try:
        return _post(connection, target, token)
    finally:
        connection.close()


def form_fields() -> dict[str, str]:
    """Return the fields of a ticket like no other: the site asks before it takes the same again."""
    token = str(uuid4())
    return {**_FIELDS, "details": f"As said on the phone.\nThank you. {token}", "_form_token": token}


def _seconds(connection: HTTPConnection, target: Target) -> float:
    began = time.perf_counter()
    _post(connection, target, str(uuid4()))
    return time.perf_counter() - began


def _post(connection: HTTPConnection, target: Target, token: str) -> int:
    body = urlencode({**form_fields(), "csrfmiddlewaretoken": _CSRF, "_form_token": token})
    headers = {
        "Host": urlsplit(target.site_url).netloc,
        "X-Forwarded-Proto": "https",
        "Referer": f"{target.site_url}/",
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"csrftoken={_CSRF}; sessionid={target.session}",
    }
    connection.request("POST", target.path, body, headers)
    response = connection.getresponse()
    text = response.read()
    location = response.getheader("Location") or ""
    if response.status != 302 or not location.startswith("/tickets/"):  # noqa: PLR2004 - a redirect
        raise RuntimeError(f"{target.name}: {response.status} {location} {text[:500]!r}")
    number = location.split("/")[2]
    return int(number) if number.isdigit() else 0
