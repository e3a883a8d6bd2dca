"""Exact arithmetic: a number means its shortest decimal text, so 0.1 + 0.2 is 0.3.

Within a rule, numbers that are not whole are fractions, so that a third times three is one. `rounded` makes
them floats again where a rule's value leaves it. Values that are not numbers raise OperandError.
"""

import json
import operator
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any, Final

from django.utils.translation import gettext as _

from ticketflower.clean_json import LARGEST_NUMBER, MAX_NUMBER_LENGTH

Exact = int | Fraction

NUMBERS: Final = (int, float, Fraction)
_NUMBER = re.compile(r"\s*-?[0-9]+(\.[0-9]+)?\s*", re.ASCII)
MAX_DENOMINATOR_BITS: Final = 1200
"""Some more than the text of the smallest float needs. A number that needs more digits is rounded, so that
every operation stays fast."""


class OperandError(ValueError):
    """An operation can't be applied to these values; the text says why."""


def quote(value: Any) -> str:
    """Return a value for use in a message: its JSON text, truncated."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=rounded)
    except (RecursionError, TypeError, ValueError):  # not JSON, so it is only named by its type
        return type(value).__name__
    return text if len(text) <= 60 else f"{text[:57]}…"  # noqa: PLR2004


def parse_number(text: str) -> int | float | None:
    """Return the decimal number that a text contains, or None."""
    # Check the length first: parsing very long digit strings takes quadratic time.
    if len(text) > MAX_NUMBER_LENGTH or not _NUMBER.fullmatch(text):
        return None
    return float(text) if "." in text else int(text)


def exact(number: float | Fraction) -> Exact:
    """Return the number that the shortest text of a float means; 5.0 is 5, and true counts as 1."""
    if isinstance(number, float):
        return int(number) if number.is_integer() else Fraction(Decimal(repr(number)))
    return number if isinstance(number, Fraction) else int(number)


def rounded(value: Any) -> Any:
    """Return a value with the nearest float in place of each fraction, as it is stored and shown."""
    if isinstance(value, Fraction):
        number = float(value)
        return int(number) if number.is_integer() else number
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return {name: rounded(item) for name, item in value.items()} if isinstance(value, dict) else value


def to_number(value: Any) -> Any:
    """Return a value as a number; a text must contain one. JsonLogic counts true as 1 and false as 0."""
    number = parse_number(value) if isinstance(value, str) else value
    if value is None:
        raise OperandError(_("an empty field is not a number"))
    if not isinstance(number, NUMBERS):
        raise OperandError(_("%(value)s is not a number") % {"value": quote(value)})
    return check_number(int(number) if isinstance(number, bool) else number)


def check_number(number: Any) -> Any:
    """Return the number if it is within the limits of `clean_json`; otherwise raise OperandError."""
    if not -LARGEST_NUMBER <= number <= LARGEST_NUMBER:
        raise OperandError(_("the number is larger than %(largest)s") % {"largest": f"{LARGEST_NUMBER:,}"})
    return number


def comparable_numbers(left: Any, right: Any) -> tuple[Any, Any]:
    """Return two values as numbers whose order is that of the decimals that they mean."""
    return exact(to_number(left)), exact(to_number(right))


def _divide(dividend: Exact, divisor: Exact) -> Exact:
    if divisor == 0:
        raise OperandError(_("a number can't be divided by zero"))
    return Fraction(dividend) / divisor


def _remainder(dividend: Exact, divisor: Exact) -> Exact:
    """Return what is left of the dividend, with its sign, as in JavaScript; Python takes the divisor's."""
    if divisor == 0:
        raise OperandError(_("a number can't be divided by zero"))
    remainder = abs(Fraction(dividend)) % abs(Fraction(divisor))
    return remainder if dividend >= 0 else -remainder


def _arithmetic(compute: Callable[[Any, Any], Exact]) -> Callable[..., Any]:
    """Return the operation on any number of values, computed from left to right within the limits."""

    def step(left: Exact, right: Exact) -> Exact:
        result = check_number(compute(left, right))
        if not isinstance(result, Fraction):
            return int(result)
        if result.denominator == 1:
            return result.numerator
        return exact(float(result)) if result.denominator.bit_length() > MAX_DENOMINATOR_BITS else result

    return lambda *values: reduce(step, [exact(to_number(value)) for value in values])


_subtract = _arithmetic(operator.sub)

ARITHMETIC: Final[dict[str, Callable[..., Any]]] = {
    "+": _arithmetic(operator.add),
    "-": lambda first, *second: _subtract(*((first, *second) if second else (0, first))),
    "*": _arithmetic(operator.mul),
    "/": _arithmetic(_divide),
    "%": _arithmetic(_remainder),
    "min": _arithmetic(min),
    "max": _arithmetic(max),
}
