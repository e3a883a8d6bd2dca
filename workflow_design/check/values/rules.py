"""Conditions as the exploration evaluates them: on numbers instead of values, with cached results.

A workspace is a tuple of numbers: 0 is an empty field, n is the nth value that the field has had so far.
The library evaluates each combination of values only once.

A residual condition is what remains of a condition when some of its fields can't change any more. Two
workspaces whose settled fields leave the same residual conditions have the same future. Only the truth of
the residual condition counts, and whether it fails.
"""

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from workflow_design.check.work import Work
from workflow_design.definition.file_json import count_values
from workflow_design.engine.conditions.bounds import ConditionError, split_operation
from workflow_design.engine.conditions.evaluation import Prepared, evaluate, prepare
from workflow_design.engine.conditions.operations import is_true
from workflow_design.engine.conditions.validation import fields_read

Residue = bool | str
"""True or False if the other fields do not matter; else a text that is equal for equal remainders."""

NEVER_FAIL: Final = frozenset(
    {"var", "missing", "!", "!!", "and", "or", "if", "?:", "==", "!=", "===", "!=="}
)
"""Operators that have a result on all values."""


class Residues:
    """The residual conditions of one valid rule. Results of its parts are cached."""

    __slots__ = ("_names", "_prepared", "_results", "_rule", "_safe", "_size", "_work")

    def __init__(self, rule: Any, size: int, work: Work) -> None:
        self._rule = rule
        self._size = size
        self._work = work
        self._names: dict[int, frozenset[str]] = {}
        self._prepared: dict[int, Prepared] = {}
        self._results: dict[tuple[int, str], Any] = {}
        self._safe: dict[int, bool] = {}

    def of(self, known: Mapping[str, Any]) -> Residue:
        """Return the residual condition for these values of some fields, None for empty ones."""
        self._work.spend(2 * self._size)
        remainder = self._reduce(self._rule, known)
        return remainder if isinstance(remainder, bool) else json.dumps(remainder, sort_keys=True)

    def _reduce(self, rule: Any, known: Mapping[str, Any]) -> Any:
        """Return True, False, or a value that represents the remainder of a part of the rule."""
        if not isinstance(rule, dict):
            return is_true(rule)
        names = self._names.get(id(rule))
        if names is None:
            self._work.spend(count_values(rule))
            names = self._names[id(rule)] = fields_read(rule)
        # Parts are cached by identity, which is safe because the rule lives as long as this object.
        if names.issubset(known):
            return self._evaluate_settled(rule, names, known)
        return rule if names.isdisjoint(known) else self._reduce_operation(rule, names, known)

    def _evaluate_settled(self, rule: Any, names: frozenset[str], known: Mapping[str, Any]) -> Any:
        key = (id(rule), repr([known[name] for name in names]))
        if key not in self._results:
            values = {name: value for name, value in known.items() if value is not None}
            if id(rule) not in self._prepared:
                self._prepared[id(rule)] = prepare(rule)
            truth = self._work.holds(self._prepared[id(rule)], values, size=self._size)
            self._results[key] = "fails" if truth is None else truth
        return self._results[key]

    def _reduce_operation(self, rule: Any, names: frozenset[str], known: Mapping[str, Any]) -> Any:
        """Return the remainder of a rule with some known and some unknown fields."""
        operator, arguments = split_operation(rule)
        if operator in ("!", "!!"):
            remainder = self._reduce(arguments[0], known)
            return (remainder is (operator == "!!")) if isinstance(remainder, bool) else [operator, remainder]
        if operator in ("and", "or"):
            return self._reduce_junction(operator, arguments, known)
        # A dotted name may be missing inside a value that is not empty.
        if operator == "missing" and "." not in json.dumps(arguments):
            return _reduce_missing(names, known)
        return [rule, sorted((name, json.dumps(known[name])) for name in names if name in known)]

    def _is_safe(self, part: Any) -> bool:
        """Return whether a part of the rule has a value on every workspace."""
        safe = self._safe.get(id(part))
        if safe is None:
            safe = self._safe[id(part)] = never_fails(part, NEVER_FAIL)
        return safe

    def _reduce_junction(self, operator: str, arguments: list[Any], known: Mapping[str, Any]) -> Any:
        """Return the remainder of `and` or `or`, which stop at the first argument that decides."""
        decides = operator == "or"
        remainders: list[Any] = []
        for argument in arguments:
            remainder = self._reduce(argument, known)
            # This argument does not change the result.
            if remainder is (not decides):
                continue
            remainders.append(remainder)
            # Later arguments are never evaluated.
            if remainder is decides or remainder == "fails":
                break
        if not remainders:
            return not decides
        # An earlier argument might fail before the deciding one is reached, unless all are safe.
        if remainders[-1] is decides and all(map(self._is_safe, arguments)):
            return decides
        return remainders[0] if len(remainders) == 1 else [operator, *remainders]


def _reduce_missing(names: frozenset[str], known: Mapping[str, Any]) -> Any:
    """Return the remainder of `missing`, which is true as soon as one of its fields is empty."""
    if any(known.get(name) is None for name in names if name in known):
        return True
    return ["missing", sorted(name for name in names if name not in known)]


def never_fails(rule: Any, operators: Set[str]) -> bool:
    """Return whether a rule uses only these operators."""
    if isinstance(rule, list):
        return all(never_fails(part, operators) for part in rule)
    if not isinstance(rule, dict):
        return True
    operator, arguments = split_operation(rule)
    return operator in operators and never_fails(arguments, operators)


EMPTY: Final = 0
Data = tuple[int, ...]
Places = tuple[int, ...]
"""Fields, as positions in a workspace."""


class Truth(IntEnum):
    """The result of a condition on a workspace."""

    FALSE = 0
    TRUE = 1
    FAILS = 2


_TRUTHS: Final = {False: Truth.FALSE, True: Truth.TRUE, None: Truth.FAILS}


class Values:
    """The values of one field, numbered as they are found; 0 is empty."""

    __slots__ = ("_numbers", "samples", "samples_or_empty", "values")

    def __init__(self, samples: Sequence[Any]) -> None:
        self.values: list[Any] = [None]
        self._numbers: dict[str, int] = {"null": EMPTY}
        self.samples = tuple(self.number_for(value) for value in samples)
        """The values that people can fill in."""
        self.samples_or_empty = (*self.samples, EMPTY)

    def number_for(self, value: Any) -> int:
        """Return the number of a value; a new value gets the next number."""
        # JSON text tells 1 and true apart, which are equal in Python.
        key = json.dumps(value, sort_keys=True)
        number = self._numbers.setdefault(key, len(self.values))
        if number == len(self.values):
            self.values.append(value)
        return number


@dataclass(frozen=True, slots=True)
class Space:
    """The fields of a workspace in the exploration, and their values."""

    names: tuple[str, ...]
    values: tuple[Values, ...]
    work: Work
    """What trying everything may still cost."""

    def positions(self, names: Mapping[str, Any] | frozenset[str] | Sequence[str]) -> tuple[int, ...]:
        """Return the positions of these fields, skipping those that are not part of the space."""
        return tuple([place for place, name in enumerate(self.names) if name in names])

    def as_values(self, data: Data, places: Sequence[int] | None = None) -> dict[str, Any]:
        """Return the workspace as it would be stored, with all fields or those at some places."""
        chosen = range(len(self.names)) if places is None else places
        return {self.names[place]: self.values[place].values[data[place]] for place in chosen if data[place]}


class Condition:
    """A condition over a space."""

    __slots__ = (
        "_prepared",
        "_residues",
        "_residues_of_rule",
        "_size",
        "_space",
        "_truths",
        "places",
        "rule",
    )

    def __init__(self, rule: Any, space: Space) -> None:
        self.rule = rule
        self._prepared = prepare(rule)
        self._space = space
        self.places = space.positions(fields_read(rule)) if rule is not None else ()
        """The fields that it reads."""
        self._truths: dict[Data, Truth] = {}
        self._size = count_values(rule)
        self._residues_of_rule = Residues(rule, self._size, space.work)
        self._residues: dict[tuple[Places, Data], Residue] = {}

    def evaluate(self, data: Data) -> Truth:
        """Return the result on a workspace; no condition always holds."""
        if self.rule is None:
            return Truth.TRUE
        # Only the fields that the condition reads are in the key, so most evaluations are cached.
        key = tuple([data[place] for place in self.places])
        truth = self._truths.get(key)
        if truth is None:
            values = self._space.as_values(data, self.places)
            truth = _TRUTHS[self._space.work.holds(self._prepared, values, size=self._size)]
            self._truths[key] = truth
        return truth

    def places_in(self, places: frozenset[int]) -> Places:
        """Return those of these fields that it reads."""
        return tuple([place for place in self.places if place in places])

    def failure(self, data: Data) -> str:
        """Return why it fails on a workspace, as text for the user; empty if it does not fail."""
        try:
            evaluate(self.rule, self._space.as_values(data, self.places))
        except ConditionError as error:
            return str(error)
        return ""

    def residue(self, data: Data, settled: Places) -> Residue:
        """Return what remains once its fields at the places `settled` have the values in `data`."""
        key = (settled, tuple([data[place] for place in settled]))
        residue = self._residues.get(key)
        if residue is None:
            known = {
                self._space.names[place]: self._space.values[place].values[data[place]] for place in settled
            }
            residue = self._residues[key] = self._residues_of_rule.of(known)
        return residue
