"""The comparisons of a condition's rows, and the groups of them that types of field take."""

from enum import StrEnum
from typing import Final


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
