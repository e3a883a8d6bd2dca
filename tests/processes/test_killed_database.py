"""`kill -9` of the database server under load (`docs/security.md`, "Attacks tried")."""

import unittest

import pytest

from bench.killed_database import kill_under_load

KILLS = 2


@pytest.mark.slow
class KilledDatabaseTests(unittest.TestCase):
    def test_no_acknowledged_ticket_is_lost_and_no_number_is_given_twice(self) -> None:
        outcome = kill_under_load(KILLS)
        self.assertGreater(len(outcome.acknowledged), KILLS * 20)
        self.assertEqual(outcome.lost, [])
        self.assertEqual(outcome.given_twice, 0)
