"""The base class of the desk's lists: the keys of their rows in the requested order."""

from collections.abc import Sequence
from typing import Any

from ticketflower.list_parts import LoadedKeys, Part, PreparedParts, read_keys
from ticketflower.listing import Sort


class SortedList:
    """A list whose rows are read from `_parts`; `_order` is the sort order and whether it is descending."""

    _parts: Sequence[Part] | LoadedKeys | PreparedParts
    _order: tuple[Sort, bool]

    @property
    def order(self) -> str:
        """The value of the URL parameter `sort` for this order."""
        sort, descending = self._order
        return f"{'-' if descending else ''}{sort.name}"

    def keys(self, most: int, *, after: tuple[Any, int] | None = None) -> list[tuple[Any, int]]:
        """Return sort values and ids of the first rows or, with a cursor, of the rows after it."""
        sort, descending = self._order
        return read_keys(self._parts, sort, descending=descending, limit=most, cursor=after)

    def ids(self, most: int) -> list[int]:
        """Return the ids of the first rows."""
        return [row_id for _value, row_id in self.keys(most)]
