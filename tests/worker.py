"""A real worker, which does what waits and then stops."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connections
from procrastinate.contrib.django import app


def do_jobs() -> None:
    """What the worker would do now: every job whose time has come."""
    # In a thread of its own: where a browser is driven, its event loop runs in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(_work_until_the_queue_is_empty).result()


def _work_until_the_queue_is_empty() -> None:
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    connections.close_all()
