"""Tests that every field type has a control, a display and samples (docs/recipes.md, "A field type")."""

from datetime import date
from typing import Final

from django.test import SimpleTestCase

from ticketflower.template_tags import icon
from workflow_design.check.exploration.samples import Uses, build_samples
from workflow_design.definition.fields import Field, FieldKind, TextFormat
from workflow_design.definition.schema import DataValidator
from workflow_design.editor.conditions.comparisons import comparisons_for
from workflow_design.editor.fields.settings import (
    FieldSettings,
    FieldType,
    Option,
    read_settings,
    with_settings,
)
from workflow_design.editor.layouts.preview import sample_value
from workflow_design.tryout.examples import Examples
from workflow_design.workspace.controls import FileInfo, Sources
from workflow_design.workspace.forms import WorkspaceForm
from workflow_design.workspace.reading import DisplayNames, in_words

CHOICES: Final = (Option(value="yes", label="Agreed"), Option(value="no", label="Refused"))
FILE: Final = FileInfo(id="sample", name="offer.pdf", url="", size=0)
NAMES: Final = DisplayNames(people={"1": "Hanna Berg"}, files={"sample": FILE})
EXAMPLES: Final = Examples(today=date(2026, 7, 1), people=["1"], files=["sample"])
SOURCES: Final = Sources(people=lambda: [("1", "Hanna Berg")], files=lambda _ids: {})


def make_validator(field_type: FieldType) -> DataValidator:
    """Return the validator of a schema with one field of this type, as the editor creates it."""
    settings = FieldSettings(
        title="It", field_type=field_type, options=CHOICES if field_type.has_choices else (), limits={}
    )
    return DataValidator(with_settings({"type": "object", "properties": {}}, "it", settings))


class FieldTypesTests(SimpleTestCase):
    def test_every_kind_and_format_can_be_picked(self) -> None:
        fields = [make_validator(field_type).fields["it"] for field_type in FieldType]
        self.assertEqual({field.kind for field in fields}, set(FieldKind))
        self.assertEqual({field.format for field in fields}, {None, *TextFormat})

    def test_the_editor_recognizes_what_it_made(self) -> None:
        for field_type in FieldType:
            settings = FieldSettings(
                field_type=field_type, options=CHOICES if field_type.has_choices else (), limits={}
            )
            schema = with_settings({"type": "object", "properties": {}}, "it", settings)
            with self.subTest(field_type=field_type):
                self.assertIs(read_settings(schema, "it").field_type, field_type)
                self.assertTrue(field_type.label and field_type.example and field_type.icon)

    def test_every_format_is_checked_and_has_words(self) -> None:
        for text_format in TextFormat:
            with self.subTest(text_format):
                self.assertTrue(text_format.label)
                if text_format is not TextFormat.MULTILINE:  # any text fits it
                    validator = DataValidator(
                        {"type": "object", "properties": {"it": self.text(text_format)}}
                    )
                    [problem] = validator.problems({"it": "\x01 not any format"})
                    self.assertEqual(problem.code, "malformed")

    def text(self, text_format: TextFormat) -> dict[str, str]:
        """Return the schema of a text of this format."""
        return {"type": "string", "format": str(text_format)}

    def test_every_type_has_an_icon(self) -> None:
        for field_type in FieldType:
            with self.subTest(field_type=field_type):
                self.assertIn("<svg", icon(field_type.icon))

    def test_every_type_has_a_control(self) -> None:
        for field_type in FieldType:
            validator = make_validator(field_type)
            with self.subTest(field_type=field_type):
                form = WorkspaceForm(validator=validator, names=["it"], layout=[], sources=SOURCES)
                self.assertIn("it", form.fields)
                self.assertIn('name="it', str(form["it"]))

    def test_every_type_has_samples_that_fit_and_can_be_read(self) -> None:
        for field_type in FieldType:
            validator = make_validator(field_type)
            for what, value in self.samples(validator.fields["it"], validator):
                with self.subTest(field_type=field_type, of=what):
                    self.assertEqual(validator.problems({"it": value}), [])
                    self.assertTrue(in_words(validator.fields["it"], value, NAMES))

    def samples(self, field: Field, validator: DataValidator) -> list[tuple[str, object]]:
        """Return the values that the layout preview, the try-out and the check use."""
        return [
            ("preview", sample_value(field)),
            ("try-out", EXAMPLES.build(validator.fields, validator).get("it")),
            *[("check", value) for value in build_samples(field, Uses())],
        ]

    def test_every_type_can_be_compared(self) -> None:
        for field_type in FieldType:
            with self.subTest(field_type=field_type):
                self.assertTrue(comparisons_for(make_validator(field_type).fields["it"]))
