"""Forms for one field of a workflow, and for its new name."""

from collections.abc import Collection, Iterable
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflow_design.compare.difference import Change, compare_fields
from workflow_design.definition.field_types import CHOICE, CHOICES, INTEGER, NUMBER
from workflow_design.definition.fields import ATTRIBUTES, FILTERABLE, Choice, Field, FieldType, is_empty
from workflow_design.definition.schema import MAX_HELP_LENGTH, read_fields
from workflow_design.definition.type_families import NumberType
from workflow_design.definition.workflow import MAX_FIELD_NAME_LENGTH, PartFile, WorkflowFile
from workflow_design.editor.draft_page import DraftForm, Section
from workflow_design.editor.drafts import FIELD
from workflow_design.editor.fields.actions import field_refusals, name_refusals, new_field_refusals
from workflow_design.editor.fields.settings import derive_name, derive_value, with_settings
from workflow_design.editor.form_fields import Column, ExamplesField, RowsField, number_field, title_field
from workflow_design.models import WorkflowDefinition
from workflow_design.wording.rules import Vocabulary
from workflow_design.workspace.controls import Sources, is_untouched
from workflow_design.workspace.field_types import form_control
from workflow_design.workspace.typed import read_number
from workflow_design.workspace.typed_fields import TypedField

_LIMITS: Final = {
    "minLength": gettext_lazy("Minimum number of characters"),
    "maxLength": gettext_lazy("Maximum number of characters"),
    "minimum": gettext_lazy("Minimum"),
    "maximum": gettext_lazy("Maximum"),
    "minItems": gettext_lazy("Minimum number"),
    "maxItems": gettext_lazy("Maximum number"),
}
_NAME_HELP = gettext_lazy(
    "The name in conditions, workflow files and other systems: lowercase letters, digits and “_”. If empty, "
    "it is derived from the title."
)


class FieldForm(DraftForm):
    """Form for all settings of a field of one `field_type`. Without a `name`, it creates a new field."""

    aliases = {
        "description": "help_text",
        "enum": "options",
        "oneOf": "options",
        "items": "options",
        "type": "options",
        FILTERABLE: "is_filterable",
        **ATTRIBUTES,
    }

    title = title_field(help_text=gettext_lazy("The label of the field, such as “First day”."))
    options = RowsField(
        (
            Column("label", gettext_lazy("Label"), gettext_lazy("Approve")),
            Column("value", gettext_lazy("Stored as (optional)"), gettext_lazy("approve")),
        ),
        label=gettext_lazy("Choices"),
        can_move=True,
        error_messages={"required": gettext_lazy("Enter at least one choice.")},
    )
    required = forms.BooleanField(
        label=gettext_lazy("Must be filled in"),
        required=False,
        help_text=gettext_lazy("In every form that asks for it."),
    )
    help_text = forms.CharField(
        label=gettext_lazy("Help"),
        required=False,
        max_length=MAX_HELP_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("A sentence below the title that explains what is not obvious."),
    )

    is_filterable = forms.BooleanField(
        label=gettext_lazy("Filter lists by this"),
        required=False,
        help_text=gettext_lazy("Ticket admins can filter their list of tickets by its value."),
    )

    def __init__(
        self,
        *,
        workflow: WorkflowDefinition,
        file: WorkflowFile,
        field_type: FieldType,
        name: str | None = None,
        data: Any = None,
    ) -> None:
        self.file, self.field_type, self.name = file, field_type, name
        self.current = read_fields(file.fields_schema)[name] if name else None
        initial = _initial_values(self.current, field_type) if self.current else {}
        super().__init__(workflow=workflow, data=data, initial=initial)
        counted = field_type if isinstance(field_type, NumberType) else INTEGER
        for keyword in field_type.limits:
            self.fields[ATTRIBUTES[keyword]] = number_field(_LIMITS[keyword], counted)
        if field_type.base is not CHOICE:
            del self.fields["options"]
        if FILTERABLE not in field_type.keywords:
            del self.fields["is_filterable"]
        if field_type.takes_default:
            self.fields["default"] = _default_field(field_type)
        if field_type.is_typed:
            self.fields["examples"] = ExamplesField(_control(field_type, ""))
        if name is None:
            self.fields["name"] = forms.CharField(
                label=_("Name"), required=False, max_length=MAX_FIELD_NAME_LENGTH, help_text=_NAME_HELP
            )

    def sections(self) -> Iterable[Section]:
        """Return the sections: what every field needs, then limits, then what few fields need."""
        yield self.section("", "title", "options", "required", "help_text", "is_filterable")
        limits = self.section(_("Limits"), *ATTRIBUTES.values(), is_folded=True)
        if limits.fields:
            yield limits
        more = self.section(_("More"), "default", "examples", "name", is_folded=True)
        if more.fields:
            yield more

    def clean(self) -> dict[str, Any]:
        """Check the schema as it would be with this field, and add the problems of the field."""
        settings = self.settings()
        if self.name is None:
            problems = new_field_refusals(self.file, self.new_name(), settings)
        else:
            problems = field_refusals(self.file, self.name, settings)
        self.refuse(problems)
        return self.cleaned_data

    def concerns(self) -> Collection[str]:
        """Return the digest of the field; a new one concerns nothing that is there."""
        return () if self.name is None else (FIELD + self.name,)

    def differences(self, now: WorkflowFile, part: PartFile | None) -> Iterable[Change]:
        """Return in what the field differs now from what was entered here."""
        before = read_fields(now.fields_schema).get(self.name or "")
        if before is None:
            return ()
        schema = with_settings(now.fields_schema, before.name, self.settings())
        words = Vocabulary.of_schema(now.fields_schema), Vocabulary.of_schema(schema)
        return compare_fields(before, read_fields(schema)[before.name], words)

    def new_name(self) -> str:
        """Return the submitted name or, if it is empty, one derived from the title."""
        typed = str(self.cleaned_data.get("name", ""))
        taken = self.file.fields_schema.get("properties", {})
        return typed or derive_name(self.cleaned_data.get("title", ""), taken=taken)

    def settings(self) -> Field:
        """Return the field as the form describes it."""
        values = self.cleaned_data | {
            name: control.initial
            for name, control in ((name, self[name]) for name in self.fields)
            if isinstance(control.field, TypedField | ExamplesField) and is_untouched(control)
        }
        choices = self._choices()
        limits = {name: values.get(name) for name in (ATTRIBUTES[word] for word in self.field_type.limits)}
        return Field(
            name=self.name or "",
            title=values.get("title", ""),
            type=self.field_type,
            help_text=values.get("help_text", ""),
            required=values.get("required", False),
            is_filterable=values.get("is_filterable", False),
            default=_parse_default(self.field_type, values.get("default"), choices),
            examples=tuple(values.get("examples") or ()),
            choices=choices,
            **limits,
        )

    def _choices(self) -> tuple[Choice, ...]:
        stored = self.current.choices if self.current else ()
        as_number = bool(stored) and not isinstance(stored[0].value, str)
        return tuple(
            Choice(value=_value(row, as_number=as_number), label=row["label"] or row["value"])
            for row in self.cleaned_data.get("options") or []
        )


class RenameForm(DraftForm):
    """Form that renames a field."""

    name = forms.CharField(
        label=gettext_lazy("New name"),
        max_length=MAX_FIELD_NAME_LENGTH,
        help_text=gettext_lazy("Lowercase letters, digits and “_”, starting with a letter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "tf-code"}),
    )

    def __init__(
        self, *, workflow: WorkflowDefinition, file: WorkflowFile, current: str, data: Any = None
    ) -> None:
        self.file, self.current = file, current
        super().__init__(workflow=workflow, data=data, initial={"name": current})

    def concerns(self) -> Collection[str]:
        """Return the digest of the field."""
        return (FIELD + self.current,)

    def clean(self) -> dict[str, Any]:
        """Reject an invalid name, and the name of another field."""
        name = self.cleaned_data.get("name")
        if name is not None and name != self.current:
            self.refuse(name_refusals(self.file, name))
        return self.cleaned_data


def _initial_values(current: Field, field_type: FieldType) -> dict[str, Any]:
    """Return the initial values; after a change of type, only those that fit every type."""
    # Limits and the default of another type would mostly be invalid.
    same = current.type is field_type
    return {
        "title": current.title,
        "help_text": current.help_text,
        "required": current.required,
        "is_filterable": current.is_filterable and FILTERABLE in field_type.keywords,
        "options": [{"label": each.label, "value": str(each.value)} for each in current.choices],
        "default": _format_default(current) if same else None,
        "examples": list(current.examples) if same else [],
        **{name: getattr(current, name) for name in ATTRIBUTES.values() if same},
    }


def _control(field_type: FieldType, label: str, help_text: str = "") -> forms.Field:
    field = Field(name="", type=field_type, title=label, help_text=help_text)
    return form_control(field, Sources(people=list, files=lambda _ids: {}))


def _default_field(field_type: FieldType) -> forms.Field:
    label, help_text = _("Default value"), _("The value in the form before the user fills it in.")
    if field_type.base is not CHOICE:
        return _control(field_type, label, help_text)
    # The choices are in the same form, so they are entered by their labels.
    if field_type is CHOICE:
        return forms.CharField(label=label, required=False, help_text=help_text)
    help_text = _("The choices that are selected by default, one per line.")
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, required=False, help_text=help_text, widget=widget)


def _format_default(field: Field) -> Any:
    if isinstance(field.default, list):
        return "\n".join(field.label_for(value) for value in field.default)
    return field.label_for(field.default) if field.choices and field.default is not None else field.default


def _parse_default(field_type: FieldType, typed: Any, choices: tuple[Choice, ...]) -> Any:
    """Convert the submitted default to its stored value; choices may be entered by their labels."""
    if is_empty(typed):
        return None
    # Stored values take precedence over labels, because a label may equal another choice's value.
    values = {choice.label: choice.value for choice in choices}
    values |= {str(choice.value): choice.value for choice in choices}
    if field_type is CHOICES:
        return [values.get(line.strip(), line.strip()) for line in typed.splitlines() if line.strip()]
    return values.get(typed, typed) if field_type is CHOICE else typed


def _value(row: dict[str, str], *, as_number: bool) -> Any:
    """Return the value of a choice; a number if all choices are numbers and the text looks like one."""
    text = row["value"] or (row["label"] if as_number else derive_value(row["label"]))
    if not as_number:
        return text
    try:
        return read_number(text, Field(name="", type=NUMBER, title=""))
    except forms.ValidationError:
        return text
