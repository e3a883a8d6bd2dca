"""Rules that attackers might write to reach other data, or to use too many resources."""

import json
import sys
import time
import tracemalloc
from typing import Any

import json_logic
from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_design.engine.conditions.bounds import ARGUMENTS, ConditionError
from workflow_design.engine.conditions.evaluation import evaluate
from workflow_design.engine.conditions.validation import validate
from workflow_design.tests.definition.json_strategies import fuzzed, json_values

ALLOWED = (
    "var missing missing_some if ?: == === != !== ! !! or and > >= < <= max min + - * / % "
    "map reduce filter all none some merge in cat substr"
)
ACCUMULATOR, CURRENT, ITEM = {"var": "accumulator"}, {"var": "current"}, {"var": ""}
MANY = list(range(1, 1001))
FAST = 5.0
"""In seconds, on a busy machine; on an idle one, the slowest attack takes a third of one."""


class AttackTestCase(SimpleTestCase):
    def ends(self, rule: Any, data: Any, saying: str) -> None:
        """Assert that evaluating ends with this error, and soon."""
        began = time.process_time()
        with self.assertRaisesMessage(ConditionError, saying):
            evaluate(rule, data)
        self.assertLess(time.process_time() - began, FAST)


def doing(operations: int) -> Any:
    """Return a rule that needs exactly this many operations and is true."""
    if operations == 1:
        return {"!": 0}
    parts = min(operations - 1, 50)
    each, more = divmod(operations - 1, parts)
    return {"and": [doing(each + (part < more)) for part in range(parts)]}


class UnreachableTests(SimpleTestCase):
    """Operators that are not on the list can be neither saved nor evaluated."""

    def test_list_of_operators(self) -> None:
        self.assertEqual(list(ARGUMENTS), ALLOWED.split())

    def test_other_operators(self) -> None:
        known_to_the_library = set(json_logic.operations) - set(ARGUMENTS)
        self.assertLessEqual({"method", "log", "count"}, known_to_the_library)
        unknown = [
            "",
            "VAR",
            "var ",
            "datetime.now",
            "cat.__class__",
            "__class__",
            "constructor",
            "0",
            "?",
            "=",
            "\n",
        ]
        for operator in [*known_to_the_library, *unknown]:
            for rule in (
                {operator: ["text", "upper"]},
                {"and": [True, {operator: ["text"]}]},
                {"map": [[1], {operator: ["text"]}]},
                {"if": [{operator: []}, 1, 2]},
                {"reduce": [[1], 0, {operator: 1}]},
            ):
                with self.subTest(rule):
                    with self.assertRaises(ConditionError):
                        validate(rule)
                    with self.assertRaises(ConditionError):
                        evaluate(rule, {})

    def test_operations_added_to_the_library(self) -> None:
        json_logic.add_operation("os", __import__("os"))
        json_logic.add_operation("==", lambda *_values: True)
        self.addCleanup(json_logic.rm_operation, "os")
        self.addCleanup(json_logic.rm_operation, "==")
        with self.assertRaises(ConditionError):
            evaluate({"os.getcwd": []}, {})
        self.assertIs(evaluate({"==": [1, 2]}, {}), False)
        self.assertIs(evaluate({"==": [1, "2"]}, {}), False)

    def test_operators_made_of_data(self) -> None:
        data = {"rule": {"method": ["text", "upper"]}, "list": [{"log": 1}]}
        self.assertEqual(evaluate({"var": "rule"}, data), data["rule"])
        self.assertEqual(evaluate({"map": [{"var": "list"}, ITEM]}, data), data["list"])
        self.assertEqual(evaluate({"if": [True, {"var": "rule"}]}, data), data["rule"])

    def test_names_that_are_not_text(self) -> None:
        for name in (1, None, True, ("a", "b"), 1.5):
            with self.assertRaises(ConditionError):
                validate({name: [1]})
            with self.assertRaises(ConditionError):
                evaluate({name: [1]}, {})


class GrowthTests(AttackTestCase):
    def test_numbers(self) -> None:
        for step in ({"*": [ACCUMULATOR, ACCUMULATOR]}, {"+": [ACCUMULATOR, ACCUMULATOR]}):
            self.ends({"reduce": [MANY, step, 3]}, {}, "larger than 9,007,199,254,740,991")
        self.ends({"*": [10**9] * 1000}, {}, "larger than 9,007,199,254,740,991")
        self.ends({"/": [9e15, 5e-324]}, {}, "larger than 9,007,199,254,740,991")
        self.ends({"+": [10**5000, 1]}, {}, "larger than 9,007,199,254,740,991")
        self.ends({"*": ["9" * 5000, 1]}, {}, "is not a number")
        self.ends({"+": [{"var": "n"}, 1]}, {"n": 10**5000}, "larger than 9,007,199,254,740,991")

    def test_texts(self) -> None:
        doubled = {"cat": [ACCUMULATOR, ACCUMULATOR]}
        self.ends({"reduce": [MANY, doubled, "ab"]}, {}, "larger than 65,536 bytes")
        self.ends({"cat": [{"var": "text"}] * 900}, {"text": "x" * 60_000}, "operations")
        self.ends({"cat": [{"var": "text"}] * 3}, {"text": "ü" * 20_000}, "larger than 65,536 bytes")
        self.ends({"map": [MANY, {"cat": ["x" * 7000, "y" * 7000]}]}, {}, "operations")
        self.ends({"var": "text"}, {"text": "x" * 65_537}, "larger than 65,536 bytes")
        self.assertEqual(len(evaluate({"cat": ["x" * 65_535, "y"]}, {})), 65_536)

    def test_lists(self) -> None:
        for doubled in (
            {"merge": [ACCUMULATOR, ACCUMULATOR]},
            [ACCUMULATOR, ACCUMULATOR],
            {"filter": [[ACCUMULATOR, ACCUMULATOR], True]},
        ):
            self.ends({"reduce": [MANY, doubled, [1]]}, {}, "The rule creates a value that is")
        self.ends([{"var": "text"}] * 900, {"text": "x" * 60_000}, "operations")
        self.ends({"merge": [{"var": "list"}] * 900}, {"list": [1] * 30_000}, "operations")
        self.ends({"merge": [[1] * 40_000, [1] * 40_000]}, {}, "larger than 65,536 bytes")

    def test_depth(self) -> None:
        self.ends({"reduce": [MANY, ITEM, 0]}, {}, "nested more than 64 levels")
        self.ends({"reduce": [MANY, [ACCUMULATOR], 0]}, {}, "nested more than 64 levels")

    def test_rules(self) -> None:
        for levels in (33, 100, 100_000):
            nested: Any = True
            for _level in range(levels):
                nested = {"!": nested} if levels % 2 else {"!": [nested]}
            self.ends(nested, {}, "nested more than 32 levels")
        self.ends(json.loads("[" * 50 + "]" * 50), {}, "nested more than 32 levels")

    def test_a_stack_that_is_nearly_used_up(self) -> None:
        """There is room for a flat rule, and none for a deep one."""
        deep: Any = {"var": "a"}
        for _level in range(30):
            deep = {"!": [deep]}

        def evaluate_at(depth: int, rule: Any) -> Any:
            return evaluate_at(depth - 1, rule) if depth else evaluate(rule, {"a": 1})

        depth = sys.getrecursionlimit()
        while True:
            try:
                evaluate_at(depth, {"var": "a"})
            except (ConditionError, RecursionError):
                depth -= 1
            else:
                break
        with self.assertRaisesMessage(ConditionError, "nested"):
            evaluate_at(depth - 10, deep)


class EffortTests(AttackTestCase):
    def test_the_number_of_operations(self) -> None:
        for operations in (1, 2, 51, 52, 3000, 10_000):
            self.assertIs(evaluate(doing(operations), {}), True)
        self.ends(doing(10_001), {}, "The rule needs more than 10,000 operations.")

    def test_loops_in_loops(self) -> None:
        for operator, inner in (
            ("map", 1),
            ("filter", ITEM),
            ("all", {"!": 0}),
            ("some", []),
            ("none", {"!": 1}),
        ):
            rule = {"map": [MANY, {"none": [MANY, {operator: [MANY, inner]}]}]}
            self.ends(rule, {}, "The rule needs more than 10,000 operations.")
        counting = {"+": [ACCUMULATOR, {"reduce": [MANY, {"+": [ACCUMULATOR, 1]}, 0]}]}
        self.ends({"reduce": [MANY, counting, 0]}, {}, "10,000 operations")

    def test_few_expensive_operations(self) -> None:
        for work in (
            {"in": [True, ACCUMULATOR]},
            {"cat": [ACCUMULATOR]},
            {"==": [ACCUMULATOR, ACCUMULATOR]},
            {"merge": [ACCUMULATOR, 1]},
            {"!": [[ACCUMULATOR]]},
        ):
            rule = {"reduce": [MANY, {"if": [work, ACCUMULATOR, ACCUMULATOR]}, {"var": "list"}]}
            self.ends(rule, {"list": [1] * 30_000}, "10,000 operations")
        for wide in (
            {"and": [1] * 4000},
            {"if": [0, 1] * 2000},
            {"missing": ["a"] * 4000},
            {"cat": [1] * 4000},
        ):
            self.ends({"map": [MANY, {"!": wide}]}, {}, "10,000 operations")
        literals: list[Any] = [[1] * 4000, [[[]] * 60] * 60, [{"var": "x"}] * 900]
        for literal in literals:
            self.ends({"map": [MANY, {"!": [literal]}]}, {}, "10,000 operations")

    def test_memory(self) -> None:
        self.addCleanup(tracemalloc.stop)
        tracemalloc.start()
        long_texts = {"map": [MANY, {"cat": ["x" * 7000, {"var": ""}]}]}
        self.ends(long_texts, {}, "larger than 65,536 bytes")
        self.ends({"all": [MANY, {"cat": ["x" * 7000, "y" * 7000]}]}, {}, "10,000 operations")
        self.ends({"merge": [{"var": "list"}] * 10}, {"list": [1] * 30_000}, "larger than 65,536 bytes")
        self.ends(
            {"reduce": [MANY, {"cat": [ACCUMULATOR, ACCUMULATOR]}, "ab"]}, {}, "larger than 65,536 bytes"
        )
        self.assertLess(tracemalloc.get_traced_memory()[1], 12_000_000)

    def test_searching(self) -> None:
        began = time.process_time()
        self.assertIs(evaluate({"some": [MANY, {"in": ["a" * 7000 + "b", "a" * 8000]}]}, {}), False)
        self.assertIs(evaluate({"some": [MANY, {"var": "a." * 7000}]}, {}), False)
        self.assertLess(time.process_time() - began, FAST)


class FuzzTests(SimpleTestCase):
    """Any rule is either valid or refused by `validate`, and has a value or is refused by `evaluate`."""

    names = st.sampled_from(
        [*ARGUMENTS, "method", "a", "a.b", "", "0", "accumulator", "current", "__class__"]
    )

    @settings(fuzzed, max_examples=200)
    @given(json_values(names, max_leaves=25), json_values(names))
    def test_any_rule_on_any_data(self, rule: Any, data: Any) -> None:
        for use in (validate, lambda given: evaluate(given, data)):
            try:
                use(rule)
            except ConditionError as error:
                self.assertTrue(error.problems)
                self.assertTrue(all(problem.message and problem.code for problem in error.problems))

    operations = st.recursive(
        json_values(names, max_leaves=3),
        lambda inner: st.builds(
            lambda operator, arguments: {operator: arguments},
            st.sampled_from([*ARGUMENTS]),
            st.lists(inner, max_size=3),
        ),
        max_leaves=25,
    )

    @settings(fuzzed, max_examples=200)
    @given(operations, json_values(names))
    def test_any_operations_on_any_data(self, rule: Any, data: Any) -> None:
        try:
            value = evaluate(rule, data)
        except ConditionError:
            return
        self.assertIs(type(value) in {type(None), bool, int, float, str, list, dict}, True)
