"""Connections as the role that owns the tables: for migrations only, never during a request."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

_depth = 0


def connects_as_owner() -> bool:
    """Return whether new connections of this process are currently those of the owner."""
    return _depth > 0


@contextmanager
def database_owner() -> Iterator[None]:
    """Use the owner's role (DB_OWNER_USER) for the default connection inside the `with` block.

    The connection is closed and reopened. Raise ImproperlyConfigured if no owner is configured.
    """
    global _depth  # noqa: PLW0603 - a process has one default connection, so one depth
    owner = settings.DATABASE_OWNER
    if not owner["USER"]:
        raise ImproperlyConfigured(
            "Set DB_OWNER_USER and DB_OWNER_PASSWORD: changing the tables needs the role that owns them."
        )
    site = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD")}
    _depth += 1
    _reconnect(owner)
    try:
        yield
    finally:
        _depth -= 1
        _reconnect(site)


def _reconnect(role: dict[str, str]) -> None:
    if connection.settings_dict["USER"] != role["USER"]:
        connection.close()
        connection.settings_dict.update(role)
