"""Rows of a condition, complete or as entered, and the normal form that makes equivalent conditions equal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

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
class Group:
    """Rows and nested groups, of which all or any must hold. An empty group always holds."""

    join: Join = Join.ALL
    items: tuple["Row | Group", ...] = ()


def normalize(group: Group) -> Group:
    """Return an equivalent group without redundant groups: empty, with one item, or joined as outside."""
    item = _simplest(group)
    if isinstance(item, Row):
        return Group(Join.ALL, (item,))
    return item or Group()


def _simplest(item: Row | Group) -> Row | Group | None:
    if isinstance(item, Row):
        return item
    # Inner groups first, so that a group of one row can be merged into this one.
    inner = [simple for each in item.items if (simple := _simplest(each)) is not None]
    rest = tuple(part for each in inner for part in _parts(each, item.join))
    return Group(item.join, rest) if len(rest) > 1 else next(iter(rest), None)


def _parts(item: Row | Group, join: Join) -> Iterator[Row | Group]:
    if isinstance(item, Group) and item.join == join:
        yield from item.items
    else:
        yield item


Place = tuple[int, ...]
"""The position of a row: (0,) in the outer group, or (1, 2) in the group at position 1."""


@dataclass(frozen=True, slots=True)
class TypedRow:
    """A row; `comparison` is "" until the field is chosen."""

    field: str = ""
    comparison: str = ""
    values: tuple[str, ...] = ()

    @property
    def is_blank(self) -> bool:
        """True if no field was chosen yet."""
        return not self.field


@dataclass(frozen=True, slots=True)
class TypedGroup:
    """Rows and groups that are joined by `all` or `any`."""

    join: str = "all"
    items: tuple["TypedRow | TypedGroup", ...] = ()

    def rows(self, place: Place = ()) -> Iterator[tuple[Place, TypedRow]]:
        """Yield all rows with their places."""
        for number, item in enumerate(self.items):
            if isinstance(item, TypedRow):
                yield (*place, number), item
            else:
                yield from item.rows((*place, number))

    def with_added(self, place: Place, item: "TypedRow | TypedGroup") -> "TypedGroup":
        """Return the group with an item appended to the group at `place`."""
        if not place:
            return replace(self, items=(*self.items, item))
        return self._changed(place[0], lambda group: group.with_added(place[1:], item))

    def without(self, place: Place) -> "TypedGroup":
        """Return the group without the item at `place`."""
        if len(place) > 1:
            return self._changed(place[0], lambda group: group.without(place[1:]))
        rest = (item for number, item in enumerate(self.items) if number not in place)
        return replace(self, items=tuple(rest))

    def _changed(self, number: int, change: Callable[["TypedGroup"], "TypedGroup"]) -> "TypedGroup":
        items = [
            change(item) if at == number and isinstance(item, TypedGroup) else item
            for at, item in enumerate(self.items)
        ]
        return replace(self, items=tuple(items))


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedCondition(Typed):
    """The content of the editor of a condition."""

    view: str = "rows"
    original: str = "null"
    group: TypedGroup = field(default_factory=TypedGroup)
