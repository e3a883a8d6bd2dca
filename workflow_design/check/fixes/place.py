"""A place in a workflow file that has a problem, and sentences about what to write there."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from workflow_design.definition.members import object_schema
from workflow_design.definition.workflow import CompletionFile, TaskFile, TicketFile, WorkflowFile

_MAX_QUOTED: Final = 200
_PARTS: Final = {"tickets": TicketFile, "tasks": TaskFile, "completions": CompletionFile}
MISSING: Final = object()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a problem is: the value there, and the document around it."""

    path: tuple[str, ...]
    about: str
    """The name that the problem is about, if no pointer leads to it."""
    document: Any
    value: Any
    declared: Collection[str]
    """The names of the fields."""

    @property
    def name(self) -> str:
        """The last member of the path."""
        return self.path[-1] if self.path else ""

    @property
    def parent(self) -> Any:
        """The object or list that the value is in."""
        return resolve(self.document, self.path[:-1])

    @property
    def members(self) -> Sequence[str]:
        """The members that the format knows for the object that the place is in, or for the place itself."""
        part = _PARTS.get(self.path[0]) if len(self.path) > 1 else None
        return [*object_schema(part or WorkflowFile)["properties"], *(() if part else ("format",))]


def resolve(document: Any, path: Iterable[str]) -> Any:
    """Return the value at a path in JSON, or a value of no JSON type."""
    for step in path:
        if isinstance(document, Mapping) and step in document:
            document = document[step]
        elif isinstance(document, list | tuple) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            return MISSING
    return document


def write(value: Any) -> str:
    """Return that this value is to be written, or "" if it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return _("Write %(json)s.") % {"json": text} if len(text) <= _MAX_QUOTED else ""


def write_var(name: str) -> str:
    """Return that a rule reads this field by `var`, or "" without one."""
    text = _('Write {"var": "%(name)s"} to read the field: “%(name)s” alone is a text.')
    return text % {"name": name} if name else ""


def did_you_mean(name: str) -> str:
    """Return the question about a name, or "" without one."""
    return _("Did you mean “%(name)s”?") % {"name": name} if name else ""
