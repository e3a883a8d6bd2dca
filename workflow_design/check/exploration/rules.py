"""Conditions as the exploration asks them: by number instead of value, each question answered once.

A workspace is a tuple of numbers: 0 stands for an empty field, n for the nth value that a field has
had so far. What a condition says of the fields that it reads is remembered, so that the library
evaluates each combination once.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from workflow_design.check.exploration.residual import Residue, Residues
from workflow_design.engine.conditions import ConditionError, evaluate, fields_read, is_true

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
