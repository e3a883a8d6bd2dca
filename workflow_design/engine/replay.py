"""Moves played without a database, with the same effects as in the state manager.

The try-out and every counterexample of the check use this. It is pure: a state and a move give the next
state. Nothing is changed, so stepping back means using an earlier state.

    steps = play(plan, moves)        # one Step for each move
    steps[-1].state.unfinished       # the open tasks and their input data
    steps[-1].decisions              # the consequences, with evaluations that explain them

`refuse_values` validates what a person enters against the schema; `play` and `apply_move` do not.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from django.utils.translation import gettext as _

from workflow_design.definition.fields import without_empty
from workflow_design.definition.schema import DataValidator
from workflow_design.definition.workflow import CompletionFile, Kind, TaskFile
from workflow_design.engine import Decision, Plan, Source, Write, decide, resume
from workflow_design.engine.moves import Move, MoveKind


class PlayError(ValueError):
    """The move is not possible now; the text says why, and `field` names the one whose value is refused."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class PlayStatus(StrEnum):
    """The statuses of a played workflow, named like those of a real one."""

    NOT_STARTED = "NOT_STARTED"
    IN_PROGRESS = "IN_PROGRESS"
    ON_HOLD = "ON_HOLD"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"

    @property
    def is_final(self) -> bool:
        """Whether nothing more can happen."""
        return self in (PlayStatus.COMPLETED, PlayStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class PlayState:
    """The state of a workflow between two moves."""

    status: PlayStatus = PlayStatus.NOT_STARTED
    data: Mapping[str, Any] = field(default_factory=dict)
    """The workspace."""
    unfinished: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The input data of each unfinished task by the key of its definition, oldest task first."""
    waiting: frozenset[str] = frozenset()
    """On hold: the modified fields of the write that led to it, whose tasks the resume will start."""
    queue: tuple[Write, ...] = ()
    """On hold: the writes that wait for the resume, oldest first."""
    completion: CompletionFile | None = None
    """The last reached completion: the one that ended the workflow or put it on hold."""
    has_stalled: bool = False
    """In progress with nothing unfinished, an empty queue, and no failure that explains it."""
    overdue: frozenset[str] = frozenset()
    """The keys of the unfinished tasks that have become overdue: each does so once."""


@dataclass(frozen=True, slots=True)
class Step:
    """One played move."""

    move: Move
    decisions: tuple[Decision, ...]
    """The consequences, in order.

    A move usually has one decision. A write that waits in the queue has none. A resume has one for the
    steps that waited, and one for each applied write of the queue.
    """
    state: PlayState


BEGINNING: Final = PlayState()
"""A workflow before its ticket is submitted."""


def play(plan: Plan, moves: Iterable[Move], *, start: PlayState = BEGINNING) -> tuple[Step, ...]:
    """Play the moves and return their steps. Without `start`, the first move must be a ticket.

    Raise PlayError at the first move that is not possible.
    """
    steps: list[Step] = []
    for move in moves:
        steps.append(apply_move(plan, steps[-1].state if steps else start, move))
    return tuple(steps)


def apply_move(plan: Plan, state: PlayState, move: Move) -> Step:
    """Play one move and return its step; raise PlayError if it is not possible in this state."""
    if move.kind is MoveKind.RESUME:
        return _resume(plan, state, move)
    if state.status.is_final:
        raise PlayError(_("The workflow has ended."))
    write = _build_write(plan, state, move)
    if move.kind in (MoveKind.TASK, MoveKind.OVERDUE):
        key = plan.key(find_task(plan, move.title)).key
        state = (
            finish(state, key)
            if move.kind is MoveKind.TASK
            else replace(state, overdue=state.overdue | {key})
        )
    if state.status is PlayStatus.ON_HOLD:
        return Step(move, (), replace(state, queue=(*state.queue, write)))
    decision = decide(plan, state.data, write, frozenset(state.unfinished))
    return Step(move, (decision,), apply_decision(state, decision))


def finish(state: PlayState, key: str) -> PlayState:
    """Return the state without this task: it is finished by its own write, which can start it again."""
    unfinished = {other: value for other, value in state.unfinished.items() if other != key}
    return replace(state, unfinished=unfinished, overdue=state.overdue - {key})


def refuse_values(plan: Plan, validator: DataValidator, move: Move) -> None:
    """Raise PlayError unless the values of a move are valid and the required ones present, as in a form."""
    # Only the fields of this form are required, not all required fields of the workspace.
    is_filled_in = move.kind in (MoveKind.TICKET, MoveKind.TASK)
    part = plan.find(Kind(move.kind), move.title) if is_filled_in else None
    required = validator.fields.required.intersection(part.writes if part else ())
    for problem in validator.problems(without_empty(move.values), required=sorted(required)):
        name = problem.pointer.split("/")[1] if problem.pointer else ""
        title = f"{validator.fields[name].title}: " if name in validator.fields else ""
        raise PlayError(f"{title}{problem.message}", field=name)


def find_task(plan: Plan, title: str) -> TaskFile:
    """Return the task definition with this title; raise PlayError if there is none."""
    task = plan.find(Kind.TASK, title)
    if not isinstance(task, TaskFile):
        raise PlayError(_("There is no task “%(title)s”.") % {"title": title})
    return task


def apply_decision(state: PlayState, decision: Decision) -> PlayState:
    """Return the state after a decision that was made in `state`."""
    if decision.ends:
        assert decision.completion is not None
        status = PlayStatus(decision.completion.completion_status)
        return PlayState(status, decision.data_after, completion=decision.completion)
    unfinished = dict(state.unfinished)
    unfinished.update({refresh.key: refresh.input_data for refresh in decision.refreshes})
    if decision.corrected:  # so a workflow that has stalled stays so
        return replace(state, data=decision.data_after, unfinished=unfinished)
    unfinished.update({start.key: start.input_data for start in decision.starts})
    on_hold = decision.holds
    return PlayState(
        status=PlayStatus.ON_HOLD if on_hold else PlayStatus.IN_PROGRESS,
        data=decision.data_after,
        unfinished=unfinished,
        waiting=decision.modified if on_hold else frozenset(),
        queue=state.queue,
        completion=decision.completion,
        # The next write in the queue may still continue the workflow.
        has_stalled=decision.stalled and not state.queue,
        overdue=state.overdue,
    )


def _build_write(plan: Plan, state: PlayState, move: Move) -> Write:
    values = move.values
    if move.kind is MoveKind.TICKET:
        return _ticket_write(plan, state, move.title, values)
    if state.status is PlayStatus.NOT_STARTED:
        raise PlayError(_("A workflow starts with a ticket."))
    if move.kind in (MoveKind.EDIT, MoveKind.CORRECTION):
        return _edit_write(state, values, Source(move.kind))
    task = find_task(plan, move.title)
    if plan.key(task).key not in state.unfinished:
        raise PlayError(_("“%(title)s” is not open.") % {"title": task.title})
    if move.kind is MoveKind.OVERDUE:
        return _clock_write(plan, state, task)
    # Answers of actions may arrive during a hold: they wait in the queue.
    if not task.is_form:
        return Write.by_action(task.output_fields, values)
    if state.status is PlayStatus.ON_HOLD:
        raise PlayError(_("The workflow is on hold. Nothing can be completed until it is resumed."))
    return _form_write(task.output_fields, values, Source.TASK)


def _ticket_write(plan: Plan, state: PlayState, title: str, values: Mapping[str, Any]) -> Write:
    if state.status is not PlayStatus.NOT_STARTED:
        raise PlayError(_("The ticket was already submitted."))
    ticket = plan.find(Kind.TICKET, title)
    if ticket is None:
        raise PlayError(_("There is no ticket “%(title)s”.") % {"title": title})
    return _form_write(ticket.writes, values, Source.TICKET)


def _clock_write(plan: Plan, state: PlayState, task: TaskFile) -> Write:
    """Return what the clock writes as a task becomes overdue."""
    words = {"title": task.title}
    if task.overdue_field is None:
        raise PlayError(_("Nothing is written when “%(title)s” is overdue.") % words)
    if state.status is PlayStatus.ON_HOLD:
        raise PlayError(_("The workflow is on hold. No task becomes overdue until it is resumed."))
    if plan.key(task).key in state.overdue:
        raise PlayError(_("“%(title)s” is overdue already.") % words)
    return Write.by_clock({task.overdue_field: True})


def _edit_write(state: PlayState, values: Mapping[str, Any], source: Source) -> Write:
    write = Write.by_edit(state.data, {**state.data, **values}, source=source)
    if not write.changed:
        raise PlayError(_("This edit changes nothing."))
    return write


def _form_write(fields: Collection[str], values: Mapping[str, Any], source: Source) -> Write:
    unasked = next((name for name in values if name not in fields), None)
    if unasked is not None:
        raise PlayError(_("The form does not ask for “%(name)s”.") % {"name": unasked}, field=unasked)
    return Write.by_form(fields, values, source=source)


def _resume(plan: Plan, state: PlayState, move: Move) -> Step:
    """Run the steps that waited, then the queue in order, until the workflow ends or is on hold again."""
    if state.status is not PlayStatus.ON_HOLD:
        raise PlayError(_("The workflow is not on hold."))
    decision = resume(plan, state.data, state.waiting, frozenset(state.unfinished))
    decisions = [decision]
    state = apply_decision(state, decision)
    # A queued write may end the workflow or put it on hold again, which stops the loop.
    while state.queue and state.status is PlayStatus.IN_PROGRESS:
        write, *later = state.queue
        decision = decide(plan, state.data, write, frozenset(state.unfinished))
        decisions.append(decision)
        state = apply_decision(replace(state, queue=tuple(later)), decision)
    return Step(move, tuple(decisions), state)
