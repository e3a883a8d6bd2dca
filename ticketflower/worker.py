"""What workers of the queue do beside the library's defaults (`PROCRASTINATE_ON_APP_READY`)."""

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
"""A job waits for the database some 25 times, and then for Python's lock: by default up to 5 ms each time."""
_SPARE_THREADS: Final = 4
"""For the worker's own look-ups of host names, which must not wait for jobs."""


def prepare(app: App) -> None:
    """Let jobs enqueue others in their own transaction, and give each job of a worker a thread."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    app.connector = app.job_manager.connector = _Connector()
    app.worker_defaults["update_heartbeat_interval"] = _HEARTBEAT_SECONDS
    app.worker_defaults["worker_middleware"] = [_with_a_thread]


class _Connector(DjangoConnector):
    def get_worker_connector(self) -> BaseAsyncConnector:
        return _WorkerConnector(kwargs=connector_params(self.alias), configure=_do_not_wait_for_the_disk)


class _WorkerConnector(PsycopgConnector):
    """A worker's own connections, for itself. A job uses that of its thread, as a request does.

    Otherwise a job that it enqueues would be there before what it is about is committed, or without it.
    """

    def get_sync_connector(self) -> BaseConnector:
        return DjangoConnector()


async def _do_not_wait_for_the_disk(connection: AsyncConnection) -> None:
    """Let a worker fetch and finish jobs without waiting for the disk and without transactions around it.

    If the database server breaks down, a job may be done again, as after any kill. What jobs do themselves,
    on the connections of their threads, waits for the disk.
    """
    await connection.set_autocommit(True)
    await connection.execute("SET synchronous_commit TO off")


async def _with_a_thread(call_next: AsyncCallNext, context: JobContext, worker: Worker) -> Any:
    """Run a job after making sure that there is a thread for each job that the worker runs at once."""
    _provide_threads(asyncio.get_running_loop(), worker.concurrency)
    return await call_next()


@lru_cache(maxsize=1)
def _provide_threads(loop: asyncio.AbstractEventLoop, jobs: int) -> None:
    """By default, a loop has only four threads more than the machine has processors."""
    loop.set_default_executor(ThreadPoolExecutor(jobs + _SPARE_THREADS, thread_name_prefix="job"))
