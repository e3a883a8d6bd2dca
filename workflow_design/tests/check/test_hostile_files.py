"""Files that are made to be expensive: what a request spends on checking them is bounded."""

import json
import time

from django.test import SimpleTestCase

from workflow_design.check.check_file import QUICK, Bounds, check_file
from workflow_design.definition.file_json import parse_workflow_file
from workflow_design.tests.check.hostile_files import documents

SECONDS = 0.9
"""Three times what is allowed, because the machine may be slow or busy."""


class HostileFileTests(SimpleTestCase):
    def test_quick_check_is_bounded(self) -> None:
        for name, document in documents():
            with self.subTest(name):
                file = parse_workflow_file(json.dumps(document))
                began = time.process_time()
                report = check_file(file, problems=(), bounds=QUICK)
                self.assertLess(time.process_time() - began, SECONDS)
                self.assertEqual([each.code for each in report.errors], [])

    def test_work_is_counted_and_not_timed(self) -> None:
        """The same file ends the same way on every machine."""
        file = parse_workflow_file(json.dumps(dict(documents())["counting actions"]))
        bounds = Bounds(work=50_000, seconds=1e9)
        slow = iter(range(10**9))
        report = check_file(file, bounds=bounds, now=lambda: 1000.0 * next(slow))
        self.assertEqual(report, check_file(file, bounds=bounds))
        self.assertFalse(report.is_complete)
        self.assertGreater(report.states, 10)
