"""Playing moves on a workflow file; the page carries the moves from request to request. Pure.

Nothing is stored. Every request plays all moves again (`workflow_design.engine.replay`), so going
back means playing fewer of them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from django.utils.translation import gettext as _

from ticketflower.clean_json import JsonError, parse_json
from workflow_design.definition.fields import Fields, without_empty
from workflow_design.definition.schema import DataValidator, data_validator
from workflow_design.definition.workflow import Kind, TaskFile, TicketFile, WorkflowFile
from workflow_design.engine import Plan
from workflow_design.engine.moves import Move, MoveKind
from workflow_design.engine.plan import build_plan
from workflow_design.engine.replay import (
    BEGINNING,
    PlayError,
    PlayState,
    PlayStatus,
    Step,
    apply_move,
)
from workflow_design.wording.rules import Vocabulary

# The text comes from the browser, so its size is limited.
MAX_MOVES: Final = 100
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
        parsed = parse_json(text, max_bytes=MAX_BYTES, max_depth=_MAX_DEPTH)
    except JsonError as error:
        raise MovesError(error.message) from None
    if not isinstance(parsed, list) or len(parsed) > MAX_MOVES:
        raise MovesError(_("A try-out is a list of at most %(number)d moves.") % {"number": MAX_MOVES})
    try:
        return tuple(_move(each) for each in parsed)
    except (KeyError, TypeError, ValueError):
        raise MovesError(_("One of the moves is not a ticket, a task, the clock or a resume.")) from None


def _move(parsed: Any) -> Move:
    if not (isinstance(parsed, dict) and isinstance(parsed.get("values"), dict)):
        raise TypeError
    return Move.from_json(parsed)


def serialize_moves(moves: Iterable[Move]) -> str:
    """Return the moves as JSON text for the page."""
    return json.dumps([asdict(move) for move in moves], ensure_ascii=False, separators=(",", ":"))


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
            self._check_fields(move)
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

    def _check_fields(self, move: Move) -> None:
        """Raise PlayError unless the values are valid and the required ones are present, as in the engine."""
        values = without_empty(move.values)
        # Only the fields of this form are required, not all required fields of the workspace.
        is_filled_in = move.kind in (MoveKind.TICKET, MoveKind.TASK)
        part = self.plan.find(Kind(move.kind), move.title) if is_filled_in else None
        required = self.fields.required.intersection(part.writes if part else ())
        for problem in self.validator.problems(values, required=sorted(required)):
            name = problem.pointer.split("/")[1] if problem.pointer else ""
            title = f"{self.vocabulary.title(name)}: " if name in self.fields else ""
            raise PlayError(f"{title}{problem.message}")


def form_name(part: Fillable) -> str:
    """Return the name of the form of a ticket or task in pages; it is unique in a workflow."""
    return f"{part.kind}:{part.title}"


def move_form_name(move: Move) -> str:
    """Return the name of the form that a move filled in."""
    return f"{move.kind}:{move.title}"
