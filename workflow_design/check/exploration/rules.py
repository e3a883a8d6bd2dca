"""Conditions as the exploration evaluates them: by number instead of value, each combination once.

A workspace is a tuple of numbers: 0 is an empty field, n is the nth value that a field has had so far.
Results are cached, so that the library evaluates each combination of values once.

A residual condition is what is left of a condition when some of its fields can't change any more. Two
workspaces whose settled fields leave the same residual conditions have the same future. Only the truth of
the residual condition counts, and whether it fails.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from workflow_design.check.exploration.samples import operation_of
from workflow_design.engine.conditions import ConditionError, evaluate, fields_read, is_true

Residue = bool | str
"""Whether it holds, whatever the other fields say; else a text that is the same for the same rest."""

_NEVER_FAIL: Final = frozenset(
    {"var", "missing", "!", "!!", "and", "or", "if", "?:", "==", "!=", "===", "!=="}
)


class Residues:
    """The residues of one valid rule. What its parts read and result in is found once for each value."""

    __slots__ = ("_names", "_results", "_rule", "_safe")

    def __init__(self, rule: Any) -> None:
        self._rule = rule
        self._names: dict[int, frozenset[str]] = {}
        self._results: dict[tuple[int, str], Any] = {}
        self._safe: dict[int, bool] = {}

    def of(self, known: Mapping[str, Any]) -> Residue:
        """The residue for these values of some fields, None for empty ones."""
        return _written(self._rest(self._rule, known))

    def _rest(self, rule: Any, known: Mapping[str, Any]) -> Any:
        """True, false, or a value that stands for what is left of a part of the rule."""
        if not isinstance(rule, dict):
            return is_true(rule)
        names = self._names.get(id(rule))
        if names is None:
            names = self._names[id(rule)] = fields_read(rule)
        if names.issubset(known):
            return self._settled(rule, names, known)
        return rule if names.isdisjoint(known) else self._rest_of(rule, names, known)

    def _settled(self, rule: Any, names: frozenset[str], known: Mapping[str, Any]) -> Any:
        key = (id(rule), repr([known[name] for name in names]))
        if key not in self._results:
            self._results[key] = _result(rule, known)
        return self._results[key]

    def _rest_of(self, rule: Any, names: frozenset[str], known: Mapping[str, Any]) -> Any:
        """What is left of a rule of which some fields are known and some are not."""
        operator, arguments = operation_of(rule)
        if operator in ("!", "!!"):
            rest = self._rest(arguments[0], known)
            return (rest is (operator == "!!")) if isinstance(rest, bool) else [operator, rest]
        if operator in ("and", "or"):
            return self._of_junction(operator, arguments, known)
        if operator == "missing" and "." not in json.dumps(arguments):
            return _of_missing(names, known)
        return [rule, sorted((name, json.dumps(known[name])) for name in names if name in known)]

    def _is_safe(self, part: Any) -> bool:
        """Whether a part of the rule has a value on every workspace."""
        safe = self._safe.get(id(part))
        if safe is None:
            safe = self._safe[id(part)] = _never_fails(part)
        return safe

    def _of_junction(self, operator: str, arguments: list[Any], known: Mapping[str, Any]) -> Any:
        """What is left of `and` and `or`, which stop at the first argument that decides."""
        decides = operator == "or"
        rests: list[Any] = []
        for argument in arguments:
            rest = self._rest(argument, known)
            if rest is (not decides):
                continue
            rests.append(rest)
            if rest is decides or rest == "fails":
                break
        if not rests:
            return not decides
        if rests[-1] is decides and all(map(self._is_safe, arguments)):
            return decides
        return rests[0] if len(rests) == 1 else [operator, *rests]


def _written(rest: Any) -> Residue:
    return rest if isinstance(rest, bool) else json.dumps(rest, sort_keys=True)


def _result(rule: Any, known: Mapping[str, Any]) -> Any:
    data = {name: value for name, value in known.items() if value is not None}
    try:
        return is_true(evaluate(rule, data))
    except ConditionError:
        return "fails"


def _of_missing(names: frozenset[str], known: Mapping[str, Any]) -> Any:
    """What is left of `missing`, which is true as soon as one of its fields is empty."""
    if any(known.get(name) is None for name in names if name in known):
        return True
    return ["missing", sorted(name for name in names if name not in known)]


def _never_fails(rule: Any) -> bool:
    """Whether a rule has a value on every workspace."""
    if isinstance(rule, list):
        return all(map(_never_fails, rule))
    if not isinstance(rule, dict):
        return True
    operator, arguments = operation_of(rule)
    return operator in _NEVER_FAIL and all(map(_never_fails, arguments))


EMPTY: Final = 0
Data = tuple[int, ...]
Places = tuple[int, ...]
"""Fields by where they stand in a workspace."""


class Answer(IntEnum):
    """What a condition says of a workspace."""

    FALSE = 0
    TRUE = 1
    FAILS = 2


class Values:
    """The values of one field, numbered as they come up; 0 is empty."""

    __slots__ = ("_numbers", "samples", "values")

    def __init__(self, samples: Sequence[Any]) -> None:
        self.values: list[Any] = [None]
        self._numbers: dict[str, int] = {"null": EMPTY}
        self.samples = tuple(self.number_of(value) for value in samples)
        """The values that people can fill in."""

    def number_of(self, value: Any) -> int:
        """The number of a value; a new one for a value that did not come up yet."""
        key = json.dumps(value, sort_keys=True)
        number = self._numbers.setdefault(key, len(self.values))
        if number == len(self.values):
            self.values.append(value)
        return number


@dataclass(frozen=True, slots=True)
class Space:
    """The fields that a workspace of the exploration holds, and their values."""

    names: tuple[str, ...]
    values: tuple[Values, ...]

    def positions(self, names: Mapping[str, Any] | frozenset[str] | Sequence[str]) -> tuple[int, ...]:
        """Where these fields stand; those that are not part of it are left out."""
        return tuple(place for place, name in enumerate(self.names) if name in names)

    def as_values(self, data: Data, places: Sequence[int] | None = None) -> dict[str, Any]:
        """The workspace as it would be stored, of all fields or those at some places."""
        chosen = range(len(self.names)) if places is None else places
        return {self.names[place]: self.values[place].values[data[place]] for place in chosen if data[place]}


class Condition:
    """A condition over a space."""

    __slots__ = ("_answers", "_residues", "_rests", "_space", "places", "rule")

    def __init__(self, rule: Any, space: Space) -> None:
        self.rule = rule
        self._space = space
        self.places = space.positions(fields_read(rule)) if rule is not None else ()
        """The fields that it reads."""
        self._answers: dict[Data, Answer] = {}
        self._rests = Residues(rule)
        self._residues: dict[tuple[Places, Data], Residue] = {}

    def ask(self, data: Data) -> Answer:
        """What it says of a workspace; no condition always holds."""
        if self.rule is None:
            return Answer.TRUE
        key = tuple([data[place] for place in self.places])
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = self._evaluate(self._space.as_values(data, self.places))
        return answer

    def failure(self, data: Data) -> str:
        """Why it fails on a workspace, for a person; empty if it does not."""
        try:
            evaluate(self.rule, self._space.as_values(data, self.places))
        except ConditionError as error:
            return str(error)
        return ""

    def residue(self, data: Data, settled: Places) -> Residue:
        """What is left of it once the fields at the places `settled`, all of its own, are as in `data`."""
        key = (settled, tuple([data[place] for place in settled]))
        residue = self._residues.get(key)
        if residue is None:
            known = {
                self._space.names[place]: self._space.values[place].values[data[place]] for place in settled
            }
            residue = self._residues[key] = self._rests.of(known)
        return residue

    def _evaluate(self, data: Mapping[str, Any]) -> Answer:
        try:
            return Answer.TRUE if is_true(evaluate(self.rule, data)) else Answer.FALSE
        except ConditionError:
            return Answer.FAILS
