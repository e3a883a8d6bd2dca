"""The cost of the exploration: exact numbers of states, and generous times."""

import time
import tracemalloc

from django.test import SimpleTestCase

from workflow_design.check.check_file import Bounds, check_file
from workflow_design.check.findings import CheckReport
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.tests.check.large_files import loops, parallel, staged


class SizeTests(SimpleTestCase):
    def checked(self, file: WorkflowFile, *, within: float) -> CheckReport:
        begun = time.process_time()
        report = check_file(file)
        self.assertLess(time.process_time() - begun, within)
        return report

    def test_ten_parallel_answers_with_a_join(self) -> None:
        report = self.checked(parallel(10), within=30)  # measured: about 1 s
        self.assertTrue(report.is_complete)
        self.assertEqual(report.states, 2_046)
        self.assertIn("stall", [each.code for each in report.findings])

    def test_twenty_tasks_in_stages(self) -> None:
        file = staged(3, 3, 3, 3, 3)
        self.assertEqual(len(file.tasks), 20)
        report = self.checked(file, within=10)  # measured: 0.06 s
        self.assertTrue(report.is_complete)
        self.assertEqual(report.states, 70)

    def test_too_large_is_reported(self) -> None:
        tracemalloc.start()
        report = check_file(loops(9), bounds=Bounds(states=3_000, seconds=None))
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        self.assertFalse(report.is_complete)
        self.assertGreater(report.writes, 1)
        self.assertLess(peak, 3_000 * 5_000)  # and so below 512 MB for 100,000 states
        self.assertNotIn("never-happens", [each.code for each in report.findings])

    def test_a_time_limit_ends_it(self) -> None:
        times = iter(range(0, 1_000_000, 100))
        report = check_file(parallel(10), now=lambda: float(next(times)))
        self.assertFalse(report.is_complete)
