"""Scales give values numbers as positions, so that fields of all types are compared in the same way."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

from workflow_design.definition.field_types import DATE, DATE_TIME, TIME, USER
from workflow_design.definition.fields import Field
from workflow_design.definition.type_families import NumberType
from workflow_design.engine.conditions.moments import CLOCK, CONVERSIONS, MOMENT
from workflow_design.engine.conditions.numbers import exact

DAY: Final = "2030-06-15"
_MINUTE: Final = Fraction(1)
_BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MINUTES_OF_A_DAY: Final = 24 * 60
_FINE: Final = (_MINUTE, _MINUTE / 60, _MINUTE / 60_000_000)
_DECIMALS: Final = tuple(Fraction(1, 10**digits) for digits in range(2, 15))


@dataclass(frozen=True, slots=True)
class Scale:
    """The values of a field as positions: all multiples of `step`, or dense if it has none."""

    position: Callable[[Any], Fraction]
    """Return the position of a value; raise ValueError if it has none."""
    value: Callable[[Fraction], Any]
    step: Fraction | None
    edges: tuple[Fraction, ...] = ()
    """The first and the last position, as far as there are any."""
    steps: Sequence[Fraction] = _DECIMALS
    """Distances in which dense values are chosen, so that they are easy to read."""
    origin: Fraction = Fraction(0)
    """Where values are chosen if nothing else is known."""

    def around(self, thresholds: Iterable[Fraction], spread: int = 1) -> list[Fraction]:
        """Return positions at, between and beyond the thresholds, `spread` of them on each side of each."""
        each_once = dict.fromkeys(thresholds) or {self.origin: None}
        step = self.step or self._step_within(sorted(each_once), spread)
        found: dict[Fraction, None] = {}
        for threshold in each_once:
            base = threshold // step * step
            found[threshold if self.step is None and _is_decimal(threshold) else base] = None
            for away in range(1, spread + 1):
                found.update({base - away * step: None, base + away * step: None})
            if base != threshold:
                found.update({base: None, base + (spread + 1) * step: None})
        return list(found)

    def _step_within(self, thresholds: Sequence[Fraction], spread: int) -> Fraction:
        gap = min((right - left for left, right in pairwise(thresholds)), default=self.steps[0] * 4 * spread)
        return next((step for step in self.steps if step * 2 * spread < gap), self.steps[-1])


def _is_decimal(number: Fraction) -> bool:
    """Return whether a float can be this number; a third can't."""
    return Fraction(exact(float(number))) == number


def scale_of(field: Field, texts: Sequence[str] = ()) -> Scale:
    """Return the scale of a field; `texts` are all values of one that has no other order, sorted."""
    if isinstance(field.type, NumberType) or field.type.is_number(field):
        return Scale(_number, shortest_number, step_of(field), tuple(bounds_of(field)))
    if field.type is DATE:
        return Scale(_day, lambda at: date.fromordinal(int(at)).isoformat(), _MINUTE, origin=_day(DAY))
    if field.type is TIME:
        bounds = (Fraction(0), Fraction(_MINUTES_OF_A_DAY))
        return Scale(_clock, _clock_text, None, bounds, _FINE, _clock("09:00"))
    if field.type is DATE_TIME:
        at_nine = _moment(f"{DAY}T09:00:00Z")
        return Scale(_moment, lambda at: _at(at).isoformat().replace("+00:00", "Z"), None, (), _FINE, at_nine)
    if field.type is USER:
        return Scale(lambda value: Fraction(int(value)), lambda at: str(int(at)), _MINUTE, (Fraction(1),))
    return Scale(
        lambda value: _index(texts, value),
        lambda at: texts[int(at)] if 0 <= at < len(texts) else "",
        _MINUTE,
        (Fraction(0), Fraction(len(texts) - 1)),
    )


def step_of(field: Field) -> Fraction | None:
    """Return the distance of the numbers that a field can hold, None if they lie densely."""
    unit = None if field.multiple_of is None else Fraction(exact(field.multiple_of))
    if field.type.json_type == "integer":
        return Fraction(unit.numerator if unit else 1)
    return Fraction(1, 10**field.type.decimals) if field.type.decimals is not None else unit


def bounds_of(field: Field) -> list[Fraction]:
    """Return the least and the greatest number that may be allowed, as far as there are any."""
    low = [bound for bound in (field.minimum, field.exclusive_minimum) if bound is not None]
    high = [bound for bound in (field.maximum, field.exclusive_maximum) if bound is not None]
    return [
        *(Fraction(exact(max(low))) for _each in low[:1]),
        *(Fraction(exact(min(high))) for _each in high[:1]),
    ]


def count_steps(field: Field) -> int | None:
    """Return how many numbers a field can hold at most, None if there is no limit."""
    step, bounds = step_of(field), bounds_of(field)
    is_bounded = len(bounds) == 2  # noqa: PLR2004
    return int((bounds[1] - bounds[0]) // step) + 1 if step and is_bounded else None


def shortest_number(value: Fraction) -> int | float:
    """Return a number as JSON has it."""
    return int(value) if value.denominator == 1 else float(value)


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


def _clock_text(minutes: Fraction) -> str:
    if not 0 <= minutes < _MINUTES_OF_A_DAY:
        raise ValueError(minutes)
    at = _at(minutes).time()
    return at.isoformat("auto" if at.second or at.microsecond else "minutes")


def _at(minutes: Fraction) -> datetime:
    return _BEGINNING + timedelta(microseconds=int(minutes * 60_000_000))


def _index(texts: Sequence[str], value: Any) -> Fraction:
    if not isinstance(value, str):
        raise ValueError(value)  # noqa: TRY004
    at = bisect_left(texts, value)
    return Fraction(at) if at < len(texts) and texts[at] == value else at - Fraction(1, 2)
