"""Waiting jobs: many of one company, and others that need not wait for them (docs/operations.md)."""

from __future__ import annotations

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import psycopg
from django.db import connection, transaction
from procrastinate import JobContext
from procrastinate.contrib.django import DjangoApp, app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.worker import Worker

from ticketflower.development.run import LANES
from ticketflower.tenancy.owner import database_owner
from users.tests.cases import CommittedTestCase

_FETCH = "SELECT lock FROM procrastinate_fetch_job_v2(%s::varchar[], NULL)"
_MANY = 10_000


class ManyWaitingJobs(CommittedTestCase):
    def setUp(self) -> None:
        super().setUp()
        with database_owner(), connection.cursor() as cursor:
            # Jobs of earlier tests are deleted, but each lookup would still read them for as long as an older
            # transaction runs, such as that of a test in another database.
            cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, lock) SELECT 'calls', 'call', "
                "'calls:1:' || number %% 4 FROM generate_series(1, %s) AS number",
                [_MANY],
            )
            cursor.execute("ANALYZE procrastinate_jobs")  # as autovacuum does within a minute

    def fetched(self, queue: str) -> str | None:
        with connection.cursor() as cursor:
            cursor.execute(_FETCH, [[queue]])
            lock: str | None = cursor.fetchone()[0]
            return lock

    def test_another_company_and_mails_are_next(self) -> None:
        four = {self.fetched("calls") for _each in range(4)}
        self.assertEqual(four, {f"calls:1:{number}" for number in range(4)})
        self.assertIsNone(self.fetched("calls"))
        app.configure_task("call", queue="calls", lock="calls:2:3").defer()
        app.configure_task("mail", queue="mails", lock="a mail").defer()
        self.assertEqual(self.fetched("calls"), "calls:2:3")
        self.assertEqual(self.fetched("mails"), "a mail")

    def test_each_is_looked_up_and_not_compared_with_all(self) -> None:
        """The work for one fetch grows with the number of waiting jobs, not with its square."""
        while self.fetched("calls"):
            pass
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_functiondef('procrastinate_fetch_job_v2'::regproc)")
            definition = cursor.fetchone()[0]
            query = definition[definition.index("SELECT jobs.*") : definition.index("FOR UPDATE")]
            query = query.replace("target_queue_names", "'{calls}'::varchar[]")
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}")
            plan = json.dumps(cursor.fetchone()[0])
        # Which index is used depends on how large the table has become, and what it finds does not.
        compared = [int(number) for number in re.findall(r'"Rows Removed by [^"]*": (\d+)', plan)]
        self.assertIn("Index Scan", plan)
        # Each compared with all would be the square.
        self.assertLess(sum(compared), 10 * _MANY)


class NoticesTests(CommittedTestCase):
    """Workers get a notice of what they may begin. Without it they find it after five seconds."""

    def notices(self, lock: str | None, status: str) -> int:
        """Return how many notices a change of a running job's status sends to the workers of its queue."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, status) "
                "VALUES ('calls', 'call', %s, 'doing') RETURNING id",
                [lock],
            )
            number = cursor.fetchone()[0]
            with psycopg.connect(**connection.get_connection_params(), autocommit=True) as worker:
                worker.execute('LISTEN "procrastinate_queue_v1#calls"')
                cursor.execute("UPDATE procrastinate_jobs SET status = %s WHERE id = %s", [status, number])
                cursor.execute("NOTIFY \"procrastinate_queue_v1#calls\", 'the last'")
                notices: list[str] = []
                for notice in worker.notifies(timeout=30):
                    if notice.payload == "the last":
                        return len(notices)
                    notices.append(notice.payload)
        raise AssertionError("PostgreSQL sends no notices")

    def test_the_next_of_a_lock_may_begin(self) -> None:
        for status in ("succeeded", "failed", "todo"):
            with self.subTest(status):
                self.assertEqual(self.notices("calls:1:0", status), 1)

    def test_a_job_is_to_be_tried_again(self) -> None:
        self.assertEqual(self.notices(None, "todo"), 1)

    def test_nothing_may_begin(self) -> None:
        self.assertEqual(self.notices(None, "succeeded"), 0)


class WorkersTests(CommittedTestCase):
    """Real workers, with tasks of their own and the settings of every worker."""

    def setUp(self) -> None:
        super().setUp()
        self.app = DjangoApp(connector=app.connector, worker_defaults=app.worker_defaults)

    def work(self, **options: Any) -> None:
        """Run a worker for at most 20 seconds."""

        async def work() -> None:
            async with self.app.open_async():
                await asyncio.wait_for(self.app.run_worker_async(**options), timeout=20)

        with self.app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
            asyncio.run(work())

    def test_there_is_a_thread_for_each_job(self) -> None:
        """By default there would be six on a machine with two processors."""
        jobs = LANES["calls"]
        meeting = Barrier(jobs, timeout=10)
        self.app.task(name="meet")(lambda: meeting.wait() and None)
        self.app.configure_task("meet").batch_defer(*[{}] * jobs)
        self.work(wait=False, concurrency=jobs)
        self.assertFalse(meeting.broken)
        self.assertEqual(ProcrastinateJob.objects.filter(status="succeeded").count(), jobs)

    def test_a_worker_that_is_asked_to_stop_finishes_what_it_does(self) -> None:
        def stop_during_the_first(call_next: Any, context: JobContext, worker: Worker) -> None:
            worker.stop()  # type: ignore[no-untyped-call]
            call_next()

        self.app.task(name="call", task_middleware=[stop_during_the_first])(lambda: None)
        self.app.configure_task("call").batch_defer({}, {})
        self.work(install_signal_handlers=False, shutdown_graceful_timeout=10)
        states = ProcrastinateJob.objects.filter(task_name="call").order_by("pk")
        self.assertEqual([*states.values_list("status", flat=True)], ["succeeded", "todo"])

    def test_what_a_job_enqueues_is_part_of_its_transaction(self) -> None:
        """Otherwise the call of a task could be there before the task, or without it."""
        seen = []

        def begin() -> None:
            with transaction.atomic():
                self.app.configure_task("enqueued", queue="elsewhere").defer()
                with ThreadPoolExecutor(1) as others:
                    seen.append(others.submit(count_elsewhere).result())

        def count_elsewhere() -> int:
            try:
                return ProcrastinateJob.objects.filter(queue_name="elsewhere").count()
            finally:
                connection.close()

        self.app.task(name="begin")(begin)
        self.app.configure_task("begin").defer()
        self.work(wait=False, queues=["default"])
        self.assertEqual((seen, count_elsewhere()), ([0], 1))
