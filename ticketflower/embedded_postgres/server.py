"""Who uses the embedded server, and so when it starts and stops (see the package)."""

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
    kept_passwords,
    make_roles_and_database,
)

_DOOR_SECONDS = 180


class EmbeddedPostgres:
    """The embedded server whose files lie in one folder."""

    def __init__(self, folder: Path) -> None:
        """Only remembers the folder, which need not exist yet."""
        self._folder = folder.resolve()
        self._data = self._folder / "data"
        self._door = fasteners.InterProcessLock(self._folder / "door")
        self._users = fasteners.InterProcessReaderWriterLock(self._folder / "users")

    @contextmanager
    def in_use(self) -> Iterator[dict[str, str]]:
        """Start or join the server, leave it at the end; gives the DB_… variables to use it with.

        Once at a time in a process: its locks do not tell two users in one process apart.
        The last to leave stops the server. Raises EmbeddedPostgresError when it does not start.
        """
        process.program("postgres")  # if it is not installed, say so before anything else
        with ExitStack() as at_the_end:
            with self._door_held():
                self._users.acquire_read_lock()
                at_the_end.callback(self._leave)
                variables = self._running()
            yield variables

    def stop(self) -> bool:
        """Stop the server under all its users; True if it was running."""
        with self._door_held():
            return process.stop(self._data)

    def revive(self) -> bool:
        """Start the server again, at the same address, if it died under its users; true if it had."""
        if process.postmaster(self._data) is not None:
            return False
        with self._door_held():
            if process.postmaster(self._data) is not None:
                return False
            process.start(self._data)
            return True

    @contextmanager
    def _door_held(self) -> Iterator[None]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            held = self._door.acquire(timeout=_DOOR_SECONDS)
        except PermissionError:
            raise EmbeddedPostgresError(
                f"{self._folder} belongs to another user: run this as that user, or remove the folder"
            ) from None
        if not held:
            raise EmbeddedPostgresError(
                f"another process has been starting or stopping {self._data} for too long"
            )
        try:
            yield
        finally:
            self._door.release()

    def _running(self) -> dict[str, str]:
        passwords = kept_passwords(self._folder / "passwords.json")
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
                f"the embedded database refuses us: {error} (if its passwords.json was lost or changed, "
                f"only a new beginning helps: stop it and remove {self._folder})"
            ) from error

    def _leave(self) -> None:
        with self._door_held():
            self._users.release_read_lock()
            if self._users.acquire_write_lock(blocking=False):
                try:
                    process.stop(self._data)
                finally:
                    self._users.release_write_lock()


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
