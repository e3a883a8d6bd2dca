"""The values that the check tries for a field: a constant of a condition and what lies beside it."""

import json
from dataclasses import replace
from itertools import pairwise as pairs
from typing import Any

from django.test import SimpleTestCase

from workflow_design.check.check_file import check_file
from workflow_design.check.exploration.machine import Machine
from workflow_design.check.findings import Finding
from workflow_design.definition.file_json import parse_workflow_file
from workflow_design.definition.schema import data_validator, parse_fields
from workflow_design.definition.workflow import WorkflowFile


def file_with(declared: dict[str, Any], condition: Any) -> WorkflowFile:
    """Return a workflow whose ticket asks for the field "n", and whose one task starts on a condition."""
    done = {"type": "boolean"}
    fields_schema = {"type": "object", "properties": {"n": declared, "done": done}, "required": ["n", "done"]}
    task = {"title": "Do it", "task_type": "FORM", "input_fields": ["n"], "output_fields": ["done"]}
    completion = {"title": "Done", "completion_status": "COMPLETED", "fields": ["done"]}
    document = {
        "format": "ticketflower-workflow/1",
        "title": "Beside",
        "fields_schema": fields_schema,
        "tickets": [{"title": "Ask", "fields": ["n"]}],
        "tasks": [{**task, "condition": condition}],
        "completions": [completion],
    }
    return parse_workflow_file(json.dumps(document))


class SampleTests(SimpleTestCase):
    """Each value that makes a condition true or false is tried, the one just below a constant too."""

    def samples(self, declared: dict[str, Any], *conditions: Any) -> list[Any]:
        """Return the values to try of a field that these conditions read."""
        file = file_with(declared, {"or": list(conditions)})
        space = Machine(file, parse_fields(file.fields_schema)).space
        values = space.values[space.names.index("n")]
        return [values.values[number] for number in values.samples]

    def test_numbers(self) -> None:
        number, integer = {"type": "number"}, {"type": "integer"}
        n = {"var": "n"}
        self.assertEqual(self.samples(number, {">=": [n, 0]}), [0, -0.01])
        self.assertEqual(self.samples(number, {"<": [n, 0]}), [0, -0.01])
        self.assertEqual(self.samples(integer, {">": [n, 0]}), [0, 1])
        self.assertEqual(self.samples(integer, {">=": [n, 0]}, {">": [n, 0]}), [0, -1, 1])
        close = ({"==": [n, 0]}, {"==": [n, 0.003]}, {"<": [n, 0]})
        self.assertEqual(self.samples(number, *close), [0, -0.001, 0.001, 0.003])

    def test_texts(self) -> None:
        beside = self.samples({"type": "string"}, {">": [{"var": "n"}, "b"]})
        self.assertEqual(beside, ["b", "ba"])
        self.assertEqual(self.samples({"type": "string"}, {">=": [{"var": "n"}, "b"]}), ["b", "a"])

    def test_pattern_of_any_depth(self) -> None:
        deep = {"type": "string", "pattern": "(" * 300 + "a" + ")" * 300}
        self.assertEqual(self.samples(deep, {"==": [{"var": "n"}, "a"]})[0], "a")

    def test_dates(self) -> None:
        day, n = {"type": "string", "format": "date"}, {"var": "n"}
        self.assertEqual(self.samples(day, {">=": [n, "2030-03-01"]}), ["2030-03-01", "2030-02-28"])
        self.assertEqual(self.samples(day, {">": [n, "2030-03-01"]}), ["2030-03-01", "2030-03-02"])

    def test_sets(self) -> None:
        """Each subset of the members that conditions name is tried, with and without another member."""
        crm, erp = {"in": ["crm", {"var": "n"}]}, {"in": ["erp", {"var": "n"}]}
        size = {"reduce": [{"var": "n"}, {"+": [{"var": "accumulator"}, 1]}, 0]}
        items = {"type": "string", "enum": ["crm", "erp", "mail", "dms"]}
        declared = {"type": "array", "uniqueItems": True, "items": items}
        self.assertEqual(
            self.samples(declared, {"!": crm}, {"!": erp}, {"==": [crm, erp]}),
            [["crm"], ["erp"], ["mail"], ["crm", "erp"]],
        )
        for limits, conditions, lengths in (
            ({}, [{"==": [size, each]} for each in range(6)], {1, 2, 3, 4}),
            ({"minItems": 2, "maxItems": 3}, [{"==": [size, each]} for each in range(6)], {2, 3}),
            ({}, [{"and": [crm, erp, {">": [size, 2]}]}, {"==": [size, 2]}], {1, 2, 3}),
        ):
            found = self.samples(declared | limits, *conditions)
            self.assertEqual({len(each) for each in found}, lengths)
        files = {"type": "array", "items": {"type": "string", "format": "file"}}
        found = self.samples(files, {"==": [size, 3]}, {"<": [size, 3]})
        self.assertEqual({len(each) for each in found}, {1, 3, 4})

    def test_value_below_a_constant_stalls(self) -> None:
        for declared, constant in (
            ({"type": "number"}, 0),
            ({"type": "integer"}, 0),
            ({"type": "string", "format": "date"}, "2030-03-01"),
        ):
            report = check_file(file_with(declared, {">=": [{"var": "n"}, constant]}))
            found = [(finding.code, finding.pointer) for finding in report.findings]
            self.assertEqual(found, [("stall", "/tickets/0")], declared)


class FormTests(SimpleTestCase):
    """Values that a form takes, and enough of them to compare fields with each other."""

    def findings(self, file: WorkflowFile) -> dict[str, Finding]:
        """Return the findings by code, whose counterexamples hold only what forms take."""
        validator = data_validator(file.fields_schema)
        findings = check_file(file).findings
        for finding in findings:
            for move in finding.counterexample:
                self.assertEqual(validator.problems(move.values), [], finding.message)
        return {each.code: each for each in findings if each.code != "not-all-values"}

    def compared(self, declared: dict[str, Any], condition: Any, **more: Any) -> WorkflowFile:
        """Return a workflow with a condition on the fields "n" and "m", which are alike."""
        file = file_with(declared, condition)
        properties = {**file.fields_schema["properties"], "m": declared | more}
        schema = {**file.fields_schema, "properties": properties, "required": ["n", "m", "done"]}
        ticket = replace(file.tickets[0], fields=("n", "m"))
        return replace(file, fields_schema=schema, tickets=(ticket,))

    def test_two_fields_without_a_constant(self) -> None:
        n, m = {"var": "n"}, {"var": "m"}
        for declared in (
            {"type": "string", "format": "date"},
            {"type": "string", "format": "time"},
            {"type": "string", "format": "date-time"},
            {"type": "string"},
            {"type": "string", "format": "email"},
            {"type": "string", "format": "tel"},
            {"type": "string", "format": "user"},
            {"type": "string", "pattern": "^[A-Z]{2}[0-9]{3}$"},
            {"type": "integer", "minimum": 1},
            {"type": "number", "format": "money", "minimum": 5},
        ):
            for operator in ("<=", "<", ">", "==", "!="):
                with self.subTest(declared, operator=operator):
                    found = self.findings(self.compared(declared, {operator: [n, m]}))
                    self.assertEqual(list(found), ["stall"])

    def test_three_fields_in_order(self) -> None:
        """Each of the two tasks starts for some values."""
        days = [{"var": name} for name in ("n", "m", "k")]
        for declared in ({"type": "string", "format": "date"}, {"type": "integer"}):
            file = self.compared(declared, {"<": days})
            properties = {**file.fields_schema["properties"], "k": declared}
            ticket = replace(file.tickets[0], fields=("n", "m", "k"))
            file = replace(
                file, fields_schema={**file.fields_schema, "properties": properties}, tickets=(ticket,)
            )
            self.assertEqual(list(self.findings(file)), ["stall"], declared)

    def test_one_representative_of_each_order(self) -> None:
        """Many compared fields cost as many answers as they have results, and are still proved."""
        names = [f"n{number}" for number in range(8)]
        for declared in ({"type": "string", "format": "date"}, {"type": "number"}, {"type": "integer"}):
            for count in (4, 6, 8):
                file = file_with(
                    declared, {"and": [{"<=": [{"var": a}, {"var": b}]} for a, b in pairs(names[:count])]}
                )
                properties = {**file.fields_schema["properties"]} | dict.fromkeys(names[:count], declared)
                schema = {
                    **file.fields_schema,
                    "properties": properties,
                    "required": [*names[:count], "done"],
                }
                file = replace(
                    file,
                    fields_schema=schema,
                    tickets=(replace(file.tickets[0], fields=tuple(names[:count])),),
                    tasks=(replace(file.tasks[0], input_fields=tuple(names[:count])),),
                )
                with self.subTest(declared, count=count):
                    report = check_file(file)
                    self.assertEqual([each.code for each in report.findings], ["stall", "field-unwritten"])
                    self.assertTrue(report.is_complete and report.is_exact)
                    self.assertLess(
                        len(next(iter(Machine(file, parse_fields(schema)).rows.values()))), 2**count
                    )

    def test_values_of_the_other_field(self) -> None:
        """The least of one is above what is tried first of the other."""
        over = {">": [{"var": "n"}, {"var": "m"}]}
        file = self.compared({"type": "integer", "minimum": 1}, over, minimum=50, maximum=60)
        self.assertEqual(list(self.findings(file)), ["stall"])

    def test_parts_of_texts_with_a_pattern_or_format(self) -> None:
        n = {"var": "n"}
        for declared, condition in (
            ({"pattern": "^[A-Z]{2}[0-9]{3}$"}, {"in": ["ZZ", n]}),
            ({"pattern": "^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"}, {"==": [{"substr": [n, 0, 2]}, "DE"]}),
            ({"pattern": "^(INV|CR)-[0-9]+$"}, {"in": ["CR", n]}),
            ({"format": "email"}, {"in": ["@acme.example", n]}),
            ({"format": "uri"}, {"in": ["intranet", n]}),
            ({"pattern": "^x+y+$", "minLength": 30}, {"in": ["yy", n]}),
            ({"pattern": r"^\p{L}+( \p{L}+)?$"}, {"in": [" ", n]}),
            ({"pattern": "^[A-Z]{3}-[0-9]{4}$"}, {"==": [{"substr": [n, -4]}, "2030"]}),
            ({"pattern": "^(a|b)(c|d)$"}, {"and": [{"in": ["b", n]}, {"in": ["d", n]}]}),
            ({}, {"and": [{"in": ["crm", n]}, {"in": ["erp", n]}]}),
            ({}, {"<": [{"*": [n, 2]}, 1000]}),
            ({}, {"==": [{"substr": [n, 0, 2]}, "DE"]}),
            ({}, {"in": [{"substr": [n, 0, 2]}, ["DE", "AT"]]}),
        ):
            with self.subTest(declared):
                found = self.findings(file_with({"type": "string", **declared}, condition))
                self.assertIn("stall", found)
                self.assertLessEqual(found.keys(), {"stall", "failing-condition"})

    def test_moments_and_times_beside_a_constant(self) -> None:
        n = {"var": "n"}
        for declared, constant in (
            ("date-time", "2026-07-01T10:00:00+02:00"),
            ("date-time", "2026-07-01T10:00:00Z"),
            ("time", "06:00"),
        ):
            for operator in ("<", "<=", "==", ">"):
                with self.subTest(constant, operator=operator):
                    file = file_with({"type": "string", "format": declared}, {operator: [n, constant]})
                    self.assertEqual(list(self.findings(file)), ["stall"])

    def test_nothing_is_said_without_a_value(self) -> None:
        """No text of this form is known, so “never” would be a guess."""
        unknown = {"type": "string", "pattern": "^x{9}y$", "minLength": 11}
        report = check_file(file_with(unknown, {"in": ["a", {"var": "n"}]}))
        self.assertFalse(report.is_complete)
        self.assertEqual([finding.code for finding in report.findings], ["no-example"])

    def test_nothing_is_said_if_only_one_side_was_seen(self) -> None:
        """Two letters in the middle are not found by putting them into a text."""
        declared = {"type": "string", "pattern": "^([a-c]+-)?[a-c]+$"}
        report = check_file(file_with(declared, {"in": ["--", {"var": "n"}]}))
        self.assertFalse(report.is_exact)
        self.assertNotIn("never-happens", [finding.code for finding in report.findings])
