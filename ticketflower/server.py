"""The site's web server: `python -m ticketflower.server --port 8000`.

Waitress buffers in both directions: a thread gets a request once it has arrived completely, and is free again
once the response is in a buffer. So slow clients occupy no threads (`docs/security.md`, "Load").
"""

import argparse
import select
import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from django.utils.module_loading import import_string
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import create_server

# Waitress's own limit is 100, which a hundred slow clients would use up. Most systems allow 1,024 open files.
_CONNECTIONS = 800
_IDLE_SECONDS = 60
_HEADER_BYTES = 64 * 1024
# More than any form may send: pages explain their own limits, while the server only cuts the connection.
_BODY_BYTES = 64 * 1024 * 1024
# Threads never wait for slow clients to read: beyond 1 MB, the buffer is a temporary file.
_BUFFERED_BYTES = 2**40
_STOP_SECONDS = 10.0


def serve(application: Callable[..., Any], host: str, port: int, threads: int) -> None:
    """Answer requests with a WSGI application until SIGTERM or Ctrl-C, then finish those that have begun."""
    sockets: dict[int, Any] = {}
    server = create_server(
        application,
        map=sockets,
        listen=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        threads=threads,
        connection_limit=_CONNECTIONS,
        channel_timeout=_IDLE_SECONDS,
        max_request_header_size=_HEADER_BYTES,
        max_request_body_size=_BODY_BYTES,
        outbuf_high_watermark=_BUFFERED_BYTES,
        # The site decides which proxies it trusts (PROXY_COUNT, BEHIND_HTTPS_PROXY).
        clear_untrusted_proxy_headers=False,
        ident=None,
    )
    can_poll = hasattr(select, "poll")  # on most systems, select() supports only 1,024 files
    stopping = _stop_signals()
    while not stopping():
        wasyncore.loop(timeout=1, use_poll=can_poll, map=sockets, count=1)
    server.adj.connection_limit = 0  # accept no more connections
    give_up = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < give_up and any(map(_is_busy, sockets.values())):
        wasyncore.loop(timeout=0.1, use_poll=can_poll, map=sockets, count=1)


def _is_busy(of_server: Any) -> bool:
    """Return whether this is a connection with an unfinished response."""
    return isinstance(of_server, HTTPChannel) and bool(of_server.requests or of_server.total_outbufs_len)


def _stop_signals() -> Callable[[], bool]:
    received: list[int] = []

    def receive(number: int, frame: FrameType | None) -> None:
        received.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, receive)
    return lambda: bool(received)


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m ticketflower.server", description="Serve the site.")
    parser.add_argument("--application", default="ticketflower.wsgi.application", help="dotted path")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", default=8000, type=int)
    parser.add_argument("--threads", default=12, type=int, help="requests that are handled at once")
    options = parser.parse_args()
    serve(import_string(options.application), options.host, options.port, options.threads)


if __name__ == "__main__":
    main()
