"""The check of the gallery: no errors, no findings that the descriptions do not mention, and no delay."""

import time
from typing import Final

from django.test import SimpleTestCase

from workflow_design.check.check_file import check_file
from workflow_design.check.findings import Finding, Severity
from workflow_design.engine.plan import build_plan
from workflow_design.engine.replay import play
from workflow_design.tests.gallery_files import NAMES, gallery_file

EXPLAINED: Final = {"vacation_request": ["stall"]}
"""What its description says."""


class GalleryTests(SimpleTestCase):
    def test_only_findings_that_the_descriptions_mention(self) -> None:
        for name in NAMES:
            with self.subTest(name):
                report = check_file(gallery_file(name))
                self.assertTrue(report.is_complete)
                found = [finding.code for finding in report.findings if finding.severity != Severity.NOTE]
                self.assertEqual(found, EXPLAINED.get(name, []))

    def test_the_one_thing_in_the_vacation_request(self) -> None:
        (finding,) = check_file(gallery_file("vacation_request")).findings
        self.assertEqual((finding.code, finding.pointer), ("stall", "/tasks/2"))
        self.assertIn("“Book it” answers Booked no", finding.message)
        titles = [move.title for move in finding.counterexample]
        self.assertEqual(titles, ["Vacation request", "Decide", "Book it"])
        self.assertTrue(self.played("vacation_request", finding))

    def played(self, name: str, finding: Finding) -> bool:
        return play(build_plan(gallery_file(name)), finding.counterexample)[-1].state.has_stalled

    def test_is_fast(self) -> None:
        for name in NAMES:
            file = gallery_file(name)
            begun = time.process_time()  # whatever else the machine does
            check_file(file)
            self.assertLess(time.process_time() - begun, 0.1, name)
