"""Conditions and transforms: JsonLogic rules from untrusted users, evaluated safely.

`validate` rejects a rule before it is saved. `evaluate` computes its value within limits that do not depend
on time; it returns a value or raises ConditionError, never another exception. The rules are specified in
`docs/engine.md`, "Conditions"; `evaluation.py` describes the implementation.
"""

from workflow_design.engine.conditions.bounds import ConditionError
from workflow_design.engine.conditions.evaluation import apply_transform, evaluate, holds
from workflow_design.engine.conditions.operations import is_true
from workflow_design.engine.conditions.validation import (
    fields_read,
    fields_read_by_transform,
    is_constantly_false,
    rename_field_in_rule,
    validate,
    validate_transform,
)

__all__ = [
    "ConditionError",
    "apply_transform",
    "evaluate",
    "fields_read",
    "fields_read_by_transform",
    "holds",
    "is_constantly_false",
    "is_true",
    "rename_field_in_rule",
    "validate",
    "validate_transform",
]
