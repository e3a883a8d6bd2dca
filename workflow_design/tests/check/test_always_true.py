"""Conditions that hold whatever is filled in: somebody meant something else, or nothing."""

import json
from typing import Any

from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_design.check.check_file import check_file
from workflow_design.check.constant_conditions import ConstantConditions
from workflow_design.check.findings import Severity
from workflow_design.definition.file_json import parse_workflow_file
from workflow_design.definition.schema import parse_fields
from workflow_design.engine.conditions.evaluation import holds
from workflow_design.tests.definition.json_strategies import fuzzed
from workflow_design.tests.definition.schema_examples import of
from workflow_design.tests.files import workflow_file
from workflow_design.tests.gallery_files import NAMES, gallery_text

DAYS, DECISION, BOOKED, FIRST = ({"var": name} for name in ("days", "decision", "booked", "first_day"))
WHERE = "/completions/0/condition"


def is_not(field: Any, value: Any) -> dict[str, Any]:
    return {"!=": [field, value]}


ALWAYS: list[Any] = [
    {"==": [1, 1]},
    {"!": [False]},
    {"or": [True, BOOKED]},
    {"or": [is_not(DECISION, "approve"), is_not(DECISION, "reject")]},
    {"!": {"and": [{"==": [DECISION, "approve"]}, {"==": [DECISION, "reject"]}]}},
    {"or": [BOOKED, {"!": BOOKED}]},
    {"or": [is_not(BOOKED, True), BOOKED]},
    {"or": [{"==": [DAYS, None]}, is_not(DAYS, None)]},
    {"or": [is_not(DAYS, 5), is_not(DAYS, 6)]},
    {"or": [{"<": [DAYS, 5]}, {"!": {"<": [DAYS, 5]}}]},
    {"or": [{">": [DAYS, 5]}, {"<=": [DAYS, 5]}, {"==": [DAYS, None]}]},
    {"or": [is_not(FIRST, "2026-07-01"), is_not(FIRST, "2026-07-02")]},
    {"!": {"in": [DECISION, []]}},
    {"if": [BOOKED, True, True]},
    {"and": [{"or": [BOOKED, {"!": BOOKED}]}, {"or": [is_not(DAYS, 5), is_not(DAYS, 6)]}]},
]
SOMETIMES: list[Any] = [
    True,
    None,
    BOOKED,
    {"in": [DECISION, ["approve", "reject", "change"]]},
    is_not(DECISION, None),
    {"or": [{"==": [DECISION, "approve"]}, is_not(DECISION, "approve"), {"==": [1, 2]}, BOOKED, False]}["or"][
        0
    ],
    {"or": [{">": [DAYS, 5]}, {"<=": [DAYS, 5]}]},
    {">=": [DAYS, 1]},
    {"or": [is_not(DAYS, 5), {"<": [DAYS, 5]}]},
    {"or": [is_not(DAYS, 5), {"==": [{"var": "employee_note"}, "x"]}]},
    {"!": {"in": ["x", {"var": "employee_note"}]}},
    {"or": [{"<": [FIRST, "2026-07-01"]}, is_not(FIRST, "2026-07-01")]},
]


comparisons = st.builds(
    lambda operator, number: {operator: [DAYS, number]},
    st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
    st.integers(1, 60) | st.just(2.5) | st.none(),
) | st.builds(lambda numbers: {"in": [DAYS, numbers]}, st.lists(st.integers(1, 4), max_size=3))
plain_rules: st.SearchStrategy[Any] = st.recursive(
    comparisons,
    lambda inner: (
        st.builds(lambda parts: {"and": parts}, st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda parts: {"or": parts}, st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda part: {"!": part}, inner)
    ),
    max_leaves=4,
)


class AlwaysTrueTests(SimpleTestCase):
    def found(self, condition: Any) -> list[tuple[str, str]]:
        first = {"title": "End", "completion_status": "COMPLETED", "fields": ["booked", "decision"]}
        rest = {"title": "Rejected", "completion_status": "CANCELLED", "fields": ["decision"]}
        file = workflow_file(completions=[{**first, "condition": condition}, rest])
        findings = [each for each in check_file(file).findings if each.code == "always-true"]
        self.assertTrue(all(each.fix and each.severity is Severity.WARNING for each in findings))
        return [(each.pointer, each.fix) for each in findings]

    def test_what_always_holds(self) -> None:
        for condition in ALWAYS:
            with self.subTest(condition):
                self.assertEqual([pointer for pointer, _fix in self.found(condition)], [WHERE])

    def test_what_does_not(self) -> None:
        for condition in SOMETIMES:
            with self.subTest(condition):
                self.assertEqual(self.found(condition), [])

    def test_fields_with_few_or_unusual_values(self) -> None:
        moment, text = {"type": "string", "format": "date-time"}, {"type": "string", "maxLength": 3}
        person = {"type": "string", "format": "user"}
        a = {"var": "a"}
        begin, end = "2030-01-01T00:00:00+01:00", "2030-01-01T00:01:00+01:00"
        for schema, between in (
            (moment, {"and": [{">": [a, begin]}, {"<": [a, end]}]}),
            (moment, {"==": [a, "2030-01-01T09:00:00+01:00"]}),
            ({"type": "string", "format": "time"}, {"==": [a, "06:00:00"]}),
            (text, {"and": [is_not(a, "abc"), {">": [a, "abc"]}]}),
            (person, {">": [a, "5"]}),
        ):
            with self.subTest(between):
                fields = parse_fields(of(schema))
                self.assertFalse(ConstantConditions(fields).is_always_true({"!": between}))

    def test_a_field_that_is_only_a_text(self) -> None:
        for condition, where in (
            ({"!=": ["decision", "reject"]}, WHERE),
            ({"or": ["booked", BOOKED]}, WHERE),
            ({"and": ["booked", BOOKED]}, f"{WHERE}/and/0"),
        ):
            with self.subTest(condition):
                ((pointer, fix),) = self.found(condition)
                self.assertEqual(pointer, where)
                self.assertIn('Write {"var": ', fix)

    def test_a_part_of_an_and(self) -> None:
        either = {"or": [is_not(DECISION, "approve"), is_not(DECISION, "reject")]}
        ((where, fix),) = self.found({"and": [BOOKED, either]})
        self.assertEqual(where, f"{WHERE}/and/1")
        self.assertIn("by “and”", fix)

    @settings(fuzzed, max_examples=200)
    @given(plain_rules)
    def test_as_every_value_says(self, rule: Any) -> None:
        fields = parse_fields(of({"type": "integer", "minimum": 1, "maximum": 60}))
        renamed = json.loads(json.dumps(rule).replace('"days"', '"a"'))
        expected = all(holds(renamed, data) for data in ({}, *({"a": number} for number in range(1, 61))))
        self.assertEqual(ConstantConditions(fields).is_always_true(renamed), expected)

    def test_the_gallery_has_none(self) -> None:
        for name in NAMES:
            found = check_file(parse_workflow_file(gallery_text(name))).findings
            self.assertNotIn("always-true", [each.code for each in found], name)
