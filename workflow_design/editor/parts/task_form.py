"""Form of a task: a person fills in a form, or another system is called."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflow_design.definition.field_types import USER
from workflow_design.definition.layouts import fit_layout
from workflow_design.definition.problems import Problem
from workflow_design.definition.references import MAX_ADDRESS_LENGTH
from workflow_design.definition.schema import data_validator
from workflow_design.definition.workflow import SUBMITTER, PartFile, TaskFile
from workflow_design.editor.draft_page import Section
from workflow_design.editor.form_fields import number_field, swap_attributes
from workflow_design.editor.parts.due_form import TimedTaskForm
from workflow_design.editor.parts.forms import FIELD_REQUIRED, FieldsField, RolesField
from workflow_design.editor.transforms.field import WHILE_TYPING, TransformField, TransformWidget
from workflow_design.editor.transforms.preview import preview_written, sample_workspace
from workflow_design.models import TaskType
from workflow_design.persistence.names import nameable_connections
from workflow_design.wording.transforms import describe_request
from workflow_design.workspace.answers import AnswerField

_FORM_MEMBERS: Final = (
    "shown_fields",
    "executor_roles",
    "assignee_field",
    "not_submitter",
    "needs_approval",
    "edit_layout",
    "display_layout",
)
_ACTION_MEMBERS: Final = (
    "action_url",
    "connection",
    "path",
    "action",
    "input_transform",
    "output_transform",
    "timeout_seconds",
    "sample_response",
)
_ADDRESS, _CONNECTION = "address", "connection"


class TaskForm(TimedTaskForm):
    """Form of a task of one type. It only has the fields of that type."""

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
    output_fields = FieldsField(label="", error_messages={"required": FIELD_REQUIRED})
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
    needs_approval = forms.BooleanField(
        label=gettext_lazy("A person confirms what a program answers"),
        help_text=gettext_lazy(
            "What comes over the API, with anybody's token, is only prepared: a person with one of these "
            "roles confirms, changes or sends it back."
        ),
        required=False,
    )
    target = forms.ChoiceField(
        label=gettext_lazy("What it calls"),
        choices=[
            (_ADDRESS, gettext_lazy("An address")),
            (_CONNECTION, gettext_lazy("A connection of the company")),
        ],
        widget=forms.RadioSelect(),
    )
    action_url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=MAX_ADDRESS_LENGTH,
        help_text=gettext_lazy("The address to call, such as https://example.com/hook."),
        error_messages={"required": gettext_lazy("Enter the address that the action calls.")},
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
    )
    connection = forms.ChoiceField(
        label=gettext_lazy("Connection"),
        help_text=gettext_lazy("An address with its password, which a company admin has set up."),
        error_messages={"required": gettext_lazy("Choose the connection that the action calls.")},
    )
    path = forms.CharField(
        label=gettext_lazy("Path"),
        required=False,
        max_length=MAX_ADDRESS_LENGTH,
        help_text=gettext_lazy("What follows the address of the connection, such as /accounts."),
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
    )
    input_transform = TransformField(
        of_answer=False,
        label=gettext_lazy("Data to send"),
        help_text=gettext_lazy(
            "A text can contain fields: write the name of a field in braces, such as {first_day}."
        ),
    )
    sample_response = AnswerField(
        label=gettext_lazy("Sample of the answer"),
        required=False,
        help_text=gettext_lazy(
            "What the other system answers, from its manual or a test. Only used here and in the try-out."
        ),
    )
    output_transform = TransformField(
        of_answer=True,
        label=gettext_lazy("Use of the answer"),
        help_text=gettext_lazy("What is written into which field."),
    )
    timeout_seconds = number_field(gettext_lazy("Time limit in seconds"))

    def __init__(self, *, task_type: TaskType, **options: Any) -> None:
        self.task_type = task_type
        super().__init__(**options)
        is_form = task_type == TaskType.FORM
        for name in (*_ACTION_MEMBERS, "target") if is_form else _FORM_MEMBERS:
            self.fields.pop(name, None)
        self.fields["output_fields"].label = _("The form asks for") if is_form else _("The answer fills in")
        if is_form:
            self.fields["assignee_field"].choices = self._people()  # type: ignore[attr-defined]
        else:
            self.fields["timeout_seconds"].help_text = _time_limit(task_type)
            self.fields["input_fields"].help_text = _("Choose at least one.")
            if task_type == TaskType.ASYNC_ACTION:
                self.fields["input_transform"].help_text = _(
                    "A text can contain fields in braces, such as {first_day}. The other system sends its "
                    "answer to the address in “callback_url”, which is added."
                )
            self._offer_connections()
            self._show_results()

    def clean(self) -> dict[str, Any]:
        """Check the task, but not what belongs to the other kind of target."""
        cleaned = super().clean()
        for name in self._unused_target() if self.task_type != TaskType.FORM else ():
            self.errors.pop(name, None)
        return cleaned

    def refuse(self, problems: Collection[Problem]) -> None:
        """Add each problem to its field, and that of a transform to the row it is about."""
        # If a connection is missing, its own field says so.
        problems = [each for each in problems if each.code != "path-without-connection"]
        super().refuse([self._at_row(problem) for problem in problems])

    def sections(self) -> Iterable[Section]:
        """Return the sections: what it is, who does it or what is called, when it starts, the rest."""
        yield self.section("", "title", "description")
        when = self.section(_("When it starts"), "input_fields", "shown_fields", "condition")
        if self.task_type == TaskType.FORM:
            who = ("executor_roles", "assignee_field", "not_submitter", "needs_approval")
            yield self.section(_("Who does it"), *who)
            yield self.section(_("What it fills in"), "output_fields")
            yield when
        else:
            yield when  # first, because the fields that start a call are what it sends by default
            target = ("target", "action_url", "connection", "path")
            yield self.section(_("The call"), *target, "input_transform", "timeout_seconds")
            answer = ("sample_response", "output_transform")
            yield self.section(_("What it fills in"), "output_fields", *answer)
        yield self.due_section()
        yield self.section(_("Starting again"), "reset_fields", is_folded=True)
        yield self.section(_("References"), "ext_ref", is_folded=True)

    def adapt(self, content: Any) -> PartFile:
        """Return the task without members of other types, and with its layout adapted to its fields."""
        timed: Any = super().adapt(content)
        task = replace(
            timed,
            task_type=str(self.task_type),
            assignee_field=content.assignee_field or None,
            edit_layout=fit_layout(content.edit_layout, content.output_fields),
        )
        is_form = self.task_type == TaskType.FORM
        names = _ACTION_MEMBERS if is_form else (*_FORM_MEMBERS, "action", *self._unused_target())
        return replace(task, **{name: getattr(self.new, name) for name in names})  # type: ignore[no-any-return]

    def _unused_target(self) -> tuple[str, ...]:
        """Return the members of the kind of target that is not chosen. Their fields keep what was typed."""
        is_address = self["target"].value() != _CONNECTION if "target" in self.fields else True
        return ("connection", "path") if is_address else ("action_url",)

    def _offer_connections(self) -> None:
        """Offer the connections of the company; without any, there are only addresses."""
        names, chosen = nameable_connections(), self.current.connection  # type: ignore[union-attr]
        choices = [("", _("Choose a connection")), *((name, name) for name in names)]
        if chosen and chosen not in names:
            choices.append((chosen, _("%(name)s (there is no such connection yet)") % {"name": chosen}))
        if len(choices) == 1:
            for name in ("target", "connection", "path"):
                del self.fields[name]
            return
        self.fields["connection"].choices = choices  # type: ignore[attr-defined]
        self.initial["target"] = _ADDRESS if self.current.action_url else _CONNECTION  # type: ignore[union-attr]

    def _show_results(self) -> None:
        """Let both transforms show what they make of sample values and of the sample of the answer."""
        validator = data_validator(self.file.fields_schema)
        sample: Any = self.fields["sample_response"]

        def sent(transform: Any) -> Mapping[str, Any]:
            task = replace(self._typed_task(), input_transform=transform)
            return describe_request(task, sample_workspace(validator.fields), validator.fields)

        def written(transform: Any) -> Mapping[str, Any]:
            task = replace(self._typed_task(), output_transform=transform)
            return preview_written(task, validator, sample.read(self["sample_response"].value()))

        for name, preview in (("input_transform", sent), ("output_transform", written)):
            field: Any = self.fields[name]
            field.use_fields(
                self.workspace_fields, preview=preview, outputs=lambda: self._typed_task().output_fields
            )
        result = f"{self['output_transform'].auto_id}-{TransformWidget.result}"
        action = "output_transform:update"
        sample.widget.update = format_html("{} {}", swap_attributes(result, action=action), WHILE_TYPING)

    def _typed_task(self) -> TaskFile:
        """Return the task with the fields that are chosen now, which may not be valid."""
        task: Any = self.current
        chosen = {name: self[name].value() or () for name in ("input_fields", "output_fields")}
        known = {
            name: tuple(each for each in self.workspace_fields if each in chosen[name]) for name in chosen
        }
        return replace(task, task_type=str(self.task_type), **known)  # type: ignore[no-any-return]

    def _at_row(self, problem: Problem) -> Problem:
        name = problem.pointer.split("/")[1] if problem.pointer else ""
        field = self.fields.get(name)
        return field.locate(problem, self[name].value()) if isinstance(field, TransformField) else problem

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
        return _("How long one call may take. If empty, 30 seconds; at most 300, which is 5 minutes.")
    return _("How long to wait for the answer: 3600 is an hour, 86400 is a day. If empty, 7 days.")
