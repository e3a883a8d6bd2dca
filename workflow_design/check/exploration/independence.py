"""Branches that do not depend on each other, so that their states add up and do not multiply.

Some unfinished tasks, with all that they may start, are a branch if what they do makes no difference to the
others until all branches have finished. A definition that uses fields of all branches is a join: each branch
must make it false, whatever the others write, until it has finished. `docs/check.md` ("Independent
branches") says why no finding is lost.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Final

from workflow_design.check.exploration.bounds import Branches
from workflow_design.check.exploration.branches import Branch, Mechanics, Outcome, Walk
from workflow_design.check.exploration.machine import Part, State, Task
from workflow_design.engine.conditions.validation import fields_read_by_transform

_FREE: Final = 5_000
_SHARE: Final = 8
"""Beyond a little that is free, one part in so many of the work is for looking where nothing is found."""


@dataclass(frozen=True, slots=True)
class Region:
    """The independent branches of one state."""

    branches: tuple[Branch, ...]
    rests: tuple[Outcome, ...]
    """The states in which all branches but one have finished, and that one has not moved."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Unfinished tasks that may depend on each other, with all that they start."""

    begin: int
    """The tasks that are unfinished now."""
    walk: Walk
    fields: frozenset[str]
    """The fields that they write and that some definition uses."""

    @property
    def tasks(self) -> int:
        return self.walk.tasks

    def touches(self, fields: frozenset[str]) -> bool:
        return not self.fields.isdisjoint(fields)


class Independence:
    """Finds states with independent branches."""

    def __init__(self, mechanics: Mechanics, mode: Branches) -> None:
        self._mechanics = mechanics
        self._machine = mechanics.machine
        self._work = self._machine.space.work
        self._mode = mode
        self._uses = {part: self._find_uses(part) for part in self._machine.parts}
        self._used = frozenset[str]().union(*self._uses.values())
        self._begun_with = self._work.left
        self._wasted = 0

    def find_region(self, state: State) -> Region | None:
        """Return the independent branches of a state; None if it is better explored as a whole."""
        has_one = not state.unfinished & (state.unfinished - 1)
        if has_one or state.hold is not None or self._mode is Branches.NEVER:
            return None
        before = self._work.left
        if (
            self._mode is Branches.WHERE_FEWER
            and self._wasted > _FREE + (self._begun_with - before) // _SHARE
        ):
            return None
        region = self._build_region(state)
        if region is None:
            self._wasted += before - self._work.left
        return region

    def _build_region(self, state: State) -> Region | None:
        groups = self._find_groups(state)
        if groups is None:
            return None
        joins = [part.condition for part in self._machine.parts if self._is_join(part, groups)]
        for group in groups:
            places = frozenset(self._machine.space.positions(group.fields))
            if not group.walk.are_blocked(joins, places):
                return None
        branches = [group.walk.build_branch() for group in groups]
        rests = self._find_rests(state, branches)
        return None if rests is None else Region(tuple(branches), rests)

    # --- Which tasks may depend on each other ------------------------------------------

    def _find_uses(self, part: Part) -> frozenset[str]:
        """Return the fields that may make a difference to a definition."""
        uses = part.reads.union(self._machine.space.names[place] for place in part.condition.places)
        if isinstance(part, Task):
            uses |= {part.file.assignee_field or ""}
            # Whether an answer is old depends on what it was about.
            uses = uses.union(*(pair.about for pair in self._mechanics.watch.pairs if pair.task is part))
            if part.is_action and part.file.output_transform:
                uses |= fields_read_by_transform(part.file.output_transform, of_answer=True)
        return uses

    def _find_groups(self, state: State) -> list[_Group] | None:
        """Return groups of unfinished tasks that do not depend on each other; None if there are none."""
        begins = [task.bit for task in self._machine.members(state.unfinished)]
        groups: list[_Group] = []
        while len(begins) > 1:
            known = {group.begin: group for group in groups}
            groups = []
            for begin in begins:
                group = known.get(begin) or self._explore_group(state, begin)
                if group is None:
                    return None
                groups.append(group)
            dependent = self._find_dependent(groups)
            if dependent is None:
                return groups
            merged = sum(group.begin for group in dependent)
            begins = [merged, *(group.begin for group in groups if group not in dependent)]
        return None

    def _explore_group(self, state: State, begin: int) -> _Group | None:
        walk = Walk(self._mechanics, begin)
        if not walk.explore(state):
            return None
        writes = frozenset[str]().union(*(task.writes for task in self._machine.members(walk.tasks)))
        return _Group(begin, walk, writes & self._used)

    def _is_join(self, part: Part, groups: Sequence[_Group]) -> bool:
        """Return whether the groups can trigger a definition that uses fields of all of them."""
        is_inside = isinstance(part, Task) and any(part.bit & group.tasks for group in groups)
        is_triggered = any(group.touches(part.reads) for group in groups)
        return is_triggered and not is_inside and all(group.touches(self._uses[part]) for group in groups)

    def _find_dependent(self, groups: Sequence[_Group]) -> list[_Group] | None:
        """Return some groups that depend on each other; None if there are none."""
        for part in self._machine.parts:
            self._work.spend(1 + len(groups) // 4)
            own = [group for group in groups if isinstance(part, Task) and part.bit & group.tasks]
            if not (own or any(group.touches(part.reads) for group in groups)):
                continue
            touched = [group for group in groups if group in own or group.touches(self._uses[part])]
            if len(touched) > 1 and not self._is_join(part, groups):
                return touched
        return self._find_sharing(groups)

    def _find_sharing(self, groups: Sequence[_Group]) -> list[_Group] | None:
        """Return two groups that write the same field, or have equal tasks."""
        for position, group in enumerate(groups):
            self._work.spend(1 + len(groups) // 4)
            equal = group.tasks
            for task in self._machine.members(group.tasks):
                equal |= self._machine.duplicates[task.place]
            for other in groups[position + 1 :]:
                if other.tasks & equal or other.touches(group.fields):
                    return [group, other]
        return None

    # --- What the branches lead to -----------------------------------------------------

    def _find_rests(self, state: State, branches: list[Branch]) -> tuple[Outcome, ...] | None:
        """Return the states where one branch is left; None if all states together are fewer."""
        most = prod(branch.states for branch in branches)
        size, found = sum(branch.states for branch in branches), []
        for branch, rest in self._finish_others(branches, [Outcome(state)]):
            size += branch.states
            if size >= most and self._mode is Branches.WHERE_FEWER:
                return None
            found.append(rest)
        return tuple(found)

    def _finish_others(
        self, branches: list[Branch], outcomes: list[Outcome]
    ) -> Iterator[tuple[Branch, Outcome]]:
        """Yield each of these branches with each state in which all the others have finished."""
        if len(branches) == 1:
            yield from ((branches[0], outcome) for outcome in outcomes)
            return
        first, second = branches[: len(branches) // 2], branches[len(branches) // 2 :]
        for left, others in ((second, first), (first, second)):
            finished = outcomes
            for branch in others:
                finished = self._finish(branch, finished)
            yield from self._finish_others(left, finished)

    def _finish(self, branch: Branch, outcomes: list[Outcome]) -> list[Outcome]:
        """Return the states after this branch has finished, too: of those with the same future, one."""
        found: dict[Hashable, Outcome] = {}
        for outcome in outcomes:
            for ending in branch.outcomes:
                state = outcome.state
                for mover, write in ending.moves:
                    _step, state = self._mechanics.apply(state, mover, write)
                moves, results = (*outcome.moves, *ending.moves), outcome.results | ending.results
                self._work.spend(2 + len(moves) + len(results))
                known = found.setdefault(self._mechanics.key(state), Outcome(state, moves))
                if len(moves) < len(known.moves):
                    known.state, known.moves = state, moves
                known.results |= results
        return list(found.values())
