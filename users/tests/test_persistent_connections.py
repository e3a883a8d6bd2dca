"""A persistent connection is reused only while it is alive, and how it reads times."""

from datetime import UTC, datetime

import psycopg
from django.db import connection
from psycopg.pq import Format

from users.tests.cases import CommittedTestCase
from users.tests.queries import at_most_queries


class PersistentConnectionTests(CommittedTestCase):
    """The check takes no statement, and notices messages of the server."""

    def setUp(self) -> None:
        super().setUp()
        connection.ensure_connection()
        self.addCleanup(connection.close)

    def _from_outside(self, statement: str) -> None:
        """Run a statement in another session of the same role and wait for it."""
        with psycopg.connect(**connection.get_connection_params()) as other:
            other.execute(statement.encode(), [self._number()]).fetchall()

    def _number(self) -> int:
        assert connection.connection is not None
        number: int = connection.connection.info.backend_pid
        return number

    def test_live_connection_is_usable_without_a_statement(self) -> None:
        with at_most_queries(0):
            self.assertTrue(connection.is_usable())

    def test_connection_ended_by_the_server_is_not_usable(self) -> None:
        self._from_outside("SELECT pg_terminate_backend(%s, 10000)")
        self.assertFalse(connection.is_usable())

    def test_closed_connection_is_not_usable(self) -> None:
        assert connection.connection is not None
        connection.connection.close()
        self.assertFalse(connection.is_usable())

    def test_with_a_pending_message_is_usable(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("LISTEN news")
        with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
            other.execute("NOTIFY news")
        self.assertTrue(connection.is_usable())

    def test_times_are_read_in_utc_by_the_loader_of_psycopg(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT '2026-11-29 23:30:00.5+01'::timestamptz")
            self.assertEqual(cursor.fetchone(), (datetime(2026, 11, 29, 22, 30, 0, 500000, UTC),))
            oid = psycopg.adapters.types["timestamptz"].oid
            loader, their_own = (
                adapters.get_loader(oid, Format.TEXT) for adapters in (cursor.adapters, psycopg.adapters)
            )
            assert loader is not None
            assert their_own is not None
            self.assertIs(type(loader(oid)), their_own)
            assert connection.connection is not None
            self.assertIs(loader, connection.connection.adapters.get_loader(oid, Format.TEXT))
