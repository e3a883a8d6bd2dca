"""Tests of the conversion between layouts and lines, in any order."""

from typing import Any

from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_design.definition.layouts import LayoutError, parse_layout
from workflow_design.editor.layouts.lines import (
    EndLine,
    FieldLine,
    HeadingLine,
    Line,
    TextLine,
    layout_to_lines,
    line_depths,
    lines_to_json,
    with_fields,
)

NAMES = ("a", "b", "c", "d", "e", "f", "g", "h")
thoroughly = settings(max_examples=300, deadline=None)

arrangements: st.SearchStrategy[list[Line]] = st.lists(
    st.builds(FieldLine, st.sampled_from([*NAMES, "gone"]), st.booleans())
    | st.builds(HeadingLine, st.sampled_from(["One", "Two"]), st.booleans())
    | st.builds(TextLine, st.just("Text"))
    | st.builds(EndLine),
    max_size=16,
)


class LayoutRows(SimpleTestCase):
    def lines(self, layout: Any) -> list[Line]:
        return layout_to_lines(parse_layout(layout, fields=NAMES, exactly_once=False))

    def test_sections_rows_and_texts(self) -> None:
        layout = [
            "a",
            {"section": "One", "items": [["b", "c"], {"text": "Text"}]},
            {"section": "Two", "items": ["d", {"section": "In two", "items": ["e"]}, "f"]},
            "g",
        ]
        self.assertEqual(
            self.lines(layout),
            [
                FieldLine("a"),
                HeadingLine("One"),
                FieldLine("b"),
                FieldLine("c", beside=True),
                TextLine("Text"),
                HeadingLine("Two"),
                FieldLine("d"),
                HeadingLine("In two", inside=True),
                FieldLine("e"),
                EndLine(),
                FieldLine("f"),
                EndLine(),
                FieldLine("g"),
            ],
        )
        self.assertEqual(line_depths(self.lines(layout)), [0, 0, 1, 1, 1, 0, 1, 1, 2, 1, 1, 0, 0])
        self.assertEqual(lines_to_json(self.lines(layout), default=NAMES), layout)

    def test_the_empty_layout_lists_all_and_stays_empty(self) -> None:
        listed = self.lines([])
        self.assertEqual(listed, [FieldLine(name) for name in NAMES])
        self.assertEqual(lines_to_json(listed, default=NAMES), [])
        self.assertEqual(lines_to_json(listed[::-1], default=NAMES), list(NAMES[::-1]))

    def test_newly_chosen_fields_come_last_and_dropped_ones_vanish(self) -> None:
        before = self.lines([["b", "a"], {"section": "One", "items": ["c"]}])
        after = with_fields(before, ("a", "c", "d"), exactly_once=True)
        self.assertEqual(
            after, [FieldLine("a", beside=True), HeadingLine("One"), FieldLine("c"), FieldLine("d")]
        )
        self.assertEqual(
            lines_to_json(after, default=("a", "c", "d")),
            ["a", {"section": "One", "items": ["c", "d"]}],
        )
        self.assertEqual(with_fields(before, ("a",), exactly_once=False)[-1], HeadingLine("One"))

    def test_a_row_that_is_full_goes_on_in_the_next(self) -> None:
        row = [FieldLine(name, beside=True) for name in NAMES]
        self.assertEqual(lines_to_json(row, default=()), [list("abcdef"), ["g", "h"]])

    @thoroughly
    @given(arrangements)
    def test_lines_in_any_order_are_a_layout(self, typed: list[Line]) -> None:
        fitting = with_fields(typed, NAMES, exactly_once=True)
        self.assertEqual(len(line_depths(fitting)), len(fitting))
        layout = lines_to_json(fitting, default=NAMES)
        try:
            parsed = parse_layout(layout, fields=NAMES, exactly_once=True)
        except LayoutError as error:  # lines may nest headings deeper than allowed
            self.assertEqual({problem.code for problem in error.problems} - {"missing-field"}, {"too-deep"})
        else:
            self.assertCountEqual(parsed.fields_in_order, NAMES)
            self.assertEqual(lines_to_json(layout_to_lines(parsed), default=NAMES), layout)
