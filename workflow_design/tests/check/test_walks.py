"""Random walks find what lies deeper than what can be explored."""

from dataclasses import replace

from django.test import SimpleTestCase

from workflow_design.check.check_file import QUICK, Bounds, check_file
from workflow_design.check.findings import CheckReport, Finding
from workflow_design.definition.workflow import CompletionFile, WorkflowFile
from workflow_design.engine.plan import build_plan
from workflow_design.engine.replay import play
from workflow_design.tests.check.large_files import (
    FAMILIES,
    TEXT,
    YES_NO,
    action,
    form,
    parallel,
    reviewers,
    workflow,
)

# So few states that only walks can reach an end.
SHALLOW = Bounds(states=20, work=1_000_000, seconds=None)


def stalls(report: CheckReport) -> list[Finding]:
    return [finding for finding in report.findings if finding.code == "stall"]


def failing(number: int) -> WorkflowFile:
    """Return parallel answers, then an action whose transform fails and a task whose condition fails."""
    names = [f"text_{each}" for each in range(number)]
    tasks = [form(f"Write {name}", ["start"], [name]) for name in names]
    filled = {"!": {"missing": names}}
    computed = {"-": [{"var": "workspace.text_0"}, 1]}
    call = replace(
        action("Call", names, ["called"]),
        condition=filled,
        output_transform={"called": {"!!": [computed]}},
    )
    tasks += [
        form("Compare", names, ["called"], {"and": [filled, {">": [{"-": [{"var": "text_1"}, 1]}, 0]}]}),
        call,
    ]
    end = CompletionFile(title="End", completion_status="COMPLETED", fields=("called",))
    return workflow({**dict.fromkeys(("start", *names), TEXT), "called": YES_NO}, tasks, end)


class WalkTests(SimpleTestCase):
    def test_reviewers_of_whom_nobody_is_heard_if_one_rejects(self) -> None:
        file = reviewers(8, is_planted=True)
        report = check_file(file, bounds=SHALLOW)
        self.assertFalse(report.is_complete)
        found = stalls(report)
        self.assertTrue(found)
        # The ticket and all eight answers; no round was necessary.
        self.assertEqual({len(each.counterexample) for each in found}, {9})
        self.assert_stall(file, found[0])

    def test_values_are_simple(self) -> None:
        """All answer yes, but one."""
        (found, *_others) = stalls(check_file(parallel(14), bounds=SHALLOW))
        answers = [value for move in found.counterexample[1:] for value in move.values.values()]
        self.assertEqual(len(answers), 14)
        self.assertEqual(answers.count(False), 1)

    def test_quick_ones_find_it_too(self) -> None:
        (found,) = stalls(check_file(parallel(14), bounds=QUICK))
        self.assert_stall(parallel(14), found)

    def test_all_who_lead_to_it_are_named(self) -> None:
        (found,) = stalls(check_file(parallel(14), bounds=SHALLOW))
        places = {f"/tasks/{place}" for place in range(14)}
        self.assertLessEqual({found.pointer, *found.likewise}, places)
        self.assertGreater(len(found.likewise), 5)

    def test_the_same_every_time(self) -> None:
        reports = [check_file(parallel(14), bounds=SHALLOW).as_json() for _time in range(2)]
        self.assertEqual(reports[0], reports[1])

    def test_nothing_is_claimed_about_all_paths(self) -> None:
        for name, (family, numbers) in FAMILIES.items():
            with self.subTest(name):
                report = check_file(family(numbers[0]), bounds=SHALLOW)
                found = {finding.code for finding in report.findings}
                claims = {"never-happens", "not-seen", "circle", "end-not-seen", "action-circle"}
                self.assertEqual(found & claims if not report.is_complete else set(), set())

    def test_failing_conditions_and_transforms(self) -> None:
        file = failing(6)
        found = [each for each in check_file(file, bounds=SHALLOW).findings if each.counterexample]
        places = {(each.code, each.pointer): len(each.counterexample) for each in found}
        self.assertEqual(places["failing-condition", "/tasks/6/condition"], 7)
        self.assertEqual(places["failing-condition", "/tasks/7/output_transform/called"], 7)

    def assert_stall(self, file: WorkflowFile, found: Finding) -> None:
        steps = play(build_plan(file), found.counterexample)
        self.assertTrue(steps[-1].state.has_stalled)
