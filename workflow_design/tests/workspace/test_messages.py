"""Messages filled with the values of a workspace."""

from datetime import UTC

from django.test import SimpleTestCase

from users.models import Company
from users.sessions import use_format_of
from workflow_design.definition.schema import DataValidator
from workflow_design.tests.workspace.test_reading import FIELDS, NAMES
from workflow_design.tests.workspace.test_workspace_forms import VALUES
from workflow_design.workspace.messages import fill_subject, fill_text


def text(template: str, **data: object) -> str:
    action = {"chat": {"connection": "Team", "text": template}}
    return fill_text(action, data, FIELDS, NAMES)


def subject(template: str, **data: object) -> str:
    action = {"email": {"to": {"role": "HR"}, "subject": template, "text": "-"}}
    return fill_subject(action, data, FIELDS, NAMES)


class FilledMessages(SimpleTestCase):
    def test_every_kind_as_people_see_it(self) -> None:
        for name, words in {
            "line": "One",
            "text": "Two\nlines",
            "mail": "a@b.example",
            "link": "https://example.org/",
            "day": "1 July 2026",
            "clock": "09:30",
            "moment": "1 July 2026, 07:30",
            "few": "b",
            "many": "7",
            "amount": "3",
            "sure": "No",
            "tags": "x, z",
            "who": "Ada <b>",
            "paper": "<5>.pdf",
            "papers": "<5>.pdf, <6>.pdf",
        }.items():
            with self.subTest(name):
                self.assertEqual(text(f"{{{name}}}", **VALUES), words)

    def test_labels_and_money(self) -> None:
        choice = {"oneOf": [{"const": "a", "title": "All, really"}]}
        schema = {
            "type": "object",
            "properties": {"few": choice, "price": {"type": "number", "format": "money"}},
        }
        action = {"chat": {"connection": "Team", "text": "{few} {price}"}}
        with use_format_of(Company(currency="EUR")):
            filled = fill_text(action, {"few": "a", "price": 1234.5}, DataValidator(schema).fields, NAMES)
        self.assertEqual(filled, "All, really 1,234.50\u00a0EUR")

    def test_the_company_s_format(self) -> None:
        schema = {
            "type": "object",
            "properties": {
                "price": {"type": "number", "format": "money"},
                "day": {"type": "string", "format": "date"},
                "at": {"type": "string", "format": "date-time"},
            },
        }
        fields = DataValidator(schema).fields
        data = {"price": 1234.5, "day": "2026-03-01", "at": "2026-03-01T22:30:00Z"}
        action = {"chat": {"connection": "Team", "text": "{price}; {day}; {at}"}}
        for language, words in {
            "de": "1.234,50\xa0EUR; 1. März 2026; 1. März 2026, 23:30",
            "fr": "1\xa0234,50\xa0EUR; 1 mars 2026; 1 mars 2026, 23:30",
            "ja": "1,234.50\xa0EUR; 2026年3月1日; 2026年3月1日, 23:30",
            "en": "1,234.50\xa0EUR; 1 March 2026; 1 March 2026, 23:30",
        }.items():
            company = Company(language=language, time_zone="Europe/Berlin")
            with self.subTest(language):
                with use_format_of(company):
                    self.assertEqual(fill_text(action, data, fields, NAMES), words)
                # On a page, months are in the language of the page, and times in the zone of its reader.
                with use_format_of(company, time_zone=UTC):
                    on_page = fill_text(action, data, fields, NAMES)
                number = words.split(";")[0]
                self.assertEqual(on_page, f"{number}; 1 March 2026; 1 March 2026, 22:30")

    def test_what_is_empty_or_gone(self) -> None:
        self.assertEqual(text("{line}, {who}, {tags}", who="99"), "–, A person who is no longer here, –")  # noqa: RUF001

    def test_braces(self) -> None:
        self.assertEqual(text("{{line} {line} }", line="{text}", text="x"), "{line} {text} }")

    def test_a_subject_is_one_line(self) -> None:
        self.assertEqual(
            subject("New: {text}", text="a\r\nBcc: b@c.example\n\tx"), "New: a Bcc: b@c.example x"
        )
        long = subject("{text}", text="word " * 100)
        self.assertEqual((len(long), long[-1]), (200, "…"))
