"""The SQL for a page of a list: its keys and the number of all rows (`docs/speed.md`, "Lists").

Each part is compiled once and used twice in the statement, for the keys and for the count. SQL text that
companies and people share is built once and cached.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django_scopes import scope

from ticketflower.list_parts import Key, Part, PreparedParts, keys_of_part
from ticketflower.prepared_queries import COMPANY, SharedText, placeholders_for

if TYPE_CHECKING:
    from ticketflower.listing import Sort

_MAX_TEXTS: Final = 500
_Compiled = list[tuple[str, tuple[Any, ...]]]
"""The SQL text of each part, which ends with ORDER BY, and its parameters."""


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    params: tuple[Any, ...]


_TEXTS: dict[Hashable, SharedText | None] = {}
"""A cache by the keys only: keys that contained the parts would keep people and filter forms in memory."""


def read_page(
    parts: Sequence[Part] | PreparedParts,
    sort: Sort,
    *,
    descending: bool,
    limit: int,
    count_up_to: int,
    cursor: Key | None = None,
) -> tuple[list[Key], int]:
    """Return sort values and ids of the first rows after the cursor, and the number of all rows.

    The rows are those of all parts together, in this order. Counting stops at `count_up_to`; 0 disables it.
    """
    order, limits = (sort, descending), (limit, count_up_to)
    if isinstance(parts, PreparedParts) and cursor is None:
        text = _shared_text(parts, order, limits)
        rows = text.fetch(parts.values) if text else []
    else:
        parts = parts.make(**parts.values) if isinstance(parts, PreparedParts) else parts
        statement = _write(parts, order, limits, cursor)
        rows = _read(statement) if statement else []
    keys = [(value, row_id) for value, row_id, _count in rows if row_id is not None]
    return keys, rows[0][2] if rows else 0


def _read(statement: _Statement) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, statement.params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _shared_text(
    parts: PreparedParts, order: tuple[Sort, bool], limits: tuple[int, int]
) -> SharedText | None:
    """Return the text of a page's statement, or None if no row can match."""
    key = (parts.key, order, limits)
    with suppress(KeyError):
        return _TEXTS[key]
    placeholders = placeholders_for(parts.values)
    with scope(company=COMPANY):
        written = _write(parts.make(**placeholders), order, limits, None)
    text = None if written is None else SharedText.of(written.sql, written.params, placeholders)
    if len(_TEXTS) >= _MAX_TEXTS:
        _TEXTS.clear()
    _TEXTS[key] = text
    return text


def _write(
    parts: Sequence[Part], order: tuple[Sort, bool], limits: tuple[int, int], cursor: Key | None
) -> _Statement | None:
    """Return the statement, or None if no row can match.

    Counting reads one part after the other until `count_up_to`; the keys of all parts are merged.
    """
    sort, descending = order
    limit, count_up_to = limits
    found = _compiled(parts, sort, descending, cursor)
    if not found:
        return None
    direction = "DESC" if descending else "ASC"
    in_order = f"ORDER BY sort_value {direction}, row_id {direction}"
    keys = f"({_union_sql(found, limit)} {in_order} LIMIT {limit}) AS found"
    if not count_up_to:
        sql = f"SELECT sort_value, row_id, 0 FROM {keys} {in_order}"  # noqa: S608 - compiled by Django
        return _Statement(sql, _params_of(found))
    # The rows of a denormalised table are in the order of ids.
    first = replace(sort, field="id") if all(part.key != "id" for part in parts) else sort
    is_same = cursor is None and first == sort
    counted = found if is_same else _compiled(parts, first, descending, None)
    sql = (
        f"SELECT found.sort_value, found.row_id, counted.number FROM "  # noqa: S608 - compiled by Django
        f"(SELECT COUNT(*) AS number FROM ({_union_sql(counted, count_up_to)} LIMIT {count_up_to}) AS every) "
        f"AS counted LEFT JOIN {keys} ON TRUE {in_order}"
    )
    return _Statement(sql, _params_of([*counted, *found]))


def _params_of(compiled: _Compiled) -> tuple[Any, ...]:
    return tuple(param for _sql, params in compiled for param in params)


def _compiled(parts: Sequence[Part], sort: Sort, descending: bool, cursor: Key | None) -> _Compiled:
    found = []
    for part in parts:
        compiler = keys_of_part(part, sort, descending, cursor).query.get_compiler("default")
        with suppress(EmptyResultSet):  # no row can match
            found.append(compiler.as_sql())
    return found


def _union_sql(compiled: _Compiled, limit: int) -> str:
    """Return the SQL for all parts, each with its own LIMIT, so that its index is read only as needed."""
    each = (f"SELECT * FROM ({sql} LIMIT {limit}) AS part" for sql, _params in compiled)  # noqa: S608
    return " UNION ALL ".join(each)
