"""The statement of a page of a list: its keys and the number of all rows (`docs/speed.md`, "Lists").

Each part is compiled once and stands in the statement twice, since the keys and the count are found alike.
Text that asks the same for every company and person is built once and kept.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django_scopes import scope

from ticketflower.fast_sql import with_constants
from ticketflower.list_parts import Key, Part, ReusableParts, keys_of_part
from ticketflower.prepared_queries import COMPANY
from ticketflower.tenancy.context import current_company_id

if TYPE_CHECKING:
    from ticketflower.listing import Sort

_MAX_STATEMENTS: Final = 200
_Compiled = list[tuple[str, tuple[Any, ...]]]
"""The text of each part, which ends with its order, and its parameters."""


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    params: tuple[Any, ...]

    def read(self) -> tuple[list[Key], int]:
        company_id = current_company_id()
        params = [type(param)(company_id) if param == COMPANY else param for param in self.params]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            rows = cursor.fetchall()
        return [(value, row_id) for value, row_id, _count in rows if row_id is not None], rows[0][2]


_STATEMENTS: dict[Hashable, _Statement] = {}


def read_page(
    parts: Sequence[Part] | ReusableParts,
    sort: Sort,
    *,
    descending: bool,
    limit: int,
    count_up_to: int,
    cursor: Key | None = None,
) -> tuple[list[Key], int]:
    """Return sort values and ids of the first rows beyond the cursor, and the number of all rows.

    The rows are those of all parts together, in this order. Counting stops at `count_up_to`.
    """
    order, limits = (sort, descending), (limit, count_up_to)
    if isinstance(parts, ReusableParts) and cursor is None:
        statement = _reused_statement(parts, order, limits)
    else:
        parts = parts.make() if isinstance(parts, ReusableParts) else parts
        statement = _write(parts, order, limits, cursor)
    return ([], 0) if statement is None else statement.read()


def _reused_statement(
    parts: ReusableParts, order: tuple[Sort, bool], limits: tuple[int, int]
) -> _Statement | None:
    key = (parts.key, order[0].field, order[1], limits)
    statement = _STATEMENTS.get(key)
    if statement is None:
        with scope(company=COMPANY):
            statement = _write(parts.make(), order, limits, None)
        if statement is not None:
            statement = _Statement(*with_constants(statement.sql, statement.params))
            if len(_STATEMENTS) >= _MAX_STATEMENTS:
                _STATEMENTS.clear()
            _STATEMENTS[key] = statement
    return statement


def _write(
    parts: Sequence[Part], order: tuple[Sort, bool], limits: tuple[int, int], cursor: Key | None
) -> _Statement | None:
    """Return the statement, or None if no row can match.

    Counting reads one part after the other until it has enough; the keys of all parts are merged.
    """
    sort, descending = order
    found = _compiled(parts, sort, descending, cursor)
    # A narrow table has its rows in the order of ids.
    first = replace(sort, field="id") if all(part.key != "id" for part in parts) else sort
    counted = found if cursor is None and first == sort else _compiled(parts, first, descending, None)
    if not found:
        return None
    direction = "DESC" if descending else "ASC"
    in_order = f"ORDER BY sort_value {direction}, row_id {direction}"
    sql = (
        f"SELECT found.sort_value, found.row_id, counted.number FROM "  # noqa: S608 - compiled by Django
        f"(SELECT COUNT(*) AS number FROM ({_together(counted, limits[1])} LIMIT {limits[1]}) AS every) "
        f"AS counted LEFT JOIN ({_together(found, limits[0])} {in_order} LIMIT {limits[0]}) AS found "
        f"ON TRUE {in_order}"
    )
    return _Statement(sql, tuple(param for _sql, params in (*counted, *found) for param in params))


def _compiled(parts: Sequence[Part], sort: Sort, descending: bool, cursor: Key | None) -> _Compiled:
    found = []
    for part in parts:
        compiler = keys_of_part(part, sort, descending, cursor).query.get_compiler("default")
        with suppress(EmptyResultSet):  # no row can match
            found.append(compiler.as_sql())
    return found


def _together(compiled: _Compiled, limit: int) -> str:
    """Return the text of all these, each limited by itself, so that its index is read as far as needed."""
    each = (f"SELECT * FROM ({sql} LIMIT {limit}) AS part" for sql, _params in compiled)  # noqa: S608
    return " UNION ALL ".join(each)
