"""What keeps an exploration small: which answers are tried, and which part of a state matters.

Two states that look the same through the lens of their unfinished tasks have the same future
(`docs/check.md`). The lens
- drops fields that no condition which can still be evaluated reads;
- drops a field that every possible next write overwrites;
- keeps, of fields that nobody can write any more, only the residual conditions; and, for a task that may
  start again on such a field, also what would be left if the field had another value.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import islice, product
from operator import or_
from typing import Any, Final

from workflow_design.check.exploration.machine import Answered, Machine, Part, Task, conditions_of
from workflow_design.check.exploration.rules import EMPTY, Condition, Data, Places
from workflow_design.check.exploration.samples import Uses, samples_of, uses_of
from workflow_design.definition.fields import is_empty
from workflow_design.definition.values import FieldValidator
from workflow_design.engine.conditions import apply_transform
from workflow_design.engine.conditions.validation import paths_read

_ABSENT: Final = -1
"""The answer of an action lacks the field."""


class Answers:
    """What can be written by whom, for one machine.

    `is_cut` tells whether something had more answers than are tried.
    """

    def __init__(self, machine: Machine, *, most: int) -> None:
        self._machine = machine
        self._most = most
        self._kept: dict[tuple[frozenset[str], frozenset[int]], tuple[Answered, ...]] = {}
        self._shown: dict[str, Any] = {}
        self._place = {name: place for place, name in enumerate(machine.space.names)}
        self._uses = uses_of(conditions_of(machine.file))
        self.is_cut = False

    def of_form(self, fields: Collection[str], useful: frozenset[int]) -> tuple[Answered, ...]:
        """All that a form that asks for these fields can write; only `useful` places matter afterwards."""
        names = frozenset(fields)
        key = (names, useful.intersection(self._place[name] for name in names if name in self._place))
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = tuple(self._cut(self._forms(names, key[1])))
        return found

    def of_action(self, task: Task, data: Data, useful: frozenset[int]) -> tuple[Answered, ...]:
        """All that the answer of an action can write. Raises ConditionError if its transform fails."""
        transform = task.file.output_transform
        if transform is None:
            return tuple(self._cut(self._plain_answers(task, useful)))
        required = self._machine.fields.required
        if any(name in required and name not in transform for name in task.writes):
            return ()
        return tuple(self._cut(self._computed(task, transform, data)))

    def values_to_show(self, fields: Iterable[str]) -> dict[str, Any]:
        """Values for fields that no condition reads, so that a form can be sent: the required ones."""
        required = self._machine.fields.required
        return {
            name: self._sample_to_show(name)
            for name in fields
            if name in required and name not in self._place
        }

    def _sample_to_show(self, name: str) -> Any:
        if name not in self._shown:
            self._shown[name] = samples_of(self._machine.fields[name], Uses())[0]
        return self._shown[name]

    def _cut(self, answers: Iterator[Answered]) -> list[Answered]:
        found = list(islice(answers, self._most + 1))
        self.is_cut |= len(found) > self._most
        return found[: self._most]

    # --- Forms -------------------------------------------------------------------------

    def _forms(self, names: frozenset[str], useful: frozenset[int]) -> Iterator[Answered]:
        listeners = self._machine.listeners(names)
        places = sorted(self._place[name] for name in names if name in self._place)
        for numbers in product(*(self._form_values(place, place in useful) for place in places)):
            yield Answered(tuple(zip(places, numbers, strict=True)), listeners)

    def _form_values(self, place: int, is_useful: bool) -> tuple[int, ...]:
        samples = self._machine.space.values[place].samples
        may_be_blank = self._machine.space.names[place] not in self._machine.fields.required
        if not is_useful:
            return (EMPTY,) if may_be_blank else samples[:1]
        return (*samples, EMPTY) if may_be_blank else samples

    # --- Actions -----------------------------------------------------------------------

    def _plain_answers(self, task: Task, useful: frozenset[int]) -> Iterator[Answered]:
        """Answers whose members bear the names of the fields."""
        names = sorted(task.writes)
        for numbers in product(*(self._action_values(name, useful) for name in names)):
            present = {name: number for name, number in zip(names, numbers, strict=True) if number != _ABSENT}
            yield self._answered(present)

    def _action_values(self, name: str, useful: frozenset[int]) -> tuple[int, ...]:
        is_required = name in self._machine.fields.required
        place = self._place.get(name)
        if place is None:
            return (EMPTY,) if is_required or not self._is_listened_to(name) else (EMPTY, _ABSENT)
        samples = self._machine.space.values[place].samples
        if place not in useful:
            samples = samples[:1]
        return samples if is_required else (*samples, EMPTY, _ABSENT)

    def _is_listened_to(self, name: str) -> bool:
        listeners = self._machine.listeners([name])
        return bool(listeners.tasks or listeners.completions)

    def _answered(self, present: Mapping[str, int]) -> Answered:
        values = tuple((self._place[name], number) for name, number in present.items() if name in self._place)
        shown = {name: self._sample_to_show(name) for name in present if name not in self._place}
        return Answered(values, self._machine.listeners(present), shown)

    def _computed(self, task: Task, transform: Mapping[str, Any], data: Data) -> Iterator[Answered]:
        """What the transform makes: of what it computes from the workspace that, of the answer anything."""
        workspace = self._machine.space.as_values(data)
        names = sorted(transform)
        choices = [self._computed_values(name, transform[name], workspace) for name in names]
        for numbers in product(*choices):
            yield self._answered(dict(zip(names, numbers, strict=True)))

    def _computed_values(self, name: str, rule: Any, workspace: Mapping[str, Any]) -> tuple[int, ...]:
        place = self._place.get(name)
        required = name in self._machine.fields.required
        if any(path.partition(".")[0] == "response" for path in paths_read(rule)):
            samples = (EMPTY,) if place is None else self._machine.space.values[place].samples
            return samples if required else (*samples, *((EMPTY,) if place is not None else ()))
        value = apply_transform({name: rule}, {"workspace": workspace, "response": {}})[name]
        if place is None:
            return (EMPTY,)
        if is_empty(value):
            return () if required else (EMPTY,)
        value = self._saturated(name, value)
        if FieldValidator(self._machine.fields[name]).problems(value):
            return ()
        return (self._machine.space.values[place].number_of(value),)

    def _saturated(self, name: str, value: Any) -> Any:
        """A number no further from all that it is compared with than one beyond it."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value
        uses = self._uses.get(name, Uses())
        space, others = self._machine.space, self._machine.space.positions(uses.compared_with)
        known = [
            space.values[other].values[number] for other in others for number in space.values[other].samples
        ]
        numbers = [each for each in (*uses.constants, *known) if isinstance(each, int | float)] or [0]
        saturated = min(max(value, min(numbers) - 1), max(numbers) + 1)
        return int(saturated) if float(saturated).is_integer() else saturated


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
