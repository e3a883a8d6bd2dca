"""The results of the operators, for arguments that are already evaluated.

Some come from json-logic-qubit's public table of operations. They only get values that fit, because
Python's own conversions must not affect results: `int("1_0")` is 10, `str(None)` is "None", and `True + 1`
is 2 but `None < 1` raises. Where the library's result would contradict `docs/engine.md`, the function here
says so. Values that do not fit raise OperandError, which the caller turns into a ConditionError.
"""

import operator
from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final

import json_logic
from django.utils.translation import gettext as _

from ticketflower.clean_json import LARGEST_NUMBER, composed
from workflow_design.engine.conditions.bounds import MAX_VALUE_BYTES, MAX_VALUE_DEPTH, too_large_value
from workflow_design.engine.conditions.numbers import (
    ARITHMETIC,
    NUMBERS,
    OperandError,
    check_number,
    comparable_numbers,
    exact,
    parse_number,
    quote,
    rounded,
    to_number,
)

Operation = Callable[..., Any]

# A copy, so that an operation that other code adds to the library does not become part of our rules.
_LIBRARY: Final[dict[str, Operation]] = dict(json_logic.operations)
_SCALARS = (str, bool, *NUMBERS)
_PLAIN_NUMBERS = (int, float)


def is_true(value: Any) -> bool:
    """Return whether a rule with this result holds. In JsonLogic "0" is true; 0, "" and [] are not."""
    return bool(_LIBRARY["!!"](value))


def _comparison(compare: Callable[[Any, Any], Any]) -> Operation:
    """Return a comparison by size, applied to each pair: a comparison with empty is false.

    Two texts compare by their characters (date and time formats are made for that), other values as
    numbers.
    """

    def comparison(*values: Any) -> bool:
        # The library finds null <= null true.
        if None in values:
            return False
        return all(compare(*_to_comparable(left, right)) for left, right in pairwise(values))

    return comparison


def _to_comparable(left: Any, right: Any) -> tuple[Any, Any]:
    if isinstance(left, str) and isinstance(right, str):
        return composed(left), composed(right)
    # The usual case needs no conversion: two floats are in the order of their decimals.
    if (
        type(left) in _PLAIN_NUMBERS
        and type(right) in _PLAIN_NUMBERS
        and max(abs(left), abs(right)) <= LARGEST_NUMBER
    ):
        return left, right
    return comparable_numbers(left, right)


def _equal(left: Any, right: Any) -> bool:
    """Compare with `==`: empty equals only empty, a text equals its number, true equals 1 and false 0.

    In the library, empty equals false, 2 equals true, and a text is compared with Python's spelling of the
    other value: "None", "True", "5.0", "['a']".
    """
    if type(left) is type(right):
        return bool(left == right) or _comparable(left) == _comparable(right)
    if not (isinstance(left, _SCALARS) and isinstance(right, _SCALARS)):
        return False
    # JavaScript would compare "1" and true as numbers; a text and a yes/no field should never be equal.
    if {type(left), type(right)} == {str, bool}:
        return False
    numbers = [parse_number(value) if isinstance(value, str) else value for value in (left, right)]
    return None not in numbers and _comparable(numbers[0]) == _comparable(numbers[1])


def _strictly_equal(left: Any, right: Any) -> bool:
    """Compare with `===`: values of different types are never equal, but all numbers are of one type."""
    if type(left) is not type(right) and not (_is_number(left) and _is_number(right)):
        return False
    return bool(left == right) or _comparable(left) == _comparable(right)


def _is_number(value: Any) -> bool:
    return isinstance(value, NUMBERS) and not isinstance(value, bool)


def _comparable(value: Any) -> Any:
    """Return a value in the form in which equal values are equal in Python: texts composed, numbers exact."""
    if isinstance(value, str):
        return composed(value)
    if isinstance(value, float):
        return exact(value)
    if isinstance(value, list):
        return [_comparable(item) for item in value]
    return {name: _comparable(item) for name, item in value.items()} if isinstance(value, dict) else value


def _plain_number(value: Any) -> Any:
    """Return numbers in their shortest form (5.0 as 5, true as 1, false as 0), and other values unchanged."""
    # So that 5.0 and 5 give the same text and the same position.
    whole = isinstance(value, bool) or (isinstance(value, float) and value.is_integer())
    return int(value) if whole else value


def _contains(item: Any, container: Any) -> bool:
    """Evaluate `in`: a part of a text, or an item of a list. Empty fields contain nothing and are in no text.

    The library also finds true in [1], and finds the names of an object's members.
    """
    if isinstance(container, str):
        if item is None:
            return False
        if not isinstance(item, str):
            raise OperandError(_("only text can be part of a text"))
        return composed(item) in composed(container)
    # An empty field, a number or an object contains nothing.
    if not isinstance(container, list):
        return False
    if isinstance(item, NUMBERS):
        # Python's `in` treats true as 1, so compare booleans only with booleans.
        container = [member for member in container if isinstance(member, bool) is isinstance(item, bool)]
    return item in container or _comparable(item) in _comparable(container)


def _concatenate(*values: Any) -> str:
    texts = [_to_text(value) for value in values]
    _check_length(sum(map(len, texts)))
    return str(_LIBRARY["cat"](*texts))


def _to_text(value: Any) -> str:
    """Convert a value to text as JavaScript does; the library writes Python's "None", "True" or "['a']"."""
    if isinstance(value, list):
        return ",".join(_to_text(item) for item in value)
    if isinstance(value, dict):
        raise OperandError(_("an object can't be written as text"))
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    return value if isinstance(value, str) else str(_plain_number(check_number(rounded(value))))


def _substring(text: Any, start: Any, *length: Any) -> str:
    """Evaluate `substr`; a part of an empty field is the empty text, as in `cat`."""
    if text is not None and not isinstance(text, str):
        raise OperandError(_("%(value)s is not text") % {"value": quote(text)})
    positions = [_plain_number(to_number(position)) for position in (start, *length)]
    if not all(isinstance(position, int) for position in positions):
        raise OperandError(_("a position in a text must be a whole number"))
    return str(_LIBRARY["substr"](text or "", *positions))


def _merge(*values: Any) -> Any:
    _check_length(sum(len(value) if isinstance(value, list) else 1 for value in values))
    return _LIBRARY["merge"](*values)


def _check_length(length: int) -> None:
    """Raise ConditionError for a result that would be too large, before it takes memory."""
    if length > MAX_VALUE_BYTES:
        raise too_large_value()


OPERATIONS: Final[dict[str, Operation]] = {
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "===": _strictly_equal,
    "!==": lambda left, right: not _strictly_equal(left, right),
    "!": _LIBRARY["!"],
    "!!": _LIBRARY["!!"],
    "<": _comparison(operator.lt),
    "<=": _comparison(operator.le),
    ">": _comparison(operator.gt),
    ">=": _comparison(operator.ge),
    **ARITHMETIC,
    "in": _contains,
    "cat": _concatenate,
    "substr": _substring,
    "merge": _merge,
}


_MAX_INDEX_DIGITS = 9


def lookup(data: Any, name: Any = None, default: Any = None) -> Any:
    """Evaluate `var`: return the value at `name`, such as "items.0.price", or all of `data`."""
    if name is None or name == "":
        return data
    for part in _path(name):
        if isinstance(data, dict) and part in data:
            data = data[part]
        elif isinstance(data, list) and _is_index(part, of=data):
            data = data[int(part)]
        else:
            return default
    return data


def missing(data: Any, *names: Any) -> list[Any]:
    """Return the names, given one by one or as one list, that are empty in `data`."""
    given_names = names[0] if names and isinstance(names[0], list) else names
    return [name for name in given_names if lookup(data, name) in (None, "")]


def missing_some(data: Any, needed: Any, names: Any) -> list[Any]:
    """Return [] if at least `needed` of the names are filled in `data`, otherwise all that are empty."""
    if not isinstance(names, list) or not isinstance(needed, int):
        raise OperandError(_("it needs a number and a list of names"))
    empty = missing(data, names)
    return [] if len(names) - len(empty) >= needed else empty


def _path(name: Any) -> list[str]:
    if isinstance(name, bool) or not isinstance(name, str | int):
        raise OperandError(_("%(value)s is not a name") % {"value": quote(name)})
    # Values are never nested deeper, so a longer path cannot match.
    return f"{name}".split(".", MAX_VALUE_DEPTH)


def _is_index(part: str, *, of: list[Any]) -> bool:
    digits = part.isascii() and part.isdecimal() and len(part) <= _MAX_INDEX_DIGITS
    return digits and int(part) < len(of)


DATA_OPERATIONS: Final[dict[str, Callable[..., Any]]] = {
    "var": lookup,
    "missing": missing,
    "missing_some": missing_some,
}
