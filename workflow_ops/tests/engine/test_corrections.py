"""Corrections: data changes, open forms that read it get new input, and nothing starts, ends or stalls."""

from __future__ import annotations

from typing import Any

from users.models import AuditEvent
from workflow_design.engine.moves import Move, MoveKind
from workflow_design.engine.replay import play
from workflow_ops.audit.sentences import find_sentence
from workflow_ops.desk.actions import cancel_task, edit_data, hold_workflow, resume_workflow
from workflow_ops.desk.errors.retries import retry_error
from workflow_ops.engine.cached_rules import get_rules
from workflow_ops.history.past_scenarios import read_moves
from workflow_ops.models import (
    ErrorReason,
    ErrorStatus,
    RunStatus,
    TicketInstance,
    TimelineEvent,
    TimelineKind,
    WriteStatus,
)
from workflow_ops.tests.engine.failing_storage import PERMANENT_ERROR, RefusingDatabase
from workflow_ops.tests.engine_cases import (
    CommittedEngineTestCase,
    EngineTestCase,
    end,
    equals,
    form,
    workflow,
)


class CorrectionTests(EngineTestCase):
    """`a` is read by a form, by another one that has not started, by an action and by an end."""

    def setUp(self) -> None:
        super().setUp()
        self.admin = self.ours.ticket_admin
        self.made = self.engine.load(
            workflow(
                form("Work", "a"),
                form("Check", "a b", "done", condition=equals("b", "check")),
                form(
                    "Call",
                    "a",
                    "called",
                    task_type="SYNC_ACTION",
                    action_url="https://example.com/",
                    condition=equals("b", "call"),
                ),
                end("End", "a", condition=equals("a", "the end")),
                ticket="a b",
            )
        )

    def correct(self, ticket: TicketInstance, **values: Any) -> None:
        self.engine.as_person(
            self.admin, lambda: edit_data(ticket, values=values, by=self.admin, only_corrects=True)
        )

    def test_it_changes_data_and_input_and_nothing_else(self) -> None:
        ticket = self.engine.submit(self.made, a="typo", b="x")
        self.correct(ticket, a="the end", b="check")
        run, task = self.engine.run(ticket), self.engine.task(ticket, "Work")
        self.assertEqual((run.status, run.data), (RunStatus.IN_PROGRESS, {"a": "the end", "b": "check"}))
        self.assertEqual(self.engine.unfinished(ticket), ["Work #1"])
        self.assertEqual((task.input_data, task.input_version), ({"a": "the end"}, 2))
        step = self.engine.steps(ticket)[-1]
        self.assertEqual((step.source, step.modified_fields, step.step), ("correct", [], 2))
        self.assertEqual([(look["title"], look["outcome"]) for look in step.looks], [("Work", "refreshed")])
        self.assertEqual(self.engine.errors(ticket), [])
        kinds = self.engine.event_kinds(ticket)[-2:]
        self.assertCountEqual(kinds, [TimelineKind.DATA_CORRECTED, TimelineKind.TASK_REFRESHED])
        event = self.engine.call(lambda: TimelineEvent.objects.get(kind=TimelineKind.DATA_CORRECTED))
        self.assertEqual(event.details, {"fields": ["a", "b"]})

    def test_it_does_not_call_another_system_again(self) -> None:
        ticket = self.engine.submit(self.made, a="typo", b="call")
        before = self.engine.task(ticket, "Call")
        self.correct(ticket, a="right")
        task = self.engine.task(ticket, "Call")
        self.assertEqual((task.input_data, task.input_version), ({"a": "typo"}, before.input_version))

    def test_a_stalled_workflow_stays_stalled_until_the_error_is_retried(self) -> None:
        ticket = self.engine.submit(self.made, a="x")
        task = self.engine.task(ticket, "Work")
        self.engine.as_person(self.admin, lambda: cancel_task(task, reason="", by=self.admin))
        (stall,) = self.engine.errors(ticket)
        self.correct(ticket, b="check")
        (error,) = self.engine.errors(ticket)
        self.assertEqual((error.reason, error.error_status), (ErrorReason.STALL, ErrorStatus.NEW))
        self.engine.as_person(self.admin, lambda: retry_error(stall, by=self.admin))
        self.assertEqual(self.engine.unfinished(ticket), ["Check #1", "Work #2"])

    def test_on_hold_it_waits(self) -> None:
        ticket = self.engine.submit(self.made, a="x")
        self.engine.as_person(self.admin, lambda: hold_workflow(ticket, reason="", by=self.admin))
        self.correct(ticket, a="y")
        self.assertEqual(self.engine.run(ticket).data, {"a": "x"})
        self.assertEqual(self.engine.writes(ticket)[-1].status, WriteStatus.WAITING)
        self.engine.as_person(self.admin, lambda: resume_workflow(ticket, by=self.admin))
        self.assertEqual(self.engine.run(ticket).data, {"a": "y"})
        self.assertEqual(self.engine.task(ticket, "Work").input_data, {"a": "y"})

    def test_a_correction_without_a_difference_is_no_write(self) -> None:
        ticket = self.engine.submit(self.made, a="x")
        self.correct(ticket, a="x")
        self.assertEqual(len(self.engine.writes(ticket)), 1)

    def test_a_scenario_of_the_ticket_ends_as_the_ticket_did(self) -> None:
        ticket = self.engine.submit(self.made, a="x", b="y")
        self.correct(ticket, a="the end", b=None)
        moves, left_out = self.engine.call(lambda: read_moves(ticket))
        values = {"a": "the end", "b": None}
        self.assertEqual((moves[-1], left_out), (Move(MoveKind.CORRECTION, values=values), ""))
        state = play(self.engine.call(lambda: get_rules(self.made.pk)).plan, moves)[-1].state
        self.assertEqual((state.status, state.data), (RunStatus.IN_PROGRESS, {"a": "the end"}))
        self.assertEqual(list(state.unfinished.values()), [{"a": "the end"}])

    def test_audit(self) -> None:
        ticket = self.engine.submit(self.made, a="x", b="y")
        self.correct(ticket, a="z", b=None)
        events = self.engine.call(
            lambda: list(AuditEvent.objects.filter(table="workflow_ops_workflowwrite", ticket=ticket.number))
        )
        sentence, event = find_sentence(events)
        self.assertEqual(str(sentence).partition(" of ")[0], "{who} corrected {label}")
        self.assertEqual(event.label, "a, b")


class RetryTests(RefusingDatabase, CommittedEngineTestCase):
    def test_what_was_corrected_is_not_overwritten_by_a_retry(self) -> None:
        ticket = self.engine.submit(self.engine.load(workflow(form("Work", "a"))), a="x")
        admin = self.ours.ticket_admin
        self.refuse("UPDATE ON workflow_ops_taskinstance", code=PERMANENT_ERROR)
        self.engine.as_person(admin, lambda: edit_data(ticket, values={"a": "failed"}, by=admin))
        self.allow()
        self.engine.as_person(
            admin, lambda: edit_data(ticket, values={"a": "right"}, by=admin, only_corrects=True)
        )
        (error,) = self.engine.errors(ticket)
        self.engine.as_person(admin, lambda: retry_error(error, by=admin))
        self.assertEqual(self.engine.run(ticket).data, {"a": "right"})
        self.assertEqual(self.engine.task(ticket, "Work").input_data, {"a": "right"})
