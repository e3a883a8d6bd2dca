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
