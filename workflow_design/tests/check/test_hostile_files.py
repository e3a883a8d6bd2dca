"""Files that are made to be expensive: what a request spends on checking them is bounded."""

import json
import time
from functools import cache

from django.test import SimpleTestCase

from workflow_design.check.check_file import QUICK, Bounds, check_file
from workflow_design.check.static import check_definition
from workflow_design.definition.file_json import MAX_VALUES, WorkflowFileError, parse_workflow_file
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.engine.plan import build_plan
from workflow_design.picture.drawing import draw_picture
from workflow_design.tests.check.hostile_files import documents
from workflow_design.wording.rules import Vocabulary

SECONDS = 0.9
"""Three times what is allowed, because the machine may be slow or busy."""


@cache
def hostile_files() -> dict[str, WorkflowFile]:
    """Return all documents as workflow files by name."""
    return {name: parse_workflow_file(json.dumps(document)) for name, document in documents()}


class HostileFileTests(SimpleTestCase):
    def test_quick_check_is_bounded(self) -> None:
        for name, file in hostile_files().items():
            with self.subTest(name):
                began = time.process_time()
                report = check_file(file, problems=(), bounds=QUICK)
                self.assertLess(time.process_time() - began, SECONDS)
                self.assertEqual([each.code for each in report.errors], [])

    def test_work_is_counted_and_not_timed(self) -> None:
        """The same file ends the same way on every machine."""
        file = parse_workflow_file(json.dumps(dict(documents())["counting actions"]))
        bounds = Bounds(work=100_000, seconds=1e9)
        slow = iter(range(10**9))
        report = check_file(file, bounds=bounds, now=lambda: 1000.0 * next(slow))
        self.assertEqual(report, check_file(file, bounds=bounds))
        self.assertFalse(report.is_complete)
        self.assertGreater(report.states, 10)

    def test_looking_for_errors_is_bounded(self) -> None:
        for name, file in hostile_files().items():
            with self.subTest(name):
                began = time.process_time()
                check_definition(file)
                self.assertLess(time.process_time() - began, SECONDS)

    def test_pictures_are_bounded(self) -> None:
        for name, file in hostile_files().items():
            with self.subTest(name):
                began = time.process_time()
                picture = draw_picture(build_plan(file), Vocabulary.of_schema(file.fields_schema))
                self.assertLess(time.process_time() - began, 2 * SECONDS)
                self.assertEqual(
                    len(picture.nodes), sum(map(len, (file.tickets, file.tasks, file.completions)))
                )

    def test_too_large(self) -> None:
        """What costs in proportion to the size of a file is bounded by this size."""
        document = dict(documents())["parts without conditions"]
        document["tasks"][0]["condition"] = {"in": [{"var": "f0"}, ["x"] * MAX_VALUES]}
        with self.assertRaises(WorkflowFileError) as refused:
            parse_workflow_file(json.dumps(document))
        (problem,) = refused.exception.problems
        self.assertEqual((problem.code, problem.pointer), ("too-large", ""))
