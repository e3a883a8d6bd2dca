"""The role that the site connects as must be one that row-level security holds back."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

_QUESTION = """
    SELECT current_user, rolsuper, rolbypassrls, EXISTS (
        SELECT 1 FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname = 'public' AND relkind IN ('r', 'p')
          AND pg_has_role(current_user, relowner, 'MEMBER'))
    FROM pg_roles WHERE rolname = current_user
"""


def refuse_role_that_passes_the_wall(connection: Any) -> None:
    """Raise ImproperlyConfigured if the psycopg `connection` could see past the policies.

    That is a superuser, a role with BYPASSRLS, or one that owns the tables (policies do
    not bind a table's owner) or is a member of the role that does.
    """
    with connection.cursor() as cursor:
        name, is_superuser, bypasses, owns_tables = cursor.execute(_QUESTION).fetchone()
    if not connection.autocommit:
        connection.commit()
    reasons = [
        reason
        for holds, reason in (
            (is_superuser, "is a superuser"),
            (bypasses, "has BYPASSRLS"),
            (owns_tables, "owns the tables, or is a member of the role that does"),
        )
        if holds
    ]
    if reasons:
        raise ImproperlyConfigured(
            f"The database role {name!r} {' and '.join(reasons)}, so nothing would keep the companies "
            "apart. Set DB_USER to a plain role and DB_OWNER_USER to the one that owns the tables "
            "(docs/operations.md, “The two database roles”)."
        )
