"""The test database: made and migrated by the role that owns the tables, used as the site's role.

Used by both ways to run the tests: `conftest.py` for pytest, `tests.runner` for `manage.py test`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import ProgrammingError, connection
from django.db.backends.base.creation import TEST_DATABASE_PREFIX
from django.test.utils import setup_databases, teardown_databases
from psycopg.errors import InsufficientPrivilege
from psycopg.sql import SQL, Identifier

from ticketflower.tenancy.owner import database_owner
from users.tests.cases import make_everybody

_PATIENCE = 30  # seconds
_LOCK = 20_240_229  # any number, as long as it is always the same


@contextmanager
def migrated_database(*, keep: bool, as_template: bool = False) -> Iterator[None]:
    """Make the test database and migrate it; use it; drop it, unless it is to be kept."""
    if as_template:
        connection.settings_dict["TEST"]["NAME"] = _template()
    with database_owner():
        made = setup_databases(verbosity=0, interactive=False, keepdb=keep, serialized_aliases=[])
        connection.close()  # nobody may use a database that is copied
    try:
        yield
    finally:
        if not keep:
            with database_owner():
                teardown_databases(made, verbosity=0)


@contextmanager
def copied_database() -> Iterator[None]:
    """Copy the database that the process which began the tests has migrated; use it; drop it."""
    settings = connection.settings_dict
    original, template = settings["NAME"], _template()
    copy = settings["TEST"]["NAME"]  # pytest-django has put the worker's name into it
    _wait_for_template()
    drop = SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(copy))
    with database_owner():
        _drop(drop)
        _execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(copy), Identifier(template)))
        connection.close()
        settings["NAME"] = copy
    try:
        yield
    finally:
        with database_owner():
            connection.close()
            settings["NAME"] = original
            _drop(drop)


@contextmanager
def template_in_the_making() -> Iterator[None]:
    """Let `copied_database` in other processes wait for the end of this."""
    with _session() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        yield


def _wait_for_template() -> None:
    with _session() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s)", [_LOCK])


def _template() -> str:
    return f"{TEST_DATABASE_PREFIX}{connection.settings_dict['NAME']}_template"


@contextmanager
def _session() -> Iterator[Any]:
    """Open a session of its own in the maintenance database."""
    with connection._nodb_cursor() as cursor:
        yield cursor


def _execute(statement: Any) -> None:
    with _session() as cursor:
        cursor.execute(statement)


def _drop(statement: Any) -> None:
    """Drop a database; while autovacuum is at work there, whose process the role may not end, try again."""
    give_up = time.monotonic() + _PATIENCE
    while True:
        try:
            _execute(statement)
        except ProgrammingError as error:
            if not isinstance(error.__cause__, InsufficientPrivilege) or time.monotonic() > give_up:
                raise
            time.sleep(0.2)
        else:
            return


__all__ = ["copied_database", "make_everybody", "migrated_database", "template_in_the_making"]
