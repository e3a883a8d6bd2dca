"""The site in processes that can be killed: `python -m tests.processes.site`.

The whole site is loaded once, and its port printed. For each line on the standard input a child is
forked that answers one request after the other, and its process id is printed: loading the site anew
for each of 50 children would take minutes.
"""

from __future__ import annotations

import os
import signal
import sys
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.db import connections
from django.test import Client

from ticketflower.wsgi import application


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing: what matters is what the test sees."""


def main() -> None:
    """Fork a server for each line, until there are no more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    with WSGIServer(("127.0.0.1", 0), _Quiet) as server:
        server.set_app(application)
        Client().get("/users/login/")  # whatever a first page loads
        _say(server.server_port)
        for _line in sys.stdin:
            connections.close_all()
            child = os.fork()
            if not child:
                server.serve_forever()
            _say(child)


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
