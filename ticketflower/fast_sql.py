"""Hot-path SQL whose text is built once and cached; elsewhere, use the ORM.

Django builds the text of a statement again for every query, which takes longer than the database
needs for most of them. That matters for what every request does, but not for lists and pages.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Func, Model
from psycopg.sql import Literal

RowT = TypeVar("RowT", bound=Model)


class RowColumns(Generic[RowT]):
    """The columns of a model in a hand-written statement, and the conversion of its results to rows.

    `of` is the name of the table in the statement, or an expression of the table's type. The columns are all
    of the model or `only` some; others are then read when they are asked for.
    """

    def __init__(self, model: type[RowT], *, of: str, only: Collection[str] = ()) -> None:
        fields: Sequence[Any] = [
            field for field in model._meta.concrete_fields if not only or field.attname in only
        ]
        self.sql = ", ".join(f"{of}.{field.column}" for field in fields)
        self._model, self._names, self._count = model, [field.attname for field in fields], len(fields)
        self._converters = [
            (place, field) for place, field in enumerate(fields) if hasattr(field, "from_db_value")
        ]

    def take(self, values: list[Any]) -> RowT:
        """Build a row from the first values, and remove these from the list."""
        row_values, values[:] = values[: self._count], values[self._count :]
        for place, field in self._converters:
            row_values[place] = field.from_db_value(row_values[place], None, connection)
        return self._model.from_db("default", self._names, row_values)


def read_in_order(sql: str, ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """Return the rows of these ids, in their order. `sql` reads the rows of a list of ids, each id first."""
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, [array_of(ids)])
        rows = {row[0]: row for row in cursor.fetchall()}
    return [rows[row_id] for row_id in ids if row_id in rows]


def array_of(ids: Iterable[int]) -> str:
    """Return ids as the text of an array. The driver would take longer for a list of them."""
    return f"{{{','.join(map(str, ids))}}}"


def insert_rows(rows: Sequence[Model], **instead: str) -> None:
    """Insert new rows of one model and set their ids. Like `bulk_create`, this sends no signals.

    `instead` are the columns that are made in SQL.
    """
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(_insert_statement(type(rows[0]), **instead), [rows_as_json(rows)])
        ids = cursor.fetchall()
    for row, (row_id,) in zip(rows, ids, strict=True):
        row.pk = row_id
        row._state.adding, row._state.db = False, "default"


def rows_as_json(rows: Sequence[Model]) -> str:
    """Return new rows of one model as a JSON list, the parameter of `insert_select`.

    One parameter, so that one prepared statement serves any number of rows.
    """
    fields = _stored_fields(type(rows[0])) if rows else ()
    values = [{field.column: field.pre_save(row, add=True) for field in fields} for row in rows]
    return json.dumps(values, default=str, check_circular=False)  # rows hold no cycles


@cache
def _stored_fields(model: type[Model]) -> list[Any]:
    """Return the fields whose values the database does not make itself."""
    fields: Sequence[Any] = model._meta.concrete_fields
    return [
        field
        for field in fields
        if not (field.primary_key or field.generated or isinstance(field.db_default, Func))
    ]


@cache
def _insert_statement(model: type[Model], **instead: str) -> str:
    return f"{insert_select(model, '%s', **instead)} RETURNING id"


def insert_select(model: type[Model], rows: str, **instead: str) -> str:
    """Return the SQL that inserts the rows of a JSON list, given by its placeholder."""
    values = {str(field.column): str(field.column) for field in _stored_fields(model)} | instead
    table = model._meta.db_table
    return (
        f"INSERT INTO {table} ({', '.join(values)}) SELECT {', '.join(values.values())} "  # noqa: S608 - names of our own models
        f"FROM jsonb_populate_recordset(NULL::{table}, {rows}::jsonb)"
    )


def with_constants(sql: str, parameters: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
    """Write the texts among the parameters into a statement: names of ours, as of statuses and roles.

    Without knowing a status, PostgreSQL can't use its partial index in a plan for all parameters,
    and so plans anew each time, which can take longer than the rest.
    """
    written, *others = sql.split("%s")
    left = []
    for value, following in zip(parameters, others, strict=True):
        is_text = isinstance(value, str)
        written += Literal(str(value)).as_string().replace("%", "%%") if is_text else "%s"
        written += following
        left += [] if is_text else [value]
    return written, tuple(left)
