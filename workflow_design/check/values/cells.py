"""One point for each way in which fields can lie to each other, out of the forms that tell them apart.

The last field is taken out of the forms: what is left says where the others make a difference to it. Then the
fields get values one after the other, each with a value in every gap that the values before leave.
(This is a cylindrical decomposition, which is simple because all forms are linear.)
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from math import gcd, lcm
from typing import Final

from workflow_design.check.values.axes import Axis
from workflow_design.check.values.linear import Linear
from workflow_design.check.work import Work

Point = dict[str, Fraction]

_MAX_FORMS: Final = 150
_MAX_POINTS: Final = 2_500
_MAX_NEIGHBOURS: Final = 12
_TEN: Final = 10


class TooManyPointsError(Exception):
    """There are too many ways in which the fields can lie to each other."""


class Cells:
    """The points of one group of fields, in the order in which they get values."""

    def __init__(
        self,
        zeros: Iterable[Linear],
        axes: Mapping[str, Axis],
        allows: Callable[[str, Fraction], bool],
        work: Work,
    ) -> None:
        self._axes = axes
        self._allows = allows
        self._work = work
        self._names = tuple(axes)
        self._forms = self._project({zero.normalized() for zero in zeros})
        self.are_exact = all(map(self._is_whole, self._names))
        """Whether there is a point for every way that is possible, not only for those that were found."""

    def _project(self, forms: set[Linear]) -> dict[str, list[Linear]]:
        """Return, for each field, the forms with it and none of the later fields."""
        found: dict[str, list[Linear]] = {}
        for name in reversed(self._names):
            self._work.spend(20 + len(forms) ** 2)
            having = [form for form in forms if name in form.names]
            found[name] = having
            forms = {form for form in forms if name not in form.names}
            for one, other in combinations(having, 2):
                rest = one.times(other.factor(name)).plus(other, -one.factor(name))
                if rest.factors:
                    forms.add(rest.normalized())
            if len(forms) > _MAX_FORMS:
                raise TooManyPointsError
        return found

    def _is_whole(self, name: str) -> bool:
        """Return whether a field that counts in steps reaches every gap, from each step of the others."""
        step = self._axes[name].step
        if step is None:
            return True
        return all(
            self._axes[other].step is not None and self._ratio(form, name, other).denominator == 1
            for form in self._forms[name]
            for other in form.names - {name}
        )

    def _ratio(self, form: Linear, name: str, other: str) -> Fraction:
        steps = (self._axes[other].step or Fraction(1)) / (self._axes[name].step or Fraction(1))
        return form.factor(other) / form.factor(name) * steps

    def points(self) -> list[Point]:
        """Return the points; raise TooManyPointsError."""
        points: list[Point] = [{}]
        for place, name in enumerate(self._names):
            later = self._names[place + 1 :]
            neighbours = self._count_neighbours(self._axes[name], later)
            points = [
                {**point, name: position}
                for point in points
                for position in self._positions(name, point, neighbours, len(later))
            ]
            self._work.spend(20 * len(points))
            if len(points) > _MAX_POINTS:
                raise TooManyPointsError
        return points

    def _count_neighbours(self, axis: Axis, later: Sequence[str]) -> int:
        """Return of how many positions in a row one leads to a value of each later field."""
        ratios = [
            self._ratio(form, name, other).denominator
            for name in later
            for form in self._forms[name]
            for other in form.names - {name}
        ]
        # That is a whole number, or one with a finite number of decimals.
        neighbours = lcm(*ratios)
        while axis.step is None and gcd(neighbours, _TEN) > 1:
            neighbours //= gcd(neighbours, _TEN)
        return min(neighbours, _MAX_NEIGHBOURS)

    def _positions(self, name: str, point: Point, neighbours: int, later: int) -> Iterator[Fraction]:
        forms = [form.without(point) for form in self._forms[name]]
        marks = sorted({-form.constant / form.factor(name) for form in forms})
        axis = self._axes[name]
        reach = neighbours + (later if axis.step else 0)
        self._work.spend(len(marks) * (4 + reach))
        gaps: dict[tuple[int, int], list[Fraction]] = {}
        for position in sorted(axis.around(marks, reach)):
            gap = bisect_left(marks, position), bisect_right(marks, position)
            if self._allows(name, position):
                gaps.setdefault(gap, []).append(position)
        for (left, right), inside in gaps.items():
            if left != right or neighbours > 1:
                yield from inside
            elif not later or not marks:
                yield inside[len(inside) // 2]
            # In a wide gap, one that leaves room on both sides; in a narrow one, all.
            elif len(inside) == 2 * reach:
                yield inside[reach - 1]
            elif len(inside) == reach and left in (0, len(marks)):
                yield inside[0 if left == 0 else -1]
            else:
                yield from inside
