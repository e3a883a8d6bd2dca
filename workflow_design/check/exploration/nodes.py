"""The states that an exploration reached, and the moves between them."""

from dataclasses import dataclass, field

from workflow_design.check.exploration.branches import Move
from workflow_design.check.exploration.machine import Mover, PossibleWrite, State, Task


@dataclass(slots=True)
class Node:
    """A state that was reached, and how it was reached first."""

    state: State
    parent: int | None
    mover: Mover
    write: PossibleWrite | None
    depth: int
    edges: dict[tuple[int, Task | None], None] = field(default_factory=dict)
    """The targets of its moves, each once, with the action that moves (None for people); OUT for an end."""
    between: tuple[Move, ...] = ()
    """The moves between the parent and the last move, if there are any."""
    branch: int | None = None
    """If not None, only the tasks of this branch move from here (`independence`)."""


OUT = -1
"""The target of moves that lead to an end or a stall, after which nothing follows."""
