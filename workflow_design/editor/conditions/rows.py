"""Value objects for rows, and the normal form that makes equivalent conditions equal."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from workflow_design.definition.comparisons import Comparison


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
