"""Comparison of our evaluation of rules with json-logic-qubit's."""

from typing import Any

import json_logic
from django.test import SimpleTestCase
from hypothesis import given, settings

from workflow_design.engine.conditions.bounds import ConditionError
from workflow_design.engine.conditions.evaluation import evaluate
from workflow_design.tests.definition.json_strategies import fuzzed
from workflow_design.tests.engine.rule_strategies import (
    DATA,
    list_rules,
    number_rules,
    text_rules,
    truth_rules,
)


class LibraryTests(SimpleTestCase):
    """On values that fit, our results equal those of json-logic-qubit, where that is exact, too."""

    @settings(fuzzed, max_examples=150)
    @given(number_rules | text_rules | list_rules | truth_rules)
    def test_the_same_results(self, rule: Any) -> None:
        try:
            expected = json_logic.jsonLogic(rule, DATA)
        except ZeroDivisionError:
            with self.assertRaisesMessage(ConditionError, "divided by zero"):
                evaluate(rule, DATA)
            return
        try:
            result = evaluate(rule, DATA)
        except ConditionError as error:
            self.assertIn("larger than 9,007,199,254,740,991", str(error))
            return
        self.assertEqual((result, type(result)), (expected, type(expected)))
