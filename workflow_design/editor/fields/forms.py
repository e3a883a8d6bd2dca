"""Forms for one field of a workflow, and for its new name."""

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflow_design.definition.field_type import ATTRIBUTES, FieldType
from workflow_design.definition.field_types import CHOICE, CHOICES
from workflow_design.definition.fields import Field, is_empty
from workflow_design.definition.schema import MAX_DESCRIPTION_LENGTH
from workflow_design.definition.workflow import MAX_FIELD_NAME_LENGTH, WorkflowFile
from workflow_design.editor.buttons import Column, RowsField
from workflow_design.editor.draft_page import DraftForm, Section, title_field
from workflow_design.editor.fields.actions import field_refusals, name_refusals, new_field_refusals
from workflow_design.editor.fields.settings import (
    FieldSettings,
    Option,
    derive_name,
    derive_value,
    has_numeric_choices,
    read_settings,
)
from workflow_design.editor.json_field import JsonNumberField
from workflow_design.models import WorkflowDefinition
from workflow_design.workspace.controls import Sources
from workflow_design.workspace.field_types import form_control

_LIMITS: Final = {
    "min_length": ("minLength", gettext_lazy("Minimum number of characters")),
    "max_length": ("maxLength", gettext_lazy("Maximum number of characters")),
    "minimum": ("minimum", gettext_lazy("Minimum")),
    "maximum": ("maximum", gettext_lazy("Maximum")),
    "min_items": ("minItems", gettext_lazy("Minimum number")),
    "max_items": ("maxItems", gettext_lazy("Maximum number")),
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
        **{keyword: name for name, (keyword, _label) in _LIMITS.items()},
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
        max_length=MAX_DESCRIPTION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("A sentence below the title that explains what is not obvious."),
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
        self.current = read_settings(file.fields_schema, name) if name else FieldSettings(limits={})
        initial = _initial_values(self.current, field_type) | {
            "title": self.current.title or _title_from_name(name)
        }
        super().__init__(workflow=workflow, data=data, initial=initial)
        for limit in _limit_names(field_type):
            self.fields[limit] = JsonNumberField(label=_LIMITS[limit][1], required=False)
        if field_type.base is not CHOICE:
            del self.fields["options"]
        if field_type.takes_default:
            self.fields["default"] = _default_field(field_type)
        if name is None:
            self.fields["name"] = forms.CharField(
                label=_("Name"), required=False, max_length=MAX_FIELD_NAME_LENGTH, help_text=_NAME_HELP
            )

    def sections(self) -> Iterable[Section]:
        """Return the sections: what every field needs, then limits, then what few fields need."""
        yield self.section("", "title", "options", "required", "help_text")
        limits = self.section(_("Limits"), *_LIMITS, is_folded=True)
        if limits.fields:
            yield limits
        more = self.section(_("More"), "default", "name", is_folded=True)
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

    def new_name(self) -> str:
        """Return the submitted name or, if it is empty, one derived from the title."""
        typed = str(self.cleaned_data.get("name", ""))
        taken = self.file.fields_schema.get("properties", {})
        return typed or derive_name(self.cleaned_data.get("title", ""), taken=taken)

    def settings(self) -> FieldSettings:
        """Return the settings with the values of the form."""
        values = self.cleaned_data
        options = self._options()
        return FieldSettings(
            title=self._title(),
            field_type=self.field_type,
            help_text=values.get("help_text", ""),
            required=values.get("required", False),
            default=_parse_default(self.field_type, values.get("default"), options),
            options=options,
            limits={_LIMITS[name][0]: values.get(name) for name in _limit_names(self.field_type)},
        )

    def _title(self) -> str:
        """Return the submitted title, or "" if it is only the unchanged fallback of an untitled field."""
        typed = str(self.cleaned_data.get("title", ""))
        return "" if not self.current.title and typed == _title_from_name(self.name) else typed

    def _options(self) -> tuple[Option, ...]:
        schema = self.file.fields_schema
        as_number = self.name is not None and _has_numbers(schema, self.name)
        return tuple(
            Option(value=_value(row, as_number=as_number), label=row["label"] or row["value"])
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

    def clean(self) -> dict[str, Any]:
        """Reject an invalid name, and the name of another field."""
        name = self.cleaned_data.get("name")
        if name is not None and name != self.current:
            self.refuse(name_refusals(self.file, name))
        return self.cleaned_data


def _title_from_name(name: str | None) -> str:
    """Return the fallback title of a field without a title."""
    return (name or "").replace("_", " ").capitalize()


def _limit_names(field_type: FieldType) -> list[str]:
    return [ATTRIBUTES[keyword] for keyword in field_type.limits]


def _initial_values(current: FieldSettings, field_type: FieldType) -> dict[str, Any]:
    """Return the initial values; after a change of type, only those that fit every type."""
    # Limits and the default of another type would mostly be invalid.
    same = current.field_type is field_type
    return {
        "help_text": current.help_text,
        "required": current.required,
        "options": [{"label": each.label, "value": str(each.value)} for each in current.options],
        "default": _format_default(current) if same else None,
        **{name: current.limits.get(keyword) for name, (keyword, _label) in _LIMITS.items() if same},
    }


def _default_field(field_type: FieldType) -> forms.Field:
    label, help_text = _("Default value"), _("The value in the form before the user fills it in.")
    if field_type.base is not CHOICE:
        field = Field(name="default", type=field_type, title=label, help_text=help_text)
        return form_control(field, Sources(people=list, files=lambda _ids: {}))
    # The choices are in the same form, so they are entered by their labels.
    if field_type is CHOICE:
        return forms.CharField(label=label, required=False, help_text=help_text)
    help_text = _("The choices that are selected by default, one per line.")
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, required=False, help_text=help_text, widget=widget)


def _format_default(current: FieldSettings) -> Any:
    default = current.default
    labels = {option.value: option.label for option in current.options}
    if isinstance(default, list):
        return "\n".join(str(labels.get(value, value)) for value in default)
    return labels.get(default, default) if current.options else default


def _parse_default(field_type: FieldType, typed: Any, options: tuple[Option, ...]) -> Any:
    """Convert the submitted default to its stored value; choices may be entered by their labels."""
    if is_empty(typed):
        return None
    # Stored values take precedence over labels, because a label may equal another choice's value.
    values = {option.label: option.value for option in options}
    values |= {str(option.value): option.value for option in options}
    if field_type is CHOICES:
        return [values.get(line.strip(), line.strip()) for line in typed.splitlines() if line.strip()]
    return values.get(typed, typed) if field_type is CHOICE else typed


def _has_numbers(schema: Any, name: str) -> bool:
    return read_settings(schema, name).field_type.base is CHOICE and has_numeric_choices(schema, name)


def _value(row: dict[str, str], *, as_number: bool) -> Any:
    """Return the value of a choice; a number if all choices are numbers and the text looks like one."""
    text = row["value"] or (row["label"] if as_number else derive_value(row["label"]))
    if not as_number:
        return text
    try:
        return JsonNumberField().clean(text)
    except forms.ValidationError:
        return text
