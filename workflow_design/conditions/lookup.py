"""Operations that read the data: `var`, `missing` and `missing_some`.

They reach members of objects and items of lists, and never an attribute of a Python value.
"""

from collections.abc import Callable
from typing import Any, Final

from django.utils.translation import gettext as _

from workflow_design.conditions.bounds import MAX_VALUE_DEPTH
from workflow_design.conditions.operations import MisfitError, shown

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
