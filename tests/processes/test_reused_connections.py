"""A line to the database that was kept: what is asked on it to see whether it still holds."""

from __future__ import annotations

from typing import ClassVar

from django.db import connection
from django.db.utils import ConnectionHandler

from tests.processes.wire import Tap
from ticketflower.tenancy.postgresql.base import DatabaseWrapper
from users.tests.cases import CommittedTestCase


class KeptLinesTests(CommittedTestCase):
    tap: ClassVar[Tap]

    @classmethod
    def setUpClass(cls) -> None:
        """A line of its own, with a tap on it."""
        super().setUpClass()
        cls.tap = cls.enterClassContext(Tap(connection.settings_dict))

    def setUp(self) -> None:
        super().setUp()
        self.tap.listen()
        settings = {**connection.settings_dict, "HOST": self.tap.folder, "PORT": ""}
        line = ConnectionHandler({"default": settings})["default"]
        assert isinstance(line, DatabaseWrapper)
        self.line = line
        self.line.ensure_connection()
        self.addCleanup(self.line.close)
        self.tap.listen()

    def test_one_in_use_is_asked_nothing(self) -> None:
        self.assertTrue(self.line.is_usable())
        self.assertEqual(self.tap.statements, [])

    def test_one_that_rested_is_asked(self) -> None:
        self.line.trusted_seconds = 0.0
        self.assertTrue(self.line.is_usable())
        self.assertEqual(self.tap.statements, ["SELECT 1"])

    def test_one_that_is_cut_off_without_a_word_is_noticed(self) -> None:
        """Nothing waits to be read, and nobody answers any more."""
        self.line.trusted_seconds = 0.0
        self.tap.forget()
        self.assertFalse(self.line.is_usable())
