"""Conversion of rules to rows, if they have a suitable shape, and of rows to rules.

Both preserve the meaning of `docs/engine.md`, "Conditions".
"""

from collections.abc import Callable
from typing import Any, Final

from workflow_design.definition.comparisons import Comparison
from workflow_design.definition.field_types import YES_NO
from workflow_design.definition.fields import Field, Fields
from workflow_design.editor.conditions.rows import Group, Join, OtherField, Row, Value, normalize
from workflow_design.editor.conditions.values import comparable_fields
from workflow_design.engine.conditions.bounds import list_arguments

_OPERATORS: Final = {
    Comparison.IS: "==",
    Comparison.IS_NOT: "!=",
    Comparison.LESS: "<",
    Comparison.AT_MOST: "<=",
    Comparison.AT_LEAST: ">=",
    Comparison.MORE: ">",
}


def rows_to_rule(rows: Group[Row], fields: Fields) -> Any:
    """Convert rows to a rule, or to None, which means no condition, if there are no rows."""
    simple = normalize(rows)
    return _item_to_rule(simple, fields) if simple.items else None


def _false_or_zero_is_filled(field: Field) -> bool:
    """Return whether a filled field may be false in JsonLogic, because it is no or 0."""
    return field.type is YES_NO or field.type.is_number(field)


def _item_to_rule(item: Row | Group[Row], fields: Fields) -> Any:
    if isinstance(item, Row):
        return _row_to_rule(item, fields[item.field])
    parts = [_item_to_rule(each, fields) for each in item.items]
    return parts[0] if len(parts) == 1 else {"and" if item.join == Join.ALL else "or": parts}


def _row_to_rule(row: Row, field: Field) -> Any:
    variable = {"var": row.field}
    values = [_operand(value) for value in row.values]
    if row.comparison in _OPERATORS:
        return {_OPERATORS[row.comparison]: [variable, *values]}
    return _BUILDERS[row.comparison](variable, values, field)


def _operand(value: Value) -> Any:
    return {"var": value.name} if isinstance(value, OtherField) else value


def _filled(variable: Any, values: list[Any], field: Field) -> Any:
    return {"!": _empty(variable, values, field)} if _false_or_zero_is_filled(field) else {"!!": variable}


def _empty(variable: Any, values: list[Any], field: Field) -> Any:
    return {"missing": [field.name]} if _false_or_zero_is_filled(field) else {"!": variable}


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


MAX_DEPTH: Final = 12
"""Maximum depth of nested rules to examine; deeper ones cannot be shown as rows."""

_COMPARISONS: Final = {operator: comparison for comparison, operator in _OPERATORS.items()}
_STRICT: Final = {"===": "==", "!==": "!="}
_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OPPOSITES: Final = {
    Comparison.IS: Comparison.IS_NOT,
    Comparison.ONE_OF: Comparison.NONE_OF,
    Comparison.CONTAINS: Comparison.CONTAINS_NOT,
    Comparison.YES: Comparison.NOT_YES,
    Comparison.NO: Comparison.NOT_NO,
    Comparison.FILLED: Comparison.EMPTY,
}
_OPPOSITES_BOTH: Final = _OPPOSITES | {after: before for before, after in _OPPOSITES.items()}
_TWO: Final = 2
_THREE: Final = 3


def rule_to_rows(rule: Any, fields: Fields) -> Group[Row] | None:
    """Return the rows in normal form that are equivalent to a rule, or None if rows cannot show it.

    Rows cannot show calculations, unknown fields, values that their fields never have, or groups nested
    more than two levels deep. No rule gives no rows.
    """
    if rule is None:
        return Group()
    try:
        read = normalize(Group(Join.ALL, (_Reader(fields).item(rule, 0),)))
    except _NoRowsError:
        return None
    # The editor shows groups inside the outer group, but no deeper ones.
    inner = (part for item in read.items if isinstance(item, Group) for part in item.items)
    return None if any(isinstance(part, Group) for part in inner) else read


class _NoRowsError(Exception):
    """The rule cannot be shown as rows."""


class _Reader:
    """Converts one rule; every method raises _NoRowsError for what no row can show."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def item(self, rule: Any, depth: int) -> Row | Group[Row]:
        if not isinstance(rule, dict) or len(rule) != 1 or depth > MAX_DEPTH:
            raise _NoRowsError
        ((operator, operand),) = rule.items()
        read = _READERS.get(operator)
        if read is None:
            raise _NoRowsError
        return read(self, operator, list_arguments(operand), depth)

    def joined(self, operator: str, arguments: list[Any], depth: int) -> Row | Group[Row]:
        parts = tuple(self.item(argument, depth + 1) for argument in arguments)
        return Group(Join.ALL if operator == "and" else Join.ANY, parts)

    def truth(self, operator: str, arguments: list[Any], depth: int) -> Row | Group[Row]:
        """Convert `{"var": …}` and `{"!!": …}`."""
        if operator == "!!":
            return self.item(arguments[0] if len(arguments) == 1 else None, depth + 1)
        field = self._field({"var": arguments})
        # A reference on its own is a test for truth, which means “is yes” or “is filled in”.
        if field.type is YES_NO:
            return Row(field.name, Comparison.YES)
        filled = Row(field.name, Comparison.FILLED)
        # JsonLogic treats 0 as false, so the row "is filled in" alone would mean something else.
        if _false_or_zero_is_filled(field):
            return Group(Join.ALL, (filled, Row(field.name, Comparison.IS_NOT, (0,))))
        return filled

    def negation(self, operator: str, arguments: list[Any], depth: int) -> Row | Group[Row]:
        return _negated(self.item(arguments[0] if len(arguments) == 1 else None, depth + 1))

    def missing(self, operator: str, arguments: list[Any], depth: int) -> Row | Group[Row]:
        names = arguments[0] if len(arguments) == 1 and isinstance(arguments[0], list) else arguments
        if not names or not all(isinstance(name, str) for name in names):
            raise _NoRowsError
        fields = [self._field({"var": name}) for name in names]
        return Group(Join.ANY, tuple(Row(field.name, Comparison.EMPTY) for field in fields))

    def equality(self, operator: str, arguments: list[Any], depth: int) -> Row | Group[Row]:
        field, value, _is_mirrored = self._sides(arguments)
        plain = _STRICT.get(operator, operator)
        # Empty fields are null in the workspace that conditions see.
        if value is None:
            return Row(field.name, Comparison.EMPTY if plain == "==" else Comparison.FILLED)
        if isinstance(value, bool) and field.type is YES_NO:
            found = Row(field.name, Comparison.YES if value else Comparison.NO)
            return found if plain == "==" else _negated(found)
        return self._row(field, _COMPARISONS[plain], value)

    def size(self, operator: str, arguments: list[Any], depth: int) -> Row | Group[Row]:
        if len(arguments) == _THREE:
            return self._between(operator, arguments)
        field, value, is_mirrored = self._sides(arguments)
        return self._row(field, _COMPARISONS[_MIRRORED[operator] if is_mirrored else operator], value)

    def contained(self, operator: str, arguments: list[Any], depth: int) -> Row | Group[Row]:
        if len(arguments) != _TWO:
            raise _NoRowsError
        item, container = arguments
        if isinstance(container, list):
            return self._row(self._field(item), Comparison.ONE_OF, *container)
        return self._row(self._field(container), Comparison.CONTAINS, item)

    def _between(self, operator: str, arguments: list[Any]) -> Row | Group[Row]:
        low, middle, high = arguments
        field = self._field(middle)
        if operator == "<=" and not isinstance(low, dict) and not isinstance(high, dict):
            return self._row(field, Comparison.BETWEEN, low, high)
        # “Between” includes both ends, so exclusive bounds need two rows.
        least, most = _COMPARISONS[_MIRRORED[operator]], _COMPARISONS[operator]
        return Group(Join.ALL, (self._row(field, least, low), self._row(field, most, high)))

    def _sides(self, arguments: list[Any]) -> tuple[Field, Any, bool]:
        """Return the field of a comparison, the other operand, and whether the sides are swapped."""
        if len(arguments) != _TWO:
            raise _NoRowsError
        left, right = arguments
        is_mirrored = not isinstance(left, dict)
        return (self._field(right), left, True) if is_mirrored else (self._field(left), right, False)

    def _row(self, field: Field, comparison: Comparison, *operands: Any) -> Row:
        values = tuple(self._value(field, operand) for operand in operands)
        to_fields = any(isinstance(value, OtherField) for value in values)
        kind = field.type
        offered = kind.field_comparisons_of(field) if to_fields else kind.comparisons_of(field)
        if comparison not in offered or not values or (to_fields and len(values) > 1):
            raise _NoRowsError
        return Row(field.name, comparison, values)

    def _value(self, field: Field, operand: Any) -> Value:
        if isinstance(operand, dict):
            other = self._field(operand)
            if other not in comparable_fields(field, self._fields):
                raise _NoRowsError
            return OtherField(other.name)
        if not field.type.can_compare(operand, field):
            raise _NoRowsError
        return operand  # type: ignore[no-any-return]  # a text or a number, as `can_compare` says

    def _field(self, rule: Any) -> Field:
        """Return the field if the rule is only a reference to it."""
        variable = rule.get("var") if isinstance(rule, dict) and len(rule) == 1 else None
        names = list_arguments(variable)
        name = names[0] if len(names) == 1 else None
        if not isinstance(name, str) or name not in self._fields:
            raise _NoRowsError
        return self._fields[name]


def _negated(item: Row | Group[Row]) -> Row | Group[Row]:
    if isinstance(item, Group):
        # De Morgan: negating a group swaps “all” and “any” and negates each item.
        join = Join.ANY if item.join == Join.ALL else Join.ALL
        return Group(join, tuple(_negated(each) for each in item.items))
    if item.comparison not in _OPPOSITES_BOTH:  # "not less" also holds for an empty field
        raise _NoRowsError
    return Row(item.field, _OPPOSITES_BOTH[item.comparison], item.values)


_READERS: Final[dict[str, Callable[[_Reader, str, list[Any], int], Row | Group[Row]]]] = {
    "and": _Reader.joined,
    "or": _Reader.joined,
    "var": _Reader.truth,
    "!!": _Reader.truth,
    "!": _Reader.negation,
    "missing": _Reader.missing,
    **dict.fromkeys(("==", "===", "!=", "!=="), _Reader.equality),
    **dict.fromkeys(("<", "<=", ">", ">="), _Reader.size),
    "in": _Reader.contained,
}
