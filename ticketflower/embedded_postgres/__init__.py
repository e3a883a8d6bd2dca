"""The database of those who configured none: a PostgreSQL server of our own in `var/postgres`.

It runs while anybody uses it. Every user holds a shared lock on the file `users`, which
the operating system takes back even from a process that was killed; whoever leaves and
then gets the lock for itself alone was the last, and stops the server. Joining and
leaving happen one at a time, under the lock `door`.

Production configures a database (DB_NAME), and none of this is even imported.
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
    """The embedded database cannot be used; the message says why, and what to do."""


FOLDER = environment.BASE_DIR / "var" / "postgres"


@contextmanager
def use_when_none_is_configured() -> Iterator[None]:
    """With no DB_NAME in the environment or `.env`: the embedded database, for as long as this lasts.

    Then the DB_… variables are set inside, so that child processes use the same database
    (and leave starting and stopping it to this one), and put back afterwards. Effects: may
    start the server, make its data, roles and database; stops it unless others use it.
    Raises EmbeddedPostgresError when it does not start.
    """
    environment.load_env_file()
    if environment.text("DB_NAME"):
        yield
        return
    with embedded_in(FOLDER).in_use() as variables, _set_in_environment(variables):
        yield


def stop_embedded() -> bool:
    """Stop the embedded server, whoever uses it, and clear away what a killed one left.

    True if one was running.
    """
    return FOLDER.exists() and embedded_in(FOLDER).stop()


def revive_embedded() -> bool:
    """Start the embedded server again if it died under its users; true if it had.

    Only for a process inside `use_when_none_is_configured`. Raises EmbeddedPostgresError.
    """
    return embedded_in(FOLDER).revive()


def embedded_in(folder: Path) -> "EmbeddedPostgres":
    """The server whose files lie in `folder`; nothing is made or started yet."""
    # Imported late: a site with a database of its own needs neither the code nor its packages.
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
