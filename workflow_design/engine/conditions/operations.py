"""What the operators compute, on arguments that are evaluated already.

Most of it is json-logic-qubit's, taken from its public table and fed with values that fit:
Python's own ideas (`int("1_0")` is 10, `str(None)` is "None", `True + 1` is 2 but `None < 1` raises)
stay out of the results. Where a result of the library would contradict `docs/engine.md`, the function
here says so. Values that do not fit raise MisfitError, which the caller turns into a ConditionError.
"""

import json
import re
from collections.abc import Callable
from functools import reduce
from itertools import pairwise
from typing import Any, Final

import json_logic
from django.utils.translation import gettext as _

from ticketflower.clean_json import LARGEST_NUMBER, MAX_NUMBER_LENGTH
from workflow_design.engine.conditions.bounds import MAX_VALUE_BYTES, MAX_VALUE_DEPTH, too_large_value

Operation = Callable[..., Any]

# Copied, so that nobody who adds an operation to the library adds one to our rules.
_LIBRARY: Final[dict[str, Operation]] = dict(json_logic.operations)
_SCALARS = (str, bool, int, float)
_NUMBER = re.compile(r"\s*-?[0-9]+(\.[0-9]+)?\s*", re.ASCII)


class MisfitError(ValueError):
    """An operation can't be applied to these values; the text says why."""


def shown(value: Any) -> str:
    """A value as it stands in a message: its JSON text, cut short."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (RecursionError, TypeError, ValueError):  # not JSON, and all the more to be named in a message
        return type(value).__name__
    return text if len(text) <= 60 else f"{text[:57]}…"  # noqa: PLR2004


def is_true(value: Any) -> bool:
    """Whether a rule with this result holds: by JsonLogic truth "0" does, and 0, "" and [] do not."""
    return bool(_LIBRARY["!!"](value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: Any) -> Any:
    """The number that a value is or that a text shows; JsonLogic counts true as 1 and false as 0."""
    number = _number_in(value) if isinstance(value, str) else value
    if value is None:
        raise MisfitError(_("an empty field is not a number"))
    if not isinstance(number, int | float):
        raise MisfitError(_("%(value)s is not a number") % {"value": shown(value)})
    return _bounded(int(number) if isinstance(number, bool) else number)


def _number_in(text: str) -> int | float | None:
    """The number that a text shows, in decimal notation, if it shows one."""
    if len(text) > MAX_NUMBER_LENGTH or not _NUMBER.fullmatch(text):
        return None
    return float(text) if "." in text else int(text)


def _bounded(number: Any) -> Any:
    if _is_number(number) and not -LARGEST_NUMBER <= number <= LARGEST_NUMBER:
        raise MisfitError(_("a number becomes larger than %(largest)s") % {"largest": f"{LARGEST_NUMBER:,}"})
    return number


def _arithmetic(operator: str) -> Operation:
    """The library's operation on numbers, with results that `clean_json` would take."""
    compute = _LIBRARY[operator]

    def arithmetic(*values: Any) -> Any:
        return _bounded(compute(*[_number(value) for value in values]))

    return arithmetic


_times = _arithmetic("*")


def _product(*values: Any) -> Any:
    """The library multiplies all before anybody can look: factor by factor, no number grows long."""
    return reduce(_times, values, 1)


def _division(operator: str) -> Operation:
    divide = _arithmetic(operator)

    def division(dividend: Any, divisor: Any) -> Any:
        if _number(divisor) == 0:
            raise MisfitError(_("a number can't be divided by zero"))
        return divide(dividend, divisor)

    return division


def _comparison(operator: str) -> Operation:
    """The library's comparison by size, pair by pair: empty is neither less nor greater than anything.

    Two texts compare by their characters (dates and times are made for that), all else as numbers.
    """
    compare = _LIBRARY[operator]

    def comparison(*values: Any) -> bool:
        if None in values:
            return False
        return all(compare(*_alike(left, right)) for left, right in pairwise(values))

    return comparison


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    if isinstance(left, str) and isinstance(right, str):
        return left, right
    return _number(left), _number(right)


def _equal(left: Any, right: Any) -> bool:
    """`==`: empty equals only empty, a text the number that it shows, and true and false 1 and 0.

    The library holds empty for equal to false, 2 for equal to true, and compares a text with what
    Python calls the other value: "None", "True", "5.0", "['a']".
    """
    if type(left) is type(right):
        return bool(left == right)
    if not (isinstance(left, _SCALARS) and isinstance(right, _SCALARS)):
        return False
    if {type(left), type(right)} == {str, bool}:
        return False
    return bool(_LIBRARY["=="](_comparable(left), _comparable(right)))


def _comparable(value: Any) -> Any:
    """A number, a yes or no, or a text as the number that it is compared as; None if it shows none."""
    return _number_in(value) if isinstance(value, str) else _plain_number(value)


def _plain_number(value: Any) -> Any:
    """Numbers as they are written shortest, 5.0 as 5, true and false as 1 and 0; other values as they are."""
    whole = isinstance(value, bool) or (isinstance(value, float) and value.is_integer())
    return int(value) if whole else value


def _contains(item: Any, container: Any) -> bool:
    """`in`: a part of a text, or an item of a list; nothing is in an empty field, and empty in no text.

    The library also finds true in [1], and the names of an object's members.
    """
    if isinstance(container, str):
        if item is None:
            return False
        if not isinstance(item, str):
            raise MisfitError(_("only a text can be part of a text"))
        return bool(_LIBRARY["in"](item, container))
    if not isinstance(container, list):
        return False
    if isinstance(item, int | float):
        container = [member for member in container if isinstance(member, bool) is isinstance(item, bool)]
    return bool(_LIBRARY["in"](item, container))


def _concatenated(*values: Any) -> str:
    texts = [_text(value) for value in values]
    _refuse_longer(sum(map(len, texts)))
    return str(_LIBRARY["cat"](*texts))


def _text(value: Any) -> str:
    """A value as `cat` writes it, as JavaScript does; the library writes Python: "None", "True", "['a']"."""
    if isinstance(value, list):
        return ",".join(_text(item) for item in value)
    if isinstance(value, dict):
        raise MisfitError(_("an object can't be written as text"))
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    return str(_plain_number(_bounded(value)))


def _part(text: Any, start: Any, *length: Any) -> str:
    """`substr`; the part of an empty field is the empty text, as `cat` writes it."""
    if text is not None and not isinstance(text, str):
        raise MisfitError(_("%(value)s is not a text") % {"value": shown(text)})
    positions = [_plain_number(_number(position)) for position in (start, *length)]
    if not all(isinstance(position, int) for position in positions):
        raise MisfitError(_("a position in a text is a whole number"))
    return str(_LIBRARY["substr"](text or "", *positions))


def _merged(*values: Any) -> Any:
    _refuse_longer(sum(len(value) if isinstance(value, list) else 1 for value in values))
    return _LIBRARY["merge"](*values)


def _refuse_longer(length: int) -> None:
    """Refuse a result that is going to be too large before it takes memory."""
    if length > MAX_VALUE_BYTES:
        raise too_large_value()


OPERATIONS: Final[dict[str, Operation]] = {
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "===": _LIBRARY["==="],
    "!==": _LIBRARY["!=="],
    "!": _LIBRARY["!"],
    "!!": _LIBRARY["!!"],
    **{operator: _comparison(operator) for operator in ("<", "<=", ">", ">=")},
    **{operator: _arithmetic(operator) for operator in ("+", "-", "min", "max")},
    **{operator: _division(operator) for operator in ("/", "%")},
    "*": _product,
    "in": _contains,
    "cat": _concatenated,
    "substr": _part,
    "merge": _merged,
}


_MAX_INDEX_DIGITS = 9


def lookup(data: Any, name: Any = None, default: Any = None) -> Any:
    """`var`: the value at `name`, such as "days" or "items.0.price"; all of `data` if there is no name."""
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
    """Those of the names, given singly or as one list, that are empty in `data`."""
    asked = names[0] if names and isinstance(names[0], list) else names
    return [name for name in asked if lookup(data, name) in (None, "")]


def missing_some(data: Any, needed: Any, names: Any) -> list[Any]:
    """Nothing if at least `needed` of the names are filled in `data`, else all that are empty."""
    if not isinstance(names, list) or not isinstance(needed, int):
        raise MisfitError(_("it takes a number and a list of names"))
    empty = missing(data, names)
    return [] if len(names) - len(empty) >= needed else empty


def _path(name: Any) -> list[str]:
    if isinstance(name, bool) or not isinstance(name, str | int):
        raise MisfitError(_("%(value)s is not a name") % {"value": shown(name)})
    # No value is nested deeper than that: what is beyond is not found, whatever it is called.
    return f"{name}".split(".", MAX_VALUE_DEPTH)


def _is_index(part: str, *, of: list[Any]) -> bool:
    digits = part.isascii() and part.isdecimal() and len(part) <= _MAX_INDEX_DIGITS
    return digits and int(part) < len(of)


OVER_DATA: Final[dict[str, Callable[..., Any]]] = {
    "var": lookup,
    "missing": missing,
    "missing_some": missing_some,
}
