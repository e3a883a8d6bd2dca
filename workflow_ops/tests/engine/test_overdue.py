"""Tasks that become overdue: what the job does each minute (`docs/engine.md`, "Clock")."""

from django.db import transaction

from workflow_ops import jobs
from workflow_ops.desk.actions import cancel_workflow
from workflow_ops.models import (
    TaskStatus,
    TimelineKind,
    WriteStatus,
)
from workflow_ops.tests.engine.due_cases import MINUTE, DueCase, approval, at, berlin, waiting_jobs
from workflow_ops.tests.engine_cases import (
    YES_NO,
    form,
    run_job,
    workflow,
)
from workflow_ops.work.overdue import mark_overdue_tasks


class OverdueTests(DueCase):
    """What the job does each minute."""

    def setUp(self) -> None:
        super().setUp()
        with at(berlin("03-02 09:00")):
            self.ticket = self.engine.submit(self.engine.load(approval()), a="x")

    def test_the_minute_it_is_due(self) -> None:
        with at(berlin("03-02 16:59")):
            self.tell()
        self.assertEqual(self.events(self.ticket, TimelineKind.OVERDUE), [])
        with at(berlin("03-02 17:00")):
            self.tell()
        [event] = self.events(self.ticket, TimelineKind.OVERDUE)
        task = self.now(self.ticket)
        self.assertEqual((event.task_id, event.person_id, event.workflow_data_id), (task.pk, None, None))
        self.assertEqual((task.status, task.overdue_at), (TaskStatus.OPEN, berlin("03-02 17:00")))
        self.assertEqual(self.engine.unfinished(self.ticket), ["Approve #1", "Escalate #1"])
        self.assertEqual(self.now(self.ticket, "Escalate").due_at, berlin("03-03 11:00"))
        step = self.engine.steps(self.ticket)[-1]
        self.assertEqual((step.source, step.modified_fields, step.data["late"]), ("clock", ["late"], True))
        self.assertEqual((step.task_id, step.person_id), (task.pk, None))

    def test_once(self) -> None:
        for minute in range(3):
            with at(berlin("03-02 17:00") + minute * MINUTE):
                self.tell()
        self.assertEqual(len(self.events(self.ticket, TimelineKind.OVERDUE)), 1)
        self.assertEqual([write.source for write in self.engine.writes(self.ticket)], ["ticket", "clock"])

    def test_a_worker_that_dies_before_the_write_is_applied(self) -> None:
        with at(berlin("03-02 17:00")):
            mark_overdue_tasks(self.ours.company.pk)  # nothing runs after the commit
        task = self.now(self.ticket)
        self.assertIsNotNone(task.overdue_at)
        self.assertEqual(self.engine.writes(self.ticket)[-1].status, WriteStatus.WAITING)
        with at(berlin("03-02 17:01")):
            self.tell()
            run_job(self.ticket)
            run_job(self.ticket)
        self.assertEqual(self.engine.unfinished(self.ticket), ["Approve #1", "Escalate #1"])
        self.assertEqual([step.source for step in self.engine.steps(self.ticket)], ["ticket", "clock"])
        self.assertEqual(len(self.events(self.ticket, TimelineKind.OVERDUE)), 1)

    def test_a_worker_that_dies_before_the_commit(self) -> None:
        with at(berlin("03-02 17:00")), transaction.atomic():
            mark_overdue_tasks(self.ours.company.pk)
            transaction.set_rollback(True)
        self.assertIsNone(self.now(self.ticket).overdue_at)
        with at(berlin("03-02 17:01")):
            self.tell()
        self.assertEqual(self.now(self.ticket).overdue_at, berlin("03-02 17:01"))
        self.assertEqual(len(self.events(self.ticket, TimelineKind.OVERDUE)), 1)

    def test_a_ticket_that_ends_before_the_write_is_applied(self) -> None:
        with at(berlin("03-02 17:00")):
            mark_overdue_tasks(self.ours.company.pk)
        admin = self.ours.admin
        self.engine.as_person(admin, lambda: cancel_workflow(self.ticket, reason="Why", by=admin))
        run_job(self.ticket)
        self.assertEqual(self.engine.writes(self.ticket)[-1].status, WriteStatus.TOO_LATE)
        self.assertEqual(self.engine.unfinished(self.ticket), [])

    def test_a_hold_before_the_write_is_applied(self) -> None:
        with at(berlin("03-02 17:00")):
            mark_overdue_tasks(self.ours.company.pk)
        self.hold(self.ticket)
        run_job(self.ticket)
        self.assertEqual(self.engine.unfinished(self.ticket), ["Approve #1"])
        self.resume(self.ticket)
        self.assertEqual(self.engine.unfinished(self.ticket), ["Approve #1", "Escalate #1"])

    def test_completed_in_time(self) -> None:
        with at(berlin("03-02 17:00")):
            self.engine.complete(self.ticket, "Approve", out="x")
            self.tell()
        self.assertEqual(self.events(self.ticket, TimelineKind.OVERDUE), [])

    def test_started_anew_it_becomes_overdue_anew(self) -> None:
        made = self.engine.load(
            workflow(form("Approve", "a out", "out", due_hours=1, overdue_field="late"), late=YES_NO)
        )
        with at(berlin("03-02 09:00")):
            ticket = self.engine.submit(made, a="x")
        with at(berlin("03-02 10:00")):
            self.tell()
            self.engine.complete(ticket, "Approve", out="again")
        with at(berlin("03-02 11:00")):
            self.tell()
        self.assertEqual(
            [str(event.task) for event in self.events(ticket, TimelineKind.OVERDUE)],
            ["Approve #1", "Approve #2"],
        )

    def test_without_a_field(self) -> None:
        made = self.engine.load(workflow(form("Approve", "a", due_hours=1), title="No field"))
        with at(berlin("03-02 09:00")):
            ticket = self.engine.submit(made, a="x")
        with at(berlin("03-02 10:00")):
            self.tell()
        self.assertEqual(len(self.events(ticket, TimelineKind.OVERDUE)), 1)
        self.assertEqual(len(self.engine.writes(ticket)), 1)

    def test_in_batches_the_longest_overdue_first(self) -> None:
        with at(berlin("03-02 09:30")):
            later = self.engine.submit(self.engine.load(approval()), a="y")
        with at(berlin("03-03 09:30")):
            self.tell(most=1)
            self.assertIsNone(self.now(later).overdue_at)
            self.assertIsNotNone(self.now(self.ticket).overdue_at)
            self.tell(most=1)
            self.assertIsNotNone(self.now(later).overdue_at)
            self.assertEqual(len(waiting_jobs()), 2)
            self.tell(most=1)
        self.assertEqual(len(waiting_jobs()), 2)

    def test_the_jobs(self) -> None:
        with at(berlin("03-02 17:00")):
            jobs.enqueue_overdue_checks(0)
            jobs.enqueue_overdue_checks(60)
            [arguments] = waiting_jobs()
            self.assertEqual(arguments, {"company_id": self.ours.company.pk, "failed": 0})
            with self.captureOnCommitCallbacks(execute=True):
                jobs.mark_overdue_tasks(**arguments)
        self.assertEqual(self.engine.unfinished(self.ticket), ["Approve #1", "Escalate #1"])

    def test_no_job_without_a_task_to_tell_of(self) -> None:
        with at(berlin("03-02 16:59")):
            jobs.enqueue_overdue_checks(0)
        with at(berlin("03-02 17:00")):
            self.tell()
            jobs.enqueue_overdue_checks(60)
        self.assertEqual(waiting_jobs(), [])
