"""`kill -9` of workers while tasks become overdue (`docs/engine.md`, "Clock")."""

import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from bench.killed_workers import GIVE_UP_SECONDS, Workers, take_up_jobs
from tests.processes.cases import environment
from workflow_ops.jobs import enqueue_overdue_checks
from workflow_ops.models import TaskInstance, TimelineEvent, TimelineKind, WorkflowData, WorkflowWrite
from workflow_ops.tests.engine.due_cases import approval
from workflow_ops.tests.engine_cases import CommittedEngineTestCase, run_job

TICKETS = 30
KILLED_BEFORE_INSERT = {"workflow_ops_workflowwrite": 0, "workflow_ops_workflowdata": 1}
"""Workers are killed after they have marked a task, and after they have committed that with its write.

The number says how many tasks are overdue then.
"""
KILLED_AFTER = 12
"""At how many overdue tasks the workers are killed, wherever they are."""


@pytest.mark.slow
class KilledClockTests(CommittedEngineTestCase):
    """Many tasks become overdue at once, each of which the clock writes a field for."""

    def setUp(self) -> None:
        super().setUp()
        made = self.engine.load(approval())
        self.tickets = [self.engine.submit(made, a="x") for _number in range(TICKETS)]
        past = timezone.now() - timedelta(hours=1)
        self.engine.call(lambda: TaskInstance.objects.update(due_at=past))

    def overdue(self) -> int:
        """Return how many tasks are overdue."""
        found: int = self.engine.call(lambda: TaskInstance.objects.exclude(overdue_at=None).count())
        return found

    def wait_for(self, number: int) -> None:
        """Wait until so many tasks are overdue; take up the jobs of workers that were killed."""
        give_up = time.monotonic() + GIVE_UP_SECONDS
        while self.overdue() < number:
            self.assertLess(time.monotonic(), give_up, f"{self.overdue()} are overdue")
            take_up_jobs()
            time.sleep(0.005)

    def test_each_task_is_overdue_once(self) -> None:
        enqueue_overdue_checks(0)
        with Workers(environment()) as workers:
            for table, overdue in KILLED_BEFORE_INSERT.items():
                workers.kill_all_before_insert(table, meanwhile=take_up_jobs)
                self.assertEqual(self.overdue(), overdue)
                workers.fill_up()
            self.wait_for(KILLED_AFTER)
            workers.kill_all()
            self.assertLess(self.overdue(), TICKETS)
            workers.fill_up()
            self.wait_for(TICKETS)
        for ticket in self.tickets:
            run_job(ticket)  # as half a minute later
        with self.ours.scope(), transaction.atomic():
            recorded = TimelineEvent.objects.filter(kind=TimelineKind.OVERDUE).values_list(
                "ticket", flat=True
            )
            self.assertEqual(sorted(recorded), [ticket.pk for ticket in self.tickets])
            writes = WorkflowWrite.objects.values_list("workflow_instance", "source", "status")
            runs = [ticket.workflow_instance_id for ticket in self.tickets]
            expected = Counter((run, source, "APPLIED") for run in runs for source in ("ticket", "clock"))
            self.assertEqual(Counter(writes), expected)
            steps = WorkflowData.objects.filter(source="clock").values_list("workflow_instance", flat=True)
            self.assertEqual(sorted(steps), runs)
            tasks = TaskInstance.objects.values_list("workflow_instance", "task_definition__title")
            expected_tasks = Counter((run, title) for run in runs for title in ("Approve", "Escalate"))
            self.assertEqual(Counter(tasks), expected_tasks)
