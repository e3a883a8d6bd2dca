"""A database that refuses to store rows, for tests with real commits."""

from unittest import TestCase

from django.db import connection

from ticketflower.tenancy.owner import database_owner

_REFUSE = """
CREATE FUNCTION refuse_for_a_test() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{code}'; END $$;
CREATE TRIGGER refuse_for_a_test BEFORE {what} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse_for_a_test()
"""
PERMANENT_ERROR, TRANSIENT_ERROR = "23514", "55P03"  # a check that fails; a lock that is not available
DEADLOCK, SERIALIZATION_FAILURE = "40P01", "40001"


class RefusingDatabase(TestCase):
    """Tests in which the database refuses statements, from `refuse()` to `allow()`."""

    def refuse(self, what: str, *, code: str, when: str = "true") -> None:
        """Make statements such as "INSERT ON table" fail with this SQLSTATE, for rows with `when`."""
        with database_owner(), connection.cursor() as cursor:
            cursor.execute(_REFUSE.format(what=what, code=code, when=when))
        self.addCleanup(self.allow)

    def allow(self) -> None:
        """Let all statements succeed again."""
        with database_owner(), connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION IF EXISTS refuse_for_a_test() CASCADE")
