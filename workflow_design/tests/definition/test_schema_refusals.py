"""Refused `fields_schema`s: every problem is reported, each with its path."""

from workflow_design.definition.schema import parse_fields
from workflow_design.tests.definition.json_strategies import each
from workflow_design.tests.definition.schema_examples import SchemaTestCase, of


class RefusalTests(SchemaTestCase):
    def test_the_root(self) -> None:
        for schema in each(None, [], "object", 1, True):
            self.refused(schema, ("", "wrong-type"))
        self.refused({}, ("/type", "wrong-value"))
        self.refused({"type": "array", "items": {}}, ("/items", "unknown-keyword"), ("/type", "wrong-value"))
        self.refused(
            of(**{"$schema": "http://json-schema.org/draft-07/schema#"}), ("/$schema", "unknown-dialect")
        )
        self.refused(of(additionalProperties=True), ("/additionalProperties", "wrong-value"))
        self.refused(of(required=["b", 1, {}]), *((f"/required/{n}", "unknown-field") for n in range(3)))
        self.refused(of({"type": "boolean"}, required=["a", "a"]), ("/required/1", "doubled"))
        self.refused(of(required="a"), ("/required", "wrong-type"))
        self.refused({"type": "object", "properties": []}, ("/properties", "wrong-type"))
        self.refused(of(title=""), ("/title", "wrong-value"))
        self.assertEqual(
            len(parse_fields(of(additionalProperties=False, title="Data", description="All of it"))), 0
        )

    def test_names(self) -> None:
        for name in each(
            "",
            "A",
            "aB",
            "1a",
            "_a",
            "a-b",
            "a.b",
            "a b",
            "ä",
            "a" * 101,
            "a\n",
            "$submitter",
            "__class__",
            "csrfmiddlewaretoken",
        ):
            escaped = name.replace("/", "~1")
            self.refused(
                {"type": "object", "properties": {name: {"type": "string"}}},
                (f"/properties/{escaped}", "bad-name"),
            )
        self.assertEqual(
            list(parse_fields({"type": "object", "properties": {"a" * 100: {"type": "string"}}})), ["a" * 100]
        )

    def test_unknown_keywords_of_every_kind(self) -> None:
        for field in each(
            {"type": "string"},
            {"enum": ["a"]},
            {"oneOf": [{"const": "a"}]},
            {"type": "number"},
            {"type": "integer"},
            {"type": "boolean"},
            {"type": "array", "items": {"enum": ["a"]}},
            {"type": "string", "format": "user"},
            {"type": "string", "format": "file"},
            {"type": "array", "items": {"type": "string", "format": "file"}},
        ):
            for keyword in each(
                "patternProperties",
                "unevaluatedProperties",
                "unevaluatedItems",
                "properties",
                "allOf",
                "anyOf",
                "not",
                "if",
                "const",
                "contains",
                "prefixItems",
                "propertyNames",
                "dependentSchemas",
                "readOnly",
                "x",
                "contentMediaType",
                "$vocabulary",
                "deprecated",
            ):
                self.field_refused({**field, keyword: {}}, (f"/{keyword}", "unknown-keyword"))

    def test_keywords_of_another_kind(self) -> None:
        self.field_refused({"type": "integer", "maxLength": 3}, ("/maxLength", "unknown-keyword"))
        self.field_refused({"type": "string", "minimum": 3}, ("/minimum", "unknown-keyword"))
        self.field_refused({"enum": ["a"], "pattern": "a"}, ("/pattern", "unknown-keyword"))
        self.field_refused(
            {"type": "string", "format": "user", "default": "1"}, ("/default", "unknown-keyword")
        )
        self.field_refused(
            {"type": "array", "items": {"enum": ["a"], "title": "x"}}, ("/items/title", "unknown-keyword")
        )

    def test_types(self) -> None:
        for kind in each(None, "null", "object", "text", ["string", "null"], {"a": 1}, 1):
            self.field_refused({"type": kind}, ("/type", "unknown-type"))
        self.field_refused({}, ("/type", "unknown-type"))
        for value in each(None, True, [], "string", 1):
            self.field_refused(value, ("", "wrong-type"))
        self.field_refused({"type": "array"}, ("/items", "wrong-type"))
        for items in each(
            {},
            {"type": "string"},
            {"type": "string", "format": "user"},
            {"type": "array", "items": {}},
        ):
            self.field_refused({"type": "array", "items": items}, ("/items", "unknown-type"))
        self.field_refused(
            {"type": "array", "items": {"enum": ["a"]}, "uniqueItems": False}, ("/uniqueItems", "wrong-value")
        )

    def test_values_of_keywords(self) -> None:
        for keyword, value in each(
            ("title", 1),
            ("title", " "),
            ("title", "x" * 256),
            ("description", None),
            ("description", "x" * 2001),
            ("minLength", -1),
            ("minLength", 1.5),
            ("minLength", True),
            ("maxLength", 0),
            ("maxLength", "5"),
            ("maxLength", 10**12),
            ("pattern", 1),
            ("pattern", ""),
            ("pattern", "a" * 1001),
        ):
            self.field_refused({"type": "string", keyword: value}, (f"/{keyword}", "wrong-value"))
        for keyword in each("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
            for value in each("1", None, True, [1]):
                self.field_refused({"type": "number", keyword: value}, (f"/{keyword}", "wrong-value"))
        for value in each(0, -1):
            self.field_refused({"type": "number", "multipleOf": value}, ("/multipleOf", "wrong-value"))
        for name in each("ipv4", "regex", "uuid", "", None, 1, ["date"], {}):
            self.field_refused({"type": "string", "format": name}, ("/format", "unknown-format"))

    def test_patterns(self) -> None:
        for pattern in each(
            "(",
            "[",
            "(?=a)",
            "(?!a)",
            "(?<=a)b",
            r"(a)\1",
            "a{1001}",
            "(a{100}){100}",
            r"(\pL\pN){1,400}",
            "*",
        ):
            self.field_refused({"type": "string", "pattern": pattern}, ("/pattern", "bad-pattern"))
        self.assertEqual(self.field(type="string", pattern="^(a+)+$").pattern, "^(a+)+$")

    def test_choices(self) -> None:
        for value in each(None, [], "a", {}, {"a": 1}):
            self.field_refused({"enum": value}, ("/enum", "wrong-value"))
        self.field_refused({"oneOf": []}, ("/oneOf", "wrong-value"))
        for value in each(None, "", " ", True, [], {}, 1, "x" * 256):
            self.field_refused({"enum": ["a", value]}, ("/enum/1", "wrong-value"))
        for value in each(None, True, "a", 1.5):
            self.field_refused({"type": "integer", "enum": [1, value]}, ("/enum/1", "wrong-value"))
        self.field_refused({"enum": ["a", "b", "a"]}, ("/enum/2", "doubled"))
        self.field_refused({"type": "number", "enum": [1, 1.0]}, ("/enum/1", "doubled"))
        self.field_refused({"type": "boolean", "enum": [True]}, ("/type", "wrong-value"))
        self.field_refused({"enum": ["a"], "oneOf": [{"const": "a"}]}, ("/oneOf", "doubled"))
        self.field_refused({"enum": [str(number) for number in range(1001)]}, ("/enum", "wrong-value"))
        for value in each(None, "a", {}, {"title": "A"}):
            self.field_refused({"oneOf": [value]}, ("/oneOf/0", "wrong-value"))
        self.field_refused(
            {"oneOf": [{"const": "a", "type": "string"}]}, ("/oneOf/0/type", "unknown-keyword")
        )
        self.field_refused({"oneOf": [{"const": "a", "title": ""}]}, ("/oneOf/0/title", "wrong-value"))

    def test_limits_that_no_value_satisfies(self) -> None:
        self.field_refused({"type": "string", "minLength": 3, "maxLength": 2}, ("/minLength", "impossible"))
        choices = {"type": "array", "items": {"enum": ["a"]}}
        self.field_refused({**choices, "minItems": 3, "maxItems": 2}, ("/minItems", "impossible"))
        for kind, bounds in each(
            ("number", {"minimum": 2, "maximum": 1}),
            ("number", {"minimum": 1, "exclusiveMaximum": 1}),
            ("integer", {"minimum": 1.2, "maximum": 1.8}),
            ("integer", {"minimum": 1, "exclusiveMaximum": 1}),
        ):
            self.field_refused({"type": kind, **bounds}, ("/minimum", "impossible"))
        for kind, bounds in each(
            ("integer", {"exclusiveMinimum": 1, "exclusiveMaximum": 2}),
            ("number", {"exclusiveMinimum": 1, "maximum": 1}),
            ("number", {"exclusiveMinimum": 1, "exclusiveMaximum": 1}),
        ):
            self.field_refused({"type": kind, **bounds}, ("/exclusiveMinimum", "impossible"))
        self.field(type="number", minimum=1, maximum=1)
        self.field(type="number", exclusiveMinimum=1, exclusiveMaximum=2)
        self.field(type="integer", exclusiveMinimum=1, exclusiveMaximum=3)

    def test_invalid_examples(self) -> None:
        text, days = {"type": "string"}, {"type": "integer", "maximum": 30}
        for examples in each([], "a", None, {}, ["a"] * 21):
            self.field_refused({**text, "examples": examples}, ("/examples", "wrong-value"))
        for examples in each(["", "a"], [" "], [None], [1]):
            self.field_refused({**text, "examples": examples}, ("/examples/0", "bad-example"))
        self.field_refused(
            {**days, "examples": [5, 31, "5"]}, *((f"/examples/{at}", "bad-example") for at in (1, 2))
        )
        self.field_refused({"enum": ["a"], "examples": ["b"]}, ("/examples/0", "bad-example"))
        self.field_refused(
            {"type": "string", "format": "user", "examples": ["1"]}, ("/examples", "unknown-keyword")
        )

    def test_invalid_defaults(self) -> None:
        for field, default in each(
            ({"type": "string", "maxLength": 2}, "abc"),
            ({"type": "string", "format": "date"}, "tomorrow"),
            ({"type": "string", "pattern": "^a"}, "b"),
            ({"type": "string"}, 1),
            ({"type": "string"}, ""),
            ({"type": "string"}, " \u200b"),
            ({"type": "string"}, None),
            ({"enum": ["a"]}, "b"),
            ({"type": "integer", "minimum": 1}, 0),
            ({"type": "integer"}, 1.5),
            ({"type": "number", "multipleOf": 0.1}, 0.25),
            ({"type": "boolean"}, 1),
            ({"type": "array", "items": {"enum": ["a"]}}, []),
            ({"type": "array", "items": {"enum": ["a"]}}, ["b"]),
            ({"type": "array", "items": {"enum": ["a"]}}, ["a", "a"]),
        ):
            self.field_refused({**field, "default": default}, ("/default", "bad-default"))
        self.assertEqual(self.field(type="boolean", default=False).default, False)
        self.assertEqual(self.field(type="integer", default=0).default, 0)

    def test_all_problems_at_once(self) -> None:
        self.refused(
            of(
                {"type": "text"},
                {"type": "string", "x": 1, "pattern": "("},
                {"enum": []},
                required=["z"],
                x=1,
            ),
            ("/x", "unknown-keyword"),
            ("/required/0", "unknown-field"),
            ("/properties/a/type", "unknown-type"),
            ("/properties/b/x", "unknown-keyword"),
            ("/properties/b/pattern", "bad-pattern"),
            ("/properties/c/enum", "wrong-value"),
        )
