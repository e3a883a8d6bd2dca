"""Another person's pages beside 200 slow clients: `python3 dev.py bench slow_clients`.

Slow clients hold connections without a log-in: some send their header or a form's body a byte at a
time, others read the response as slowly. What they cost others is in docs/security.md.
"""

from __future__ import annotations

import argparse
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from http.client import HTTPConnection
from statistics import median, quantiles

from bench.places import SITE_URL, product, server
from ticketflower.development.console import say
from ticketflower.environment import BASE_DIR

_HOST = SITE_URL.removeprefix("https://")
_HEAD = f"Host: {_HOST}\r\nX-Forwarded-Proto: https\r\n"
_CSRF = "c" * 32
_LOG_IN = (
    f"POST /users/login/ HTTP/1.1\r\n{_HEAD}Cookie: csrftoken={_CSRF}\r\nReferer: {SITE_URL}/\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 2000000\r\n\r\n"
)

_MANIFEST = BASE_DIR / "staticfiles" / "staticfiles.json"


def _slow_header(connection: socket.socket, number: int) -> None:
    connection.sendall((f"GET /users/login/ HTTP/1.1\r\n{_HEAD}X-Slow: " if number == 0 else "x").encode())


def _slow_body(connection: socket.socket, number: int) -> None:
    connection.sendall((_LOG_IN if number == 0 else "x").encode())


def _slow_reader(connection: socket.socket, number: int) -> None:
    if number == 0:
        path = json.loads(_MANIFEST.read_text(encoding="utf-8"))["paths"][
            "js-lib-bootstrap5/css/bootstrap.css"
        ]
        connection.sendall(f"GET /static/{path} HTTP/1.1\r\n{_HEAD}\r\n".encode())
    else:
        connection.recv(1)


_KINDS: dict[str, Callable[[socket.socket, int], None]] = {
    "slow headers": _slow_header,
    "slow bodies": _slow_body,
    "slow readers": _slow_reader,
}


@contextmanager
def _slow_clients(act: Callable[[socket.socket, int], None], port: int, count: int) -> Iterator[None]:
    """Keep `count` connections that do something slow every 0.3 seconds."""
    stop = threading.Event()
    connections = []
    for _client in range(count):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.connect(("127.0.0.1", port))
        connections.append(connection)

    def run() -> None:
        number = 0
        while True:
            for connection in connections:
                try:
                    act(connection, number)
                except OSError:
                    continue
            number += 1
            if stop.wait(0.3):
                return

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    stop.wait(1.5)
    try:
        yield
    finally:
        stop.set()
        thread.join()
        for connection in connections:
            connection.close()


def latencies(port: int, session: str, pages: int) -> list[float]:
    """Return the milliseconds of a person's pages, or nothing if one did not come within 10 seconds."""
    found = []
    for _page in range(pages):
        began = time.perf_counter()
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            headers = {"Host": _HOST, "X-Forwarded-Proto": "https", "Cookie": f"sessionid={session}"}
            connection.request("GET", "/tickets/", headers=headers)
            response = connection.getresponse()
            response.read()
            if response.status != 200:  # noqa: PLR2004 - the page
                raise RuntimeError(f"status {response.status}")
        except TimeoutError:
            return []
        finally:
            connection.close()
        found.append((time.perf_counter() - began) * 1000)
    return found


def main() -> None:
    """Run the benchmark and print a person's times without and with each kind of slow clients."""
    parser = argparse.ArgumentParser(prog="dev.py bench slow_clients", description=__doc__)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--pages", type=int, default=60)
    options = parser.parse_args()
    with product("slow_clients") as (env, made), server("ticketflower.wsgi.application", env=env) as port:
        latencies(port, made["session"], 20)  # warm up
        for name, act in [("nobody slow", None), *_KINDS.items(), ("nobody slow", None)]:
            with _slow_clients(act, port, options.clients) if act else nullcontext():
                found = latencies(port, made["session"], options.pages)
            times = (
                f"median {median(found):7.1f} ms   p95 {quantiles(found, n=20)[-1]:7.1f} ms"
                if found
                else "no answer"
            )
            say(f"{name:<14} {times}")


if __name__ == "__main__":
    main()
