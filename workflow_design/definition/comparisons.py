"""The comparisons of a condition's rows, and the groups of them that types of field take."""

from enum import StrEnum
from typing import Final

from django.utils.translation import gettext_lazy as _


class Comparison(StrEnum):
    """The comparison of a row."""

    IS = "is"
    IS_NOT = "is-not"
    ONE_OF = "one-of"
    NONE_OF = "none-of"
    LESS = "less"
    AT_MOST = "at-most"
    AT_LEAST = "at-least"
    MORE = "more"
    BETWEEN = "between"
    CONTAINS = "contains"
    CONTAINS_NOT = "contains-not"
    YES = "yes"
    NO = "no"
    NOT_YES = "not-yes"
    NOT_NO = "not-no"
    FILLED = "filled"
    EMPTY = "empty"


EQUALITY: Final = (Comparison.IS, Comparison.IS_NOT)
MEMBERSHIP: Final = (Comparison.ONE_OF, Comparison.NONE_OF)
CONTAINMENT: Final = (Comparison.CONTAINS, Comparison.CONTAINS_NOT)
SIZES: Final = (Comparison.LESS, Comparison.AT_MOST, Comparison.AT_LEAST, Comparison.MORE)
ORDER: Final = (*SIZES, Comparison.BETWEEN)
ANSWERS: Final = (Comparison.YES, Comparison.NO, Comparison.NOT_YES, Comparison.NOT_NO)
PRESENCE: Final = (Comparison.FILLED, Comparison.EMPTY)

LABELS: Final = {
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
    "is-field": _("is the same as the field"),
    "is-not-field": _("is not the same as the field"),
    "less-field": _("is less than the field"),
    "at-most-field": _("is at most the field"),
    "at-least-field": _("is at least the field"),
    "more-field": _("is more than the field"),
    "contains-field": _("contains the value of the field"),
    "contains-not-field": _("does not contain the value of the field"),
}
"""The usual labels by code; comparisons with another field end in “-field”. A type may have its own."""
