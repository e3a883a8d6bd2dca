"""Where a workflow stands, as the exploration sees it, and what leads from one state to another."""

from dataclasses import dataclass, field

from workflow_design.check.exploration.machine import Answered, Step, Task
from workflow_design.check.exploration.rules import Data


@dataclass(frozen=True, slots=True)
class Hold:
    """What waits for the resume."""

    waiting: frozenset[str]
    """The modified fields of the write that led to the hold."""
    queue: tuple[Answered, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """A workflow in progress, or on hold."""

    data: Data
    unfinished: int
    carried: int = 0
    """The watched pairs of a task and a field that it started on and that was not written since."""
    hold: Hold | None = None


@dataclass(frozen=True, slots=True)
class Mover:
    """Who makes a move: a ticket, a task, or the admin who resumes if both are None."""

    ticket: int | None = None
    task: Task | None = None

    @property
    def is_action(self) -> bool:
        """Whether no person is needed for it."""
        return self.task is not None and self.task.is_action


@dataclass(frozen=True, slots=True)
class Transition:
    """One write and what followed, with the state before it."""

    source: int | None
    """The number of the state before; None before the ticket."""
    before: State
    mover: Mover
    answered: Answered | None
    """What was written; None for a resume."""
    asked: Answered
    """The write that was applied: of a resume one that waited."""
    step: Step


@dataclass(slots=True)
class Node:
    """A state that was reached, and how it was reached first."""

    state: State
    parent: int | None
    mover: Mover
    answered: Answered | None
    depth: int
    edges: list[tuple[int, Task | None]] = field(default_factory=list)
    """Where its moves lead, each with the action that makes it, None for people; OUT for an end."""


OUT = -1
"""Where an end, a stall or a failure leads that nothing follows."""
