"""The answers of forms and actions that are tried, and in which order."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, combinations, islice, product
from math import prod
from random import Random
from typing import Any, Final

from workflow_design.check.constants import Holder, refuse_result
from workflow_design.check.exploration.machine import Machine, PossibleWrite, Task
from workflow_design.check.values.computations import list_results
from workflow_design.check.values.computed_limits import ComputedLimits
from workflow_design.check.values.rules import EMPTY, Data
from workflow_design.check.values.samples import build_samples
from workflow_design.check.values.uses import Uses
from workflow_design.definition.fields import is_empty
from workflow_design.definition.file_json import count_values
from workflow_design.definition.problems import Problem, pointer
from workflow_design.definition.values import FieldValidator
from workflow_design.engine.conditions.bounds import ConditionError
from workflow_design.engine.conditions.evaluation import apply_transform
from workflow_design.engine.conditions.validation import fields_read

_ABSENT: Final = -1
"""The answer of an action lacks the field."""
_MIXED: Final = 256
"""How many answers are mixed at random if there are too many to try all."""

_MAX_VALUES: Final = 400_000
"""How many values all answers of a form that are tried in one state may have together."""

CacheKey = tuple[frozenset[str], frozenset[int]]
"""The fields of a form, and the places of those whose values matter afterwards."""
Row = tuple[tuple[Any, int], ...]
"""One answer: the number of a value for each field."""


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers of a form or action in one state. They may be too many to list."""

    options: Sequence[Sequence[Row]]
    """For each field, or fields that are answered together, all of their answers."""
    build: Callable[[Row], PossibleWrite]

    @property
    def number(self) -> int:
        """How many there are."""
        return prod(map(len, self.options))

    def rows(self, most: int) -> Iterator[Row]:
        """Yield the answers, those first that differ from the first one in the fewest fields.

        So a value that decides alone is tried before its combinations. Of more than `most` answers only so
        many are yielded: the last ones are far from the first one.
        """
        if self.number <= most:
            return self._by_difference()
        return chain(islice(self._by_difference(), most - _MIXED), islice(self._mixed(), _MIXED))

    def choose(self, chooser: Random) -> Row:
        """Return an answer that is chosen at random."""
        return _joined(map(chooser.choice, self.options))

    def nearest(self, values: Mapping[Any, int]) -> Row:
        """Return the answer with these values of some fields if possible, and with first ones otherwise."""
        return _joined(
            next((row for row in each if all(values.get(key) == number for key, number in row)), each[0])
            for each in self.options
        )

    def unusual(self, row: Row) -> dict[Any, int]:
        """Return the values of an answer that are not the first ones, with those that are tried with them."""
        chosen = set(row)
        rows = (one for each in self.options for one in each[1:] if chosen.issuperset(one))
        return dict(_joined(rows))

    def _by_difference(self) -> Iterator[Row]:
        if not self.number:
            return
        first = [each[0] for each in self.options]
        several = [place for place, each in enumerate(self.options) if len(each) > 1]
        for number in range(len(several) + 1):
            for places in combinations(several, number):
                for others in product(*(self.options[place][1:] for place in places)):
                    row = first.copy()
                    for place, other in zip(places, others, strict=True):
                        row[place] = other
                    yield _joined(row)

    def _mixed(self) -> Iterator[Row]:
        # All fields with their second value, all with their third one, and so on.
        for number in range(1, max(map(len, self.options))):
            yield _joined(each[min(number, len(each) - 1)] for each in self.options)
        chooser = Random(len(self.options))  # noqa: S311, the same for the same file
        while True:
            yield _joined(map(chooser.choice, self.options))


def _joined(rows: Iterable[Row]) -> Row:
    return tuple(chain.from_iterable(rows))


def _single(key: Any, numbers: Iterable[int]) -> tuple[Row, ...]:
    return tuple(((key, number),) for number in numbers)


class PossibleWrites:
    """The possible writes of forms and actions, for one machine."""

    def __init__(self, machine: Machine, *, max_count: int) -> None:
        self.cut: set[frozenset[str]] = set()
        """The fields of forms and actions that have more answers than are tried."""
        self.is_cut = False
        """Whether some answers were not tried, because they are too many or no value of a field is known."""
        self._machine = machine
        self._max_count = max_count
        self._cached: dict[CacheKey, tuple[PossibleWrite, ...]] = {}
        self._displayed_sample = cache(self._build_displayed_sample)
        self._place = {name: place for place, name in enumerate(machine.space.names)}
        self._work = machine.space.work
        self._rows = {names: tuple(map(self._number, rows)) for names, rows in machine.rows.items()}
        self._computed_limits = ComputedLimits(
            machine.file.tasks, machine.fields, machine.uses, machine.space
        )

    def of_form(self, fields: Collection[str], useful: frozenset[int]) -> Iterable[PossibleWrite]:
        """Return the possible writes of a form with these fields; only `useful` places matter afterwards."""
        self._work.spend(2 + len(fields) // 4)
        names = frozenset(fields)
        key = (names, useful.intersection(self._place[name] for name in names if name in self._place))
        # Many states ask for the same form, so the writes are cached by what they depend on.
        return self._cached.get(key) or self._limit(names, self.form_answers(names, key[1]), key)

    def of_action(self, task: Task, data: Data, useful: frozenset[int]) -> Iterable[PossibleWrite]:
        """Return the possible writes of an action's answer; raise ConditionError if its transform fails."""
        return self._limit(task.writes, self.action_answers(task, data, useful))

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

    def _limit(
        self, names: frozenset[str], answers: Answers, key: CacheKey | None = None
    ) -> Iterator[PossibleWrite]:
        # Answers of long forms take more memory.
        most = min(self._max_count, max(1_000, _MAX_VALUES // (1 + len(answers.options))))
        if answers.number > most:
            self.is_cut = True
            self.cut.add(names)
        return self._build(answers, most, key)

    def _build(self, answers: Answers, most: int, key: CacheKey | None) -> Iterator[PossibleWrite]:
        """Yield the writes one by one, because there may not be enough work for all."""
        found: list[PossibleWrite] = []
        for row in answers.rows(most):
            self._work.spend(4 + len(row) // 2)
            found.append(answers.build(row))
            yield found[-1]
        if key is not None:
            self._cached[key] = tuple(found)

    def _known(self, place: int) -> tuple[int, ...]:
        """Return the known values of a field that has to be filled in."""
        samples = self._machine.space.values[place].samples
        self.is_cut |= not samples
        return samples

    def _number(self, row: Mapping[str, Any]) -> Row:
        """Return values as the places and numbers of the space."""
        values = self._machine.space.values
        return tuple((self._place[name], values[self._place[name]].number_for(row[name])) for name in row)

    # --- Forms -------------------------------------------------------------------------

    def form_answers(self, names: frozenset[str], useful: frozenset[int]) -> Answers:
        """Return all answers of a form with these fields."""
        listeners = self._machine.listeners(names)
        places = sorted(self._place[name] for name in names if name in self._place)
        options = []
        for together, rows in self._rows.items():
            if together <= names and not useful.isdisjoint(self._place[name] for name in together):
                options.append(rows)
                places = [place for place in places if self._machine.space.names[place] not in together]
        options += [_single(place, self._form_values(place, place in useful)) for place in places]
        if None in self.required_values(names).values():
            self.is_cut = True
            options = [()]  # nobody knows how to fill in this form
        return Answers(options, lambda row: PossibleWrite(row, listeners))

    def _form_values(self, place: int, is_useful: bool) -> tuple[int, ...]:
        may_be_blank = self._machine.space.names[place] not in self._machine.fields.required
        samples = self._machine.space.values[place].samples if may_be_blank else self._known(place)
        # The value does not matter, so one is enough.
        if not is_useful:
            return (EMPTY,) if may_be_blank else samples[:1]
        return (*samples, EMPTY) if may_be_blank else samples

    # --- Actions -----------------------------------------------------------------------

    def action_answers(self, task: Task, data: Data, useful: frozenset[int]) -> Answers:
        """Return all answers of an action; raise ConditionError if a transform fails, or no answer fits."""
        transform = task.file.answer_rules
        if transform is None:
            # The members of the answer are named like the fields.
            values = {name: self._action_values(name, useful) for name in sorted(task.writes)}
        elif any(name in self._machine.fields.required and name not in transform for name in task.writes):
            # The answer would always lack a required field, so it is never accepted.
            values = {"": ()}
        else:
            # The rules of a transform share one budget of operations.
            self._work.spend(len(data) + 4 * count_values(transform))
            workspace = self._machine.space.as_values(data)
            values = {
                name: self._computed_values(name, transform[name], workspace) for name in sorted(transform)
            }
        return Answers([_single(name, each) for name, each in values.items()], self._build_write)

    def _action_values(self, name: str, useful: frozenset[int]) -> tuple[int, ...]:
        is_required = name in self._machine.fields.required
        place = self._place.get(name)
        if place is None:
            # Whether the field is present matters only if its write triggers something.
            return (EMPTY,) if is_required or not self._triggers_anything(name) else (EMPTY, _ABSENT)
        samples = self._known(place) if is_required else self._machine.space.values[place].samples
        if place not in useful:
            samples = samples[:1]
        return samples if is_required else (*samples, EMPTY, _ABSENT)

    def _triggers_anything(self, name: str) -> bool:
        listeners = self._machine.listeners([name])
        return bool(listeners.tasks or listeners.completions)

    def _build_write(self, row: Row) -> PossibleWrite:
        present = {name: number for name, number in row if number != _ABSENT}
        values = tuple((self._place[name], number) for name, number in present.items() if name in self._place)
        extra_values = {
            name: value
            for name in present
            if name not in self._place and (value := self._displayed_sample(name)) is not None
        }
        return PossibleWrite(values, self._machine.listeners(present), extra_values)

    def _answered_values(self, name: str, place: int, chosen: Sequence[Any] | None) -> tuple[int, ...]:
        """Return the values that an answer may bring; `chosen` are constants of which it chooses one."""
        may_be_blank = name not in self._machine.fields.required
        if chosen is None:
            return (*self._known(place), *((EMPTY,) if may_be_blank else ()))
        fits, values = FieldValidator(self._machine.fields[name]), self._machine.space.values[place]
        filled = [each for each in chosen if not is_empty(each) and not fits.problems(each)]
        numbers = dict.fromkeys(map(values.number_for, filled))
        return (*numbers, *((EMPTY,) if may_be_blank and any(map(is_empty, chosen)) else ()))

    def _computed_values(self, name: str, rule: Any, workspace: Mapping[str, Any]) -> tuple[int, ...]:
        place = self._place.get(name)
        required = name in self._machine.fields.required
        if "response" in fields_read(rule):
            if place is None:
                return (EMPTY,)
            return self._answered_values(name, place, list_results(rule))
        data = {"workspace": workspace, "response": {}}
        value = apply_transform({name: rule}, data, self._machine.fields)[name]
        holder = Holder(self._machine.fields[name])
        if is_empty(value) and not required:
            return (EMPTY,)
        if why := refuse_result(value, holder):
            raise ConditionError([Problem(pointer(name), why)])
        if place is None:
            return (EMPTY,)
        limited = self._computed_limits.limit(name, value)
        fitting = value if holder.validator.problems(limited) else limited
        return (self._machine.space.values[place].number_for(fitting),)
