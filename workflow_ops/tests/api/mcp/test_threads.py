"""The threads in which calls run."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from threading import Barrier, current_thread

from django.test import SimpleTestCase

from workflow_ops.api.mcp.server import AT_ONCE, Threads

_mark: ContextVar[str] = ContextVar("mark", default="")


class ThreadsTests(SimpleTestCase):
    def setUp(self) -> None:
        self.threads = Threads()
        self.addCleanup(self.threads.close)

    def test_what_a_call_sets_is_not_there_for_the_next(self) -> None:
        async def two_calls() -> str:
            _mark.set("of the loop")
            await self.threads.run(_mark.set, "of a call")
            return await self.threads.run(_mark.get)

        self.assertEqual(asyncio.run(two_calls()), "of the loop")

    def test_so_many_run_at_once_and_no_more(self) -> None:
        together = Barrier(AT_ONCE, timeout=30)

        def name_of_thread() -> str:
            together.wait()
            return current_thread().name

        async def many() -> list[str]:
            return await asyncio.gather(*(self.threads.run(name_of_thread) for _each in range(2 * AT_ONCE)))

        self.assertEqual(len(set(asyncio.run(many()))), AT_ONCE)

    def test_errors_come_back(self) -> None:
        with self.assertRaises(ZeroDivisionError):
            asyncio.run(self.threads.run(lambda: 1 // 0))
