"""Rows of a condition as they are typed: incomplete, wrong, or ready to be a rule.

Read from a POST whose names say where a row stands: `condition-0-field`, `condition-1-2-value` …
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

MOST_ROWS = 200
ROWS, JSON = "rows", "json"
BLANK_GROUP_SIZE = 2

Place = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TypedRow:
    """A row; `comparison` is "" until the field is chosen."""

    field: str = ""
    comparison: str = ""
    values: tuple[str, ...] = ()

    @property
    def is_blank(self) -> bool:
        """Whether nothing was chosen yet."""
        return not self.field


@dataclass(frozen=True, slots=True)
class TypedGroup:
    """Rows and groups joined by `all` or `any`."""

    join: str = "all"
    items: tuple["TypedRow | TypedGroup", ...] = ()

    def rows(self, place: Place = ()) -> Iterator[tuple[Place, TypedRow]]:
        """All rows, each with where it stands."""
        for number, item in enumerate(self.items):
            if isinstance(item, TypedRow):
                yield (*place, number), item
            else:
                yield from item.rows((*place, number))

    def with_added(self, place: Place, item: "TypedRow | TypedGroup") -> "TypedGroup":
        """The same with something added at the end of the group at `place`."""
        if not place:
            return replace(self, items=(*self.items, item))
        return self._changed(place[0], lambda group: group.with_added(place[1:], item))

    def without(self, place: Place) -> "TypedGroup":
        """The same without what stands at `place`."""
        if len(place) > 1:
            return self._changed(place[0], lambda group: group.without(place[1:]))
        kept = (item for number, item in enumerate(self.items) if number not in place)
        return replace(self, items=tuple(kept))

    def _changed(self, number: int, change: Any) -> "TypedGroup":
        items = [
            change(item) if at == number and isinstance(item, TypedGroup) else item
            for at, item in enumerate(self.items)
        ]
        return replace(self, items=tuple(items))


@dataclass(frozen=True, slots=True)
class TypedCondition:
    """What the editor shows. `original` is the rule that it began with, as JSON."""

    view: str = ROWS
    group: TypedGroup = field(default_factory=TypedGroup)
    text: str = ""
    original: str = "null"
    notice: str = ""
    focus: Place | None = None
    """The row that was just added, or () for the whole editor."""
    is_redisplay: bool = False


def read_typed(data: Any, name: str) -> TypedCondition:
    """The condition that a POST carries under this name; nothing in it makes this fail."""
    return TypedCondition(
        view=JSON if _text(data, f"{name}-view") == JSON else ROWS,
        group=_group(data, name, _Budget(), is_top=True),
        text=_text(data, f"{name}-json"),
        original=_text(data, f"{name}-original") or "null",
    )


class _Budget:
    """How many rows may still be read."""

    def __init__(self) -> None:
        self.left = MOST_ROWS

    def take(self) -> bool:
        self.left -= 1
        return self.left >= 0


def _group(data: Any, prefix: str, budget: _Budget, *, is_top: bool = False) -> TypedGroup:
    items: list[TypedRow | TypedGroup] = []
    while budget.take():
        place = f"{prefix}-{len(items)}"
        if f"{place}-field" in data:
            values = tuple(_texts(data, f"{place}-value"))
            items.append(TypedRow(_text(data, f"{place}-field"), _text(data, f"{place}-comparison"), values))
        elif is_top and f"{place}-join" in data:
            items.append(_group(data, place, budget))
        else:
            break
    return TypedGroup("any" if _text(data, f"{prefix}-join") == "any" else "all", tuple(items))


def _text(data: Mapping[str, Any], name: str) -> str:
    return str(data.get(name) or "")


def _texts(data: Any, name: str) -> list[str]:
    found = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
    return [found] if isinstance(found, str) else [str(value) for value in found]


def place_in(words: str) -> Place:
    """The place that a button names: "1.2" is (1, 2); what is no place is nowhere."""
    parts = words.split(".") if words else []
    if not all(part.isascii() and part.isdigit() and len(part) <= len(str(MOST_ROWS)) for part in parts):
        return (MOST_ROWS,)
    return tuple(int(part) for part in parts)


NEW_GROUP: Final = TypedGroup("any", (TypedRow(),) * BLANK_GROUP_SIZE)
