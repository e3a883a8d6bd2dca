"""The privileges of the site's role on each table, granted after every migration."""

from collections.abc import Callable

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

EVERYTHING = ("SELECT", "INSERT", "UPDATE", "DELETE")
READ_ONLY = ("SELECT",)
NOTHING: tuple[str, ...] = ()
_MADE_BY_MIGRATIONS = {"auth", "contenttypes"}
"""Django apps with rows that all companies share: groups, permissions and content types."""


def site_privileges(model: type[models.Model]) -> tuple[str, ...]:
    """Return the privileges of the site's role on a model's table: all of them by default."""
    privileges: tuple[str, ...] = getattr(model, "site_privileges", EVERYTHING)
    return READ_ONLY if model._meta.app_label in _MADE_BY_MIGRATIONS else privileges


def grant_to_site(connection: BaseDatabaseWrapper) -> None:
    """Grant the site's role (DB_USER) what it needs, and revoke everything else.

    Run this as the owner. It also makes the triggers run as the owner, so that only they, and no statement of
    the site, can write to the audit log and to copies; their statements are planned once, for any values.
    """
    quote: Callable[[str], str] = connection.ops.quote_name
    site = quote(str(settings.DATABASE_SITE_USER))
    with connection.cursor() as cursor:
        for statement in (
            f"GRANT USAGE ON SCHEMA public TO {site}",
            f"GRANT {', '.join(EVERYTHING)} ON ALL TABLES IN SCHEMA public TO {site}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {site}",
            f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {site}",
        ):
            cursor.execute(statement)
        for model in apps.get_models(include_auto_created=True):
            revoked = [right for right in EVERYTHING if right not in site_privileges(model)]
            if revoked:
                cursor.execute(f"REVOKE {', '.join(revoked)} ON {quote(model._meta.db_table)} FROM {site}")
        _let_triggers_run_as_owner(cursor)


# The package lets any session disable its triggers. Here, only the owner's sessions can.
_ONLY_OWNER_SKIPS_TRIGGERS = """
CREATE OR REPLACE FUNCTION _pgtrigger_should_ignore(trigger_name name) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT session_user = current_user
        AND trigger_name = ANY (nullif(current_setting('pgtrigger.ignore', true), '')::text[])
$$
"""


def _let_triggers_run_as_owner(cursor: CursorWrapper) -> None:
    cursor.execute(_ONLY_OWNER_SKIPS_TRIGGERS)
    cursor.execute(
        "SELECT pg_proc.oid::regprocedure::text FROM pg_proc "
        "JOIN pg_namespace ON pg_namespace.oid = pronamespace "
        "WHERE nspname = 'public' AND starts_with(proname, 'pgtrigger_')"
    )
    for (function,) in cursor.fetchall():
        # With some statistics, PostgreSQL would plan the copies of a ticket anew for each change, which takes
        # longer than making them.
        cursor.execute(
            f"ALTER FUNCTION {function} SECURITY DEFINER SET search_path = public, pg_temp "
            "SET plan_cache_mode = force_generic_plan"
        )
