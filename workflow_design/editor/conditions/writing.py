"""Conversion of rows to rules."""

from collections.abc import Callable
from typing import Any, Final

from workflow_design.definition.comparisons import Comparison
from workflow_design.definition.field_types import YES_NO
from workflow_design.definition.fields import Field, Fields
from workflow_design.editor.conditions.rows import Group, Join, OtherField, Row, Value, normalize

OPERATORS: Final = {
    Comparison.IS: "==",
    Comparison.IS_NOT: "!=",
    Comparison.LESS: "<",
    Comparison.AT_MOST: "<=",
    Comparison.AT_LEAST: ">=",
    Comparison.MORE: ">",
}


def rows_to_rule(rows: Group, fields: Fields) -> Any:
    """Convert rows to a rule, or to None, which means no condition, if there are no rows."""
    simple = normalize(rows)
    return _item_to_rule(simple, fields) if simple.items else None


def false_or_zero_is_filled(field: Field) -> bool:
    """Return whether a filled field may be false in JsonLogic, because it is no or 0."""
    return field.type is YES_NO or field.type.is_number(field)


def _item_to_rule(item: Row | Group, fields: Fields) -> Any:
    if isinstance(item, Row):
        return _row_to_rule(item, fields[item.field])
    parts = [_item_to_rule(each, fields) for each in item.items]
    return parts[0] if len(parts) == 1 else {"and" if item.join is Join.ALL else "or": parts}


def _row_to_rule(row: Row, field: Field) -> Any:
    variable = {"var": row.field}
    values = [_operand(value) for value in row.values]
    if row.comparison in OPERATORS:
        return {OPERATORS[row.comparison]: [variable, *values]}
    return _BUILDERS[row.comparison](variable, values, field)


def _operand(value: Value) -> Any:
    return {"var": value.name} if isinstance(value, OtherField) else value


def _filled(variable: Any, values: list[Any], field: Field) -> Any:
    return {"!": _empty(variable, values, field)} if false_or_zero_is_filled(field) else {"!!": variable}


def _empty(variable: Any, values: list[Any], field: Field) -> Any:
    return {"missing": [field.name]} if false_or_zero_is_filled(field) else {"!": variable}


_BUILDERS: Final[dict[Comparison, Callable[[Any, list[Any], Field], Any]]] = {
    Comparison.ONE_OF: lambda variable, values, _field: {"in": [variable, values]},
    Comparison.NONE_OF: lambda variable, values, _field: {"!": {"in": [variable, values]}},
    Comparison.BETWEEN: lambda variable, values, _field: {"<=": [values[0], variable, values[1]]},
    Comparison.CONTAINS: lambda variable, values, _field: {"in": [values[0], variable]},
    Comparison.CONTAINS_NOT: lambda variable, values, _field: {"!": {"in": [values[0], variable]}},
    Comparison.YES: lambda variable, _values, _field: variable,
    Comparison.NO: lambda variable, _values, _field: {"==": [variable, False]},
    Comparison.NOT_YES: lambda variable, _values, _field: {"!": variable},
    Comparison.NOT_NO: lambda variable, _values, _field: {"!=": [variable, False]},
    Comparison.FILLED: _filled,
    Comparison.EMPTY: _empty,
}
