"""The vacation request of `docs/engine.md`, row by row, with the functions that the pages call."""

from typing import Any

from workflow_design.tests.gallery_files import stalling_vacation
from workflow_ops.models import CompletionInstance, ErrorReason, RunStatus, TaskStatus
from workflow_ops.tests.engine_cases import EngineTestCase

JULY: dict[str, Any] = {"days": 5, "first_day": "2026-07-01"}
AUGUST: dict[str, Any] = {"days": 5, "first_day": "2026-08-01"}
TOO_LONG: dict[str, Any] = {"decision": "change", "manager_note": "too long"}


class VacationTests(EngineTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.workflow = self.engine.load(stalling_vacation())
        self.manager = self.engine.person("Marek", roles=["Manager"])
        self.hr = self.engine.person("Hanna", roles=["HR"])

    def test_every_row_of_the_example(self) -> None:
        engine = self.engine
        ticket = engine.submit(self.workflow, **JULY)
        self.assertEqual(engine.status(ticket), RunStatus.IN_PROGRESS)
        self.assertEqual(engine.unfinished(ticket), ["Decide #1"])
        self.assertEqual(engine.task(ticket, "Decide").assigned_to, self.manager)
        engine.complete(ticket, "Decide", **TOO_LONG)
        self.assertEqual(engine.unfinished(ticket), ["Change request #1"])
        self.assertEqual(engine.task(ticket, "Change request").assigned_to, self.ours.submitter)
        engine.complete(ticket, "Change request", **AUGUST)
        self.assertEqual(engine.unfinished(ticket), ["Decide #2"])
        engine.complete(ticket, "Decide", **TOO_LONG)
        self.assertEqual(engine.unfinished(ticket), ["Change request #2"])
        engine.complete(ticket, "Change request", **AUGUST | {"days": 3})
        self.assertEqual(engine.unfinished(ticket), ["Decide #3"])
        engine.complete(ticket, "Decide", decision="approve")
        self.assertEqual(engine.unfinished(ticket), ["Book it #1"])
        self.assertEqual(engine.task(ticket, "Book it").assigned_to, self.hr)
        engine.complete(ticket, "Book it", booked=True)
        run = engine.run(ticket)
        self.assertEqual(run.status, RunStatus.COMPLETED)
        self.assertIsNotNone(run.ended_at)
        self.assertEqual(engine.unfinished(ticket), [])
        reached = engine.call(lambda: CompletionInstance.objects.select_related("completion").get())
        self.assertEqual(reached.completion.title, "Booked")
        self.assertEqual(
            run.data, {"days": 3, "first_day": "2026-08-01", "decision": "approve", "booked": True}
        )
        self.assertEqual([step.step for step in engine.steps(ticket)], [1, 2, 3, 4, 5, 6, 7])
        self.assertEqual(engine.steps(ticket)[-1].data, run.data)
        self.assertEqual(engine.errors(ticket), [])
        self.assertEqual(engine.event_kinds(ticket)[:3], ["SUBMITTED", "TASK_STARTED", "TASK_COMPLETED"])
        self.assertEqual(engine.event_kinds(ticket)[-2:], ["TASK_COMPLETED", "ENDED"])

    def test_a_rejection_cancels(self) -> None:
        ticket = self.engine.submit(self.workflow, **JULY)
        self.engine.complete(ticket, "Decide", decision="reject")
        self.assertEqual(self.engine.status(ticket), RunStatus.CANCELLED)

    def test_not_booked_stalls_and_an_edit_goes_on(self) -> None:
        ticket = self.engine.submit(self.workflow, **JULY)
        self.engine.complete(ticket, "Decide", decision="approve")
        self.engine.complete(ticket, "Book it", booked=False)
        (error,) = self.engine.errors(ticket)
        self.assertEqual((error.reason, error.modified_fields), (ErrorReason.STALL, ["booked"]))
        self.assertEqual([look["title"] for look in error.looks], ["Booked"])
        self.assertEqual(self.engine.task(ticket, "Book it").status, TaskStatus.COMPLETED)
