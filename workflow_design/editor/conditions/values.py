"""Conversion between entered rows and rows: comparisons by their codes, and texts to values."""

from collections.abc import Iterator
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ticketflower.clean_json import JsonError, composed_json, parse_json
from workflow_design.definition.comparisons import ANSWERS, MEMBERSHIP, PRESENCE, Comparison
from workflow_design.definition.fields import Field, Fields
from workflow_design.editor.conditions.rows import (
    Group,
    OtherField,
    Place,
    Row,
    TypedRow,
    Value,
)
from workflow_design.engine.conditions.bounds import ConditionError
from workflow_design.engine.conditions.validation import validate
from workflow_design.workspace.field_types import PRESENTATIONS

MULTIPLE_VALUES: Final = MEMBERSHIP
WITHOUT_VALUE: Final = frozenset((*ANSWERS, *PRESENCE))
TO_FIELD: Final = "-field"
"""Suffix of the codes of comparisons with another field."""

_TWO: Final = 2


def comparable_fields(field: Field, fields: Fields) -> Iterator[Field]:
    """Yield the fields that a field can be compared with: those with the same kind of values."""
    family = field.type.family(field)
    for other in fields.values():
        if other.name != field.name and not other.type.item and other.type.family(other) == family:
            yield other


def comparison_codes(field: Field, fields: Fields) -> tuple[list[str], list[str]]:
    """Return the codes of a field's comparisons: those with values, and those with other fields."""
    has_others = any(comparable_fields(field, fields))
    others = [f"{each}{TO_FIELD}" for each in field.type.field_comparisons_of(field)] if has_others else []
    return [str(each) for each in field.type.comparisons_of(field)], others


def parse_row(typed: TypedRow, fields: Fields) -> Row:
    """Return the row that was entered. Raise ValidationError with its first problem."""
    field = fields.get(typed.field)
    if field is None:
        raise ValidationError(_("Choose a field."))
    if typed.comparison not in [code for codes in comparison_codes(field, fields) for code in codes]:
        raise ValidationError(_("Choose a comparison for “%(field)s”.") % {"field": field.title})
    comparison = Comparison(typed.comparison.removesuffix(TO_FIELD))
    if typed.comparison.endswith(TO_FIELD):
        return Row(field.name, comparison, (_parse_other_field(typed, field, fields),))
    return Row(field.name, comparison, tuple(_parse_values(typed, comparison, field)))


def parse_group(typed: Group[TypedRow], fields: Fields) -> tuple[Group[Row], dict[Place, str]]:
    """Return the complete rows, and the problem of each other row by its place. Ignore blank rows."""
    problems: dict[Place, str] = {}

    def parse(place: Place, row: TypedRow) -> Row | None:
        try:
            return None if row.is_blank else parse_row(row, fields)
        except ValidationError as error:
            problems[place] = " ".join(error.messages)
            return None

    return typed.convert(parse), problems


def group_to_typed(group: Group[Row], fields: Fields) -> Group[TypedRow]:
    """Convert rows to the state of the editor."""
    return group.convert(lambda _place, row: _typed_row(row, fields))


def _typed_row(row: Row, fields: Fields) -> TypedRow:
    values, field = row.values, fields[row.field]
    if values and isinstance(values[0], OtherField):
        return TypedRow(row.field, f"{row.comparison}{TO_FIELD}", (values[0].name,))
    texts = tuple(PRESENTATIONS[field.type].as_typed(value, field) for value in values)
    if row.comparison in MULTIPLE_VALUES and not field.choices:
        texts = ("\n".join(texts),)
    return TypedRow(row.field, str(row.comparison), texts)


def _parse_other_field(typed: TypedRow, field: Field, fields: Fields) -> OtherField:
    name = typed.values[0] if typed.values else ""
    if name not in {other.name for other in comparable_fields(field, fields)}:
        raise ValidationError(_("Choose the field to compare with."))
    return OtherField(name)


def _parse_values(typed: TypedRow, comparison: Comparison, field: Field) -> Iterator[Value]:
    if comparison in WITHOUT_VALUE:
        return
    # Choices may contain line breaks themselves, so do not split their exact values.
    exact = {str(choice.value) for choice in field.choices}
    lines = [line for text in typed.values for line in ([text] if text in exact else _lines(text))]
    if comparison in MULTIPLE_VALUES:
        texts = list(dict.fromkeys(line for line in lines if line))
        if not texts:
            raise ValidationError(_("Enter at least one value."))
    elif comparison is Comparison.BETWEEN:
        texts = [line for line in lines if line]
        if len(texts) != _TWO:
            raise ValidationError(_("Enter both values: from and to."))
    else:
        texts = [" ".join(lines)]
    for text in texts:
        yield parse_value(text, field)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def parse_value(text: str, field: Field) -> Value:
    """Convert a text to a value of the field. Raise ValidationError."""
    if not text:
        raise ValidationError(_("Choose a value.") if field.choices else _("Enter a value."))
    if field.choices:
        return _parse_choice(text, field)
    value: Value = PRESENTATIONS[field.type].read(text, field)
    if not field.type.can_compare(value, field):
        raise ValidationError(field.type.refuse(_("“%(text)s”") % {"text": text[:100]}))
    return value


def _parse_choice(text: str, field: Field) -> Value:
    """Return the choice with this value or, if there is none, with this label."""
    for choice in field.choices:
        # Values take precedence over labels, because a label may equal another choice's value.
        if text == str(choice.value):
            return choice.value
    for choice in field.choices:
        if text.casefold() == choice.label.casefold():
            return choice.value
    raise ValidationError(_("“%(text)s” is not one of the choices.") % {"text": text[:100]})


MAX_JSON_BYTES: Final = 64 * 1024  # includes whitespace; `validate` limits the rule itself


def parse_rule(text: str) -> Any:
    """Parse a rule that a user entered as JSON; None for no text. Raise ValidationError with all problems."""
    if not text.strip():
        return None
    try:
        rule = composed_json(parse_json(text, max_bytes=MAX_JSON_BYTES))
    except JsonError as error:
        raise ValidationError(str(error)) from error
    refuse_invalid(rule)
    return rule


def refuse_invalid(rule: Any) -> None:
    """Raise ValidationError with all problems of a rule and their pointers."""
    if rule is None:
        return
    try:
        validate(rule)
    except ConditionError as error:
        raise ValidationError([str(problem) for problem in error.problems]) from error
