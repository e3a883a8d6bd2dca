"""Comparisons that fit a field, and values that fit a comparison."""

import math
import re
from collections.abc import Iterator
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from workflow_design.definition.fields import Field, FieldKind, Fields, TextFormat
from workflow_design.definition.values import CHECKER
from workflow_design.editor.conditions.rows import Comparison

SIZES: Final = (Comparison.LESS, Comparison.AT_MOST, Comparison.AT_LEAST, Comparison.MORE)
MULTIPLE_VALUES: Final = (Comparison.ONE_OF, Comparison.NONE_OF)
WITHOUT_VALUE: Final = frozenset(
    {
        Comparison.FILLED,
        Comparison.EMPTY,
        Comparison.YES,
        Comparison.NO,
        Comparison.NOT_YES,
        Comparison.NOT_NO,
    }
)

_EQUALITY: Final = (Comparison.IS, Comparison.IS_NOT)
_CONTAINMENT: Final = (Comparison.CONTAINS, Comparison.CONTAINS_NOT)
_PRESENCE: Final = (Comparison.FILLED, Comparison.EMPTY)
_YES_NO: Final = (Comparison.YES, Comparison.NO, Comparison.NOT_YES, Comparison.NOT_NO)
_ORDER: Final = (*SIZES, Comparison.BETWEEN)
_DATE_FORMATS: Final = (TextFormat.DATE, TextFormat.TIME, TextFormat.DATE_TIME)
_SINGLE_LINE: Final = re.compile(r"\S|\S[^\r\n\0]*\S")
_STORED_PATTERNS: Final = {
    TextFormat.TIME: re.compile(r"\d\d:\d\d(:\d\d)?", re.ASCII),
    TextFormat.DATE_TIME: re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII),
}
_MAX_VALUE_LENGTH: Final = 2000

TO_FIELD: Final = "-field"
"""Suffix of the codes of comparisons with another field."""


def comparisons_for(field: Field) -> tuple[Comparison, ...]:
    """Return the comparisons of a field with no value or with fixed values, in the order of the list."""
    if is_dated(field):
        return (*_EQUALITY, *_ORDER, *_PRESENCE)
    if field.kind is FieldKind.TEXT:
        return (*_EQUALITY, *_CONTAINMENT, *MULTIPLE_VALUES, *_PRESENCE)
    if holds_numbers(field) and field.kind is not FieldKind.CHOICES:
        return (*_EQUALITY, *_ORDER, *MULTIPLE_VALUES, *_PRESENCE)
    if field.kind is FieldKind.CHOICE:
        return (*_EQUALITY, *MULTIPLE_VALUES, *_PRESENCE)
    if field.kind is FieldKind.CHOICES:
        return (*_CONTAINMENT, *_PRESENCE)
    return (*_YES_NO, *_PRESENCE) if field.kind is FieldKind.YES_NO else _PRESENCE


def comparisons_with_fields(field: Field) -> tuple[Comparison, ...]:
    """Return the comparisons of a field with another field."""
    if field.kind is FieldKind.CHOICES:
        return _CONTAINMENT
    if is_dated(field) or holds_numbers(field):
        return (*_EQUALITY, *SIZES)
    return () if field.kind in (FieldKind.FILE, FieldKind.FILES) else _EQUALITY


def comparable_fields(field: Field, fields: Fields) -> Iterator[Field]:
    """Yield the fields that a field can be compared with: those with the same kind of values."""
    for other in fields.values():
        if other.name != field.name and not other.kind.holds_several and _family(other) == _family(field):
            yield other


def is_dated(field: Field) -> bool:
    """Return whether the field holds dates or times, which are texts with an order."""
    return field.kind is FieldKind.TEXT and field.format in _DATE_FORMATS


def holds_numbers(field: Field) -> bool:
    """Return whether the values of the field, or its choices, are numbers."""
    numbers = bool(field.choices) and all(not isinstance(choice.value, str) for choice in field.choices)
    return field.kind in (FieldKind.NUMBER, FieldKind.INTEGER) or numbers


def fits(value: Any, field: Field) -> bool:
    """Return whether a value from a rule is one that a row on this field can have."""
    # bool is a subclass of int, but no row can show a yes or no as a number.
    if holds_numbers(field):
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not isinstance(value, str) or not 1 <= len(value) <= _MAX_VALUE_LENGTH:
        return False
    if field.format in _DATE_FORMATS:
        pattern = _STORED_PATTERNS.get(field.format)
        return (pattern is None or bool(pattern.fullmatch(value))) and CHECKER.conforms(value, field.format)
    return bool(field.choices) or bool(_SINGLE_LINE.fullmatch(value))


def _family(field: Field) -> object:
    """Return a key that is equal for fields whose values can be equal."""
    if holds_numbers(field):
        return float
    if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        return str
    if field.kind is FieldKind.TEXT:
        return field.format if is_dated(field) else str
    return field.kind


_LABELS: Final = {
    Comparison.IS: _("is"),
    Comparison.IS_NOT: _("is not"),
    Comparison.ONE_OF: _("is one of"),
    Comparison.NONE_OF: _("is none of"),
    Comparison.LESS: _("is less than"),
    Comparison.AT_MOST: _("is at most"),
    Comparison.AT_LEAST: _("is at least"),
    Comparison.MORE: _("is more than"),
    Comparison.BETWEEN: _("is between (from, to)"),
    Comparison.CONTAINS: _("contains"),
    Comparison.CONTAINS_NOT: _("does not contain"),
    Comparison.YES: _("is yes"),
    Comparison.NO: _("is no"),
    Comparison.NOT_YES: _("is no or empty"),
    Comparison.NOT_NO: _("is yes or empty"),
    Comparison.FILLED: _("is filled in"),
    Comparison.EMPTY: _("is empty"),
}
_DATE_LABELS: Final = {
    Comparison.LESS: _("is before"),
    Comparison.AT_MOST: _("is no later than"),
    Comparison.AT_LEAST: _("is no earlier than"),
    Comparison.MORE: _("is after"),
}
_FIELD_LABELS: Final = {
    Comparison.IS: _("is the same as the field"),
    Comparison.IS_NOT: _("is not the same as the field"),
    Comparison.LESS: _("is less than the field"),
    Comparison.AT_MOST: _("is at most the field"),
    Comparison.AT_LEAST: _("is at least the field"),
    Comparison.MORE: _("is more than the field"),
    Comparison.CONTAINS: _("contains the value of the field"),
    Comparison.CONTAINS_NOT: _("does not contain the value of the field"),
}
_DATE_FIELD_LABELS: Final = {
    Comparison.LESS: _("is before the field"),
    Comparison.AT_MOST: _("is no later than the field"),
    Comparison.AT_LEAST: _("is no earlier than the field"),
    Comparison.MORE: _("is after the field"),
}
_YES_NO_LABELS: Final = {Comparison.FILLED: _("is answered"), Comparison.EMPTY: _("is not answered")}


def comparison_label(code: str, field: Field) -> str:
    """Return the label of a comparison in the select of a field."""
    comparison = Comparison(code.removesuffix(TO_FIELD))
    if code.endswith(TO_FIELD):
        labels = _FIELD_LABELS | (_DATE_FIELD_LABELS if is_dated(field) else {})
    else:
        labels = _LABELS | (_DATE_LABELS if is_dated(field) else {})
        labels |= _YES_NO_LABELS if field.kind is FieldKind.YES_NO else {}
    return str(labels[comparison])
