"""Codes of comparisons, and the fields that a field can be compared with."""

from collections.abc import Iterator
from typing import Final

from workflow_design.definition.comparisons import ANSWERS, MEMBERSHIP, PRESENCE
from workflow_design.definition.fields import Field, Fields

MULTIPLE_VALUES: Final = MEMBERSHIP
WITHOUT_VALUE: Final = frozenset((*ANSWERS, *PRESENCE))
TO_FIELD: Final = "-field"
"""Suffix of the codes of comparisons with another field."""


def comparable_fields(field: Field, fields: Fields) -> Iterator[Field]:
    """Yield the fields that a field can be compared with: those with the same kind of values."""
    family = field.type.family(field)
    for other in fields.values():
        if other.name != field.name and not other.type.item and other.type.family(other) == family:
            yield other
