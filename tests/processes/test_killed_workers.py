"""`kill -9` of workers while they call other systems (`docs/engine.md`, "Actions")."""

import os

import pytest
from django.db import connection

from bench.kills import Kills
from users.tests.cases import CommittedTestCase

KILLS = 3


@pytest.mark.slow
class KilledWorkersTests(CommittedTestCase):
    def test_each_action_has_its_effect_once(self) -> None:
        """`dev.py bench kills` does the same with 50 kills and 200 actions."""
        database = connection.settings_dict
        env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.processes.settings",
            **{f"DB_{key}": str(database[key]) for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")},
        }
        outcome = Kills([self.ours, self.theirs], env).run(KILLS)
        self.assertEqual(outcome.wrong, [])
        self.assertEqual(outcome.actions, 4 * KILLS)
        self.assertGreater(outcome.calls, outcome.actions)
