"""What happens while a call runs, workers that die, and jobs that run twice: an answer counts once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event, Semaphore
from typing import Any
from urllib.parse import urlsplit

from django.db import OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from ticketflower.tests.outgoing.receivers import Receiver, answer
from workflow_design.models import Connection
from workflow_ops.actions.answers import store_answer
from workflow_ops.actions.by_hand import fill_in_by_hand
from workflow_ops.actions.calling import CALLS_AT_ONCE, MAX_INTERRUPTIONS
from workflow_ops.actions.connections.pausing import pause_if_all_fail, resume
from workflow_ops.actions.secrets import encrypt_secrets
from workflow_ops.desk.actions import cancel_task, edit_data
from workflow_ops.engine.task_rows import lock_task
from workflow_ops.models import (
    ActionCall,
    CallOutcome,
    ErrorType,
    RunStatus,
    TaskInstance,
    TaskStatus,
    TicketInstance,
)
from workflow_ops.tests.actions.action_cases import (
    ActionHelpers,
    asking,
    body_of,
    headers_of,
    ok,
    run_call_job,
    with_loopback,
)
from workflow_ops.tests.engine_cases import CommittedEngineTestCase, run_job

HOUR = timedelta(hours=1)


@with_loopback
class AtOnceTestCase(ActionHelpers, CommittedEngineTestCase):
    """Tests with real transactions: the other system sees what is committed while it is called."""

    ticket: TicketInstance

    def meanwhile(self, function: Callable[[], Any], reply: bytes) -> Iterator[bytes]:
        """Yield an answer after the function was called, as by another process."""
        try:
            function()
        finally:
            connection.close()  # of the receiver's thread
        yield reply

    def act(self, function: Any, *arguments: Any, **more: Any) -> None:
        """Call a function as the ticket admin."""
        admin = self.ours.ticket_admin
        self.engine.as_person(admin, lambda: function(*arguments, **more, by=admin))

    def take_job(self) -> Job:
        """Return the job that is waiting."""
        job = self.next_job(timezone.now())
        assert job is not None
        return job

    def work(self, job: Job) -> None:
        """Run a job in a thread of its own."""
        try:
            run_call_job(job)
        finally:
            connection.close()

    def total(self) -> Any:
        """Return what the action has written."""
        return self.engine.run(self.ticket).data.get("total")

    def completions(self) -> int:
        """Return how many answers became writes."""
        return sum(write.source == "task" for write in self.engine.writes(self.ticket))


class MeanwhileTests(AtOnceTestCase):
    """What people do while a call runs."""

    def test_the_input_changes(self) -> None:
        change = self.meanwhile(lambda: self.act(edit_data, self.ticket, values={"a": "y"}), ok(total=1))
        with Receiver(change, ok(total=2)) as there:
            self.ticket = self.submit(asking(there.url))
            self.do_calls()
        self.assertEqual(self.outcomes(self.ticket), ["OUTDATED", "ANSWERED"])
        self.assertEqual((self.total(), self.completions()), (2, 1))

    def test_it_is_filled_in_by_hand_or_cancelled(self) -> None:
        by_hand = {"values": {"total": 9}, "input_version": 1}
        cases: list[tuple[Callable[[], None], bytes, str, Any]] = [
            (lambda: self.act(fill_in_by_hand, self.ask(self.ticket), **by_hand), ok(total=1), "OUTDATED", 9),
            (lambda: self.act(cancel_task, self.ask(self.ticket), reason=""), ok(total=1), "OUTDATED", None),
            (
                lambda: self.act(cancel_task, self.ask(self.ticket), reason=""),
                answer("404 Not Found"),
                "FAILED",
                None,
            ),
        ]
        for number, (way, reply, outcome, total) in enumerate(cases):
            with self.subTest(number), Receiver(self.meanwhile(way, reply)) as there:
                self.ticket = self.submit(asking(there.url))
                self.do_calls(until=HOUR)
                self.assertEqual((self.outcomes(self.ticket), self.total()), ([outcome], total))
                errors = [each for each in self.engine.errors(self.ticket) if each.reason == "ACTION"]
                self.assertEqual(errors, [])

    def test_a_callback_comes_before_the_call_is_answered(self) -> None:
        def call_back() -> None:
            path = urlsplit(body_of(there.received[0])["callback_url"]).path
            reply = Client().post(path, json.dumps({"total": 5}), content_type="application/json")
            self.assertEqual(reply.status_code, 200)

        with Receiver(self.meanwhile(call_back, answer("202 Accepted", b""))) as there:
            self.ticket = self.submit(asking(there.url, kind="ASYNC_ACTION"))
            self.do_calls()
        self.assertEqual(self.outcomes(self.ticket), ["ACCEPTED", "ANSWERED"])
        self.assertEqual((self.total(), self.completions()), (5, 1))
        self.assertEqual(self.engine.status(self.ticket), RunStatus.COMPLETED)


class WorkerTests(AtOnceTestCase):
    """Jobs run at least once. Whatever happens to their workers, the answer counts once."""

    def test_a_job_that_runs_twice(self) -> None:
        with Receiver(ok(total=1)) as there:
            self.ticket = self.submit(asking(there.url))
            job = self.take_job()
            run_call_job(job)
            run_call_job(job, attempts=1)
            self.assertEqual(len(there.received), 1)
        self.assertEqual((self.total(), self.completions()), (1, 1))

    def test_two_workers_with_the_same_job(self) -> None:
        with Receiver(ok(total=1), ok(total=1)) as there:
            self.ticket = self.submit(asking(there.url))
            job = self.take_job()

            with ThreadPoolExecutor(2) as workers:
                list(workers.map(self.work, [job, job]))
            self.assertEqual(len({headers_of(each)["idempotency-key"] for each in there.received}), 1)
        self.assertEqual((self.total(), self.completions()), (1, 1))
        self.assertEqual(self.outcomes(self.ticket).count("ANSWERED"), 1)
        self.assertEqual(self.engine.status(self.ticket), RunStatus.COMPLETED)

    def test_a_worker_has_so_many_places_for_calls(self) -> None:
        """It runs more jobs than that, whose results are stored beside the next calls."""
        arrived, go_on = Semaphore(0), Event()

        def hold() -> Iterator[bytes]:
            arrived.release()
            go_on.wait()
            yield ok(total=1)

        number = CALLS_AT_ONCE + 1
        with Receiver(*(hold() for _call in range(number))) as there, ThreadPoolExecutor(number) as workers:
            made = self.engine.load(asking(there.url))
            tickets = [self.engine.submit(made, a="x") for _call in range(number)]
            jobs = [self.job_of(row) for row in ProcrastinateJob.objects.filter(queue_name="calls")]
            working = [workers.submit(self.work, job) for job in jobs]
            try:
                for _call in range(CALLS_AT_ONCE):
                    self.assertTrue(arrived.acquire(timeout=20))
                self.assertFalse(arrived.acquire(timeout=0.2))
            finally:
                go_on.set()
            for each in working:
                each.result()
        self.assertEqual([self.outcomes(ticket) for ticket in tickets], [["ANSWERED"]] * number)

    def test_a_worker_that_dies_during_the_call(self) -> None:
        """Its call stays RUNNING, and its job is taken up."""
        with Receiver(ok(total=1)) as there:
            self.ticket = self.submit(asking(there.url))
            job = self.take_job()
            self.die_during_the_call()
            run_call_job(job, attempts=1)
        self.assertEqual(self.outcomes(self.ticket), ["INTERRUPTED", "ANSWERED"])
        self.assertEqual((self.total(), self.completions(), self.ask(self.ticket).tries), (1, 1, 0))

    def test_a_worker_that_dies_after_storing_the_answer(self) -> None:
        """The write has no job of its own. That of the call is taken up and enqueues one.

        It does not apply the write itself: that may be what ended the worker, and is counted apart.
        """
        with Receiver() as there:
            self.ticket = self.submit(asking(there.url))
            job, task = self.take_job(), self.ask(self.ticket)
            self.die_during_the_call()
            self.engine.call(lambda: store_answer(lock_task(task), {"total": 1}, applies=False))
            self.assertEqual((self.ask(self.ticket).status, self.total()), (TaskStatus.COMPLETED, None))
            run_call_job(job, attempts=1)
            self.assertEqual(there.received, [])
        self.assertEqual((self.total(), self.outcomes(self.ticket)), (None, ["INTERRUPTED"]))
        jobs = ProcrastinateJob.objects.filter(task_name="workflow_ops.jobs.apply_writes", status="todo")
        self.assertEqual(jobs.filter(scheduled_at=None).count(), 1)
        run_job(self.ticket)
        self.assertEqual((self.total(), self.completions()), (1, 1))
        self.assertEqual(self.engine.status(self.ticket), RunStatus.COMPLETED)

    def test_a_late_worker_leaves_the_next_try_alone(self) -> None:
        """It was taken for dead, and others have done its job since."""
        with Receiver(answer("503 Service Unavailable")) as there:
            self.ticket = self.submit(asking(there.url))
            late = self.take_job()
            there.answers.append(self.meanwhile(lambda: run_call_job(late, attempts=1), ok(total=1)))
            self.do_calls(until=HOUR)
        self.assertEqual(self.outcomes(self.ticket), ["FAILED", "ANSWERED"])
        self.assertEqual((self.total(), self.completions()), (1, 1))

    def test_a_resume_waits_for_the_task_that_pauses_its_connection(self) -> None:
        """Otherwise it would not find the task, which has no job any more."""
        paused = self.pause("CRM")

        def try_to_resume() -> str:
            try:
                with self.ours.scope(), transaction.atomic():
                    connection.cursor().execute("SET LOCAL lock_timeout = '50ms'")
                    return str(resume(paused))
            except OperationalError as error:
                return str(error)
            finally:
                connection.close()

        with self.ours.scope(), transaction.atomic(), ThreadPoolExecutor(1) as other:
            pause_if_all_fail(paused.pk)
            self.assertIn("lock timeout", other.submit(try_to_resume).result())

    def pause(self, name: str) -> Connection:
        """Store a connection that is paused."""
        columns = {"base_address": "https://example.com", "secrets": encrypt_secrets()}
        made: Connection = self.engine.call(
            lambda: Connection.objects.create(name=name, paused_at=timezone.now(), **columns)
        )
        return made

    def test_a_call_that_kills_its_workers(self) -> None:
        self.ticket = self.submit(asking("https://example.com/"))
        job = self.take_job()
        self.die_during_the_call()
        run_call_job(job, attempts=MAX_INTERRUPTIONS)
        self.assertEqual(self.ask(self.ticket).status, TaskStatus.ERROR)
        self.assertEqual(self.only_error(self.ticket).error_message, "The call was interrupted 8 times.")

    def test_a_call_that_can_not_be_begun(self) -> None:
        """What fails before the call is recorded must not end as a failed job that nobody sees."""
        self.ticket = self.submit(asking("https://example.com/"))
        run_call_job(self.take_job(), attempts=MAX_INTERRUPTIONS)
        self.assertEqual((self.ask(self.ticket).status, self.outcomes(self.ticket)), (TaskStatus.ERROR, []))
        self.assertEqual(self.only_error(self.ticket).error_type, ErrorType.TASK_UPDATE)

    def die_during_the_call(self) -> None:
        """Leave the rows as a worker does that is killed while it calls."""

        def leave() -> None:
            task = self.ask(self.ticket)
            TaskInstance.objects.filter(pk=task.pk).update(status=TaskStatus.IN_PROGRESS)
            ActionCall.objects.create(task=task, outcome=CallOutcome.RUNNING, started_at=timezone.now())

        self.engine.call(leave)
