"""Form of a task: a person fills in a form, or another system is called."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflow_design.definition.field_types import USER
from workflow_design.definition.layouts import fit_layout
from workflow_design.definition.references import MAX_ADDRESS_LENGTH
from workflow_design.definition.workflow import SUBMITTER, PartFile, TaskFile
from workflow_design.editor.draft_page import Section
from workflow_design.editor.form_fields import JsonField, number_field
from workflow_design.editor.parts.forms import FIELD_REQUIRED, FieldsField, PartForm, RolesField
from workflow_design.models import TaskType
from workflow_design.persistence.exporting import TASKS

_FORM_MEMBERS: Final = (
    "shown_fields",
    "executor_roles",
    "assignee_field",
    "not_submitter",
    "edit_layout",
    "display_layout",
)
_ACTION_MEMBERS: Final = ("action_url", "input_transform", "output_transform", "timeout_seconds")


class TaskForm(PartForm):
    """Form of a task of one type. It only has the fields of that type."""

    kind = TASKS
    new = TaskFile(title="", task_type=str(TaskType.FORM), input_fields=())
    field_lists = ("input_fields", "shown_fields", "output_fields", "reset_fields")

    input_fields = FieldsField(
        label=gettext_lazy("Starts when one of these is filled in"),
        help_text=gettext_lazy("The assignee also sees them. Choose at least one."),
        error_messages={"required": FIELD_REQUIRED},
    )
    shown_fields = FieldsField(
        label=gettext_lazy("Also shows"),
        help_text=gettext_lazy("The assignee sees them, too, but filling them in does not start the task."),
        required=False,
    )
    output_fields = FieldsField(label="", required=False, error_messages={"required": FIELD_REQUIRED})
    reset_fields = FieldsField(
        label=gettext_lazy("Clear these when it starts"),
        help_text=gettext_lazy("Earlier answers that may be outdated. Only fields that the task fills in."),
        required=False,
    )
    executor_roles = RolesField(
        label=gettext_lazy("Roles that do it"),
        help_text=gettext_lazy("If none is selected, everyone who may work on tasks can do it."),
    )
    assignee_field = forms.ChoiceField(
        label=gettext_lazy("Assigned to"),
        required=False,
        help_text=gettext_lazy("This person gets the task, regardless of their roles."),
    )
    not_submitter = forms.BooleanField(
        label=gettext_lazy("Never the submitter of the ticket"),
        help_text=gettext_lazy("Four-eyes principle: another person must do it."),
        required=False,
    )
    action_url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=MAX_ADDRESS_LENGTH,
        help_text=gettext_lazy("The address to call, such as https://example.com/hook."),
        error_messages={"required": gettext_lazy("Enter the address that the action calls.")},
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
    )
    input_transform = JsonField(
        label=gettext_lazy("Data to send"),
        required=False,
        help_text=gettext_lazy(
            'Names, each with a rule: {"start": {"var": "first_day"}}. If empty: the fields it starts with.'
        ),
    )
    output_transform = JsonField(
        label=gettext_lazy("Use of the response"),
        required=False,
        help_text=gettext_lazy(
            'Fields, each with a rule: {"booked": {"==": [{"var": "response.status"}, 200]}}. If empty, '
            "the values in the response with the names of the fields."
        ),
    )
    timeout_seconds = number_field(gettext_lazy("Time limit in seconds"))

    def __init__(self, *, task_type: TaskType, **options: Any) -> None:
        self.task_type = task_type
        super().__init__(**options)
        is_form = task_type == TaskType.FORM
        for name in _ACTION_MEMBERS if is_form else _FORM_MEMBERS:
            self.fields.pop(name, None)
        self.fields["output_fields"].label = _("The form asks for") if is_form else _("The response fills in")
        self.fields["output_fields"].required = is_form
        if is_form:
            self.fields["assignee_field"].choices = self._people()  # type: ignore[attr-defined]
        else:
            self.fields["timeout_seconds"].help_text = _time_limit(task_type)

    def sections(self) -> Iterable[Section]:
        """Return the sections: title, assignment or call, fields, start, restart, references."""
        yield self.section("", "title", "description")
        if self.task_type == TaskType.FORM:
            yield self.section(_("Who does it"), "executor_roles", "assignee_field", "not_submitter")
        else:
            transforms = ("input_transform", "output_transform")
            yield self.section(_("The call"), "action_url", *transforms, "timeout_seconds")
        yield self.section(_("What it fills in"), "output_fields")
        yield self.section(_("When it starts"), "input_fields", "shown_fields", "condition")
        yield self.section(_("Starting again"), "reset_fields", is_folded=True)
        yield self.section(_("References"), "ext_ref", is_folded=True)

    def adapt(self, content: Any) -> PartFile:
        """Return the task without members of other types, and with its layout adapted to its fields."""
        task = replace(
            content,
            task_type=str(self.task_type),
            assignee_field=content.assignee_field or None,
            edit_layout=fit_layout(content.edit_layout, content.output_fields),
        )
        names = _ACTION_MEMBERS if self.task_type == TaskType.FORM else _FORM_MEMBERS
        return replace(task, **{name: getattr(self.new, name) for name in names})  # type: ignore[no-any-return]

    def _people(self) -> list[tuple[str, Any]]:
        in_field = _("The person in “%(field)s”")
        persons = [
            (name, in_field % {"field": field.title})
            for name, field in self.workspace_fields.items()
            if field.type is USER
        ]
        return [("", _("No particular person")), (SUBMITTER, _("The submitter of the ticket")), *persons]


def _time_limit(task_type: TaskType) -> str:
    if task_type == TaskType.SYNC_ACTION:
        return _("For the whole call. If empty, 30 seconds; at most 300.")
    return _("For the response. If empty, 604800 seconds, which is 7 days.")
