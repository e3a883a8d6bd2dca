"""Subjects of tickets: what is shown of the fields, what goes with an empty one, and how long they are."""

from typing import Any

from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st

from ticketflower.formats import FORMAT, Format
from workflow_design.definition.fields import Fields
from workflow_design.definition.schema import parse_fields
from workflow_design.definition.subjects import (
    MAX_SUBJECT_LENGTH,
    Naming,
    default_subject,
    fields_for_subjects,
    naming_of,
    rename_in_subject,
)

TEXT = {"type": "string"}
FIELDS: Fields = parse_fields(
    {
        "type": "object",
        "properties": {
            "a": TEXT,
            "b": TEXT,
            "c": TEXT,
            "note": {"type": "string", "format": "multiline"},
            "day": {"type": "string", "format": "date"},
            "size": {"oneOf": [{"const": "s", "title": "Small"}, {"const": "l", "title": "Large"}]},
            "count": {"type": "integer"},
            "price": {"type": "number", "format": "money"},
            "who": {"type": "string", "format": "user"},
        },
        "required": ["note", "size", "day"],
    }
)
FAMILY = "👨\u200d👩\u200d👧"


def subject(template: str, **data: Any) -> str:
    return Naming(template, "", FIELDS).subject(data)


class Subjects(SimpleTestCase):
    def test_what_goes_with_empty_fields(self) -> None:
        for template, data, expected in (
            ("{a}, {b}, {c}", "abc", "A, B, C"),
            ("{a}, {b}, {c}", "ac", "A, C"),
            ("{a}, {b}, {c}", "bc", "B, C"),
            ("{a}, {b}, {c}", "a", "A"),
            ("{a}, {b}, {c}", "", ""),
            ("{a} ({b} days), {c}", "abc", "A (B days), C"),
            ("{a} ({b} days), {c}", "ac", "A, C"),
            ("{a} ({b}, {c})", "ac", "A (C)"),
            ("{a} ({b}, {c})", "a", "A"),
            ("{a} for {b}", "ab", "A for B"),
            ("{a} for {b}", "a", "A"),
            ("{a} for {b}", "b", "B"),
            ("Trip: {a}, {b}", "b", "Trip, B"),
            ("Trip to {a}, {b}", "b", "B"),
            ("Trip to {a}", "", ""),
            ("{a}-{b}", "a", "A"),
            ("{a} :( {b}", "ab", "A :( B"),
            ("{{{a}", "a", "{A"),
            ("{gone} {a}", "a", "A"),
        ):
            with self.subTest(template, data=data):
                self.assertEqual(subject(template, **{name: name.upper() for name in data}), expected)

    def test_in_the_format_of_the_company(self) -> None:
        data = {"size": "l", "day": "2026-12-05", "count": 12345, "price": 1234.5}
        template = "{size}, {day}, {count}, {price}"
        for language, expected in (
            ("en", "Large, 5 December 2026, 12,345, 1,234.50\u00a0EUR"),
            ("de", "Large, 5. Dezember 2026, 12.345, 1.234,50\u00a0EUR"),
        ):
            token = FORMAT.set(Format(language, "EUR", in_own_words=True))
            self.addCleanup(FORMAT.reset, token) if language == "en" else None
            self.assertEqual(subject(template, **data), expected)

    def test_one_line_without_what_is_not_seen(self) -> None:
        self.assertEqual(
            subject("{a}", a=" first\nsecond\t\x00third \u202eback\u202c "), "first second third back"
        )
        self.assertEqual(subject("{a}, {b}", a="\u200b\u2066\u2069", b="B"), "B")
        self.assertEqual(subject("{a}", a=f"{FAMILY} שלום"), f"{FAMILY} שלום")

    def test_cut_at_the_end_of_a_word(self) -> None:
        self.assertEqual(subject("{a}", a="x" * 120), "x" * 120)
        self.assertEqual(subject("{a}", a="x" * 121), "x" * 119 + "…")
        self.assertEqual(subject("{a}", a="word " * 40), "word " * 23 + "word…")
        self.assertEqual(subject("{a} {b}", a="x" * 100, b="y" * 40), "x" * 100 + "…")
        self.assertEqual(subject("{a}", a=FAMILY * 50), FAMILY * 23 + "…")

    @settings(max_examples=100)
    @given(st.text(max_size=60), st.dictionaries(st.sampled_from(["a", "b", "c"]), st.text(max_size=200)))
    def test_is_never_too_long(self, text: str, data: dict[str, str]) -> None:
        found = subject(f"{{a}}{text}{{b}} ({{c}})", **data)
        self.assertLessEqual(len(found), MAX_SUBJECT_LENGTH)
        self.assertNotRegex(found, r"[\x00-\x1f\x7f]")
        self.assertEqual(found, found.strip(" "))

    def test_the_default(self) -> None:
        self.assertEqual(default_subject(["a", "note", "day", "size"], FIELDS), "{day}")
        self.assertEqual(default_subject(["a", "note", "who"], FIELDS), "")
        self.assertEqual(naming_of("", None, ["size"], FIELDS).subject({"size": "s"}), "Small")
        self.assertEqual(naming_of("{a}", None, ["size"], FIELDS).subject({"size": "s", "a": "A"}), "A")

    def test_fields_that_may_be_shown(self) -> None:
        found = [field.name for field in fields_for_subjects([*FIELDS], FIELDS)]
        self.assertEqual(found, ["a", "b", "c", "day", "size", "count", "price"])

    def test_fields_are_renamed_and_removed(self) -> None:
        for template, names, expected in (
            ("{a} ({b} days), {{ {c}", {"b": "d"}, "{a} ({d} days), {{ {c}"),
            ("{a} ({b} days), {{ {c}", {"b": None}, "{a}, {{ {c}"),
            ("Trip to {a}", {"a": None}, ""),
            ("Trip  to {a}", {"b": None}, "Trip  to {a}"),
        ):
            with self.subTest(template, names=names):
                self.assertEqual(rename_in_subject(template, lambda name: names.get(name, name)), expected)  # noqa: B023


class Priorities(SimpleTestCase):
    def test_the_place_in_the_choice(self) -> None:
        naming = naming_of("", "size", ["a"], FIELDS)
        self.assertEqual([naming.priority({"size": each}) for each in ("s", "l", "xl")], [0, 1, None])
        self.assertIsNone(naming.priority({}))
        self.assertIsNone(naming_of("", None, ["a"], FIELDS).priority({"size": "s"}))
