"""`kill -9` of workers while they call other systems (`docs/engine.md`, "Actions")."""

import pytest

from bench.kills import KilledCallers
from tests.processes.cases import environment
from users.tests.cases import CommittedTestCase

KILLS = 3


@pytest.mark.slow
class KilledWorkersTests(CommittedTestCase):
    def test_each_action_has_its_effect_once(self) -> None:
        """`dev.py bench kills` does the same with 50 kills and 200 actions."""
        outcome = KilledCallers([self.ours, self.theirs], environment()).run(KILLS)
        self.assertEqual(outcome.wrong, [])
        self.assertEqual(outcome.actions, 4 * KILLS)
        self.assertGreater(outcome.calls, outcome.actions)
