"""A database that refuses to store something, for tests that commit."""

from unittest import TestCase

from django.db import connection

from ticketflower.tenancy.owner import database_owner

_REFUSE = """
CREATE FUNCTION refuse_for_a_test() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{code}'; END $$;
CREATE TRIGGER refuse_for_a_test BEFORE {what} FOR EACH ROW EXECUTE FUNCTION refuse_for_a_test()
"""
PERMANENT_ERROR, TRANSIENT_ERROR = "23514", "55P03"  # a check that fails; a lock that is not to be had


class RefusingDatabase(TestCase):
    """`refuse()` until `allow()`."""

    def refuse(self, what: str, *, code: str) -> None:
        """Whatever does this, such as "INSERT ON table", fails with the code."""
        with database_owner(), connection.cursor() as cursor:
            cursor.execute(_REFUSE.format(what=what, code=code))
        self.addCleanup(self.allow)

    def allow(self) -> None:
        """Refuse nothing any more."""
        with database_owner(), connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION IF EXISTS refuse_for_a_test() CASCADE")
