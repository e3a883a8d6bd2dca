"""The check of a reused database connection, and the statements that it takes."""

from __future__ import annotations

from typing import ClassVar

from django.db import connection
from django.db.utils import ConnectionHandler

from tests.processes.wire import Tap
from ticketflower.tenancy.postgresql.base import DatabaseWrapper
from users.tests.cases import CommittedTestCase


class ReusedConnectionTests(CommittedTestCase):
    tap: ClassVar[Tap]

    @classmethod
    def setUpClass(cls) -> None:
        """Create a proxy for a separate connection."""
        super().setUpClass()
        cls.tap = cls.enterClassContext(Tap(connection.settings_dict))

    def setUp(self) -> None:
        super().setUp()
        self.tap.listen()
        settings = {**connection.settings_dict, "HOST": self.tap.folder, "PORT": ""}
        wrapper = ConnectionHandler({"default": settings})["default"]
        assert isinstance(wrapper, DatabaseWrapper)
        self.wrapper = wrapper
        self.wrapper.ensure_connection()
        self.addCleanup(self.wrapper.close)
        self.tap.listen()

    def test_a_busy_connection_is_not_queried(self) -> None:
        self.assertTrue(self.wrapper.is_usable())
        self.assertEqual(self.tap.statements, [])

    def test_an_idle_connection_is_queried(self) -> None:
        self.wrapper.trusted_seconds = 0.0
        self.assertTrue(self.wrapper.is_usable())
        self.assertEqual(self.tap.statements, ["SELECT 1"])

    def test_a_silently_dropped_connection_is_noticed(self) -> None:
        """No data is waiting, and the server no longer responds."""
        self.wrapper.trusted_seconds = 0.0
        self.tap.drop_connections()
        self.assertFalse(self.wrapper.is_usable())
