"""The `Idempotency-Key` of each operation that takes a POST (`docs/programs.md`, "Repeated requests")."""

from __future__ import annotations

import json

from django.db import transaction

from workflow_ops.tests.api.each_operation import DONE, EachOperationTestCase
from workflow_ops.tests.api.test_rights import read_table


class RepeatedTests(EachOperationTestCase):
    """What each operation did is undone before the next."""

    def test_a_key_is_for_one_content(self) -> None:
        table, posts = read_table(), [each for each in self.operations() if each[1] == "POST"]
        self.assertTrue(posts)
        for path, method, operation in posts:
            name = operation["operationId"]
            letter = min(table[name].may)
            request = self.request(path, method, operation, letter, self.people[letter])
            with self.subTest(name), transaction.atomic():
                first, again = (request.send(idempotency_key="k") for _each in range(2))
                self.assertIn(first.status_code, DONE, first.content)
                self.assertEqual(again.status_code, first.status_code, again.content)
                other = request.send(more=b" ", idempotency_key="k")
                self.assertEqual(other.status_code, 422, other.content)
                self.assertIn("This Idempotency-Key was used", json.loads(other.content)["detail"])
                transaction.set_rollback(True)
