"""Editor of conditions as rows "field, comparison, value", joined by all or any.

`rule_to_rows` converts a rule to rows, or returns None if it has another shape; `rows_to_rule` converts
rows to a rule. Both preserve the meaning of `docs/engine.md`, "Conditions".
"""

from workflow_design.definition.comparisons import Comparison
from workflow_design.editor.conditions.comparisons import comparable_fields
from workflow_design.editor.conditions.reading import rule_to_rows
from workflow_design.editor.conditions.rows import Group, Join, OtherField, Row, Value, normalize
from workflow_design.editor.conditions.writing import rows_to_rule

__all__ = [
    "Comparison",
    "Group",
    "Join",
    "OtherField",
    "Row",
    "Value",
    "comparable_fields",
    "normalize",
    "rows_to_rule",
    "rule_to_rows",
]
