"""The users of the embedded server, which decide when it starts and stops (see the package)."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import fasteners
import psycopg

from ticketflower.embedded_postgres import EmbeddedPostgresError, process
from ticketflower.embedded_postgres.roles import (
    DATABASE,
    OWNER,
    SITE,
    SUPERUSER,
    Passwords,
    load_or_create_passwords,
    make_roles_and_database,
)

_LOCK_SECONDS = 180


class EmbeddedPostgres:
    """The embedded server whose files are in one folder."""

    def __init__(self, folder: Path) -> None:
        """Store the folder, which need not exist yet."""
        self._folder = folder.resolve()
        self._data = self._folder / "data"
        self._start_stop_lock = fasteners.InterProcessLock(self._folder / "door")
        self._usage_lock = fasteners.InterProcessReaderWriterLock(self._folder / "users")

    @contextmanager
    def in_use(self) -> Iterator[dict[str, str]]:
        """Start or join the server, yield the DB_… variables for it, and leave it at the end.

        The last user to leave stops the server. A process may do this only once at a time, because
        its locks don't distinguish two users within one process. Raise EmbeddedPostgresError if the
        server does not start.
        """
        process.program("postgres")  # fails early if PostgreSQL is not installed
        with ExitStack() as at_the_end:
            with self._start_stop_locked():
                self._usage_lock.acquire_read_lock()
                at_the_end.callback(self._leave)
                variables = self._ensure_running()
            yield variables

    def stop(self) -> bool:
        """Stop the server, even if it is in use; return whether it was running."""
        with self._start_stop_locked():
            return process.stop(self._data)

    def revive(self) -> bool:
        """Restart the server at the same address if it died while in use; return whether it had."""
        if process.postmaster(self._data) is not None:
            return False
        with self._start_stop_locked():
            # Checked again, because another process may have restarted it while we waited for the lock.
            if process.postmaster(self._data) is not None:
                return False
            process.start(self._data)
            return True

    @contextmanager
    def _start_stop_locked(self) -> Iterator[None]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            acquired = self._start_stop_lock.acquire(timeout=_LOCK_SECONDS)
        except PermissionError:
            raise EmbeddedPostgresError(
                f"{self._folder} belongs to another user: run this as that user, or remove the folder"
            ) from None
        if not acquired:
            raise EmbeddedPostgresError(
                f"another process has been starting or stopping {self._data} for too long"
            )
        try:
            yield
        finally:
            self._start_stop_lock.release()

    def _ensure_running(self) -> dict[str, str]:
        passwords = load_or_create_passwords(self._folder / "passwords.json")
        process.make_data(self._data, password=passwords.superuser)
        if process.postmaster(self._data) is None:
            process.start(self._data)
        host, port = process.wait_until_ready(self._data)
        with self._superuser(host, port, passwords.superuser) as connection:
            make_roles_and_database(connection, passwords)
        return _variables(host, port, passwords)

    def _superuser(self, host: str, port: str, password: str) -> psycopg.Connection:
        try:
            return psycopg.connect(
                host=host, port=port, user=SUPERUSER, password=password, dbname="postgres", autocommit=True
            )
        except psycopg.OperationalError as error:
            raise EmbeddedPostgresError(
                f"the embedded database refused the log-in: {error} (if its passwords.json was lost or "
                f"changed, you have to start over: stop it and remove {self._folder})"
            ) from error

    def _leave(self) -> None:
        with self._start_stop_locked():
            self._usage_lock.release_read_lock()
            # The exclusive lock is free only if nobody else uses the server.
            if self._usage_lock.acquire_write_lock(blocking=False):
                try:
                    process.stop(self._data)
                finally:
                    self._usage_lock.release_write_lock()


def _variables(host: str, port: str, passwords: Passwords) -> dict[str, str]:
    return {
        "DB_NAME": DATABASE,
        "DB_HOST": host,
        "DB_PORT": port,
        "DB_USER": SITE,
        "DB_PASSWORD": passwords.site,
        "DB_OWNER_USER": OWNER,
        "DB_OWNER_PASSWORD": passwords.owner,
    }
