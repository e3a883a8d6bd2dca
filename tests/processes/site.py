"""The site in processes that can be killed: `python -m tests.processes.site /users/login/`.

The site is loaded once and its port is printed. For each line on standard input, a child is forked
that handles requests one at a time, and its process id is printed. Loading the site again for each
of 50 children would take minutes.
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
        """Log nothing."""


def main() -> None:
    """Fork a server for each line of input."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # avoids zombies, because nothing waits for the children
    with WSGIServer(("127.0.0.1", 0), _Quiet) as server:
        server.set_app(application)
        Client(SERVER_NAME="127.0.0.1").get(sys.argv[1])  # loads everything that this page needs
        _print_number(server.server_port)
        for _line in sys.stdin:
            connections.close_all()
            child = os.fork()
            if not child:
                server.serve_forever()
            _print_number(child)


def _print_number(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
