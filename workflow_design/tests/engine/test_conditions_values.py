"""Results of rules: JsonLogic's public cases, and `docs/engine.md` where these say nothing."""

import json
from pathlib import Path
from typing import Any

from django.test import SimpleTestCase

from workflow_design.engine.conditions.bounds import ConditionError
from workflow_design.engine.conditions.evaluation import evaluate
from workflow_design.engine.conditions.operations import is_true

PUBLIC_CASES = Path(__file__).parent / "data" / "jsonlogic-compatible.json"
EMPTY = {"var": "empty"}


class PublicCasesTests(SimpleTestCase):
    def test_all_cases(self) -> None:
        cases = [case for case in json.loads(PUBLIC_CASES.read_text()) if isinstance(case, dict)]
        self.assertEqual(len(cases), 278)
        for case in cases:
            with self.subTest(case["rule"]):
                result = evaluate(case["rule"], case.get("data"))
                self.assertEqual((result, type(result)), (case["result"], type(case["result"])))


class ValueTestCase(SimpleTestCase):
    def is_value(self, rule: Any, expected: Any, **data: Any) -> None:
        with self.subTest(rule):
            result = evaluate(rule, data)
            self.assertEqual((result, type(result)), (expected, type(expected)))

    def fails(self, rule: Any, *saying: str, **data: Any) -> None:
        with self.subTest(rule), self.assertRaises(ConditionError) as caught:
            evaluate(rule, data)
        for text in saying:
            self.assertIn(text, str(caught.exception))


class EmptyFieldTests(ValueTestCase):
    def test_equals_only_empty(self) -> None:
        others: list[Any] = [False, 0, "", "None", "null", [], "a", 1, True, {"cat": ""}]
        for other in others:
            for operator, expected in (("==", False), ("===", False), ("!=", True), ("!==", True)):
                self.is_value({operator: [EMPTY, other]}, expected)
                self.is_value({operator: [other, EMPTY]}, expected)
        for operator, expected in (("==", True), ("===", True), ("!=", False), ("!==", False)):
            self.is_value({operator: [EMPTY, None]}, expected)
            self.is_value({operator: [EMPTY, {"var": "empty_too"}]}, expected)

    def test_is_neither_less_nor_greater_than_anything(self) -> None:
        for operator in ("<", "<=", ">", ">="):
            for other in (0, -1, 1, "a", "", True, None, [1], "2026-01-01"):
                self.is_value({operator: [EMPTY, other]}, False)
                self.is_value({operator: [other, EMPTY]}, False)
        for operator in ("<", "<="):
            self.is_value({operator: [0, EMPTY, 5]}, False)
            self.is_value({operator: [EMPTY, 1, 5]}, False)
            self.is_value({operator: [0, 1, EMPTY]}, False)

    def test_is_not_a_number(self) -> None:
        for operator in ("+", "-", "*", "/", "%", "min", "max"):
            self.fails({operator: [1, EMPTY]}, f"“{operator}”", "1, nothing", "empty field is not a number")
            self.fails({operator: [EMPTY, 1]})
        for operator in ("+", "-", "*", "min", "max"):
            self.fails({operator: EMPTY})

    def test_is_not_text_or_a_list(self) -> None:
        self.is_value({"cat": ["a", EMPTY, "b"]}, "ab")
        self.is_value({"substr": [EMPTY, 0, 3]}, "")
        self.is_value({"in": [EMPTY, "None"]}, False)
        self.is_value({"in": ["a", EMPTY]}, False)
        self.is_value({"in": [EMPTY, ["a", "None", False]]}, False)
        self.is_value({"in": [EMPTY, ["a", None]]}, True)
        for operator, expected in (
            ("map", []),
            ("filter", []),
            ("all", False),
            ("some", False),
            ("none", True),
        ):
            self.is_value({operator: [EMPTY, True]}, expected)
        self.is_value({"reduce": [EMPTY, {"var": "current"}, 7]}, 7)

    def test_counts_as_false(self) -> None:
        self.is_value({"!": EMPTY}, True)
        self.is_value({"!!": EMPTY}, False)
        self.is_value({"if": [EMPTY, 1, 2]}, 2)
        self.is_value({"or": [EMPTY, "b"]}, "b")
        self.is_value({"and": [EMPTY, {"/": [1, 0]}]}, None)


class MisfitTests(ValueTestCase):
    """Values that do not fit raise an error that names the operation and the values."""

    def test_division_by_zero(self) -> None:
        self.fails({"/": [1, 0]}, "“/” can't be applied to 1, 0: a number can't be divided by zero.")
        self.fails({"%": [{"var": "a"}, {"var": "b"}]}, "“%”", "7, 0.0", "divided by zero", a=7, b=0.0)
        self.fails({"/": [1, False]})

    def test_texts_where_numbers_are_expected(self) -> None:
        self.fails({"<": ["a", 1]}, '“<” can\'t be applied to "a", 1: "a" is not a number.')
        self.fails({">=": [1, ""]})
        self.fails({"+": ["1 apple", 1]})
        for text in (
            "",
            " ",
            "1_0",
            "\uff11",
            "0x10",
            "1e5",
            "nan",
            "infinity",
            "1.",
            ".5",
            "--1",
            "1.2.3",
            "1\0",
        ):
            self.fails({"+": [text, 1]}, "is not a number")

    def test_lists_and_objects_where_numbers_are_expected(self) -> None:
        for misfit in ([1], [], {"b": 1}, {}):
            for operator in ("<", "<=", ">", ">=", "+", "-", "*", "/", "%", "min", "max"):
                self.fails({operator: [{"var": "a"}, 1]}, f"“{operator}”", "is not a number", a=misfit)

    def test_other_values_where_text_is_expected(self) -> None:
        self.fails({"in": [1, "123"]}, "only text can be part of a text")
        self.fails({"substr": [123, 1]}, "123 is not text")
        self.fails({"substr": [["a"], 0]})
        self.fails({"substr": ["abc", "x"]})
        self.fails({"substr": ["abc", 1.5]}, "whole number")
        self.fails({"substr": ["abc", EMPTY]})
        self.fails({"cat": ["a", {"var": "a"}]}, "object", a={"b": 1})

    def test_invalid_names(self) -> None:
        for name in (True, 1.5, ["a"], [["a"]]):
            self.fails({"var": [{"var": "name"}]}, "is not a name", name=name)
        self.fails({"missing_some": ["1", ["a"]]})
        self.fails({"missing_some": [1, "a"]})

    def test_malformed_operations(self) -> None:
        self.fails({}, "exactly one member")
        self.fails({"==": [1, 1], "!=": [1, 2]}, "exactly one member")
        self.fails({"if": [True, {"a": 1, "b": 2}]}, "exactly one member")
        self.fails({"==": [1]}, "wrong number of values")
        self.fails({"!": [1, 2]}, "wrong number of values")
        self.fails({">": [3, 2, 1]}, "wrong number of values")
        self.fails({"reduce": [[1]]}, "wrong number of values")


class OperatorTests(ValueTestCase):
    def test_equality(self) -> None:
        for left, right, equal in (
            ("1", 1, True),
            ("1.0", 1, True),
            (5.0, "5", True),
            (5.0, 5, True),
            ("a", "a", True),
            (True, 1, True),
            (False, 0, True),
            (True, 2, False),
            (True, "True", False),
            (True, "true", False),
            (False, "", False),
            ("", 0, False),
            ("a", ["a"], False),
            ("['a']", ["a"], False),
            (False, [], False),
            (["a"], ["a"], True),
        ):
            self.is_value({"==": [left, right]}, equal)
            self.is_value({"==": [right, left]}, equal)
            self.is_value({"!=": [left, right]}, not equal)

    def test_strict_equality(self) -> None:
        for left, right, equal in ((1, 1.0, True), (1, True, False), (1, "1", False), ("a", "a", True)):
            self.is_value({"===": [left, right]}, equal)
            self.is_value({"!==": [left, right]}, not equal)

    def test_comparison_by_size(self) -> None:
        self.is_value({"<": ["2026-01-31", "2026-02-01"]}, True)
        self.is_value({"<": ["11", 2]}, False)
        self.is_value({"<": ["11", "2"]}, True)
        self.is_value({"<=": ["1.0", 1]}, True)
        self.is_value({">": [1, False]}, True)
        self.is_value({"<=": [1, 1, 1]}, True)
        self.is_value({"<": [1, 2, 2]}, False)

    def test_arithmetic(self) -> None:
        self.is_value({"+": [True, "2", 0.5]}, 3.5)
        self.is_value({"-": ["2.5"]}, -2.5)
        self.is_value({"*": [2.0]}, 2)
        self.is_value({"/": [1, 4]}, 0.25)
        self.is_value({"%": [7.5, 2]}, 1.5)
        self.is_value({"max": ["2", 10, True]}, 10)

    def test_membership(self) -> None:
        self.is_value({"in": [True, [1, "x"]]}, False)
        self.is_value({"in": [1, [True, 1.0]]}, True)
        self.is_value({"in": [0, [False]]}, False)
        self.is_value({"in": ["1", [1]]}, False)
        self.is_value({"in": [["a"], [["a"], "b"]]}, True)
        self.is_value({"in": ["b", {"var": "object"}]}, False, object={"b": 1})
        self.is_value({"in": ["a", 5]}, False)

    def test_texts_are_written_as_in_javascript(self) -> None:
        self.is_value(
            {"cat": ["n=", 5.0, " ", 2.5, " ", True, " ", ["a", ["b", 1.0]], " ", []]}, "n=5 2.5 true a,b,1 "
        )
        self.is_value({"substr": ["abc", 10**15]}, "")
        self.is_value({"substr": ["abc", -(10**15), 10**15]}, "abc")
        self.is_value({"substr": ["abc", "1", 1.0]}, "b")

    def test_falsy_items_are_items(self) -> None:
        """The library replaces them by {}."""
        self.is_value({"map": [[0, "", False, 2], {"var": ""}]}, [0, "", False, 2])
        self.is_value({"filter": [[0, 1, 0], {"==": [{"var": ""}, 0]}]}, [0, 0])
        self.is_value({"some": [[[]], {"==": [{"var": ""}, []]}]}, True)

    def test_var_reaches_plain_data_only(self) -> None:
        data = {"a": {"b": [10, {"c": 1}]}, "t": "text", "n": 5, "": {"": 3}, "a.b": 4}
        for name, value in (
            ("a.b.0", 10),
            ("a.b.1.c", 1),
            ("a.b.-1", None),
            ("a.b.2", None),
            ("a.b.00", 10),
            ("a.b.\u0660", None),
            ("a.b.9999999999999999999999", None),
            ("t.0", None),
            ("t.upper", None),
            ("n.real", None),
            ("a.__class__", None),
            ("a.keys", None),
            ("__class__.__mro__.1.__subclasses__", None),
            (".", 3),
            ("a.b.append", None),
            ("." * 10_000, None),
            ("x" * 10_000, None),
        ):
            self.is_value({"var": name}, value, **data)
            self.is_value({"var": [name, "default"]}, "default" if value is None else value, **data)
        for position in (-1, 10**20, -(10**20), 5000):
            self.assertIsNone(evaluate({"var": position}, [1, 2]))

    def test_truth(self) -> None:
        false: list[Any] = [0, 0.0, "", [], None, False]
        true: list[Any] = [1, -0.5, "0", "false", [0], [[]], True, {"a": 0}]
        self.assertEqual([is_true(value) for value in false], [False] * len(false))
        self.assertEqual([is_true(value) for value in true], [True] * len(true))

    def test_arguments_are_not_changed(self) -> None:
        data = {"list": [3, 1, 2], "object": {"a": [1]}}
        rule = {
            "merge": [
                {"var": "list"},
                {"reduce": [{"var": "list"}, {"merge": [{"var": "accumulator"}, 9]}, []]},
            ]
        }
        before = json.dumps([data, rule])
        evaluate(rule, data)
        self.assertEqual(json.dumps([data, rule]), before)
