"""Connecting as the role that owns the tables: for migrations, and for nothing in a request."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

_depth = 0


def connects_as_owner() -> bool:
    """Whether new connections of this process are the owner's just now."""
    return _depth > 0


@contextmanager
def database_owner() -> Iterator[None]:
    """Inside, the default connection is the owner's (DB_OWNER_USER); the old one is closed.

    Raises ImproperlyConfigured where no owner is configured.
    """
    global _depth  # noqa: PLW0603 - one default connection a process, so one depth
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
