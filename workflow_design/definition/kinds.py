"""The kinds of things that a workflow definition consists of."""

from enum import StrEnum
from typing import NamedTuple


class TaskType(StrEnum):
    """How a task is done: by a person who fills in a form, or by a call over HTTP."""

    FORM = "FORM"
    SYNC_ACTION = "SYNC_ACTION"
    ASYNC_ACTION = "ASYNC_ACTION"


class CompletionStatus(StrEnum):
    """The statuses that a completion can give a workflow (`engine.md`, "One write, step by step", 2)."""

    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    ON_HOLD = "ON_HOLD"

    @property
    def is_final(self) -> bool:
        """Whether nothing can happen any more in a workflow that has it."""
        return self is not CompletionStatus.ON_HOLD


class Kind(StrEnum):
    """The three kinds of definition inside a workflow."""

    TICKET = "ticket"
    TASK = "task"
    COMPLETION = "completion"


class DefinitionKey(NamedTuple):
    """Names one definition of a plan: keys are unique within a kind only."""

    kind: Kind
    key: str
