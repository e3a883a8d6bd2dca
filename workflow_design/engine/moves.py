"""The moves of a workflow that is explored or tried out."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


class MoveKind(StrEnum):
    """What can happen to a workflow while it is explored or tried out."""

    TICKET = "ticket"
    TASK = "task"
    CLOCK = "clock"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a counterexample or of a try-out: who writes, and what.

    `title` names the ticket or task whose form or answer is written; it is empty for the others.
    A form writes all its fields: those that `values` lacks are emptied. An action's answer writes
    what `values` carries; null in it empties a field.
    """

    kind: MoveKind
    title: str = ""
    values: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """The move as it is printed, kept and posted."""
        return {"kind": str(self.kind), "title": self.title, "values": dict(self.values or {})}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """The move that `as_json` made. Raises ValueError, KeyError or TypeError for anything else."""
        return cls(MoveKind(kept["kind"]), str(kept["title"]), dict(kept["values"]))
