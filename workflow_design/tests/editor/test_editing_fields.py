"""Tests that add, change, move and remove fields of a draft, also as JSON Schema."""

from typing import Any

from users.tests.hostile import HOSTILE_TEXTS
from workflow_design.definition.field_types import CHOICE, TEXT, YES_NO
from workflow_design.definition.fields import Choice, Field
from workflow_design.definition.schema import read_fields
from workflow_design.editor.drafts import (
    DraftRefusedError,
    EditConflictError,
    NotADraftError,
    Seen,
    current_edition,
)
from workflow_design.editor.fields.actions import (
    FieldGoneError,
    FieldInUseError,
    add_field,
    change_field,
    change_schema,
    move_field,
    remove_field,
)
from workflow_design.editor.fields.settings import with_settings
from workflow_design.models import WorkflowDefinition
from workflow_design.tests.editor.editing_cases import EditingTestCase
from workflow_design.tests.files import VACATION


def short_text(title: str = "Reason", **changes: Any) -> Field:
    """Return the settings of a new text field."""
    return Field(name="", type=TEXT, title=title, **changes)


class AddFieldTests(EditingTestCase):
    def test_is_appended_with_a_name_derived_from_its_title(self) -> None:
        self.assertEqual(add_field(self.draft, short_text("Why so long?", required=True)), "why_so_long")
        schema = self.file.fields_schema
        self.assertEqual(list(schema["properties"])[-1], "why_so_long")
        self.assertEqual(schema["properties"]["why_so_long"], {"type": "string", "title": "Why so long?"})
        self.assertEqual(schema["required"][-1], "why_so_long")

    def test_names_stay_apart(self) -> None:
        names = [add_field(self.draft, short_text(title)) for title in ("Days", "Days", "7 days", "日")]
        self.assertEqual(names, ["days_2", "days_3", "field_7_days", "field"])

    def test_rejects_taken_and_invalid_names(self) -> None:
        for name in ("days", "Days", "a b", "1st", "x" * 101, "\ud800", "$submitter"):
            with self.assertRaises(DraftRefusedError) as caught:
                add_field(self.draft, short_text(), name=name)
            self.assertEqual([problem.pointer for problem in caught.exception.problems], ["/name"])

    def test_reports_all_problems_at_once(self) -> None:
        settings = Field(
            name="",
            title="Choice",
            type=CHOICE,
            choices=(Choice(value="a", label="A"), Choice(value="a", label="B")),
            default="z" * 300,
        )
        with self.assertRaises(DraftRefusedError) as caught:
            add_field(self.draft, settings)
        self.assertEqual([problem.pointer for problem in caught.exception.problems], ["/oneOf/1/const"])

    def test_hostile_texts_cause_no_internal_error(self) -> None:
        for text in HOSTILE_TEXTS:
            try:
                add_field(self.draft, short_text(text or "x", help_text=text, default=text or None))
            except DraftRefusedError:
                continue

    def test_a_published_version_does_not_change(self) -> None:
        self.publish()
        before = self.file
        with self.assertRaises(NotADraftError):
            add_field(self.draft, short_text())
        self.assertEqual(self.file, before)

    def test_an_edit_conflict_is_reported(self) -> None:
        seen = Seen(current_edition(self.draft))
        add_field(self.draft, short_text(), seen=seen)
        with self.assertRaises(EditConflictError):
            add_field(self.draft, short_text("Other"), seen=seen)
        self.assertNotIn("other", self.file.fields_schema["properties"])

    def test_the_draft_is_checked_again(self) -> None:
        self.assertEqual(self.codes(), set())
        change_field(self.draft, "decision", short_text("Decision"))
        properties = self.file.fields_schema["properties"]
        self.assertEqual(properties["decision"], {"type": "string", "title": "Decision"})
        self.assertEqual(self.codes(), set())
        remove_field(self.draft, "employee_note")
        remove_field(self.draft, "manager_note")
        move_field(self.draft, "booked", up=True)
        self.assertEqual(self.codes(), set())


class SettingsTests(EditingTestCase):
    def test_saving_an_unchanged_form_changes_nothing(self) -> None:
        schema: dict[str, Any] = {
            "type": "object",
            "$defs": {"amount": {"type": "number", "minimum": 0, "multipleOf": 0.01}},
            "properties": {
                **VACATION["fields_schema"]["properties"],
                "code": {"type": "string", "minLength": 2, "pattern": "^[A-Z]+$", "default": "AB"},
                "grade": {"enum": [1, 2, 3], "$comment": "Numbers"},
                "size": {"type": "string", "oneOf": [{"const": "s"}, {"const": "m", "title": "Medium"}]},
                "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 2},
                "papers": {"type": "array", "items": {"type": "string", "format": "file"}, "minItems": 1},
                "who": {"type": "string", "format": "user"},
            },
            "required": ["days", "code"],
        }
        change_schema(self.draft, schema)
        for name in schema["properties"]:
            self.assertEqual(with_settings(schema, name, read_fields(schema)[name]), schema, name)

    def test_a_field_that_refers_to_a_definition_stands_for_itself_once_it_is_saved(self) -> None:
        amount = {"type": "number", "minimum": 0}
        schema: dict[str, Any] = {
            "type": "object",
            "$defs": {"amount": amount},
            "properties": {"price": {"$ref": "#/$defs/amount", "title": "Price"}},
        }
        saved = with_settings(schema, "price", read_fields(schema)["price"])
        self.assertEqual(saved["properties"]["price"], {**amount, "title": "Price"})

    def test_another_type_discards_old_keywords(self) -> None:
        schema = self.file.fields_schema
        settings = Field(name="", title="Days", type=YES_NO)
        changed = with_settings(schema, "days", settings)["properties"]["days"]
        self.assertEqual(changed, {"type": "boolean", "title": "Days"})

    def test_choices_whose_labels_are_their_values_are_an_enum(self) -> None:
        options = (Choice(value="red", label="red"), Choice(value="blue", label="blue"))
        settings = Field(name="", title="Colour", type=CHOICE, choices=options)
        schema = with_settings(self.file.fields_schema, "colour", settings)
        declared = schema["properties"]["colour"]
        self.assertEqual(declared, {"type": "string", "title": "Colour", "enum": ["red", "blue"]})


class MoveFieldTests(EditingTestCase):
    def names(self) -> list[str]:
        return list(self.file.fields_schema["properties"])

    def test_one_place_up_or_down_and_not_beyond_the_ends(self) -> None:
        first, second, *others = self.names()
        move_field(self.draft, second, up=True)
        self.assertEqual(self.names(), [second, first, *others])
        move_field(self.draft, second, up=True)
        self.assertEqual(self.names(), [second, first, *others])
        move_field(self.draft, second, up=False)
        move_field(self.draft, others[-1], up=False)
        self.assertEqual(self.names(), [first, second, *others])

    def test_deleted_in_the_meantime(self) -> None:
        with self.assertRaises(FieldGoneError):
            move_field(self.draft, "nowhere", up=True)


class RemoveFieldTests(EditingTestCase):
    def test_removed_from_lists_and_layouts(self) -> None:
        remove_field(self.draft, "employee_note")
        file = self.file
        self.assertNotIn("employee_note", file.fields_schema["properties"])
        self.assertEqual(file.tickets[0].fields, ("days", "first_day", "a"))
        self.assertEqual(file.tickets[0].edit_layout, (["days", "first_day"], "a"))
        self.assertEqual(file.tasks[0].input_fields, ("days", "first_day"))
        self.assertEqual(file.tasks[1].output_fields, ("days", "first_day"))

    def test_rejected_while_a_rule_uses_the_field(self) -> None:
        for name, titles in {
            "decision": ["Change request", "Book it", "Rejected"],
            "first_day": ["Book it"],
            "booked": ["Book it", "Booked"],
        }.items():
            with self.assertRaises(FieldInUseError) as caught:
                remove_field(self.draft, name)
            self.assertEqual([use.title for use in caught.exception.uses], titles, name)
        self.assertIn("decision", self.file.fields_schema["properties"])

    def test_twice(self) -> None:
        remove_field(self.draft, "manager_note")
        with self.assertRaises(FieldGoneError):
            remove_field(self.draft, "manager_note")


class SchemaTests(EditingTestCase):
    def test_another_schema(self) -> None:
        schema = {**self.file.fields_schema, "title": "Vacation data"}
        change_schema(self.draft, schema)
        self.assertEqual(self.file.fields_schema, schema)

    def test_used_fields_cannot_be_removed(self) -> None:
        schema = {**self.file.fields_schema}
        schema["properties"] = {"days": {"type": "integer"}}
        schema["required"] = ["days"]
        with self.assertRaises(DraftRefusedError) as caught:
            change_schema(self.draft, schema)
        self.assertIn("/tasks/0/output_fields/0", [each.pointer for each in caught.exception.problems])

    def test_invalid_schemas(self) -> None:
        shapes: tuple[Any, ...] = (
            [],
            None,
            "x",
            3,
            {"type": "array"},
            {"type": "object", "properties": {"A": {}}},
        )
        for schema in shapes:
            with self.assertRaises(DraftRefusedError):
                change_schema(self.draft, schema)

    def test_stored_as_it_was_written(self) -> None:
        schema = dict(reversed(list(self.file.fields_schema.items())))
        change_schema(self.draft, schema)
        stored = WorkflowDefinition.objects.get(pk=self.draft.pk)
        self.assertEqual(list(stored.fields_schema), list(schema))
