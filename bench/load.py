"""Browsers that post one form after the other, and how long each answer took."""

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
    "details": "As said on the phone.\nThank you.",
    "amount": "5",
    "day": "2030-07-01",
    "kind": "a",
    "urgent": "False",
}


@dataclass(frozen=True, slots=True)
class Target:
    """A form of a site that runs."""

    name: str
    port: int
    path: str
    session: str
    site_url: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What one round came to."""

    seconds: float
    latencies: list[float]

    @property
    def per_second(self) -> float:
        """Tickets in a second."""
        return len(self.latencies) / self.seconds

    @property
    def median_ms(self) -> float:
        """The latency of the one in the middle."""
        return median(self.latencies) * 1000

    @property
    def p95_ms(self) -> float:
        """The latency that 19 of 20 keep."""
        return quantiles(self.latencies, n=20)[-1] * 1000


def measure(target: Target, *, clients: int, posts: int) -> Measured:
    """So many clients, each of which posts so often, each on a connection that it keeps.

    Raises RuntimeError for an answer that is not the redirect to the new ticket.
    """
    barrier = Barrier(clients + 1)

    def work(_client: int) -> list[float]:
        line = HTTPConnection("127.0.0.1", target.port, timeout=60)
        try:
            barrier.wait()
            return [_post(line, target) for _each in range(posts)]
        finally:
            line.close()

    with ThreadPoolExecutor(clients) as pool:
        running = [pool.submit(work, client) for client in range(clients)]
        barrier.wait()
        began = time.perf_counter()
        latencies = [latency for each in running for latency in each.result()]
        return Measured(time.perf_counter() - began, latencies)


def _post(line: HTTPConnection, target: Target) -> float:
    body = urlencode({**_FIELDS, "csrfmiddlewaretoken": _CSRF, "_form_token": str(uuid4())})
    headers = {
        "Host": urlsplit(target.site_url).netloc,
        "X-Forwarded-Proto": "https",
        "Referer": f"{target.site_url}/",
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"csrftoken={_CSRF}; sessionid={target.session}",
    }
    began = time.perf_counter()
    line.request("POST", target.path, body, headers)
    answer = line.getresponse()
    text = answer.read()
    took = time.perf_counter() - began
    location = answer.getheader("Location") or ""
    if answer.status != 302 or not location.startswith("/tickets/"):  # noqa: PLR2004 - a redirect
        raise RuntimeError(f"{target.name}: {answer.status} {location} {text[:500]!r}")
    return took
