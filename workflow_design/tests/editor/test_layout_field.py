"""Tests of the layout editor as a form field."""

import json
from typing import Any

from django import forms
from django.http import QueryDict
from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from workflow_design.definition.fields import Fields
from workflow_design.definition.schema import data_validator
from workflow_design.editor.layouts.field import LayoutField
from workflow_design.editor.layouts.lines import (
    EndLine,
    FieldLine,
    HeadingLine,
    Line,
    TextLine,
    TypedLayout,
)
from workflow_design.tests.definition.json_strategies import fuzzed
from workflow_design.tests.editor.row_strategies import FIELDS, SCHEMA

NAMES = ("days", "from", "decision")
LAYOUT = [["days", "from"], {"section": "What", "items": ["decision", {"text": "Text"}]}]
FORM_NAMES = [
    *(f"layout-{part}" for part in ("view", "original", "json")),
    *(f"layout-{n}-{part}" for n in (0, 1) for part in ("kind", "text", "beside", "inside")),
    "_redisplay",
]
FORM_VALUES = [
    *("json", "field", "heading", "end", "text", "days", "gone", "[]", '["days"]', "[[]]"),
    *(f"layout:{action}" for action in ("up:1", "down:0", "remove:0", "show:days", "reset", "json", "lines")),
]


def make_form(data: Any = None, *, layout: Any = None, exactly_once: bool = True, names: Any = NAMES) -> Any:
    class LayoutForm(forms.Form):
        layout = LayoutField(names, FIELDS, exactly_once=exactly_once, validator=data_validator(SCHEMA))

    return LayoutForm(data, initial={} if layout is None else {"layout": layout})


def post(*lines: Line, original: Any = None, **more: str) -> QueryDict:
    """Return the form data of an editor with these lines."""
    data = QueryDict(mutable=True)
    data["layout-view"] = "lines"
    data["layout-original"] = "" if original is None else json.dumps(original)
    for number, line in enumerate(lines):
        for part, value in _parts(line).items():
            data[f"layout-{number}-{part}"] = value
    data.update(more)
    return data


def _parts(line: Line) -> dict[str, str]:
    match line:
        case FieldLine(name, beside):
            return {"kind": "field", "text": name} | ({"beside": "on"} if beside else {})
        case HeadingLine(title, inside):
            return {"kind": "heading", "text": title} | ({"inside": "on"} if inside else {})
        case TextLine(text):
            return {"kind": "text", "text": text}
    return {"kind": "end"}


class LayoutFields(SimpleTestCase):
    def layout(self, data: QueryDict, **options: Any) -> Any:
        form = make_form(data, **options)
        self.assertTrue(form.is_valid(), form.errors)
        return form.cleaned_data["layout"]

    def assert_refused(self, data: QueryDict, message: str, **options: Any) -> str:
        form = make_form(data, **options)
        self.assertFalse(form.is_valid())
        self.assertIn(message, " ".join(form.errors["layout"]))
        return str(form["layout"].as_widget(attrs={"class": "is-invalid"}))

    def redisplay(self, *lines: Line, action: str, exactly_once: bool = True, **more: str) -> TypedLayout:
        form = make_form(post(*lines, _redisplay=f"layout:{action}", **more), exactly_once=exactly_once)
        self.assertFalse(form.is_valid())
        value: TypedLayout = form["layout"].value()
        return value

    def test_an_unchanged_editor_returns_the_stored_layout(self) -> None:
        for layout in (LAYOUT, [], ["decision", "from", "days"]):
            form = make_form(layout=layout)
            typed = form["layout"].value()
            data = post(*typed.lines, original=layout)
            self.assertEqual(self.layout(data), layout)

    def test_an_unchanged_layout_keeps_its_notation(self) -> None:
        original: list[Any] = [["days"], "from", {"section": "What", "items": ["decision"]}]
        lines = make_form(layout=original)["layout"].value().lines
        self.assertEqual(self.layout(post(*lines, original=original)), original)
        moved = (lines[1], lines[0], *lines[2:])
        expected = ["from", "days", {"section": "What", "items": ["decision"]}]
        self.assertEqual(self.layout(post(*moved, original=original)), expected)
        self.assertEqual(self.layout(post(*lines, **{"layout-original": "["})), ["days", *original[1:]])

    def test_a_form_shows_each_of_its_fields_once(self) -> None:
        lines = (FieldLine("decision"), FieldLine("note"), FieldLine("decision"), FieldLine("gone"))
        self.assertEqual(self.layout(post(*lines)), ["decision", "days", "from"])
        self.assertEqual(self.layout(post()), [])
        changed = make_form(layout=LAYOUT, names=("days", "cost"))["layout"].value()
        self.assertEqual(
            changed.lines, (FieldLine("days"), HeadingLine("What"), TextLine("Text"), FieldLine("cost"))
        )

    def test_a_page_for_reading_may_omit_fields(self) -> None:
        options = {"exactly_once": False}
        self.assertEqual(self.layout(post(FieldLine("days")), **options), ["days"])
        self.assertEqual(self.layout(post(FieldLine("note")), **options), ["note"])
        self.assertEqual(self.layout(post(*map(FieldLine, NAMES)), **options), [])
        self.assert_refused(post(), "Show at least one field", **options)
        html = str(make_form(layout=["days"], exactly_once=False)["layout"])
        self.assertIn('value="layout:show:decision"', html)
        self.assertNotIn('value="layout:show:days"', html)

    def test_headings_and_texts(self) -> None:
        lines = (HeadingLine("What"), FieldLine("days"), HeadingLine("In", inside=True), FieldLine("from"))
        self.assertEqual(
            self.layout(post(*lines, EndLine(), EndLine(), TextLine("a\r\nb"), FieldLine("decision"))),
            [
                {"section": "What", "items": ["days", {"section": "In", "items": ["from"]}]},
                {"text": "a\nb"},
                "decision",
            ],
        )

    def test_unfinished_and_invalid_lines_are_rejected(self) -> None:
        html = self.assert_refused(
            post(FieldLine("days"), HeadingLine(" ")), "Line 2: enter a text for the heading"
        )
        self.assertIn('id="id_layout-1-error"', html)
        self.assertEqual(self.layout(post(*map(FieldLine, NAMES), TextLine(""))), [])
        self.assert_refused(post(HeadingLine("x" * 10_000)), "1 to 255 characters")
        self.assert_refused(post(TextLine("\0")), "/0/text")
        self.assert_refused(post(TextLine("\ud800")), "/0/text")
        deep = [HeadingLine("x", inside=True)] * 4
        self.assert_refused(post(*deep), "Sections can be nested at most")

    def test_moving(self) -> None:
        lines = tuple(map(FieldLine, NAMES))
        state = self.redisplay(*lines, action="up:2")
        self.assertEqual([line.name for line in state.lines], ["days", "decision", "from"])  # type: ignore[union-attr]
        self.assertEqual(state.focus, "-1-up")
        state = self.redisplay(*lines, action="down:1")
        self.assertEqual(state.focus, "-2-up")  # it is last, so the down button is disabled
        for nonsense in ("up:0", "down:2", "up:99", "up:-1", "up:x", "up", "remove:", "nothing:1", "update"):
            self.assertEqual(self.redisplay(*lines, action=nonsense).lines, lines)

    def test_adding_and_removing(self) -> None:
        lines = tuple(map(FieldLine, NAMES))
        self.assertEqual(self.redisplay(*lines, action="heading").lines, (*lines, HeadingLine("")))
        self.assertEqual(self.redisplay(*lines, action="text").lines, (*lines, TextLine("")))
        self.assertEqual(self.redisplay(*lines, action="end").lines, (*lines, EndLine()))
        self.assertEqual(self.redisplay(*lines, HeadingLine("x"), action="remove:3").lines, lines)
        state = self.redisplay(*lines, action="remove:1", exactly_once=False)
        self.assertEqual(state.lines, (lines[0], lines[2]))
        state = self.redisplay(*lines, action="show:note", exactly_once=False)
        self.assertEqual(state.lines, (*lines, FieldLine("note")))
        self.assertEqual(self.redisplay(*lines, action="show:gone", exactly_once=False).lines, lines)
        self.assertEqual(self.redisplay(*lines[::-1], TextLine("x"), action="reset").lines, lines)

    def test_json_is_the_other_view(self) -> None:
        state = self.redisplay(*map(FieldLine, NAMES), HeadingLine("x"), action="json")
        self.assertEqual(json.loads(state.text), [*NAMES, {"section": "x", "items": []}])
        data = QueryDict(mutable=True)
        data.update({"layout-view": "json", "layout-json": json.dumps(LAYOUT)})
        self.assertEqual(self.layout(data), LAYOUT)
        data["_redisplay"] = "layout:lines"
        typed = make_form(data)["layout"].value()
        self.assertEqual(
            (typed.view, typed.lines), ("lines", make_form(layout=LAYOUT)["layout"].value().lines)
        )

    def test_invalid_json_is_rejected_with_pointers(self) -> None:
        for text, message in (
            ('["days", "from"]', "The field “decision” is missing."),
            ('["days", "days", "from", "decision"]', "/1: The field “days” appears here twice."),
            ('["gone"]', "/0: The field “gone” can't be used here."),
            ('{"html": 1}', "This must be a list"),
            ("[1", "This is not JSON"),
            ("[" * 100_000, "deep"),
            ('[{"text": "\\u0000"}]', "/0/text"),
        ):
            data = QueryDict(mutable=True)
            data.update({"layout-view": "json", "layout-json": text})
            self.assert_refused(data, message)
            data["_redisplay"] = "layout:lines"
            typed = make_form(data)["layout"].value()
            self.assertEqual((typed.view, typed.text), ("json", text))
            self.assertIn(message, typed.notice)

    def test_the_preview_is_the_form_itself(self) -> None:
        html = str(make_form(layout=LAYOUT)["layout"])
        preview = html[html.index("tf-layout-preview") :]
        self.assertIn('<fieldset class="tf-preview" disabled>', preview)
        self.assertIn("<legend>What</legend>", preview)
        self.assertIn('id="id_layout-preview-days"', preview)
        self.assertNotIn('name="days"', preview)
        self.assertIn("(optional)", preview)

    def test_the_preview_of_a_page_has_sample_values(self) -> None:
        html = str(make_form(layout=["colours", "booked", "scan"], exactly_once=False)["layout"])
        preview = html[html.index("tf-layout-preview") :]
        for value in ("red", "Yes", "offer.pdf"):
            self.assertIn(value, preview)
        self.assertNotIn("Days", preview)

    def test_no_preview_of_an_incomplete_layout(self) -> None:
        data = QueryDict(mutable=True)
        data.update({"layout-view": "json", "layout-json": '["days"', "_redisplay": "layout:update"})
        self.assertIn("when the layout is complete", str(make_form(data)["layout"]))

    def test_texts_from_designers_are_escaped(self) -> None:
        hostile = "<script>{{ 7*7 }}{% now %}"
        html = str(make_form(layout=[*NAMES, {"section": hostile, "items": [{"text": hostile}]}])["layout"])
        self.assertNotIn("<script>", html)
        self.assertIn("&lt;script&gt;{{ 7*7 }}{% now %}", html)

    @fuzzed
    @given(
        st.dictionaries(
            st.sampled_from(FORM_NAMES), st.text(max_size=8) | st.sampled_from(FORM_VALUES), max_size=9
        ),
        st.booleans(),
    )
    def test_any_form_data_gives_a_page(self, form_data: dict[str, str], exactly_once: bool) -> None:
        data = QueryDict(mutable=True)
        data.update(form_data)
        form = make_form(data, exactly_once=exactly_once)
        form.is_valid()
        self.assertIn("tf-editor", str(form["layout"]))

    def test_forty_fields_with_their_preview_leave_room_in_a_page(self) -> None:
        schema = {"type": "object", "properties": {f"f{n}": {"type": "integer"} for n in range(40)}}
        validator = data_validator(schema)

        class Large(forms.Form):
            layout = LayoutField(
                tuple(validator.fields), validator.fields, exactly_once=True, validator=validator
            )

        self.assertLess(len(str(Large()["layout"])), 80_000)  # of the 100 kB of a page

    def test_no_field_at_all(self) -> None:
        class Empty(forms.Form):
            layout = LayoutField((), Fields(()), exactly_once=True)

        self.assertIn("Choose fields first", str(Empty()["layout"]))
        form = Empty(QueryDict("layout-view=lines"))
        self.assertTrue(form.is_valid())
        self.assertEqual(form.cleaned_data["layout"], [])
