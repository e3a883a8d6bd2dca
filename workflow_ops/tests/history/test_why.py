"""Why a definition started or not, in words, without a database."""

from dataclasses import replace

from django.test import SimpleTestCase

from workflow_design.tests.examples import plan, task, ticket
from workflow_design.wording.rules import Vocabulary
from workflow_ops.history.pictures import States
from workflow_ops.history.why import PastStep, read_inputs
from workflow_ops.models import WorkflowData


class Inputs(SimpleTestCase):
    def test_a_field_that_the_clock_sets(self) -> None:
        decide = replace(task("Decide", "a", "b"), due_hours=8, overdue_field="late")
        hurry = task("Hurry", "late", "c")
        past = PastStep(
            plan(ticket("Ask", "a"), decide, hurry),
            Vocabulary(),
            WorkflowData(modified_fields=["a"]),
            {"a": 1},
            States({}, frozenset(), is_on_hold=False),
            (),
        )
        (row,) = read_inputs(past, hurry)
        self.assertEqual(row.writers, "The clock sets it when “Decide” is overdue.")
