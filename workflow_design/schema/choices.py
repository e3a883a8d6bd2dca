"""The choices of a `fields_schema`: `enum`, or `oneOf` with `const` and `title`."""

from collections.abc import Iterator
from typing import Any, Final

from django.utils.translation import gettext as _

from workflow_design.fields import Choice
from workflow_design.schema.reader import Path, SchemaObject

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
