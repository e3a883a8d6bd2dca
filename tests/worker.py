"""A real worker that runs the waiting jobs and then stops."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connections
from procrastinate.contrib.django import app


def do_jobs() -> None:
    """Run every job that is due."""
    # In a separate thread, because browser tests run an event loop in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(_work_until_the_queue_is_empty).result()


def _work_until_the_queue_is_empty() -> None:
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    connections.close_all()
