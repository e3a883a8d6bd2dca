"""The database wrapper, which sets the second wall in every transaction and checks the site's role."""

from datetime import UTC
from selectors import EVENT_READ, DefaultSelector
from time import monotonic
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base
from psycopg import adapters
from psycopg.pq import ConnStatus
from psycopg.types.datetime import TimestamptzLoader

from ticketflower.tenancy.context import NOBODY, WallError, current_actor, set_database_actor
from ticketflower.tenancy.owner import connects_as_owner

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


class _UtcLoader(TimestamptzLoader):
    """A factory for psycopg's loader of times, which is written in C and can't be subclassed.

    Django's loader is written in Python and takes ten times as long. Django reads the time zone of a
    connection's loader, and copies all adapters for each cursor if it differs from Django's own.
    """

    timezone = UTC

    def __new__(cls, oid: int, context: Any = None) -> Any:
        """Return psycopg's default loader on this machine."""
        return adapters.get_loader(oid, cls.format)(oid, context)  # type: ignore[misc]  # psycopg always has one


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper, extended for `docs/walls.md`."""

    trusted_seconds = 30.0
    """How long an idle connection is assumed to be alive if no data is waiting on it."""

    in_view_for_session = False
    """Whether the settings of the second wall are set for the whole session, not for each transaction."""

    _is_connecting = False
    _last_checked_at = float("-inf")

    def connect(self) -> None:
        """Connect like Django, which first queries the server's version outside any transaction."""
        self._is_connecting, self._last_checked_at = True, monotonic()
        try:
            super().connect()
        except BaseException:
            self.close()  # otherwise, the next query would use the refused connection
            raise
        finally:
            self._is_connecting = False

    def init_connection_state(self) -> None:
        """Register the loader of times, and refuse roles that bypass row-level security."""
        super().init_connection_state()
        if self.timezone == UTC:  # as all our sessions are
            self.connection.adapters.register_loader("timestamptz", _UtcLoader)
        if not connects_as_owner():
            refuse_role_bypassing_walls(self.connection)

    def is_usable(self) -> bool:
        """Return whether a reused connection still works, usually without a statement.

        A server that shuts down or ends the session sends a message, so if no data is waiting on
        the socket, the connection is alive. Waiting data may also be harmless, so then Django's
        statement decides. It also decides if the connection was idle for longer than
        `trusted_seconds`, because network devices may have dropped it silently.
        """
        idle_seconds, self._last_checked_at = monotonic() - self._last_checked_at, monotonic()
        pgconn = self.connection.pgconn if self.connection is not None else None
        if pgconn is None or pgconn.status != ConnStatus.OK:
            return False
        if idle_seconds > self.trusted_seconds:
            return super().is_usable()
        with DefaultSelector() as selector:
            selector.register(pgconn.socket, EVENT_READ)
            return super().is_usable() if selector.select(0) else True

    def set_autocommit(
        self, autocommit: bool, force_begin_transaction_with_broken_autocommit: bool = False
    ) -> None:
        """Set the actor when a transaction starts inside a scope."""
        super().set_autocommit(autocommit, force_begin_transaction_with_broken_autocommit)
        if not autocommit and current_actor() != NOBODY:
            set_database_actor(self)

    def _cursor(self, name: str | None = None) -> Any:
        # Without a transaction, the company is not set and the database would return no rows.
        # A clear error is better than an empty page.
        in_autocommit = not self._is_connecting and self.connection is not None and self.get_autocommit()
        if in_autocommit and current_actor() != NOBODY and not self.in_view_for_session:
            raise WallError("a query in a company's scope needs a transaction around it")
        return super()._cursor(name)  # type: ignore[misc]  # missing from the stubs
