"""Values as positions on a line, so that fields of several types can be compared in the same way."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

from workflow_design.check.exploration.candidates import edges_of, shortest_number, step_of
from workflow_design.definition.field_types import DATE, DATE_TIME, FIRST_YEAR, LAST_YEAR, TIME, USER
from workflow_design.definition.fields import Field
from workflow_design.definition.type_families import NumberType
from workflow_design.engine.conditions.moments import CLOCK, CONVERSIONS, MOMENT
from workflow_design.engine.conditions.numbers import exact

_MINUTE: Final = Fraction(1)
_BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MINUTES_OF_A_DAY: Final = 24 * 60
_FINE: Final = (_MINUTE, _MINUTE / 60, _MINUTE / 60_000_000)
_DECIMALS: Final = tuple(Fraction(1, 10**digits) for digits in range(2, 15))


@dataclass(frozen=True, slots=True)
class Axis:
    """The values of a field as positions: all multiples of `step`, or dense if it has none."""

    position: Callable[[Any], Fraction]
    """Return the position of a value; raise ValueError if it has none."""
    value: Callable[[Fraction], Any]
    step: Fraction | None
    edges: tuple[Fraction, ...] = ()
    """The first and the last position, as far as there are any."""
    steps: Sequence[Fraction] = _DECIMALS
    """Distances in which dense values are chosen, so that they are easy to read."""

    def around(self, marks: Iterable[Fraction], spread: int) -> list[Fraction]:
        """Return the marks, and positions before, between and after them, so many on each side of a mark."""
        ordered = sorted(set(marks)) or [Fraction(0)]
        step = self.step or self._step_within(ordered)
        found: dict[Fraction, None] = {}
        for mark in ordered:
            if self.step is None and _is_decimal(mark):
                found[mark] = None
            base = mark // step * step
            above = range(1, spread + 1 + (base != mark))
            below = range(0 if self.step or base != mark else 1, spread + 1)
            found.update(dict.fromkeys(base + away * step for away in above))
            found.update(dict.fromkeys(base - away * step for away in below))
        return list(found)

    def _step_within(self, marks: Sequence[Fraction]) -> Fraction:
        gap = min((right - left for left, right in pairwise(marks)), default=self.steps[0] * 4)
        return next((step for step in self.steps if step * 2 < gap), self.steps[-1])


def _is_decimal(number: Fraction) -> bool:
    """Return whether a float can be this number; a third can't."""
    return Fraction(exact(float(number))) == number


def axis_of(field: Field, texts: Sequence[str]) -> Axis:
    """Return the axis of a field; `texts` are all values of one that has no other order, sorted."""
    if isinstance(field.type, NumberType) or field.type.is_number(field):
        return Axis(_number, shortest_number, step_of(field), tuple(edges_of(field)))
    if field.type is DATE:
        edges = (Fraction(date(FIRST_YEAR, 1, 1).toordinal()), Fraction(date(LAST_YEAR, 12, 31).toordinal()))
        return Axis(_day, lambda at: date.fromordinal(int(at)).isoformat(), _MINUTE, edges)
    if field.type is TIME:
        edges = (Fraction(0), _MINUTES_OF_A_DAY - _FINE[-1])
        return Axis(_clock, lambda at: _clock_at(at).time().isoformat(), None, edges, _FINE)
    if field.type is DATE_TIME:
        return Axis(_moment, lambda at: _clock_at(at).isoformat().replace("+00:00", "Z"), None, (), _FINE)
    if field.type is USER:
        return Axis(lambda value: Fraction(int(value)), lambda at: str(int(at)), _MINUTE, (Fraction(1),))
    return Axis(
        lambda value: _index(texts, value),
        lambda at: texts[int(at)] if 0 <= at < len(texts) else "",
        _MINUTE,
        (Fraction(0), Fraction(len(texts) - 1)),
    )


def _number(value: Any) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction):
        raise ValueError(value)  # noqa: TRY004
    return Fraction(exact(value))


def _day(value: Any) -> Fraction:
    return Fraction(date.fromisoformat(str(value)).toordinal())


def _clock(value: Any) -> Fraction:
    return _moment(f"2000-01-01T{CONVERSIONS[CLOCK](str(value))}+00:00")


def _moment(value: Any) -> Fraction:
    at = datetime.fromisoformat(CONVERSIONS[MOMENT](str(value)))
    return Fraction(round((at - _BEGINNING) / timedelta(microseconds=1)), 60_000_000)


def _clock_at(minutes: Fraction) -> datetime:
    return _BEGINNING + timedelta(microseconds=int(minutes * 60_000_000))


def _index(texts: Sequence[str], value: Any) -> Fraction:
    if not isinstance(value, str):
        raise ValueError(value)  # noqa: TRY004
    at = bisect_left(texts, value)
    return Fraction(at) if at < len(texts) and texts[at] == value else at - Fraction(1, 2)
