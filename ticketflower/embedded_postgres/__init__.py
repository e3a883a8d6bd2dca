"""An embedded PostgreSQL server in `var/postgres`, used if no database is configured.

The server runs while at least one process uses it. Every user holds a shared lock on the file
`users`, which the operating system releases even if the process is killed. A process that leaves
and then gets the exclusive lock was the last user, and stops the server. The lock file `door`
ensures that only one process joins or leaves at a time.

A production site configures a database (DB_NAME) and does not import any of this.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ticketflower import environment

if TYPE_CHECKING:
    from ticketflower.embedded_postgres.server import EmbeddedPostgres


class EmbeddedPostgresError(RuntimeError):
    """The embedded database cannot be used; the message gives the reason and what to do about it."""


FOLDER = environment.BASE_DIR / "var" / "postgres"


@contextmanager
def use_when_none_is_configured() -> Iterator[None]:
    """Use the embedded database inside the `with` block, unless DB_NAME is set in the environment or `.env`.

    The DB_… variables are set inside the block, so that child processes use the same database and
    don't start or stop it themselves, and restored afterwards. Side effects: may create the data,
    roles and database and start the server; stops it unless others use it. Raise
    EmbeddedPostgresError if the server does not start.
    """
    environment.load_env_file()
    if environment.text("DB_NAME"):
        yield
        return
    with embedded_server(FOLDER).in_use() as variables, _set_in_environment(variables):
        yield


def stop_embedded() -> bool:
    """Stop the embedded server, even if it is in use, and remove leftovers of a killed one.

    Return whether one was running.
    """
    return FOLDER.exists() and embedded_server(FOLDER).stop()


def revive_embedded() -> bool:
    """Restart the embedded server if it died while in use; return whether it had.

    Call this only inside `use_when_none_is_configured`. Raise EmbeddedPostgresError if it does not
    start.
    """
    return embedded_server(FOLDER).revive()


def embedded_server(folder: Path) -> "EmbeddedPostgres":
    """Return the server whose files are in `folder`, without creating or starting anything."""
    # Imported here because a site with a configured database needs neither the code nor its packages.
    from ticketflower.embedded_postgres.server import EmbeddedPostgres

    return EmbeddedPostgres(folder)


@contextmanager
def _set_in_environment(variables: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
