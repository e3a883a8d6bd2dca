"""The vacation request, row by row (`docs/engine.md`, "Vacation example")."""

from unittest import TestCase

from workflow_design.definition.workflow import CompletionStatus
from workflow_design.tests.engine.interpreter import RunningWorkflow
from workflow_design.tests.examples import VACATION

JULY = {"days": 5, "first_day": "2026-07-01"}
AUGUST = {"days": 5, "first_day": "2026-08-01"}
TOO_LONG = {"decision": "change", "manager_note": "too long"}


class VacationTests(TestCase):
    def setUp(self) -> None:
        self.workflow = RunningWorkflow(VACATION)

    def test_every_row_of_the_example(self) -> None:
        workflow = self.workflow
        workflow.submit("Vacation request", **JULY)
        self.assertEqual(workflow.open_names(), ["Decide #1"])
        workflow.complete("Decide", **TOO_LONG)
        self.assertEqual(workflow.open_names(), ["Change request #1"])
        workflow.complete("Change request", **AUGUST)
        self.assertEqual(workflow.open_names(), ["Decide #2"])
        workflow.complete("Decide", **TOO_LONG)  # the same values: decided twice, so changed twice
        self.assertEqual(workflow.open_names(), ["Change request #2"])
        workflow.complete("Change request", **AUGUST | {"days": 3})
        self.assertEqual(workflow.open_names(), ["Decide #3"])
        workflow.complete("Decide", decision="approve")
        self.assertEqual(workflow.open_names(), ["Book it #1"])
        workflow.complete("Book it", booked=True)
        self.assertEqual(workflow.completion, "Booked")
        self.assertEqual(workflow.status, CompletionStatus.COMPLETED)
        self.assertEqual(workflow.open_names(), [])
        self.assertEqual(len(workflow.rows), 7)
        self.assertEqual(
            workflow.data, {"days": 3, "first_day": "2026-08-01", "decision": "approve", "booked": True}
        )

    def test_a_rejection_cancels(self) -> None:
        self.workflow.submit("Vacation request", **JULY).complete("Decide", decision="reject")
        self.assertEqual((self.workflow.completion, self.workflow.status), ("Rejected", "CANCELLED"))

    def test_not_booked_is_the_one_stall(self) -> None:
        self.workflow.submit("Vacation request", **JULY).complete("Decide", decision="approve")
        self.assertFalse(self.workflow.has_stalled)
        self.workflow.complete("Book it", booked=False)
        self.assertTrue(self.workflow.has_stalled)
        self.assertEqual(
            [
                (evaluation.title, evaluation.fields_met, evaluation.values_read)
                for evaluation in self.workflow.decisions[-1].evaluations
            ],
            [("Booked", ("booked",), {"booked": False})],
        )

    def test_each_task_reads_what_it_was_given(self) -> None:
        self.workflow.submit("Vacation request", **JULY, employee_note="Sea").complete("Decide", **TOO_LONG)
        inputs = {task.name: task.input_data for task in self.workflow.tasks}
        self.assertEqual(
            inputs, {"Decide #1": {**JULY, "employee_note": "Sea"}, "Change request #1": TOO_LONG}
        )
