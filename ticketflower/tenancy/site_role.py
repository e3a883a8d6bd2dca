"""A check that row-level security restricts the role of the site."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

_ROLE_QUERY = """
    SELECT current_user, rolsuper, rolbypassrls, EXISTS (
        SELECT 1 FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname = 'public' AND relkind IN ('r', 'p')
          AND pg_has_role(current_user, relowner, 'MEMBER'))
    FROM pg_roles WHERE rolname = current_user
"""


def refuse_role_bypassing_walls(connection: Any) -> None:
    """Raise ImproperlyConfigured if the role of the psycopg `connection` bypasses the policies.

    That is a superuser, a role with BYPASSRLS, or a role that owns the tables (policies don't apply
    to a table's owner) or is a member of the owning role.
    """
    with connection.cursor() as cursor:
        name, is_superuser, bypasses, owns_tables = cursor.execute(_ROLE_QUERY).fetchone()
    if not connection.autocommit:
        connection.commit()
    reasons = [
        reason
        for applies, reason in (
            (is_superuser, "is a superuser"),
            (bypasses, "has BYPASSRLS"),
            (owns_tables, "owns the tables, or is a member of the role that does"),
        )
        if applies
    ]
    if reasons:
        raise ImproperlyConfigured(
            f"The database role {name!r} {' and '.join(reasons)}, so nothing would separate the companies. "
            "Set DB_USER to a plain role and DB_OWNER_USER to the one that owns the tables "
            "(docs/operations.md, “The two database roles”)."
        )
