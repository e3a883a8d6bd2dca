"""The output of actions in the exploration (`docs/check.md`)."""

import json
from typing import Any

from django.test import SimpleTestCase

from workflow_design.check.check_file import check_file
from workflow_design.definition.file_json import parse_workflow_file


class TransformTests(SimpleTestCase):
    """An action that counts or sets a field, after a ticket that sets the limit."""

    def codes(self, output: dict[str, Any], **parts: Any) -> list[str]:
        """Return the codes of the findings, without notes and hints."""
        document = {
            "format": "ticketflower-workflow/1",
            "title": "Counts",
            "fields_schema": {
                "type": "object",
                "properties": {
                    "most": {"type": "integer", "minimum": 0, "maximum": 5},
                    "count": {"type": "integer", "minimum": 0, "maximum": 9},
                    "status": {"enum": ["old", "done"]},
                    "told": {"type": "boolean"},
                },
                "required": ["most", "count", "told"],
            },
            "tickets": [{"title": "Ask", "fields": ["most", "count", "status"]}],
            "tasks": [
                {
                    "title": "Act",
                    "task_type": "SYNC_ACTION",
                    "action_url": "https://example.com/",
                    "input_fields": ["most", "count"],
                    "output_fields": list(output),
                    "output_transform": output,
                    **parts.pop("task", {}),
                },
                *parts.pop("more", []),
            ],
            "completions": [{"title": "End", "completion_status": "CANCELLED", **parts}],
        }
        report = check_file(parse_workflow_file(json.dumps(document)))
        self.assertTrue(report.is_complete, report.findings)
        return [each.code for each in report.findings if each.severity in ("error", "warning")]

    def test_counting_to_another_field_ends(self) -> None:
        more = {"<": [{"var": "count"}, {"var": "most"}]}
        codes = self.codes(
            {"count": {"+": [{"var": "workspace.count"}, 1]}},
            task={"condition": more},
            fields=["count"],
            condition={"!": more},
        )
        self.assertEqual(codes, [])

    def test_a_constant_is_the_only_value(self) -> None:
        has_told = {"!": {"missing": ["told"]}}
        end = {
            "more": [
                {"title": "Tell", "task_type": "FORM", "input_fields": ["count"], "output_fields": ["told"]}
            ],
            "fields": ["told", "status"],
            "condition": {"and": [has_told, {"==": [{"var": "status"}, "done"]}]},
        }
        self.assertEqual(self.codes({"status": "done"}, **end), [])
        self.assertIn("stale-answer", self.codes({"status": {"var": "response.body.status"}}, **end))
