"""State-space reduction: which answers are tried, and which part of a state matters.

Two states that look the same through the lens of their unfinished tasks have the same future
(`docs/check.md`). The lens
- drops fields that no condition that can still be evaluated reads;
- drops a field that every possible next write overwrites;
- keeps only the residual conditions of fields that nothing can write any more; and, for a task that may
  start again on such a field, also the residual condition if the field had another value.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice, product
from typing import Any, Final

from workflow_design.check.exploration.machine import Machine, Part, PossibleWrite, Task
from workflow_design.check.exploration.rules import EMPTY, Condition, Data, Places
from workflow_design.check.exploration.samples import Uses, build_samples, collect_uses
from workflow_design.definition.fields import is_empty
from workflow_design.definition.file_json import count_values
from workflow_design.definition.values import FieldValidator
from workflow_design.engine.conditions.evaluation import apply_transform
from workflow_design.engine.conditions.validation import paths_read

_ABSENT: Final = -1
"""The answer of an action lacks the field."""


class PossibleWrites:
    """The possible writes of forms and actions, for one machine.

    `is_cut` says whether a form or action had more possible writes than are tried.
    """

    def __init__(self, machine: Machine, *, max_count: int) -> None:
        self._machine = machine
        self._max_count = max_count
        self._cached: dict[tuple[frozenset[str], frozenset[int]], tuple[PossibleWrite, ...]] = {}
        self._displayed_sample = cache(self._build_displayed_sample)
        self._place = {name: place for place, name in enumerate(machine.space.names)}
        self._work = machine.space.work
        self._uses = collect_uses(machine.rules, work=self._work)
        self.is_cut = False

    def of_form(self, fields: Collection[str], useful: frozenset[int]) -> tuple[PossibleWrite, ...]:
        """Return all possible writes of a form with these fields; only `useful` places matter afterwards."""
        self._work.spend(2 + len(fields) // 4)
        names = frozenset(fields)
        key = (names, useful.intersection(self._place[name] for name in names if name in self._place))
        found = self._cached.get(key)
        if found is None:
            # Many states ask for the same form, so the writes are cached by what they depend on.
            found = self._cached[key] = tuple(self._limit(self._form_writes(names, key[1])))
        return found

    def of_action(self, task: Task, data: Data, useful: frozenset[int]) -> tuple[PossibleWrite, ...]:
        """Return all possible writes of an action's answer; raise ConditionError if its transform fails."""
        transform = task.file.output_transform
        if transform is None:
            return tuple(self._limit(self._plain_action_writes(task, useful)))
        required = self._machine.fields.required
        # The answer would always lack a required field, so it is never accepted.
        if any(name in required and name not in transform for name in task.writes):
            return ()
        return tuple(self._limit(self._computed(task, transform, data)))

    def required_values(self, fields: Iterable[str]) -> dict[str, Any]:
        """Return values of required fields that no condition reads; None stands for one that is not known."""
        required = self._machine.fields.required
        return {
            name: self._displayed_sample(name)
            for name in fields
            if name in required and name not in self._place
        }

    def _build_displayed_sample(self, name: str) -> Any:
        samples = build_samples(self._machine.fields[name], Uses(), self._work)
        if not samples:
            self._machine.guessed.add(name)
        return samples[0] if samples else None

    def _limit(self, writes: Iterator[PossibleWrite]) -> list[PossibleWrite]:
        # One more than allowed, to know whether there are more.
        found: list[PossibleWrite] = []
        for write in islice(writes, self._max_count + 1):
            self._work.spend(4 + len(write.values) // 2)
            found.append(write)
        self.is_cut |= len(found) > self._max_count
        return found[: self._max_count]

    # --- Forms -------------------------------------------------------------------------

    def _form_writes(self, names: frozenset[str], useful: frozenset[int]) -> Iterator[PossibleWrite]:
        if None in self.required_values(names).values():
            return  # nobody knows how to fill in this form
        listeners = self._machine.listeners(names)
        places = sorted(self._place[name] for name in names if name in self._place)
        for numbers in product(*(self._form_values(place, place in useful) for place in places)):
            yield PossibleWrite(tuple(zip(places, numbers, strict=True)), listeners)

    def _form_values(self, place: int, is_useful: bool) -> tuple[int, ...]:
        samples = self._machine.space.values[place].samples
        may_be_blank = self._machine.space.names[place] not in self._machine.fields.required
        # The value does not matter, so one is enough.
        if not is_useful:
            return (EMPTY,) if may_be_blank else samples[:1]
        return (*samples, EMPTY) if may_be_blank else samples

    # --- Actions -----------------------------------------------------------------------

    def _plain_action_writes(self, task: Task, useful: frozenset[int]) -> Iterator[PossibleWrite]:
        """Yield the answers of an action without a transform, whose members are named like the fields."""
        names = sorted(task.writes)
        for numbers in product(*(self._action_values(name, useful) for name in names)):
            present = {name: number for name, number in zip(names, numbers, strict=True) if number != _ABSENT}
            yield self._build_write(present)

    def _action_values(self, name: str, useful: frozenset[int]) -> tuple[int, ...]:
        is_required = name in self._machine.fields.required
        place = self._place.get(name)
        if place is None:
            # Whether the field is present matters only if its write triggers something.
            return (EMPTY,) if is_required or not self._triggers_anything(name) else (EMPTY, _ABSENT)
        samples = self._machine.space.values[place].samples
        if place not in useful:
            samples = samples[:1]
        return samples if is_required else (*samples, EMPTY, _ABSENT)

    def _triggers_anything(self, name: str) -> bool:
        listeners = self._machine.listeners([name])
        return bool(listeners.tasks or listeners.completions)

    def _build_write(self, present: Mapping[str, int]) -> PossibleWrite:
        values = tuple((self._place[name], number) for name, number in present.items() if name in self._place)
        extra_values = {
            name: value
            for name in present
            if name not in self._place and (value := self._displayed_sample(name)) is not None
        }
        return PossibleWrite(values, self._machine.listeners(present), extra_values)

    def _computed(self, task: Task, transform: Mapping[str, Any], data: Data) -> Iterator[PossibleWrite]:
        """Yield the possible outputs of the transform: rules over the answer can have any value."""
        # The rules of a transform share one budget of operations.
        self._work.spend(len(data) + 4 * count_values(transform))
        workspace = self._machine.space.as_values(data)
        names = sorted(transform)
        choices = [self._computed_values(name, transform[name], workspace) for name in names]
        for numbers in product(*choices):
            yield self._build_write(dict(zip(names, numbers, strict=True)))

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
            # An answer that lacks a required field, or has an invalid value, is refused.
            return () if required else (EMPTY,)
        value = self._saturate(name, value)
        if FieldValidator(self._machine.fields[name]).problems(value):
            return ()
        return (self._machine.space.values[place].number_for(value),)

    def _saturate(self, name: str, value: Any) -> Any:
        """Limit a number to one beyond all that it is compared with, so that counting up ends."""
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
    """The part of a state that matters while exactly these tasks are unfinished."""

    useful: frozenset[int]
    """The places of fields that conditions may still read, or that actions compute with."""
    open_places: tuple[int, ...]
    """The useful places whose values matter as they are."""
    partial: tuple[tuple[Condition, Places], ...]
    """The conditions that read settled fields, which nothing can write any more, each with these fields."""
    watched: tuple[tuple[Condition, Places, int], ...]
    """The conditions of tasks that may start again on a settled field, which comes last."""
    reachable: int
    """The tasks that are unfinished or may start."""
    cost: int
    """The work of building a key."""

    def key(self, data: Data) -> Hashable:
        """Return a key that is equal for workspaces with the same future."""
        return (
            tuple([data[place] for place in self.open_places]),
            tuple([condition.residue(data, settled) for condition, settled in self.partial]),
            tuple([self._watched(data, *each) for each in self.watched]),
        )

    def _watched(self, data: Data, condition: Condition, settled: Places, place: int) -> Hashable:
        """Return what can still be found about a task and its field; None if the task can't start."""
        if condition.residue(data, settled) is False:
            return None
        # Without the field, to know whether the start depends on its value.
        others = tuple([other for other in settled if other != place])
        return data[place] != EMPTY, condition.residue(data, others)


class Lenses:
    """The lens for each set of unfinished tasks, built when first needed.

    `watched` returns, for a set of reachable tasks, those that may start again on a previous answer, each
    with the place of that answer.
    """

    def __init__(self, machine: Machine, *, watched: Callable[[int], list[tuple[Part, int]]]) -> None:
        self._machine = machine
        self._watched = watched
        self.of = cache(self._build_lens)
        """Return the lens for these unfinished tasks."""

    def _find_reachable(self, unfinished: int) -> int:
        """Return these tasks and all that they may start, ignoring conditions."""
        found, fresh = unfinished, unfinished
        while fresh:
            self._machine.space.work.spend(len(self._machine.tasks) // 4)
            started = 0
            for each in self._machine.members(fresh):
                started |= sum(task.bit for task in self._machine.listeners(each.writes).tasks)
            fresh = started & ~found
            found |= started
        return found

    def _build_lens(self, unfinished: int) -> Lens:
        machine, reachable = self._machine, self._find_reachable(unfinished)
        machine.space.work.spend(sum(2 + len(part.condition.places) // 2 for part in machine.parts))
        tasks = machine.members(reachable)
        writable = frozenset[str]().union(*(task.writes for task in tasks))
        evaluable = self._find_evaluable(writable)
        places = {place for part in evaluable for place in part.condition.places}
        computed = set(machine.space.positions(self._computed_with(tasks)))
        written_places = set(machine.space.positions(writable))
        useful = frozenset(places | computed)
        settled = useful - written_places - computed
        partial = tuple(
            (part.condition, part.condition.places_in(settled))
            for part in evaluable
            if not settled.isdisjoint(part.condition.places)
        )
        pairs = self._watched(reachable)
        machine.space.work.spend(len(pairs))
        watched = tuple(
            (part.condition, part.condition.places_in(settled), place)
            for part, place in pairs
            if place in settled and part in evaluable
        )
        return Lens(
            useful=useful,
            open_places=tuple(sorted(useful - settled - self._find_overwritten(unfinished))),
            partial=partial,
            watched=watched,
            reachable=reachable,
            cost=len(useful) // 16 + len(partial) + 3 * len(watched),
        )

    def _find_evaluable(self, writable: frozenset[str]) -> list[Part]:
        """Return the definitions that can still be evaluated, including possible missed starts."""
        return [
            part
            for part in self._machine.parts
            if not writable.isdisjoint(part.reads)
            or not writable.isdisjoint(self._machine.space.names[place] for place in part.condition.places)
        ]

    def _computed_with(self, tasks: list[Task]) -> frozenset[str]:
        # Actions compute with these fields, so their exact values matter.
        if not self._machine.computed_with or not any(task.is_action for task in tasks):
            return frozenset()
        return self._machine.computed_with

    def _find_overwritten(self, unfinished: int) -> set[int]:
        """Return the places that every unfinished task overwrites: a form writes all its fields."""
        tasks = self._machine.members(unfinished)
        # An action may leave out any field of its output.
        if not tasks or any(task.is_action for task in tasks):
            return set()
        common = frozenset.intersection(*(task.writes for task in tasks))
        return set(self._machine.space.positions(common))
