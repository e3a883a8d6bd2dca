"""Simultaneous calls in threads with separate connections, for CommittedTestCase."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

ResultT = TypeVar("ResultT")


def at_once(*calls: Callable[[], ResultT]) -> list[ResultT]:
    """Run all calls simultaneously and return their results; re-raise the exception of a call."""
    barrier = Barrier(len(calls))

    def begin(call: Callable[[], ResultT]) -> ResultT:
        try:
            barrier.wait(timeout=10)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(begin, calls))


def await_blocked_process() -> None:
    """Return as soon as a session of the database waits for a lock. Raise AssertionError if none does."""
    with connection.cursor() as cursor:
        for _each in range(1000):
            cursor.execute("SELECT pg_sleep(0.01), count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[-1]:
                return
    raise AssertionError("no process waits for a lock")
