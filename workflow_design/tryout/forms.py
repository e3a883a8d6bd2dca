"""The forms of a try-out: the forms of the workflow, with example files instead of uploads."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

from workflow_design.definition.field_types import FILES, USER
from workflow_design.definition.fields import Examples, Field, Fields, is_empty, without_empty
from workflow_design.definition.schema import DataValidator
from workflow_design.definition.workflow import TaskFile
from workflow_design.engine.answers import FAILED, AnswerRefusedError, is_success, values_of_answer
from workflow_design.tryout.play import Fillable, Tryout
from workflow_design.workspace.answers import ANSWER, AnswerField
from workflow_design.workspace.controls import FileInfo, Sources
from workflow_design.workspace.forms import WorkspaceForm
from workflow_design.workspace.people import find_names, people_choices

_STAND_INS: Final = 3
# A try-out can't use stored files; example files replace the controls below.
_SOURCES: Final = Sources(people=people_choices, files=lambda _ids: {}, names=find_names)


class TryoutForm(WorkspaceForm):
    """The form of a ticket or task of a try-out, or the response of an action; nothing is uploaded.

    Its initial values are those of the workspace, or the `answered` values of a step that the person
    went back to. Raise DefinitionError if the draft is too incomplete to build a form.
    """

    def __init__(
        self,
        tryout: Tryout,
        part: Fillable,
        *,
        data: Any = None,
        answered: Mapping[str, Any] | None = None,
    ) -> None:
        workspace = tryout.standing.data
        super().__init__(
            validator=tryout.validator,
            names=part.writes,
            layout=list(part.edit_layout),
            sources=_SOURCES,
            data=data,
            workspace=workspace,
            draft=answered,
        )
        for name in self.file_names:
            present = self.initial.get(name, [])
            present = [present] if isinstance(present, str) else present
            self.fields[name] = _copy_texts(
                self.fields[name], _stand_in(self.requested_fields[name], present)
            )

    @classmethod
    def with_examples(cls, tryout: Tryout, part: Fillable, *, data: Any) -> "TryoutForm":
        """Return the form with the values entered so far, and an example in every other field."""
        typed = cls(tryout, part, data=data)
        typed.full_clean()  # invalid values are dropped, so examples replace them
        entered = without_empty(typed.cleaned_data)
        asks_for_people = any(field.type is USER for field in typed.requested_fields.values())
        people = [key for key, _name in people_choices()] if asks_for_people else []
        # A field may require more files than there are by default.
        most = max((field.min_items or 0 for field in typed.requested_fields.values()), default=0)
        sources = Examples(timezone.localdate(), people, _file_keys(most))
        examples = example_values(typed.requested_fields, sources, tryout.validator)
        return cls(tryout, part, answered={**examples, **entered})


class AnswerForm(forms.Form):
    """What the other system would answer to an action; its `values` are what the action writes then."""

    def __init__(self, tryout: Tryout, task: TaskFile, *, data: Any = None) -> None:
        super().__init__(data, initial={ANSWER: task.sample_response}, label_suffix="")
        self._tryout, self._task = tryout, task
        self._values: dict[str, Any] = {}
        self.fields[ANSWER] = AnswerField(label=_("Answer of the other system"))

    def clean(self) -> dict[str, Any]:
        """Refuse an answer that could not become a write in a real run, either."""
        answer = self.cleaned_data.get(ANSWER)
        if answer is not None and not is_success(answer["status"]):
            self.add_error(ANSWER, FAILED)
        elif answer is not None:
            standing, validator = self._tryout.standing, self._tryout.validator
            try:
                self._values = values_of_answer(self._task, standing.data, **answer, validator=validator)
            except AnswerRefusedError as error:
                self.add_error(ANSWER, error.message)
        return self.cleaned_data

    def values(self) -> dict[str, Any]:
        """Return what the action writes. Only call this on valid forms."""
        return self._values


def example_values(fields: Fields, sources: Examples, validator: DataValidator) -> dict[str, Any]:
    """Return a valid value for each field; leave out fields without one, such as those with a pattern."""
    values = {name: field.example(sources) for name, field in fields.items()}
    # A pattern may refuse the example; the person has to enter such a value.
    return {
        name: value
        for name, value in values.items()
        if not is_empty(value) and not validator.problems({name: value})
    }


def stand_ins(ids: Iterable[str]) -> dict[str, FileInfo]:
    """Return the example files with these ids; they have no URL."""
    return {key: FileInfo(key, _file_name(key), "", 0) for key in ids}


def _stand_in(field: Field, present: list[str]) -> forms.Field:
    # Files from a counterexample can be chosen, too, even if they are no example files.
    ids = dict.fromkeys([*_file_keys(field.min_items or 0), *present])
    choices = [(key, _file_name(key)) for key in ids]
    if field.type is FILES:
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple())
    return forms.ChoiceField(choices=[("", _("No file")), *choices], widget=forms.Select())


def _file_keys(at_least: int) -> list[str]:
    return [f"stand-in-{number}" for number in range(1, max(_STAND_INS, at_least) + 1)]


def _file_name(key: str) -> str:
    number = key.removeprefix("stand-in-")
    if number.isascii() and number.isdigit():
        return _("Example file %(number)s") % {"number": number}
    return _("A file")


def _copy_texts(before: forms.Field, control: forms.Field) -> forms.Field:
    """Copy the texts of the control that this control replaces."""
    control.label, control.required = before.label, before.required
    control.help_text = f"{before.help_text} {_('In a try-out nothing is uploaded.')}".strip()
    control.widget.is_required = before.required
    control.error_messages["required"] = before.error_messages["required"]
    return control
