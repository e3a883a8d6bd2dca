"""The JSON Schema of a workflow file, in full: for editors, and for programs that write workflows.

It accepts whatever the importer accepts, and refuses what a schema can refuse. The importer itself checks
only the form by a schema, `definition.workflow.json_schema`: its own messages about fields, rules and layouts
say more.
"""

from copy import deepcopy
from functools import cache
from typing import Any, Final

from workflow_design.definition.field_schemas import field_definitions, fields_schema
from workflow_design.definition.layouts import layout_definitions
from workflow_design.definition.workflow import CompletionStatus, TaskType, json_schema
from workflow_design.engine.conditions.rule_schemas import condition, rule_definitions, transform

Schema = dict[str, Any]

_NOT_EMPTY: Final = {"minItems": 1}
_FORM: Final = {"properties": {"task_type": {"const": str(TaskType.FORM)}}}
_ENDS: Final = {
    "type": "object",
    "properties": {
        "completion_status": {"enum": [str(status) for status in CompletionStatus if status.is_final]}
    },
    "required": ["completion_status"],
}


# It depends on the code only, so it is built once per process.
@cache
def file_schema() -> Schema:
    """Return the JSON Schema (2020-12) of a workflow file, which nobody changes."""
    # What the importer uses stays as it is.
    schema = deepcopy(json_schema())
    parts = {kind: schema["properties"][kind]["items"] for kind in ("tickets", "tasks", "completions")}
    for part in (schema, *parts.values()):
        _describe(part["properties"])
    for part, names in (("tickets", ["fields"]), ("completions", ["fields"]), ("tasks", ["input_fields"])):
        for name in names:
            parts[part]["properties"][name] |= _NOT_EMPTY
    _require_form_or_action(parts["tasks"])
    schema["properties"]["tickets"] |= _NOT_EMPTY
    schema["properties"]["completions"] |= {**_NOT_EMPTY, "contains": _ENDS}
    schema["required"] += ["completions"]
    return {**schema, "$defs": {**field_definitions(), **rule_definitions(), **layout_definitions()}}


def _describe(members: Schema) -> None:
    """Add what the members of one kind of object contain to their schemas."""
    details = {
        "fields_schema": fields_schema(),
        "condition": condition(),
        "edit_layout": {"$ref": "#/$defs/layout"},
        "display_layout": {"$ref": "#/$defs/layout"},
    }
    for name, schema in details.items():
        if name in members:
            members[name] |= schema


def _require_form_or_action(task: Schema) -> None:
    """Let a form ask for something, and an action call or send something; only an action has transforms."""
    form = {"output_fields": _NOT_EMPTY, "action": {"type": "null"}}
    action = {
        "output_fields": _NOT_EMPTY,
        "action_url": {"pattern": "^([Hh][Tt][Tt][Pp][Ss]?://|$)"},
        "input_transform": transform("rule"),
        "output_transform": transform("answer_rule"),
    }
    task |= {
        "dependentSchemas": {"overdue_field": _NEEDS_HOURS},
        "if": _FORM,
        "then": {"properties": form, "required": ["output_fields"]},
        "else": {
            "properties": action,
            "required": ["output_fields"],
            "oneOf": [_call("action_url"), _call("connection"), _MESSAGE],
        },
    }


def _call(target: str) -> Schema:
    return {"properties": {target: {"minLength": 1}}, "required": [target]}


_NEEDS_HOURS: Final = {
    "if": {"properties": {"overdue_field": {"type": "string"}}},
    "then": {"properties": {"due_hours": {"type": "number"}}, "required": ["due_hours"]},
}
_MESSAGE: Final = {
    "properties": {
        "task_type": {"const": str(TaskType.SYNC_ACTION)},
        "action": {"type": "object"},
        "output_fields": {"maxItems": 1},
        "executor_roles": {"maxItems": 0},
        "input_transform": {"enum": [None, {}]},
        "output_transform": {"enum": [None, {}]},
        "sample_response": {"type": "null"},
    },
    "required": ["action"],
}
