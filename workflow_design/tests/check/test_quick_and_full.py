"""What the quick check says, the full one says too; and neither says what the other refutes."""

from typing import Final

from django.test import SimpleTestCase
from hypothesis import HealthCheck, given, settings

from workflow_design.check.check_file import Bounds, check_file
from workflow_design.check.findings import CheckReport
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.engine.plan import build_plan
from workflow_design.engine.replay import play
from workflow_design.tests.check.large_files import FAMILIES, reviewers
from workflow_design.tests.check.test_check_brute_force import files

QUICK: Final = Bounds(states=20, work=40_000, seconds=None)
FULL: Final = Bounds(states=300, work=300_000, seconds=None)


class QuickAndFullTests(SimpleTestCase):
    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(files())
    def test_random_files(self, file: WorkflowFile) -> None:
        self.assert_agree(file)

    def test_large_files(self) -> None:
        for name, (make, numbers) in FAMILIES.items():
            with self.subTest(name):
                self.assert_agree(make(numbers[0]))
        self.assert_agree(reviewers(6, is_planted=True))

    def assert_agree(self, file: WorkflowFile) -> None:
        quick, full = check_file(file, bounds=QUICK), check_file(file, bounds=FULL)
        self.assertLessEqual(self.places(quick), self.places(full))
        for one, other in ((quick, full), (full, quick)):
            self.assert_not_refuted(file, one, other)

    def places(self, report: CheckReport) -> set[tuple[str, str]]:
        return {
            (finding.code, place)
            for finding in report.findings
            for place in (finding.pointer, *finding.likewise)
        }

    def assert_not_refuted(self, file: WorkflowFile, claiming: CheckReport, other: CheckReport) -> None:
        """Nothing that happens in a counterexample never happens."""
        never = {finding.pointer for finding in claiming.findings if finding.code == "never-happens"}
        for finding in other.findings:
            steps = play(build_plan(file), finding.counterexample)
            for decision in (each for step in steps for each in step.decisions):
                happened = {f"/tasks/{file.tasks.index(start.task)}" for start in decision.starts}
                if decision.completion is not None:
                    happened.add(f"/completions/{file.completions.index(decision.completion)}")
                self.assertEqual(never & happened, set())
