"""Editor of conditions as rows "field, comparison, value", joined by all or any.

`rule_to_rows` converts a rule to rows, or returns None if it has another shape; `rows_to_rule` converts
rows to a rule. Both preserve the meaning of `docs/engine.md`, "Conditions".
"""

from workflow_design.editor.conditions.comparisons import (
    comparisons_of,
    comparisons_with_fields,
    fields_beside,
    fits,
)
from workflow_design.editor.conditions.reading import rows_of
from workflow_design.editor.conditions.rows import Comparison, Group, Join, OtherField, Row, Value, normalised
from workflow_design.editor.conditions.writing import rule_of

__all__ = [
    "Comparison",
    "Group",
    "Join",
    "OtherField",
    "Row",
    "Value",
    "comparisons_of",
    "comparisons_with_fields",
    "fields_beside",
    "fits",
    "normalised",
    "rows_of",
    "rule_of",
]
