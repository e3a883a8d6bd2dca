"""State-space reduction: which part of a state matters.

Two states that look the same through the lens of their unfinished tasks have the same future
(`docs/check.md`). The lens
- drops fields that no condition that can still be evaluated reads;
- drops a field that every possible next write overwrites;
- keeps only the residual conditions of fields that nothing can write any more; and, for a task that may
  start again on such a field, also the residual condition if the field had another value.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cache

from workflow_design.check.exploration.machine import Machine, Part, Task
from workflow_design.check.values.rules import EMPTY, Condition, Data, Places


@dataclass(frozen=True, slots=True)
class Lens:
    """The part of a state that matters while exactly these tasks are unfinished."""

    useful: frozenset[int]
    """The places of fields that conditions may still read, or that actions compute with."""
    open_places: tuple[int, ...]
    """The useful places whose values matter as they are."""
    partial: tuple[tuple[Condition, Places], ...]
    """The conditions that read settled fields, which nothing can write any more, each with these fields."""
    watched: tuple[tuple[Condition, Places, int, int], ...]
    """The conditions of tasks that may start again on a settled field, which comes after the settled ones.

    The mark at the end says that they matter only in states with this mark, if it is not 0.
    """
    reachable: int
    """The tasks that are unfinished or may start."""
    writable: frozenset[str]
    """The fields that these tasks write."""
    cost: int
    """The work of building a key."""

    def key(self, data: Data, marks: int) -> Hashable:
        """Return a key that is equal for workspaces with the same future, in states with the same marks."""
        return (
            tuple([data[place] for place in self.open_places]),
            tuple([condition.residue(data, settled) for condition, settled in self.partial]),
            tuple([self._watched(data, *each) for each in self.watched if not each[-1] or marks & each[-1]]),
        )

    def _watched(self, data: Data, condition: Condition, settled: Places, place: int, _mark: int) -> Hashable:
        """Return what can still be found about a task and its field; None if the task can't start."""
        if condition.residue(data, settled) is False:
            return None
        # Without the field, to know whether the start depends on its value.
        others = tuple([other for other in settled if other != place])
        return data[place] != EMPTY, condition.residue(data, others)


class Lenses:
    """The lens for each set of unfinished tasks, built when first needed.

    `watched` returns, for a set of reachable tasks and what they write, those that may start again on a
    previous answer, each with the place of that answer, and a mark (`Watch.watched_pairs`).
    """

    def __init__(
        self, machine: Machine, *, watched: Callable[[int, frozenset[str]], list[tuple[Part, int, int]]]
    ) -> None:
        self._machine = machine
        self._watched = watched
        self._cost = sum(2 + len(part.condition.places) // 2 for part in machine.parts)
        """The work of building a lens."""
        self.of = cache(self._build_lens)
        """Return the lens for these unfinished tasks, and fields that a ticket may have filled otherwise."""

    def _build_lens(self, unfinished: int, undecided: frozenset[str] = frozenset()) -> Lens:
        machine = self._machine
        reachable = machine.reachable(unfinished | machine.listeners(undecided).task_bits)
        machine.space.work.spend(self._cost)
        tasks = machine.members(reachable)
        writable = undecided.union(*(task.may_write for task in tasks))
        written_places = set(machine.space.positions(writable))
        # Also those that may be found to have missed their start.
        evaluable = [
            part
            for part in machine.parts
            if not (writable.isdisjoint(part.reads) and written_places.isdisjoint(part.condition.places))
        ]
        places = {place for part in evaluable for place in part.condition.places}
        computed = set(machine.space.positions(self._computed_with(tasks)))
        useful = frozenset(places | computed)
        settled = useful - written_places - computed
        partial = tuple(
            (part.condition, part.condition.places_in(settled))
            for part in evaluable
            if not settled.isdisjoint(part.condition.places)
        )
        pairs = self._watched(reachable, writable)
        machine.space.work.spend(len(pairs))
        watched = tuple(
            (part.condition, part.condition.places_in(settled), place, mark)
            for part, place, mark in pairs
            if place in settled and part in evaluable
        )
        return Lens(
            useful=useful,
            open_places=tuple(sorted(useful - settled - self._find_overwritten(unfinished))),
            partial=partial,
            watched=watched,
            reachable=reachable,
            writable=writable,
            cost=len(useful) // 16 + len(partial) + 3 * len(watched),
        )

    def _computed_with(self, tasks: list[Task]) -> frozenset[str]:
        # Actions compute with these fields, so their exact values matter.
        if not self._machine.computed_with or not any(task.is_action for task in tasks):
            return frozenset()
        return self._machine.computed_with

    def _find_overwritten(self, unfinished: int) -> set[int]:
        """Return the places that every unfinished task overwrites: a form writes all its fields."""
        tasks = self._machine.members(unfinished)
        # An action may leave out any field of its output, and the clock writes only one.
        if not tasks or unfinished & self._machine.timed or any(task.is_action for task in tasks):
            return set()
        common = frozenset.intersection(*(task.writes for task in tasks))
        return set(self._machine.space.positions(common))
