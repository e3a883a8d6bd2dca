"""The database wrapper: sets the second wall as a transaction begins, and checks who connects."""

from selectors import EVENT_READ, DefaultSelector
from time import monotonic
from typing import Any, ClassVar

from django.db.backends.postgresql import base
from psycopg.pq import ConnStatus

from ticketflower.tenancy.context import NOBODY, WallError, acting, tell_database
from ticketflower.tenancy.owner import connects_as_owner
from ticketflower.tenancy.site_role import refuse_role_that_passes_the_wall


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own wrapper, and `dependable.md`, "Walls between companies"."""

    _roles_held_back: ClassVar[set[tuple[str, str]]] = set()

    trusted_seconds = 30.0
    """How long after it was last looked at a line is taken to hold if nothing speaks against it."""

    _is_connecting = False
    _looked_at = float("-inf")

    def connect(self) -> None:
        """As Django's, which asks the server for its version first: that concerns no company."""
        self._is_connecting, self._looked_at = True, monotonic()
        try:
            super().connect()
        finally:
            self._is_connecting = False

    def init_connection_state(self) -> None:
        """Once for each process, role and database: refuse a role that the wall does not hold."""
        super().init_connection_state()
        role = (str(self.settings_dict["USER"]), str(self.settings_dict["NAME"]))
        if not connects_as_owner() and role not in self._roles_held_back:
            refuse_role_that_passes_the_wall(self.connection)
            self._roles_held_back.add(role)

    def is_usable(self) -> bool:
        """Whether a connection that was kept still holds: asked of the line, not of the server.

        A server that goes away, or ends the session, says so on the line. Where nothing waits to be
        read, no statement is needed. What waits may be harmless, so then Django's own statement
        finds out; and so it does where the line rested longer than `trusted_seconds`: what lies
        between may have forgotten it, and says nothing before somebody speaks.
        """
        rested, self._looked_at = monotonic() - self._looked_at, monotonic()
        line = self.connection.pgconn if self.connection is not None else None
        if line is None or line.status != ConnStatus.OK:
            return False
        if rested > self.trusted_seconds:
            return super().is_usable()
        with DefaultSelector() as waiting:
            waiting.register(line.socket, EVENT_READ)
            return super().is_usable() if waiting.select(0) else True

    def set_autocommit(
        self, autocommit: bool, force_begin_transaction_with_broken_autocommit: bool = False
    ) -> None:
        """A transaction that begins in somebody's scope is told whose it is."""
        super().set_autocommit(autocommit, force_begin_transaction_with_broken_autocommit)
        if not autocommit and acting() != NOBODY:
            tell_database(self)

    def _cursor(self, name: str | None = None) -> Any:
        # Without a transaction the database was not told the company, and would show
        # nothing at all: better a clear error than an empty page.
        outside = not self._is_connecting and self.connection is not None and self.get_autocommit()
        if outside and acting() != NOBODY:
            raise WallError("a query in a company's scope needs a transaction around it")
        return super()._cursor(name)  # type: ignore[misc]  # Django's own, which the stubs leave out
