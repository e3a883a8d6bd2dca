"""Reading the timelines behind a cursor: each event once, in the order of commits, whoever reads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from ticketflower.tenancy.context import all_companies_scope
from users.tests.at_once import at_once
from workflow_ops.jobs import look_for_events
from workflow_ops.models import (
    EventCursor,
    Notification,
    NotificationChoice,
    NotificationKind,
    NotificationWay,
    TicketInstance,
    TimelineEvent,
    TimelineKind,
)
from workflow_ops.notifications.cursors import LAST_TRY, MOST_EVENTS
from workflow_ops.notifications.events import READER
from workflow_ops.tests.engine_cases import CommittedEngineTestCase, Engine, form, workflow


class EventsTestCase(CommittedEngineTestCase):
    """A ticket of Sam's; each hold of it is told to him, on the site."""

    def setUp(self) -> None:
        super().setUp()
        self.ticket = self.submit(self.engine)
        self.company_id = self.ours.company.pk
        self.read()
        with self.ours.scope(), transaction.atomic():
            Notification.objects.all().delete()

    def submit(self, engine: Engine) -> TicketInstance:
        return engine.submit(engine.load(workflow(form("Do", "a"))), a="x")

    def read(self) -> None:
        READER.read_next(self.company_id)

    def hold(self, ticket: TicketInstance | None = None, *, number: int = 1) -> list[int]:
        """Add entries to the timeline in the transaction that is open, and return their ids."""
        with transaction.atomic():
            rows = (
                TimelineEvent(ticket=ticket or self.ticket, kind=TimelineKind.HELD) for _row in range(number)
            )
            return [event.pk for event in TimelineEvent.objects.bulk_create(rows)]

    def recorded(self) -> list[int]:
        """Return the ids of the events of which people were told, in the order of the notifications."""
        with self.ours.scope(), transaction.atomic():
            return [*Notification.objects.order_by("pk").values_list("event", flat=True)]

    def jobs(self) -> list[int]:
        names = ProcrastinateJob.objects.filter(
            task_name="workflow_ops.jobs.create_notifications", status="todo"
        )
        return sorted(job.args["company_id"] for job in names)


class InTheOrderOfCommits(EventsTestCase):
    """A later id, or a later transaction, may be committed first."""

    def test_the_later_id_is_committed_first(self) -> None:
        with ThreadPoolExecutor(1) as others:
            with self.ours.scope(), transaction.atomic():
                first = self.hold()
                second = others.submit(self.hold_elsewhere).result()
                self.assertLess(first, second)
                others.submit(self.read_elsewhere).result()
                recorded = others.submit(self.recorded_elsewhere).result()
                self.assertEqual(recorded, [])  # the first is still to come
            self.read()
        self.assertEqual(self.recorded(), [*first, *second])
        self.read()
        self.assertEqual(self.recorded(), [*first, *second])

    def test_the_later_transaction_has_the_earlier_id(self) -> None:
        with ThreadPoolExecutor(1) as others:
            with self.ours.scope(), transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_current_xact_id()")  # it begins, and takes its id later
                first = others.submit(self.hold_elsewhere).result()
                second = self.hold()
                self.assertLess(first, second)
                others.submit(self.read_elsewhere).result()
                self.assertEqual(others.submit(self.recorded_elsewhere).result(), [])
            self.read()
        self.assertEqual(self.recorded(), [*second, *first])

    def test_what_is_rolled_back_is_not_waited_for(self) -> None:
        with ThreadPoolExecutor(1) as others, self.ours.scope(), transaction.atomic():
            self.hold()
            second = others.submit(self.hold_elsewhere).result()
            transaction.set_rollback(True)
        self.read()
        self.assertEqual(self.recorded(), second)

    def test_transactions_of_other_databases_are_not_waited_for(self) -> None:
        with self.other_database() as other:
            other.execute("SELECT pg_current_xact_id()")
            with self.ours.scope():
                events = self.hold()
            self.read()
            self.assertEqual(self.recorded(), events)

    def test_a_transaction_of_another_database_ends_while_one_looks(self) -> None:
        with self.other_database() as other:
            other.execute("SELECT pg_current_xact_id()")
            with self.ours.scope():
                events = self.hold()

            def end_the_other(execute: Callable[..., Any], statement: str, *details: Any) -> Any:
                result = execute(statement, *details)
                if "pg_snapshot_xip" in statement or "pg_locks" in statement:
                    other.commit()
                return result

            with connection.execute_wrapper(end_the_other):
                self.read()
            self.assertEqual(self.recorded(), events)

    def other_database(self) -> psycopg.Connection[Any]:
        parameters = connection.get_connection_params() | {"dbname": "postgres", "cursor_factory": None}
        return psycopg.connect(**{name: value for name, value in parameters.items() if value})

    def hold_elsewhere(self) -> list[int]:
        found: list[int] = self.elsewhere(self.hold)
        return found

    def recorded_elsewhere(self) -> list[int]:
        found: list[int] = self.elsewhere(lambda: [*Notification.objects.values_list("event", flat=True)])
        return found

    def read_elsewhere(self) -> None:
        try:
            self.read()
        finally:
            connection.close()

    def elsewhere(self, function: Callable[[], Any]) -> Any:
        """Call a function in a transaction and a session of its own."""
        try:
            with self.ours.scope(), transaction.atomic():
                return function()
        finally:
            connection.close()


class EachOnce(EventsTestCase):
    """However many jobs read, and however much there is to read."""

    def test_two_jobs_at_once(self) -> None:
        with self.ours.scope():
            events = self.hold(number=20)
        at_once(self.read, self.read, self.read)
        self.assertEqual(self.recorded(), events)

    def test_two_first_jobs_at_once(self) -> None:
        """Of two that find no cursor, one stores it, and the other is tried again."""
        with self.ours.scope(), transaction.atomic():
            EventCursor.objects.all().delete()
        outcomes = at_once(self.try_to_read, self.try_to_read)
        self.assertIn("read", outcomes)
        recorded = self.recorded()
        self.assertEqual(len(recorded), len(set(recorded)))
        self.read()
        self.assertEqual(self.recorded(), recorded)

    def try_to_read(self) -> str:
        try:
            self.read()
        except IntegrityError:
            return "again"
        return "read"

    def test_a_flood_is_read_in_parts(self) -> None:
        with self.ours.scope():
            events = self.hold(number=2 * MOST_EVENTS + 1)
        look_for_events(timestamp=0)
        look_for_events(timestamp=0)
        self.assertEqual(self.jobs(), [self.company_id])  # one waits already
        self.read()
        self.assertEqual(self.recorded(), events[:MOST_EVENTS])
        self.assertEqual(self.jobs(), [self.company_id] * 2)  # it goes on
        self.read()
        self.read()
        self.assertEqual(self.recorded(), events)

    def test_only_companies_in_which_something_has_happened(self) -> None:
        look_for_events(timestamp=0)
        self.assertEqual(self.jobs(), [])
        other = Engine(self.theirs, lambda function: function())
        assignee = other.task(self.submit(other), "Do").assigned_to
        assert assignee is not None
        look_for_events(timestamp=0)
        self.assertEqual(self.jobs(), [self.theirs.company.pk])
        READER.read_next(self.theirs.company.pk)
        with self.theirs.scope(), transaction.atomic():
            recorded = Notification.objects.values_list("person", "kind")
            self.assertEqual([*recorded], [(assignee.pk, NotificationKind.TASK)])
        self.assertEqual(self.recorded(), [])

    def test_a_company_without_events_gets_no_cursor(self) -> None:
        READER.read_next(self.theirs.company.pk)
        with all_companies_scope(), transaction.atomic():
            self.assertEqual([*EventCursor.objects.values_list("company", flat=True)], [self.company_id])


class OneFails(EventsTestCase):
    """An event of which nobody can be told holds up the others of its company for a while, not for ever."""

    def test_it_is_left_out_and_the_others_go_on(self) -> None:
        with self.ours.scope():
            (before,) = self.hold()
            (stored,) = self.hold()  # stored already, which the database refuses
            with transaction.atomic():
                row = {"person": self.ours.submitter, "ticket": self.ticket, "event_id": stored}
                Notification.objects.create(**row, kind=NotificationKind.HELD, way=NotificationWay.SITE)
                TimelineEvent.objects.create(ticket=self.ticket, kind=TimelineKind.TASK_STARTED)  # of no task
            (after,) = self.hold()
        for error, expected in ((IntegrityError, [stored, before]), (AssertionError, [stored, before])):
            for tries in range(LAST_TRY):
                with self.subTest(tries=tries), self.assertRaises(error):
                    READER.read_next(self.company_id, tries=tries)
                self.assertEqual(self.recorded(), expected)
                self.assertEqual(self.jobs(), [])
            with self.assertLogs(level="ERROR") as logs, self.assertRaises(error):
                READER.read_next(self.company_id, tries=LAST_TRY)
            self.assertIn("event_left_out", logs.output[0])
            self.assertEqual(self.jobs(), [self.company_id])
            self.forget_jobs()
        self.read()
        self.assertEqual(self.recorded(), [stored, before, after])

    def test_it_ends_the_worker_each_time(self) -> None:
        with self.ours.scope():
            self.hold()
            (after,) = self.hold()
        with self.assertLogs(level="ERROR"), self.assertRaises(InterruptedError):
            READER.read_next(self.company_id, tries=LAST_TRY + 1)
        self.read()
        self.assertEqual(self.recorded(), [after])

    def forget_jobs(self) -> None:
        ProcrastinateJob.objects.all().delete()


class Chosen(EventsTestCase):
    """How each person wants to be told."""

    def choose(self, kind: NotificationKind, way: NotificationWay) -> None:
        with self.ours.scope(), transaction.atomic():
            NotificationChoice.objects.update_or_create(
                person=self.ours.submitter, kind=kind, defaults={"way": way}
            )

    def ways(self) -> list[str]:
        with self.ours.scope(), transaction.atomic():
            return [*Notification.objects.order_by("pk").values_list("way", flat=True)]

    def test_each_way(self) -> None:
        expected = []
        for way in (None, NotificationWay.MAIL, NotificationWay.DAILY, NotificationWay.OFF):
            if way:
                self.choose(NotificationKind.HELD, way)
            with self.ours.scope():
                self.hold()
            self.read()
            expected += [] if way == NotificationWay.OFF else [way or NotificationWay.SITE]
            self.assertEqual(self.ways(), expected)
