"""Tests of forms for any workspace fields: conversion of input, and errors beside the fields."""

from collections.abc import Collection, Mapping
from datetime import timedelta, timezone
from typing import Any

from django.http import QueryDict
from django.template import Context, Template
from django.test import SimpleTestCase
from django.utils import timezone as site_time

from workflow_design.definition.schema import DataValidator
from workflow_design.workspace.controls import FileInfo, Sources, texts_of
from workflow_design.workspace.forms import WorkspaceForm

SCHEMA = {
    "type": "object",
    "required": ["line", "sure"],
    "properties": {
        "line": {"type": "string", "title": "A <b>line</b>", "description": "{{ 7*7 }} <i>", "maxLength": 20},
        "text": {"type": "string", "format": "multiline"},
        "mail": {"type": "string", "format": "email"},
        "link": {"type": "string", "format": "uri"},
        "day": {"type": "string", "format": "date"},
        "clock": {"type": "string", "format": "time"},
        "moment": {"type": "string", "format": "date-time"},
        "few": {"type": "string", "enum": ["a", "b"]},
        "many": {"type": "integer", "enum": list(range(1, 10))},
        "amount": {"type": "number", "minimum": 0, "default": 2.5},
        "count": {"type": "integer", "maximum": 9},
        "sure": {"type": "boolean"},
        "tags": {"type": "array", "uniqueItems": True, "items": {"enum": ["x", "y", "z"]}},
        "who": {"type": "string", "format": "user"},
        "paper": {"type": "string", "format": "file"},
        "papers": {"type": "array", "items": {"type": "string", "format": "file"}},
    },
}
FILLED = {
    "line": "One",
    "text": "Two\r\nlines",
    "mail": "a@b.example",
    "link": "https://example.org/",
    "day": "2026-07-01",
    "clock": "09:30",
    "moment": "2026-07-01T09:30",
    "few": "b",
    "many": "7",
    "amount": "3.0",
    "count": "4",
    "sure": "False",
    "tags": ["x", "z"],
    "who": "12",
    "paper": "5",
    "papers": ["5", "6"],
}
VALUES = {
    **FILLED,
    "text": "Two\nlines",
    "moment": "2026-07-01T07:30:00Z",
    "many": 7,
    "amount": 3,
    "count": 4,
    "sure": False,
}


def _files(ids: Collection[str]) -> Mapping[str, FileInfo]:
    return {key: FileInfo(key, f"<{key}>.pdf", f"/files/{key}/", 9) for key in ids if key in {"5", "6"}}


SOURCES = Sources(people=lambda: [("12", "Ada <b>"), ("13", "Ben")], files=_files)


def form_data(values: Mapping[str, Any]) -> QueryDict:
    """Return the values as a browser submits them."""
    data = QueryDict(mutable=True)
    for name, value in values.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def make_form(values: Mapping[str, Any] | None = None, **more: Any) -> WorkspaceForm:
    """Return a form for all fields."""
    validator = DataValidator(SCHEMA)
    more = {"names": list(validator.fields), "layout": [], "sources": SOURCES, **more}
    return WorkspaceForm(validator=validator, data=None if values is None else form_data(values), **more)


def render(form: WorkspaceForm) -> str:
    """Return the HTML of a form."""
    return Template("{% form_fields form %}").render(Context({"form": form}))


class Values(SimpleTestCase):
    """Conversion of form data to the values of a write."""

    def test_every_kind(self) -> None:
        with site_time.override(timezone(timedelta(hours=2))):
            form = make_form(FILLED)
            self.assertEqual(form.errors, {})
            self.assertEqual(form.values(), VALUES)
        self.assertEqual(form.file_ids(), ["5", "5", "6"])

    def test_an_unchanged_form_returns_the_same_values(self) -> None:
        with site_time.override(timezone(timedelta(hours=2))):
            form = make_form(workspace=VALUES)
            again = {name: form[name].value() for name in form.fields}
            texts = {name: v if isinstance(v, list) else str(v) for name, v in again.items()}
            self.assertEqual(make_form(texts).values(), VALUES)

    def test_moments_that_the_time_zone_moves_out_of_the_calendar(self) -> None:
        with site_time.override(timezone(timedelta(hours=-5))):
            self.assertEqual(list(make_form(FILLED | {"moment": "9999-12-31T23:00"}).errors), ["moment"])
            stored = "0001-01-01T00:00:00Z"
            self.assertEqual(make_form(workspace=VALUES | {"moment": stored})["moment"].value(), stored)

    def test_blank_is_absent(self) -> None:
        form = make_form({**dict.fromkeys(FILLED, ""), "line": "x", "sure": "True", "tags": [], "papers": []})
        self.assertEqual(form.errors, {})
        self.assertEqual(form.values(), {"line": "x", "sure": True})

    def test_required_must_be_answered(self) -> None:
        form = make_form({})
        self.assertEqual(set(form.errors), {"line", "sure"})

    def test_only_spaces_are_blank(self) -> None:
        self.assertIn("line", make_form({"line": "   ", "sure": "True"}).errors)

    def test_draft_requires_nothing(self) -> None:
        form = make_form({"count": "3"}, is_draft=True)
        self.assertEqual(form.errors, {})
        self.assertEqual(form.values(), {"count": 3})
        self.assertTrue(form.fields["line"].required)

    def test_only_requested_fields(self) -> None:
        form = make_form(FILLED, names=["line"])
        self.assertEqual(form.values(), {"line": "One"})


class Refusals(SimpleTestCase):
    """Errors, each beside its field."""

    def test_values_that_do_not_fit(self) -> None:
        wrong = {
            "line": "x" * 21,
            "mail": "nobody",
            "link": "javascript:alert(1)",
            "day": "2026-02-31",
            "clock": "25:00",
            "moment": "yesterday",
            "few": "c",
            "many": "99",
            "amount": "-1",
            "count": "10",
            "sure": "maybe",
            "tags": ["x", "q"],
            "who": "99",
            "paper": "99",
            "papers": ["5", "99"],
        }
        for name, value in wrong.items():
            with self.subTest(field=name):
                form = make_form({**FILLED, name: value})
                self.assertEqual(set(form.errors), {name})
                render(form)

    def test_hostile_texts(self) -> None:
        for name in FILLED:
            for text in (
                "\x00",
                "1e400",
                "9" * 5000,
                "<script>",
                "{{ 7*7 }}",
                "\u202e",
                "NaN",
                "Infinity",
                "²",
            ):
                with self.subTest(field=name, text=text[:9]):
                    form = make_form({**FILLED, name: text})
                    form.is_valid()
                    self.assertNotIn("<script>", render(form))

    def test_reasons_why_files_were_refused(self) -> None:
        form = make_form(FILLED, refused={"paper": ["Too large."]})
        self.assertEqual(form.errors["paper"], ["Too large."])


class Drawing(SimpleTestCase):
    """Rendering of layouts; nothing that a designer wrote is interpreted as a template or markup."""

    layout = [
        {"section": "{{ 7*7 }} <b>S</b>", "items": ["line", ["day", "clock"], {"text": "{% load x %} <u>"}]},
        *(name for name in FILLED if name not in {"line", "day", "clock"}),
    ]

    def test_escapes(self) -> None:
        html = render(make_form(layout=self.layout, workspace={"paper": "5"}))
        self.assertIn("<legend>{{ 7*7 }} &lt;b&gt;S&lt;/b&gt;</legend>", html)
        self.assertIn("{% load x %} &lt;u&gt;", html)
        self.assertIn("A &lt;b&gt;line&lt;/b&gt;", html)
        self.assertIn("{{ 7*7 }} &lt;i&gt;", html)
        self.assertIn("Keep &lt;5&gt;.pdf", html)
        self.assertIn("Ada &lt;b&gt;", html)

    def test_order_is_that_of_the_layout(self) -> None:
        form = make_form(layout=[["day", "line"], *(n for n in FILLED if n not in {"day", "line"})])
        self.assertEqual(list(form.fields)[:2], ["day", "line"])
        self.assertIn('<div class="row">', render(form))

    def test_yes_or_no_is_asked_without_an_answer_given(self) -> None:
        html = render(make_form(names=["sure"]))
        self.assertInHTML(
            '<input type="radio" name="sure" value="True" class="form-check-input" id="id_sure_0" required>',
            html,
        )
        self.assertNotIn("checked", html)

    def test_every_default_is_shown_and_taken(self) -> None:
        text = {"type": "string"}
        for keywords, default in (
            ({**text, "format": "time"}, "09:30:00+02:00"),
            ({**text, "format": "time"}, "09:30:00.250"),
            ({**text, "format": "date-time"}, "2026-07-01T09:30:15.5+02:00"),
            ({**text, "format": "date"}, "2026-07-01"),
            (text, " two\nlines "),
            (text, "M\u0075\u0308ller"),
            (text, "x" * 5000),
            ({**text, "format": "multiline"}, "\n  indented\n"),
            ({**text, "format": "tel"}, "(030) 901820-7"),
            ({"type": "number"}, 1e-7),
            ({"type": "number", "format": "money"}, 1250.5),
            ({"type": "integer"}, -3),
            ({"type": "boolean"}, False),
            ({"enum": [0, 1.5]}, 0),
            ({"type": "array", "items": {"enum": ["a, b", "c"]}}, ["a, b"]),
        ):
            schema = {
                "type": "object",
                "required": ["f"],
                "properties": {"f": {**keywords, "default": default}},
            }
            with self.subTest(default=default):
                validator = DataValidator(schema)
                options: Any = {"validator": validator, "names": ["f"], "layout": [], "sources": SOURCES}
                empty = WorkspaceForm(**options)
                texts = texts_of(empty.fields["f"], empty.initial["f"])
                self.assertTrue(texts and texts[0].strip())
                sent = WorkspaceForm(**options, data=form_data({"f": texts}))
                self.assertTrue(sent.is_valid(), sent.errors)
                self.assertEqual(sent.values(), {"f": default})

    def test_typed_texts_are_stored_in_composed_form(self) -> None:
        form = make_form({**FILLED, "line": "Mu\u0308ller", "text": "a\u0308\nb"})
        self.assertEqual((form.values()["line"], form.values()["text"]), ("M\u00fcller", "\u00e4\nb"))

    def test_defaults_prefill_unless_there_is_a_draft(self) -> None:
        self.assertEqual(make_form()["amount"].value(), "2.5")
        self.assertEqual(make_form(workspace={"amount": 9})["amount"].value(), "9")
        self.assertIsNone(make_form(workspace={"amount": 9}, draft={"line": "x"})["amount"].value())
