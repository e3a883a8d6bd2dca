"""What lists filter and sort by is copied by triggers, whatever changes a ticket or a task."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from workflow_ops.comments.writing import add_comment
from workflow_ops.desk.actions import assign_task, cancel_task, edit_data, hold_workflow, resume_workflow
from workflow_ops.models import OpenTask, TaskInstance, TicketFieldValue, TicketInstance
from workflow_ops.models.copies import NO_DUE_TIME
from workflow_ops.models.lists import NOBODY
from workflow_ops.tests.engine_cases import YES_NO, EngineTestCase, end, equals, form, workflow

CHOICE = {"type": "string", "enum": ["low", "high"], "filterable": True}
COPIES = ("changed_at", "waiting_since", "priority", "due_order")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class OpenTasks(EngineTestCase):
    """A ticket with two tasks, one of which only a role may do that nobody has."""

    def setUp(self) -> None:
        super().setUp()
        tasks = (form("Work", "a"), form("Check", "a", "done", executor_roles=("Crew",)))
        self.made = self.engine.load(workflow(*tasks))
        self.ticket = self.engine.submit(self.made, a="x")

    def rows(self) -> list[tuple[Any, ...]]:
        """Return title, status, assignee and the ticket's status; assert that copies equal the ticket's."""

        def read() -> list[tuple[Any, ...]]:
            ticket = TicketInstance.objects.get(pk=self.ticket.pk)
            for row in OpenTask.objects.all():
                expected = [getattr(ticket, name) for name in ("line_id", "status", *COPIES)]
                names = ("line_id", "ticket_status", *COPIES)
                self.assertEqual([getattr(row, name) for name in names], expected)
                self.assertEqual((row.ticket_id, row.created_at), (ticket.pk, row.task.created_at))
            columns = ("title", "status", "assignee", "ticket_status")
            return list(OpenTask.objects.order_by("title").values_list(*columns))

        found: list[tuple[Any, ...]] = self.engine.call(read)
        return found

    def test_follow_their_tasks(self) -> None:
        assignee = self.engine.task(self.ticket, "Work").assigned_to_id
        self.assertEqual(
            self.rows(),
            [("Check", "OPEN", NOBODY, "IN_PROGRESS"), ("Work", "OPEN", assignee, "IN_PROGRESS")],
        )
        admin, task = self.ours.admin, self.engine.task(self.ticket, "Check")
        self.engine.as_person(admin, lambda: assign_task(task, to=admin, by=admin))
        self.assertEqual(self.rows()[0], ("Check", "OPEN", admin.pk, "IN_PROGRESS"))
        self.engine.as_person(admin, lambda: add_comment(self.ticket, text="Hello", by=admin))
        self.engine.as_person(admin, lambda: hold_workflow(self.ticket, reason="later", by=admin))
        self.assertEqual({row[3] for row in self.rows()}, {"ON_HOLD"})
        self.engine.call(lambda: TicketInstance.objects.update(priority=3))
        self.assertEqual(len(self.rows()), 2)

    def test_leave_with_their_tasks_and_tell_a_stall(self) -> None:
        admin = self.ours.admin
        for title in ("Work", "Check"):
            self.assertFalse(self.engine.call(TicketInstance.objects.get).is_stalled)
            task = self.engine.task(self.ticket, title)
            self.engine.as_person(admin, partial(cancel_task, task, reason="no", by=admin))
        self.assertEqual(self.rows(), [])
        self.assertTrue(self.engine.call(TicketInstance.objects.get).is_stalled)
        self.engine.call(lambda: TaskInstance.objects.update(status="OPEN"))
        self.assertEqual(len(self.rows()), 2)

    def test_of_a_ticket_on_hold_say_since_when_it_waits(self) -> None:
        admin, check = self.ours.admin, self.engine.task(self.ticket, "Check")
        self.engine.as_person(admin, lambda: hold_workflow(self.ticket, reason="later", by=admin))
        work = self.engine.task(self.ticket, "Work")
        self.engine.as_person(admin, lambda: cancel_task(work, reason="no", by=admin))
        self.assertEqual([row[0] for row in self.rows()], ["Check"])
        self.assertEqual(self.engine.call(TicketInstance.objects.get).waiting_since, check.created_at)

    def due(self) -> tuple[datetime | None, list[datetime]]:
        """Return when the ticket is due, and in which order Check and Work are."""
        self.rows()

        def read() -> tuple[datetime | None, list[datetime]]:
            orders = OpenTask.objects.order_by("title").values_list("task_due_order", flat=True)
            return TicketInstance.objects.get().due_at, list(orders)

        found: tuple[datetime | None, list[datetime]] = self.engine.call(read)
        return found

    def is_due(self, title: str, at: datetime | None) -> None:
        """Let a task be due at this time."""
        task = self.engine.task(self.ticket, title)
        self.engine.call(lambda: TaskInstance.objects.filter(pk=task.pk).update(due_at=at))

    def test_say_when_the_first_of_them_is_due(self) -> None:
        later = NOON + timedelta(hours=3)
        self.assertEqual(self.due(), (None, [NO_DUE_TIME, NO_DUE_TIME]))
        self.is_due("Check", later)
        self.assertEqual(self.due(), (later, [later, NO_DUE_TIME]))
        self.is_due("Work", NOON)
        self.assertEqual(self.due(), (NOON, [later, NOON]))
        self.engine.complete(self.ticket, "Work")
        self.assertEqual(self.due(), (later, [later]))
        self.is_due("Check", None)
        self.assertEqual(self.due(), (None, [NO_DUE_TIME]))

    def test_are_not_due_while_the_ticket_is_on_hold(self) -> None:
        admin, later = self.ours.admin, NOON + timedelta(days=2)
        self.is_due("Work", NOON)
        self.engine.as_person(admin, lambda: hold_workflow(self.ticket, reason="later", by=admin))
        self.assertEqual(self.due(), (None, [NO_DUE_TIME, NO_DUE_TIME]))
        self.is_due("Work", later)
        self.assertEqual(self.due(), (None, [NO_DUE_TIME, NO_DUE_TIME]))
        self.engine.as_person(admin, lambda: resume_workflow(self.ticket, by=admin))
        due_at = self.engine.task(self.ticket, "Work").due_at
        self.assertEqual(self.due(), (due_at, [NO_DUE_TIME, due_at]))

    def test_only_triggers_write_them(self) -> None:
        with self.ours.scope():
            for statement in ("DELETE FROM workflow_ops_opentask", "UPDATE workflow_ops_opentask SET id = 1"):
                with self.assertRaises(ProgrammingError), transaction.atomic():
                    connection.cursor().execute(statement)


class FieldValues(EngineTestCase):
    """The rows of fields that are marked to filter by."""

    def setUp(self) -> None:
        super().setUp()
        marked: dict[str, Any] = {"b": CHOICE, "c": {**YES_NO, "filterable": True}}
        self.made = self.engine.load(workflow(form("Work", "a", "out b c"), ticket="a b", **marked))
        self.ticket = self.engine.submit(self.made, a="x", b="low")

    def values(self) -> dict[str, str]:
        """Return the values; assert that copies equal the columns of the ticket."""

        def read() -> dict[str, str]:
            ticket = TicketInstance.objects.get(pk=self.ticket.pk)
            names = ("line_id", "is_finished", *COPIES)
            for row in TicketFieldValue.objects.filter(ticket=ticket):
                self.assertEqual(
                    [getattr(row, name) for name in names], [getattr(ticket, name) for name in names]
                )
            return dict(TicketFieldValue.objects.filter(ticket=ticket).values_list("field", "value"))

        found: dict[str, str] = self.engine.call(read)
        return found

    def test_follow_the_data(self) -> None:
        self.assertEqual(self.values(), {"b": "low"})
        self.engine.complete(self.ticket, "Work", out="x", b="high", c=False)
        self.assertEqual(self.values(), {"b": "high", "c": "false"})
        self.edit(a="the end", c=None)
        self.assertEqual(self.values(), {"b": "high"})

    def test_are_right_after_a_write_that_changes_the_priority_and_ends_the_ticket(self) -> None:
        file = workflow(
            form("Work", "a", "out b"),
            end("End", "b", condition=equals("b", "low")),
            b={"type": "string", "enum": ["low", "high"]},
            c={**YES_NO, "filterable": True},
        )
        kind = replace(file.tickets[0], fields=("a", "b", "c"), priority_field="b")
        self.made = self.engine.load(replace(file, title="Other", tickets=(kind,)))
        self.ticket = self.engine.submit(self.made, a="x", c=True)
        self.edit(b="high")
        self.assertEqual(self.values(), {"c": "true"})
        self.engine.complete(self.ticket, "Work", out="x", b="low")
        self.assertEqual(self.values(), {"c": "true"})
        self.assertEqual(self.engine.status(self.ticket), "COMPLETED")

    def edit(self, **values: Any) -> None:
        """Edit the ticket's data as an admin."""
        by = self.ours.admin
        self.engine.as_person(by, lambda: edit_data(self.ticket, values=values, by=by))

    def test_take_no_statement_if_they_stay(self) -> None:
        with CaptureQueriesContext(connection) as sent:
            self.edit(a="y")
        self.assertEqual([each for each in sent if "ticketfieldvalue" in each["sql"]], [])
        with CaptureQueriesContext(connection) as sent:
            self.edit(b="high", c=True)
        self.assertEqual(len([each for each in sent if "ticketfieldvalue" in each["sql"]]), 1)
