"""The moves of a workflow that is explored, tried out or played by a scenario."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self


class MoveKind(StrEnum):
    """The events that can happen to a workflow while it is explored or tried out."""

    TICKET = "ticket"
    TASK = "task"
    EDIT = "edit"
    CORRECTION = "correct"
    OVERDUE = "overdue"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a counterexample, a try-out or a scenario: the source of a write, and its values.

    `title` is the title of the ticket or task that writes, or of the task that becomes overdue; it is empty
    for other kinds. A form writes all its fields: those missing from `values` are emptied. All else writes
    only the fields in `values`; a null empties the field. A task that becomes overdue needs no `values`: the
    definition says what the clock writes. `by` is the person of a scenario who does it, if it says who.
    """

    kind: MoveKind
    title: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Build a move from its members as JSON (`docs/workflow-format.md`, "Scenarios")."""
        values = dict(stored.get("values", {}))
        return cls(MoveKind(stored["kind"]), stored.get("title", ""), values, stored.get("by", ""))

    def as_json(self) -> dict[str, Any]:
        """Return the move as JSON."""
        members = {"kind": str(self.kind), "title": self.title, "values": dict(self.values)}
        return {**members, "by": self.by} if self.by else members
