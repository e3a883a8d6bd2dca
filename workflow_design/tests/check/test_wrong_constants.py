"""Constants that their field can't hold: an error wherever they stand in a rule."""

from collections.abc import Mapping
from typing import Any

from django.test import SimpleTestCase

from workflow_design.check.check_file import check_file
from workflow_design.check.constants import MAX_WRONG, Holder, find_wrong_constants
from workflow_design.check.findings import Severity
from workflow_design.check.static import check_definition
from workflow_design.definition.fields import Field
from workflow_design.definition.schema import data_validator
from workflow_design.tests.files import VACATION, workflow_file

FIELDS = data_validator(
    {
        "type": "object",
        "properties": {
            "decision": {
                "oneOf": [{"const": "ok", "title": "Approved"}, {"const": "no", "title": "Turned down"}]
            },
            "other": {"enum": ["ok", "later"]},
            "rank": {"enum": [1, 2, 3]},
            "agreed": {"type": "boolean"},
            "days": {"type": "integer", "minimum": 1, "maximum": 30},
            "size": {"type": "number"},
            "price": {"type": "number", "format": "money"},
            "name": {"type": "string", "maxLength": 5},
            "code": {"type": "string", "pattern": "^[A-Z]{2}$"},
            "mail": {"type": "string", "format": "email"},
            "day": {"type": "string", "format": "date"},
            "at": {"type": "string", "format": "time"},
            "moment": {"type": "string", "format": "date-time"},
            "who": {"type": "string", "format": "user"},
            "tags": {"type": "array", "items": {"enum": ["red", "blue"]}},
        },
    }
).fields


def holders(fields: Mapping[str, Field]) -> dict[str, Holder]:
    return {name: Holder(field) for name, field in fields.items()}


def v(name: str) -> dict[str, str]:
    return {"var": name}


class WrongConstantTests(SimpleTestCase):
    def found(self, rule: Any) -> list[str]:
        return [problem.sentence for problem in find_wrong_constants(rule, holders(FIELDS))]

    def is_wrong(self, name: str, constant: Any, *saying: str) -> None:
        """Assert that the constant is wrong beside the field, with `==` and on both sides."""
        rules: list[Any] = [
            {"==": [v(name), constant]},
            {"!==": [constant, v(name)]},
            {"in": [v(name), [constant]]},
        ]
        rules.append({"and": [True, {"if": [{"!=": [v(name), constant]}, False, True]}]})
        for rule in rules:
            with self.subTest(rule):
                (message,) = self.found(rule)
                for text in saying:
                    self.assertIn(text, message)

    def is_right(self, *rules: Any) -> None:
        for rule in rules:
            with self.subTest(rule):
                self.assertEqual(self.found(rule), [])

    def test_choices(self) -> None:
        self.is_wrong(
            "decision", "Approved", '“Decision” can\'t be "Approved"', 'It can be "ok" or "no"', 'mean "ok"?'
        )
        self.is_wrong("decision", "OK", 'mean "ok"?')
        self.is_wrong("decision", "Turned Down", 'mean "no"?')
        self.is_wrong("decision", "perhaps", "It can be")
        self.is_wrong("decision", True)
        self.is_wrong("rank", "1", "mean 1?")
        self.is_wrong("rank", 4, "It can be 1, 2 or 3.")
        self.is_wrong("decision", "", "an empty field is null")
        self.is_right(
            {"==": [v("decision"), "ok"]}, {"==": [v("decision"), None]}, {"in": [v("rank"), [1, 2.0]]}
        )

    def test_answers_and_numbers(self) -> None:
        self.is_wrong("agreed", "true", "yes or no", "mean true?")
        self.is_wrong("agreed", "No", "mean false?")
        self.is_wrong("agreed", 1, "mean true?")
        self.is_wrong("days", "five", "must be a whole number")
        self.is_wrong("days", "5", "mean 5?")
        self.is_wrong("days", 31, "at most 30")
        self.is_wrong("days", 2.5, "whole number")
        self.is_wrong("size", True, "must be a number")
        self.is_wrong("price", 9.999, "at most two decimals")
        self.is_right({"==": [v("days"), 5.0]}, {"==": [v("size"), 0.1]}, {"!=": [v("agreed"), False]})
        # It says that the field is filled in, as rows in the editor do.
        self.is_right({"!=": [v("days"), 0]})

    def test_texts(self) -> None:
        self.is_wrong("name", 5, 'mean "5"?')
        self.is_wrong("name", "too long", "at most 5 characters")
        self.is_wrong("code", "de", "does not match the pattern")
        self.is_wrong("mail", "nobody", "not an e-mail address")
        self.is_wrong("who", "Anna", "not a person")
        self.is_right({"==": [v("name"), "Anna"]}, {"==": [v("code"), "DE"]}, {"==": [v("who"), "17"]})

    def test_dates_and_times(self) -> None:
        self.is_wrong("day", "01.02.2027", "not a date", 'mean "2027-02-01"?')
        self.is_wrong("day", "2027-2-1", 'mean "2027-02-01"?')
        self.is_wrong("day", "2027-02-30", "not a date")
        self.is_wrong("day", "2027-02-01T00:00:00Z", 'mean "2027-02-01"?')
        self.is_wrong("at", "6:00", 'mean "06:00"?')
        self.is_wrong("moment", "2027-02-01", 'mean "2027-02-01T00:00:00Z"?')
        self.is_wrong("moment", "2027-02-01 9:30", 'mean "2027-02-01T09:30:00Z"?')
        self.is_right(
            {"==": [v("day"), "2027-02-01"]},
            {"==": [v("at"), "06:00:00"]},
            {"in": [v("moment"), ["2027-02-01T09:30:00+02:00", "2027-02-01T09:30:00.000Z"]]},
        )

    def test_comparisons_by_size(self) -> None:
        for name, constant in (
            ("days", "five"),
            ("days", "5"),
            ("day", "01.01.2027"),
            ("moment", "2027-01-01"),
        ):
            for rule in (
                {"<": [v(name), constant]},
                {">=": [constant, v(name)]},
                {"<=": [constant, v(name), None]},
            ):
                with self.subTest(rule):
                    self.assertEqual(len(self.found(rule)), 1)
        # A limit outside of the field's own limits is no mistake.
        self.is_right(
            {"<": [v("days"), 31]},
            {">": [v("days"), 0.5]},
            {"<=": [0, v("price"), 9.999]},
            {">": [v("code"), "m"]},
            {"<": [v("moment"), "2027-12-31T23:59:59.999Z"]},
        )

    def test_operands_that_can_be_several_fields(self) -> None:
        either = {"if": [v("agreed"), v("decision"), v("other")]}
        self.assertEqual(len(self.found({"==": [either, "never"]})), 1)
        self.assertEqual(len(self.found({"==": [{"or": [v("decision"), v("other")]}, "never"]})), 1)
        self.assertEqual(len(self.found({"==": [{"if": [v("agreed"), "okay", "no"]}, v("decision")]})), 1)
        self.is_right(
            {"==": [either, "later"]},
            {"==": [{"if": [v("agreed"), v("decision"), "none"]}, "none"]},
            {"in": ["later", [v("decision"), v("other")]]},
            {"==": [{"cat": [v("decision"), "!"]}, "ok!"]},
            {"==": [v("name"), v("decision")]},
        )

    def test_parts_of_texts_are_no_values_of_their_field(self) -> None:
        first = {"substr": [v("decision"), 0, 1]}
        joined = {"cat": [v("decision"), "-", v("rank")]}
        self.is_right(
            {"==": [first, "x"]},
            {"in": [first, ["a", "b"]]},
            {"!=": ["okay-5", joined]},
            {"in": ["okay", joined]},
            {"if": [{"==": [first, "a"]}, {"==": [joined, "x"]}, {"<": [first, "b"]}]},
            {"==": [{"var": ["decision", "none yet"]}, "none yet"]},
        )
        nested = {"if": [{"==": [first, "o"]}, {"and": [{"!": {"in": [v("decision"), ["okay"]]}}]}, False]}
        self.assertIn('mean "ok"?', *self.found(nested))

    def test_calculations(self) -> None:
        total = {"+": [v("size"), v("days")]}
        self.assertIn("calculation", *self.found({">": [total, "five"]}))
        self.is_right({">": [total, 5]}, {"==": [total, 0.5]})

    def test_lists_and_parts_of_texts(self) -> None:
        for rule in (
            {"in": ["green", v("tags")]},
            {"some": [v("tags"), {"==": [v(""), "Red"]}]},
            {"in": [v("decision"), ["ok", "nein"]]},
            {"in": ["maybe", v("decision")]},
            {"==": [v("tags"), ["green"]]},
        ):
            with self.subTest(rule):
                self.assertEqual(len(self.found(rule)), 1)
        self.is_right(
            {"in": ["red", v("tags")]},
            {"all": [v("tags"), {"in": [v(""), ["red", "blue"]]}]},
            {"in": ["o", v("decision")]},
            {"in": ["na", v("name")]},
            {"==": [v("tags"), ["red"]]},
            {"in": [v("name"), "Anna, Bert"]},
        )

    def test_texts_in_another_unicode_form_are_the_same(self) -> None:
        for choice, constant in (("M\u00fcller", "Mu\u0308ller"), ("Mu\u0308ller", "M\u00fcller")):
            fields = data_validator({"type": "object", "properties": {"name": {"enum": [choice]}}}).fields
            self.assertEqual(list(find_wrong_constants({"==": [v("name"), constant]}, holders(fields))), [])


class ReportTests(SimpleTestCase):
    def test_one_error_where_the_condition_stands(self) -> None:
        ends = [
            *VACATION["completions"],
            {"title": "Odd", "fields": ["booked"], "completion_status": "CANCELLED"},
        ]
        ends[-1]["condition"] = {"and": [{"==": [v("decision"), "Reject"]}, {"==": [v("booked"), "no"]}]}
        report = check_file(workflow_file(completions=ends))
        where = f"/completions/{len(ends) - 1}/condition"
        self.assertEqual(
            [(each.code, each.pointer) for each in report.findings if each.severity == Severity.ERROR],
            [("wrong-constant", where)] * 2,
        )

    def test_only_so_many_are_told(self) -> None:
        rule = {"in": [v("decision"), [f"choice {number}" for number in range(500)]]}
        tasks = [{**task, "condition": rule} for task in VACATION["tasks"]]
        codes = [each.code for each in check_definition(workflow_file(tasks=tasks))]
        self.assertEqual(codes.count("wrong-constant"), MAX_WRONG)

    def test_what_an_answer_writes(self) -> None:
        action = {
            "title": "Ask",
            "task_type": "SYNC_ACTION",
            "input_fields": ["days"],
            "output_fields": ["decision", "days"],
            "action_url": "https://example.com/",
            "output_transform": {
                "decision": {"if": [{"==": [v("workspace.days"), "5"]}, "approved", v("response.body.d")]},
                "days": {"+": [v("workspace.days"), 1]},
            },
        }
        problems = check_definition(workflow_file(tasks=[*VACATION["tasks"], action]))
        where = f"/tasks/{len(VACATION['tasks'])}/output_transform/decision"
        self.assertEqual([(each.code, each.pointer) for each in problems], [("wrong-constant", where)] * 2)
        self.assertIn("mean 5?", problems[0].fix)
        self.assertIn('mean "approve"?', problems[1].fix)
