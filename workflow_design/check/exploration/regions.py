"""Independent branches together: the states in which all of them but one have finished."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Final

from workflow_design.check.exploration.answers import Row
from workflow_design.check.exploration.branches import Branch, Move, Outcome
from workflow_design.check.exploration.machine import PossibleWrite
from workflow_design.check.exploration.mechanics import Mechanics
from workflow_design.check.exploration.states import Mover, State
from workflow_design.check.work import Branches

_MAX_OUTCOMES: Final = 256
"""Branches that can finish in so many different ways, all together, are better explored as a whole."""


class _TooManyOutcomesError(Exception):
    """The branches can finish in too many different ways."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where branches begin: in a state, or with the ticket, which decides about each of them."""

    state: State
    ticket: Mover | None = None
    usual: Row = ()
    """An answer of the ticket with which most branches have something to do."""
    build: Callable[[Row], PossibleWrite] | None = None

    def moves(self, answer: Row) -> tuple[Move, ...]:
        """Return the ticket, with this answer to some of its fields and the usual one to all others."""
        if self.ticket is None or self.build is None:
            return ()
        return ((self.ticket, self.build(tuple({**dict(self.usual), **dict(answer)}.items()))),)


@dataclass(slots=True)
class RegionBranch:
    """One branch, with the fields of the ticket that decide about it."""

    branch: Branch
    decides: frozenset[str] = frozenset()
    answers: Sequence[Row] = ((),)
    """What the ticket may say about it."""


@dataclass(slots=True)
class Region:
    """Independent branches, and how to explore each of them alone and as the last one."""

    beginning: Beginning
    parts: Sequence[RegionBranch]
    with_one_left: list[Outcome] = field(default_factory=list)
    """The states in which all branches but one have finished, and that one has not moved."""
    idle_tickets: list[Move] = field(default_factory=list)
    """The tickets after which no branch has anything to do."""


def build_region(
    mechanics: Mechanics, beginning: Beginning, parts: Sequence[RegionBranch], mode: Branches
) -> Region | None:
    """Return the branches together; None if all their states are fewer than what would be explored."""
    region = Region(beginning, parts)
    is_bounded = mode is Branches.WHERE_FEWER
    most = prod(part.branch.states for part in parts)
    size = sum(part.branch.states for part in parts)
    finisher = _Finisher(mechanics, beginning, most=_MAX_OUTCOMES if is_bounded else None)
    try:
        for part, outcomes in finisher.finish_others(parts, [Outcome(beginning.state)]):
            size += part.branch.states * len(outcomes)
            if size >= most and is_bounded:
                return None
            for outcome in outcomes:
                _add_last(mechanics, region, part, outcome)
    except _TooManyOutcomesError:
        return None
    return region


def _add_last(mechanics: Mechanics, region: Region, last: RegionBranch, outcome: Outcome) -> None:
    """Add the states in which this branch is the last one."""
    if region.beginning.ticket is None:
        region.with_one_left.append(outcome)
        return
    for answer in last.answers:
        moves = (*region.beginning.moves((*outcome.answer, *answer)), *outcome.moves)
        state = play(mechanics, region.beginning.state, moves)
        if state.unfinished & last.branch.tasks:
            region.with_one_left.append(Outcome(state, moves, results=outcome.results))
        elif not outcome.moves and last is region.parts[-1]:
            region.idle_tickets.append(moves[0])


def play(mechanics: Mechanics, state: State, moves: Sequence[Move]) -> State:
    """Return the state after some moves."""
    for mover, write in moves:
        _step, state = mechanics.apply(state, mover, write)
    return state


class _Finisher:
    """Lets branches finish, one after the other. Raises an error beyond `most` different ways."""

    def __init__(self, mechanics: Mechanics, beginning: Beginning, *, most: int | None) -> None:
        self._mechanics = mechanics
        self._most = most
        self._beginning = beginning
        self._work = mechanics.machine.space.work

    def finish_others(
        self, parts: Sequence[RegionBranch], outcomes: list[Outcome]
    ) -> Iterator[tuple[RegionBranch, list[Outcome]]]:
        """Yield each of these branches with the states in which all the others have finished."""
        if len(parts) == 1:
            yield parts[0], outcomes
            return
        first, second = parts[: len(parts) // 2], parts[len(parts) // 2 :]
        for left, others in ((second, first), (first, second)):
            finished = outcomes
            for place, part in enumerate(others):
                waiting = (*left, *others[place + 1 :])
                undecided = frozenset[str]().union(*(each.decides for each in waiting))
                finished = self._finish(part.branch, finished, undecided)
            yield from self.finish_others(left, finished)

    def _finish(self, branch: Branch, outcomes: list[Outcome], undecided: frozenset[str]) -> list[Outcome]:
        """Return the states after this branch has finished, too: of those with the same future, one."""
        found: dict[Hashable, Outcome] = {}
        for outcome in outcomes:
            for ending in branch.outcomes:
                joined = self._join(outcome, ending)
                self._work.spend(2 + len(joined.moves) + len(joined.results))
                known = found.setdefault(self._mechanics.key(joined.state, undecided), joined)
                results = known.results | joined.results
                if len(joined.moves) < len(known.moves):
                    known.state, known.moves, known.answer = joined.state, joined.moves, joined.answer
                known.results = results
            # Whoever asks gives up then, so what is left would be lost work.
            if self._most is not None and len(found) > self._most:
                raise _TooManyOutcomesError
        return list(found.values())

    def _join(self, outcome: Outcome, ending: Outcome) -> Outcome:
        answer, moves = (*outcome.answer, *ending.answer), (*outcome.moves, *ending.moves)
        ticket = self._beginning.moves(answer)
        # Only another answer of the ticket needs playing from there.
        state = (
            play(self._mechanics, self._beginning.state, (*ticket, *moves))
            if ticket
            else play(self._mechanics, outcome.state, ending.moves)
        )
        return Outcome(state, moves, answer, outcome.results | ending.results)
