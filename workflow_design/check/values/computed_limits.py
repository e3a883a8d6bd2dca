"""Limits of numbers that actions compute, so that counting up ends.

Beyond the last threshold, one number can stand for all that are farther away, if whatever is computed from it
stays there, too. Otherwise each number is kept.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import product
from math import prod
from typing import Any, Final

from workflow_design.check.values.computations import workspace_fields
from workflow_design.check.values.linear import Linear, NotLinearError, find_pieces, linear
from workflow_design.check.values.rules import Space
from workflow_design.check.values.scales import bounds_of, shortest_number
from workflow_design.check.values.uses import Uses
from workflow_design.definition.fields import Field
from workflow_design.definition.workflow import TaskFile
from workflow_design.engine.conditions.numbers import exact

_MAX_ROUNDS: Final = 20
"""A bound of the schema counts if it is so few steps beyond what conditions compare with."""
_MAX_COMBINATIONS: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Limits:
    """The last numbers that make a difference; None if all do."""

    low: Fraction | None = None
    high: Fraction | None = None


class ComputedLimits:
    """The limits of the fields that the actions of a definition compute."""

    def __init__(
        self, tasks: tuple[TaskFile, ...], fields: Mapping[str, Field], uses: Mapping[str, Uses], space: Space
    ) -> None:
        self._fields = fields
        self._uses = uses
        self._space = space
        self._rules = [
            (target, rule)
            for task in tasks
            for target, rule in (task.answer_rules or {}).items()
            if not task.is_form
        ]
        self._computed = {target for target, _rule in self._rules}
        self._limits = cache(self._find_limits)

    def limit(self, name: str, value: Any) -> Any:
        """Return a number that stands for this one and all that are farther away, or the number itself."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value
        limits, number = self._limits(name), Fraction(exact(value))
        if limits.high is not None and number > limits.high + 1:
            return shortest_number(limits.high + 1)
        if limits.low is not None and number < limits.low - 1:
            return shortest_number(limits.low - 1)
        return value

    def _find_limits(self, name: str) -> _Limits:
        try:
            thresholds = {*self._thresholds(name), Fraction(0)}
            moves = []
            for target, rule in self._rules:
                if name in workspace_fields(rule):
                    pieces, breaks = self._read(rule, name)
                    thresholds |= breaks
                    if target == name:
                        moves += [piece.constant for piece in pieces if piece.factors]
                    else:
                        thresholds |= self._thresholds_of_target(target, name, pieces)
        except NotLinearError:
            return _Limits()
        high, low = max(thresholds), min(thresholds)
        step = max(map(abs, moves), default=Fraction(1)) or Fraction(1)
        for edge in bounds_of(self._fields[name]):
            # Beyond it, an answer is refused.
            high = edge if high < edge <= high + _MAX_ROUNDS * step else high
            low = edge if low - _MAX_ROUNDS * step <= edge < low else low
        return _Limits(
            low if all(move <= 0 for move in moves) else None,
            high if all(move >= 0 for move in moves) else None,
        )

    def _read(self, rule: Any, name: str) -> tuple[list[Linear], set[Fraction]]:
        """Return what a rule computes from a field, and where it changes to computing something else."""
        pieces, boundaries = find_pieces(rule, {f"workspace.{each}" for each in workspace_fields(rule)})
        own = linear(0, f"workspace.{name}").factors
        if any(form.factors and not form.names <= {f"workspace.{name}"} for form in (*pieces, *boundaries)):
            raise NotLinearError
        if any(piece.factors not in (own, frozenset()) for piece in pieces):
            raise NotLinearError
        return pieces, {_solve(boundary) for boundary in boundaries if boundary.factors}

    def _thresholds_of_target(self, target: str, name: str, pieces: list[Linear]) -> set[Fraction]:
        """Return where another field that is computed from this one changes what conditions say."""
        if target in {each for _target, rule in self._rules for each in workspace_fields(rule)}:
            raise NotLinearError
        thresholds = {*self._thresholds(target), *bounds_of(self._fields[target]), Fraction(0)}
        return {
            _solve(piece.plus(linear(-threshold)))
            for piece in pieces
            for threshold in thresholds
            if piece.factors
        }

    def _thresholds(self, name: str) -> Iterator[Fraction]:
        """Yield the numbers at which a condition on the field changes its result."""
        uses = self._uses.get(name, Uses())
        if uses.unknown or uses.period:
            raise NotLinearError
        yield from uses.thresholds
        for boundary in uses.boundaries:
            others = sorted(boundary.names - {name})
            known = [self._known(other) for other in others]
            number = prod(map(len, known))
            if number > _MAX_COMBINATIONS or not self._computed.isdisjoint(others):
                raise NotLinearError
            self._space.work.spend(10 * number)
            for values in product(*known):
                yield _solve(boundary.without(dict(zip(others, values, strict=True))))

    def _known(self, name: str) -> list[Fraction]:
        values = self._space.values[self._space.names.index(name)]
        found = [values.values[number] for number in values.samples]
        return [Fraction(exact(value)) for value in found if isinstance(value, int | float)]


def _solve(form: Linear) -> Fraction:
    """Return where a form in one field is 0."""
    ((_name, factor),) = form.factors
    return -form.constant / factor
