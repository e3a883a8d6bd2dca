"""Uses of a field in a workflow, which are listed before it is renamed or removed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from workflow_design.definition.layouts import rename_fields
from workflow_design.definition.ready_made import fields_in_text, fields_of_message
from workflow_design.definition.workflow import (
    CompletionFile,
    Kind,
    PartFile,
    TaskFile,
    TicketFile,
    WorkflowFile,
)
from workflow_design.editor.fields.renaming import LAYOUTS, LISTS
from workflow_design.engine.conditions.bounds import ConditionError
from workflow_design.engine.conditions.validation import fields_read_by_transform
from workflow_design.pages.lines import fields_in_rule

_LIST_USES: Final = {
    (TicketFile, "fields"): _("Its form asks for it"),
    (TaskFile, "input_fields"): _("Starts when it is written"),
    (TaskFile, "shown_fields"): _("Shows it"),
    (TaskFile, "output_fields"): _("Writes it"),
    (TaskFile, "reset_fields"): _("Empties it as it starts"),
    (CompletionFile, "fields"): _("Is checked when it is written"),
}
_IN_LAYOUT: Final = _("Shows it in its layout")


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a field: the part (`kind` is "" for the workflow itself), and how it uses the field."""

    kind: str
    position: int
    title: str
    how: str
    is_rule: bool = False
    """True if a person must change it before the field can be removed; a list just loses a name."""


def find_uses(file: WorkflowFile, name: str) -> list[Use]:
    """Return all uses of the field, in the order of the workflow file."""
    found = [Use("", 0, file.title, str(_IN_LAYOUT))] if _is_in_layout(file.display_layout, name) else []
    for kind in Kind:
        for position, part in enumerate(getattr(file, kind.members)):
            found += [
                Use(kind.members, position, part.title, str(how), is_rule)
                for how, is_rule in _uses_in_part(part, name)
            ]
    return found


def find_fields_used(file: WorkflowFile, part: PartFile) -> list[str]:
    """Return the fields that a part uses in any way, in the order of the schema."""
    return [name for name in file.fields_schema.get("properties", {}) if any(_uses_in_part(part, name))]


def actions_that_send_name(file: WorkflowFile, name: str) -> list[str]:
    """Return the titles of actions that send or receive this name, which other systems must learn."""
    return [
        task.title
        for task in file.tasks
        if not task.is_form
        and task.action is None
        and (
            (task.input_transform is None and name in task.input_fields)
            or (task.output_transform is None and name in task.output_fields)
        )
    ]


def _uses_in_part(part: PartFile, name: str) -> Iterator[tuple[Any, bool]]:
    for member in LISTS:
        if name in getattr(part, member, ()):
            yield _LIST_USES[type(part), member], False
    if any(_is_in_layout(getattr(part, member, ()), name) for member in LAYOUTS):
        yield _IN_LAYOUT, False
    if name in fields_in_rule(getattr(part, "condition", None)):
        yield _("Its condition uses it"), True
    if isinstance(part, TicketFile):
        if name in fields_in_text(part.subject):
            yield _("Its subject shows it"), False
        if name == part.priority_field:
            yield _("Its priority is taken from it"), False
    if isinstance(part, TaskFile):
        yield from _uses_in_task(part, name)


def _uses_in_task(task: TaskFile, name: str) -> Iterator[tuple[Any, bool]]:
    if task.assignee_field == name:
        yield _("Is assigned to the person in it"), True
    if task.overdue_field == name:
        yield _("Says in it that it is overdue"), False
    if name in fields_of_message(task.action):
        yield _("Its message names it"), True
    if name in _read_by_transform(task.input_transform):
        yield _("Sends data that is computed from it"), True
    output = task.output_transform
    if name in (output or ()) or name in _read_by_transform(output, of_answer=True):
        yield _("Uses it when it processes the response"), True


def _is_in_layout(layout: Any, name: str) -> bool:
    """Return whether a layout names the field: it would change if the field were removed."""
    return rename_fields(layout, lambda each: None if each == name else each) != tuple(layout)


def _read_by_transform(transform: Mapping[str, Any] | None, *, of_answer: bool = False) -> frozenset[str]:
    try:
        return frozenset() if transform is None else fields_read_by_transform(transform, of_answer=of_answer)
    except ConditionError:
        return frozenset()
