"""Branches that do not depend on each other, so that their states add up and do not multiply.

Some unfinished tasks, with all that they may start, are a branch if what they do makes no difference to the
others until all branches have finished. A definition that uses fields of all branches is a join: each branch
must make it false, whatever the others write, until it has finished. `docs/check.md` ("Independent
branches") says why no finding is lost.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from workflow_design.check.exploration.answers import Answers, Row
from workflow_design.check.exploration.branches import BranchExplorer
from workflow_design.check.exploration.decisions import Decisions
from workflow_design.check.exploration.machine import Part, Task
from workflow_design.check.exploration.mechanics import Mechanics
from workflow_design.check.exploration.regions import Beginning, Region, RegionBranch, build_region
from workflow_design.check.exploration.states import Mover, State
from workflow_design.check.work import Branches
from workflow_design.engine.conditions.validation import fields_read_by_transform

_FREE: Final = 5_000
_SHARE: Final = 8
"""Beyond a little that is free, one part in so many of the work is for looking where nothing is found."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Unfinished tasks that may depend on each other, with all that they start."""

    begin: frozenset[int]
    """The places of the tasks that are unfinished now, or of what the ticket asks."""
    explorer: BranchExplorer
    fields: frozenset[str]
    """The fields that they write and that some definition uses."""

    decides: frozenset[str] = frozenset()
    """The fields of the ticket that decide about it."""
    answers: Sequence[Row] = ((),)
    """What the ticket may say about it."""

    @property
    def tasks(self) -> int:
        return self.explorer.tasks

    def touches(self, fields: frozenset[str]) -> bool:
        return not self.fields.isdisjoint(fields)


Explore = Callable[[frozenset[int]], _Group | None]


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
        self._least_work = 0

    def find_region(self, state: State) -> Region | None:
        """Return the independent branches of a state; None if it is better explored as a whole."""
        begins = [frozenset({task.place}) for task in self._machine.members(state.unfinished)]
        if len(begins) == 1 or state.hold is not None:
            return None
        return self._try(Beginning(state), begins, partial(self._explore_tasks, state))

    def find_region_of_ticket(self, state: State, ticket: Mover, answers: Answers) -> Region | None:
        """Return the branches about which a ticket decides independently; None if there are none."""
        if sum(len(option) > 1 for option in answers.options) <= 1:
            return None
        decisions = Decisions(self._mechanics, state, ticket, answers, self._uses)
        begins = [frozenset({place}) for place in range(len(decisions.fields))]
        return self._try(decisions.beginning, begins, partial(self._explore_decision, decisions))

    def _try(
        self,
        beginning: Beginning,
        begins: list[frozenset[int]],
        explore: Explore,
    ) -> Region | None:
        before = self._work.left
        is_spent = self._wasted > _FREE + (self._begun_with - before) // _SHARE
        if self._mode is Branches.NEVER or (self._mode is Branches.WHERE_FEWER and is_spent):
            return None
        self._least_work = before - max(_FREE, before // _SHARE)
        region = self._build_region(beginning, begins, explore)
        if region is None:
            self._wasted += before - self._work.left
        return region

    def _build_region(
        self,
        beginning: Beginning,
        begins: list[frozenset[int]],
        explore: Explore,
    ) -> Region | None:
        groups = self._find_groups(begins, explore)
        # A branch that never waits for anybody blocks nothing.
        if groups is None or sum(bool(group.explorer.open_data) for group in groups) == 1:
            return None
        joins = [part.condition for part in self._machine.parts if self._is_join(part, groups)]
        for group in groups:
            places = frozenset(self._machine.space.positions(group.fields))
            if not group.explorer.are_blocked(joins, places):
                return None
        branches = [
            RegionBranch(group.explorer.build_branch(), group.decides, group.answers) for group in groups
        ]
        return build_region(self._mechanics, beginning, branches, self._mode)

    # --- Which tasks may depend on each other ------------------------------------------

    def _find_uses(self, part: Part) -> frozenset[str]:
        """Return the fields that may make a difference to a definition."""
        uses = part.reads.union(self._machine.space.names[place] for place in part.condition.places)
        if isinstance(part, Task):
            uses |= {part.file.assignee_field or ""}
            # Whether an answer is old depends on what it was about.
            uses = uses.union(*(pair.about for pair in self._mechanics.watch.pairs if pair.task is part))
            if part.is_action:
                uses |= fields_read_by_transform(part.file.input_transform or {})
                uses |= fields_read_by_transform(part.file.answer_rules or {}, of_answer=True)
        return uses

    def _find_groups(self, begins: list[frozenset[int]], explore: Explore) -> list[_Group] | None:
        """Return groups that do not depend on each other; None if there are none."""
        groups: list[_Group] = []
        while len(begins) > 1:
            known = {group.begin: group for group in groups}
            groups = []
            for begin in begins:
                group = known.get(begin) or explore(begin)
                if group is None:
                    return None
                groups.append(group)
            dependent = self._find_dependent(groups)
            if dependent is None:
                return groups
            merged = frozenset[int]().union(*(group.begin for group in dependent))
            begins = [merged, *(group.begin for group in groups if group not in dependent)]
        return None

    def _explore_tasks(self, state: State, begin: frozenset[int]) -> _Group | None:
        explorer = BranchExplorer(self._mechanics, sum(1 << place for place in begin))
        explorer.least_work = self._least_work
        explorer.begin(state)
        return _Group(begin, explorer, self._written_by(explorer)) if explorer.explore() else None

    def _explore_decision(self, decisions: Decisions, begin: frozenset[int]) -> _Group | None:
        explorer = decisions.begin(begin)
        if explorer is None:
            return None
        explorer.least_work = self._least_work
        if not explorer.explore():
            return None
        fields = decisions.fields_of(begin)
        return _Group(
            begin, explorer, self._written_by(explorer) | fields, fields, decisions.answers_of(begin)
        )

    def _written_by(self, explorer: BranchExplorer) -> frozenset[str]:
        writes = frozenset[str]().union(*(task.may_write for task in self._machine.members(explorer.tasks)))
        return writes & self._used

    def _is_join(self, part: Part, groups: Sequence[_Group]) -> bool:
        """Return whether the groups can trigger a definition that uses fields of all of them."""
        is_inside = isinstance(part, Task) and any(part.bit & group.tasks for group in groups)
        is_triggered = any(group.touches(part.reads) for group in groups)
        waiting = [group for group in groups if group.explorer.open_data]
        return is_triggered and not is_inside and all(group.touches(self._uses[part]) for group in waiting)

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
