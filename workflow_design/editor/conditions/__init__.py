"""Conditions as rows "field, comparison, value", joined by all or any, as people fill them in.

`rows_of` reads a rule as rows, or says that it has another shape; `rule_of` writes rows as a rule.
Both keep the meaning, that of `docs/engine.md`, "Conditions".
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
