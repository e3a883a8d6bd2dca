"""Workers that can be killed: `python -m bench.worker_nursery`.

Django is loaded once. For each line on standard input a child is forked that serves calls and what follows
from them, and its process id is printed. Loading it again for each of 50 workers would take minutes.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

import django

HEARTBEAT_SECONDS = 0.2


def main() -> None:
    """Fork a worker for each line of input; at its end, kill those that still run."""
    django.setup()

    from django.core.management import execute_from_command_line
    from django.db import connections
    from procrastinate.contrib.django import app

    app.perform_import_paths()  # type: ignore[no-untyped-call]
    app.worker_defaults["update_heartbeat_interval"] = HEARTBEAT_SECONDS
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # avoids zombies, because nothing waits for the children
    children = []
    for _line in sys.stdin:
        connections.close_all()
        child = os.fork()
        if not child:
            execute_from_command_line(
                ["manage.py", "procrastinate", "worker", "--queues=calls,default", "--concurrency=8"]
            )
            os._exit(0)
        children.append(child)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main()
