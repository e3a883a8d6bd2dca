"""Writes that waited during a hold or after a crash, and are applied to data that has changed since."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from workflow_ops.desk.actions import edit_data, hold_workflow, resume_workflow
from workflow_ops.desk.errors.retries import retry_error
from workflow_ops.models import ErrorReason, ErrorStatus
from workflow_ops.refusals import WrongStatusError
from workflow_ops.tests.engine_cases import NUMBER, CommittedEngineTestCase, EngineTestCase, form, workflow
from workflow_ops.work.submissions import take_task


class WaitingEditTests(EngineTestCase):
    """An edit modifies the fields whose values differ from the data when it is applied."""

    def setUp(self) -> None:
        super().setUp()
        self.admin = self.ours.ticket_admin
        made = self.engine.load(workflow(form("Work", "a"), form("Other", "b", "done"), ticket="a b"))
        self.ticket = self.engine.submit(made, a="x")
        self.engine.as_person(self.admin, lambda: hold_workflow(self.ticket, reason="", by=self.admin))

    def edit(self, **values: Any) -> None:
        self.engine.as_person(self.admin, lambda: edit_data(self.ticket, values=values, by=self.admin))

    def resume(self) -> None:
        self.engine.as_person(self.admin, lambda: resume_workflow(self.ticket, by=self.admin))

    def test_an_edit_made_twice_on_hold_modifies_once(self) -> None:
        self.edit(a="y", b="1")
        self.edit(a="y")
        self.edit(a="y", b="2")
        self.resume()
        steps = [step.modified_fields for step in self.engine.steps(self.ticket)]
        self.assertEqual(steps, [["a", "b"], [], ["a", "b"], ["b"]])
        self.assertEqual(self.engine.run(self.ticket).data, {"a": "y", "b": "2"})
        self.assertEqual(self.engine.task(self.ticket, "Work").input_version, 2)
        self.assertEqual(self.engine.event_kinds(self.ticket).count("DATA_EDITED"), 2)

    def test_empty_fields_are_not_emptied_again(self) -> None:
        self.edit(b="1")
        self.edit(a=None)
        self.edit(a=None, b="2")
        self.resume()
        self.assertEqual(self.engine.steps(self.ticket)[-1].modified_fields, ["b"])
        self.assertEqual(self.engine.steps(self.ticket)[-1].emptied_fields, [])


class RetriedTwiceTests(CommittedEngineTestCase):
    """An error is retried once at a time, even if the process dies before the retry."""

    def test_a_second_retry_waits_for_the_first(self) -> None:
        failing = {">": [{"+": [{"var": "b"}, 1]}, 1]}
        made = self.engine.load(
            workflow(form("Fails", "a", condition=failing), form("Works", "a", "done"), b=NUMBER)
        )
        ticket, admin = self.engine.submit(made, a="x"), self.ours.ticket_admin
        (error,) = self.engine.errors(ticket)
        self.assertEqual(error.reason, ErrorReason.CONDITION)
        with admin.scope(), transaction.atomic():
            retry_error(error, by=admin)
            transaction.get_connection().run_on_commit.clear()
        with self.assertRaises(WrongStatusError):
            self.engine.as_person(admin, lambda: retry_error(error, by=admin))
        self.assertEqual(len(self.engine.writes(ticket)), 2)


class TakenTests(EngineTestCase):
    """Taking a task makes its assignment error obsolete."""

    def test_taking_resolves_the_assignment_error(self) -> None:
        made = self.engine.load(workflow(form("Work", "a", executor_roles=("Crew",))))
        ticket = self.engine.submit(made, a="x")
        person = self.engine.person("One", roles=["Crew"])
        task = self.engine.task(ticket, "Work")
        self.engine.as_person(person, lambda: take_task(task, by=person))
        (error,) = self.engine.errors(ticket)
        self.assertEqual((error.reason, error.error_status), (ErrorReason.ASSIGNMENT, ErrorStatus.RESOLVED))
