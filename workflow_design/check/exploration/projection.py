"""What of a state matters for its future (`engine.md`, "The check": what keeps it small, by effect).

Two states that look the same through the lens of their unfinished tasks go the same ways. It
- forgets fields that no condition which can still be asked reads;
- forgets a field that whatever is written next overwrites;
- of fields that nobody can write any more keeps only what is left of the conditions that read them;
  of a task that may start again on such a field also what would be left if the field were another.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from workflow_design.check.exploration.machine import Machine, Part, Task
from workflow_design.check.exploration.rules import EMPTY, Condition, Data, Places


@dataclass(frozen=True, slots=True)
class Lens:
    """What matters while exactly these tasks are unfinished."""

    useful: frozenset[int]
    """The places of fields that a condition which can still be asked reads, or an action computes with."""
    open_places: tuple[int, ...]
    """Those whose values matter as they are."""
    settled: tuple[int, ...]
    """Those that nobody can write any more."""
    partial: tuple[tuple[Condition, Places], ...]
    """The conditions that read settled fields, each with these."""
    watched: tuple[tuple[Condition, Places, int], ...]
    """Those of tasks that may start again on a settled field, which comes last."""
    reachable: int
    """The tasks that are unfinished or may start."""

    def key(self, data: Data) -> Hashable:
        """The same for workspaces that make no difference."""
        return (
            tuple([data[place] for place in self.open_places]),
            tuple([condition.residue(data, settled) for condition, settled in self.partial]),
            tuple([self._watched(data, *each) for each in self.watched]),
        )

    def _watched(self, data: Data, condition: Condition, settled: Places, place: int) -> Hashable:
        """What can be found out about a task and its field; nothing if the task can't start any more."""
        if condition.residue(data, settled) is False:
            return None
        others = tuple([other for other in settled if other != place])
        return data[place] != EMPTY, condition.residue(data, others)


class Lenses:
    """The lens for each set of unfinished tasks, made when it is first needed.

    `watched` gives, of these reachable tasks, those that may start again on an answer from last time,
    each with the place of the answer.
    """

    def __init__(self, machine: Machine, *, watched: Callable[[int], list[tuple[Part, int]]]) -> None:
        self._machine = machine
        self._watched = watched
        self._lenses: dict[int, Lens] = {}
        self._reached: dict[int, int] = {}

    def of(self, unfinished: int) -> Lens:
        """The lens for these unfinished tasks."""
        lens = self._lenses.get(unfinished)
        if lens is None:
            lens = self._lenses[unfinished] = self._make(unfinished)
        return lens

    def reachable(self, unfinished: int) -> int:
        """These tasks and all that may follow from them, whatever the conditions say."""
        found = self._reached.get(unfinished)
        if found is None:
            found, fresh = unfinished, unfinished
            while fresh:
                started = reduce(
                    or_,
                    (
                        task.bit
                        for each in self._machine.members(fresh)
                        for task in self._machine.listeners(each.writes).tasks
                    ),
                    0,
                )
                fresh = started & ~found
                found |= started
            self._reached[unfinished] = found
        return found

    def _make(self, unfinished: int) -> Lens:
        machine, reachable = self._machine, self.reachable(unfinished)
        tasks = machine.members(reachable)
        writable = frozenset[str]().union(*(task.writes for task in tasks))
        asked = self._asked(writable)
        places = {place for part in asked for place in part.condition.places}
        computed = set(machine.space.positions(self._computed_with(tasks)))
        written_places = set(machine.space.positions(writable))
        useful = frozenset(places | computed)
        settled = useful - written_places - computed
        overwritten = self._overwritten(unfinished)
        return Lens(
            useful=useful,
            open_places=tuple(sorted(useful - settled - overwritten)),
            settled=tuple(sorted(settled)),
            partial=tuple(
                (part.condition, _among(settled, part.condition))
                for part in asked
                if not settled.isdisjoint(part.condition.places)
            ),
            watched=tuple(
                (part.condition, _among(settled, part.condition), place)
                for part, place in self._watched(reachable)
                if place in settled and part in asked
            ),
            reachable=reachable,
        )

    def _asked(self, writable: frozenset[str]) -> list[Part]:
        """The definitions that can still be asked, or that would have to be for a start that is missed."""
        return [
            part
            for part in self._machine.parts
            if not writable.isdisjoint(part.reads)
            or not writable.isdisjoint(self._machine.space.names[place] for place in part.condition.places)
        ]

    def _computed_with(self, tasks: list[Task]) -> frozenset[str]:
        if not self._machine.computed_with or not any(task.is_action for task in tasks):
            return frozenset()
        return self._machine.computed_with

    def _overwritten(self, unfinished: int) -> set[int]:
        """The places that every unfinished task overwrites: a form writes all that it asks for."""
        tasks = self._machine.members(unfinished)
        if not tasks or any(task.is_action for task in tasks):
            return set()
        common = frozenset.intersection(*(task.writes for task in tasks))
        return set(self._machine.space.positions(common))


def _among(settled: frozenset[int], condition: Condition) -> Places:
    """The settled fields that a condition reads."""
    return tuple([place for place in condition.places if place in settled])
