"""Pure functions that rename or remove a field everywhere in a workflow file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from workflow_design.definition.layouts import Renaming, rename_fields
from workflow_design.definition.ready_made import rename_in_message
from workflow_design.definition.subjects import rename_in_subject
from workflow_design.definition.workflow import PartFile, TaskFile, TicketFile, WorkflowFile
from workflow_design.editor.scenarios.renaming import rename_field_in_scenarios
from workflow_design.engine.conditions.validation import rename_field_in_rule

LISTS: Final = ("fields", "input_fields", "shown_fields", "output_fields", "reset_fields")
"""The members of tickets, tasks and completions that are lists of field names."""
LAYOUTS: Final = ("edit_layout", "display_layout")


def rename_in_file(file: WorkflowFile, old: str, *, new: str) -> WorkflowFile:
    """Return the workflow with the field `old` renamed to `new`, and nothing else changed.

    Lists, subjects, conditions, transforms, messages, layouts, assignees and scenarios use the new name. The
    field keeps its position, title and settings. Names that another system receives do not change where a
    transform sets them. The caller must ensure that no field is called `new` yet.
    """

    def renaming(name: str) -> str:
        return new if name == old else name

    def rename_rule(rule: Any, *, below: str = "") -> Any:
        return rename_field_in_rule(rule, old=old, new=new, below=below)

    def part(value: Any) -> Any:
        changes = _rename_in_part(value, renaming)
        if not isinstance(value, TicketFile):
            changes["condition"] = rename_rule(value.condition)
        if isinstance(value, TaskFile):
            changes["assignee_field"] = value.assignee_field and renaming(value.assignee_field)
            # The keys of an input transform are names that the other system knows; only its rules change.
            changes["input_transform"] = _change_rules(value.input_transform, rename_rule)
            changes["action"] = rename_in_message(value.action, renaming)
            output = _change_rules(value.output_transform, lambda each: rename_rule(each, below="workspace."))
            changes["output_transform"] = output and {renaming(name): each for name, each in output.items()}
        return replace(value, **changes)

    changed = _with_parts(file, part, renaming, _rename_in_schema(file.fields_schema, renaming))
    return replace(changed, scenarios=rename_field_in_scenarios(file, old, new=new))


def remove_in_file(file: WorkflowFile, name: str) -> WorkflowFile:
    """Return the workflow without the field in its schema, lists, layouts, subjects and priorities.

    It is also taken from tasks that say in it that they are overdue.

    Conditions, transforms, messages and assignees do not change, because only a person can decide what they
    should mean without the field.
    """

    def renaming(each: str) -> str | None:
        return None if each == name else each

    def part(value: Any) -> Any:
        return replace(value, **_rename_in_part(value, renaming))

    return _with_parts(file, part, renaming, _rename_in_schema(file.fields_schema, renaming))


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


def _rename_in_part(value: PartFile, renaming: Renaming) -> dict[str, Any]:
    """Return the changed lists of fields, layouts, subject, priority and overdue field of a part."""
    changes: dict[str, Any] = {}
    if isinstance(value, TicketFile):
        changes["subject"] = rename_in_subject(value.subject, renaming)
        changes["priority_field"] = value.priority_field and renaming(value.priority_field)
    if isinstance(value, TaskFile):
        changes["overdue_field"] = value.overdue_field and renaming(value.overdue_field)
    for member in LISTS:
        if hasattr(value, member):
            changes[member] = tuple(_rename_in_list(getattr(value, member), renaming))
    for member in LAYOUTS:
        if hasattr(value, member):
            changes[member] = rename_fields(getattr(value, member), renaming)
    return changes


def _rename_in_list(names: Sequence[str], renaming: Renaming) -> Iterable[str]:
    return (new for new in map(renaming, names) if new is not None)


def _change_rules(transform: Mapping[str, Any] | None, change: Any) -> dict[str, Any] | None:
    return None if transform is None else {name: change(rule) for name, rule in transform.items()}


def _rename_in_schema(schema: Mapping[str, Any], renaming: Renaming) -> dict[str, Any]:
    """Return the schema with a property renamed in place, also in `required`."""
    changed = dict(schema)
    if isinstance(schema.get("properties"), dict):
        named = ((renaming(name), value) for name, value in schema["properties"].items())
        changed["properties"] = {name: value for name, value in named if name is not None}
    if isinstance(schema.get("required"), list):
        changed["required"] = list(_rename_in_list(schema["required"], renaming))
    return changed
