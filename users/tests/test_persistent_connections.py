"""A connection that was kept is used only while it holds."""

import psycopg
from django.db import connection

from users.tests.cases import CommittedTestCase


class KeptConnectionTests(CommittedTestCase):
    """The look at it costs no statement, and sees what the server has said."""

    def setUp(self) -> None:
        super().setUp()
        connection.ensure_connection()
        self.addCleanup(connection.close)

    def _from_outside(self, statement: str) -> None:
        """Another session of the same role does it, and it is done when this returns."""
        with psycopg.connect(**connection.get_connection_params()) as other:
            other.execute(statement.encode(), [self._number()]).fetchall()

    def _number(self) -> int:
        assert connection.connection is not None
        number: int = connection.connection.info.backend_pid
        return number

    def test_one_that_holds_is_usable_without_a_statement(self) -> None:
        with self.assertNumQueries(0):
            self.assertTrue(connection.is_usable())

    def test_one_that_the_server_has_ended_is_not(self) -> None:
        self._from_outside("SELECT pg_terminate_backend(%s, 10000)")
        self.assertFalse(connection.is_usable())

    def test_one_that_was_closed_is_not(self) -> None:
        assert connection.connection is not None
        connection.connection.close()
        self.assertFalse(connection.is_usable())

    def test_one_that_brings_news_is(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("LISTEN news")
        with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
            other.execute("NOTIFY news")
        self.assertTrue(connection.is_usable())
