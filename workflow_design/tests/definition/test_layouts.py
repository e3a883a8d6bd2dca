"""Parsing of layouts: they are read, or refused with all their problems."""

from typing import Any

from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from workflow_design.definition.layouts import (
    FieldItem,
    Layout,
    LayoutError,
    RowItem,
    SectionItem,
    TextItem,
    parse_layout,
)
from workflow_design.tests.definition.json_strategies import each, fuzzed, json_values

FIELDS = ("days", "first_day", "note")


class ParseTests(SimpleTestCase):
    def test_every_kind_of_item(self) -> None:
        layout = parse_layout(
            [{"text": "Please fill in."}, {"section": "When", "items": [["first_day", "days"]]}, "note"],
            fields=FIELDS,
            exactly_once=True,
        )
        when = SectionItem("When", (RowItem(("first_day", "days")),))
        self.assertEqual(layout, Layout((TextItem("Please fill in."), when, FieldItem("note"))))
        self.assertEqual(layout.fields_in_order, ("first_day", "days", "note"))

    def test_an_empty_list_shows_all_fields_in_their_order(self) -> None:
        for exactly_once in each(True, False):
            layout = parse_layout([], fields=FIELDS, exactly_once=exactly_once)
            self.assertEqual(layout.items, tuple(map(FieldItem, FIELDS)))
        self.assertEqual(parse_layout([], fields=(), exactly_once=True), Layout(()))

    def test_a_page_may_leave_fields_out(self) -> None:
        self.assertEqual(parse_layout(["note"], fields=FIELDS, exactly_once=False).fields_in_order, ("note",))

    def test_text_is_not_a_template(self) -> None:
        text = "{% load x %}{{ settings.SECRET_KEY }}<script>"
        layout = parse_layout([{"text": text}], fields=(), exactly_once=True)
        self.assertEqual(layout.items, (TextItem(text),))


class RefusalTests(SimpleTestCase):
    def problems(self, layout: Any, *, exactly_once: bool = False) -> list[tuple[str, str]]:
        try:
            parse_layout(layout, fields=FIELDS, exactly_once=exactly_once)
        except LayoutError as error:
            return [(problem.pointer, problem.code) for problem in error.problems]
        return []

    def test_fields(self) -> None:
        self.assertEqual(
            self.problems(["x", ["days", "y"]]), [("/0", "unknown-field"), ("/1/1", "unknown-field")]
        )
        self.assertEqual(self.problems(["days", ["note", "days"]]), [("/1/1", "doubled-field")])
        self.assertEqual(self.problems([["days", "days"]]), [("/0/1", "doubled-field")])
        self.assertEqual(self.problems(["days"], exactly_once=True), [("", "missing-field")] * 2)
        section = [{"section": "A", "items": ["days"]}, "days"]
        self.assertEqual(self.problems(section, exactly_once=True)[0], ("/1", "doubled-field"))

    def test_items(self) -> None:
        for item in each(None, 1, True, {}, {"items": []}, {"html": "<b>"}):
            self.assertEqual(self.problems([item]), [("/0", "wrong-type")])
        for layout in each(None, "days", {}, {"section": "A", "items": []}, 1):
            self.assertEqual(self.problems(layout, exactly_once=True), [("", "wrong-type")])
        self.assertEqual(self.problems([[]]), [("/0", "wrong-number-of-fields")])
        self.assertEqual(
            self.problems([["days", 1, ["note"]]]), [("/0/1", "wrong-type"), ("/0/2", "wrong-type")]
        )
        self.assertIn(("/0", "wrong-number-of-fields"), self.problems([["x"] * 7]))

    def test_sections_and_texts(self) -> None:
        self.assertEqual(self.problems([{"section": "A"}]), [("/0/items", "wrong-type")])
        self.assertEqual(
            self.problems([{"section": "A", "items": [], "x/y": 1}]), [("/0/x~1y", "unknown-member")]
        )
        self.assertEqual(self.problems([{"text": "A", "items": []}]), [("/0/items", "unknown-member")])
        for title in each("", " ", 1, None, ["a"], "x" * 256):
            self.assertEqual(
                self.problems([{"section": title, "items": []}]), [("/0/section", "wrong-value")]
            )
        for text in each("", 1, None, {}, "x" * 5001):
            self.assertEqual(self.problems([{"text": text}]), [("/0/text", "wrong-value")])

    def test_depth_and_size(self) -> None:
        layout: Any = ["days"]
        for _level in range(3):
            layout = [{"section": "A", "items": layout}]
        self.assertEqual(self.problems(layout), [])
        self.assertEqual(
            self.problems([{"section": "A", "items": layout}]), [("/0/items" * 3 + "/0", "too-deep")]
        )
        for _level in range(100_000):
            layout = [layout]
        self.assertEqual([code for _pointer, code in self.problems(layout)], ["too-deep"])
        self.assertEqual(self.problems([{"text": "x"}] * 10_000), [("", "too-large")])
        self.assertEqual(self.problems([{"text": "\0"}]), [("/0/text", "bad-character")])

    def test_all_problems_at_once(self) -> None:
        layout = ["x", {"section": "", "items": ["days", {"text": 1}]}, "days", 7]
        self.assertEqual(
            self.problems(layout, exactly_once=True),
            [
                ("/0", "unknown-field"),
                ("/1/section", "wrong-value"),
                ("/1/items/1/text", "wrong-value"),
                ("/2", "doubled-field"),
                ("/3", "wrong-type"),
                ("", "missing-field"),
                ("", "missing-field"),
            ],
        )

    names = st.sampled_from([*FIELDS, "section", "items", "text", "x"])

    @fuzzed
    @given(json_values(names, max_leaves=25), st.booleans())
    def test_any_value_is_read_or_refused(self, layout: Any, exactly_once: bool) -> None:
        try:
            parsed = parse_layout(layout, fields=FIELDS, exactly_once=exactly_once)
        except LayoutError as error:
            self.assertTrue(error.problems)
            return
        self.assertLessEqual(set(parsed.fields_in_order), set(FIELDS))
        self.assertEqual(len(parsed.fields_in_order), len(set(parsed.fields_in_order)))
