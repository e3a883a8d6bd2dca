"""The form of a task: of a person who fills in a form, or of another system that is called."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflow_design.check.static import SUBMITTER
from workflow_design.definition.fields import FieldKind
from workflow_design.definition.layouts import fit_layout
from workflow_design.definition.workflow import MAX_ADDRESS_LENGTH, TaskFile
from workflow_design.editor.draft_page import Section
from workflow_design.editor.json_field import JsonField, JsonNumberField
from workflow_design.editor.parts.forms import FIRST, FieldsField, PartForm, RolesField
from workflow_design.models import TaskType
from workflow_design.persistence.importing import PartFile
from workflow_design.persistence.part_kinds import TASKS

NEW_TASK: Final = TaskFile(title="", task_type=str(TaskType.FORM), input_fields=())
_OF_FORMS: Final = ("executor_roles", "assignee_field", "not_submitter", "edit_layout", "display_layout")
_OF_ACTIONS: Final = ("action_url", "input_transform", "output_transform", "timeout_seconds")


class TaskForm(PartForm):
    """A task of one kind: somebody fills in a form, or another system is called."""

    kind = TASKS
    lists = ("input_fields", "output_fields", "reset_fields")

    input_fields = FieldsField(
        label=gettext_lazy("It starts when one of these is filled in"),
        help_text=gettext_lazy("Whoever does it also reads them. At least one."),
        error_messages={"required": FIRST},
    )
    output_fields = FieldsField(label="", required=False, error_messages={"required": FIRST})
    reset_fields = FieldsField(
        label=gettext_lazy("Empty these as it starts"),
        help_text=gettext_lazy(
            "Answers from last time that may not hold any more. Only of what it fills in."
        ),
        required=False,
    )
    executor_roles = RolesField(
        label=gettext_lazy("Roles that do it"),
        help_text=gettext_lazy("Nobody ticked: everybody who may work on tasks."),
    )
    assignee_field = forms.ChoiceField(
        label=gettext_lazy("Given to"),
        required=False,
        help_text=gettext_lazy("Somebody in particular gets it, whatever their roles."),
    )
    not_submitter = forms.BooleanField(
        label=gettext_lazy("Never whoever submitted the ticket"),
        help_text=gettext_lazy("Four eyes: somebody else has to look at it."),
        required=False,
    )
    action_url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=MAX_ADDRESS_LENGTH,
        help_text=gettext_lazy("Where the call goes, such as https://example.com/hook."),
        error_messages={"required": gettext_lazy("Say which address the action calls.")},
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
    )
    input_transform = JsonField(
        label=gettext_lazy("What is sent"),
        required=False,
        help_text=gettext_lazy(
            'Names, each with a rule: {"start": {"var": "first_day"}}. Empty: the fields that it starts with.'
        ),
    )
    output_transform = JsonField(
        label=gettext_lazy("What becomes of the answer"),
        required=False,
        help_text=gettext_lazy(
            'Fields, each with a rule: {"booked": {"==": [{"var": "response.status"}, 200]}}. Empty: what '
            "the answer says by the names of the fields."
        ),
    )
    timeout_seconds = JsonNumberField(label=gettext_lazy("Time limit in seconds"), required=False)

    def __init__(self, *, task_type: TaskType, **options: Any) -> None:
        self.task_type = task_type
        super().__init__(**options)
        is_form = task_type == TaskType.FORM
        for name in _OF_ACTIONS if is_form else _OF_FORMS:
            self.fields.pop(name, None)
        self.fields["output_fields"].label = _("The form asks for") if is_form else _("The answer fills in")
        self.fields["output_fields"].required = is_form
        if is_form:
            self.fields["assignee_field"].choices = self._people()  # type: ignore[attr-defined]
        else:
            self.fields["timeout_seconds"].help_text = _time_limit(task_type)

    def sections(self) -> Iterable[Section]:
        """What it is called, when it starts, what it does, who or what does it, and the rest."""
        yield self.section("", "title", "description")
        yield self.section(_("When it starts"), "input_fields", "condition")
        yield self.section(_("What it fills in"), "output_fields")
        if self.task_type == TaskType.FORM:
            yield self.section(_("Who does it"), "executor_roles", "assignee_field", "not_submitter")
        else:
            transforms = ("input_transform", "output_transform")
            yield self.section(_("The call"), "action_url", *transforms, "timeout_seconds")
        yield self.section(_("Starting again"), "reset_fields", is_folded=True)
        yield self.section(_("References"), "ext_ref", is_folded=True)

    def adapted(self, content: Any) -> PartFile:
        """Of its kind, with nothing of another kind, and a layout that follows its fields."""
        task = replace(
            content,
            task_type=str(self.task_type),
            assignee_field=content.assignee_field or None,
            edit_layout=fit_layout(content.edit_layout, content.output_fields),
        )
        names = _OF_ACTIONS if self.task_type == TaskType.FORM else _OF_FORMS
        return replace(task, **{name: getattr(NEW_TASK, name) for name in names})  # type: ignore[no-any-return]

    def _people(self) -> list[tuple[str, Any]]:
        in_field = _("The person in “%(field)s”")
        persons = [
            (name, in_field % {"field": field.title})
            for name, field in self.known.items()
            if field.kind is FieldKind.USER
        ]
        return [("", _("Nobody in particular")), (SUBMITTER, _("Whoever submitted the ticket")), *persons]


def _time_limit(task_type: TaskType) -> str:
    if task_type == TaskType.SYNC_ACTION:
        return _("For the whole call. Empty: 30 seconds, at most 300.")
    return _("For the answer. Empty: 604800 seconds, which is 7 days.")
