"""Connections that pause because all calls fail, and what makes the calls be tried again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, ClassVar

from django.db import OperationalError, transaction
from django.db import connection as database
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from users.tests.audit import audit_events
from users.tests.cases import CommittedTestCase, CompanyTestCase, logged_in
from workflow_design.models import Connection, WorkflowDefinition
from workflow_design.versions.publishing import archive
from workflow_ops.actions.calling import call_action
from workflow_ops.actions.connections.actions import ConnectionInUseError, delete_connection
from workflow_ops.actions.connections.pausing import (
    call_waiting,
    is_paused,
    may_resume,
    pause_if_all_fail,
    paused_connections,
    resume,
    waiting_tasks,
)
from workflow_ops.actions.secrets import encrypt_secrets
from workflow_ops.jobs import call_waiting_tasks, go_on_deleting_connection
from workflow_ops.models import (
    ActionCall,
    CallKind,
    CallOutcome,
    TaskInstance,
    TaskStatus,
    TicketError,
)
from workflow_ops.tests.engine_cases import Engine, form, workflow


class PausingTestCase(CompanyTestCase):
    """A workflow whose tickets each start one action over a connection of our company."""

    connection: ClassVar[Connection]
    tasks: ClassVar[list[TaskInstance]]

    @classmethod
    def setUpTestData(cls) -> None:
        """Submit four tickets, once."""
        super().setUpTestData()
        call = form("Book", "a", "out", task_type="SYNC_ACTION", connection="calendar", path="/book")
        other = form("Note", "a", "done", task_type="SYNC_ACTION", action_url="https://notes.example")
        with cls.ours.admin.scope():
            cls.connection = Connection.objects.create(
                name="Calendar", base_address="https://calendar.example", secrets=encrypt_secrets()
            )
        engine = Engine(cls.ours, cls._commit_now)
        made = engine.load(workflow(call, other))
        tickets = [engine.submit(made, a=str(number)) for number in range(4)]
        cls.tasks = [engine.task(ticket, "Book") for ticket in tickets]

    @classmethod
    def _commit_now(cls, function: Callable[[], Any]) -> Any:
        with cls.captureOnCommitCallbacks(execute=True):
            return function()

    def setUp(self) -> None:
        super().setUp()
        self.enterContext(self.ours.admin.scope())

    def call(self, outcome: CallOutcome, *, task: int = 0, **more: Any) -> None:
        """Record a finished call of a task, as its job does."""
        ActionCall.objects.create(
            task=self.tasks[task],
            connection=self.connection,
            outcome=outcome,
            **{"started_at": timezone.now(), **more},
        )
        pause_if_all_fail(self.connection.pk)

    def call_in_vain(self, count: int, *, tasks: int = 4) -> None:
        for number in range(count):
            self.call(CallOutcome.FAILED, task=number % tasks)

    def is_paused(self) -> bool:
        self.connection.refresh_from_db()
        return is_paused(self.connection)

    def jobs(self, name: str) -> list[dict[str, Any]]:
        """Return the arguments of the enqueued jobs of this name."""
        jobs = ProcrastinateJob.objects.filter(task_name=f"workflow_ops.jobs.{name}", status="todo")
        return list(jobs.order_by("id").values_list("args", flat=True))


class Pausing(PausingTestCase):
    """When a connection is paused."""

    def test_the_tenth_failure_in_a_row(self) -> None:
        self.call_in_vain(9)
        self.assertFalse(self.is_paused())
        self.call_in_vain(1)
        self.assertTrue(self.is_paused())

    def test_an_answer_in_between(self) -> None:
        for outcome in (CallOutcome.ANSWERED, CallOutcome.ACCEPTED, CallOutcome.OUTDATED):
            with self.subTest(outcome):
                self.call(outcome)
                self.call_in_vain(9)
                self.assertFalse(self.is_paused())

    def test_not_because_of_two_tasks(self) -> None:
        self.call_in_vain(20, tasks=2)
        self.assertFalse(self.is_paused())
        self.call(CallOutcome.FAILED, task=3)
        self.assertTrue(self.is_paused())

    def test_what_does_not_count(self) -> None:
        self.call_in_vain(9)
        self.call(CallOutcome.INTERRUPTED)
        self.call(CallOutcome.RUNNING)
        self.call(CallOutcome.FAILED, kind=CallKind.TEST)
        self.call(CallOutcome.FAILED, kind=CallKind.CALLBACK)
        self.assertFalse(self.is_paused())
        self.call(CallOutcome.ANSWERED, kind=CallKind.TEST)
        self.call_in_vain(1)
        self.assertTrue(self.is_paused())

    def test_after_a_resume_it_counts_from_zero(self) -> None:
        self.call_in_vain(10)
        self.is_paused()
        resume(self.connection)
        self.call_in_vain(9)
        self.assertFalse(self.is_paused())
        self.call_in_vain(1)
        self.assertTrue(self.is_paused())

    def test_both_are_audited(self) -> None:
        self.call_in_vain(10)
        self.is_paused()
        resume(self.connection)
        changes = [set(event.changes) for event in audit_events(Connection).filter(operation="update")]
        self.assertEqual(changes, [{"paused_at"}, {"paused_at", "resumed_at"}])


class Resuming(PausingTestCase):
    """Calls that are tried again."""

    def setUp(self) -> None:
        super().setUp()
        self.call_in_vain(10)
        self.assertTrue(self.is_paused())
        ProcrastinateJob.objects.all().delete()

    def test_waiting_tasks(self) -> None:
        first, second, third, _fourth = self.tasks
        TaskInstance.objects.filter(pk=first.pk).update(next_call_at=None)  # called, and still to answer
        TaskInstance.objects.filter(pk=second.pk).update(status=TaskStatus.ERROR)
        TaskInstance.objects.filter(pk=third.pk).update(tries=4)
        waiting = [task.pk for task in self.tasks[2:]]
        self.assertCountEqual(waiting_tasks("Calendar").values_list("pk", flat=True), waiting)
        self.assertTrue(resume(self.connection))
        company_id = self.ours.company.pk
        self.assertEqual(
            self.jobs("call_waiting_tasks"),
            [{"company_id": company_id, "connection": "Calendar", "after": 0}],
        )
        call_waiting("Calendar", after=0)
        self.assertEqual([job["task_id"] for job in self.jobs("call_action")], waiting)
        self.assertEqual(TaskInstance.objects.get(pk=third.pk).tries, 0)

    def test_a_call_that_was_interrupted_waits_with_the_others(self) -> None:
        """Its worker died, and its job is taken up after the connection was paused."""
        task, due = self.tasks[0], timezone.now()
        TaskInstance.objects.filter(pk=task.pk).update(
            status=TaskStatus.IN_PROGRESS, next_call_at=due, answer_until=due
        )
        call_action(task.pk, due=due, interruptions=1)
        task.refresh_from_db()
        self.assertEqual((task.status, task.tries, task.answer_until), (TaskStatus.PENDING, 0, None))
        self.assertIn(task.pk, waiting_tasks("Calendar").values_list("pk", flat=True))

    def test_in_batches(self) -> None:
        call_waiting("Calendar", after=0, most=3)
        self.assertEqual(len(self.jobs("call_action")), 3)
        (following,) = self.jobs("call_waiting_tasks")
        self.assertEqual(following["after"], self.tasks[2].pk)
        call_waiting("Calendar", after=following["after"], most=3)
        self.assertEqual(
            [job["task_id"] for job in self.jobs("call_action")], [task.pk for task in self.tasks]
        )
        self.assertEqual(len(self.jobs("call_waiting_tasks")), 1)

    def test_twice(self) -> None:
        stale = Connection.objects.get(pk=self.connection.pk)
        self.assertTrue(resume(self.connection))
        self.assertFalse(resume(stale))
        self.assertEqual(len(self.jobs("call_waiting_tasks")), 1)

    def test_who_is_told(self) -> None:
        for person, waiting in (
            (self.ours.ticket_admin, ["4 tasks wait."]),
            (self.ours.admin, ["4 tasks wait."]),
            (self.ours.worker, []),
        ):
            with self.subTest(person.first_name):
                self.assertEqual([each.waiting for each in paused_connections(person)], waiting)
                self.assertEqual(may_resume(person, self.connection), bool(waiting))
        with transaction.atomic():
            waiting_tasks("Calendar").update(next_call_at=None)
        self.assertEqual(paused_connections(self.ours.ticket_admin), [])
        self.assertFalse(may_resume(self.ours.ticket_admin, self.connection))
        self.assertTrue(may_resume(self.ours.admin, self.connection))


class ErrorsPage(PausingTestCase):
    """The line that ticket admins see."""

    def setUp(self) -> None:
        super().setUp()
        self.call_in_vain(10)
        self.path = reverse("manage_connection_resume", args=[self.connection.pk])

    def test_one_line_with_a_button(self) -> None:
        client = logged_in(self.ours.ticket_admin)
        page = client.get(reverse("manage_errors"))
        self.assertContains(page, "Calls over “Calendar” are paused: the last 10 failed. 4 tasks wait.")
        self.assertContains(page, f'action="{self.path}"')
        self.assertContains(page, f'href="{reverse("manage_calls")}?connection={self.connection.pk}"')
        self.assertContains(client.get(reverse("user_dashboard")), "Paused connections")
        answer = client.post(self.path, follow=True)
        self.assertContains(answer, "The calls over “Calendar” are tried again.")
        self.assertNotContains(answer, "are paused")
        self.assertNotContains(client.get(reverse("user_dashboard")), "Paused connections")
        self.assertContains(client.post(self.path, follow=True), "is not paused any more")
        self.assertContains(logged_in(self.ours.admin).get(reverse("connection_list")), "Ready")

    def test_who_may(self) -> None:
        for person, status in (
            (self.ours.worker, 403),
            (self.ours.designer, 403),
            (self.ours.admin, 302),
        ):
            with self.subTest(person.email):
                self.assertEqual(logged_in(person).post(self.path).status_code, status)
        self.assertEqual(logged_in(self.ours.admin).get(self.path).status_code, 302)

    def test_the_list_of_connections(self) -> None:
        client = logged_in(self.ours.admin)
        self.assertContains(client.get(reverse("connection_list")), "Paused")
        page = client.get(reverse("connection_detail", args=[self.connection.pk]))
        self.assertContains(page, "The last 10 calls failed.")

    def test_deleted_with_many_calls(self) -> None:
        archive(WorkflowDefinition.objects.active().get(), by=self.ours.designer)
        self.assertFalse(delete_connection(self.connection, batch=8))
        self.assertEqual(ActionCall.objects.filter(connection=self.connection).count(), 2)
        (job,) = self.jobs("go_on_deleting_connection")
        self.assertEqual(job["person_id"], self.ours.admin.pk)
        for _run in range(2):
            go_on_deleting_connection(**job)
            self.assertEqual((Connection.objects.count(), ActionCall.objects.count()), (0, 10))
        self.assertEqual(len(self.jobs("call_waiting_tasks")), 1)

    def test_deleted_while_tasks_wait(self) -> None:
        """Tasks of an archived version are called, which fails with a plain error, instead of waiting."""
        with self.assertRaises(ConnectionInUseError):
            delete_connection(self.connection)
        archive(WorkflowDefinition.objects.active().get(), by=self.ours.designer)
        # It was paused after the admin opened the page.
        Connection.objects.update(paused_at=timezone.now())
        delete_connection(self.connection)
        (job,) = self.jobs("call_waiting_tasks")
        ProcrastinateJob.objects.all().delete()
        call_waiting_tasks(**job)
        self.assertEqual(len(self.jobs("call_action")), 4)
        for arguments in self.jobs("call_action"):
            due = datetime.fromisoformat(arguments["due"])
            call_action(arguments["task_id"], due=due, interruptions=0)
        errors = set(TicketError.objects.values_list("error_message", flat=True))
        self.assertEqual(len(errors), 1)
        self.assertIn("The company has no connection “calendar”.", errors.pop())


class AtOnce(CommittedTestCase):
    def test_a_resume_waits_for_a_call_that_has_just_failed(self) -> None:
        """Otherwise it would not find its task, which would wait for ever."""
        with self.ours.admin.scope():
            with transaction.atomic():
                paused = {"base_address": "https://calendar.example", "paused_at": timezone.now()}
                calendar = Connection.objects.create(name="Calendar", secrets=encrypt_secrets(), **paused)
            with transaction.atomic(), ThreadPoolExecutor(1) as others:
                pause_if_all_fail(calendar.pk)
                with self.assertRaises(OperationalError):
                    others.submit(self.lock_at_once, calendar).result()
            with ThreadPoolExecutor(1) as others:
                self.assertEqual(others.submit(self.lock_at_once, calendar).result(), calendar)

    def lock_at_once(self, calendar: Connection) -> Connection:
        """Lock a connection as an update does, without waiting for others."""
        try:
            with self.ours.admin.scope(), transaction.atomic():
                return Connection.objects.select_for_update(nowait=True, no_key=True).get(pk=calendar.pk)
        finally:
            database.close()
