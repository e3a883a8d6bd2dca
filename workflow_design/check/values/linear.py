"""Comparisons as linear forms: which values of numbers a rule can tell apart.

The result of a comparison of calculations changes only where one of some linear forms in the fields is 0:
`net * 2 < 1000` where `2 net - 1000` is. A form with one field is solved for a constant.
"""

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, pairwise, product
from math import lcm, prod
from typing import Any, Final

from workflow_design.engine.conditions.bounds import branches, split_operation
from workflow_design.engine.conditions.moments import COMPARISONS
from workflow_design.engine.conditions.numbers import exact, parse_number
from workflow_design.engine.conditions.validation import fields_read

_MAX_FIELDS: Final = 8
_MAX_PIECES: Final = 16
_MAX_PERIOD: Final = 24


class NotLinearError(ValueError):
    """A rule computes in a way that is not linear in the fields."""


@dataclass(frozen=True, slots=True)
class Linear:
    """A sum of multiples of fields, and a constant."""

    factors: frozenset[tuple[str, Fraction]]
    constant: Fraction

    @property
    def names(self) -> frozenset[str]:
        """The fields in it."""
        return frozenset(name for name, _factor in self.factors)

    def factor(self, name: str) -> Fraction:
        """Return the multiple of a field, or 0."""
        return dict(self.factors).get(name, Fraction(0))

    def plus(self, other: "Linear", times: Fraction = Fraction(1)) -> "Linear":
        """Return the sum with a multiple of another form."""
        sums = dict(self.factors)
        for name, factor in other.factors:
            sums[name] = sums.get(name, Fraction(0)) + factor * times
        factors = frozenset((name, factor) for name, factor in sums.items() if factor)
        return Linear(factors, self.constant + other.constant * times)

    def times(self, number: Fraction) -> "Linear":
        """Return a multiple."""
        return linear().plus(self, number)

    def normalized(self) -> "Linear":
        """Return the multiple of which the first factor is 1: it is 0 for the same values."""
        return self.times(1 / min(self.factors)[1]) if self.factors else self

    def without(self, known: Mapping[str, Fraction]) -> "Linear":
        """Return the form with the values of some fields put into it."""
        constant = sum(
            (factor * known[name] for name, factor in self.factors if name in known), self.constant
        )
        return Linear(frozenset(each for each in self.factors if each[0] not in known), constant)


def linear(constant: float | Fraction = 0, *names: str) -> Linear:
    """Return the sum of a constant and some fields."""
    return Linear(frozenset((name, Fraction(1)) for name in names), Fraction(constant))


_ONE: Final = linear(1)


@dataclass(frozen=True, slots=True)
class _Piece:
    """What an expression is for some values: a fraction of forms, or a remainder of a division."""

    above: Linear
    below: Linear = _ONE
    remainder_of: str = ""
    """The field, for a remainder: its value is known only up to the period."""

    @property
    def is_constant(self) -> bool:
        return not (self.above.factors or self.below.factors or self.remainder_of)


@dataclass(slots=True)
class Forms:
    """What decides about the result of a rule."""

    boundaries: set[Linear] = field(default_factory=set)
    """Between values for which none of these forms changes its sign, the result does not change."""
    periods: dict[str, int] = field(default_factory=dict)
    """Fields of which a remainder counts, with the number of whole numbers after which it is the same."""


def find_forms(atom: Any, numbers: Set[str]) -> Forms:
    """Return the forms of a valid rule, given the fields that hold numbers; raise NotLinearError."""
    reader = _Reader(numbers)
    if len(fields_read(atom)) > _MAX_FIELDS:
        raise NotLinearError
    reader.read_truth(atom)
    boundaries = {form.normalized() for form in reader.forms.boundaries if form.factors}
    return Forms(boundaries, reader.forms.periods)


def find_pieces(expression: Any, numbers: Set[str]) -> tuple[list[Linear], set[Linear]]:
    """Return the linear forms of which a calculation has one as its result, and what decides between them.

    Raise NotLinearError if it is no such calculation.
    """
    reader = _Reader(numbers)
    pieces = reader.read(expression)
    if any(piece.remainder_of or piece.below.factors for piece in pieces) or reader.forms.periods:
        raise NotLinearError
    return [piece.above.times(1 / piece.below.constant) for piece in pieces], reader.forms.boundaries


class _Reader:
    """Reads one rule and collects its forms."""

    def __init__(self, numbers: Set[str]) -> None:
        self._numbers = numbers
        self.forms = Forms()

    def read_truth(self, rule: Any) -> None:
        """Collect what decides whether a rule holds."""
        if not isinstance(rule, dict):
            return
        operator, arguments = split_operation(rule)
        if operator in COMPARISONS:
            self._compare([self.read(argument) for argument in arguments])
        elif operator == "in" and isinstance(arguments[1], list):
            item = self.read(arguments[0])
            for member in arguments[1]:
                self._compare([item, self.read(member)])
        elif operator in ("!", "!!"):
            self.read_truth(arguments[0])
        elif operator == "var" and arguments and arguments[0] not in self._numbers:
            return  # whether it is filled in, or the answer
        elif operator not in ("missing", "missing_some"):
            # A number counts as true unless it is 0.
            self._compare([self.read(rule), [_Piece(linear())]])

    def _compare(self, operands: list[list[_Piece]]) -> None:
        for left, right in pairwise(operands):
            for one, other in product(left, right):
                self._add_difference(one, other)

    def _add_difference(self, one: _Piece, other: _Piece) -> None:
        if one.remainder_of or other.remainder_of:
            if not (one.is_constant or other.is_constant):
                raise NotLinearError
            return
        # Where a divisor is 0, the rule fails; beside it, the sign of the comparison changes.
        self.forms.boundaries |= {one.below, other.below}
        self.forms.boundaries.add(
            _product(one.above, other.below).plus(_product(other.above, one.below), Fraction(-1))
        )

    def read(self, expression: Any) -> list[_Piece]:
        """Return what an expression can be, and collect what decides between several."""
        if expression is None:
            return []  # nothing can be told apart by comparing it with empty, nor by calculating with it
        if isinstance(expression, dict):
            pieces = self._read_operation(*split_operation(expression))
        else:
            pieces = [_Piece(linear(_constant(expression)))]
        return _few(list(dict.fromkeys(pieces)))

    def _read_operation(self, operator: str, arguments: list[Any]) -> list[_Piece]:
        if operator == "var":
            return self._read_field(arguments)
        if operator in _ARITHMETIC and arguments:
            read = [self.read(argument) for argument in arguments]
            if operator == "-" and len(read) == 1:
                read = [[_Piece(linear())], *read]
            if prod(map(len, read)) > _MAX_PIECES:
                raise NotLinearError
            return [_combine(_ARITHMETIC[operator], pieces) for pieces in product(*read)]
        if operator == "%":
            return [self._remainder(*pieces) for pieces in product(*map(self.read, arguments))]
        if operator in ("min", "max", "and", "or"):
            pieces = _few([piece for argument in arguments for piece in self.read(argument)])
            # Of `and` and `or`, the first number that is 0, or is not, is the result.
            beside = [] if operator in ("min", "max") else [_Piece(linear())]
            for one, other in combinations((*pieces, *beside), 2):
                self._add_difference(one, other)
            return pieces
        if operator in ("if", "?:"):
            for condition in arguments[:-1:2]:
                for atom in _atoms(condition):
                    self.read_truth(atom)
            return [piece for argument in branches(arguments) for piece in self.read(argument)]
        raise NotLinearError

    def _read_field(self, arguments: list[Any]) -> list[_Piece]:
        name = str(arguments[0]) if arguments else ""
        if name not in self._numbers:
            raise NotLinearError
        defaults = self.read(arguments[1]) if len(arguments) > 1 else []
        return [_Piece(linear(0, name)), *defaults]

    def _remainder(self, dividend: _Piece, divisor: _Piece) -> _Piece:
        if not divisor.is_constant or not divisor.above.constant:
            raise NotLinearError
        if len(dividend.above.factors) != 1 or dividend.below.factors or dividend.remainder_of:
            raise NotLinearError
        ((name, factor),) = dividend.above.factors
        unit = divisor.above.constant / divisor.below.constant
        period = abs(unit * dividend.below.constant / factor).numerator
        period = lcm(period, self.forms.periods.get(name, 1))
        if period > _MAX_PERIOD:
            raise NotLinearError
        self.forms.periods[name] = period
        # The remainder has the sign of the dividend.
        self.forms.boundaries.add(dividend.above)
        return _Piece(linear(), remainder_of=name)


def _few(pieces: list[_Piece]) -> list[_Piece]:
    """Return what an expression can be; raise NotLinearError if that is too much."""
    if len(pieces) > _MAX_PIECES:
        raise NotLinearError
    return pieces


def _atoms(condition: Any) -> list[Any]:
    if isinstance(condition, dict):
        operator, arguments = split_operation(condition)
        if operator in ("and", "or", "!", "!!"):
            return [atom for argument in arguments for atom in _atoms(argument)]
    return [condition]


def _constant(value: Any) -> Fraction:
    number = parse_number(value) if isinstance(value, str) else value
    if number is None or not isinstance(number, int | float):
        raise NotLinearError
    return Fraction(exact(number))


def _combine(operation: Callable[[_Piece, _Piece], _Piece], pieces: Iterable[_Piece]) -> _Piece:
    first, *others = pieces
    for other in others:
        if first.remainder_of or other.remainder_of:
            if not (first.is_constant or other.is_constant):
                raise NotLinearError
            first = _Piece(linear(), remainder_of=first.remainder_of or other.remainder_of)
        else:
            first = operation(first, other)
    return first


def _product(one: Linear, other: Linear) -> Linear:
    if one.factors and other.factors:
        raise NotLinearError
    return one.times(other.constant) if one.factors else other.times(one.constant)


def _add(one: _Piece, other: _Piece) -> _Piece:
    above = _product(one.above, other.below).plus(_product(other.above, one.below))
    return _Piece(above, _product(one.below, other.below))


def _subtract(one: _Piece, other: _Piece) -> _Piece:
    return _add(one, _Piece(other.above.times(Fraction(-1)), other.below))


def _multiply(one: _Piece, other: _Piece) -> _Piece:
    return _Piece(_product(one.above, other.above), _product(one.below, other.below))


def _divide(one: _Piece, other: _Piece) -> _Piece:
    if not other.above.factors and not other.above.constant:
        raise NotLinearError
    return _Piece(_product(one.above, other.below), _product(one.below, other.above))


_ARITHMETIC: Final = {"+": _add, "-": _subtract, "*": _multiply, "/": _divide}
