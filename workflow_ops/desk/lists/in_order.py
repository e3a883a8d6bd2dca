"""What all lists of the desk have in common: the keys of their rows, in the order that was asked for."""

from collections.abc import Sequence
from typing import Any

from ticketflower.list_parts import KnownKeys, Part, ReusableParts, read_keys
from ticketflower.listing import Sort


class InOrder:
    """The rows of a list, read from parts, and the order with whether it descends."""

    _parts: Sequence[Part] | KnownKeys | ReusableParts
    _order: tuple[Sort, bool]

    @property
    def order(self) -> str:
        """The value of `sort` in an address that asks for this order."""
        sort, descending = self._order
        return f"{'-' if descending else ''}{sort.name}"

    def keys(self, most: int, *, after: tuple[Any, int] | None = None) -> list[tuple[Any, int]]:
        """Return sort values and ids of the first rows, or of those that follow such a key."""
        sort, descending = self._order
        return read_keys(self._parts, sort, descending=descending, limit=most, cursor=after)

    def ids(self, most: int) -> list[int]:
        """Return the ids of the first rows."""
        return [row_id for _value, row_id in self.keys(most)]
