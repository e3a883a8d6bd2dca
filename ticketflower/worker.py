"""What each worker of the queue has besides the library's defaults (`PROCRASTINATE_WORKER_DEFAULTS`)."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from procrastinate import JobContext
    from procrastinate.middleware import AsyncCallNext
    from procrastinate.worker import Worker

_SPARE_THREADS: Final = 4
"""For the worker's own look-ups of host names, which must not wait for jobs."""


async def with_a_thread(call_next: AsyncCallNext, context: JobContext, worker: Worker) -> Any:
    """Run a job after making sure that there is a thread for each job that the worker runs at once."""
    _provide_threads(asyncio.get_running_loop(), worker.concurrency)
    return await call_next()


@lru_cache(maxsize=1)
def _provide_threads(loop: asyncio.AbstractEventLoop, jobs: int) -> None:
    """By default, a loop has only four threads more than the machine has processors."""
    loop.set_default_executor(ThreadPoolExecutor(jobs + _SPARE_THREADS, thread_name_prefix="job"))
