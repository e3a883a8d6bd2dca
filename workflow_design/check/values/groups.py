"""Fields that conditions compare or add up with each other, and values of them that fit together.

Not every combination of their values is tried, but one for each result that comparing them with each other
and with constants can have.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import combinations, product
from math import prod
from typing import Any, Final

from workflow_design.check.values.linear import Linear, linear
from workflow_design.check.values.sample_points import Point, SamplePoints, TooManyPointsError
from workflow_design.check.values.samples import are_complete, has_all_values
from workflow_design.check.values.scales import Scale, scale_of
from workflow_design.check.values.uses import Uses
from workflow_design.check.values.writing import Writing
from workflow_design.check.work import Work
from workflow_design.definition.fields import Field, is_empty
from workflow_design.definition.file_json import count_values
from workflow_design.definition.type_families import DatedType, ListType, ReferenceType, TextType, is_among
from workflow_design.definition.values import FieldValidator
from workflow_design.engine.conditions.evaluation import prepare
from workflow_design.engine.conditions.validation import fields_read

_MAX_LISTED: Final = 32
_MAX_COMBINATIONS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that are compared with each other, and what is known about their values."""

    names: tuple[str, ...]
    rows: tuple[dict[str, Any], ...] = ()
    """Values that fit together, None for empty; no rows if all combinations of the samples are tried."""
    samples: Mapping[str, tuple[Any, ...]] | None = None
    """The values of each field in them; None if they are not known."""
    is_exact: bool = False
    """Whether they stand for all values."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about the fields before they are compared with each other."""

    fields: Mapping[str, Field]
    uses: Mapping[str, Uses]
    samples: Mapping[str, tuple[Any, ...]]
    writing: Writing
    work: Work


def build_groups(known: Known) -> Iterator[Group]:
    """Yield the groups of fields of a definition."""
    for names in dict.fromkeys(frozenset({name, *known.uses[name].compared_with}) for name in known.samples):
        if len(names) > 1:
            known.work.spend(10 * len(names))
            yield _Builder(names, known).group()


class _Builder:
    """Builds one group."""

    def __init__(self, names: frozenset[str], known: Known) -> None:
        self._writing = known.writing
        self._all_names = tuple(sorted(names))
        self._listed = {
            name: known.samples[name]
            for name in self._all_names
            if len(known.samples[name]) <= _MAX_LISTED
            and has_all_values(known.fields[name], known.samples[name])
        }
        """The fields of which all values are tried, so that each is like a constant for the others."""
        dense = {name for name in names if scale_of(known.fields[name]).step is None}
        self._names = self._writing.in_order(names - self._listed.keys(), dense)
        self._fields = {name: known.fields[name] for name in names}
        self._uses = {name: known.uses[name] for name in names}
        self._samples = known.samples
        self._work = known.work
        self._validators = {name: FieldValidator(field) for name, field in self._fields.items()}
        self._allows = cache(self._is_allowed)
        self._scales = self._build_scales()

    def group(self) -> Group:
        """Return the group."""
        asked = self._writing.asked.intersection(self._all_names)
        is_listed = asked <= self._listed.keys()
        try:
            sample_points = SamplePoints(self._boundaries(), self._scales, self._allows, self._work)
            values = [self._values(point) for point in sample_points.points()]
        except (TooManyPointsError, ValueError):
            return Group(self._all_names, is_exact=is_listed)
        found = {
            name: tuple({str(each[name]): each[name] for each in values}.values()) for name in self._names
        }
        is_together = self._writing.is_together(self._all_names)
        is_settled = len(self._names) == 1 or is_together or self._writing.is_settled(self._names)
        are_known = all(map(self._is_known, self._names)) and self._have_common_texts()
        is_exact = is_settled and sample_points.are_exact and are_known
        rows = tuple(self._representatives(values)) if is_exact and is_together and not self._listed else ()
        return Group(self._all_names, rows, {**self._listed, **found}, is_exact or is_listed)

    def _is_known(self, name: str) -> bool:
        """Return whether all values that make a difference have positions."""
        uses, field = self._uses[name], self._fields[name]
        return (
            not uses.unknown
            and not uses.period
            and (
                not isinstance(field.type, TextType | ReferenceType)
                or are_complete(field, self._samples[name], uses, self._work)
            )
        )

    def _have_common_texts(self) -> bool:
        """Return whether so many texts fit all fields with texts that any of these may be equal."""
        fits = [
            self._validators[name]
            for name in self._names
            if isinstance(self._fields[name].type, TextType)
            and not isinstance(self._fields[name].type, DatedType)
        ]
        if len(fits) <= 1:
            return True
        constants = {value for name in self._names for value in self._uses[name].constants}
        texts = {value for name in self._names for value in self._samples[name]} - constants
        self._work.spend(10 * len(texts) * len(fits))
        return sum(not any(each.problems(text) for each in fits) for text in texts) >= len(fits)

    def _build_scales(self) -> dict[str, Scale]:
        texts = sorted(
            {value for name in self._all_names for value in self._samples[name] if isinstance(value, str)}
        )
        self._all_scales = {name: scale_of(field, texts) for name, field in self._fields.items()}
        return {name: self._all_scales[name] for name in self._names}

    def _boundaries(self) -> set[Linear]:
        """Return the forms that tell the values of these fields apart; raise ValueError if there are none."""
        kinds = {field.type.is_number(field) for field in self._fields.values()}
        if len(kinds) > 1 or any(isinstance(field.type, ListType) for field in self._fields.values()):
            raise ValueError
        found = set[Linear]()
        for name, scale in self._all_scales.items():
            thresholds = {*self._uses[name].thresholds, *scale.edges}
            if kinds == {False}:
                thresholds.update(scale.position(value) for value in self._uses[name].constants if value)
            found |= {linear(-threshold, name) for threshold in thresholds}
            found |= self._uses[name].boundaries
        if kinds == {False}:
            atoms = [fields_read(atom) for name in self._all_names for atom in self._uses[name].all_atoms]
            pairs = {
                pair
                for names in atoms
                for pair in combinations(sorted(names.intersection(self._all_names)), 2)
            }
            found |= {linear(0, one).plus(linear(0, other), Fraction(-1)) for one, other in pairs}
        return {form for boundary in found for form in self._with_listed(boundary)}

    def _with_listed(self, boundary: Linear) -> Iterator[Linear]:
        """Yield the form with each of the values of the fields that have only a few."""
        names = sorted(boundary.names & self._listed.keys())
        values = [[self._all_scales[name].position(value) for value in self._listed[name]] for name in names]
        if prod(map(len, values)) > _MAX_COMBINATIONS:
            raise TooManyPointsError
        for each in product(*values):
            form = boundary.without(dict(zip(names, each, strict=True)))
            if form.factors:
                yield form

    def _is_allowed(self, name: str, position: Fraction) -> bool:
        self._work.spend(10)
        try:
            value = self._scales[name].value(position)
        except (ValueError, OverflowError):
            return False
        return not is_empty(value) and not self._validators[name].problems(value)

    def _values(self, point: Point) -> dict[str, Any]:
        return {name: self._scales[name].value(position) for name, position in point.items()}

    def _representatives(self, points: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield one of the points for each combination of results, with optional fields also empty."""
        blank = [name for name in self._names if not self._fields[name].required]
        atoms = [
            (prepare(atom), count_values(atom))
            for atom in {
                str(atom): atom for name in self._names for atom in self._uses[name].all_atoms
            }.values()
        ]
        emptied = [frozenset[str](), *self._writing.emptied(self._names)]
        seen = set[tuple[Any, ...]]()
        for gone in product(*((False, True) for _name in blank)):
            left = {name for name, is_gone in zip(blank, gone, strict=True) if is_gone}
            for point in points:
                row = {name: value for name, value in point.items() if name not in left}
                key = tuple(
                    self._work.holds(atom, {n: v for n, v in row.items() if n not in each}, size=size)
                    for each in emptied
                    for atom, size in atoms
                )
                if (tuple(sorted(row)), key) not in seen:
                    seen.add((tuple(sorted(row)), key))
                    yield {name: row.get(name) for name in self._names}


def share_samples(known: Known, groups: Iterable[Group]) -> dict[str, tuple[Any, ...]]:
    """Return the samples of all fields, together with those of the fields that they are compared with."""
    shared = dict(known.samples)
    for group in groups:
        if group.is_exact and group.samples:
            shared.update(group.samples)
            continue
        for name in group.names:
            allowed, found = FieldValidator(known.fields[name]), list(known.samples[name])
            others = [value for other in group.names if other != name for value in known.samples[other]]
            for value in (*(group.samples or {}).get(name, ()), *others):
                known.work.spend(10 + len(found) // 8)
                if not (is_among(value, found) or allowed.problems(value)):
                    found.append(value)
            shared[name] = tuple(found)
    return shared


def find_inexact(known: Known, groups: Iterable[Group], unclear: Set[str]) -> frozenset[str]:
    """Return the fields that may have values that do something else than all that are tried.

    `unclear` are fields with which actions compute. It names too many rather than too few.
    """
    group_of = {name: group for group in groups for name in group.names}
    found = set[str]()
    # Whatever else is written is computed, and not tried.
    for name in sorted(known.writing.asked & known.samples.keys()):
        field, samples, group = known.fields[name], known.samples[name], group_of.get(name)
        if has_all_values(field, samples):
            continue
        if group is None:
            is_exact = are_complete(field, samples, known.uses[name], known.work)
        else:
            is_exact = group.is_exact
        if not is_exact or name in unclear:
            found.add(name)
    return frozenset(found)
