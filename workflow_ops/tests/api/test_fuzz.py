"""Requests made of the OpenAPI document: no server error, and no answer other than it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from bench.api_fuzz import fuzz
from users.tests.cases import CompanyTestCase
from workflow_ops.tests.api.cases import make_secret
from workflow_ops.tests.api.world import World

EXAMPLES = 10


class FuzzTests(CompanyTestCase):
    def _commit(self, function: Callable[[], Any]) -> Any:
        with self.captureOnCommitCallbacks(execute=True):
            return function()

    def test_the_document_holds(self) -> None:
        world, statuses = World(self.ours, self._commit), Counter[int]()
        wrong = list(fuzz(world, make_secret(self.ours.admin), examples=EXAMPLES, statuses=statuses))
        self.assertEqual("\n".join(wrong), "")
        # Most requests name rows that there are, so that more is tried than refusals.
        self.assertGreater(sum(count for status, count in statuses.items() if status < 300), 250)
        self.assertGreater(statuses[422], 30)
