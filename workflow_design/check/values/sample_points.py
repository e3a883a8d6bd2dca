"""Sample points of several fields: one for each combination of signs that some linear forms can have.

This is a cylindrical algebraic decomposition, which is simple because all forms are linear. First the last
field is eliminated from the forms, then the one before it, and so on. What is left are the conditions on the
first field alone. Then the fields get values in their order, each with one value in every gap between the
thresholds that follow from the values of the fields before it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from math import gcd, lcm
from typing import Final

from workflow_design.check.values.linear import Linear
from workflow_design.check.values.scales import Scale
from workflow_design.check.work import Work

Point = dict[str, Fraction]

_MAX_FORMS: Final = 150
_MAX_POINTS: Final = 2_500
_MAX_NEIGHBOURS: Final = 12
_TEN: Final = 10


class TooManyPointsError(Exception):
    """There are too many combinations of signs to try one point for each."""


class SamplePoints:
    """The sample points of some fields, which get values in the order of `scales`."""

    def __init__(
        self,
        boundaries: Iterable[Linear],
        scales: Mapping[str, Scale],
        allows: Callable[[str, Fraction], bool],
        work: Work,
    ) -> None:
        self._scales = scales
        self._allows = allows
        self._work = work
        self._names = tuple(scales)
        self._forms = self._project({boundary.normalized() for boundary in boundaries})
        self.are_exact = all(map(self._is_whole, self._names))
        """Whether there is a point for each combination of signs that is possible."""

    def _project(self, forms: set[Linear]) -> dict[str, list[Linear]]:
        """Return, for each field, the forms with it and none of the later fields."""
        found: dict[str, list[Linear]] = {}
        for name in reversed(self._names):
            self._work.spend(20 + len(forms) ** 2)
            found[name] = [form for form in forms if name in form.names]
            forms = {form for form in forms if name not in form.names}
            for one, other in combinations(found[name], 2):
                rest = one.times(other.factor(name)).plus(other, -one.factor(name))
                if rest.factors:
                    forms.add(rest.normalized())
            if len(forms) > _MAX_FORMS:
                raise TooManyPointsError
        return found

    def _is_whole(self, name: str) -> bool:
        """Return whether a field that counts in steps reaches every gap, from each step of the others."""
        step = self._scales[name].step
        if step is None:
            return True
        return all(
            self._scales[other].step is not None and self._ratio(form, name, other).denominator == 1
            for form in self._forms[name]
            for other in form.names - {name}
        )

    def _ratio(self, form: Linear, name: str, other: str) -> Fraction:
        steps = (self._scales[other].step or Fraction(1)) / (self._scales[name].step or Fraction(1))
        return form.factor(other) / form.factor(name) * steps

    def points(self) -> list[Point]:
        """Return the points; raise TooManyPointsError."""
        points: list[Point] = [{}]
        for place, name in enumerate(self._names):
            later = self._names[place + 1 :]
            neighbours = self._count_neighbours(self._scales[name], later)
            points = [
                {**point, name: position}
                for point in points
                for position in self._positions(name, point, neighbours, len(later))
            ]
            self._work.spend(20 * len(points))
            if len(points) > _MAX_POINTS:
                raise TooManyPointsError
        return points

    def _count_neighbours(self, scale: Scale, later: Sequence[str]) -> int:
        """Return how many adjacent positions to try, so that one leads to a value of each later field."""
        ratios = [
            self._ratio(form, name, other).denominator
            for name in later
            for form in self._forms[name]
            for other in form.names - {name}
        ]
        # That is a whole number, or one with a finite number of decimals.
        neighbours = lcm(*ratios)
        while scale.step is None and gcd(neighbours, _TEN) > 1:
            neighbours //= gcd(neighbours, _TEN)
        return min(neighbours, _MAX_NEIGHBOURS)

    def _positions(self, name: str, point: Point, neighbours: int, later: int) -> Iterator[Fraction]:
        forms = [form.without(point) for form in self._forms[name]]
        thresholds = sorted({-form.constant / form.factor(name) for form in forms})
        scale = self._scales[name]
        reach = neighbours + (later if scale.step else 0)
        self._work.spend(len(thresholds) * (4 + reach))
        gaps: dict[tuple[int, int], list[Fraction]] = {}
        for position in sorted(scale.around(thresholds, reach)):
            gap = bisect_left(thresholds, position), bisect_right(thresholds, position)
            if self._allows(name, position):
                gaps.setdefault(gap, []).append(position)
        for (left, right), inside in gaps.items():
            if left != right or neighbours > 1:
                yield from inside
            elif not later or not thresholds:
                yield inside[len(inside) // 2]
            # In a wide gap, one that leaves room on both sides; in a narrow one, all.
            elif len(inside) == 2 * reach:
                yield inside[reach - 1]
            elif len(inside) == reach and left in (0, len(thresholds)):
                yield inside[0 if left == 0 else -1]
            else:
                yield from inside
