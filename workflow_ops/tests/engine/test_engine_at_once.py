"""Concurrent actions and processes that die, with real commits and threads."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Event
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from users.models import CustomUser
from users.system_roles import SystemRoleName
from users.tests.at_once import at_once, await_blocked_process
from users.tests.cases import logged_in
from workflow_design.models import WorkflowDefinition
from workflow_ops.desk.actions import edit_data, hold_workflow, resume_workflow
from workflow_ops.engine.task_rows import lock_task
from workflow_ops.models import (
    RunStatus,
    TaskAllowedUser,
    TaskInstance,
    TaskStatus,
    TicketInstance,
    WorkflowWrite,
    WriteStatus,
)
from workflow_ops.refusals import AlreadyDoneError, NotYoursError
from workflow_ops.state_manager import PATIENCE_SECONDS, WorkflowStateManager, look_for_waiting_writes
from workflow_ops.tests.engine_cases import CommittedEngineTestCase, end, equals, form, run_job, workflow
from workflow_ops.work.submissions import complete_task, submit_ticket, take_task

PATIENCE = timedelta(seconds=PATIENCE_SECONDS)


class AtOnceTests(CommittedEngineTestCase):
    def test_twenty_complete_one_task(self) -> None:
        """One completes it, 19 are refused, and one next task starts."""
        made = self.engine.load(workflow(form("First", "a"), form("Next", "out", "done")))
        ticket = self.engine.submit(made, a="x")
        task = self.engine.task(ticket, "First")
        person = task.assigned_to
        assert person is not None

        def complete() -> str:
            try:
                self.engine.as_person(
                    person, lambda: complete_task(task, values={"out": "y"}, input_version=1, by=person)
                )
            except AlreadyDoneError as error:
                self.assertEqual(error.task.completed_by_id, person.pk)
                return "refused"
            return "done"

        self.assertEqual(Counter(at_once(*[complete] * 20)), {"done": 1, "refused": 19})
        self.assertEqual(self.engine.unfinished(ticket), ["Next #1"])
        self.assertEqual([step.step for step in self.engine.steps(ticket)], [1, 2])

    def test_forty_submissions_to_four_workers(self) -> None:
        """Each worker gets 10 tasks, and the tickets get 40 numbers."""
        for name in ("Wu", "Wim", "Walt"):
            self.engine.person(name, system_roles=[SystemRoleName.TASK_WORKER])
        self.engine.call(lambda: self.ours.admin.system_role_memberships.all().delete())
        made = self.engine.load(workflow(form("Work", "a")))
        tickets = at_once(*[lambda: self.engine.submit(made, a="x")] * 40)
        self.assertEqual(sorted(ticket.number for ticket in tickets), list(range(1, 41)))
        load = self.engine.call(
            lambda: Counter(TaskInstance.objects.values_list("assigned_to__first_name", flat=True))
        )
        self.assertEqual(load, {"Wanda": 10, "Wu": 10, "Wim": 10, "Walt": 10})

    def test_one_form_posted_ten_times_makes_one_ticket(self) -> None:
        made = self.engine.load(workflow(form("Work", "a")))
        token = uuid4()
        tickets = at_once(*[lambda: self.engine.submit(made, token=token, a="x")] * 10)
        self.assertEqual({ticket.number for ticket in tickets}, {1})
        self.assertEqual(self.engine.unfinished(tickets[0]), ["Work #1"])
        self.assertEqual(self.engine.submit(made, a="x").number, 2)
        self.assertEqual(self.engine.call(TicketInstance.objects.count), 2)

    def test_one_form_of_a_task_posted_ten_times_leads_to_one_place(self) -> None:
        """Whatever the timing of double clicks, every response leads to the completed task."""
        made = self.engine.load(workflow(form("First", "a"), form("Next", "out", "done")))
        ticket = self.engine.submit(made, a="x")
        task = self.engine.task(ticket, "First")
        assert task.assigned_to is not None
        browsers = [logged_in(task.assigned_to) for _each in range(10)]

        def post(browser: Client) -> tuple[int, str]:
            answer = browser.post(f"/tasks/{task.pk}/", {"out": "y", "_input_version": "1"})
            return answer.status_code, answer.headers.get("Location", "")

        answers = at_once(*[partial(post, browser) for browser in browsers])
        self.assertEqual(set(answers), {(302, f"/tasks/{task.pk}/")})
        self.assertEqual(self.engine.unfinished(ticket), ["Next #1"])

    def test_a_restriction_counts_that_was_made_while_a_form_waited_for_the_lock(self) -> None:
        made = self.engine.load(workflow(form("Work", "a", executor_roles=("Crew",))))
        person, other = (self.engine.person(name, roles=["Crew"]) for name in ("One", "Two"))
        task = self.engine.task(self.engine.submit(made, a="x"), "Work")
        self.engine.call(lambda: TaskInstance.objects.filter(pk=task.pk).update(assigned_to=person))
        browser, has_lock = logged_in(person), Event()

        def restrict() -> int:
            with self.ours.scope(), transaction.atomic():
                lock_task(task)
                has_lock.set()
                await_blocked_process()
                TaskAllowedUser.objects.create(task=task, person=other)
            return 0

        def post() -> int:
            has_lock.wait(timeout=20)
            return browser.post(f"/tasks/{task.pk}/", {"out": "y", "_input_version": "1"}).status_code

        self.assertEqual(at_once(restrict, post), [0, 409])
        self.engine.call(task.refresh_from_db)
        self.assertFalse(task.is_finished)

    def test_ten_take_one_task(self) -> None:
        made = self.engine.load(workflow(form("Work", "a", executor_roles=("Nobody yet",))))
        ticket = self.engine.submit(made, a="x")
        task = self.engine.task(ticket, "Work")
        self.assertIsNone(task.assigned_to)
        people = [self.engine.person(f"P{number}", roles=["Nobody yet"]) for number in range(10)]

        def take(person: CustomUser) -> Callable[[], str]:
            def call() -> str:
                try:
                    self.engine.as_person(person, lambda: take_task(task, by=person))
                except NotYoursError:
                    return "refused"
                return "assigned"

            return call

        self.assertEqual(
            Counter(at_once(*[take(person) for person in people])), {"assigned": 1, "refused": 9}
        )

    def test_two_branches_completed_at_once_join_once(self) -> None:
        join = {"and": [{"var": "b"}, {"var": "c"}]}
        made = self.engine.load(
            workflow(form("B", "a", "b"), form("C", "a", "c"), form("Join", "b c", "done", condition=join))
        )
        for _attempt in range(5):
            ticket = self.engine.submit(made, a="x")
            at_once(
                partial(self.engine.complete, ticket, "B", b="1"),
                partial(self.engine.complete, ticket, "C", c="1"),
            )
            self.assertEqual(self.engine.unfinished(ticket), ["Join #1"])
            self.assertEqual([step.step for step in self.engine.steps(ticket)], [1, 2, 3])
            self.assertEqual(
                [step.write_id for step in self.engine.steps(ticket)],
                [write.pk for write in self.engine.writes(ticket)],
            )

    def test_eight_state_managers_apply_once(self) -> None:
        made = self.engine.load(workflow(form("Work", "a")))
        ticket = self._crash_after_submitting(made)

        def apply() -> None:
            with self.ours.scope():
                WorkflowStateManager(ticket.workflow_instance_id).apply_waiting()

        at_once(*[apply] * 8)
        self.assertEqual(self.engine.unfinished(ticket), ["Work #1"])
        self.assertEqual(len(self.engine.steps(ticket)), 1)
        self.assertEqual(self.engine.event_kinds(ticket), ["SUBMITTED", "TASK_STARTED"])

    def _crash_after_submitting(self, made: WorkflowDefinition) -> TicketInstance:
        """Submit a ticket in a process that dies right after the commit: the callbacks on commit are lost."""
        by = self.ours.submitter
        with by.scope(), transaction.atomic():
            definition = made.tickets.select_related("workflow").get()
            ticket = submit_ticket(definition, values={"a": "x"}, form_token=uuid4(), by=by)
            transaction.get_connection().run_on_commit.clear()
        return ticket

    def _look(self) -> list[dict[str, int | None]]:
        """Look for writes that were left behind, and return the arguments of the jobs that apply such."""
        look_for_waiting_writes()
        jobs = ProcrastinateJob.objects.filter(task_name="workflow_ops.jobs.apply_writes")
        return [*jobs.values_list("args", flat=True)]

    def test_writes_on_hold_are_not_left_behind(self) -> None:
        ticket = self.engine.submit(self.engine.load(workflow(form("Work", "a"))), a="x")
        admin = self.ours.ticket_admin
        self.engine.as_person(admin, lambda: hold_workflow(ticket, reason="Wait", by=admin))
        self.engine.as_person(admin, lambda: edit_data(ticket, values={"a": "y"}, by=admin))
        self.engine.call(lambda: WorkflowWrite.objects.update(created_at=F("created_at") - PATIENCE))
        self.assertEqual(self._look(), [])
        self.engine.as_person(admin, lambda: resume_workflow(ticket, by=admin))
        self.assertEqual({write.status for write in self.engine.writes(ticket)}, {WriteStatus.APPLIED})

    def test_the_job_continues_after_a_process_died(self) -> None:
        made = self.engine.load(workflow(form("Work", "a"), end("Done", "out", condition=equals("out", "y"))))
        ticket = self._crash_after_submitting(made)
        self.assertEqual(self.engine.status(ticket), RunStatus.NOT_STARTED)
        self.assertEqual([write.status for write in self.engine.writes(ticket)], [WriteStatus.WAITING])
        self.assertEqual(self._look(), [])  # its request may still be at work
        self.engine.call(lambda: WorkflowWrite.objects.update(created_at=F("created_at") - PATIENCE))
        expected = {"company_id": ticket.company_id, "workflow_instance_id": ticket.workflow_instance_id}
        for status in ("todo", "doing", "failed"):
            with self.subTest(status):
                self.assertEqual(self._look(), [expected])  # and no second one
                with connection.cursor() as cursor:
                    cursor.execute("UPDATE procrastinate_jobs SET status = %s", [status])
        for _twice in range(2):
            run_job(ticket)
            self.assertEqual(self.engine.unfinished(ticket), ["Work #1"])
            self.assertEqual(len(self.engine.steps(ticket)), 1)
        self.engine.complete(ticket, "Work", out="y")
        self.assertEqual(self.engine.status(ticket), RunStatus.COMPLETED)
        self.assertEqual(self.engine.task(ticket, "Work").status, TaskStatus.COMPLETED)
