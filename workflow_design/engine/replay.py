"""Moves played without a database, as the state manager would apply them.

The try-out and every counterexample of the check go this way. Pure: a standing and a move give the
next standing, and nothing is changed, so stepping back is to keep the earlier one.

    steps = play(plan, moves)        # one Step for each move
    steps[-1].standing.unfinished    # which tasks wait, with what they were given
    steps[-1].decisions              # what followed, with the looks that say why

Values are not held against a schema here: whoever takes them from a person does that.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from django.utils.translation import gettext as _

from workflow_design.definition.workflow import TaskType
from workflow_design.engine import CompletionPlan, Decision, Plan, Source, TaskPlan, Write, decide, resume
from workflow_design.engine.moves import Move, MoveKind


class PlayError(ValueError):
    """The move is not possible where the workflow stands; the text says why."""


class PlayStatus(StrEnum):
    """The statuses of a workflow that is played; they are called as those of one that runs."""

    NOT_STARTED = "NOT_STARTED"
    IN_PROGRESS = "IN_PROGRESS"
    ON_HOLD = "ON_HOLD"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"

    @property
    def is_final(self) -> bool:
        """Whether nothing can happen any more."""
        return self in (PlayStatus.COMPLETED, PlayStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a workflow stands between two moves."""

    status: PlayStatus = PlayStatus.NOT_STARTED
    data: Mapping[str, Any] = field(default_factory=dict)
    """The workspace."""
    unfinished: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The input data of each unfinished task by the key of its definition, the oldest task first."""
    waiting: frozenset[str] = frozenset()
    """On hold: the modified fields of the write that led to it, whose tasks the resume will start."""
    queue: tuple[Write, ...] = ()
    """On hold: the writes that wait for the resume, the first first."""
    completion: CompletionPlan | None = None
    """What was reached last: the end, or what put it on hold."""
    has_stalled: bool = False
    """In progress with nothing unfinished, nothing in the queue, and no failure that explains it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One move that was played."""

    move: Move
    decisions: tuple[Decision, ...]
    """What followed: one decision; none for a write that waits in the queue; of a resume, that of the
    steps that waited and one for each write of the queue that was applied."""
    standing: Standing


BEGINNING: Final = Standing()
"""A workflow whose ticket is about to be submitted."""


def play(plan: Plan, moves: Iterable[Move], *, start: Standing = BEGINNING) -> tuple[Step, ...]:
    """The steps of these moves, the first of which is a ticket unless they begin elsewhere.

    Raises PlayError at the first move that is not possible.
    """
    steps: list[Step] = []
    for move in moves:
        steps.append(step_of(plan, steps[-1].standing if steps else start, move))
    return tuple(steps)


def step_of(plan: Plan, standing: Standing, move: Move) -> Step:
    """What one move leads to; raises PlayError if it is not possible here."""
    if move.kind is MoveKind.RESUME:
        return _resumed(plan, standing, move)
    if standing.status.is_final:
        raise PlayError(_("The workflow has ended."))
    write = _write_of(plan, standing, move)
    if move.kind is MoveKind.TASK:
        finished = task_called(plan, move.title).key
        unfinished = {key: value for key, value in standing.unfinished.items() if key != finished}
        standing = replace(standing, unfinished=unfinished)
    if standing.status is PlayStatus.ON_HOLD:
        return Step(move, (), replace(standing, queue=(*standing.queue, write)))
    decision = decide(plan, standing.data, write, frozenset(standing.unfinished))
    return Step(move, (decision,), after(standing, decision))


def task_called(plan: Plan, title: str) -> TaskPlan:
    """The task definition of this title; raises PlayError if there is none."""
    for task in plan.tasks:
        if task.title == title:
            return task
    raise PlayError(_("There is no task “%(title)s”.") % {"title": title})


def after(standing: Standing, decision: Decision) -> Standing:
    """Where the workflow stands after a decision that was made where it stood."""
    if decision.ends:
        assert decision.completion is not None
        status = PlayStatus(decision.completion.status.value)
        return Standing(status, decision.data_after, completion=decision.completion)
    unfinished = dict(standing.unfinished)
    unfinished.update({refresh.task.key: refresh.input_data for refresh in decision.refreshes})
    unfinished.update({start.task.key: start.input_data for start in decision.starts})
    on_hold = decision.holds
    return Standing(
        status=PlayStatus.ON_HOLD if on_hold else PlayStatus.IN_PROGRESS,
        data=decision.data_after,
        unfinished=unfinished,
        waiting=decision.modified if on_hold else frozenset(),
        queue=standing.queue,
        completion=decision.completion,
        has_stalled=decision.stalled and not standing.queue,
    )


def _write_of(plan: Plan, standing: Standing, move: Move) -> Write:
    values = move.values or {}
    if move.kind is MoveKind.TICKET:
        return _ticket_write(plan, standing, move.title, values)
    if standing.status is PlayStatus.NOT_STARTED:
        raise PlayError(_("A workflow starts with a ticket."))
    if move.kind is MoveKind.CLOCK:
        return Write.by_clock(values)
    task = task_called(plan, move.title)
    if task.key not in standing.unfinished:
        raise PlayError(_("“%(title)s” does not wait to be done.") % {"title": task.title})
    if task.task_type is not TaskType.FORM:
        return Write.by_action(task.output_fields, values)
    if standing.status is PlayStatus.ON_HOLD:
        raise PlayError(_("The workflow is on hold. Nothing can be completed until it is resumed."))
    return _form_write(task.output_fields, values, Source.TASK)


def _ticket_write(plan: Plan, standing: Standing, title: str, values: Mapping[str, Any]) -> Write:
    if standing.status is not PlayStatus.NOT_STARTED:
        raise PlayError(_("The ticket was submitted already."))
    for ticket in plan.tickets:
        if ticket.title == title:
            return _form_write(ticket.fields, values, Source.TICKET)
    raise PlayError(_("There is no ticket “%(title)s”.") % {"title": title})


def _form_write(fields: Iterable[str], values: Mapping[str, Any], source: Source) -> Write:
    try:
        return Write.by_form(fields, values, source=source)
    except ValueError as error:
        raise PlayError(str(error)) from None


def _resumed(plan: Plan, standing: Standing, move: Move) -> Step:
    """The steps that waited, then the queue in order, until the workflow ends or is on hold again."""
    if standing.status is not PlayStatus.ON_HOLD:
        raise PlayError(_("The workflow is not on hold."))
    decision = resume(plan, standing.data, standing.waiting, frozenset(standing.unfinished))
    decisions = [decision]
    standing = after(standing, decision)
    while standing.queue and standing.status is PlayStatus.IN_PROGRESS:
        write, *later = standing.queue
        decision = decide(plan, standing.data, write, frozenset(standing.unfinished))
        decisions.append(decision)
        standing = after(replace(standing, queue=tuple(later)), decision)
    return Step(move, tuple(decisions), standing)
