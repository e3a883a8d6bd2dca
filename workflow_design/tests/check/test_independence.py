"""Tests that exploring independent branches one by one finds the same as exploring all orders."""

import os
from collections import Counter
from dataclasses import replace
from typing import Any, Final

from workflow_design.check.check_file import Bounds, explore
from workflow_design.check.exploration.explorer import Explorer
from workflow_design.check.exploration.machine import Machine
from workflow_design.check.exploration.watch import Watch
from workflow_design.check.findings import CheckReport
from workflow_design.check.static import check_definition
from workflow_design.check.work import Branches
from workflow_design.definition.schema import parse_fields
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.tests.check.agreement import AgreementTestCase
from workflow_design.tests.check.branching_files import BranchingFile
from workflow_design.tests.check.brute_force import BruteForce, TooManyError

FILES: Final = int(os.environ.get("RANDOM_FILES", "30"))
"""How many random files are tried; docs/check.md says how many were tried once."""
FIRST: Final = int(os.environ.get("FIRST_FILE", "0"))
WHOLE: Final = Bounds(states=20_000, work=10**9, seconds=None, branches=Branches.NEVER)
APART: Final = replace(WHOLE, branches=Branches.ALWAYS)


def has_branches(file: WorkflowFile) -> bool:
    """Return whether independent branches are found in a file."""
    machine = Machine(file, parse_fields(file.fields_schema))
    explorer = Explorer(machine, Watch(machine), bounds=APART, on_transition=lambda _transition: None)
    explorer.explore()
    return bool(explorer.branches)


def summarize(report: CheckReport) -> dict[Any, int]:
    """Return the shortest path to each finding. Of equally short ones, any may be told.

    A hint about a start that is missed at the ticket itself may be lost where the ticket is taken apart.
    """
    shortest: dict[Any, int] = {}
    for finding in report.findings:
        key = (finding.code, finding.severity, "" if finding.code == "stall" else finding.pointer)
        length = len(finding.counterexample)
        if (finding.code, length) != ("missed-start", 1):
            shortest[key] = min(length, shortest.get(key, length))
    return shortest


def list_places(report: CheckReport) -> set[Any]:
    """Return all places that are named for each code; which of several causes names them may differ."""
    places = {(each.code, place) for each in report.findings for place in (each.pointer, *each.likewise)}
    return {(code, place) for code, place in places if code != "missed-start"}


class RandomBranchesTests(AgreementTestCase):
    def test_all_ways_of_exploring_find_the_same(self) -> None:
        compared = self.compare_some(FILES, is_timed=False)
        self.assertGreater(compared["apart"], FILES / 4)
        self.assertGreater(compared["brute force"], FILES / 4)

    def test_all_ways_of_exploring_find_the_same_where_tasks_become_overdue(self) -> None:
        compared = self.compare_some(FILES // 2, is_timed=True)
        self.assertGreater(compared["apart"], FILES / 8)
        self.assertGreater(compared["brute force"], FILES / 20)

    def compare_some(self, number: int, *, is_timed: bool) -> Counter[str]:
        compared: Counter[str] = Counter()
        for seed in range(FIRST, FIRST + number):
            file = BranchingFile(seed, is_timed=is_timed).build()
            if not check_definition(file):
                with self.subTest(seed=seed):
                    compared += self.compare(file)
        return compared

    def compare(self, file: WorkflowFile) -> Counter[str]:
        """Compare the explorations of a file, and return what was done."""
        fields = parse_fields(file.fields_schema)
        whole = explore(file, fields, bounds=WHOLE)
        if not whole.is_complete:
            return Counter(["too large"])
        apart = explore(file, fields, bounds=APART)
        self.assertEqual(
            (apart.is_complete, apart.is_exact, summarize(apart)), (True, whole.is_exact, summarize(whole))
        )
        self.assertEqual(list_places(apart), list_places(whole))
        done = Counter(["compared", "apart"] if has_branches(file) else ["compared"])
        try:
            expected = BruteForce(file, most=150).explore()
        except TooManyError:
            return done
        self.assert_explored(file, expected, bounds=APART)
        return done + Counter(["brute force"])
