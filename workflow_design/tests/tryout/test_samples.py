"""The example values of the try-out are valid for their fields."""

from datetime import date
from typing import Any

from django.test import SimpleTestCase

from workflow_design.definition.fields import Examples
from workflow_design.definition.schema import data_validator
from workflow_design.tests.gallery_files import NAMES, gallery_file
from workflow_design.tryout.forms import example_values

EXAMPLES = Examples(date(2026, 7, 1), ["7", "8"], ["stand-in-1", "stand-in-2", "stand-in-3"])


def examples(**properties: Any) -> dict[str, Any]:
    validator = data_validator({"type": "object", "properties": properties})
    return example_values(validator.fields, EXAMPLES, validator)


class ExampleValues(SimpleTestCase):
    def test_each_kind(self) -> None:
        cases: list[tuple[dict[str, Any], Any]] = [
            ({"type": "string"}, "Example"),
            ({"type": "string", "minLength": 9}, "Example.."),
            ({"type": "string", "maxLength": 2}, "Ex"),
            ({"type": "string", "format": "email"}, "somebody@example.com"),
            ({"type": "string", "format": "uri"}, "https://example.com/"),
            ({"type": "string", "format": "date"}, "2026-07-01"),
            ({"type": "string", "format": "time"}, "09:00"),
            ({"type": "string", "format": "date-time"}, "2026-07-01T09:00:00Z"),
            ({"enum": ["a", "b"]}, "a"),
            ({"type": "boolean"}, True),
            ({"type": "integer"}, 1),
            ({"type": "integer", "minimum": 5}, 5),
            ({"type": "integer", "maximum": -5}, -5),
            ({"type": "integer", "exclusiveMinimum": 5}, 6),
            ({"type": "integer", "minimum": 5, "multipleOf": 4}, 8),
            ({"type": "number", "minimum": 0.5}, 1),
            ({"type": "number", "multipleOf": 0.25}, 0.25),
            ({"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 2}, ["a", "b"]),
            ({"type": "string", "format": "user"}, "7"),
            ({"type": "string", "format": "file"}, "stand-in-1"),
            ({"type": "array", "items": {"type": "string", "format": "file"}}, ["stand-in-1"]),
        ]
        for declared, value in cases:
            with self.subTest(declared):
                self.assertEqual(examples(x=declared), {"x": value})

    def test_no_example_without_known_values(self) -> None:
        self.assertEqual(examples(x={"type": "string", "pattern": "^[0-9]+$"}), {})
        self.assertEqual(examples(x={"type": "integer", "minimum": 5, "maximum": 6, "multipleOf": 7}), {})

    def test_the_forms_of_the_gallery_are_filled(self) -> None:
        for name in NAMES:
            file = gallery_file(name)
            validator = data_validator(file.fields_schema)
            with self.subTest(name):
                found = example_values(validator.fields, EXAMPLES, validator)
                self.assertEqual(found.keys(), set(validator.fields))
                self.assertEqual(validator.problems(found), [])
