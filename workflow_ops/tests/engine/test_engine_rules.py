"""The rules of `docs/engine.md` in order: steps of a write, two transactions, statuses, errors."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from ticketflower.tenancy.owner import database_owner
from workflow_design.models import TicketDefinition
from workflow_ops.comments.writing import add_comment
from workflow_ops.desk.actions import (
    cancel_task,
    cancel_workflow,
    edit_data,
    hold_workflow,
    resume_workflow,
)
from workflow_ops.desk.errors.actions import resolve_error, review_error
from workflow_ops.desk.errors.retries import retry_error
from workflow_ops.models import (
    CompletionInstance,
    ErrorReason,
    ErrorStatus,
    ErrorType,
    RunStatus,
    TaskStatus,
    TicketInstance,
    WriteStatus,
)
from workflow_ops.refusals import (
    AlreadyDoneError,
    InputChangedError,
    NotAllowedError,
    NotYoursError,
    OnHoldError,
    WrongStatusError,
)
from workflow_ops.tests.engine_cases import (
    NUMBER,
    CommittedEngineTestCase,
    EngineTestCase,
    end,
    equals,
    form,
    workflow,
)
from workflow_ops.work.submissions import (
    complete_task,
    give_back_task,
    save_draft,
    submit_ticket,
    take_task,
    withdraw_ticket,
)


class StepTests(EngineTestCase):
    def test_completions_come_first_and_cancel_unfinished_tasks(self) -> None:
        made = self.engine.load(
            workflow(
                form("Slow", "a", "done"),
                form("Fast", "a"),
                form("After", "out", "done2"),
                end("One", "out"),
                end("Two", "out"),
            )
        )
        ticket = self.engine.submit(made, a="x")
        self.engine.complete(ticket, "Fast", out="y")
        self.assertEqual(self.engine.status(ticket), RunStatus.COMPLETED)
        self.assertEqual(self.engine.task(ticket, "Slow").status, TaskStatus.CANCELLED)
        self.assertEqual(self.engine.call(CompletionInstance.objects.count), 1)
        looks = {look["title"]: look["outcome"] for look in self.engine.steps(ticket)[-1].looks}
        self.assertEqual(looks, {"One": "reached", "Two": "already-decided", "After": "already-decided"})

    def test_an_unfinished_task_is_refreshed_and_gets_no_second(self) -> None:
        made = self.engine.load(workflow(form("Work", "a b", "out"), form("Other", "a", "b")))
        ticket = self.engine.submit(made, a="x")
        task = self.engine.task(ticket, "Work")
        self.engine.complete(ticket, "Other", b="new")
        after = self.engine.task(ticket, "Work")
        self.assertEqual((after.pk, after.run, after.input_version), (task.pk, 1, 2))
        self.assertEqual(after.input_data, {"a": "x", "b": "new"})
        self.assertIn("TASK_REFRESHED", self.engine.event_kinds(ticket))
        with self.assertRaises(InputChangedError):
            self.engine.complete(ticket, "Work", version=1, out="y")
        self.engine.complete(ticket, "Work", version=2, out="y")
        self.assertEqual(self.engine.task(ticket, "Work").output_data, {"out": "y"})

    def test_a_task_starts_again_and_resets_its_fields(self) -> None:
        made = self.engine.load(
            workflow(form("Judge", "a", "out", reset_fields=("out",)), form("Change", "out", "a"))
        )
        ticket = self.engine.submit(made, a="x")
        self.engine.complete(ticket, "Judge", out="no")
        self.engine.complete(ticket, "Change", a="x")
        self.assertEqual(self.engine.unfinished(ticket), ["Judge #2"])
        self.assertEqual(self.engine.run(ticket).data, {"a": "x"})
        self.assertEqual(self.engine.steps(ticket)[-1].reset_fields, ["out"])

    def test_fields_left_blank_are_emptied(self) -> None:
        made = self.engine.load(workflow(form("Work", "a", "out b"), form("Again", "out", "out b")))
        ticket = self.engine.submit(made, a="x")
        self.engine.complete(ticket, "Work", out="y", b="z")
        self.engine.complete(ticket, "Again", out="", b="z")
        step = self.engine.steps(ticket)[-1]
        self.assertEqual((step.data, step.emptied_fields), ({"a": "x", "b": "z"}, ["out"]))

    def test_an_action_waits(self) -> None:
        action = form("Call", "a", task_type="SYNC_ACTION", action_url="https://example.com/hook")
        ticket = self.engine.submit(self.engine.load(workflow(action)), a="x")
        task = self.engine.task(ticket, "Call")
        self.assertEqual((task.status, task.assigned_to), (TaskStatus.PENDING, None))
        self.assertEqual(self.engine.errors(ticket), [])

    def test_cancelling_the_last_task_stalls_and_a_write_resolves_it(self) -> None:
        made = self.engine.load(workflow(form("Work", "a")))
        ticket = self.engine.submit(made, a="x")
        admin = self.ours.ticket_admin
        task = self.engine.task(ticket, "Work")
        self.engine.as_person(admin, lambda: cancel_task(task, reason="No need", by=admin))
        (error,) = self.engine.errors(ticket)
        self.assertEqual((error.reason, error.modified_fields), (ErrorReason.STALL, ["a"]))
        self.assertEqual(len(self.engine.steps(ticket)), 1)
        self.engine.as_person(admin, lambda: edit_data(ticket, values={"a": "new"}, by=admin))
        self.assertEqual(self.engine.unfinished(ticket), ["Work #2"])
        self.assertEqual(self.engine.errors(ticket)[0].error_status, ErrorStatus.RESOLVED)

    def test_an_edit_modifies_only_what_differs(self) -> None:
        made = self.engine.load(workflow(form("Work", "a")))
        ticket = self.engine.submit(made, a="x")
        admin = self.ours.ticket_admin
        self.assertFalse(self.engine.as_person(admin, lambda: edit_data(ticket, values={"a": "x"}, by=admin)))
        self.assertTrue(
            self.engine.as_person(admin, lambda: edit_data(ticket, values={"b": None, "a": "y"}, by=admin))
        )
        self.assertEqual(self.engine.steps(ticket)[-1].modified_fields, ["a"])
        self.assertEqual(self.engine.steps(ticket)[-1].person_id, admin.pk)
        self.assertEqual(self.engine.task(ticket, "Work").input_version, 2)


class HoldTests(EngineTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.admin = self.ours.ticket_admin

    def test_a_completion_holds_and_the_resume_continues_from_there(self) -> None:
        made = self.engine.load(
            workflow(
                form("Work", "a", "out"),
                form("Next", "out", "done"),
                end("Wait", "out", status="ON_HOLD", condition=equals("out", "wait")),
                end("Done", "done"),
            )
        )
        ticket = self.engine.submit(made, a="x")
        self.engine.complete(ticket, "Work", out="wait")
        self.assertEqual(self.engine.status(ticket), RunStatus.ON_HOLD)
        self.assertEqual(self.engine.unfinished(ticket), [])
        self.assertEqual(self.engine.errors(ticket), [])
        self.engine.as_person(self.admin, lambda: edit_data(ticket, values={"a": "later"}, by=self.admin))
        self.assertEqual(self.engine.run(ticket).data["a"], "x")
        self.engine.as_person(self.admin, lambda: resume_workflow(ticket, by=self.admin))
        self.assertEqual(self.engine.unfinished(ticket), ["Next #1", "Work #2"])
        self.assertEqual(self.engine.run(ticket).data["a"], "later")
        self.assertEqual(
            [step.source for step in self.engine.steps(ticket)], ["ticket", "task", "resume", "edit"]
        )
        with self.assertRaises(WrongStatusError):
            self.engine.as_person(self.admin, lambda: resume_workflow(ticket, by=self.admin))

    def test_on_hold_nothing_is_completed(self) -> None:
        made = self.engine.load(workflow(form("Work", "a")))
        ticket = self.engine.submit(made, a="x")
        self.engine.as_person(self.admin, lambda: hold_workflow(ticket, reason="Audit", by=self.admin))
        with self.assertRaises(OnHoldError):
            self.engine.complete(ticket, "Work", out="y")
        self.engine.as_person(self.admin, lambda: resume_workflow(ticket, by=self.admin))
        self.engine.complete(ticket, "Work", out="y")
        self.assertEqual(self.engine.status(ticket), RunStatus.IN_PROGRESS)

    def test_the_end_is_final(self) -> None:
        made = self.engine.load(workflow(form("Work", "a")))
        ticket = self.engine.submit(made, a="x")
        task = self.engine.task(ticket, "Work")
        by = self.ours.submitter
        self.engine.as_person(by, lambda: withdraw_ticket(ticket, reason="Changed my mind", by=by))
        self.assertEqual(self.engine.status(ticket), RunStatus.CANCELLED)
        self.assertEqual(self.engine.task(ticket, "Work").status, TaskStatus.CANCELLED)
        attempts: list[tuple[type[Exception], Any]] = [
            (WrongStatusError, lambda: withdraw_ticket(ticket, reason="", by=by)),
            (WrongStatusError, lambda: cancel_workflow(ticket, reason="", by=self.ours.admin)),
            (WrongStatusError, lambda: edit_data(ticket, values={"a": "y"}, by=self.ours.admin)),
            (WrongStatusError, lambda: hold_workflow(ticket, reason="", by=self.ours.admin)),
            (AlreadyDoneError, lambda: complete_task(task, values={}, input_version=1, by=self.ours.admin)),
            (AlreadyDoneError, lambda: cancel_task(task, reason="", by=self.ours.admin)),
            (AlreadyDoneError, lambda: save_draft(task, values={}, by=self.ours.admin)),
        ]
        for refusal, attempt in attempts:
            with self.assertRaises(refusal):
                self.engine.as_person(self.ours.admin, attempt)

    def test_a_write_that_arrives_after_the_end_is_recorded(self) -> None:
        made = self.engine.load(workflow(form("Work", "a")))
        ticket = self.engine.submit(made, a="x")
        admin = self.ours.admin

        def both() -> None:
            edit_data(ticket, values={"a": "y"}, by=admin)
            cancel_workflow(ticket, reason="Enough", by=admin)

        self.engine.as_person(admin, both)
        self.assertEqual([write.status for write in self.engine.writes(ticket)], ["APPLIED", "TOO_LATE"])
        self.assertEqual(self.engine.run(ticket).data, {"a": "x"})


class ErrorTests(EngineTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.admin = self.ours.ticket_admin

    def _retry(self, error: Any) -> None:
        self.engine.as_person(self.admin, lambda: retry_error(error, by=self.admin))

    def test_invalid_values_are_an_error_and_are_not_lost(self) -> None:
        made = self.engine.load(workflow(form("Work", "a", "out"), form("Next", "out", "done"), out=NUMBER))
        ticket = self.engine.submit(made, a="x")
        self.engine.complete(ticket, "Work", out="seven")
        (error,) = self.engine.errors(ticket)
        self.assertEqual(
            (error.error_type, error.reason), (ErrorType.WORKFLOW_TRANSITION, ErrorReason.MISFIT)
        )
        self.assertEqual(self.engine.writes(ticket)[-1].status, WriteStatus.FAILED)
        self.assertEqual(self.engine.task(ticket, "Work").output_data, {"out": "seven"})
        self.assertEqual(self.engine.event_kinds(ticket)[-2:], ["TASK_COMPLETED", "ERROR"])
        self._retry(error)
        (error,) = self.engine.errors(ticket)
        self.assertEqual(error.error_status, ErrorStatus.NEW)
        # A later write is not held up, and the retry does not overwrite its values.
        self.engine.as_person(self.admin, lambda: edit_data(ticket, values={"out": 7}, by=self.admin))
        self.assertEqual(self.engine.unfinished(ticket), ["Next #1"])
        self._retry(error)
        self.assertEqual(self.engine.errors(ticket)[0].error_status, ErrorStatus.RESOLVED)
        self.assertEqual(self.engine.run(ticket).data, {"a": "x", "out": 7})
        with self.assertRaises(WrongStatusError):
            self._retry(self.engine.errors(ticket)[0])

    def test_a_failing_condition_stops_no_other_and_is_retried_alone(self) -> None:
        failing = {">": [{"+": [{"var": "b"}, 1]}, 1]}
        made = self.engine.load(
            workflow(form("Fails", "a", "out", condition=failing), form("Works", "a", "done"), b=NUMBER)
        )
        ticket = self.engine.submit(made, a="x")
        self.assertEqual(self.engine.unfinished(ticket), ["Works #1"])
        (error,) = self.engine.errors(ticket)
        self.assertEqual((error.reason, error.definition_kind), (ErrorReason.CONDITION, "task"))
        self._retry(error)
        self.assertEqual(len(self.engine.errors(ticket)), 1)
        self.engine.as_person(self.admin, lambda: edit_data(ticket, values={"b": 5}, by=self.admin))
        self._retry(error)
        self.assertEqual(self.engine.unfinished(ticket), ["Fails #1", "Works #1"])
        self.assertEqual(self.engine.task(ticket, "Works").input_version, 1)
        self.assertEqual(self.engine.errors(ticket)[0].error_status, ErrorStatus.RESOLVED)

    def test_a_retried_stall_stays_one_error(self) -> None:
        made = self.engine.load(workflow(form("Work", "a", condition=equals("b", "go")), ticket="a b"))
        ticket = self.engine.submit(made, a="x")
        (error,) = self.engine.errors(ticket)
        self._retry(error)
        self.assertEqual([each.error_status for each in self.engine.errors(ticket)], ["NEW"])

    def test_review_and_resolve(self) -> None:
        made = self.engine.load(workflow(form("Work", "a", condition=equals("b", "go")), ticket="a b"))
        (error,) = self.engine.errors(self.engine.submit(made, a="x"))
        with self.assertRaises(NotAllowedError):
            self.engine.as_person(
                self.ours.worker, lambda: review_error(error, notes="", by=self.ours.worker)
            )
        self.engine.as_person(self.admin, lambda: review_error(error, notes="Looking", by=self.admin))
        self.engine.as_person(self.admin, lambda: resolve_error(error, notes="Done", by=self.admin))
        self.engine.call(error.refresh_from_db)
        self.assertEqual((error.error_status, error.resolution_notes), (ErrorStatus.RESOLVED, "Done"))


class PeopleTests(EngineTestCase):
    def test_who_may_not(self) -> None:
        made = self.engine.load(workflow(form("Work", "a")))
        ticket = self.engine.submit(made, a="x")
        task = self.engine.task(ticket, "Work")
        worker, other = self.engine.people.worker, self.ours.designer
        assert task.assigned_to is not None
        definition = self.engine.call(lambda: TicketDefinition.objects.select_related("workflow").get())
        attempts: list[tuple[type[Exception], Any]] = [
            (NotAllowedError, lambda: submit_ticket(definition, values={}, form_token=uuid4(), by=other)),
            (NotYoursError, lambda: complete_task(task, values={}, input_version=1, by=other)),
            (NotYoursError, lambda: save_draft(task, values={}, by=other)),
            (NotYoursError, lambda: take_task(task, by=other)),
            (NotYoursError, lambda: give_back_task(task, by=other)),
            (NotAllowedError, lambda: withdraw_ticket(ticket, reason="", by=other)),
            (NotAllowedError, lambda: add_comment(ticket, text="Hi", by=other)),
            (NotAllowedError, lambda: cancel_task(task, reason="", by=worker)),
            (NotAllowedError, lambda: hold_workflow(ticket, reason="", by=worker)),
            (NotAllowedError, lambda: edit_data(ticket, values={"a": "y"}, by=worker)),
            (NotAllowedError, lambda: cancel_workflow(ticket, reason="", by=worker)),
        ]
        for refusal, attempt in attempts:
            with self.assertRaises(refusal):
                self.engine.as_person(other, attempt)

    def test_another_company_sees_nothing(self) -> None:
        made = self.engine.load(workflow(form("Work", "a")))
        ticket = self.engine.submit(made, a="x")
        task = self.engine.task(ticket, "Work")
        them = self.theirs.admin
        with self.assertRaises(Exception) as raised, them.scope():
            complete_task(task, values={"out": "y"}, input_version=1, by=them)
        self.assertEqual(type(raised.exception).__name__, "DoesNotExist")
        with them.scope(), self.assertRaises(NotAllowedError):
            add_comment(ticket, text="Hi", by=them)

    def test_take_draft_give_back(self) -> None:
        made = self.engine.load(workflow(form("Work", "a", executor_roles=("Crew",))))
        ticket = self.engine.submit(made, a="x")
        one = self.engine.person("One", roles=["Crew"])
        task = self.engine.task(ticket, "Work")
        with self.assertRaises(NotYoursError):
            self.engine.complete(ticket, "Work", by=one, out="y")
        self.engine.as_person(one, lambda: take_task(task, by=one))
        self.engine.as_person(one, lambda: save_draft(task, values={"out": "d"}, by=one))
        drafted = self.engine.task(ticket, "Work")
        self.assertEqual((drafted.status, drafted.draft), (TaskStatus.IN_PROGRESS, {"out": "d"}))
        self.engine.as_person(one, lambda: give_back_task(task, by=one))
        self.assertIsNone(self.engine.task(ticket, "Work").assigned_to)
        self.engine.as_person(one, lambda: take_task(task, by=one))
        self.engine.complete(ticket, "Work", out="y")
        done = self.engine.task(ticket, "Work")
        self.assertEqual((done.completed_by_id, done.draft), (one.pk, None))


class CreationErrorTests(CommittedEngineTestCase):
    """Errors when the database refuses rows, as a full table or a new constraint would."""

    def _refuse(self, condition: str, table: str) -> None:
        with database_owner(), connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT refused CHECK ({condition}) NOT VALID")
        self.addCleanup(self._allow, table)

    def _allow(self, table: str) -> None:
        with database_owner(), connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS refused")

    def test_a_task_that_cannot_be_created_stops_no_other(self) -> None:
        action = {"task_type": "SYNC_ACTION", "action_url": "https://example.com/"}
        bad, good = form("Bad", "a b", "out", reset_fields=("out",)), form("Good", "a", "done", **action)
        made = self.engine.load(workflow(bad, good, ticket="a b out"))
        self._refuse("input_data->>'b' IS DISTINCT FROM 'bad'", "workflow_ops_taskinstance")
        ticket = self.engine.submit(made, a="x", b="bad", out="kept")
        self.assertEqual(self.engine.unfinished(ticket), ["Good #1"])
        (error,) = self.engine.errors(ticket)
        self.assertEqual((error.error_type, error.reason), (ErrorType.TASK_CREATION, ErrorReason.CREATION))
        self.assertIn("IntegrityError", error.stack_trace)
        self.assertEqual(self.engine.run(ticket).data["out"], "kept")
        calls = ProcrastinateJob.objects.filter(task_name="workflow_ops.jobs.call_action")
        called = self.engine.task(ticket, "Good").pk
        self.assertEqual([job.args["task_id"] for job in calls.all()], [called])
        self._allow("workflow_ops_taskinstance")
        admin = self.ours.ticket_admin
        self.engine.as_person(admin, lambda: retry_error(error, by=admin))
        self.assertEqual(self.engine.unfinished(ticket), ["Bad #1", "Good #1"])
        self.assertEqual(self.engine.errors(ticket)[0].error_status, ErrorStatus.RESOLVED)
        self.assertNotIn("out", self.engine.run(ticket).data)

    def test_a_ticket_is_stored_even_if_its_workflow_cannot_start(self) -> None:
        made = self.engine.load(workflow(form("Work", "a")))
        self._refuse("data->>'a' IS DISTINCT FROM 'bad'", "workflow_ops_workflowdata")
        ticket = self.engine.submit(made, a="bad")
        self.assertEqual(self.engine.status(ticket), RunStatus.NOT_STARTED)
        self.assertEqual(self.engine.call(TicketInstance.objects.count), 1)
        (error,) = self.engine.errors(ticket)
        self.assertEqual(error.error_type, ErrorType.WORKFLOW_CREATION)
        self.assertIn("Traceback", error.stack_trace)
        self.assertEqual(self.engine.unfinished(ticket), [])
        self._allow("workflow_ops_workflowdata")
        admin = self.ours.ticket_admin
        self.engine.as_person(admin, lambda: retry_error(error, by=admin))
        self.assertEqual(self.engine.unfinished(ticket), ["Work #1"])
        self.assertEqual(self.engine.errors(ticket)[0].error_status, ErrorStatus.RESOLVED)

    def test_the_retry_of_an_emptied_field_leaves_later_values(self) -> None:
        made = self.engine.load(workflow(form("Work", "a", "b"), ticket="a b"))
        ticket, admin = self.engine.submit(made, a="x", b="first"), self.ours.ticket_admin
        self._refuse("data ? 'b'", "workflow_ops_workflowdata")
        self.engine.complete(ticket, "Work", b="")
        (error,) = self.engine.errors(ticket)
        self._allow("workflow_ops_workflowdata")
        self.engine.as_person(admin, lambda: edit_data(ticket, values={"b": "second"}, by=admin))
        self.engine.as_person(admin, lambda: retry_error(error, by=admin))
        self.assertEqual(self.engine.errors(ticket)[0].error_status, ErrorStatus.RESOLVED)
        self.assertEqual(self.engine.run(ticket).data, {"a": "x", "b": "second"})
