"""Conditions that wait for an answer, which mend a task that starts too early."""

from dataclasses import replace
from typing import Any

from workflow_design.definition.field_types import YES_NO
from workflow_design.definition.fields import Field
from workflow_design.definition.workflow import TaskFile


def build_answered_rule(field: Field) -> dict[str, Any]:
    """Return the rule that a field is filled, in a form that the editor of conditions shows as a row."""
    variable = {"var": field.name}
    # No and 0 are answers, although they count as false.
    if field.type is YES_NO or field.type.is_number(field):
        return {"!=": [variable, None]}
    return {"!!": variable}


def require_answer(task: TaskFile, field: Field) -> TaskFile:
    """Return the task with the further condition that the field is filled."""
    rule = build_answered_rule(field)
    if task.condition is None or task.condition is True:
        return replace(task, condition=rule)
    joined = task.condition.get("and") if isinstance(task.condition, dict) else None
    parts = joined if isinstance(joined, list) else [task.condition]
    return replace(task, condition={"and": [*parts, rule]})
