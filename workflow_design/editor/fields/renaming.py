"""A field is renamed or taken out, everywhere at once: pure, workflow file to workflow file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from workflow_design.definition.layouts import Renaming, rename_fields
from workflow_design.definition.workflow import CompletionFile, TaskFile, TicketFile, WorkflowFile
from workflow_design.engine.conditions import rename_field_in_rule

LISTS: Final = ("fields", "input_fields", "output_fields", "reset_fields")
"""The members of tickets, tasks and completions that are lists of field names."""
LAYOUTS: Final = ("edit_layout", "display_layout")
PartFile = TicketFile | TaskFile | CompletionFile


def renamed(file: WorkflowFile, old: str, *, new: str) -> WorkflowFile:
    """The same workflow, in which the field `old` is called `new`: nothing else about it changes.

    Its place, its title and all that it holds stay; lists, conditions, transforms, layouts and the
    choice of a person say the new name. Names that another system knows, in what is sent to
    it, are kept where a transform says them. No field is called `new` yet.
    """

    def renaming(name: str) -> str:
        return new if name == old else name

    def rule(written: Any, *, below: str = "") -> Any:
        return rename_field_in_rule(written, old=old, new=new, below=below)

    def part(value: Any) -> Any:
        changes = _names_in(value, renaming)
        if not isinstance(value, TicketFile):
            changes["condition"] = rule(value.condition)
        if isinstance(value, TaskFile):
            changes["assignee_field"] = value.assignee_field and renaming(value.assignee_field)
            changes["input_transform"] = _each(value.input_transform, rule)
            taken = _each(value.output_transform, lambda each: rule(each, below="workspace."))
            changes["output_transform"] = taken and {renaming(name): each for name, each in taken.items()}
        return replace(value, **changes)

    return _with_parts(file, part, renaming, _schema_renamed(file.fields_schema, renaming))


def without_field(file: WorkflowFile, name: str) -> WorkflowFile:
    """The same workflow without the field in its schema, lists and layouts.

    Conditions, transforms and the choice of a person stay as they are: what they mean without it
    nobody but a person can say.
    """

    def renaming(each: str) -> str | None:
        return None if each == name else each

    def part(value: Any) -> Any:
        return replace(value, **_names_in(value, renaming))

    return _with_parts(file, part, renaming, _schema_renamed(file.fields_schema, renaming))


def _with_parts(
    file: WorkflowFile, part: Any, renaming: Renaming, fields_schema: Mapping[str, Any]
) -> WorkflowFile:
    return replace(
        file,
        fields_schema=fields_schema,
        display_layout=rename_fields(file.display_layout, renaming),
        tickets=tuple(map(part, file.tickets)),
        tasks=tuple(map(part, file.tasks)),
        completions=tuple(map(part, file.completions)),
    )


def _names_in(value: PartFile, renaming: Renaming) -> dict[str, Any]:
    """What a part's lists of fields and its layouts become."""
    changes: dict[str, Any] = {}
    for member in LISTS:
        if hasattr(value, member):
            changes[member] = tuple(_listed(getattr(value, member), renaming))
    for member in LAYOUTS:
        if hasattr(value, member):
            changes[member] = rename_fields(getattr(value, member), renaming)
    return changes


def _listed(names: Sequence[str], renaming: Renaming) -> Iterable[str]:
    return (new for new in map(renaming, names) if new is not None)


def _each(transform: Mapping[str, Any] | None, change: Any) -> dict[str, Any] | None:
    return None if transform is None else {name: change(rule) for name, rule in transform.items()}


def _schema_renamed(schema: Mapping[str, Any], renaming: Renaming) -> dict[str, Any]:
    """The schema with another name for a property, at its place, and among what is required."""
    changed = dict(schema)
    if isinstance(schema.get("properties"), dict):
        named = ((renaming(name), value) for name, value in schema["properties"].items())
        changed["properties"] = {name: value for name, value in named if name is not None}
    if isinstance(schema.get("required"), list):
        changed["required"] = list(_listed(schema["required"], renaming))
    return changed
