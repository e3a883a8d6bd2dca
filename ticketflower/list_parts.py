"""Lists that are read from several parts, each in the order of an index (`docs/speed.md`, "Lists")."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import F, Model, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

if TYPE_CHECKING:
    from ticketflower.listing import Sort

RowT = TypeVar("RowT", bound=Model)
Key = tuple[Any, int]
"""The sort value and the id of a row, for keyset pagination."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a list whose rows an index can return in order, for each order. Several parts form a list.

    The rows may belong to a denormalised table; `key` is then its column with the id of the listed row, and
    `repeats` says that there may be several for one listed row. `fixed` are index columns that are null in
    all rows: PostgreSQL uses the index for the order only if ORDER BY names them.
    """

    rows: "QuerySet[Any]"
    key: str = "id"
    fixed: tuple[str, ...] = ()
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class LoadedKeys:
    """Rows of a list that were already read, as sort values and ids. They are few, and sorted in Python."""

    keys: Sequence[Key]

    def after_cursor(self, *, descending: bool, cursor: Key | None) -> list[Key]:
        """Return the keys in this order, beyond the cursor."""
        keys = [key for key in self.keys if cursor is None or (key < cursor if descending else key > cursor)]
        return sorted(keys, reverse=descending)


@dataclass(frozen=True, slots=True)
class PreparedParts:
    """Parts whose SQL is shared, across people and companies, by all lists with an equal key.

    `make(**values)` creates the parts. To build the shared SQL, it is called with placeholders instead of the
    values.
    """

    key: Hashable
    make: "Callable[..., Sequence[Part]]"
    values: Mapping[str, int] = field(default_factory=dict)


def load_keys(parts: Sequence[Part], first: "Sort", sort: "Sort", *, limit: int) -> LoadedKeys:
    """Read the first rows in the order `first`, with the sort values of another order (`sort`)."""
    found = _keys_of_parts(parts, first, descending=first.descending, limit=limit, also=sort)
    return LoadedKeys([(key[2], key[1]) for key in found or ()])


def read_keys(
    parts: "Sequence[Part] | LoadedKeys | PreparedParts",
    sort: "Sort",
    *,
    descending: bool,
    limit: int,
    cursor: Key | None = None,
) -> list[Key]:
    """Return sort values and ids of the first rows of all parts together, in this order, after the cursor.

    They are found with index-only scans; the rows are then read by their ids.
    """
    if isinstance(parts, LoadedKeys):
        return parts.after_cursor(descending=descending, cursor=cursor)[:limit]
    parts = parts.make(**parts.values) if isinstance(parts, PreparedParts) else parts
    keys = _keys_of_parts(parts, sort, descending=descending, limit=limit, cursor=cursor)
    return list(keys or ())


def _keys_of_parts(
    parts: Sequence[Part],
    sort: "Sort",
    *,
    descending: bool,
    limit: int,
    cursor: Key | None = None,
    also: "Sort | None" = None,
) -> "QuerySet[Any] | None":
    """Return sort values and ids of the first rows of all parts together, and the sort values of `also`."""
    found = [keys_of_part(part, sort, descending, cursor, also=also) for part in parts]
    return _union(found, descending=descending, limit=limit)


def keys_of_part(
    part: Part, sort: "Sort", descending: bool, cursor: Key | None, *, also: "Sort | None" = None
) -> "QuerySet[Any]":
    """Return sort values and ids of a part's rows after the cursor, and the sort values of `also`."""
    second = [_column(part, also)] if also else []
    rows = _ordered(part, sort, descending, cursor)
    keys: QuerySet[Any] = rows.values_list("sort_value", "row_id", *second)
    return keys.distinct() if part.repeats else keys


def _union(found: "Sequence[QuerySet[Any]]", *, descending: bool, limit: int) -> "QuerySet[Any] | None":
    """Return the first rows of all of these together. Each is read in index order, only as far as needed."""
    limited = [rows[:limit] for rows in found]
    if len(limited) < 2:  # noqa: PLR2004
        return limited[0] if limited else None
    order = ("-sort_value", "-row_id") if descending else ("sort_value", "row_id")
    union: QuerySet[Any] = limited[0].union(*limited[1:], all=True)
    return union.order_by(*order)[:limit]


def _ordered(part: Part, sort: "Sort", descending: bool, cursor: Key | None) -> "QuerySet[Any]":
    column = _column(part, sort)
    rows: QuerySet[Any] = rows_after(part.rows, column, part.key, descending, cursor)
    order = [F(name) for name in dict.fromkeys((*part.fixed, column, part.key))]
    rows = rows.annotate(sort_value=F(column), row_id=F(part.key))
    return rows.order_by(*(term.desc() if descending else term.asc() for term in order))


def _column(part: Part, sort: "Sort") -> str:
    return part.key if sort.field == "id" else sort.field


def neighbour(
    parts: "Sequence[Part] | LoadedKeys | PreparedParts",
    sort: "Sort",
    *,
    descending: bool,
    row: Model,
    after: bool,
) -> int | None:
    """Return the id of the row that comes right before or after this one in the order, or None."""
    cursor = (sort_value(row, sort), row.pk)
    found = read_keys(parts, sort, descending=descending == after, cursor=cursor, limit=1)
    return found[0][1] if found else None


def rows_after(
    rows: "QuerySet[RowT]", field: str, key: str, descending: bool, cursor: Key | None
) -> "QuerySet[RowT]":
    """Return the rows that come after the cursor."""
    if cursor is None:
        return rows
    value, row_id = cursor
    if field == key:
        return rows.filter(**{f"{key}__{'lt' if descending else 'gt'}": row_id})
    # With a row comparison, the scan of the index on (field, id) starts exactly at the cursor, however many
    # rows have that value. If there is another bound on the field, such as a period, PostgreSQL also needs a
    # plain bound to start there.
    lookup, bound = (TupleLessThan, "lte") if descending else (TupleGreaterThan, "gte")
    return rows.filter(lookup(Tuple(F(field), F(key)), (value, row_id)), **{f"{field}__{bound}": value})


def sort_value(row: Any, sort: "Sort") -> Any:
    value = row
    for part in sort.field.split("__") if not hasattr(row, sort.field) else [sort.field]:
        value = getattr(value, part)
    return value
