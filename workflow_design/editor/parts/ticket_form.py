"""Form of tickets: what their form asks for, what they are called in lists, and who may submit them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflow_design.definition.field_types import CHOICE, TEXT
from workflow_design.definition.layouts import fit_layout
from workflow_design.definition.subjects import (
    MAX_SUBJECT_TEMPLATE,
    fields_for_subjects,
    naming_of,
)
from workflow_design.definition.workflow import PartFile, TicketFile
from workflow_design.editor.draft_page import Section
from workflow_design.editor.parts.forms import (
    FIELD_REQUIRED,
    FieldsField,
    PartForm,
    RolesField,
    result_attributes,
)
from workflow_design.editor.transforms.preview import sample_workspace
from workflow_design.persistence.exporting import TICKETS

_RESULT: Final = "id_subject-result"


class SubjectWidget(forms.TextInput):
    """A line of text, the fields that can be put in, and below it what a ticket would be called."""

    template_name = "workflow_design/editor/subject_widget.html"
    form: "TicketForm"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Return the context of the template."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        fields = [(each.name, each.title) for each in self.form.fields_to_show()]
        context["widget"] |= {"fields": fields, "preview": self.form.preview(), "result_id": _RESULT}
        return context


class TicketForm(PartForm):
    """Form of a ticket definition: the form that starts the workflow."""

    kind = TICKETS
    new = TicketFile(title="", fields=())
    field_lists = ("asks",)
    aliases = {"fields": "asks"}

    asks = FieldsField(
        label=gettext_lazy("The form asks for"),
        help_text=gettext_lazy("The fields that the submitter fills in."),
        error_messages={"required": FIELD_REQUIRED},
    )
    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        required=False,
        max_length=MAX_SUBJECT_TEMPLATE,
        widget=SubjectWidget(attrs=result_attributes("subject", _RESULT) | {"autocomplete": "off"}),
        help_text=gettext_lazy(
            "What a ticket is called: words, and fields in braces. Everyone on the ticket reads it, in lists "
            "and in mails. An empty field is left out, with the words beside it."
        ),
    )
    priority_field = forms.ChoiceField(
        label=gettext_lazy("Priority"),
        required=False,
        help_text=gettext_lazy(
            "A choice whose first answer is the most urgent. Lists sort the tickets of all workflows by the "
            "place of their answer."
        ),
    )
    submitter_roles = RolesField(
        label=gettext_lazy("Who may submit it"),
        help_text=gettext_lazy("If none is selected, everyone who may submit tickets can submit it."),
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.fields["subject"].widget.form = self
        choices = [(each.name, each.title) for each in self.workspace_fields.values() if each.type is CHOICE]
        control: Any = self.fields["priority_field"]
        control.choices = [("", _("None")), *choices]
        if not choices and not self.initial.get("priority_field"):
            del self.fields["priority_field"]

    def sections(self) -> Iterable[Section]:
        """Return the sections: title, form, what lists show, who may submit it, references."""
        yield self.section("", "title", "description")
        yield self.section(_("The form"), "asks")
        yield self.section(_("In lists and mails"), "subject", "priority_field")
        if "submitter_roles" in self.fields:
            yield self.section(_("Who"), "submitter_roles")
        yield self.section(_("References"), "ext_ref", is_folded=True)

    def clean_priority_field(self) -> str | None:
        """Return the name of the field, or None."""
        return self.cleaned_data["priority_field"] or None

    def adapt(self, content: Any) -> PartFile:
        """Return the part with its form layout adapted to its fields."""
        return replace(content, edit_layout=fit_layout(content.edit_layout, content.fields))  # type: ignore[no-any-return]

    def fields_to_show(self) -> list[Any]:
        """Return the fields that the subject may show; of a form that asks for nothing yet, of any."""
        asked = self["asks"].value() or [*self.workspace_fields]
        return fields_for_subjects(asked, self.workspace_fields)

    def preview(self) -> dict[str, str]:
        """Return what a ticket with sample values would be called, and by which field without a subject."""
        typed = str(self["subject"].value() or "").strip()
        naming = naming_of(typed, None, self["asks"].value() or (), self.workspace_fields)
        fields = self.workspace_fields
        texts = {each.name: each.title for each in fields.values() if each.type is TEXT and not each.examples}
        default = "" if typed else ", ".join(fields[name].title for name in naming.subject_fields)
        return {
            "subject": naming.subject({**sample_workspace(fields), **texts}),
            "kind": f"{self['title'].value() or _('Ticket')} #215",
            "default": default,
        }
