"""The states that the exploration passes through, and the moves between them."""

from dataclasses import dataclass

from workflow_design.check.exploration.machine import Completion, PossibleWrite, Step, Task
from workflow_design.check.values.rules import Data


@dataclass(frozen=True, slots=True)
class Hold:
    """The writes and tasks that wait for the resume."""

    waiting: frozenset[str]
    """The modified fields of the write that led to the hold."""
    queue: tuple[PossibleWrite, ...] = ()
    completion: Completion | None = None
    """The completion that put the workflow on hold."""


@dataclass(frozen=True, slots=True)
class State:
    """A workflow in progress, or on hold."""

    data: Data
    unfinished: int
    marks: int = 0
    """What `Watch` has to know of the past, as bits: for example that a task started on this answer."""
    hold: Hold | None = None
    overdue: int = 0
    """The unfinished tasks that have become overdue: each does so once."""


@dataclass(frozen=True, slots=True)
class Mover:
    """The source of a move: a ticket, a task that answers, the clock, or else the admin who ends a hold."""

    ticket: int | None = None
    task: Task | None = None
    hold: Completion | None = None
    overdue: Task | None = None
    """The task that becomes overdue by the clock."""

    @property
    def is_action(self) -> bool:
        """Whether the move needs no person."""
        return self.task is not None and self.task.is_action


@dataclass(frozen=True, slots=True)
class Transition:
    """One write and its consequences, with the state before it."""

    source: int | None
    """The number of the state before; None before the ticket."""
    before: State
    mover: Mover
    write: PossibleWrite | None
    """The write of the move; None for a resume."""
    applied: PossibleWrite
    """The write that was applied: for a resume, one that had waited."""
    step: Step
