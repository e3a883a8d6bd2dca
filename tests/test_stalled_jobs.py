"""Jobs whose worker died are retried a limited number of times."""

from asgiref.sync import async_to_sync
from django.db import connection
from health_check.exceptions import ServiceUnavailable
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from tests.worker import do_jobs
from ticketflower import readiness
from ticketflower.jobs import MAX_ATTEMPTS, SILENT_SECONDS, take_up_stalled_jobs
from users.tests.cases import CommittedTestCase

TASK = "users.jobs.send_password_reset"


class StalledJobs(CommittedTestCase):
    """A killed worker leaves its job in the state “doing”."""

    def enqueue(self, address: str) -> int:
        job = app.configure_task(TASK, queueing_lock=f"password_reset:{address}")
        return job.defer(address=address)

    def stalled(self, address: str, *, attempts: int = 0) -> int:
        """Return a job that a worker started before it died."""
        number = self.enqueue(address)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'doing', attempts = %s WHERE id = %s",
                [attempts, number],
            )
        return number

    def take_up(self) -> None:
        job = Job(id=0, queue="default", lock=None, queueing_lock=None, task_name="take_up_stalled_jobs")
        context = JobContext(app=app, job=job, start_timestamp=0, abort_reason=lambda: None)
        async_to_sync(take_up_stalled_jobs.func)(context, timestamp=0)

    def states(self) -> dict[int, tuple[str, int]]:
        rows = ProcrastinateJob.objects.values_list("pk", "status", "attempts")
        return {pk: (status, attempts) for pk, status, attempts in rows}

    def test_are_retried(self) -> None:
        waiting, stalled = self.enqueue("a@x.example"), self.stalled("b@x.example")
        self.take_up()
        self.assertEqual(self.states(), {waiting: ("todo", 0), stalled: ("todo", 1)})

    def test_fail_after_many_attempts(self) -> None:
        once_more = self.stalled("a@x.example", attempts=MAX_ATTEMPTS)
        stalled = self.stalled("b@x.example", attempts=MAX_ATTEMPTS + 1)
        self.take_up()
        states = self.states()
        self.assertEqual((states[once_more], states[stalled][0]), (("todo", MAX_ATTEMPTS + 1), "failed"))

    def test_are_taken_up_within_a_minute(self) -> None:
        """At worst, the last sign of life was just too young when it was looked for."""
        [look] = [
            task
            for task in app.periodic_registry.periodic_tasks.values()
            if task.task is take_up_stalled_jobs
        ]
        first = look.croniter.get_next(float)
        between_looks = look.croniter.get_next(float) - first
        self.assertEqual(between_looks, 20)
        self.assertLess(SILENT_SECONDS + between_looks, 50)
        self.assertGreater(SILENT_SECONDS, 4 * app.worker_defaults["update_heartbeat_interval"])

    def test_a_job_that_no_version_knows_fails_once(self) -> None:
        number = app.configure_task("workflow_ops.jobs.of_a_later_version").defer()
        do_jobs()
        do_jobs()
        self.assertEqual(self.states()[number], ("failed", 1))

    def test_a_job_enqueued_again_does_not_block_others(self) -> None:
        self.stalled("a@x.example")
        again = self.enqueue("a@x.example")
        other = self.stalled("b@x.example")
        self.take_up()
        states = {number: state for number, (state, _attempts) in self.states().items()}
        self.assertEqual(states, {again: "todo", other: "todo"})


class QueuesWithoutWorker(CommittedTestCase):
    """The health check names the queues whose jobs nobody takes."""

    def execute(self, sql: str, *values: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)

    def age(self) -> None:
        self.execute("UPDATE procrastinate_events SET at = at - interval '2 minutes'")

    def assert_missing(self, message: str) -> None:
        with self.assertRaisesMessage(ServiceUnavailable, message):
            readiness.Worker().run()

    def test_a_queue_without_worker(self) -> None:
        # A worker of a test before may have stopped less than a minute ago.
        self.execute("DELETE FROM procrastinate_workers")
        self.assert_missing("no worker is running")
        self.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
        for address in "ab":
            app.configure_task(TASK, queue="mails").defer(address=address)
        readiness.Worker().run()  # they have just come
        self.age()
        self.assert_missing("no worker takes the jobs of: mails")
        app.configure_task(TASK, queue="checks").defer(address="c")
        self.age()
        self.assert_missing("no worker takes the jobs of: checks, mails")
        self.execute(
            "UPDATE procrastinate_jobs SET status = 'doing',"
            " worker_id = (SELECT id FROM procrastinate_workers)"
            " WHERE id IN (SELECT max(id) FROM procrastinate_jobs GROUP BY queue_name)"
        )
        readiness.Worker().run()  # the others wait for these
        self.execute(
            "UPDATE procrastinate_jobs SET status = 'todo', scheduled_at = now() + interval '1 hour'"
        )
        readiness.Worker().run()  # none is due

    def test_a_queue_that_is_late(self) -> None:
        self.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
        for lock in ("calls:1:0", "calls:1:0", "calls:1:1"):
            app.configure_task(TASK, queue="calls", lock=lock).defer(address="a")
        first, second, other = ProcrastinateJob.objects.order_by("pk").values_list("pk", flat=True)
        self.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM "
            "procrastinate_workers) WHERE id = %s",
            first,
        )
        self.execute("UPDATE procrastinate_events SET at = at - interval '61 minutes'")
        check = readiness.Worker()
        check.run()  # the second waits for the first: its company has many
        self.assertEqual(repr(check), "Worker(waiting='calls 3660 s')")
        self.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", second)
        self.assert_missing("jobs have waited for more than an hour: calls")
        self.execute(
            "UPDATE procrastinate_events SET at = at + interval '2 minutes' WHERE job_id = %s", other
        )
        readiness.Worker().run()
