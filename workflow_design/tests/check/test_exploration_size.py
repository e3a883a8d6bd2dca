"""The cost of the exploration: exact numbers of states, and generous times."""

import time
import tracemalloc
from itertools import pairwise

from django.test import SimpleTestCase

from workflow_design.check.check_file import Bounds, check_file
from workflow_design.check.findings import CheckReport
from workflow_design.check.work import Branches
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.tests.check.large_files import (
    filled,
    follow_ups,
    loops,
    needs,
    parallel,
    review_loops,
    staged,
)


class SizeTests(SimpleTestCase):
    def checked(
        self, file: WorkflowFile, *, within: float, branches: Branches = Branches.WHERE_FEWER
    ) -> CheckReport:
        begun = time.process_time()
        report = check_file(file, bounds=Bounds(branches=branches))
        self.assertLess(time.process_time() - begun, within)
        return report

    def test_states_of_independent_branches_add_up(self) -> None:
        families = [(make.__name__, make, range(8, 15)) for make in (parallel, filled, needs, follow_ups)]
        for name, make, sizes in (*families, ("loops", review_loops, range(5, 11))):
            with self.subTest(name):
                reports = [self.checked(make(size), within=2) for size in sizes]  # measured: 0.03 s
                self.assertTrue(all(report.is_complete for report in reports))
                self.assert_linear([report.states for report in reports])
                self.assertLess(reports[-1].states, 100)
                codes = {finding.code for report in reports for finding in report.findings}
                self.assertEqual(codes, {"stall"} if name == "parallel" else set())

    def assert_linear(self, numbers: list[int]) -> None:
        """Assert that each number is larger by the same amount than the one before."""
        self.assertEqual(len({after - before for before, after in pairwise(numbers)}), 1, numbers)

    def test_branches_that_depend_on_each_other_multiply(self) -> None:
        report = self.checked(parallel(10), within=30, branches=Branches.NEVER)  # measured: about 1 s
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
        report = check_file(loops(9), bounds=Bounds(states=3_000, work=2_000_000, seconds=None))
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        self.assertFalse(report.is_complete)
        self.assertGreater(report.writes, 1)
        self.assertGreaterEqual(report.states, 3_000)  # not out of work
        self.assertLess(peak, 3_000 * 5_120)  # and so below 512 MB for 100,000 states
        self.assertNotIn("never-happens", [each.code for each in report.findings])

    def test_a_time_limit_ends_it(self) -> None:
        times = iter(range(0, 1_000_000, 100))
        report = check_file(parallel(10), now=lambda: float(next(times)))
        self.assertFalse(report.is_complete)
