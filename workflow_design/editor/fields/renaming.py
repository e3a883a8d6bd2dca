"""Pure functions that rename or remove a field everywhere in a workflow file."""

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
    """Return the workflow with the field `old` renamed to `new`, and nothing else changed.

    Lists, conditions, transforms, layouts and assignees use the new name. The field keeps its position,
    title and settings. Names that another system receives do not change where a transform sets them.
    The caller must ensure that no field is called `new` yet.
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
    """Return the workflow with the field removed from its schema, lists and layouts.

    Conditions, transforms and assignees do not change, because only a person can decide what they should
    mean without the field.
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
    """Return the changed lists of fields and layouts of a part."""
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
    """Return the schema with a property renamed in place, also in `required`."""
    changed = dict(schema)
    if isinstance(schema.get("properties"), dict):
        named = ((renaming(name), value) for name, value in schema["properties"].items())
        changed["properties"] = {name: value for name, value in named if name is not None}
    if isinstance(schema.get("required"), list):
        changed["required"] = list(_listed(schema["required"], renaming))
    return changed
