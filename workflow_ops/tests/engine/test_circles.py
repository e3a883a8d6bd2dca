"""The limit of a hundred writes by actions and the clock without a person (`docs/engine.md`, "Actions")."""

from __future__ import annotations

from functools import partial
from typing import Any

from workflow_design.engine import Write
from workflow_ops.desk.actions import edit_data, resume_workflow
from workflow_ops.desk.errors.retries import retry_error
from workflow_ops.models import (
    ErrorReason,
    ErrorStatus,
    ErrorType,
    RunStatus,
    TaskInstance,
    TaskStatus,
    WorkflowInstance,
    WorkflowWrite,
    WriteSource,
)
from workflow_ops.refusals import WrongStatusError
from workflow_ops.state_manager import WorkflowStateManager
from workflow_ops.tests.engine_cases import EngineTestCase, end, equals, form, workflow

ALLOWED = 100
ACTION: dict[str, Any] = {"task_type": "SYNC_ACTION", "action_url": "https://example.com/hook"}


class CircleTests(EngineTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.admin = self.ours.ticket_admin
        made = self.engine.load(
            workflow(
                form("Ping", "a out", "out", **ACTION), end("Done", "out", condition=equals("out", "end"))
            )
        )
        self.ticket = self.engine.submit(made, a="x")

    def test_a_hundred_times_is_allowed(self) -> None:
        self.answer(ALLOWED)
        self.assertEqual(self.engine.status(self.ticket), RunStatus.IN_PROGRESS)
        self.assertEqual(self.engine.unfinished(self.ticket), [f"Ping #{ALLOWED + 1}"])
        self.assertEqual(self.engine.errors(self.ticket), [])

    def test_one_more_puts_the_workflow_on_hold_with_an_error(self) -> None:
        self.answer(ALLOWED + 1)
        self.assertEqual(self.engine.status(self.ticket), RunStatus.ON_HOLD)
        (error,) = self.engine.errors(self.ticket)
        self.assertEqual(
            (error.error_type, error.reason, error.error_status),
            (ErrorType.WORKFLOW_TRANSITION, ErrorReason.CIRCLE, ErrorStatus.NEW),
        )
        self.assertEqual(error.write_id, self.engine.writes(self.ticket)[-1].pk)
        self.assertEqual(self.engine.event_kinds(self.ticket)[-2:], ["HELD", "ERROR"])
        # The effects of that write stay. Later writes wait.
        self.assertEqual(self.engine.unfinished(self.ticket), [f"Ping #{ALLOWED + 2}"])
        self.answer(1)
        self.assertEqual(self.engine.writes(self.ticket)[-1].status, "WAITING")
        self.assertEqual(len(self.engine.errors(self.ticket)), 1)

    def test_a_resume_restarts_the_count(self) -> None:
        self.count(ALLOWED + 1)
        self.resume()
        self.assertEqual(self.engine.status(self.ticket), RunStatus.IN_PROGRESS)
        self.assertEqual(self.statuses(), ["RESOLVED"])
        self.count(ALLOWED)
        self.assertEqual(self.engine.status(self.ticket), RunStatus.IN_PROGRESS)
        self.answer(1)
        self.assertEqual(self.engine.status(self.ticket), RunStatus.ON_HOLD)
        self.assertEqual(self.statuses(), ["RESOLVED", "NEW"])

    def test_writes_that_waited_during_the_hold_count(self) -> None:
        self.count(ALLOWED + 1)
        self.answer(1)
        self.resume()
        self.assertEqual(self.engine.run(self.ticket).machine_writes, 1)

    def test_a_write_by_a_person_restarts_the_count(self) -> None:
        self.count(ALLOWED)
        self.engine.as_person(self.admin, lambda: edit_data(self.ticket, values={"a": "y"}, by=self.admin))
        self.count(ALLOWED)
        self.assertEqual(self.engine.status(self.ticket), RunStatus.IN_PROGRESS)
        self.answer(1)
        self.assertEqual(self.engine.status(self.ticket), RunStatus.ON_HOLD)

    def test_the_clock_counts_like_actions(self) -> None:
        self.count(ALLOWED - 1)
        self.tick()
        self.assertEqual(self.engine.status(self.ticket), RunStatus.IN_PROGRESS)
        self.tick()
        self.assertEqual(self.engine.status(self.ticket), RunStatus.ON_HOLD)

    def test_the_limit_does_not_prevent_an_end(self) -> None:
        self.count(ALLOWED)
        self.answer(1, out="end")
        self.assertEqual(self.engine.status(self.ticket), RunStatus.COMPLETED)
        self.assertEqual(self.engine.errors(self.ticket), [])

    def test_a_circle_that_stalls_is_reported_once(self) -> None:
        """On hold, the stall is not reported yet; the resume reports it."""
        self.count(ALLOWED)
        task = self.engine.task(self.ticket, "Ping")
        self.engine.call(lambda: TaskInstance.objects.filter(pk=task.pk).update(status=TaskStatus.CANCELLED))
        self.tick()
        self.assertEqual(self.reasons(), [ErrorReason.CIRCLE])
        self.resume()
        self.assertEqual(self.reasons(), [ErrorReason.CIRCLE, ErrorReason.STALL])

    def test_the_error_cannot_be_retried_but_only_resumed(self) -> None:
        self.count(ALLOWED + 1)
        (error,) = self.engine.errors(self.ticket)
        with self.assertRaisesMessage(WrongStatusError, "Resume the ticket"):
            self.engine.as_person(self.admin, lambda: retry_error(error, by=self.admin))

    # --- What another system and the clock do ---------------------------------------------

    def answer(self, times: int, *, out: str = "again") -> None:
        """Store and apply this many answers of the action."""
        for _each in range(times):
            task = self.engine.task(self.ticket, "Ping")
            self.engine.call(partial(self._finish, task, out))
            self.apply()

    def count(self, times: int) -> None:
        """Let the run be as after so many answers, of which only the last is given. Above, all are."""
        with self.ours.scope():
            run = WorkflowInstance.objects.filter(pk=self.ticket.workflow_instance_id)
            run.update(machine_writes=times - 1)
        self.answer(1)

    def _finish(self, task: TaskInstance, out: str) -> None:
        TaskInstance.objects.filter(pk=task.pk).update(status=TaskStatus.COMPLETED)
        self.write(Write.by_action(["out"], {"out": out}), task, WriteSource.TASK)

    def tick(self) -> None:
        """Store and apply a write by the clock."""
        task = self.engine.task(self.ticket, "Ping")
        self.engine.call(lambda: self.write(Write.by_clock({"done": "x"}), task, WriteSource.CLOCK))
        self.apply()

    def write(self, write: Write, task: TaskInstance, source: WriteSource) -> None:
        """Store a write without a person."""
        WorkflowWrite.objects.create(
            workflow_instance_id=self.ticket.workflow_instance_id,
            source=source,
            task=task if source == WriteSource.TASK else None,
            content=write.as_json(),
        )

    def apply(self) -> None:
        """Apply waiting writes as the job does."""
        with self.ours.scope():
            WorkflowStateManager(self.ticket.workflow_instance_id).apply_waiting()

    def resume(self) -> None:
        """Resume the ticket as a ticket admin."""
        self.engine.as_person(self.admin, lambda: resume_workflow(self.ticket, by=self.admin))

    def statuses(self) -> list[str]:
        """Return the statuses of the ticket's errors."""
        return [error.error_status for error in self.engine.errors(self.ticket)]

    def reasons(self) -> list[str]:
        """Return the reasons of the ticket's errors."""
        return [error.reason for error in self.engine.errors(self.ticket)]
