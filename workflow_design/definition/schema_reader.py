"""One object of a `fields_schema`, read keyword by keyword; what is wrong is collected, with its place.

An object with `$ref` is read as the object it refers to, with its own title, description and
default in front: so each keyword knows its own place, which need not be below the object.
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
_BESIDE_REFERENCE: Final = ("title", "description", "default", "$comment")


@dataclass(slots=True)
class Findings:
    """The problems of one schema, each once: a definition that two fields refer to is read twice."""

    notes: int = 0
    """How many were added, repetitions included."""
    _problems: dict[Problem, None] = field(default_factory=dict)

    def add(self, path: Path, message: str, code: str) -> None:
        """Note a problem at this place."""
        self.notes += 1
        self._problems[Problem(pointer(*path), message, code)] = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems, in the order in which they were found."""
        return tuple(self._problems)


@dataclass(frozen=True, slots=True)
class SchemaObject:
    """Keywords with their values and places. What has the wrong type reads as absent, and is noted."""

    path: Path
    keywords: dict[str, Any]
    places: dict[str, Path]
    findings: Findings

    def place(self, keyword: str) -> Path:
        """Where the keyword stands, or would stand."""
        return self.places.get(keyword, (*self.path, keyword))

    def has(self, keyword: str) -> bool:
        """Whether the keyword is there, whatever its value."""
        return keyword in self.keywords

    def get(self, keyword: str) -> Any:
        """The value of the keyword as it stands."""
        return self.keywords.get(keyword)

    def note(self, keyword: str, message: str, code: str) -> None:
        """Note a problem of this keyword."""
        self.findings.add(self.place(keyword), message, code)

    def refuse_others(self, allowed: Collection[str], what: str) -> None:
        """Note every keyword that is not among the allowed: nothing is silently ignored."""
        for keyword in self.keywords:
            if keyword not in allowed:
                message = _("“%(keyword)s” is not supported for %(what)s, which takes: %(allowed)s.")
                named = {"keyword": keyword[:100], "what": what, "allowed": ", ".join(allowed)}
                self.note(keyword, message % named, "unknown-keyword")

    def text(self, keyword: str, *, longest: int) -> str:
        """A text that is not blank; "" if it is absent."""
        if not self.has(keyword):
            return ""
        value = self.get(keyword)
        if isinstance(value, str) and value.strip() and len(value) <= longest:
            return value
        message = _("This must be a text of 1 to %(longest)d characters.") % {"longest": longest}
        self.note(keyword, message, "wrong-value")
        return ""

    def number(self, keyword: str) -> int | float | None:
        """A number."""
        value = self.get(keyword)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        if self.has(keyword):
            self.note(keyword, _("This must be a number."), "wrong-value")
        return None

    def count(self, keyword: str, *, least: int = 0) -> int | None:
        """A whole number from `least` up."""
        value = self.get(keyword)
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if whole and not isinstance(value, bool) and least <= value <= MAX_COUNT:
            return int(value)
        if self.has(keyword):
            message = _("This must be a whole number from %(least)d up.") % {"least": least}
            self.note(keyword, message, "wrong-value")
        return None


def open_object(
    value: Any,
    path: Path,
    *,
    definitions: Mapping[str, Any],
    findings: Findings,
    came_by: tuple[str, ...] = (),
) -> SchemaObject | None:
    """The object at `path`, with what it refers to; None, and a note, if that can't be read."""
    if not isinstance(value, dict):
        findings.add(path, _("This must be an object that describes a field."), "wrong-type")
        return None
    if "$ref" not in value:
        return SchemaObject(path, value, {}, findings)
    own = {keyword: value[keyword] for keyword in value if keyword != "$ref"}
    SchemaObject(path, own, {}, findings).refuse_others(_BESIDE_REFERENCE, _("an object with $ref"))
    name, refusal = _referred(value["$ref"], definitions, came_by)
    if refusal:
        findings.add((*path, "$ref"), refusal, "bad-reference")
        return None
    target = open_object(
        definitions[name],
        ("$defs", name),
        definitions=definitions,
        findings=findings,
        came_by=(*came_by, name),
    )
    if target is None:
        return None
    places = {keyword: target.place(keyword) for keyword in target.keywords}
    places.update({keyword: (*path, keyword) for keyword in own})
    return SchemaObject(path, {**target.keywords, **own}, places, findings)


def _referred(reference: Any, definitions: Mapping[str, Any], came_by: tuple[str, ...]) -> tuple[str, str]:
    """The name in `$defs` that a reference means, and why it can't be followed ("" if it can)."""
    match = _REFERENCE.fullmatch(reference) if isinstance(reference, str) else None
    if match is None:
        return "", _("A reference leads to #/$defs/ and a name, and nowhere else.")
    name = match[1]
    if name not in definitions:
        return "", _("There is no “%(name)s” in $defs.") % {"name": name[:100]}
    if name in came_by:
        return "", _("This reference leads back to itself.")
    if len(came_by) >= MAX_REFERENCES:
        message = _("References lead over at most %(steps)d steps.")
        return "", message % {"steps": MAX_REFERENCES}
    return name, ""
