"""What only some kinds of field have: lengths, patterns, bounds, choices, numbers of items."""

import math
from collections.abc import Iterator
from typing import Any, Final

import re2
from django.utils.translation import gettext as _

from workflow_design.definition.fields import Choice, FieldKind, TextFormat
from workflow_design.definition.schema_reader import Path, SchemaObject
from workflow_design.definition.values import compiled_pattern

MAX_CHOICES = 1000
MAX_CHOICE_LENGTH = 200

_OPTION: Final = ("const", "title", "$comment")


def read_choices(source: SchemaObject) -> tuple[Choice, ...]:
    """The choices that an object offers, in its order; what is wrong with them goes into its findings."""
    if source.has("enum") and source.has("oneOf"):
        source.note("oneOf", _("Choices stand in enum or in oneOf, not in both."), "doubled")
    if source.has("type") and source.get("type") not in ("string", "number", "integer"):
        source.note("type", _("Choices are texts or numbers: string, number or integer."), "wrong-value")
        return ()
    keyword = "enum" if source.has("enum") else "oneOf"
    listed = source.get(keyword)
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_CHOICES:
        message = _("This must be a list of 1 to %(number)d choices.") % {"number": MAX_CHOICES}
        source.note(keyword, message, "wrong-value")
        return ()
    return tuple(_accepted(source, _listed(source, keyword, listed)))


def _listed(source: SchemaObject, keyword: str, listed: list[Any]) -> Iterator[tuple[Path, Any, str]]:
    """Each choice with its place and its label, which is "" if it has none."""
    for position, member in enumerate(listed):
        path = (*source.place(keyword), position)
        if keyword == "enum":
            yield path, member, ""
        elif not isinstance(member, dict) or "const" not in member:
            message = _("A choice of oneOf is an object with const, its value, and title, what people read.")
            source.findings.add(path, message, "wrong-value")
        else:
            option = SchemaObject(path, member, {}, source.findings)
            option.refuse_others(_OPTION, _("a choice"))
            yield (*path, "const"), member["const"], option.text("title", longest=MAX_CHOICE_LENGTH)


def _accepted(source: SchemaObject, choices: Iterator[tuple[Path, Any, str]]) -> Iterator[Choice]:
    """The choices whose values can be chosen, are of one type, and stand there once."""
    wanted = source.get("type")
    seen: set[str | int | float] = set()
    for path, value, label in choices:
        wanted = wanted or ("string" if isinstance(value, str) else "number")
        refusal = _refusal_of(value, wanted)
        if refusal:
            source.findings.add(path, refusal, "wrong-value")
        elif value in seen:
            source.findings.add(path, _("This choice stands here twice."), "doubled")
        else:
            seen.add(value)
            yield Choice(value, label or str(value))


def _refusal_of(value: Any, wanted: str) -> str:
    if wanted == "string":
        fits = isinstance(value, str) and bool(value.strip()) and len(value) <= MAX_CHOICE_LENGTH
        return (
            "" if fits else _("A choice is here a text of 1 to %(n)d characters.") % {"n": MAX_CHOICE_LENGTH}
        )
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _("A choice is here a number, as the type or the first choice says.")
    if wanted == "integer" and value != int(value):
        return _("A choice is here a whole number.")
    return ""


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
