"""Another person's pages beside clients that log in with ever new addresses: `dev.py bench log_ins`.

They guess from one place, where a limit stops them, and from a new place each time, where none can. What
that costs others is in docs/security.md.
"""

from __future__ import annotations

import argparse
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address
from itertools import count
from statistics import median, quantiles
from urllib.parse import urlencode

from bench.places import SITE_URL, product, server
from bench.slow_clients import latencies
from ticketflower.development.console import say

_PAGES = 60
_HOST = SITE_URL.removeprefix("https://")
_CSRF = "c" * 32
_numbers = count()


def _log_in(port: int, place: str) -> int:
    """Try to log in with an address that nobody tried before; return the status of the response."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    guess = {"username": f"nobody{next(_numbers)}@nowhere.example", "password": "a-wrong-guess-7"}
    headers = {
        "Host": _HOST,
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": place,
        "Referer": f"{SITE_URL}/",
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"csrftoken={_CSRF}",
    }
    try:
        connection.request(
            "POST", "/users/login/", urlencode({**guess, "csrfmiddlewaretoken": _CSRF}), headers
        )
        return connection.getresponse().status
    finally:
        connection.close()


@contextmanager
def _guessing(port: int, *, clients: int, from_one_place: bool) -> Iterator[Counter[int]]:
    """Let the clients guess, and count the statuses of the responses."""
    stop, statuses = threading.Event(), Counter[int]()

    def run() -> None:
        while not stop.is_set():
            place = "192.0.2.7" if from_one_place else str(IPv4Address(2**24 + next(_numbers)))
            try:
                statuses[_log_in(port, place)] += 1
            except (OSError, HTTPException):
                statuses[0] += 1

    threads = [threading.Thread(target=run, daemon=True) for _client in range(clients)]
    for thread in threads:
        thread.start()
    stop.wait(1.5)
    try:
        yield statuses
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _say(name: str, times: list[float], statuses: Counter[int]) -> None:
    found = "no answer"
    if times:
        found = f"median {median(times):7.1f} ms   p95 {quantiles(times, n=20)[-1]:7.1f} ms"
    say(f"{name:<22} {found}   log-ins by status: {dict(statuses)}")


def main() -> None:
    """Run the benchmark and print a person's times without and with each kind of guesses."""
    parser = argparse.ArgumentParser(prog="dev.py bench log_ins", description=__doc__)
    parser.add_argument("--threads", type=int, default=12)
    parser.add_argument("--clients", type=int, default=8)
    options = parser.parse_args()
    with (
        product("log_ins") as (env, made),
        server(
            "ticketflower.wsgi.application", env={**env, "PROXY_COUNT": "1"}, threads=options.threads
        ) as port,
    ):
        latencies(port, made["session"], 20)  # warm up
        _say("nobody guesses", latencies(port, made["session"], _PAGES), Counter())
        for from_one_place in (True, False):
            with _guessing(port, clients=options.clients, from_one_place=from_one_place) as statuses:
                times = latencies(port, made["session"], _PAGES)
            _say("from one place" if from_one_place else "from many places", times, statuses)
        _say("nobody guesses", latencies(port, made["session"], _PAGES), Counter())


if __name__ == "__main__":
    main()
