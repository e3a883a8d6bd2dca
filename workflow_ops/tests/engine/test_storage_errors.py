"""The database refuses to store the effects of a write: with a permanent or a transient error."""

from __future__ import annotations

from threading import Event

from django.db import OperationalError, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from users.tests.at_once import at_once, await_blocked_process
from workflow_ops.desk.actions import edit_data, hold_workflow, resume_workflow
from workflow_ops.desk.errors.retries import retry_error
from workflow_ops.engine.run_rows import lock_run
from workflow_ops.jobs import MAX_RETRIES
from workflow_ops.models import ErrorStatus, ErrorType, RunStatus, TicketInstance, WorkflowWrite, WriteStatus
from workflow_ops.state_manager import WorkflowStateManager
from workflow_ops.tests.engine.failing_storage import PERMANENT_ERROR, TRANSIENT_ERROR, RefusingDatabase
from workflow_ops.tests.engine_cases import CommittedEngineTestCase, end, equals, form, run_job, workflow


class RefusedCase(RefusingDatabase, CommittedEngineTestCase):
    """Tests of refused writes that are retried."""

    def retry(self, ticket: TicketInstance) -> None:
        """Retry the ticket's only error as a ticket admin, and assert that it is resolved."""
        (error,), admin = self.engine.errors(ticket), self.ours.ticket_admin
        self.engine.as_person(admin, lambda: retry_error(error, by=admin))
        self.assertEqual(self.engine.errors(ticket)[0].error_status, ErrorStatus.RESOLVED)


class TaskUpdateTests(RefusedCase):
    def setUp(self) -> None:
        super().setUp()
        made = self.engine.load(
            workflow(
                form("First", "a"),
                form("Second", "b", "done"),
                end("End", "a", condition=equals("a", "end")),
                ticket="a b",
            )
        )
        self.ticket = self.engine.submit(made, a="x", b="x")

    def edit(self, **values: str) -> None:
        admin = self.ours.ticket_admin
        self.engine.as_person(admin, lambda: edit_data(self.ticket, values=values, by=admin))

    def test_a_refresh_that_cannot_be_stored(self) -> None:
        self.refuse("UPDATE ON workflow_ops_taskinstance", code=PERMANENT_ERROR)
        self.edit(a="y")
        (error,) = self.engine.errors(self.ticket)
        task = self.engine.task(self.ticket, "First")
        self.assertEqual((error.error_type, error.task_id), (ErrorType.TASK_UPDATE, task.pk))
        self.assertIn("First: IntegrityError: refused", error.error_message)
        self.assertIn("Traceback", error.stack_trace)
        self.assertEqual(self.engine.run(self.ticket).data["a"], "x")
        self.allow()
        self.retry(self.ticket)
        self.assertEqual(self.engine.task(self.ticket, "First").input_data, {"a": "y"})

    def test_cancelled_tasks_that_cannot_be_stored(self) -> None:
        self.refuse("UPDATE ON workflow_ops_taskinstance", code=PERMANENT_ERROR)
        self.edit(a="end")
        (error,) = self.engine.errors(self.ticket)
        self.assertEqual((error.error_type, error.task_id), (ErrorType.TASK_UPDATE, None))
        self.assertIn("First, Second: ", error.error_message)
        self.assertEqual(self.engine.status(self.ticket), RunStatus.IN_PROGRESS)
        self.allow()
        self.retry(self.ticket)
        self.assertEqual(self.engine.status(self.ticket), RunStatus.COMPLETED)
        self.assertEqual(self.engine.unfinished(self.ticket), [])

    def test_a_resume_that_cannot_be_stored(self) -> None:
        """The timeline says that the ticket is resumed when it is: after the retry."""
        admin = self.ours.ticket_admin
        self.engine.as_person(admin, lambda: hold_workflow(self.ticket, reason="Wait", by=admin))
        self.edit(a="y")
        self.refuse("INSERT ON workflow_ops_workflowdata", code=PERMANENT_ERROR)
        self.engine.as_person(admin, lambda: resume_workflow(self.ticket, by=admin))
        self.assertEqual(self.engine.status(self.ticket), RunStatus.ON_HOLD)
        self.assertNotIn("RESUMED", self.engine.event_kinds(self.ticket))
        self.allow()
        self.retry(self.ticket)
        self.assertEqual(self.engine.status(self.ticket), RunStatus.IN_PROGRESS)
        self.assertEqual(self.engine.event_kinds(self.ticket).count("RESUMED"), 1)
        self.assertEqual(self.engine.task(self.ticket, "First").input_data, {"a": "y"})


class LastAttemptTests(RefusedCase):
    """Writes with a transient error wait for the job, but not forever."""

    def test_the_last_attempt_reports_an_error(self) -> None:
        made = self.engine.load(workflow(form("Work", "a")))
        self.refuse("INSERT ON workflow_ops_workflowdata", code=TRANSIENT_ERROR)
        ticket = self.engine.submit(made, a="x")
        with self.assertRaises(OperationalError):
            run_job(ticket, attempts=MAX_RETRIES - 1)
        self.assertEqual(self.engine.errors(ticket), [])
        self.assertEqual(self.status_in_lists(), RunStatus.IN_PROGRESS)
        self.assertEqual([write.status for write in self.engine.writes(ticket)], [WriteStatus.WAITING])
        run_job(ticket, attempts=MAX_RETRIES)
        (error,) = self.engine.errors(ticket)
        self.assertEqual(error.error_type, ErrorType.WORKFLOW_CREATION)
        self.assertIn("refused", error.error_message)
        self.assertEqual([write.status for write in self.engine.writes(ticket)], [WriteStatus.FAILED])
        self.assertEqual(self.status_in_lists(), RunStatus.NOT_STARTED)
        self.allow()
        self.retry(ticket)
        self.assertEqual(self.engine.unfinished(ticket), ["Work #1"])
        self.assertEqual(self.status_in_lists(), RunStatus.IN_PROGRESS)

    def status_in_lists(self) -> str:
        """Return the status that lists show of the only ticket."""
        status: str = self.engine.call(lambda: TicketInstance.objects.get().status)
        return status

    def test_a_write_that_ends_its_worker_each_time(self) -> None:
        """It is not tried once more. Another write that waits behind it has a new job."""
        made = self.engine.load(workflow(form("Work", "a"), form("Other", "b"), ticket="a b"))
        self.refuse("INSERT ON workflow_ops_workflowdata", code=TRANSIENT_ERROR)
        ticket = self.engine.submit(made, a="x", b="x")
        admin = self.ours.ticket_admin
        self.engine.as_person(admin, lambda: edit_data(ticket, values={"b": "y"}, by=admin))
        self.allow()
        jobs = ProcrastinateJob.objects.filter(task_name="workflow_ops.jobs.apply_writes", scheduled_at=None)
        self.assertEqual(jobs.count(), 0)
        run_job(ticket, attempts=MAX_RETRIES + 1)
        (error,) = self.engine.errors(ticket)
        self.assertEqual(error.error_type, ErrorType.WORKFLOW_CREATION)
        self.assertIn("The worker ended each time", error.error_message)
        failed, waiting = self.engine.writes(ticket)
        self.assertEqual((failed.status, waiting.status), (WriteStatus.FAILED, WriteStatus.WAITING))
        self.assertEqual(jobs.count(), 1)
        run_job(ticket)
        self.assertEqual(self.engine.unfinished(ticket), ["Other #1"])

    def test_the_last_attempt_may_succeed(self) -> None:
        made = self.engine.load(workflow(form("Work", "a")))
        self.refuse("INSERT ON workflow_ops_workflowdata", code=TRANSIENT_ERROR)
        ticket = self.engine.submit(made, a="x")
        self.allow()
        run_job(ticket, attempts=MAX_RETRIES)
        self.assertEqual(self.engine.unfinished(ticket), ["Work #1"])
        self.assertEqual(self.engine.errors(ticket), [])


class LockOrderTests(RefusedCase):
    """A process that waits for a workflow's lock holds none of its writes."""

    def test_the_lock_holder_can_change_a_write_that_another_waits_for(self) -> None:
        made = self.engine.load(workflow(form("Work", "a")))
        self.refuse("INSERT ON workflow_ops_workflowdata", code=TRANSIENT_ERROR)
        ticket = self.engine.submit(made, a="x")
        self.allow()
        has_lock = Event()

        def change() -> None:
            with self.ours.submitter.scope(), transaction.atomic():
                lock_run(ticket.workflow_instance_id)
                has_lock.set()
                await_blocked_process()
                WorkflowWrite.objects.filter(status=WriteStatus.WAITING).update(status=WriteStatus.FAILED)

        def apply() -> None:
            has_lock.wait(timeout=20)
            with self.ours.admin.scope():
                WorkflowStateManager(ticket.workflow_instance_id).apply_waiting()

        at_once(change, apply)
        self.assertEqual(self.engine.unfinished(ticket), [])
