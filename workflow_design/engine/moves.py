"""The moves of a workflow that is explored or tried out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self


class MoveKind(StrEnum):
    """The events that can happen to a workflow while it is explored or tried out."""

    TICKET = "ticket"
    TASK = "task"
    CLOCK = "clock"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a counterexample or of a try-out: the source of a write, and its values.

    `title` is the title of the ticket or task that writes; it is empty for other kinds. A form writes all
    its fields: those missing from `values` are emptied. An action's answer writes only the fields in
    `values`; a null empties the field.
    """

    kind: MoveKind
    title: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Build a move from its members as JSON; raise ValueError, KeyError or TypeError otherwise."""
        return cls(MoveKind(stored["kind"]), str(stored["title"]), dict(stored["values"]))
