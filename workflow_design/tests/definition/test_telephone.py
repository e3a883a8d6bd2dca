"""Telephone numbers: texts in international or national spelling that link to a call."""

from typing import Any

from django.test import SimpleTestCase

from workflow_design.definition.field_types import find_dialled
from workflow_design.definition.schema import DataValidator
from workflow_design.workspace.controls import DisplayNames, Sources
from workflow_design.workspace.field_types import in_words
from workflow_design.workspace.forms import WorkspaceForm

VALIDATOR = DataValidator({"type": "object", "properties": {"phone": {"type": "string", "format": "tel"}}})
NAMES = DisplayNames(people={}, files={})


def form(**options: Any) -> WorkspaceForm:
    """Return the form of the number."""
    sources = Sources(people=list, files=lambda _ids: {})
    return WorkspaceForm(validator=VALIDATOR, names=["phone"], layout=[], sources=sources, **options)


class TelephoneTests(SimpleTestCase):
    def test_what_is_dialled(self) -> None:
        for text, dialled in (
            *(("+49 30 901820", "+4930901820"), ("+49 (0)30 90 18-20", "+4930901820"), ("110110", "110110")),
            *(
                ("(030) 901820", "030901820"),
                ("030/90.18.20", "030901820"),
                ("0049 (0)30 901820", "004930901820"),
                ("+123456789012345", "+123456789012345"),
            ),
            *(("555-0199 ext. 12", "5550199;ext=12"), ("555-0199x7", "5550199;ext=7")),
            *(("555-0199 #12", "5550199;ext=12"), ("+1 555 0199 EXT 3", "+15550199;ext=3")),
        ):
            with self.subTest(text):
                self.assertEqual(find_dialled(text), dialled)
                self.assertEqual(VALIDATOR.problems({"phone": text}), [])

    def test_what_is_none(self) -> None:
        for text in (
            *(
                "12345",
                "1234567890123456",
                "+",
                "call me",
                "030 90x",
                "++49 30 901820",
                "49+30901820",
                "030 901820 ext.",
            ),
            *("٠٣٠٩٠١٨٢٠", "030 901820\n", "javascript:1234567", "030 901820;ext=12345678"),
        ):
            with self.subTest(text):
                self.assertEqual(find_dialled(text), "")
                [problem] = VALIDATOR.problems({"phone": text})
                self.assertEqual(problem.code, "malformed")

    def test_the_form_keeps_what_was_typed(self) -> None:
        html = str(form()["phone"])
        for part in ('type="tel"', 'autocomplete="tel"'):
            self.assertIn(part, html)
        self.assertEqual(form(data={"phone": " (030) 90 18-20 "}).values(), {"phone": "(030) 90 18-20"})
        sentence = "This is not a telephone number, such as +49 30 901820 or (030) 901820-7."
        self.assertEqual(form(data={"phone": "soon"}).errors, {"phone": [sentence]})

    def test_it_is_a_link(self) -> None:
        field = VALIDATOR.fields["phone"]
        link = '<a href="tel:+4930901820;ext=7">+49 30 901820 x7</a>'
        self.assertEqual(in_words(field, "+49 30 901820 x7", NAMES), link)
        self.assertEqual(in_words(field, "<b>none</b>", NAMES), "&lt;b&gt;none&lt;/b&gt;")
