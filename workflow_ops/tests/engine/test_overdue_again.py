"""Tasks that become overdue while something else happens or fails (`docs/engine.md`, "Clock")."""

from functools import partial
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext

from users.tests.at_once import at_once
from users.tests.cases import logged_in
from workflow_ops.desk.actions import cancel_workflow, edit_data
from workflow_ops.desk.errors.retries import retry_error
from workflow_ops.models import (
    ErrorStatus,
    RunStatus,
    TaskInstance,
    TicketInstance,
    WriteStatus,
)
from workflow_ops.tests.engine.due_cases import MINUTE, approval, at, berlin, waiting_jobs
from workflow_ops.tests.engine.failing_storage import (
    DEADLOCK,
    PERMANENT_ERROR,
    SERIALIZATION_FAILURE,
    TRANSIENT_ERROR,
    RefusingDatabase,
)
from workflow_ops.tests.engine_cases import (
    CommittedEngineTestCase,
    form,
    run_job,
    workflow,
)
from workflow_ops.work.overdue import mark_overdue_tasks


class CommittedTests(CommittedEngineTestCase):
    """With real commits, as in requests and jobs."""

    def test_it_costs_a_submission_no_statement(self) -> None:
        client, numbers = logged_in(self.ours.admin), []
        for due_hours in (None, 8):
            file = workflow(form("Approve", "a", due_hours=due_hours), title=f"Due {due_hours}")
            kind = self.engine.call(self.engine.load(file).tickets.get)
            for _time in ("the first fills caches", "the second is counted"):
                values = {"a": str(uuid4()), "_form_token": str(uuid4())}
                with CaptureQueriesContext(connection) as sent:
                    answer = client.post(f"/tickets/new/{kind.pk}/", values)
                self.assertEqual(answer.status_code, 302)
            numbers.append(len(sent))
        newest = self.engine.call(lambda: TaskInstance.objects.latest("pk"))
        self.assertIsNotNone(newest.due_at)
        self.assertEqual(numbers[0], numbers[1])

    def test_several_jobs_at_once(self) -> None:
        made = self.engine.load(approval())
        with at(berlin("03-02 09:00")):
            tickets = [self.engine.submit(made, a=str(number)) for number in range(3)]

        with at(berlin("03-02 18:00")):
            at_once(*[partial(mark_overdue_tasks, self.ours.company.pk)] * 4)
        for ticket in tickets:
            self.assertEqual(self.engine.event_kinds(ticket).count("OVERDUE"), 1)
            self.assertEqual([step.source for step in self.engine.steps(ticket)], ["ticket", "clock"])
            self.assertEqual(self.engine.unfinished(ticket), ["Approve #1", "Escalate #1"])

    def test_a_ticket_that_ends_at_the_same_time(self) -> None:
        made = self.engine.load(approval())
        with at(berlin("03-02 09:00")):
            tickets = [self.engine.submit(made, a=str(number)) for number in range(4)]
        admin = self.ours.admin

        def cancel(ticket: TicketInstance) -> None:
            self.engine.as_person(admin, lambda: cancel_workflow(ticket, reason="Why", by=admin))

        with at(berlin("03-02 18:00")):
            at_once(
                *[partial(cancel, ticket) for ticket in tickets],
                partial(mark_overdue_tasks, self.ours.company.pk),
            )
        for ticket in tickets:
            self.assertEqual(self.engine.status(ticket), RunStatus.CANCELLED)
            self.assertEqual(self.engine.unfinished(ticket), [])
            became_overdue = self.engine.event_kinds(ticket).count("OVERDUE")
            clock = [write for write in self.engine.writes(ticket) if write.source == "clock"]
            self.assertEqual(len(clock), became_overdue)
            self.assertNotIn("WAITING", [write.status for write in clock])

    def test_a_ticket_that_is_edited_at_the_same_time(self) -> None:
        made = self.engine.load(approval())
        with at(berlin("03-02 09:00")):
            tickets = [self.engine.submit(made, a=str(number)) for number in range(4)]
        admin = self.ours.admin

        def edit(ticket: TicketInstance) -> None:
            values = {"a": "edited", "late": False}
            self.engine.as_person(admin, lambda: edit_data(ticket, values=values, by=admin))

        with at(berlin("03-02 18:00")):
            at_once(
                *[partial(edit, ticket) for ticket in tickets],
                *[partial(mark_overdue_tasks, self.ours.company.pk)] * 2,
            )
        for ticket in tickets:
            self.assertEqual(self.engine.event_kinds(ticket).count("OVERDUE"), 1)
            self.assertEqual(
                sorted(write.source for write in self.engine.writes(ticket)), ["clock", "edit", "ticket"]
            )
            self.assertEqual({write.status for write in self.engine.writes(ticket)}, {WriteStatus.APPLIED})
            data, last = self.engine.run(ticket).data, self.engine.writes(ticket)[-1]
            self.assertEqual(data, {"a": "edited", "late": last.source == "clock"})
            self.assertEqual(self.engine.unfinished(ticket), ["Approve #1", "Escalate #1"])


class RefusedTests(RefusingDatabase, CommittedEngineTestCase):
    """What the database refuses is tried again (`docs/engine.md`, "Clock")."""

    def setUp(self) -> None:
        super().setUp()
        self.made = self.engine.load(approval())

    def submit(self) -> TicketInstance:
        with at(berlin("03-02 09:00")):
            return self.engine.submit(self.made, a="x")

    def tell(self, *, minute: int, **more: int) -> None:
        with at(berlin("03-02 18:00") + minute * MINUTE):
            mark_overdue_tasks(self.ours.company.pk, **more)

    def edit(self, ticket: TicketInstance, **values: Any) -> None:
        admin = self.ours.admin
        self.engine.as_person(admin, lambda: edit_data(ticket, values=values, by=admin))

    def retry(self, ticket: TicketInstance) -> None:
        (error,), admin = self.engine.errors(ticket), self.ours.admin
        self.engine.as_person(admin, lambda: retry_error(error, by=admin))

    def assert_told_once(self, ticket: TicketInstance) -> None:
        self.assertEqual(self.engine.event_kinds(ticket).count("OVERDUE"), 1)
        sources = [write.source for write in self.engine.writes(ticket)]
        self.assertEqual(sources.count("clock"), 1)

    def test_tasks_that_fail_hold_up_no_other(self) -> None:
        """Not even if there are more of them than a job looks at."""
        for code in (PERMANENT_ERROR, DEADLOCK):
            with self.subTest(code):
                refused, other = [self.submit(), self.submit()], self.submit()
                for ticket in refused:
                    self.assertLess(
                        self.engine.task(ticket, "Approve").pk, self.engine.task(other, "Approve").pk
                    )
                numbers = ", ".join(str(ticket.workflow_instance_id) for ticket in refused)
                condition = f"NEW.workflow_instance_id IN ({numbers})"
                self.refuse("INSERT ON workflow_ops_workflowwrite", code=code, when=condition)
                self.tell(minute=0, most=2)
                arguments = waiting_jobs()[-1]
                self.assertEqual(arguments["failed"], 2)
                self.tell(minute=0, failed=2)
                self.assert_told_once(other)
                for ticket in refused:
                    self.assertIsNone(self.engine.task(ticket, "Approve").overdue_at)
                    self.assertNotIn("OVERDUE", self.engine.event_kinds(ticket))
                self.allow()
                self.tell(minute=1)
                for ticket in refused:
                    self.assert_told_once(ticket)
                    self.assertEqual(self.engine.unfinished(ticket), ["Approve #1", "Escalate #1"])

    def test_a_write_that_can_not_be_applied_now(self) -> None:
        for code in (TRANSIENT_ERROR, DEADLOCK, SERIALIZATION_FAILURE):
            with self.subTest(code):
                ticket = self.submit()
                self.refuse("INSERT ON workflow_ops_workflowdata", code=code)
                self.tell(minute=0)
                self.tell(minute=1)
                self.assert_told_once(ticket)
                self.assertEqual(self.engine.writes(ticket)[-1].status, WriteStatus.WAITING)
                self.assertEqual(self.engine.errors(ticket), [])
                self.allow()
                run_job(ticket)
                run_job(ticket)
                self.assertEqual([step.source for step in self.engine.steps(ticket)], ["ticket", "clock"])
                self.assertEqual(self.engine.unfinished(ticket), ["Approve #1", "Escalate #1"])

    def test_a_write_that_fails_and_is_retried(self) -> None:
        ticket, edited = self.submit(), self.submit()
        self.refuse("INSERT ON workflow_ops_workflowdata", code=PERMANENT_ERROR)
        self.tell(minute=0)
        self.allow()
        self.tell(minute=1)
        (error,) = self.engine.errors(ticket)
        self.assertEqual(error.task_id, self.engine.task(ticket, "Approve").pk)
        self.assertEqual(self.engine.unfinished(ticket), ["Approve #1"])
        self.edit(edited, late=False)
        for each in (ticket, edited):
            self.retry(each)
            self.assert_told_once(each)
            self.assertEqual(self.engine.errors(each)[0].error_status, ErrorStatus.RESOLVED)
        self.assertEqual(self.engine.unfinished(ticket), ["Approve #1", "Escalate #1"])
        # What was written since is newer.
        self.assertIs(self.engine.run(edited).data["late"], False)
        self.assertEqual(self.engine.unfinished(edited), ["Approve #1"])
