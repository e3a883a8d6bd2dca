"""Read-only requests, enforced by the database."""

from django.db import connection


def forbid_writes() -> None:
    """Make the current transaction read-only, so that any later write fails. Runs one statement.

    The session is saved after the view's transaction, so users stay logged in.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
