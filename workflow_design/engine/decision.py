"""What a write leads to, with the reasons: the answer of `decide`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workflow_design.definition.workflow import Kind
from workflow_design.engine.plan import CompletionPlan, TaskPlan


class Outcome(StrEnum):
    """What became of a definition that one of the modified fields concerned."""

    STARTED = "started"
    REFRESHED = "refreshed"
    REACHED = "reached"
    CONDITION_FALSE = "condition-false"
    CONDITION_FAILED = "condition-failed"
    ALREADY_DECIDED = "already-decided"
    """Not asked: a completion came before it and ended the workflow or put it on hold."""
    WAITS = "waits"
    """A task that is not asked yet: a completion put the workflow on hold, the resume will ask it."""


@dataclass(frozen=True, slots=True)
class Look:
    """A definition that was looked at: because of which fields, what its condition read, what came of it.

    A definition without a look was not concerned: none of the fields that it reads was modified.
    """

    kind: Kind
    key: str
    title: str
    fields_met: tuple[str, ...]
    """The modified fields that it reads, in alphabetical order."""
    condition: Any
    values_read: Mapping[str, Any]
    """The workspace fields that the condition read, as they stood; empty ones are None."""
    outcome: Outcome
    message: str = ""
    """Why the condition could not be evaluated, for a person."""

    def as_json(self) -> dict[str, Any]:
        """The look as it is kept in the timeline."""
        return {
            "kind": str(self.kind),
            "key": self.key,
            "title": self.title,
            "fields_met": list(self.fields_met),
            "condition": self.condition,
            "values_read": dict(self.values_read),
            "outcome": str(self.outcome),
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Start:
    """A task to be created, with the values of its input fields before any reset."""

    task: TaskPlan
    input_data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refresh:
    """An unfinished task that is given these input data instead of its old ones."""

    task: TaskPlan
    input_data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Failure:
    """A definition whose condition could not be evaluated. It concerns this one and stops no other."""

    kind: Kind
    key: str
    message: str


@dataclass(frozen=True, slots=True)
class Decision:
    """All that follows from one write (`engine.md`, "One write, step by step")."""

    data: Mapping[str, Any]
    """The workspace after the write and before resets: what the conditions saw."""
    data_after: Mapping[str, Any]
    """The workspace after the resets: what the next write meets."""
    modified: frozenset[str]
    emptied: frozenset[str]
    """The fields that the write emptied; those of the resets are in `resets`."""
    completion: CompletionPlan | None
    starts: tuple[Start, ...]
    refreshes: tuple[Refresh, ...]
    resets: frozenset[str]
    """The fields that the started tasks empty, whether or not they had a value."""
    stalled: bool
    """Nothing is unfinished, nothing started, nothing ended, and no failure explains it."""
    looks: tuple[Look, ...]
    """Completions in their order, then tasks in definition order."""

    @property
    def ends(self) -> bool:
        """Whether the workflow is completed or cancelled: every unfinished task becomes CANCELLED."""
        return self.completion is not None and self.completion.status.is_final

    @property
    def holds(self) -> bool:
        """Whether the workflow goes on hold: what `modified` would start waits for `resume`."""
        return self.completion is not None and not self.completion.status.is_final

    @property
    def failures(self) -> tuple[Failure, ...]:
        """The definitions whose conditions could not be evaluated."""
        return tuple(
            Failure(look.kind, look.key, look.message)
            for look in self.looks
            if look.outcome is Outcome.CONDITION_FAILED
        )
