"""`kill -9` of workers while they make notifications (`docs/speed.md`, "Notifications")."""

import pytest

from bench.notifications import KilledReaders
from tests.processes.cases import environment
from users.tests.cases import CommittedTestCase

KILLS = 3


@pytest.mark.slow
class KilledReadersTests(CommittedTestCase):
    def test_each_person_is_told_of_each_event_once(self) -> None:
        """`dev.py bench notifications` does the same with 50 kills in four companies."""
        outcome = KilledReaders([self.ours, self.theirs], environment()).run(KILLS)
        self.assertEqual((outcome.missing, outcome.doubled, outcome.wrong), (0, 0, []))
        self.assertEqual(outcome.before_commit, 2)
        self.assertEqual(outcome.notifications, 3 * outcome.events)
        self.assertGreater(outcome.events, 10)
