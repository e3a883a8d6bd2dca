"""Forms of tickets, tasks and completions: what they have in common, and the form of a completion."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar, Final

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketflower.picker import PickerWidget
from workflow_design.compare.difference import Change, compare_members
from workflow_design.definition.fields import Fields
from workflow_design.definition.schema import data_validator
from workflow_design.definition.workflow import CompletionFile, PartFile, WorkflowFile
from workflow_design.editor.conditions.field import ConditionField
from workflow_design.editor.draft_page import DraftForm, Section
from workflow_design.editor.drafts import FIELD, PART, refusals
from workflow_design.editor.fields.uses import find_fields_used
from workflow_design.editor.form_fields import (
    BUTTON,
    description_field,
    references_field,
    title_field,
)
from workflow_design.editor.parts.actions import with_part
from workflow_design.models import CompletionStatus, WorkflowDefinition
from workflow_design.persistence.exporting import COMPLETIONS, PartKind
from workflow_design.persistence.names import nameable_roles
from workflow_design.wording.rules import Vocabulary

FIELD_REQUIRED: Final = gettext_lazy("Pick at least one field.")
_STATUS_WORDS: Final = {
    CompletionStatus.COMPLETED: gettext_lazy("The request is done. Tasks that are still open are cancelled."),
    CompletionStatus.CANCELLED: gettext_lazy(
        "The request ends without being done, for example after a rejection. Open tasks are cancelled."
    ),
    CompletionStatus.ON_HOLD: gettext_lazy("The request pauses until a ticket admin resumes it."),
}


class FieldsField(forms.MultipleChoiceField):
    """Some of the workflow's fields, as checkboxes in the order of the schema."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=PickerWidget(add=gettext_lazy("Add a field")), **options)


class RolesField(forms.MultipleChoiceField):
    """Some of the company's roles, chosen by their ids; cleans to their names."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=PickerWidget(add=gettext_lazy("Add a role")), **options)
        self.names: dict[str, str] = {}

    def clean(self, value: Any) -> Any:
        """Return the names of the chosen roles."""
        return tuple(self.names[key] for key in super().clean(value))


def result_attributes(name: str, result_id: str) -> dict[str, str]:
    """Return the attributes of a text with fields, of which an element shows what comes of it."""
    return {
        "data-takes-fields": "",
        "hx-post": "",
        "hx-trigger": "input changed delay:500ms",
        "hx-target": f"#{result_id}",
        "hx-select": f"#{result_id}",
        "hx-swap": "outerHTML settle:0ms",
        "hx-vals": json.dumps({BUTTON: f"{name}:update"}),
    }


def offer_roles(form: forms.Form, name: str, chosen: Iterable[str]) -> None:
    """Fill a RolesField with the company's roles and choose those with these names."""
    field: Any = form.fields[name]
    field.names = {str(role.pk): role.name for role in nameable_roles()}
    field.choices = list(field.names.items())
    ids = {role.casefold(): key for key, role in field.names.items()}
    form.initial[name] = [ids[role.casefold()] for role in chosen if role.casefold() in ids]
    if not field.names:
        # A company without roles has nothing to choose from.
        del form.fields[name]


class PartForm(DraftForm):
    """Base form of tickets, tasks and completions. Without `position`, it creates a new part.

    Its fields have the names of the members of a workflow file, except those in `aliases`.
    """

    kind: ClassVar[PartKind]
    new: ClassVar[PartFile]
    """What a new part is before the form is filled in."""
    field_lists: ClassVar[tuple[str, ...]]
    """The form fields that choose workspace fields."""

    new_fields: Mapping[str, Any] = MappingProxyType({})
    """Fields that are made with the part, as the schema declares them."""

    title = title_field()
    description = description_field(help_text=gettext_lazy("A short explanation for users."))
    ext_ref = references_field()

    def __init__(
        self,
        *,
        workflow: WorkflowDefinition,
        file: WorkflowFile,
        current: PartFile,
        position: int | None = None,
        data: Any = None,
    ) -> None:
        self.file, self.current, self.position = file, current, position
        self.workspace_fields = data_validator(file.fields_schema).fields
        self.members = {name: member for member, name in self.aliases.items()}
        part = None if position is None else current
        super().__init__(workflow=workflow, data=data, initial=self._initial_values(), part=part)
        for name in self.field_lists:
            self.fields[name].choices = _choices(self.workspace_fields)  # type: ignore[attr-defined]
        if hasattr(current, "condition"):
            self.fields["condition"] = ConditionField(
                self.workspace_fields,
                label=_("Condition"),
                help_text=_("It only applies if this is true. Without any rows, it always applies."),
            )
        if (roles := self.kind.file.role_member) in self.fields:
            offer_roles(self, roles, getattr(current, roles))

    def clean(self) -> dict[str, Any]:
        """Check the workflow as it would be with this part, and add the problems of the part."""
        self.refuse(refusals(*with_part(self.file, self.content(), position=self.position)))
        return self.cleaned_data

    def concerns(self) -> Collection[str]:
        """Return the digests of the part, and of the fields that it uses before or after."""
        used = {*find_fields_used(self.file, self.current), *find_fields_used(self.file, self.content())}
        return [*(() if self.position is None else (PART,)), *(FIELD + name for name in sorted(used))]

    def differences(self, now: WorkflowFile, part: PartFile | None) -> Iterable[Change]:
        """Return in what the part differs now from what was entered here."""
        words = Vocabulary.of_schema(now.fields_schema)
        return compare_members(part, self.content(), (words, words)) if part else ()

    def content(self) -> PartFile:
        """Return the part with the values of the form; members without a valid value are unchanged."""
        changes: dict[str, Any] = {}
        for name, value in self.cleaned_data.items():
            member = self.members.get(name, name)
            if name in self.field_lists:
                changes[member] = _in_order(value, getattr(self.current, member), self.workspace_fields)
            elif hasattr(self.current, member):
                changes[member] = tuple(value) if name == "ext_ref" else value
        return self.adapt(replace(self.current, **changes))

    def adapt(self, content: Any) -> PartFile:
        """Return the part with the changes that follow from its other members."""
        return content  # type: ignore[no-any-return]

    def _initial_values(self) -> dict[str, Any]:
        members = {name: self.members.get(name, name) for name in self.base_fields}
        known = {name: member for name, member in members.items() if hasattr(self.current, member)}
        values = {name: getattr(self.current, member) for name, member in known.items()}
        return {**values, "condition": getattr(self.current, "condition", None)}


class CompletionForm(PartForm):
    """Form of a completion, which ends the workflow or puts it on hold."""

    kind = COMPLETIONS
    new = CompletionFile(title="", completion_status="", fields=())
    field_lists = ("reads",)
    aliases = {"fields": "reads"}

    completion_status = forms.ChoiceField(
        label=gettext_lazy("The workflow becomes"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a status for the workflow.")},
    )
    reads = FieldsField(
        label=gettext_lazy("Checked when one of these is filled in"),
        help_text=gettext_lazy("Whenever one of them is written, the condition below is checked."),
        error_messages={"required": FIELD_REQUIRED},
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        words = [(status.value, _explain(status.label, text)) for status, text in _STATUS_WORDS.items()]
        self.fields["completion_status"].choices = words  # type: ignore[attr-defined]

    def sections(self) -> Iterable[Section]:
        """Return the sections: title and status, condition, references."""
        yield self.section("", "title", "completion_status", "description")
        yield self.section(_("When"), "reads", "condition")
        yield self.section(_("References"), "ext_ref", is_folded=True)


def _choices(known: Fields) -> list[tuple[str, str]]:
    return [
        (name, format_html('{} <code class="tf-name">{}</code>', field.title, name))
        for name, field in known.items()
    ]


def _explain(label: Any, text: Any) -> str:
    return format_html('{} <span class="form-text">{}</span>', label, text)


def _in_order(chosen: Sequence[str], current: Sequence[str], known: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the chosen fields in the order of the schema, or unchanged if they are the same fields."""
    # The stored order may be a designer's choice, so only a changed choice is sorted again.
    if set(chosen) == set(current):
        return tuple(current)
    return tuple(name for name in known if name in chosen)
