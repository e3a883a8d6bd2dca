"""Lists that are read from several parts, each in the order of an index (`docs/speed.md`, "Lists")."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import F, Model, Q, QuerySet

if TYPE_CHECKING:
    from ticketflower.listing import Sort

RowT = TypeVar("RowT", bound=Model)


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a list, which one index holds in each order of the list. Several parts make up a list.

    The rows may be those of a narrow table; `key` is then its column with the id of the listed row, and
    `repeats` says that a listed row may have several. `fixed` are columns that are null in all rows:
    PostgreSQL finds the order of their index only if the order names them.
    """

    rows: "QuerySet[Any]"
    key: str = "id"
    fixed: tuple[str, ...] = ()
    repeats: bool = False


def read_keys(
    parts: Sequence[Part],
    sort: "Sort",
    *,
    descending: bool,
    limit: int,
    cursor: tuple[Any, Any] | None = None,
) -> list[int]:
    """Return the ids of the first rows of all parts together, in this order, beyond the cursor."""
    keys = keys_of_parts(parts, sort, descending=descending, limit=limit, cursor=cursor)
    return [] if keys is None else [row_id for _value, row_id in keys]


def in_order(queryset: "QuerySet[RowT]", ids: Sequence[int]) -> list[RowT]:
    """Return the rows with these ids, in the order of the ids."""
    rows = queryset.in_bulk(ids)
    return [rows[row_id] for row_id in ids if row_id in rows]


def keys_of_parts(
    parts: Sequence[Part],
    sort: "Sort",
    *,
    descending: bool,
    limit: int,
    cursor: tuple[Any, Any] | None = None,
) -> "QuerySet[Any] | None":
    """Return sort values and ids. Each part is read in the order of its index, no further than needed."""
    found = [_keys_of(part, sort, descending, cursor)[:limit] for part in parts]
    if len(found) < 2:  # noqa: PLR2004
        return found[0] if found else None
    order = ("-sort_value", "-row_id") if descending else ("sort_value", "row_id")
    together: QuerySet[Any] = found[0].union(*found[1:], all=True)
    return together.order_by(*order)[:limit]


def _keys_of(part: Part, sort: "Sort", descending: bool, cursor: tuple[Any, Any] | None) -> "QuerySet[Any]":
    field = part.key if sort.field == "id" else sort.field
    rows = beyond(part.rows, field, part.key, descending, cursor)
    order = [F(name) for name in dict.fromkeys((*part.fixed, field, part.key))]
    rows = rows.order_by(*(term.desc() if descending else term.asc() for term in order))
    keys: QuerySet[Any] = rows.annotate(sort_value=F(field), row_id=F(part.key)).values_list(
        "sort_value", "row_id"
    )
    return keys.distinct() if part.repeats else keys


def neighbour(
    parts: Sequence[Part], sort: "Sort", *, descending: bool, row: Model, after: bool
) -> int | None:
    """Return the id of the row that comes right before or after this one in the order, or None."""
    cursor = (sort_value(row, sort), row.pk)
    found = read_keys(parts, sort, descending=descending == after, cursor=cursor, limit=1)
    return found[0] if found else None


def beyond(
    rows: "QuerySet[RowT]", field: str, key: str, descending: bool, cursor: tuple[Any, Any] | None
) -> "QuerySet[RowT]":
    """Return the rows that come after the cursor."""
    if cursor is None:
        return rows
    value, row_id = cursor
    beyond = "lt" if descending else "gt"
    if field == key:
        return rows.filter(**{f"{key}__{beyond}": row_id})
    # PostgreSQL can use the index on (field, id) for the first condition only in this form.
    return rows.filter(
        Q(**{f"{field}__{beyond}e": value})
        & (Q(**{f"{field}__{beyond}": value}) | Q(**{f"{key}__{beyond}": row_id}))
    )


def sort_value(row: Any, sort: "Sort") -> Any:
    value = row
    for part in sort.field.split("__") if not hasattr(row, sort.field) else [sort.field]:
        value = getattr(value, part)
    return value
