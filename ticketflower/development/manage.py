"""`dev.py manage`: Django's commands, which work on a fresh machine, too."""

import os

import psycopg

from ticketflower import environment
from ticketflower.development.foreground import MANAGE, run_in_foreground
from ticketflower.embedded_postgres import use_when_none_is_configured


def manage(arguments: list[str]) -> int:
    """Run one management command; an embedded database that is still empty is migrated first."""
    environment.load_env_file()
    embedded = not environment.text("DB_NAME")
    with use_when_none_is_configured():
        if embedded and _needs_tables(arguments) and _is_empty():
            status = run_in_foreground([*MANAGE, "migrate", "--verbosity=0"])
            if status:
                return status
        return run_in_foreground([*MANAGE, *arguments])


def _needs_tables(arguments: list[str]) -> bool:
    return bool(arguments) and not arguments[0].startswith("-") and arguments[0] not in {"help", "migrate"}


def _is_empty() -> bool:
    """True if no migration was ever applied to the database that the environment names."""
    with psycopg.connect(
        host=os.environ["DB_HOST"],
        port=os.environ["DB_PORT"],
        dbname=os.environ["DB_NAME"],
        user=os.environ["DB_OWNER_USER"],
        password=os.environ["DB_OWNER_PASSWORD"],
    ) as connection:
        return connection.execute("SELECT to_regclass('public.django_migrations')").fetchone() == (None,)
