"""Rows of a condition, complete or as entered, and the normal form that makes equivalent conditions equal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Generic, TypeVar

from workflow_design.definition.comparisons import Comparison
from workflow_design.editor.editor_field import Typed


class Join(StrEnum):
    """Whether all rows of a group must hold, or any of them."""

    ALL = "all"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class OtherField:
    """Another field that a row compares its field with."""

    name: str


Value = str | int | float | OtherField


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison. It has no value, one, two (from and to), or several alternatives."""

    field: str
    comparison: Comparison
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class TypedRow:
    """One comparison as it was entered; `comparison` is "" until the field is chosen."""

    field: str = ""
    comparison: str = ""
    values: tuple[str, ...] = ()

    @property
    def is_blank(self) -> bool:
        """True if no field was chosen yet."""
        return not self.field


Place = tuple[int, ...]
"""The position of a row: (0,) in the outer group, or (1, 2) in the group at position 1."""
RowT = TypeVar("RowT")
OtherT = TypeVar("OtherT")


@dataclass(frozen=True, slots=True)
class Group(Generic[RowT]):
    """Rows and nested groups, of which all or any must hold. An empty group always holds."""

    join: str = Join.ALL
    items: tuple["RowT | Group[RowT]", ...] = ()

    def rows(self, place: Place = ()) -> Iterator[tuple[Place, RowT]]:
        """Yield all rows with their places."""
        for number, item in enumerate(self.items):
            if isinstance(item, Group):
                yield from item.rows((*place, number))
            else:
                yield (*place, number), item

    def convert(self, change: Callable[[Place, RowT], OtherT | None], place: Place = ()) -> "Group[OtherT]":
        """Return the group with each row changed; None removes it."""
        items = (
            item.convert(change, (*place, number))
            if isinstance(item, Group)
            else change((*place, number), item)
            for number, item in enumerate(self.items)
        )
        return Group(self.join, tuple(item for item in items if item is not None))

    def with_added(self, place: Place, item: "RowT | Group[RowT]") -> "Group[RowT]":
        """Return the group with an item appended to the group at `place`."""
        if not place:
            return Group(self.join, (*self.items, item))
        return self._changed(place[0], lambda group: group.with_added(place[1:], item))

    def without(self, place: Place) -> "Group[RowT]":
        """Return the group without the item at `place`."""
        if len(place) > 1:
            return self._changed(place[0], lambda group: group.without(place[1:]))
        rest = (item for number, item in enumerate(self.items) if number not in place)
        return replace(self, items=tuple(rest))

    def _changed(self, number: int, change: Callable[["Group[RowT]"], "Group[RowT]"]) -> "Group[RowT]":
        items = [
            change(item) if at == number and isinstance(item, Group) else item
            for at, item in enumerate(self.items)
        ]
        return replace(self, items=tuple(items))


def normalize(group: Group[Row]) -> Group[Row]:
    """Return an equivalent group without redundant groups: empty, with one item, or joined as outside."""
    item = _simplest(group)
    if isinstance(item, Row):
        return Group(Join.ALL, (item,))
    return item or Group()


def _simplest(item: Row | Group[Row]) -> Row | Group[Row] | None:
    if isinstance(item, Row):
        return item
    # Inner groups first, so that a group of one row can be merged into this one.
    inner = [simple for each in item.items if (simple := _simplest(each)) is not None]
    rest = tuple(part for each in inner for part in _parts(each, item.join))
    return Group(item.join, rest) if len(rest) > 1 else next(iter(rest), None)


def _parts(item: Row | Group[Row], join: str) -> Iterator[Row | Group[Row]]:
    if isinstance(item, Group) and item.join == join:
        yield from item.items
    else:
        yield item


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedCondition(Typed):
    """The content of the editor of a condition."""

    view: str = "rows"
    original: str = "null"
    group: Group[TypedRow] = field(default_factory=Group)
