"""One object of a `fields_schema`, read keyword by keyword; problems are collected with their paths.

An object with `$ref` is read as the object it refers to, with its own title, description and default taking
precedence. So each keyword knows its own path, which may be outside the object.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _

from workflow_design.definition.problems import Problem, pointer

Path = tuple[str | int, ...]

MAX_REFERENCES = 10
MAX_COUNT = 1_000_000_000
_REFERENCE = re.compile(r"#/\$defs/([A-Za-z0-9_.-]+)")
_KEYWORDS_BESIDE_REFERENCE: Final = ("title", "description", "default", "$comment")


@dataclass(slots=True)
class ProblemCollector:
    """The problems of one schema, without duplicates: a shared definition is read once for each reference."""

    count: int = 0
    """The number of problems added, including duplicates."""
    _problems: dict[Problem, None] = field(default_factory=dict)

    def add(self, path: Path, message: str, code: str) -> None:
        """Add a problem at this path."""
        self.count += 1
        # A dict is used as an ordered set.
        self._problems[Problem(pointer(*path), message, code)] = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems, in the order in which they were found."""
        return tuple(self._problems)


@dataclass(frozen=True, slots=True)
class SchemaObject:
    """Keywords with their values and paths. A value of the wrong type is reported and reads as absent."""

    path: Path
    keywords: dict[str, Any]
    places: dict[str, Path]
    collector: ProblemCollector

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
        self.collector.add(self.place(keyword), message, code)

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
    collector: ProblemCollector,
    followed: tuple[str, ...] = (),
) -> SchemaObject | None:
    """Resolve the object at `path`, following its reference. If that fails, report why and return None."""
    if not isinstance(value, dict):
        collector.add(path, _("This must be an object that describes a field."), "wrong-type")
        return None
    if "$ref" not in value:
        return SchemaObject(path, value, {}, collector)
    # The title, description and default beside a reference take precedence over those of its target.
    own = {keyword: value[keyword] for keyword in value if keyword != "$ref"}
    SchemaObject(path, own, {}, collector).refuse_others(_KEYWORDS_BESIDE_REFERENCE, _("an object with $ref"))
    name, refusal = _resolve_name(value["$ref"], definitions, followed)
    if refusal:
        collector.add((*path, "$ref"), refusal, "bad-reference")
        return None
    target = open_object(
        definitions[name],
        ("$defs", name),
        definitions=definitions,
        collector=collector,
        followed=(*followed, name),
    )
    if target is None:
        return None
    # Each keyword keeps the path where it was written, so that problems point there.
    places = {keyword: target.place(keyword) for keyword in target.keywords}
    places.update({keyword: (*path, keyword) for keyword in own})
    return SchemaObject(path, {**target.keywords, **own}, places, collector)


def _resolve_name(
    reference: Any, definitions: Mapping[str, Any], followed: tuple[str, ...]
) -> tuple[str, str]:
    """Return the name in `$defs` that a reference means, and why it can't be followed ("" if it can)."""
    match = _REFERENCE.fullmatch(reference) if isinstance(reference, str) else None
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
