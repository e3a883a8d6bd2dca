"""`kill -9` of workers in the middle of a bulk action (`docs/access.md`, "Bulk actions")."""

from __future__ import annotations

import time
from uuid import uuid4

import pytest
from django.db import transaction

from bench.killed_workers import GIVE_UP_SECONDS, Workers, take_up_jobs
from tests.processes.cases import environment
from users.tests.cases import CommittedTestCase
from workflow_ops.desk.bulk.running import MOST_AT_ONCE, start_bulk_action
from workflow_ops.models import BulkAction, BulkOperation, BulkResult, TimelineEvent, TimelineKind
from workflow_ops.tests.desk.desk_cases import Vacations

ROWS = MOST_AT_ONCE + 10  # so that a second job goes on
KILLS_AT = (1, 20, 40)
"""At how many rows the workers are killed."""


@pytest.mark.slow
class KilledBulkActionTests(CommittedTestCase):
    def setUp(self) -> None:
        super().setUp()
        vacations = Vacations(self.ours)
        self.tickets = [vacations.submit().pk for _row in range(ROWS)]

    def bulk(self) -> BulkAction:
        with self.ours.scope(), transaction.atomic():
            return BulkAction.objects.get()

    def wait_for(self, position: int) -> None:
        """Wait until so many rows are dealt with; take up the jobs of workers that were killed."""
        give_up = time.monotonic() + GIVE_UP_SECONDS
        while self.bulk().position < position:
            self.assertLess(time.monotonic(), give_up, f"it stays at row {self.bulk().position}")
            take_up_jobs()
            time.sleep(0.005)

    def test_each_row_is_dealt_with_once(self) -> None:
        with self.ours.admin.scope(), transaction.atomic():
            start_bulk_action(
                BulkOperation.HOLD, self.tickets, by=self.ours.admin, form_token=uuid4(), reason="Stop"
            )
        with Workers(environment()) as workers:
            for position in KILLS_AT:
                self.wait_for(position)
                workers.kill_all()
                self.assertLess(self.bulk().position, ROWS)  # it was killed in the middle
                workers.fill_up()
            self.wait_for(ROWS)
        self.assertIsNotNone(self.bulk().ended_at)
        with self.ours.scope(), transaction.atomic():
            results = BulkResult.objects.order_by("position").values_list("position", "row_id", "outcome")
            expected = [(place, row, "DONE") for place, row in enumerate(self.tickets)]
            self.assertEqual(list(results), expected)
            held = TimelineEvent.objects.filter(kind=TimelineKind.HELD).values_list("ticket", flat=True)
            self.assertEqual(sorted(held), self.tickets)
