"""Validation of rules: every problem is reported, each with its path."""

import math
from typing import Any

from django.test import SimpleTestCase
from hypothesis import given

from workflow_design.engine.conditions.bounds import ConditionError
from workflow_design.engine.conditions.evaluation import evaluate
from workflow_design.engine.conditions.validation import fields_read, validate
from workflow_design.tests.definition.json_strategies import fuzzed
from workflow_design.tests.engine.rule_strategies import DATA, list_rules, truth_rules


def problems(rule: Any) -> list[tuple[str, str]]:
    try:
        validate(rule)
    except ConditionError as error:
        return [(problem.pointer, problem.code) for problem in error.problems]
    return []


def nested(levels: int) -> Any:
    rule: Any = True
    for _level in range(levels):
        rule = {"!": [rule]}
    return rule


class ValidateTests(SimpleTestCase):
    def test_valid_rules(self) -> None:
        rules: list[Any] = [
            {"==": [{"var": "decision"}, "approve"]},
            {"var": "booked"},
            {
                "and": [
                    {">": [{"var": ["days", 0]}, 5]},
                    {"!": {"var": "booked"}},
                    {"in": ["a", {"var": "tags"}]},
                ]
            },
            {"some": [{"var": "tags"}, {"in": [{"var": ""}, ["a", "b"]]}]},
            {
                "reduce": [
                    {"var": "amounts"},
                    {"+": [{"var": "current"}, {"var": "accumulator"}]},
                    {"var": "start"},
                ]
            },
            {"missing": ["a", "b"]},
            {"missing": "a"},
            {"missing": [["a", "b"]]},
            {"missing_some": [1, ["a", "b"]]},
            {"map": [{"var": "pairs"}, {"var": 0}]},
            True,
            [],
            None,
        ]
        for rule in rules:
            self.assertEqual(problems(rule), [], rule)

    def test_all_problems_at_once(self) -> None:
        rule = {
            "and": [
                {"method": ["a", "upper"]},
                {"==": [{"var": "a"}]},
                {"if": [{}, {"==": [1, 1], "!=": [1, 2]}, {"a/b": 1}]},
                {"some": [{"var": {"cat": ["a", "b"]}}, {"!": {"log": [1]}}]},
                {"var": ""},
            ]
        }
        self.assertEqual(
            problems(rule),
            [
                ("/and/0/method", "unknown-operator"),
                ("/and/1/==", "wrong-number-of-values"),
                ("/and/2/if/0", "not-one-operator"),
                ("/and/2/if/1", "not-one-operator"),
                ("/and/2/if/2/a~1b", "unknown-operator"),
                ("/and/3/some/0/var", "computed-name"),
                ("/and/3/some/1/!/log", "unknown-operator"),
                ("/and/4/var", "no-name"),
            ],
        )

    def test_problems_inside_an_object_with_two_members(self) -> None:
        self.assertEqual(problems({"==": [{"log": 1}, 1], "!": 2})[1], ("/==/0/log", "unknown-operator"))

    def test_bounds(self) -> None:
        self.assertEqual(problems(nested(32)), [])
        self.assertIs(evaluate(nested(32), {}), True)
        self.assertEqual(problems(nested(33)), [("", "too-deep")])
        self.assertEqual(problems({"!": [[[[]]] * 3]}), [])
        deep: Any = []
        for _level in range(40):
            deep = [deep]
        self.assertEqual(problems(deep), [("", "too-deep")])
        for _level in range(200_000):
            deep = [deep]
        self.assertEqual(problems(deep), [("", "too-deep")])
        self.assertEqual(problems({"cat": ["x" * (16 * 1024 - 12)]}), [])
        self.assertEqual(problems({"cat": ["x" * (16 * 1024 - 11)]}), [("", "too-large")])

    def test_invalid_json(self) -> None:
        for values, code in (
            ((math.nan, math.inf, 10**400), "bad-number"),
            (("\0", "\ud800"), "bad-character"),
            ((b"a", {1}, (1,), {1: 2}), "not-json"),
        ):
            for value in values:
                self.assertEqual(problems({"==": [1, value]}), [("/==/1", code)])

    def test_computed_names(self) -> None:
        for rule, pointer, code in (
            ({"var": []}, "/var", "no-name"),
            ({"var": None}, "/var", "no-name"),
            ({"var": [""]}, "/var/0", "no-name"),
            ({"var": 1}, "/var", "not-a-name"),
            ({"var": [True]}, "/var/0", "not-a-name"),
            ({"var": [["a"]]}, "/var/0", "not-a-name"),
            ({"missing": ["a", 1]}, "/missing/1", "not-a-name"),
            ({"missing": [["a", {"var": "b"}]]}, "/missing/0/1", "computed-name"),
            ({"missing": {"merge": ["a", "b"]}}, "/missing", "computed-name"),
            ({"missing": [["a"], "b"]}, "/missing/0", "not-a-name"),
            ({"missing_some": [1, {"var": "a"}]}, "/missing_some/1", "computed-name"),
            ({"missing_some": [1, "a"]}, "/missing_some/1", "not-a-list"),
            ({"missing_some": [1, ["a", ""]]}, "/missing_some/1/1", "no-name"),
            ({"map": [[1], {"var": {"var": ""}}]}, "/map/1/var", "computed-name"),
            ({"map": [[1], {"var": -1}]}, "/map/1/var", "not-a-name"),
        ):
            self.assertEqual(problems(rule), [(pointer, code)], rule)

    def test_messages_explain_the_fix(self) -> None:
        with self.assertRaises(ConditionError) as caught:
            validate({"and": [{"method": 1}, {"==": [1]}, {"<": [1]}, {"cat": []}]})
        for text in (
            "“method”",
            "var, missing, missing_some",
            "needs 2, not 1",
            "2 to 3",
            "at least 1, not 0",
        ):
            self.assertIn(text, str(caught.exception))

    @fuzzed
    @given(truth_rules | list_rules)
    def test_rules_of_the_differential_test_are_valid(self, rule: Any) -> None:
        self.assertLessEqual({code for _pointer, code in problems(rule)}, {"too-deep"})


class ReadingTests(SimpleTestCase):
    def test_fields_are_read_by_name(self) -> None:
        for rule, fields in (
            (True, set()),
            ({"var": "a"}, {"a"}),
            ({"var": ["a.b.c", {"var": "d"}]}, {"a", "d"}),
            ({"missing": ["a", "b"]}, {"a", "b"}),
            ({"missing": [["a", "b"]]}, {"a", "b"}),
            ({"missing_some": [1, ["a", "b"]]}, {"a", "b"}),
            ({"if": [{"var": "a"}, [{"var": "b"}], {"!": {"var": "c"}}]}, {"a", "b", "c"}),
        ):
            self.assertEqual(fields_read(rule), fields)

    def test_items_of_lists_are_not_fields(self) -> None:
        for operator in ("map", "filter", "all", "some", "none"):
            rule = {
                operator: [{"var": "list"}, {"==": [{"var": "x"}, {"filter": [{"var": "y"}, {"var": "z"}]}]}]
            }
            self.assertEqual(fields_read(rule), {"list"})
        body = {"+": [{"var": "current"}, {"var": "accumulator"}]}
        self.assertEqual(
            fields_read({"reduce": [{"var": "list"}, body, {"var": "start"}]}), {"list", "start"}
        )

    @fuzzed
    @given(truth_rules)
    def test_no_other_field_is_read(self, rule: Any) -> None:
        read = {name: value for name, value in DATA.items() if name in fields_read(rule)}
        self.assertEqual(outcome(rule, DATA), outcome(rule, read))


def outcome(rule: Any, data: dict[str, Any]) -> Any:
    try:
        return evaluate(rule, data)
    except ConditionError as error:
        return str(error)
