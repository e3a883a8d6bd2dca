"""Conditions and transforms: JsonLogic, which strangers write, made safe.

`validate` refuses a rule when it is saved; `evaluate` computes its value, within bounds that do
not depend on time, and ends with a ConditionError or a value, never with anything else. The law
is `docs/engine.md`, "Conditions"; `evaluation.py` says how it is kept.
"""

from workflow_design.engine.conditions.bounds import ConditionError
from workflow_design.engine.conditions.evaluation import apply_transform, evaluate
from workflow_design.engine.conditions.operations import is_true
from workflow_design.engine.conditions.validation import (
    fields_read,
    fields_read_by_transform,
    is_constantly_false,
    validate,
    validate_transform,
    values_read,
    with_field_renamed,
)

__all__ = [
    "ConditionError",
    "apply_transform",
    "evaluate",
    "fields_read",
    "fields_read_by_transform",
    "is_constantly_false",
    "is_true",
    "validate",
    "validate_transform",
    "values_read",
    "with_field_renamed",
]
