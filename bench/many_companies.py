"""More companies like the one of `bench.many_tickets`, whose rows lie between those of the others."""

from __future__ import annotations

from django.apps import apps
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Field, ForeignKey, GeneratedField, Model

_APART = 100_000
"""How far apart the ids of two companies' people, roles and workflows are."""

_GROWING = ("workflow_ops_", "users_auditevent")
"""Tables that grow each day: in a table of all companies, a company's rows lie apart."""

# Ids that are no foreign keys, since they outlive what they name.
_PLAIN_IDS = {
    "users_auditevent": {"person_id", "impersonator_id", "workflow_id"},
    "workflow_ops_opentask": {"assignee"},
}


def copy_company(companies: int) -> None:
    """Copy all rows of the only company, until there are so many; needs the role that owns the tables.

    Rows of tables that grow are stored in the order in which they would have been made: the first of each
    company, the second of each, and so on.
    """
    tables = [_table(model) for model in apps.get_models() if _belongs_to_companies(model)]
    with connection.cursor() as cursor:
        for name, _columns, _values in tables:
            cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
    # Rows may name others that come later.
    with transaction.atomic(), connection.cursor() as cursor:
        for name, columns, values in tables:
            _copy(cursor, companies, name, columns, values)


def _copy(cursor: CursorWrapper, companies: int, name: str, columns: str, values: str) -> None:
    cursor.execute(f"CREATE TEMPORARY TABLE rows_to_copy AS TABLE {name}")
    if name.startswith(_GROWING):
        # The first company's rows get places between the others', too.
        cursor.execute(f"TRUNCATE {name}")
    cursor.execute(
        f"INSERT INTO {name} ({columns}) SELECT {values}"  # noqa: S608 - our own names
        " FROM rows_to_copy AS one, generate_series(%(first)s, %(companies)s - 1) AS copy(place)"
        " ORDER BY one.id, copy.place",
        {"first": 0 if name.startswith(_GROWING) else 1, "companies": companies, "apart": _APART},
    )
    cursor.execute("DROP TABLE rows_to_copy")


def _belongs_to_companies(model: type[Model]) -> bool:
    names = {field.name for field in model._meta.concrete_fields}
    return model._meta.db_table == "users_company" or {"company", "id"} <= names


def _table(model: type[Model]) -> tuple[str, str, str]:
    """Return a table's name, its columns, and their values in a copy."""
    name = model._meta.db_table
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, GeneratedField)]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    return name, columns, ", ".join(_value(name, field) for field in fields)


def _moved(table: str, column: str) -> str:
    """Return the id that a row of the table gets in the company at a place."""
    if table.startswith(_GROWING):
        return f"{column} * %(companies)s + copy.place"
    return f"{column} + copy.place * %(apart)s"


def _value(table: str, field: Field) -> str:  # type: ignore[type-arg]
    column = f'one."{field.column}"'
    if field.primary_key:
        return _moved(table, column)
    if isinstance(field, ForeignKey) and field.remote_field.model._meta.db_table != "auth_group":
        return _moved(field.remote_field.model._meta.db_table, column)
    if field.column in _PLAIN_IDS.get(table, ()):
        return f"CASE {column} WHEN 0 THEN 0 ELSE {_moved('users_customuser', column)} END"
    if field.column == "email":
        return f"CASE copy.place WHEN 0 THEN '' ELSE copy.place || '-' END || {column}"
    return column
