"""Labels of comparisons, and the fields that a field can be compared with."""

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext_lazy as _

from workflow_design.definition.comparisons import ANSWERS, MEMBERSHIP, PRESENCE, Comparison
from workflow_design.definition.fields import Field, Fields

MULTIPLE_VALUES: Final = MEMBERSHIP
WITHOUT_VALUE: Final = frozenset((*ANSWERS, *PRESENCE))
TO_FIELD: Final = "-field"
"""Suffix of the codes of comparisons with another field."""

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
    f"{Comparison.IS}{TO_FIELD}": _("is the same as the field"),
    f"{Comparison.IS_NOT}{TO_FIELD}": _("is not the same as the field"),
    f"{Comparison.LESS}{TO_FIELD}": _("is less than the field"),
    f"{Comparison.AT_MOST}{TO_FIELD}": _("is at most the field"),
    f"{Comparison.AT_LEAST}{TO_FIELD}": _("is at least the field"),
    f"{Comparison.MORE}{TO_FIELD}": _("is more than the field"),
    f"{Comparison.CONTAINS}{TO_FIELD}": _("contains the value of the field"),
    f"{Comparison.CONTAINS_NOT}{TO_FIELD}": _("does not contain the value of the field"),
}
"""The usual labels by code; a type of field may have its own."""


def comparison_label(code: str, field: Field) -> str:
    """Return the label of a comparison in the select of a field."""
    return str(field.type.words.get(code) or _LABELS[code])


def comparable_fields(field: Field, fields: Fields) -> Iterator[Field]:
    """Yield the fields that a field can be compared with: those with the same kind of values."""
    family = field.type.family(field)
    for other in fields.values():
        if other.name != field.name and not other.type.item and other.type.family(other) == family:
            yield other
