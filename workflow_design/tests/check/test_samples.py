"""The values that the check tries for a field: a constant of a condition and what lies beside it."""

import json
from typing import Any

from django.test import SimpleTestCase

from workflow_design.check.check_file import check_file
from workflow_design.check.exploration.machine import Machine
from workflow_design.definition.file_json import parse_workflow_file
from workflow_design.definition.schema import parse_fields
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

    def test_dates(self) -> None:
        day, n = {"type": "string", "format": "date"}, {"var": "n"}
        self.assertEqual(self.samples(day, {">=": [n, "2030-03-01"]}), ["2030-03-01", "2030-02-28"])
        self.assertEqual(self.samples(day, {">": [n, "2030-03-01"]}), ["2030-03-01", "2030-03-02"])

    def test_value_below_a_constant_stalls(self) -> None:
        for declared, constant in (
            ({"type": "number"}, 0),
            ({"type": "integer"}, 0),
            ({"type": "string", "format": "date"}, "2030-03-01"),
        ):
            report = check_file(file_with(declared, {">=": [{"var": "n"}, constant]}))
            found = [(finding.code, finding.pointer) for finding in report.findings]
            self.assertEqual(found, [("stall", "/tickets/0")], declared)
