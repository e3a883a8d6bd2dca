"""The comparison of a report of the check with what brute force found, for tests."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from django.test import SimpleTestCase

from workflow_design.check.check_file import Bounds, explore
from workflow_design.check.findings import CheckReport, Finding, Severity
from workflow_design.definition.schema import parse_fields
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.engine.plan import build_plan
from workflow_design.engine.replay import play
from workflow_design.tests.check.brute_force import Definition, Found

UNBOUNDED: Final = Bounds(states=50_000, seconds=None)


def first_of_equals(file: WorkflowFile) -> dict[Definition, Definition]:
    """Return for each task the first equal one, because their order makes no difference."""
    firsts: dict[str, str] = {}
    return {
        (kind, task.title): (kind, firsts.setdefault(repr(replace(task, title="")), task.title))
        for task in file.tasks
        for kind in ("task", "transform")
    }


def merged(found: Mapping[Definition, int], firsts: Mapping[Definition, Definition]) -> dict[Definition, int]:
    """Return the shortest path for each first task."""
    lengths: dict[Definition, int] = {}
    for definition, length in found.items():
        first = firsts.get(definition, definition)
        lengths[first] = min(length, lengths.get(first, length))
    return lengths


class AgreementTestCase(SimpleTestCase):
    """A test case that compares both."""

    def assert_explored(
        self, file: WorkflowFile, expected: Found, *, bounds: Bounds = UNBOUNDED
    ) -> CheckReport:
        """Assert that the check finds what was expected, with true counterexamples, and return its report."""
        report = explore(file, parse_fields(file.fields_schema), bounds=bounds)
        self.assertTrue(report.is_complete)
        self.assert_same(file, report, expected)
        self.assert_counterexamples_do_what_they_claim(file, report)
        return report

    def assert_same(self, file: WorkflowFile, report: CheckReport, expected: Found) -> None:
        found = [each for each in report.findings if each.severity is not Severity.HINT]
        firsts = first_of_equals(file)
        self.assertEqual(self.stalls(file, found), expected.stalls)
        failures = self.lengths(file, found, "failing-condition")
        self.assertEqual(merged(failures, firsts), merged(expected.failures, firsts))
        stale = [each for each in found if each.code == "stale-answer"]
        again = [each for each in stale if "starts again" in each.message]
        waiting = [each for each in stale if each not in again]
        for those, theirs in ((waiting, expected.waiting_writers), (again, expected.started_again)):
            ours = self.lengths(file, those, "stale-answer")
            self.assertEqual(merged(ours, firsts), merged(theirs, firsts))
        self.assertEqual(self.lengths(file, found, "cancels-unfinished"), expected.cancels)
        early = self.lengths(file, found, "starts-too-early")
        self.assertEqual(merged(early, firsts), merged(expected.too_early, firsts))
        unassigned = self.lengths(file, found, "no-assignee")
        self.assertEqual(merged(unassigned, firsts), merged(expected.unassigned, firsts))
        never, not_seen = (set(self.lengths(file, found, code)) for code in ("never-happens", "not-seen"))
        self.assertEqual(never | not_seen, self.every(file) - expected.happened)
        self.assertTrue(not_seen == set() or not report.is_exact)
        self.assert_same_circles(found, expected)

    def assert_same_circles(self, found: list[Finding], expected: Found) -> None:
        # What was only not seen to end may be either.
        unseen = [each for each in found if each.code == "end-not-seen"]
        actions = [each for each in found if each.code == "action-circle"]
        self.assertEqual(bool(actions), expected.repeating_actions and (bool(actions) or not unseen))
        is_endless = any(each.severity is Severity.ERROR for each in actions)
        self.assertEqual(is_endless, expected.endless_actions and (is_endless or not unseen))
        circles = [len(each.counterexample) for each in found if each in unseen or each.code == "circle"]
        if expected.first_doomed is None:
            self.assertEqual(len(circles), len(unseen))
        elif not expected.endless_actions and (circles or expected.has_all_values):
            # Actions that never end are told as such. A higher or lower value than all others may lead out.
            self.assertEqual(min(circles), expected.first_doomed)

    def every(self, file: WorkflowFile) -> set[Definition]:
        """Return all tasks and completions."""
        tasks = {("task", task.title) for task in file.tasks}
        return tasks | {("completion", completion.title) for completion in file.completions}

    def stalls(self, file: WorkflowFile, found: list[Finding]) -> dict[frozenset[Definition], int]:
        """Return the length of the shortest path to a stall, by the triggered definitions."""
        lengths: dict[frozenset[Definition], int] = {}
        for finding in found:
            if finding.code == "stall":
                steps = play(build_plan(file), finding.counterexample)
                evaluations = frozenset(
                    (str(evaluation.kind), evaluation.title)
                    for evaluation in steps[-1].decisions[-1].evaluations
                )
                lengths[evaluations] = min(len(steps), lengths.get(evaluations, len(steps)))
        return lengths

    def lengths(self, file: WorkflowFile, found: list[Finding], code: str) -> dict[Definition, int]:
        """Return the length of the path to each finding with this code, by its subject."""
        lengths: dict[Definition, int] = {}
        for finding in found:
            if finding.code == code:
                about, length = self.about(file, finding), len(finding.counterexample)
                lengths[about] = min(length, lengths.get(about, length))
        return lengths

    def about(self, file: WorkflowFile, finding: Finding) -> Definition:
        """Return the definition at the pointer of a finding."""
        _empty, kind, number, *rest = finding.pointer.split("/")
        if kind == "tasks":
            return "transform" if rest and rest[0].endswith("_transform") else "task", file.tasks[
                int(number)
            ].title
        return "completion", file.completions[int(number)].title

    def assert_counterexamples_do_what_they_claim(self, file: WorkflowFile, report: CheckReport) -> None:
        for finding in report.findings:
            if not finding.counterexample:
                continue
            last = play(build_plan(file), finding.counterexample)[-1]
            if finding.code == "stall":
                self.assertTrue(last.state.has_stalled)
            elif finding.code == "failing-condition" and finding.pointer.endswith("/condition"):
                failed = {(str(each.kind), each.key) for one in last.decisions for each in one.failures}
                self.assertIn(self.about(file, finding), failed)
            elif finding.code == "cancels-unfinished":
                self.assertTrue(last.state.status.is_final)
            elif finding.code in ("circle", "action-circle"):
                self.assertTrue(last.state.unfinished or not last.state.status.is_final)
