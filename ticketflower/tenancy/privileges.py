"""What the site's role may do with each table: said once, applied after every migration."""

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

EVERYTHING = ("SELECT", "INSERT", "UPDATE", "DELETE")
READ_ONLY = ("SELECT",)
NOTHING: tuple[str, ...] = ()


def site_privileges(model: type[models.Model]) -> tuple[str, ...]:
    """A model that says nothing is open for reading and writing, within its policies."""
    privileges: tuple[str, ...] = getattr(model, "site_privileges", EVERYTHING)
    return privileges


def grant_to_site(connection: BaseDatabaseWrapper) -> None:
    """Give the site's role (DB_USER) what it needs and take what it must not have.

    Run as the owner. Also makes the audit triggers run as the owner, so that they, and
    nothing that the site could send, write the audit log.
    """
    site = sql.Identifier(settings.DATABASE_SITE_USER)
    with connection.cursor() as cursor:
        for statement in (
            "GRANT USAGE ON SCHEMA public TO {site}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {site}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {site}",
            "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {site}",
        ):
            cursor.execute(sql.SQL(statement).format(site=site).as_string(connection.connection))
        for model in apps.get_models(include_auto_created=True):
            _narrow(cursor, model, site, connection)
        _let_audit_triggers_run_as_owner(cursor)


def _narrow(cursor: object, model: type[models.Model], site: sql.Identifier, connection: object) -> None:
    taken = [right for right in EVERYTHING if right not in site_privileges(model)]
    if taken:
        statement = sql.SQL("REVOKE {rights} ON {table} FROM {site}").format(
            rights=sql.SQL(", ".join(taken)),
            table=sql.Identifier(model._meta.db_table),
            site=site,
        )
        cursor.execute(statement.as_string(connection.connection))  # type: ignore[attr-defined]


def _let_audit_triggers_run_as_owner(cursor: object) -> None:
    cursor.execute(  # type: ignore[attr-defined]
        "SELECT pg_proc.oid::regprocedure::text FROM pg_proc "
        "JOIN pg_namespace ON pg_namespace.oid = pronamespace "
        "WHERE nspname = 'public' AND starts_with(proname, 'pgtrigger_') AND NOT prosecdef"
    )
    for (function,) in cursor.fetchall():  # type: ignore[attr-defined]
        cursor.execute(  # type: ignore[attr-defined]
            f"ALTER FUNCTION {function} SECURITY DEFINER SET search_path = public, pg_temp"
        )
