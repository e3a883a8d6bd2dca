"""Errors of the database that say nothing about what it was asked to do, and will pass."""

from django.db import DatabaseError

_SQL_STATES = ("08", "40", "53", "55", "57")
"""Classes: connection, deadlock, resources, lock, shutdown."""


def is_passing(error: BaseException) -> bool:
    """Whether trying again later is all that is needed."""
    if not isinstance(error, DatabaseError):
        return False
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    return state.startswith(_SQL_STATES) if state else type(cause).__name__ == "OperationalError"
