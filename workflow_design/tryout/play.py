"""A definition tried out: moves that travel in the page are played on a workflow file. Pure.

Nothing is stored: every request plays the moves made so far anew (`workflow_design.engine.replay`), so
that stepping back is to play fewer of them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from django.utils.translation import gettext as _

from ticketflower.clean_json import JsonError, parse_json
from workflow_design.definition.fields import Fields, without_empty
from workflow_design.definition.problems import Problem
from workflow_design.definition.schema import DataValidator, data_validator
from workflow_design.definition.workflow import TaskFile, TaskType, TicketFile, WorkflowFile
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
    find_task,
)
from workflow_design.wording.rules import Vocabulary

MOST_MOVES: Final = 100
MAX_BYTES: Final = 200_000
_MAX_DEPTH: Final = 12

Fillable = TicketFile | TaskFile


class MovesError(ValueError):
    """A text holds no moves; the text of the error says why."""


def read_moves(text: str) -> tuple[Move, ...]:
    """The moves that `serialize_moves` wrote, or that a counterexample lists. Raises MovesError for anything else."""
    if not text.strip():
        return ()
    try:
        parsed = parse_json(text, max_bytes=MAX_BYTES, max_depth=_MAX_DEPTH)
    except JsonError as error:
        raise MovesError(error.message) from None
    if not isinstance(parsed, list) or len(parsed) > MOST_MOVES:
        raise MovesError(_("A try-out is a list of at most %(number)d moves.") % {"number": MOST_MOVES})
    try:
        return tuple(_move(each) for each in parsed)
    except (KeyError, TypeError, ValueError):
        raise MovesError(_("One of the moves is not a ticket, a task, the clock or a resume.")) from None


def _move(parsed: Any) -> Move:
    if not (isinstance(parsed, dict) and isinstance(parsed.get("values"), dict)):
        raise TypeError
    return Move.from_json(parsed)


def serialize_moves(moves: Iterable[Move]) -> str:
    """The moves as the page carries them."""
    return json.dumps([move.as_json() for move in moves], ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Tryout:
    """A definition as far as it was played."""

    file: WorkflowFile
    plan: Plan
    validator: DataValidator
    steps: tuple[Step, ...] = ()
    refusal: str = ""
    """Why a move, and so all that came after it, could not be played."""
    id_names: Mapping[str, Mapping[str | float, str]] = field(default_factory=dict)
    """What to call the ids of people and files that stand in fields, by the field's name."""

    @classmethod
    def of(cls, file: WorkflowFile, moves: Sequence[Move] = ()) -> "Tryout":
        """The moves played one after the other, up to the first that is not possible.

        Raises SchemaError if the fields can't be read.
        """
        tryout = cls(file, build_plan(file), data_validator(file.fields_schema))
        for move in moves:
            tryout = tryout.play_move(move)
            if tryout.refusal:
                break
        return tryout

    def play_move(self, move: Move) -> "Tryout":
        """One move further; where it is not possible, the same with a `refusal`."""
        if len(self.steps) >= MOST_MOVES:
            return replace(
                self, refusal=_("A try-out has at most %(number)d steps.") % {"number": MOST_MOVES}
            )
        try:
            self._check_fields(move)
            step = apply_move(self.plan, self.standing, move)
        except PlayError as error:
            text = _("Step %(number)d can't be played. %(reason)s")
            return replace(self, refusal=text % {"number": len(self.steps) + 1, "reason": error})
        return replace(self, steps=(*self.steps, step), refusal="")

    @property
    def moves(self) -> tuple[Move, ...]:
        """What was played."""
        return tuple(step.move for step in self.steps)

    @property
    def standing(self) -> PlayState:
        """Where it stands now."""
        return self.steps[-1].state if self.steps else BEGINNING

    @property
    def fields(self) -> Fields:
        """The fields of the workspace."""
        return self.validator.fields

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What people call the fields."""
        return Vocabulary.of_fields(self.fields).with_names(self.id_names)

    @property
    def fillable(self) -> list[Fillable]:
        """The tickets, or the unfinished tasks, whose form or answer can be filled in now.

        During a hold only actions answer; their answers wait (`docs/engine.md`, "Statuses").
        """
        standing = self.standing
        if standing.status is PlayStatus.NOT_STARTED:
            return list(self.file.tickets)
        tasks = [task for key in standing.unfinished for task in self.file.tasks if task.title == key]
        if standing.status is PlayStatus.ON_HOLD:
            return [task for task in tasks if task.task_type != TaskType.FORM]
        return [*tasks]

    def _check_fields(self, move: Move) -> None:
        """What the engine asks of a write: values that fit, and none missing that its form requires."""
        values = without_empty(move.values or {})
        required = self.fields.required.intersection(_required_candidates(self.plan, move))
        problems = self.validator.problems(values, required=sorted(required))
        if problems:
            raise PlayError(self._format_problem(problems[0]))

    def _format_problem(self, problem: Problem) -> str:
        name = problem.pointer.split("/")[1] if problem.pointer else ""
        return f"{self.vocabulary.title(name)}: {problem.message}" if name in self.fields else problem.message


def _required_candidates(plan: Plan, move: Move) -> tuple[str, ...]:
    """The fields that the form or answer of a move is asked for."""
    if move.kind is MoveKind.TASK:
        return find_task(plan, move.title).output_fields
    if move.kind is MoveKind.TICKET:
        return next((ticket.fields for ticket in plan.tickets if ticket.title == move.title), ())
    return ()


def form_name(part: Fillable) -> str:
    """What a page calls the form of a ticket or task; unique within a workflow."""
    return f"{move_kind(part)}:{part.title}"


def move_form_name(move: Move) -> str:
    """What a page calls the form that was filled in with a move."""
    return f"{move.kind}:{move.title}"


def move_kind(part: Fillable) -> MoveKind:
    """The kind of the move that filling it in is."""
    return MoveKind.TICKET if isinstance(part, TicketFile) else MoveKind.TASK


def asked_fields(part: Fillable) -> tuple[str, ...]:
    """The fields that its form asks for."""
    return part.fields if isinstance(part, TicketFile) else part.output_fields
