"""Parsing of a `fields_schema` into fields: every kind, references, limits, and random input."""

import time
from typing import Any

from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from workflow_design.definition import field_types as types
from workflow_design.definition.fields import Choice
from workflow_design.definition.schema import SchemaError, parse_fields
from workflow_design.tests.definition.json_strategies import each, fuzzed, json_values
from workflow_design.tests.definition.schema_examples import VACATION, SchemaTestCase, of


class KindTests(SchemaTestCase):
    def test_the_vacation_request(self) -> None:
        fields = parse_fields(VACATION)
        self.assertEqual(list(fields), list(VACATION["properties"]))
        self.assertEqual(fields.required, {"days", "first_day", "decision", "booked"})
        found = [types.MULTILINE, types.INTEGER, types.DATE, types.CHOICE, types.TEXT, types.YES_NO]
        self.assertEqual([field.type for field in fields.values()], found)
        self.assertEqual(fields["first_day"].title, "First day")
        self.assertEqual((fields["days"].minimum, fields["days"].maximum), (1, 60))

    def test_text(self) -> None:
        field = self.field(
            type="string",
            title="Post code",
            description="Five digits",
            minLength=5,
            maxLength=5.0,
            pattern="^[0-9]+$",
            default="12345",
        )
        self.assertEqual(field.type, types.TEXT)
        self.assertEqual((field.title, field.help_text, field.default), ("Post code", "Five digits", "12345"))
        self.assertEqual((field.min_length, field.max_length, field.pattern), (5, 5, "^[0-9]+$"))
        self.assertIsInstance(field.max_length, int)
        for field_type in (types.MULTILINE, types.EMAIL, types.URI, types.DATE, types.TIME, types.DATE_TIME):
            self.assertIs(self.field(type="string", format=field_type.format).type, field_type)

    def test_choices(self) -> None:
        self.assertEqual(self.field(enum=["b", "a"]).choices, (Choice("b", "b"), Choice("a", "a")))
        self.assertEqual(self.field(type="integer", enum=[3, 1]).choices, (Choice(3, "3"), Choice(1, "1")))
        titled = self.field(type="string", oneOf=[{"const": "a", "title": "First"}, {"const": "b"}])
        self.assertEqual(titled.choices, (Choice("a", "First"), Choice("b", "b")))
        self.assertEqual(
            [titled.label_for(value) for value in each("a", "b", "gone")], ["First", "b", "gone"]
        )
        self.assertEqual(titled.type, types.CHOICE)
        several = self.field(
            type="array", items={"enum": ["a", "b"]}, uniqueItems=True, minItems=1, maxItems=2
        )
        self.assertEqual((several.type, several.min_items, several.max_items), (types.CHOICES, 1, 2))
        self.assertEqual(several.choices, (Choice("a", "a"), Choice("b", "b")))

    def test_numbers(self) -> None:
        field = self.field(type="number", exclusiveMinimum=0, exclusiveMaximum=10.5, multipleOf=0.01)
        self.assertEqual(field.type, types.NUMBER)
        self.assertEqual(
            (field.exclusive_minimum, field.exclusive_maximum, field.multiple_of), (0, 10.5, 0.01)
        )
        self.assertEqual(self.field(type="integer").type, types.INTEGER)

    def test_people_and_files(self) -> None:
        self.assertEqual(self.field(type="string", format="user").type, types.USER)
        self.assertEqual(self.field(type="string", format="file").type, types.FILE)
        files = self.field(type="array", items={"type": "string", "format": "file"}, maxItems=3)
        self.assertEqual((files.type, files.max_items), (types.FILES, 3))

    def test_filterable(self) -> None:
        person = {"type": "string", "format": "user"}
        for keywords in ({"enum": ["a"]}, {"type": "boolean"}, person):
            self.assertFalse(self.field(**keywords).is_filterable)
            self.assertTrue(self.field(**keywords, filterable=True).is_filterable)
            self.field_refused({**keywords, "filterable": False}, ("/filterable", "wrong-value"))
        self.field_refused({"type": "string", "filterable": True}, ("/filterable", "unknown-keyword"))
        several = {"type": "array", "items": {"enum": ["a"], "filterable": True}}
        self.field_refused(several, ("/items/filterable", "unknown-keyword"))


class ReferenceTests(SchemaTestCase):
    def test_references_are_resolved(self) -> None:
        schema = of(
            {"$ref": "#/$defs/verdict", "title": "Lawyer"},
            {"$ref": "#/$defs/again", "description": "Both"},
            {"type": "array", "items": {"$ref": "#/$defs/plain"}},
            **{
                "$defs": {
                    "verdict": {"title": "Verdict", "oneOf": [{"const": "y", "title": "Yes"}]},
                    "again": {"$ref": "#/$defs/verdict", "default": "y"},
                    "plain": {"enum": ["y", "n"]},
                }
            },
        )
        fields = parse_fields(schema)
        self.assertEqual([field.title for field in fields.values()], ["Lawyer", "Verdict", "C"])
        self.assertEqual([field.default for field in fields.values()], [None, "y", None])
        self.assertEqual(fields["b"].help_text, "Both")
        self.assertEqual(fields["b"].choices, (Choice("y", "Yes"),))

    def test_examples(self) -> None:
        self.assertEqual(self.field(type="integer", examples=[5, 0]).examples, (5, 0))
        self.assertEqual(self.field(type="string").examples, ())
        listed = {"type": "array", "items": {"enum": ["a", "b"]}, "examples": [["a"], ["a", "b"]]}
        self.assertEqual(self.field(**listed).examples, (["a"], ["a", "b"]))
        shared = {"type": "string", "pattern": "^[A-Z]{2}$", "examples": ["DE"]}
        schema = {
            **of({"$ref": "#/$defs/c"}, {"$ref": "#/$defs/c", "examples": ["FR"]}),
            "$defs": {"c": shared},
        }
        self.assertEqual([field.examples for field in parse_fields(schema).values()], [("DE",), ("FR",)])

    def test_invalid_references(self) -> None:
        for reference in each(
            "http://example.com/schema",
            "file:///etc/passwd",
            "#",
            "#/properties/a",
            "#/$defs/",
            "other.json#/$defs/a",
            "#/$defs/a/properties/b",
            "#a",
            "",
            1,
            None,
            ["#/$defs/a"],
        ):
            self.field_refused({"$ref": reference}, ("/$ref", "bad-reference"))
        self.field_refused({"$ref": "#/$defs/none"}, ("/$ref", "bad-reference"))
        for keyword in each("$dynamicRef", "$id", "$anchor", "$recursiveRef"):
            self.field_refused({"type": "string", keyword: "#/$defs/a"}, (f"/{keyword}", "unknown-keyword"))

    def test_circular_references(self) -> None:
        circle = {"x": {"$ref": "#/$defs/y"}, "y": {"$ref": "#/$defs/x"}}
        self.refused(
            of({"$ref": "#/$defs/x"}, **{"$defs": circle}),
            ("/$defs/y/$ref", "bad-reference"),
            ("/$defs/x/$ref", "bad-reference"),
        )
        chain: dict[str, Any] = {f"n{number}": {"$ref": f"#/$defs/n{number + 1}"} for number in range(200)}
        chain["n200"] = {"type": "string"}
        with self.assertRaisesMessage(SchemaError, "at most 10 steps"):
            parse_fields(of({"$ref": "#/$defs/n0"}, **{"$defs": chain}))

    def test_problems_are_reported_once_at_their_place(self) -> None:
        schema = of(
            {"$ref": "#/$defs/x"},
            {"$ref": "#/$defs/x", "default": "z"},
            **{"$defs": {"x": {"enum": ["a", "a"]}}},
        )
        self.refused(schema, ("/$defs/x/enum/1", "doubled"))
        self.refused(
            of({"$ref": "#/$defs/x", "default": "z", "type": "string"}, **{"$defs": {"x": {"enum": ["a"]}}}),
            ("/properties/a/type", "unknown-keyword"),
            ("/properties/a/default", "bad-default"),
        )
        self.refused(of(**{"$defs": {"unused": {"type": "null"}}}), ("/$defs/unused/type", "unknown-type"))


class BoundTests(SchemaTestCase):
    def test_limits_are_checked_first(self) -> None:
        began = time.process_time()
        deep: Any = {"type": "string"}
        for _level in range(100_000):
            deep = {"allOf": [deep]}
        with self.assertRaisesMessage(SchemaError, "20 levels"):
            parse_fields(of(deep))
        self.refused(of({"description": "x" * 262_144}), ("", "too-large"))
        self.refused(of({"enum": [f"{number}" * 5 for number in range(50_000)]}), ("", "too-large"))
        self.refused(of({"allOf": [{}] * 600}), ("", "too-large"))
        self.refused(of({"type": "string", "default": "\0"}), ("/properties/a/default", "bad-character"))
        self.refused(of({"type": "number", "minimum": float("nan")}), ("/properties/a/minimum", "bad-number"))
        self.assertLess(time.process_time() - began, 5)

    def test_as_large_as_allowed(self) -> None:
        names = [f"f{number}" for number in range(498)]
        schema = {
            "type": "object",
            "properties": {name: {"type": "string", "title": "x" * 200} for name in names},
        }
        self.assertEqual(list(parse_fields(schema)), names)
        self.refused(
            {**schema, "properties": {**schema["properties"], "f498": {"type": "string"}}},  # type: ignore[dict-item]
            ("", "too-large"),
        )


WORDS = """
    type properties required title description default enum oneOf const items minItems maxItems uniqueItems
    format pattern minLength maxLength minimum maximum exclusiveMinimum multipleOf $ref $defs #/$defs/a
    a b string number integer boolean array object date user file multiline
"""
words = st.sampled_from(WORDS.split())
properties = st.fixed_dictionaries(
    {"type": st.sampled_from(["string", "number", "integer", "boolean", "array"])},
    optional={
        "title": st.text(max_size=5),
        "default": json_values(max_leaves=3),
        "minLength": st.integers(-1, 5),
        "maxLength": st.integers(-1, 5),
        "pattern": st.text("a(|)[]*+?^$\\1", max_size=6),
        "format": st.sampled_from([*types.formats_of("string"), "x"]),
        "minimum": st.integers(-5, 5) | st.floats(),
        "maximum": st.integers(-5, 5) | st.floats(),
        "exclusiveMaximum": st.integers(-5, 5),
        "multipleOf": st.floats(-1, 5),
        "enum": st.lists(st.text(max_size=3) | st.integers(0, 3), max_size=3),
        "items": st.sampled_from(
            [{"enum": ["a"]}, {"type": "string", "format": "file"}, {"$ref": "#/$defs/a"}]
        ),
    },
)
schemas = st.fixed_dictionaries(
    {
        "type": st.just("object"),
        "properties": st.dictionaries(st.sampled_from("abc"), properties, max_size=3),
    },
    optional={
        "required": st.lists(st.sampled_from("abc")),
        "$defs": st.dictionaries(st.sampled_from("ab"), properties),
    },
)


class FuzzTests(SimpleTestCase):
    @settings(fuzzed, max_examples=300)
    @given(json_values(words, max_leaves=25) | schemas)
    def test_any_value_is_read_or_refused(self, schema: Any) -> None:
        """Check that every accepted schema is valid JSON Schema, except for our formats."""
        try:
            fields = parse_fields(schema)
        except SchemaError as error:
            self.assertTrue(error.problems)
            return
        Draft202012Validator.check_schema(schema)
        self.assertEqual(list(fields), list(schema.get("properties", [])))
