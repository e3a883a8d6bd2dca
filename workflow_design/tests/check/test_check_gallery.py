"""The check of the gallery: no errors, no problems, no hints, and no delay."""

from django.test import SimpleTestCase

from workflow_design.check.check_file import Bounds, check_file
from workflow_design.check.findings import Severity
from workflow_design.engine.plan import build_plan
from workflow_design.engine.replay import play
from workflow_design.tests.gallery_files import NAMES, gallery_file, stalling_vacation


class GalleryTests(SimpleTestCase):
    def test_no_findings_but_notes(self) -> None:
        little = Bounds(work=40_000, seconds=None)  # counted, so that no load of the machine matters
        for name in NAMES:
            with self.subTest(name):
                report = check_file(gallery_file(name), bounds=little)
                self.assertTrue(report.is_complete)
                self.assertEqual([each for each in report.findings if each.severity != Severity.NOTE], [])

    def test_vacation_that_stalls(self) -> None:
        """The example of `docs/engine.md` has one completion less."""
        file = stalling_vacation()
        (finding,) = check_file(file).findings
        self.assertEqual((finding.code, finding.pointer), ("stall", "/tasks/2"))
        self.assertIn("“Book it” is completed and the field “Booked” is no", finding.message)
        titles = [move.title for move in finding.counterexample]
        self.assertEqual(titles, ["Vacation request", "Decide", "Book it"])
        self.assertTrue(play(build_plan(file), finding.counterexample)[-1].state.has_stalled)
