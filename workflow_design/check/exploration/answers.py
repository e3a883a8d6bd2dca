"""All that a form or an answer can write (`engine.md`, "The check": values of a field)."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice, product
from typing import Any, Final

from workflow_design.check.exploration.machine import Answered, Machine, Task, conditions_of
from workflow_design.check.exploration.rules import EMPTY, Data
from workflow_design.check.exploration.samples import samples_of
from workflow_design.check.exploration.uses import Uses, uses_of
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
