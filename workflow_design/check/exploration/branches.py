"""What some of the unfinished tasks can do while all others wait."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from workflow_design.check.exploration.answers import Row
from workflow_design.check.exploration.machine import PossibleWrite
from workflow_design.check.exploration.mechanics import Mechanics
from workflow_design.check.exploration.states import Mover, State
from workflow_design.check.values.rules import Condition, Data
from workflow_design.engine.conditions.bounds import ConditionError

_MAX_STATES: Final = 2_000
"""Nothing is proved about a branch with more states."""

Move = tuple[Mover, PossibleWrite]


@dataclass(slots=True)
class Outcome:
    """A state in which one or more branches have finished, and the shortest moves that lead to it."""

    state: State
    moves: tuple[Move, ...] = ()
    answer: Row = ()
    """What the ticket says about these branches, if it is not submitted yet."""
    results: frozenset[tuple["Branch", Hashable]] = frozenset()
    """How the branches may have finished, each by the key of the state where no other one has."""


@dataclass(slots=True, eq=False)
class Branch:
    """Tasks that finish without any effect on the other unfinished ones."""

    tasks: int
    states: int
    """The number of its states."""
    outcomes: list[Outcome]
    """The ways in which it can finish."""
    undecided: frozenset[str] = frozenset()
    """The fields of the ticket that decide about other branches."""
    exits: dict[Hashable, set[int]] = field(default_factory=lambda: defaultdict(set))
    """For each way in which it can finish, the states where all others but one have finished, too."""


class BranchExplorer:
    """Explores one branch: its states, in the order in which they are found, and the moves between them."""

    def __init__(self, mechanics: Mechanics, tasks: int = 0, undecided: frozenset[str] = frozenset()) -> None:
        self.tasks = tasks
        """The tasks of the branch: those that it begins with, and all that they start."""
        self.open_data: set[Data] = set()
        """The workspaces that others see before the branch has finished."""
        self.least_work = 0
        """The work that has to be left for what comes after."""
        self._mechanics = mechanics
        self._undecided = undecided
        self._outcomes: list[Outcome] = []
        self._numbers: dict[Hashable, int] = {}
        self._sources: list[set[int]] = []
        self._by_actions: list[set[int]] = []

    def begin(self, state: State, *, before_resets: Data | None = None, answer: Row = ()) -> None:
        """Add a state in which the branch begins, with its workspace before resets if there were any."""
        if state.unfinished & self.tasks:
            self.open_data |= {state.data, state.data if before_resets is None else before_resets}
        self._number(Outcome(state, answer=answer))

    def explore(self) -> bool:
        """Visit all states; return whether they show that the branch can finish without any other effect."""
        # The list grows during the loop: it is the queue of the breadth-first search.
        for number, outcome in enumerate(self._outcomes):
            if outcome.state.unfinished & self.tasks and not self._explore_moves(number, outcome):
                return False
        return self._always_finishes() and not self._has_action_cycle()

    def are_blocked(self, conditions: Iterable[Condition], places: frozenset[int]) -> bool:
        """Return whether the fields at these places make all conditions false until the branch finishes."""
        settled = [(condition, condition.places_in(places)) for condition in conditions]
        return all(
            condition.residue(data, its_places) is False
            for condition, its_places in settled
            for data in self.open_data
        )

    def build_branch(self) -> Branch:
        """Return the branch."""
        branch = Branch(self.tasks, len(self._outcomes), [], self._undecided)
        keys = list(self._numbers)
        for number in self._finished():
            results = frozenset({(branch, keys[number])})
            branch.outcomes.append(replace(self._outcomes[number], results=results))
        return branch

    def _explore_moves(self, number: int, outcome: Outcome) -> bool:
        if len(self._outcomes) > _MAX_STATES:
            return False
        for mover in self._mechanics.moving(outcome.state, self.tasks):
            try:
                writes = self._mechanics.writes_of(outcome.state, mover)
            except ConditionError:
                return False
            if not all(self._move(number, outcome, mover, write) for write in writes):
                return False
        return True

    def _move(self, number: int, before: Outcome, mover: Mover, write: PossibleWrite) -> bool:
        """Make a move; return whether the workflow goes on, and work is left."""
        if self._mechanics.machine.space.work.left < self.least_work:
            return False
        move = (mover, write)
        step, after = self._mechanics.apply(before.state, *move)
        if step.reached is not None:
            return False
        self.tasks |= step.started
        if after.unfinished & self.tasks:
            # Resets come after the conditions, so the data before them counts, too.
            self.open_data |= {step.before_resets, after.data}
        target = self._number(Outcome(after, (*before.moves, move), before.answer))
        self._sources[target].add(number)
        if mover.is_action:
            self._by_actions[number].add(target)
        return True

    def _number(self, outcome: Outcome) -> int:
        number = self._numbers.setdefault(
            self._mechanics.key(outcome.state, self._undecided), len(self._outcomes)
        )
        if number == len(self._outcomes):
            self._outcomes.append(outcome)
            self._sources.append(set())
            self._by_actions.append(set())
        return number

    def _finished(self) -> list[int]:
        return [
            number
            for number, outcome in enumerate(self._outcomes)
            if not outcome.state.unfinished & self.tasks
        ]

    def _always_finishes(self) -> bool:
        """Return whether the branch can finish from each of its states."""
        found = set(self._finished())
        fresh = found
        while fresh:
            fresh = set[int]().union(*(self._sources[number] for number in fresh)) - found
            found = found | fresh
        return len(found) == len(self._outcomes)

    def _has_action_cycle(self) -> bool:
        """Return whether actions can repeat without a person."""
        left = {number for number, targets in enumerate(self._by_actions) if targets}
        while left:
            ends = {number for number in left if self._by_actions[number].isdisjoint(left)}
            if not ends:
                return True
            left -= ends
        return False
