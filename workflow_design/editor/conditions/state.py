"""State of the condition editor: rows as entered, which may be incomplete or wrong.

Names in the form data contain the place of a row: `condition-0-field`, `condition-1-2-value` …
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

MAX_ROWS = 200
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

    def _changed(self, number: int, change: Any) -> "TypedGroup":
        items = [
            change(item) if at == number and isinstance(item, TypedGroup) else item
            for at, item in enumerate(self.items)
        ]
        return replace(self, items=tuple(items))


@dataclass(frozen=True, slots=True)
class TypedCondition:
    """The content of the editor. `original` is the initial rule as JSON."""

    view: str = ROWS
    group: TypedGroup = field(default_factory=TypedGroup)
    text: str = ""
    original: str = "null"
    notice: str = ""
    focus: Place | None = None
    """The row that was just added, or () for the whole editor."""
    is_redisplay: bool = False


def read_typed(data: Any, name: str) -> TypedCondition:
    """Read a condition from form data. Never fails, whatever the data contains."""
    return TypedCondition(
        view=JSON if _text(data, f"{name}-view") == JSON else ROWS,
        group=_group(data, name, _Budget(), is_top=True),
        text=_text(data, f"{name}-json"),
        original=_text(data, f"{name}-original") or "null",
    )


class _Budget:
    """The number of rows that may still be read, across all groups."""

    def __init__(self) -> None:
        self.left = MAX_ROWS

    def take(self) -> bool:
        self.left -= 1
        return self.left >= 0


def _group(data: Any, prefix: str, budget: _Budget, *, is_top: bool = False) -> TypedGroup:
    items: list[TypedRow | TypedGroup] = []
    # The rows are numbered without gaps, so the first missing number ends the group.
    while budget.take():
        place = f"{prefix}-{len(items)}"
        if f"{place}-field" in data:
            values = tuple(_texts(data, f"{place}-value"))
            items.append(TypedRow(_text(data, f"{place}-field"), _text(data, f"{place}-comparison"), values))
        # Groups are only read at the top level, so a forged request cannot cause deep recursion.
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


def parse_place(words: str) -> Place:
    """Parse the place in a button's value: "1.2" is (1, 2); an invalid place matches no row."""
    parts = words.split(".") if words else []
    if not all(part.isascii() and part.isdigit() and len(part) <= len(str(MAX_ROWS)) for part in parts):
        return (MAX_ROWS,)
    return tuple(int(part) for part in parts)


NEW_GROUP: Final = TypedGroup("any", (TypedRow(),) * BLANK_GROUP_SIZE)
