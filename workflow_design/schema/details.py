"""What only some kinds of field have: lengths, patterns, bounds, choices, numbers of items."""

import math
from typing import Any

import re2
from django.utils.translation import gettext as _

from workflow_design.fields import FieldKind, TextFormat
from workflow_design.schema.choices import read_choices
from workflow_design.schema.reader import SchemaObject
from workflow_design.schema.values import compiled_pattern

MAX_PATTERN_LENGTH = 1000

Bound = float | None


def details_of(kind: FieldKind, source: SchemaObject, items: SchemaObject | None) -> dict[str, Any]:
    """The members of `Field` that only some kinds have; `items` describes those of a list."""
    if kind is FieldKind.TEXT:
        return _text_details(source)
    if kind in (FieldKind.NUMBER, FieldKind.INTEGER):
        return _number_details(source, whole=kind is FieldKind.INTEGER)
    if kind is FieldKind.CHOICE:
        return {"choices": read_choices(source)}
    if kind is FieldKind.CHOICES and items is not None:
        return {"choices": read_choices(items), **_list_details(source)}
    return _list_details(source) if kind is FieldKind.FILES else {}


def _text_details(source: SchemaObject) -> dict[str, Any]:
    shortest, longest = source.count("minLength"), source.count("maxLength", least=1)
    _check_order(source, "minLength", shortest, longest)
    return {
        "min_length": shortest,
        "max_length": longest,
        "pattern": _pattern(source),
        "format": _format(source),
    }


def _pattern(source: SchemaObject) -> str | None:
    pattern = source.text("pattern", longest=MAX_PATTERN_LENGTH)
    try:
        compiled_pattern(pattern)
    except re2.error as error:
        reason = error.args[0] if error.args else b""
        said = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        message = _("This pattern can't be used (look-around and back references can't): %(reason)s.")
        source.note("pattern", message % {"reason": said}, "bad-pattern")
        return None
    return pattern or None


def _format(source: SchemaObject) -> TextFormat | None:
    if not source.has("format"):
        return None
    try:
        return TextFormat(source.get("format"))
    except ValueError:
        message = _("There is no such format. There are: %(names)s.")
        names = ", ".join([*TextFormat, FieldKind.USER, FieldKind.FILE])
        source.note("format", message % {"names": names}, "unknown-format")
        return None


def _number_details(source: SchemaObject, *, whole: bool) -> dict[str, Any]:
    least, above = source.number("minimum"), source.number("exclusiveMinimum")
    most, below = source.number("maximum"), source.number("exclusiveMaximum")
    unit = source.number("multipleOf")
    if unit is not None and unit <= 0:
        source.note("multipleOf", _("This must be a number above 0."), "wrong-value")
        unit = None
    if not (_some_whole_number_fits if whole else _some_number_fits)(least, above, most, below):
        keyword = "minimum" if least is not None else "exclusiveMinimum"
        source.note(keyword, _("No number fits these bounds."), "impossible")
    return {
        "minimum": least,
        "maximum": most,
        "exclusive_minimum": above,
        "exclusive_maximum": below,
        "multiple_of": unit,
    }


def _some_number_fits(least: Bound, above: Bound, most: Bound, below: Bound) -> bool:
    least, above = (-math.inf if bound is None else bound for bound in (least, above))
    most, below = (math.inf if bound is None else bound for bound in (most, below))
    return least <= most and least < below and above < most and above < below


def _some_whole_number_fits(least: Bound, above: Bound, most: Bound, below: Bound) -> bool:
    first = max(
        -math.inf if least is None else math.ceil(least),
        -math.inf if above is None else math.floor(above) + 1,
    )
    last = min(
        math.inf if most is None else math.floor(most),
        math.inf if below is None else math.ceil(below) - 1,
    )
    return first <= last


def _list_details(source: SchemaObject) -> dict[str, Any]:
    if source.has("uniqueItems") and source.get("uniqueItems") is not True:
        source.note("uniqueItems", _("Nothing can be chosen twice: true, or left out."), "wrong-value")
    fewest, most = source.count("minItems"), source.count("maxItems", least=1)
    _check_order(source, "minItems", fewest, most)
    return {"min_items": fewest, "max_items": most}


def _check_order(source: SchemaObject, keyword: str, least: int | None, most: int | None) -> None:
    if least is not None and most is not None and least > most:
        source.note(keyword, _("The least is more than the most."), "impossible")
