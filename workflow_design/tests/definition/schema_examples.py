"""Schemas of fields for tests, and what tests of them have in common."""

from typing import Any

from django.test import SimpleTestCase

from workflow_design.definition.fields import Field
from workflow_design.definition.schema import SchemaError, parse_fields

VACATION = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "employee_note": {"type": "string", "format": "multiline"},
        "days": {"type": "integer", "minimum": 1, "maximum": 60},
        "first_day": {"type": "string", "format": "date"},
        "decision": {"enum": ["approve", "reject", "change"]},
        "manager_note": {"type": "string"},
        "booked": {"type": "boolean"},
    },
    "required": ["days", "first_day", "decision", "booked"],
}


def of(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a schema with these properties, called a, b, c …"""
    return {"type": "object", "properties": dict(zip("abcdefghij", fields, strict=False)), **more}


class SchemaTestCase(SimpleTestCase):
    def field(self, **keywords: Any) -> Field:
        return parse_fields(of(keywords))["a"]

    def refused(self, schema: Any, *expected: tuple[str, str]) -> None:
        with self.subTest(str(schema)[:200]):
            with self.assertRaises(SchemaError) as caught:
                parse_fields(schema)
            found = [(problem.pointer, problem.code) for problem in caught.exception.problems]
            self.assertEqual(found, list(expected))
            self.assertTrue(all(problem.message for problem in caught.exception.problems))

    def field_refused(self, keywords: Any, *expected: tuple[str, str]) -> None:
        self.refused(of(keywords), *((f"/properties/a{pointer}", code) for pointer, code in expected))
