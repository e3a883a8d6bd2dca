"""Changes to the library's default behaviour of workers (`PROCRASTINATE_ON_APP_READY`)."""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any, Final

from procrastinate import App, JobContext
from procrastinate.connector import BaseAsyncConnector, BaseConnector
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.utils import connector_params
from procrastinate.middleware import AsyncCallNext
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.worker import Worker
from psycopg import AsyncConnection

_HEARTBEAT_SECONDS: Final = 5.0
_SWITCH_SECONDS: Final = 0.001
"""A job waits for the database about 25 times, and then for Python's GIL: by default up to 5 ms each time."""
_SPARE_THREADS: Final = 4
"""Threads for the worker's own look-ups of host names, which must not wait for jobs."""


def prepare(app: App) -> None:
    """Make jobs enqueue other jobs in their own transaction, and give each job of a worker a thread."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    app.connector = app.job_manager.connector = _Connector()
    app.worker_defaults["update_heartbeat_interval"] = _HEARTBEAT_SECONDS
    app.worker_defaults["worker_middleware"] = [_with_a_thread]


class _Connector(DjangoConnector):
    def get_worker_connector(self) -> BaseAsyncConnector:
        return _WorkerConnector(kwargs=connector_params(self.alias), configure=_do_not_wait_for_the_disk)


class _WorkerConnector(PsycopgConnector):
    """The connections of the worker itself. Jobs use the connection of their thread, like requests.

    Otherwise, a job that a job enqueues could run before the related changes are committed, or after a
    rollback.
    """

    def get_sync_connector(self) -> BaseConnector:
        return DjangoConnector()


async def _do_not_wait_for_the_disk(connection: AsyncConnection) -> None:
    """Let a worker fetch and finish jobs without waiting for the disk and without transactions around it.

    If the database server crashes, a job may run again, as after any kill. Commits of the jobs themselves, on
    the connections of their threads, wait for the disk.
    """
    await connection.set_autocommit(True)
    await connection.execute("SET synchronous_commit TO off")


async def _with_a_thread(call_next: AsyncCallNext, context: JobContext, worker: Worker) -> Any:
    """Run a job after making sure that there are enough threads for all simultaneous jobs of the worker."""
    _provide_threads(asyncio.get_running_loop(), worker.concurrency)
    return await call_next()


@lru_cache(maxsize=1)
def _provide_threads(loop: asyncio.AbstractEventLoop, jobs: int) -> None:
    """Set the number of threads; by default, a loop has only four more than there are processors."""
    loop.set_default_executor(ThreadPoolExecutor(jobs + _SPARE_THREADS, thread_name_prefix="job"))
