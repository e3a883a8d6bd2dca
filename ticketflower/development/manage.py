"""`dev.py manage`: runs Django's management commands, also on a fresh machine."""

import os

import psycopg

from ticketflower import environment
from ticketflower.development.foreground import MANAGE, run_in_foreground
from ticketflower.embedded_postgres import use_when_none_is_configured


def manage(arguments: list[str]) -> int:
    """Run one management command and return its exit status.

    An empty embedded database is migrated first.
    """
    environment.load_env_file()
    embedded = not environment.text("DB_NAME")
    with use_when_none_is_configured():
        if embedded and _needs_tables(arguments) and _is_empty():
            status = run_in_foreground([*MANAGE, "migrate", "--verbosity=0"])
            if status:
                return status
        return run_in_foreground([*MANAGE, *arguments])


def _needs_tables(arguments: list[str]) -> bool:
    return (
        bool(arguments)
        and not arguments[0].startswith("-")
        and arguments[0] not in {"help", "migrate", "test"}
    )


def _is_empty() -> bool:
    """Return whether no migration was ever applied to the database named in the environment."""
    with psycopg.connect(
        host=os.environ["DB_HOST"],
        port=os.environ["DB_PORT"],
        dbname=os.environ["DB_NAME"],
        user=os.environ["DB_OWNER_USER"],
        password=os.environ["DB_OWNER_PASSWORD"],
    ) as connection:
        return connection.execute("SELECT to_regclass('public.django_migrations')").fetchone() == (None,)
