"""Keywords that apply only to some types of field: lengths, patterns, limits, choices and item counts."""

import math
from collections.abc import Iterator
from typing import Any, Final

import re2
from django.utils.translation import gettext as _

from workflow_design.definition.field_types import CHOICE
from workflow_design.definition.fields import ATTRIBUTES, Choice, FieldType
from workflow_design.definition.schema_reader import Path, SchemaObject
from workflow_design.definition.values import compile_pattern

MAX_CHOICES = 1000
MAX_CHOICE_LENGTH = 200

_CHOICE_KEYWORDS: Final = ("const", "title", "$comment")


def read_choices(source: SchemaObject) -> tuple[Choice, ...]:
    """Read the choices of an object in their order; problems go to its collector."""
    if source.has("enum") and source.has("oneOf"):
        source.note("oneOf", _("List choices in enum or in oneOf, not in both."), "doubled")
    if source.has("type") and source.get("type") not in ("string", "number", "integer"):
        source.note("type", _("Choices must be text or numbers: string, number or integer."), "wrong-value")
        return ()
    # `enum` has values only; `oneOf` also has labels.
    keyword = "enum" if source.has("enum") else "oneOf"
    listed = source.get(keyword)
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_CHOICES:
        message = _("This must be a list of 1 to %(number)d choices.") % {"number": MAX_CHOICES}
        source.note(keyword, message, "wrong-value")
        return ()
    return tuple(_accept_choices(source, _list_choices(source, keyword, listed)))


def _list_choices(source: SchemaObject, keyword: str, listed: list[Any]) -> Iterator[tuple[Path, Any, str]]:
    """Yield each choice with its path and its label ("" if it has none)."""
    for position, member in enumerate(listed):
        path = (*source.place(keyword), position)
        if keyword == "enum":
            yield path, member, ""
        elif not isinstance(member, dict) or "const" not in member:
            message = _("A choice in oneOf must be an object with const (its value) and title (its label).")
            source.collector.add(path, message, "wrong-value")
        else:
            option = SchemaObject(path, member, {}, source.collector)
            option.refuse_others(_CHOICE_KEYWORDS, _("a choice"))
            yield (*path, "const"), member["const"], option.text("title", longest=MAX_CHOICE_LENGTH)


def _accept_choices(source: SchemaObject, choices: Iterator[tuple[Path, Any, str]]) -> Iterator[Choice]:
    """Yield the choices that are valid, of one type and not repeated."""
    wanted = source.get("type")
    seen: set[str | int | float] = set()
    for path, value, label in choices:
        # Without a type, the first choice decides whether all must be text or numbers.
        wanted = wanted or ("string" if isinstance(value, str) else "number")
        refusal = _choice_problem(value, wanted)
        if refusal:
            source.collector.add(path, refusal, "wrong-value")
        elif value in seen:
            source.collector.add(path, _("This choice is listed twice."), "doubled")
        else:
            seen.add(value)
            yield Choice(value, label or str(value))


def _choice_problem(value: Any, wanted: str) -> str:
    if wanted == "string":
        fits = isinstance(value, str) and bool(value.strip()) and len(value) <= MAX_CHOICE_LENGTH
        return (
            "" if fits else _("This choice must be text of 1 to %(n)d characters.") % {"n": MAX_CHOICE_LENGTH}
        )
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _("This choice must be a number, like the type or the first choice.")
    if wanted == "integer" and value != int(value):
        return _("This choice must be a whole number.")
    return ""


MAX_PATTERN_LENGTH = 1000

Bound = float | None


def read_details(field_type: FieldType, source: SchemaObject, items: SchemaObject | None) -> dict[str, Any]:
    """Read the attributes of `Field` that only some types have; `items` describes the items of a list."""
    details: dict[str, Any] = {}
    if field_type.base is CHOICE:
        details["choices"] = read_choices(items or source)
    if "pattern" in field_type.keywords:
        details |= _counts(source, "minLength", "maxLength") | {"pattern": _pattern(source)}
    if "minimum" in field_type.keywords:
        details |= _bounds(source, whole=field_type.json_type == "integer")
    if "items" in field_type.keywords:
        if source.has("uniqueItems") and source.get("uniqueItems") is not True:
            message = _("Choices can't be repeated: set this to true or leave it out.")
            source.note("uniqueItems", message, "wrong-value")
        details |= _counts(source, "minItems", "maxItems")
    return details


def _pattern(source: SchemaObject) -> str | None:
    pattern = source.text("pattern", longest=MAX_PATTERN_LENGTH)
    try:
        compile_pattern(pattern)
    except re2.error as error:
        # The message is bytes, unlike in Python's re.
        reason = error.args[0] if error.args else b""
        detail = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        message = _("This pattern is not supported (look-around and backreferences never are): %(reason)s.")
        source.note("pattern", message % {"reason": detail}, "bad-pattern")
        return None
    return pattern or None


def _bounds(source: SchemaObject, *, whole: bool) -> dict[str, Any]:
    least, above = source.number("minimum"), source.number("exclusiveMinimum")
    most, below = source.number("maximum"), source.number("exclusiveMaximum")
    unit = source.number("multipleOf")
    if unit is not None and unit <= 0:
        source.note("multipleOf", _("This must be a number greater than 0."), "wrong-value")
        unit = None
    if not (_some_whole_number_fits if whole else _some_number_fits)(least, above, most, below):
        keyword = "minimum" if least is not None else "exclusiveMinimum"
        source.note(keyword, _("No number is within these limits."), "impossible")
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
    # The smallest and largest whole number that the bounds allow.
    first = max(
        -math.inf if least is None else math.ceil(least),
        -math.inf if above is None else math.floor(above) + 1,
    )
    last = min(
        math.inf if most is None else math.floor(most),
        math.inf if below is None else math.ceil(below) - 1,
    )
    return first <= last


def _counts(source: SchemaObject, fewest: str, most: str) -> dict[str, Any]:
    found = {fewest: source.count(fewest), most: source.count(most, least=1)}
    if None not in found.values() and found[fewest] > found[most]:  # type: ignore[operator]  # neither is None
        source.note(fewest, _("The minimum is greater than the maximum."), "impossible")
    return {ATTRIBUTES[keyword]: value for keyword, value in found.items()}
