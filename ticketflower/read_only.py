"""Pages that promise to store nothing: the database holds them to it."""

from django.db import connection


def store_nothing() -> None:
    """From here to the end of its transaction, a request that tries to write fails. One statement.

    The session is saved after the view's transaction, so that whoever is logged in stays so.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
