"""Which comparisons fit which fields, and which values fit which comparisons."""

import math
import re
from collections.abc import Iterator
from typing import Any, Final

from workflow_design.condition_rows.model import Comparison
from workflow_design.definition.fields import Field, FieldKind, Fields, TextFormat
from workflow_design.definition.text_formats import CHECKER

SIZES: Final = (Comparison.LESS, Comparison.AT_MOST, Comparison.AT_LEAST, Comparison.MORE)
OF_SEVERAL: Final = (Comparison.ONE_OF, Comparison.NONE_OF)
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

_EQUAL: Final = (Comparison.IS, Comparison.IS_NOT)
_HOLDS: Final = (Comparison.CONTAINS, Comparison.CONTAINS_NOT)
_THERE: Final = (Comparison.FILLED, Comparison.EMPTY)
_YES_NO: Final = (Comparison.YES, Comparison.NO, Comparison.NOT_YES, Comparison.NOT_NO)
_BY_SIZE: Final = (*SIZES, Comparison.BETWEEN)
_DATED: Final = (TextFormat.DATE, TextFormat.TIME, TextFormat.DATE_TIME)
_ONE_LINE: Final = re.compile(r"\S|\S[^\r\n\0]*\S")
_AS_STORED: Final = {
    TextFormat.TIME: re.compile(r"\d\d:\d\d(:\d\d)?", re.ASCII),
    TextFormat.DATE_TIME: re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII),
}
_LONGEST_VALUE: Final = 2000


def comparisons_of(field: Field) -> tuple[Comparison, ...]:
    """What can be asked of a field by itself or against written values, in the order of a list."""
    if is_dated(field):
        return (*_EQUAL, *_BY_SIZE, *_THERE)
    if field.kind is FieldKind.TEXT:
        return (*_EQUAL, *_HOLDS, *OF_SEVERAL, *_THERE)
    if holds_numbers(field) and field.kind is not FieldKind.CHOICES:
        return (*_EQUAL, *_BY_SIZE, *OF_SEVERAL, *_THERE)
    if field.kind is FieldKind.CHOICE:
        return (*_EQUAL, *OF_SEVERAL, *_THERE)
    if field.kind is FieldKind.CHOICES:
        return (*_HOLDS, *_THERE)
    return (*_YES_NO, *_THERE) if field.kind is FieldKind.YES_NO else _THERE


def comparisons_with_fields(field: Field) -> tuple[Comparison, ...]:
    """What can be asked of a field against another field."""
    if field.kind is FieldKind.CHOICES:
        return _HOLDS
    if is_dated(field) or holds_numbers(field):
        return (*_EQUAL, *SIZES)
    return () if field.kind in (FieldKind.FILE, FieldKind.FILES) else _EQUAL


def fields_beside(field: Field, fields: Fields) -> Iterator[Field]:
    """The fields that a field can be compared with: those whose values are of its kind."""
    for other in fields.values():
        if other.name != field.name and not other.kind.holds_several and _family(other) == _family(field):
            yield other


def is_dated(field: Field) -> bool:
    """Whether it holds dates or times, which are texts that compare by size."""
    return field.kind is FieldKind.TEXT and field.format in _DATED


def holds_numbers(field: Field) -> bool:
    """Whether its values, or the choices among them, are numbers."""
    numbers = bool(field.choices) and all(not isinstance(choice.value, str) for choice in field.choices)
    return field.kind in (FieldKind.NUMBER, FieldKind.INTEGER) or numbers


def fits(value: Any, field: Field) -> bool:
    """Whether a written value is one that a row on this field can hold."""
    if holds_numbers(field):
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not isinstance(value, str) or not 1 <= len(value) <= _LONGEST_VALUE:
        return False
    if field.format in _DATED:
        written = _AS_STORED.get(field.format)
        return (written is None or bool(written.fullmatch(value))) and CHECKER.conforms(value, field.format)
    return bool(field.choices) or bool(_ONE_LINE.fullmatch(value))


def _family(field: Field) -> object:
    """Equal for fields whose values can be equal."""
    if holds_numbers(field):
        return float
    if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        return str
    if field.kind is FieldKind.TEXT:
        return field.format if is_dated(field) else str
    return field.kind
