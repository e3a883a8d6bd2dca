"""Validation of values against the fields of a workflow."""

import time
import timeit
from typing import Any

from django.test import SimpleTestCase
from hypothesis import given
from jsonschema import Draft202012Validator

from workflow_design.definition.fields import is_empty, without_empty
from workflow_design.definition.schema import DataValidator, SchemaError, data_validator
from workflow_design.tests.definition.json_strategies import each, fuzzed, json_values
from workflow_design.tests.definition.schema_examples import VACATION, of


class DataTestCase(SimpleTestCase):
    def problems(self, field: dict[str, Any], value: Any) -> list[tuple[str, str]]:
        problems = DataValidator(of(field)).problems({"a": value})
        self.assertTrue(all(problem.message for problem in problems))
        return [(problem.pointer, problem.code) for problem in problems]

    def takes(self, field: dict[str, Any], *values: Any) -> None:
        for value in values:
            self.assertEqual(self.problems(field, value), [], (field, value))

    def refuses(self, field: dict[str, Any], *values: Any, code: str, pointer: str = "/a") -> None:
        for value in values:
            self.assertEqual(self.problems(field, value), [(pointer, code)], (field, value))


class ValueTests(DataTestCase):
    def test_texts(self) -> None:
        self.takes({"type": "string"}, "a", " ", "two\nlines", "0")
        self.refuses({"type": "string"}, 1, True, ["a"], {"a": 1}, code="wrong-type")
        self.takes({"type": "string", "minLength": 2, "maxLength": 3}, "ab", "äöü", "😀😀😀")
        self.refuses({"type": "string", "minLength": 2}, "a", code="too-short")
        self.refuses({"type": "string", "maxLength": 3}, "abcd", code="too-long")
        self.takes({"type": "string", "pattern": "b+"}, "abc")
        self.refuses({"type": "string", "pattern": "^b+$"}, "abc", code="malformed")

    def test_patterns_take_linear_time(self) -> None:
        began = time.process_time()
        self.refuses({"type": "string", "pattern": "^(a+)+$"}, "a" * 50_000 + "b", code="malformed")
        self.refuses({"type": "string", "pattern": "(x+x+)+y"}, "x" * 50_000, code="malformed")
        self.assertLess(time.process_time() - began, 1)

    def test_formats(self) -> None:
        for name, right, wrong in each(
            (
                "email",
                ["a@b.de", "a.b+c@x-y.co.uk"],
                ["a", "a@b", "@b.de", "a@b@c.de", "a b@c.de", "a@b..de", "<a@b.de>"],
            ),
            (
                "email",
                ["ü@ö.de"],
                ["a@b.de\n", "a@b.de,c@d.de", "a" * 65 + "@b.de", "a@" + "b." * 200 + "de"],
            ),
            (
                "uri",
                ["https://a.de/x?y#z", "http://localhost:8000", "mailto:a@b.de", "HTTPS://a.de"],
                ["a.de", "//a.de", "/a"],
            ),
            (
                "uri",
                [],
                [
                    "javascript:alert(1)",
                    "data:text/html,x",
                    "file:///etc/passwd",
                    "https://",
                    "https:// a",
                    "mailto:",
                ],
            ),
            (
                "uri",
                [],
                [
                    "https://a.de/<x>",
                    "https://[",
                    "https://a:99999/",
                    "ftp://a.de",
                    "https://a\n.de",
                    "h" * 3000,
                ],
            ),
            (
                "date",
                ["2026-01-31", "2024-02-29"],
                ["2026-02-29", "2026-1-1", "31.1.2026", "20260131", "2026-W01-1", "0000-01-01"],
            ),
            (
                "time",
                ["09:30", "09:30:15", "09:30:15.5", "09:30Z", "23:59:59+02:00"],
                ["9:30", "24:00", "09:60", "0930", "09:30 "],
            ),
            (
                "date-time",
                ["2026-01-31T09:30:00Z", "2026-01-31T09:30:00.25-05:30"],
                ["2026-01-31", "2026-01-31T09:30:00"],
            ),
            (
                "date-time",
                [],
                ["2026-01-31 09:30:00Z", "2026-02-30T09:30:00Z", "2026-01-31T25:00:00Z", "20260131T093000Z"],
            ),
            ("user", ["1", "12345"], ["0", "01", "-1", "a", "1 ", "1" * 20, "\u0661"]),
            ("file", ["17", "1b671a64-40d5-491e-99b0-da01ff1f3341"], ["../x", "a/b", "-", "a" * 65, "a b"]),
            ("multiline", ["a\nb"], []),
        ):
            self.takes({"type": "string", "format": name}, *right)
            self.refuses({"type": "string", "format": name}, *wrong, code="malformed")
            self.refuses({"type": "string", "format": name}, 1, code="wrong-type")

    def test_numbers(self) -> None:
        self.takes({"type": "number"}, 0, -1, 1.5)
        self.refuses({"type": "number"}, "1", True, [1], code="wrong-type")
        self.takes({"type": "integer"}, 0, 5, 5.0)
        self.refuses({"type": "integer"}, 1.5, True, False, "5", code="wrong-type")
        bounds = {"type": "number", "minimum": 1, "maximum": 5}
        self.takes(bounds, 1, 5)
        self.refuses(bounds, 0.999, 5.001, code="out-of-bounds")
        self.refuses(
            {"type": "number", "exclusiveMinimum": 1, "exclusiveMaximum": 5}, 1, 5, code="out-of-bounds"
        )
        self.takes({"type": "number", "multipleOf": 0.01}, 19.99, 0.3, 1e15, 0.07, 1.1, 4.35, 100)
        self.refuses({"type": "number", "multipleOf": 0.01}, 19.999, 0.001, code="out-of-bounds")
        self.takes({"type": "number", "multipleOf": 5e-324}, 1, 0.1)

    def test_yes_or_no(self) -> None:
        self.takes({"type": "boolean"}, True, False)
        self.refuses({"type": "boolean"}, 0, 1, "true", "True", code="wrong-type")

    def test_choices(self) -> None:
        self.takes({"enum": ["a", "b"]}, "a", "b")
        self.refuses({"enum": ["a", "b"]}, "c", "A", 1, True, ["a"], {"a": 1}, code="not-a-choice")
        self.takes({"type": "integer", "enum": [0, 1]}, 1, 1.0, 0)
        self.refuses({"type": "integer", "enum": [0, 1]}, True, False, "1", 2, code="not-a-choice")
        self.takes({"oneOf": [{"const": "a", "title": "A"}]}, "a")
        self.refuses({"oneOf": [{"const": "a", "title": "A"}]}, "A", code="not-a-choice")

    def test_several_choices(self) -> None:
        field = {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 2, "maxItems": 2}
        self.takes(field, ["a", "b"], ["c", "a"])
        self.refuses(field, ["a"], code="too-few")
        self.refuses(field, ["a", "b", "c"], code="too-many")
        self.refuses(field, ["a", "a"], code="doubled")
        self.refuses(field, ["a", "z"], code="not-a-choice", pointer="/a/1")
        self.refuses(field, "ab", {"a": 1}, code="wrong-type")

    def test_files(self) -> None:
        field = {"type": "array", "items": {"type": "string", "format": "file"}}
        self.takes(field, ["1"], ["1", "2"])
        self.refuses(field, ["1", "../2"], code="malformed", pointer="/a/1")
        self.refuses(field, [1], code="wrong-type", pointer="/a/0")
        self.refuses(field, ["1", "1"], code="doubled")

    def test_problems_of_long_lists_are_limited(self) -> None:
        choices = {"type": "array", "items": {"enum": [f"choice {number}" for number in range(1000)]}}
        validator = DataValidator(of(choices))
        for value in each(
            ["x"] * 100_000,
            [{"a": number} for number in range(100_000)],
            [[number] for number in range(100_000)],
        ):
            began = time.process_time()
            self.assertLessEqual(len(validator.problems({"a": value})), 20)
            self.assertLess(time.process_time() - began, 3)


class WorkspaceTests(SimpleTestCase):
    def problems(self, data: Any, **options: Any) -> list[tuple[str, str]]:
        return [
            (problem.pointer, problem.code) for problem in data_validator(VACATION).problems(data, **options)
        ]

    def test_the_workspace_may_lack_required_fields(self) -> None:
        self.assertEqual(self.problems({}), [])
        self.assertEqual(self.problems({"days": 5, "booked": False}), [])

    def test_requested_fields_must_be_present(self) -> None:
        self.assertEqual(
            self.problems({"days": 5}, required=["days", "first_day"]), [("/first_day", "required")]
        )
        self.assertEqual(self.problems({"booked": False}, required={"booked"}), [])

    def test_empty_fields_have_no_key(self) -> None:
        for value in each(None, "", []):
            self.assertEqual(self.problems({"employee_note": value}), [("/employee_note", "empty-value")])
            self.assertEqual(self.problems({"days": value}, required=["days"]), [("/days", "empty-value")])

    def test_only_fields(self) -> None:
        self.assertEqual(
            self.problems({"x": 1, "a/b": 2}), [("/x", "unknown-field"), ("/a~1b", "unknown-field")]
        )
        for data in each(None, [], "a", 1):
            self.assertEqual(self.problems(data), [("", "wrong-type")])

    def test_all_problems_at_once(self) -> None:
        data = {"days": 61, "first_day": "soon", "decision": "perhaps", "booked": "yes", "x": 1}
        codes = ["out-of-bounds", "malformed", "not-a-choice", "wrong-type", "unknown-field"]
        self.assertEqual([code for _pointer, code in self.problems(data)], codes)

    def test_empty_values(self) -> None:
        for value in each(None, "", []):
            self.assertTrue(is_empty(value))
        for value in each(0, 0.0, False, " ", "None", [""], [None], {}):
            self.assertFalse(is_empty(value))
        self.assertEqual(
            without_empty({"a": 0, "b": "", "c": None, "d": [], "e": False}), {"a": 0, "e": False}
        )


class CachedValidatorTests(SimpleTestCase):
    def test_is_built_once(self) -> None:
        self.assertIs(data_validator(VACATION), data_validator({**VACATION}))
        self.assertIsNot(data_validator(VACATION), data_validator({**VACATION, "title": "Another"}))

    def test_order_of_fields_counts(self) -> None:
        turned = {**VACATION, "properties": dict(reversed(VACATION["properties"].items()))}  # type: ignore[attr-defined]
        self.assertEqual(list(data_validator(turned).fields), list(reversed(VACATION["properties"])))  # type: ignore[call-overload]

    def test_refuses_an_invalid_schema(self) -> None:
        endless: dict[str, Any] = {}
        endless["x"] = endless
        for schema in each(
            {},
            [],
            None,
            {"a": {1}},
            endless,
            {"type": "object", "properties": {"a": {"default": b""}}},
        ):
            with self.assertRaises(SchemaError):
                data_validator(schema)

    def test_is_fast(self) -> None:
        schema = of(
            {"type": "string", "maxLength": 200},
            {"type": "string", "format": "multiline"},
            {"enum": ["x", "y", "z"]},
            {"type": "integer", "minimum": 1, "maximum": 60},
            {"type": "number", "minimum": 0},
            {"type": "boolean"},
            {"type": "string", "format": "date"},
            {"type": "string", "format": "email"},
            {"type": "array", "items": {"enum": ["x", "y", "z"]}},
            {"type": "string", "pattern": "^[a-z]+$"},
        )
        values = ["text", "more\ntext", "x", 7, 1.5, True, "2026-01-31", "a@b.de", ["x", "y"], "abc"]
        data = dict(zip("abcdefghij", values, strict=True))
        validator = data_validator(schema)
        self.assertEqual(validator.problems(data), [])
        seconds = min(timeit.repeat(lambda: validator.problems(data), number=50, repeat=10)) / 50
        self.assertLess(seconds, 0.001)  # 0.1 ms on a machine that has nothing else to do


class DifferentialTests(SimpleTestCase):
    """We accept the same values as jsonschema, except for formats and empty values."""

    schema = of(
        {"type": "string", "minLength": 2, "maxLength": 4, "pattern": "^[a-z]*$"},
        {"enum": ["a", "b"]},
        {"type": "integer", "minimum": 0, "maximum": 5, "multipleOf": 2},
        {"type": "boolean"},
        {"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": True, "minItems": 2},
    )

    @fuzzed
    @given(json_values())
    def test_same_result(self, value: Any) -> None:
        theirs = Draft202012Validator({**self.schema, "additionalProperties": False})
        for name in "abcde":
            if not is_empty(value):
                found = data_validator(self.schema).problems({name: value})
                self.assertEqual(not found, theirs.is_valid({name: value}))
