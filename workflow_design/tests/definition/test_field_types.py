"""Tests that every field type has all of its parts (docs/recipes.md, "A field type")."""

from datetime import date
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.test import SimpleTestCase

from ticketflower.template_tags import icon
from workflow_design.check.values.samples import build_samples
from workflow_design.check.values.uses import Uses
from workflow_design.definition import field_types
from workflow_design.definition.field_types import CHOICE, FIELD_TYPES
from workflow_design.definition.fields import Choice, Examples, Field, FieldType
from workflow_design.definition.schema import DataValidator
from workflow_design.definition.values import FieldValidator
from workflow_design.editor.conditions.values import TO_FIELD, parse_value
from workflow_design.editor.fields.settings import with_settings
from workflow_design.wording.rules import Vocabulary
from workflow_design.workspace.controls import DisplayNames, FileInfo, Sources
from workflow_design.workspace.field_types import PRESENTATIONS, form_control, in_words
from workflow_design.workspace.forms import WorkspaceForm

CHOICES: Final = (Choice("yes", "Agreed"), Choice("no", "Refused"))
FILE: Final = FileInfo(id="1", name="offer.pdf", url="", size=0)
NAMES: Final = DisplayNames(people={"1": "Hanna Berg"}, files={"1": FILE})
EXAMPLES: Final = Examples(today=date(2026, 7, 1), people=["1"], files=["1"])
SOURCES: Final = Sources(people=lambda: [("1", "Hanna Berg")], files=lambda _ids: {"1": FILE})
FORMAT: Final = Path(settings.BASE_DIR, "docs/workflow-format.md").read_text(encoding="utf-8")


def schema_of(field_type: FieldType, **more: Any) -> dict[str, Any]:
    """Return a schema with one field of this type, as the editor makes it."""
    choices = CHOICES if field_type.base is CHOICE else ()
    made = Field(name="it", title="It", type=field_type, choices=choices, **more)
    return with_settings({"type": "object", "properties": {}}, "it", made)


def field_of(field_type: FieldType) -> Field:
    """Return a field of this type."""
    return DataValidator(schema_of(field_type)).fields["it"]


class FieldTypesTests(SimpleTestCase):
    """Each test walks all types, so that a new type needs no test of its parts but of what it means."""

    def test_words(self) -> None:
        for field_type in FIELD_TYPES.values():
            with self.subTest(field_type.name):
                self.assertTrue(field_type.label and field_type.example_use)
                self.assertIn("<svg", icon(field_type.icon))
                for what in ("This", "“x”"):
                    self.assertTrue(field_type.refuse(what).startswith(f"{what} "))
                    self.assertNotIn("%", field_type.refuse(what))
                # What refuses values needs a sentence of its own.
                if field_type.conforms is not FieldType.conforms:
                    self.assertIsNot(field_type.refusal, FieldType.refusal)
                self.assertIn("It", str(field_type.is_true) % {"field": "It"})
                self.assertIn("It", str(field_type.is_false) % {"field": "It"})

    def test_all_are_offered(self) -> None:
        made = {value for value in vars(field_types).values() if isinstance(value, FieldType)}
        self.assertEqual(set(FIELD_TYPES.values()), made)

    def test_labels_differ(self) -> None:
        labels = {str(field_type.label) for field_type in FIELD_TYPES.values()}
        self.assertEqual(len(labels), len(FIELD_TYPES))

    def test_the_editor_recognizes_what_it_made(self) -> None:
        for field_type in FIELD_TYPES.values():
            with self.subTest(field_type.name):
                field = field_of(field_type)
                self.assertIs(field.type, field_type)
                schema = schema_of(field_type)
                self.assertEqual(with_settings(schema, "it", field), schema)

    def test_the_editor_keeps_a_default(self) -> None:
        for field_type in FIELD_TYPES.values():
            with self.subTest(field_type.name):
                field = field_of(field_type)
                if field_type.takes_default:
                    default = field_type.example(field, EXAMPLES)
                    schema = schema_of(field_type, default=default)
                    self.assertEqual(DataValidator(schema).fields["it"].default, default)

    def test_a_row_in_the_documentation(self) -> None:
        table = FORMAT[FORMAT.index("## Fields") : FORMAT.index("## Layouts")]
        for field_type in FIELD_TYPES.values():
            with self.subTest(field_type.name):
                words = field_type.base.format or field_type.json_type
                self.assertTrue(f'"{words}"' in table or f"`{words}`" in table, words)

    def test_a_presentation(self) -> None:
        self.assertEqual(set(PRESENTATIONS), set(FIELD_TYPES.values()))

    def test_samples_fit(self) -> None:
        for field_type in FIELD_TYPES.values():
            with self.subTest(field_type.name):
                field = field_of(field_type)
                for value in self.samples(field):
                    self.assertEqual(FieldValidator(field).problems(value), [], value)

    def test_a_value_of_another_type_is_refused(self) -> None:
        for field_type in FIELD_TYPES.values():
            with self.subTest(field_type.name):
                field = field_of(field_type)
                for value in ({"no": "type"}, "\x01 not any format"):
                    codes = [problem.code for problem in FieldValidator(field).problems(value)]
                    is_text = field.type.base.format in ("", "multiline") and field.type.json_type == "string"
                    expected = 0 if is_text and isinstance(value, str) and field.type is not CHOICE else 1
                    self.assertEqual(len(codes), expected, value)

    def test_the_reading_view_shows_the_samples(self) -> None:
        for field_type in FIELD_TYPES.values():
            with self.subTest(field_type.name):
                field = field_of(field_type)
                for value in self.samples(field):
                    self.assertTrue(in_words(field, value, NAMES))
                    self.assertNotIn("<b>", in_words(field, [value] if field_type.item else "<b>", NAMES))

    def test_the_control_shows_the_samples_and_takes_them_back(self) -> None:
        for field_type in FIELD_TYPES.values():
            with self.subTest(field_type.name):
                field = field_of(field_type)
                validator = DataValidator(schema_of(field.type))
                value = field.type.example(field, EXAMPLES)
                options: dict[str, Any] = {"validator": validator, "names": ["it"], "layout": []}
                form = WorkspaceForm(**options, sources=SOURCES, workspace={"it": value})
                self.assertIn('name="it"', str(form["it"]))
                widget = form.fields["it"].widget
                text = widget.format_value(form["it"].value())
                again = WorkspaceForm(
                    **options, sources=SOURCES, data={"it": text if field.type.item else _first(text)}
                )
                self.assertEqual(again.errors, {})
                self.assertEqual(again.values(), {"it": value})

    def test_the_form_shows_an_example(self) -> None:
        for field_type in FIELD_TYPES.values():
            with self.subTest(field_type.name):
                if not field_type.takes_default:
                    continue
                value = field_type.example(field_of(field_type), EXAMPLES)
                schema = schema_of(field_type, help_text="Help.", examples=(value,))
                field = DataValidator(schema).fields["it"]
                help_text = str(form_control(field, SOURCES).help_text)
                typed = PRESENTATIONS[field_type].as_typed(value, field)
                wanted = f"Help. Such as {typed}." if field_type.is_typed else "Help."
                self.assertEqual(help_text, wanted)
                self.assertEqual(field.example(EXAMPLES), value)
                self.assertEqual(with_settings(schema, "it", field), schema)

    def test_comparisons_have_labels(self) -> None:
        for field_type in FIELD_TYPES.values():
            with self.subTest(field_type.name):
                field = field_of(field_type)
                codes = list(map(str, field_type.comparisons_of(field)))
                codes += [f"{each}{TO_FIELD}" for each in field_type.field_comparisons_of(field)]
                self.assertTrue(codes)
                self.assertTrue(all(field_type.comparison_label(code) for code in codes))
                self.assertLessEqual(set(field_type.words), set(codes))

    def test_what_is_typed_into_a_condition_is_shown_again(self) -> None:
        for field_type in FIELD_TYPES.values():
            with self.subTest(field_type.name):
                field = field_of(field_type)
                if "is" in field_type.comparisons_of(field):
                    for value in self.samples(field):
                        typed = PRESENTATIONS[field_type].as_typed(value, field)
                        self.assertEqual(parse_value(typed, field), value)

    def test_sentences_about_conditions_name_values(self) -> None:
        for field_type in FIELD_TYPES.values():
            with self.subTest(field_type.name):
                field = field_of(field_type)
                vocabulary = Vocabulary.of_schema(schema_of(field_type))
                for value in self.samples(field):
                    self.assertTrue(vocabulary.value("it", value))

    def samples(self, field: Field) -> list[Any]:
        """Return the values that layout previews, the try-out and the check use."""
        return [field.type.example(field, EXAMPLES), *build_samples(field, Uses())]


def _first(text: Any) -> Any:
    return text[0] if isinstance(text, list) else text
