"""Forms for a new workflow, for a workflow as a whole, and for its fields as JSON Schema."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketflower.clean_json import format_json
from ticketflower.http import Form
from workflow_design.check.static import NOT_YET, all_problems
from workflow_design.compare.difference import Change, compare_members, difference
from workflow_design.definition.accepted import MAX_REASON_LENGTH
from workflow_design.definition.file_json import WorkflowFileError, parse_workflow_file, to_json
from workflow_design.definition.problems import Problem
from workflow_design.definition.workflow import PartFile, WorkflowFile
from workflow_design.editor.draft_page import DraftForm, Section
from workflow_design.editor.drafts import SCHEMA, WORKFLOW
from workflow_design.editor.fields.actions import schema_refusals
from workflow_design.editor.form_fields import (
    JsonField,
    description_field,
    references_field,
    title_field,
)
from workflow_design.editor.parts.forms import RolesField, offer_roles
from workflow_design.editor.workflow.actions import file_refusals, new_workflow_file, workflow_refusals
from workflow_design.models import WorkflowDefinition
from workflow_design.wording.rules import Vocabulary


class NewWorkflowForm(Form):
    """Form that creates a workflow."""

    title = title_field(
        help_text=gettext_lazy("A short name, such as “Vacation request” or “Purchase approval”.")
    )
    description = description_field(help_text=gettext_lazy("Its purpose, shown in lists."))

    def clean(self) -> dict[str, Any]:
        """Reject what a workflow file could not contain."""
        title = self.cleaned_data.get("title", "x")
        self.refuse(workflow_refusals(new_workflow_file(title, self.cleaned_data.get("description", ""))))
        return self.cleaned_data

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Add each problem to its field."""
        for problem in problems:
            self.add_error(problem.pointer.split("/")[1], problem.message)


class AcceptForm(Form):
    """Form that accepts a finding as meant so."""

    reason = forms.CharField(
        label=gettext_lazy("Why is this meant so?"),
        help_text=gettext_lazy("Everyone who sees the finding later reads this, also in other versions."),
        max_length=MAX_REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class WorkflowForm(DraftForm):
    """Form of a workflow as a whole."""

    title = title_field()
    description = description_field(help_text=gettext_lazy("Its purpose."))
    ticket_admin_roles = RolesField(
        label=gettext_lazy("Who administers its tickets"),
        help_text=gettext_lazy("If none is selected, everyone with the system role “Ticket admin”."),
    )
    ext_ref = references_field()

    def __init__(self, *, workflow: WorkflowDefinition, file: WorkflowFile, data: Any = None) -> None:
        self.file = file
        initial = {"title": file.title, "description": file.description, "ext_ref": list(file.ext_ref)}
        super().__init__(workflow=workflow, data=data, initial=initial)
        offer_roles(self, "ticket_admin_roles", file.ticket_admin_roles)

    def sections(self) -> Iterable[Section]:
        """Return the sections: title, description and admins, references."""
        yield self.section("", "title", "description", "ticket_admin_roles")
        yield self.section(_("References"), "ext_ref", is_folded=True)

    def concerns(self) -> Collection[str]:
        """Return the digest of what describes the workflow as a whole."""
        return (WORKFLOW,)

    def differences(self, now: WorkflowFile, part: PartFile | None) -> Iterable[Change]:
        """Return in what the workflow differs now from what was entered here."""
        words = Vocabulary.of_schema(now.fields_schema)
        return compare_members(now, self.content(), (words, words))

    def clean(self) -> dict[str, Any]:
        """Check the workflow as it would be, and add its problems."""
        self.refuse(workflow_refusals(self.content()))
        return self.cleaned_data

    def content(self) -> WorkflowFile:
        """Return the workflow with the values of the form; members without a valid value are unchanged."""
        values = {name: value for name, value in self.cleaned_data.items() if hasattr(self.file, name)}
        changes: Any = {n: tuple(value) if isinstance(value, list) else value for n, value in values.items()}
        return replace(self.file, **changes)


class TextForm(DraftForm):
    """Form of one text, to which problems are added with their pointers."""

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Add each problem to the text."""
        (field,) = self.visible_fields()
        for problem in problems:
            self.add_error(field.name, str(problem))


class SchemaForm(TextForm):
    """Form of the fields of a workflow as JSON Schema."""

    schema = JsonField(
        rows=30,
        label=gettext_lazy("JSON Schema"),
        help_text=gettext_lazy("An object whose properties are the fields, in their order."),
    )

    def __init__(self, *, workflow: WorkflowDefinition, file: WorkflowFile, data: Any = None) -> None:
        self.file = file
        super().__init__(workflow=workflow, data=data, initial={"schema": dict(file.fields_schema)})

    def concerns(self) -> Collection[str]:
        """Return the digest of all fields."""
        return (SCHEMA,)

    def differences(self, now: WorkflowFile, part: PartFile | None) -> Iterable[Change]:
        """Yield in what the fields differ now from what was entered here."""
        return difference(now, replace(now, fields_schema=self.cleaned_data["schema"])).changes()

    def clean(self) -> dict[str, Any]:
        """Check the schema together with everything that uses its fields."""
        if "schema" in self.cleaned_data:
            self.refuse(schema_refusals(self.file, self.cleaned_data["schema"]))
        return self.cleaned_data


class WholeForm(TextForm):
    """Form of a whole draft as a workflow file; `file` is the parsed text."""

    text = forms.CharField(
        label=gettext_lazy("Workflow file"),
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 40, "spellcheck": "false", "autocapitalize": "off", "class": "tf-code"}
        ),
        help_text=gettext_lazy("The content of “Download”: the workflow with its fields, tickets and tasks."),
    )
    file: WorkflowFile

    def __init__(self, *, workflow: WorkflowDefinition, file: WorkflowFile, data: Any = None) -> None:
        super().__init__(workflow=workflow, data=data, initial={"text": format_json(to_json(file))})
        # Whatever changes in the draft concerns this form.
        self.initial["digests"] = ""

    def differences(self, now: WorkflowFile, part: PartFile | None) -> Iterable[Change]:
        """Yield in what the draft differs now from what was entered here."""
        return difference(now, self.file).changes()

    def clean(self) -> dict[str, Any]:
        """Parse the file and add all its problems."""
        if "text" in self.cleaned_data:
            try:
                self.file = parse_workflow_file(self.cleaned_data["text"])
                self.refuse(file_refusals(self.file))
            except WorkflowFileError as error:
                self.refuse([each for each in all_problems(error) if each.code not in NOT_YET])
        return self.cleaned_data
