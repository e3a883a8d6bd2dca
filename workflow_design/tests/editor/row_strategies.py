"""Hypothesis strategies for conditions as rows, and for rules on the same fields in any notation."""

from typing import Any

from hypothesis import strategies as st

from workflow_design.definition.comparisons import Comparison
from workflow_design.definition.fields import Field
from workflow_design.definition.schema import parse_fields
from workflow_design.editor.conditions.rows import Group, Join, OtherField, Row
from workflow_design.editor.conditions.values import (
    MULTIPLE_VALUES,
    WITHOUT_VALUE,
    comparable_fields,
)

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "note": {"type": "string", "title": "Note"},
        "name": {"type": "string"},
        "days": {"type": "integer", "minimum": 1, "maximum": 60},
        "cost": {"type": "number"},
        "from": {"type": "string", "format": "date", "title": "First day"},
        "to": {"type": "string", "format": "date", "title": "Last day"},
        "at": {"type": "string", "format": "time"},
        "sent": {"type": "string", "format": "date-time"},
        "decision": {"oneOf": [{"const": "yes", "title": "Go on"}, {"const": "no", "title": "Stop"}]},
        "level": {"enum": [1, 2, 3]},
        "booked": {"type": "boolean"},
        "paid": {"type": "boolean"},
        "colours": {"type": "array", "items": {"enum": ["red", "blue"]}, "uniqueItems": True},
        "boss": {"type": "string", "format": "user"},
        "mate": {"type": "string", "format": "user"},
        "scan": {"type": "string", "format": "file"},
    },
}
FIELDS = parse_fields(SCHEMA)
VALUES: dict[str, list[Any]] = {
    "note": ["a", "ab", "0", "x y"],
    "name": ["a", "ab", "b"],
    "days": [0, 1, 5, 60],
    "cost": [0, 1, 2.5, 5],
    "from": ["2026-01-01", "2026-06-15"],
    "to": ["2026-01-01", "2026-06-15"],
    "at": ["09:30", "17:00"],
    "sent": ["2026-01-01T09:30:00Z", "2026-06-15T00:00:05Z"],
    "decision": ["yes", "no"],
    "level": [1, 2, 3],
    "booked": [True, False],
    "paid": [True, False],
    "colours": [["red"], ["blue"], ["red", "blue"]],
    "boss": ["1", "2"],
    "mate": ["1", "2"],
    "scan": ["7"],
}
CONSTANTS = VALUES | {"colours": ["red", "blue"]}

workspaces = st.fixed_dictionaries({}, optional={name: st.sampled_from(VALUES[name]) for name in FIELDS})


@st.composite
def rows(draw: st.DrawFn, several: int = 3) -> Row:
    """Draw a row that a user could enter."""
    field = FIELDS[draw(st.sampled_from(list(FIELDS)))]
    beside = list(comparable_fields(field, FIELDS))
    if draw(st.booleans()) and beside:
        other = OtherField(draw(st.sampled_from(beside)).name)
        return Row(field.name, draw(st.sampled_from(field.type.field_comparisons_of(field))), (other,))
    comparison = draw(st.sampled_from(field.type.comparisons_of(field)))
    return Row(field.name, comparison, tuple(draw(_values(field, comparison, several))))


def _values(field: Field, comparison: Comparison, several: int) -> st.SearchStrategy[list[Any]]:
    if comparison in WITHOUT_VALUE:
        return st.just([])
    one = st.sampled_from(CONSTANTS[field.name])
    if comparison in MULTIPLE_VALUES:
        return st.lists(one, min_size=1, max_size=several, unique=True)
    number = 2 if comparison is Comparison.BETWEEN else 1
    return st.lists(one, min_size=number, max_size=number)


_joins = st.sampled_from(Join)
groups = st.builds(
    lambda join, items: Group(join, tuple(items)),
    _joins,
    st.lists(
        rows()
        | st.builds(lambda join, items: Group(join, tuple(items)), _joins, st.lists(rows(), max_size=3)),
        max_size=4,
    ),
)

_variables = st.sampled_from(list(FIELDS)).map(lambda name: {"var": name})


@st.composite
def _comparisons(draw: st.DrawFn) -> Any:
    """Draw a comparison of a field with a possible value, in any notation."""
    name = draw(st.sampled_from(list(FIELDS)))
    variable = draw(st.sampled_from([{"var": name}, {"var": [name]}]))
    value = st.sampled_from(CONSTANTS[name])
    operator = draw(st.sampled_from(["==", "===", "!=", "!==", "<", "<=", ">", ">=", "in", "between"]))
    if operator == "between":
        return {draw(st.sampled_from(["<", "<="])): [draw(value | _variables), variable, draw(value)]}
    if operator == "in":
        return {
            "in": draw(
                st.sampled_from([[draw(value), variable], [variable, draw(st.lists(value, max_size=3))]])
            )
        }
    sides = [variable, draw(value | _variables | st.none())]
    return {operator: sides[::-1] if draw(st.booleans()) else sides}


_missing = st.lists(st.sampled_from(list(FIELDS)), min_size=1, max_size=3).map(
    lambda names: {"missing": names}
)
rules: st.SearchStrategy[Any] = st.recursive(
    _variables | _comparisons() | _missing,
    lambda inner: (
        st.builds(
            lambda join, parts: {join: parts},
            st.sampled_from(["and", "or"]),
            st.lists(inner, min_size=1, max_size=3),
        )
        | st.builds(lambda sign, part: {sign: part}, st.sampled_from(["!", "!!"]), inner)
    ),
    max_leaves=5,
)
