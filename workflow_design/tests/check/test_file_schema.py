"""/design/format.json: it accepts whatever the importer accepts, and refuses the usual mistakes by itself."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Final

from django.conf import settings as django_settings
from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from workflow_design.check.check_file import check_file
from workflow_design.check.file_schema import file_schema
from workflow_design.check.static import all_problems, check_definition
from workflow_design.definition.field_types import FIELD_TYPES
from workflow_design.definition.file_json import WorkflowFileError, parse_workflow_file, to_json
from workflow_design.definition.layouts import LayoutError, parse_layout
from workflow_design.definition.schema import SchemaError, parse_fields
from workflow_design.engine.conditions.bounds import ARGUMENTS
from workflow_design.engine.conditions.validation import find_rule_problems
from workflow_design.tests.check.test_all_problems import MISTAKES
from workflow_design.tests.check.test_fixes import MEANT, with_member
from workflow_design.tests.definition.json_strategies import fuzzed, json_values
from workflow_design.tests.definition.schema_examples import of
from workflow_design.tests.files import VACATION
from workflow_design.tests.gallery_files import NAMES, gallery_text

SCHEMA: Final = file_schema()
VALIDATOR: Final = Draft202012Validator(SCHEMA)
RELATED: Final = {
    "bad-default",
    "bad-example",
    "bad-pattern",
    "bad-reference",
    "doubled-field",
    "impossible",
    "missing-field",
    "never-triggered",
    "never-true",
    "reset-not-output",
    "not-json",
    "title-twice",
    "unknown-field",
    "wrong-constant",
    "doubled",
    "not-an-output",
    "assignee-not-a-person",
    "overdue-not-yes-no",
    "overdue-written",
    "bad-address",
    "timeout-out-of-bounds",
    "too-deep",
}
"""What no schema can refuse, or not always: what one place has to do with another, or too large a number."""


def part_validator(name: str) -> Draft202012Validator:
    """Return the validator of one of the definitions."""
    return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})


def codes_of(document: Any) -> set[str]:
    """Return the codes of all static problems of a file."""
    try:
        return {each.code for each in check_definition(parse_workflow_file(json.dumps(document)))}
    except WorkflowFileError as error:
        return {each.code for each in all_problems(error)}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the paths of all values below a value."""
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, inner in members:
        yield (*path, name)
        yield from places(inner, (*path, name))


names = st.sampled_from(["days", "decision", "teams", "days.0", "Days", "workspace.days", "", "item"])
constants = st.sampled_from([None, True, 0, 5, 2.5, "approve", "", "2026-07-01"])
rules: st.SearchStrategy[Any] = st.recursive(
    constants | st.builds(lambda name: {"var": name}, names | constants),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*ARGUMENTS, "eq", "contains"]), inner, min_size=1, max_size=1)
        | st.dictionaries(
            st.sampled_from(list(ARGUMENTS)), st.lists(inner | names, max_size=4), min_size=1, max_size=2
        )
    ),
    max_leaves=10,
)
keywords: Final[dict[str, Any]] = {
    "type": st.sampled_from(
        ["string", "integer", "number", "boolean", "array", "object", ["string", "null"]]
    ),
    "format": st.sampled_from([*sorted({each.format for each in FIELD_TYPES.values()}), "textarea"]),
    "title": st.sampled_from(["Title", "", " ", 5]),
    "default": constants | st.lists(constants, max_size=2),
    "examples": st.lists(constants, max_size=2) | constants,
    "enum": st.lists(constants, max_size=3),
    "oneOf": st.lists(
        st.fixed_dictionaries({"const": constants}, optional={"title": st.sampled_from(["A", ""])}),
        max_size=2,
    ),
    "minLength": st.integers(-1, 3),
    "maxLength": st.integers(-1, 3),
    "minimum": st.integers(-1, 3) | st.text(max_size=1),
    "multipleOf": st.sampled_from([0, 0.5, 1]),
    "maxItems": st.integers(0, 2),
    "uniqueItems": st.booleans(),
    "required": st.booleans(),
    "pattern": st.sampled_from(["^a", "", 1]),
}


def some(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for objects with some of these keywords."""
    return st.fixed_dictionaries({}, optional={name: keywords[name] for name in names})


fields = st.fixed_dictionaries(
    {}, optional={**keywords, "items": some("type", "format", "enum")}
) | st.builds(
    lambda kind, more: {**kind.spelling, **({"items": kind.item.spelling} if kind.item else {}), **more},
    st.sampled_from(list(FIELD_TYPES.values())),
    some("default", "examples", "enum", "title"),
)
layouts: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(["a", "b", "A", 5, None, {"text": "T"}, {"text": ""}, ["a", "b"], [], ["a"] * 7]),
    lambda inner: st.builds(lambda items: {"section": "S", "items": items}, st.lists(inner, max_size=3)),
    max_leaves=8,
)


class FileSchemaTests(SimpleTestCase):
    def test_it_is_a_schema(self) -> None:
        Draft202012Validator.check_schema(SCHEMA)

    def test_the_gallery_and_what_is_exported_of_it(self) -> None:
        for name in NAMES:
            with self.subTest(name=name):
                text = gallery_text(name)
                VALIDATOR.validate(json.loads(text))
                VALIDATOR.validate(to_json(parse_workflow_file(text)))

    def test_the_examples_in_the_documentation(self) -> None:
        """The schema accepts them, and the check finds nothing in them, since programs copy them."""
        text = (django_settings.BASE_DIR / "docs/workflow-format.md").read_text(encoding="utf-8")
        found = re.findall(r"```json\n(\{.*?\n\})\n```", text, re.DOTALL)
        self.assertEqual(len(found), 3)
        for example in found:
            VALIDATOR.validate(json.loads(example))
            report = check_file(parse_workflow_file(example))
            self.assertEqual((report.findings, report.is_complete, report.is_exact), ((), True, True))

    def test_usual_mistakes_are_refused_by_the_schema_alone(self) -> None:
        VALIDATOR.validate(VACATION)
        documents = []
        for mistake, change in MISTAKES.items():
            document = deepcopy(VACATION)
            change(document)
            documents.append((mistake[0], document))
        for (code, _fix), changes in MEANT.items():
            documents += [(code, with_member(*change)) for change in changes]
        caught = [VALIDATOR.is_valid(document) for code, document in documents if code not in RELATED]
        self.assertEqual(sum(caught), 0)
        self.assertGreater(len(caught), 100)

    def test_names_with_a_prefix_are_refused(self) -> None:
        for name in (
            "workspace.decision",
            "$.decision",
            "{{decision}}",
            "Decision",
            "decision.value",
            "",
            5,
            None,
        ):
            with self.subTest(name):
                rule = {"==": [{"var": name}, "approve"]}
                self.assertFalse(VALIDATOR.is_valid(with_member(("completions", 0), "condition", rule)))

    @fuzzed
    @given(rules)
    def test_rules(self, rule: Any) -> None:
        """Beside the names of fields, the schema and the importer say the same of every rule."""
        is_valid = part_validator("rule").is_valid(rule)
        document = with_member(("tasks", 1), "condition", rule)
        if is_valid:
            self.assertEqual(find_rule_problems(rule), [])
        elif isinstance(rule, dict | bool):
            self.assertTrue(codes_of(document), rule)

    @fuzzed
    @given(fields)
    def test_fields(self, field: Any) -> None:
        try:
            parse_fields(of(field))
            problems = set()
        except SchemaError as error:
            problems = {each.code for each in error.problems}
        if part_validator("field").is_valid(field):
            self.assertLessEqual(problems, RELATED, field)
        else:
            self.assertTrue(problems, field)

    @fuzzed
    @given(st.lists(layouts, max_size=3))
    def test_layouts(self, layout: Any) -> None:
        try:
            parse_layout(layout, fields=("a", "b"), exactly_once=False)
            problems = set()
        except LayoutError as error:
            problems = {each.code for each in error.problems}
        if part_validator("layout").is_valid(layout):
            self.assertLessEqual(problems, RELATED, layout)
        else:
            self.assertTrue(problems, layout)

    @settings(fuzzed, max_examples=40)
    @given(st.data())
    def test_whatever_is_imported_is_accepted(self, data: st.DataObject) -> None:
        document = json.loads(gallery_text(data.draw(st.sampled_from(NAMES))))
        for _time in range(data.draw(st.integers(1, 3))):
            *way, name = data.draw(st.sampled_from(list(places(document))))
            place = document
            for step in way:
                place = place[step]
            change = data.draw(st.sampled_from(["remove", "replace", "rule", "field"]))
            if change == "remove":
                del place[name]
            else:
                place[name] = data.draw({"rule": rules, "field": fields}.get(change, json_values()))
        codes = codes_of(document)
        if VALIDATOR.is_valid(document):
            self.assertLessEqual(codes, RELATED, document)
        else:
            self.assertTrue(codes, document)
