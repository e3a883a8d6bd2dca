"""Playing moves on a workflow file; the page carries the moves from request to request. Pure.

Nothing is stored. Every request plays all moves again (`workflow_design.engine.replay`), so going
back means playing fewer of them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, TypeGuard

from django.utils.translation import gettext as _

from workflow_design.definition.fields import Fields
from workflow_design.definition.file_json import WorkflowFileError, parse_moves
from workflow_design.definition.scenarios import MAX_MOVES
from workflow_design.definition.schema import DataValidator, data_validator
from workflow_design.definition.workflow import TaskFile, TicketFile, WorkflowFile
from workflow_design.engine import Plan
from workflow_design.engine.moves import Move
from workflow_design.engine.plan import build_plan
from workflow_design.engine.replay import (
    BEGINNING,
    PlayError,
    PlayState,
    PlayStatus,
    Step,
    apply_move,
    refuse_values,
)
from workflow_design.wording.rules import Vocabulary

# The text comes from the browser, so its size is limited.
MAX_BYTES: Final = 200_000
_MAX_DEPTH: Final = 12

Fillable = TicketFile | TaskFile


class MovesError(ValueError):
    """A text does not contain valid moves; the message says why."""


def read_moves(text: str) -> tuple[Move, ...]:
    """Parse the output of `serialize_moves`, or the moves of a counterexample. Raise MovesError."""
    if not text.strip():
        return ()
    try:
        scenario = parse_moves(text, max_bytes=MAX_BYTES, max_depth=_MAX_DEPTH)
    except WorkflowFileError as error:
        raise MovesError(str(error.problems[0])) from None
    return tuple(map(Move.from_json, scenario["moves"]))


def serialize_moves(moves: Iterable[Move]) -> str:
    """Return the moves as JSON text for the page."""
    return json.dumps([move.as_json() for move in moves], ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Tryout:
    """A definition and the steps that were played on it."""

    file: WorkflowFile
    plan: Plan
    validator: DataValidator
    steps: tuple[Step, ...] = ()
    refusal: str = ""
    """The reason why a move, and thus the moves after it, could not be played, or ""."""
    id_names: Mapping[str, Mapping[str | float, str]] = field(default_factory=dict)
    """The names of people and files by field name and id."""

    @classmethod
    def of(cls, file: WorkflowFile, moves: Sequence[Move] = ()) -> "Tryout":
        """Play the moves one after the other, up to the first that is not possible.

        Raise SchemaError if the fields are invalid.
        """
        tryout = cls(file, build_plan(file), data_validator(file.fields_schema))
        for move in moves:
            tryout = tryout.play_move(move)
            # The moves after an impossible one would make no sense.
            if tryout.refusal:
                break
        return tryout

    def play_move(self, move: Move) -> "Tryout":
        """Return the try-out after one more move, or the same try-out with a `refusal`."""
        if len(self.steps) >= MAX_MOVES:
            return replace(self, refusal=_("A try-out has at most %(number)d steps.") % {"number": MAX_MOVES})
        try:
            refuse_values(self.plan, self.validator, move)
            step = apply_move(self.plan, self.standing, move)
        except PlayError as error:
            text = _("Step %(number)d can't be played. %(reason)s")
            return replace(self, refusal=text % {"number": len(self.steps) + 1, "reason": error})
        return replace(self, steps=(*self.steps, step), refusal="")

    @property
    def moves(self) -> tuple[Move, ...]:
        """The moves that were played."""
        return tuple(step.move for step in self.steps)

    @property
    def standing(self) -> PlayState:
        """The state after the last step."""
        return self.steps[-1].state if self.steps else BEGINNING

    @property
    def fields(self) -> Fields:
        """The fields of the workspace."""
        return self.validator.fields

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The titles of the fields and the names of their values."""
        return Vocabulary(self.fields, self.id_names)

    @property
    def fillable(self) -> list[Fillable]:
        """The tickets, or the unfinished tasks, whose form or response can be filled in now.

        On hold, only actions respond, and their responses wait (`docs/engine.md`, "Statuses").
        """
        standing = self.standing
        if standing.status is PlayStatus.NOT_STARTED:
            return list(self.file.tickets)
        tasks = [task for key in standing.unfinished for task in self.file.tasks if task.title == key]
        if standing.status is PlayStatus.ON_HOLD:
            return [task for task in tasks if not task.is_form]
        return [*tasks]

    def can_be_overdue(self, part: Fillable) -> bool:
        """Return whether the clock can move next: an open task that has not become overdue yet."""
        standing = self.standing
        is_timed = isinstance(part, TaskFile) and part.overdue_field is not None
        is_open = standing.status is PlayStatus.IN_PROGRESS and part.title in standing.unfinished
        return is_timed and is_open and part.title not in standing.overdue


def is_message(part: Fillable) -> TypeGuard[TaskFile]:
    """Return whether a part sends a message, so that there is nothing to fill in but that it was sent."""
    return isinstance(part, TaskFile) and not part.is_form and part.action is not None


def form_name(part: Fillable) -> str:
    """Return the name of the form of a ticket or task in pages; it is unique in a workflow."""
    return f"{part.kind}:{part.title}"


def move_form_name(move: Move) -> str:
    """Return the name of the form that a move filled in."""
    return f"{move.kind}:{move.title}"
