"""Requests made of the OpenAPI document: no server error, and no answer other than it says."""

from __future__ import annotations

from bench.api_fuzz import fuzz_as_people
from workflow_ops.tests.api.each_operation import EachOperationTestCase

EXAMPLES = 10


class FuzzTests(EachOperationTestCase):
    maxDiff = None

    def test_the_document_holds(self) -> None:
        fuzz, names = fuzz_as_people(self.world, dict(self.people))
        self.assertEqual("\n".join(fuzz.run(EXAMPLES)), "")
        self.assertEqual(fuzz.never_done(names), [])
        # Most requests name rows that there are, so that more is tried than refusals.
        statuses = fuzz.count_statuses()
        self.assertGreater(sum(count for status, count in statuses.items() if status < 300), 250)
        self.assertGreater(statuses[422], 100)
        self.assertGreater(fuzz.broken, 150)
