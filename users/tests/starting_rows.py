"""Emptying the tables as their owner, and filling them again with rows that were there before."""

from functools import cache

from django.db import connection
from django.db.backends.base.creation import TEST_DATABASE_PREFIX
from psycopg import sql

from ticketflower.tenancy.owner import database_owner

# Made by migrations, so they outlive every test.
_LASTING = {
    "django_migrations",
    "django_content_type",
    "auth_group",
    "auth_permission",
    "auth_group_permissions",
}


def empty_tables() -> None:
    """Delete all rows but those that migrations made. The ids that were used are not used again.

    Raises RuntimeError, and deletes nothing, where the database is not a test's.
    """
    name = connection.settings_dict["NAME"]
    if not name.startswith(TEST_DATABASE_PREFIX):
        raise RuntimeError(f"{name} is not a test database, so it is not emptied")
    with database_owner():
        tables = [sql.Identifier(table) for table in _filled_tables()]
        if tables:
            _run(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(tables)))


def snapshot() -> sql.Composable:
    """Return the statements that fill empty tables with the rows that are there now."""
    statements: list[sql.Composable] = []
    with database_owner(), connection.cursor() as cursor:
        for table in _filled_tables():
            name = sql.Identifier(table)
            cursor.execute(sql.SQL("SELECT json_agg(t)::text FROM {} AS t").format(name))
            fill = sql.SQL("INSERT INTO {name} SELECT * FROM json_populate_recordset(NULL::{name}, {rows})")
            statements.append(fill.format(name=name, rows=cursor.fetchone()[0]))
    return sql.SQL(";").join(statements)


def restore(rows: sql.Composable) -> None:
    """Bring the tables back to what `snapshot` saw."""
    with database_owner():
        # For few rows, TRUNCATE takes five times as long: it makes new files for each table, for
        # all tables that refer to it, and for their indexes.
        delete = [sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in _filled_tables()]
        _run(sql.SQL("SET CONSTRAINTS ALL DEFERRED"), _ignore_triggers(), *delete, rows)


@cache
def _ignore_triggers() -> sql.Composable:
    # The audit events that the triggers would write are among the rows.
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(tgname, ',') FROM pg_trigger WHERE NOT tgisinternal")
        return sql.SQL("SET LOCAL pgtrigger.ignore = {}").format(f"{{{cursor.fetchone()[0]}}}")


def _filled_tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_question())
        return [table for (table,) in cursor.fetchall()]


@cache
def _question() -> sql.Composable:
    # Jobs are no tables of Django's: their models are unmanaged.
    jobs = {"procrastinate_jobs", "procrastinate_periodic_defers"}
    tables = jobs.union(connection.introspection.django_table_names(only_existing=True))
    return sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {} WHERE EXISTS (SELECT 1 FROM {})").format(table, sql.Identifier(table))
        for table in sorted(tables - _LASTING)
    )


def _run(*statements: sql.Composable) -> None:
    # Past Django, which prepares statements: several of them at once can't be.
    connection.ensure_connection()
    script = sql.SQL(";").join([sql.SQL("BEGIN"), *statements, sql.SQL("COMMIT")])
    connection.connection.execute(script, prepare=False)
