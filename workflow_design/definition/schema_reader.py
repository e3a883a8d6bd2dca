"""The objects of a `fields_schema`, read keyword by keyword; problems are collected with their paths.

An object with `$ref` is read as the object it refers to, with its own title, description and default taking
precedence. So each keyword knows its own path, which may be outside the object. `read_details` reads the
keywords that only some types of field have: lengths, patterns, limits, choices and item counts.
"""

import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import re2
from django.utils.translation import gettext as _

from workflow_design.definition.field_types import CHOICE
from workflow_design.definition.fields import ATTRIBUTES, FILTERABLE, Choice, FieldType
from workflow_design.definition.problems import Problem, pointer
from workflow_design.definition.type_families import BOUNDS
from workflow_design.definition.values import compile_pattern
from workflow_design.definition.workflow import MAX_TITLE_LENGTH

Path = tuple[str | int, ...]

MAX_REFERENCES = 10
MAX_COUNT = 1_000_000_000
REFERENCE = re.compile(r"#/\$defs/([A-Za-z0-9_.-]+)")
KEYWORDS_BESIDE_REFERENCE: Final = ("title", "description", "default", "examples", "$comment")


@dataclass(frozen=True, slots=True)
class SchemaObject:
    """Keywords with their values and paths. A value of the wrong type is reported and reads as absent."""

    path: Path
    keywords: dict[str, Any]
    places: dict[str, Path]
    problems: list[Problem]

    def place(self, keyword: str) -> Path:
        """Return the path of the keyword, also if it is absent."""
        return self.places.get(keyword, (*self.path, keyword))

    def has(self, keyword: str) -> bool:
        """Return whether the keyword is present, with any value."""
        return keyword in self.keywords

    def get(self, keyword: str) -> Any:
        """Return the unchecked value of the keyword, or None."""
        return self.keywords.get(keyword)

    def note(self, keyword: str, message: str, code: str) -> None:
        """Report a problem of this keyword."""
        self.report(self.place(keyword), message, code)

    def report(self, path: Path, message: str, code: str) -> None:
        """Report a problem at a path."""
        self.problems.append(Problem(pointer(*path), message, code))

    def refuse_others(self, allowed: Collection[str], what: str) -> None:
        """Report every keyword that is not allowed, so that nothing is silently ignored."""
        for keyword in self.keywords:
            if keyword not in allowed:
                message = _("“%(keyword)s” is not supported for %(what)s. Supported: %(allowed)s.")
                named = {"keyword": keyword[:100], "what": what, "allowed": ", ".join(allowed)}
                self.note(keyword, message % named, "unknown-keyword")

    def text(self, keyword: str, *, longest: int) -> str:
        """Return a text that is not blank, or "" if it is absent or not valid."""
        if not self.has(keyword):
            return ""
        value = self.get(keyword)
        if isinstance(value, str) and value.strip() and len(value) <= longest:
            return value
        message = _("This must be text of 1 to %(longest)d characters.") % {"longest": longest}
        self.note(keyword, message, "wrong-value")
        return ""

    def number(self, keyword: str) -> int | float | None:
        """Return a number, or None if it is absent or not valid."""
        value = self.get(keyword)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        if self.has(keyword):
            self.note(keyword, _("This must be a number."), "wrong-value")
        return None

    def count(self, keyword: str, *, least: int = 0) -> int | None:
        """Return a whole number of at least `least`, or None if it is absent or not valid."""
        value = self.get(keyword)
        # JSON Schema also accepts 3.0 as an integer.
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if whole and not isinstance(value, bool) and least <= value <= MAX_COUNT:
            return int(value)
        if self.has(keyword):
            message = _("This must be a whole number of at least %(least)d.") % {"least": least}
            self.note(keyword, message, "wrong-value")
        return None


def open_object(
    value: Any,
    path: Path,
    *,
    definitions: Mapping[str, Any],
    problems: list[Problem],
    followed: tuple[str, ...] = (),
) -> SchemaObject | None:
    """Resolve the object at `path`, following its reference. If that fails, report why and return None."""
    if not isinstance(value, dict):
        message = _("This must be an object that describes a field.")
        problems.append(Problem(pointer(*path), message, "wrong-type"))
        return None
    if "$ref" not in value:
        return SchemaObject(path, value, {}, problems)
    # The title, description and default beside a reference take precedence over those of its target.
    own = {keyword: value[keyword] for keyword in value if keyword != "$ref"}
    beside = SchemaObject(path, own, {}, problems)
    beside.refuse_others(KEYWORDS_BESIDE_REFERENCE, _("an object with $ref"))
    name, refusal = _resolve_name(value["$ref"], definitions, followed)
    if refusal:
        beside.note("$ref", refusal, "bad-reference")
        return None
    target = open_object(
        definitions[name],
        ("$defs", name),
        definitions=definitions,
        problems=problems,
        followed=(*followed, name),
    )
    if target is None:
        return None
    # Each keyword keeps the path where it was written, so that problems point there.
    places = {keyword: target.place(keyword) for keyword in target.keywords if keyword not in own}
    return SchemaObject(path, {**target.keywords, **own}, places, problems)


def _resolve_name(
    reference: Any, definitions: Mapping[str, Any], followed: tuple[str, ...]
) -> tuple[str, str]:
    """Return the name in `$defs` that a reference means, and why it can't be followed ("" if it can)."""
    match = REFERENCE.fullmatch(reference) if isinstance(reference, str) else None
    if match is None:
        return "", _("A reference must be #/$defs/ followed by a name.")
    name = match[1]
    if name not in definitions:
        return "", _("There is no “%(name)s” in $defs.") % {"name": name[:100]}
    if name in followed:
        return "", _("This reference is circular.")
    # Bounds the recursion of `open_object`.
    if len(followed) >= MAX_REFERENCES:
        message = _("A chain of references can have at most %(steps)d steps.")
        return "", message % {"steps": MAX_REFERENCES}
    return name, ""


MAX_CHOICES = 1000

CHOICE_KEYWORDS: Final = ("const", "title", "$comment")


def read_choices(source: SchemaObject) -> tuple[Choice, ...]:
    """Read the choices of an object in their order; problems are collected."""
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
            source.report(path, message, "wrong-value")
        else:
            option = SchemaObject(path, member, {}, source.problems)
            option.refuse_others(CHOICE_KEYWORDS, _("a choice"))
            yield (*path, "const"), member["const"], option.text("title", longest=MAX_TITLE_LENGTH)


def _accept_choices(source: SchemaObject, choices: Iterator[tuple[Path, Any, str]]) -> Iterator[Choice]:
    """Yield the choices that are valid, of one type and not repeated."""
    wanted = source.get("type")
    seen: set[str | int | float] = set()
    for path, value, label in choices:
        # Without a type, the first choice decides whether all must be text or numbers.
        wanted = wanted or ("string" if isinstance(value, str) else "number")
        refusal = _choice_problem(value, wanted)
        if refusal:
            source.report(path, refusal, "wrong-value")
        elif value in seen:
            source.report(path, _("This choice is listed twice."), "doubled")
        else:
            seen.add(value)
            yield Choice(value, label or str(value))


def _choice_problem(value: Any, wanted: str) -> str:
    if wanted == "string":
        fits = isinstance(value, str) and bool(value.strip()) and len(value) <= MAX_TITLE_LENGTH
        return (
            "" if fits else _("This choice must be text of 1 to %(n)d characters.") % {"n": MAX_TITLE_LENGTH}
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
    if FILTERABLE in field_type.keywords and source.has(FILTERABLE):
        details["is_filterable"] = source.get(FILTERABLE) is True
        if source.get(FILTERABLE) is not True:
            source.note(FILTERABLE, _("Set this to true or leave it out."), "wrong-value")
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
    found = {keyword: source.number(keyword) for keyword in BOUNDS}
    least, most, above, below, unit = found.values()
    if unit is not None and unit <= 0:
        source.note("multipleOf", _("This must be a number greater than 0."), "wrong-value")
        found["multipleOf"] = None
    if not (_some_whole_number_fits if whole else _some_number_fits)(least, most, above, below):
        keyword = "minimum" if least is not None else "exclusiveMinimum"
        source.note(keyword, _("No number is within these limits."), "impossible")
    return {ATTRIBUTES[keyword]: value for keyword, value in found.items()}


def _some_number_fits(least: Bound, most: Bound, above: Bound, below: Bound) -> bool:
    least, above = (-math.inf if bound is None else bound for bound in (least, above))
    most, below = (math.inf if bound is None else bound for bound in (most, below))
    return least <= most and least < below and above < most and above < below


def _some_whole_number_fits(least: Bound, most: Bound, above: Bound, below: Bound) -> bool:
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
