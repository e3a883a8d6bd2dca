"""Tests that the check agrees with trying every value of every field (`docs/check.md`).

`test_exploration_properties` trusts the sample values; these tests do not.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Any, Final

from django.test import SimpleTestCase
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from workflow_design.check.check_file import Bounds, explore
from workflow_design.check.findings import CheckReport, Finding, Severity
from workflow_design.definition.file_json import parse_workflow_file
from workflow_design.definition.schema import parse_fields
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.engine.plan import build_plan
from workflow_design.engine.replay import play
from workflow_design.tests.check.brute_force import BruteForce, Definition, Found, TooManyError
from workflow_design.tests.check.test_samples import file_with

NAMES: Final = ("a", "b", "c", "d", "e")
PROPERTIES: Final[dict[str, Any]] = {
    "a": {"type": "string", "enum": ["x", "y", "z"]},
    "b": {"type": "boolean"},
    "c": {"type": "integer", "minimum": 0, "maximum": 2},
    "d": {"type": "string", "enum": ["x", "y"]},
    "e": {"type": "integer", "minimum": 0, "maximum": 2},
}
UNBOUNDED: Final = Bounds(states=50_000, seconds=None)

names = st.sampled_from(NAMES)
some_names = st.lists(names, min_size=1, max_size=2, unique=True)
few_names = st.lists(names, max_size=1)
atoms = st.one_of(
    st.builds(lambda op, v: {op: [{"var": "a"}, v]}, st.sampled_from(("==", "!=")), st.sampled_from("xyz")),
    st.builds(lambda op, v: {op: [{"var": "d"}, v]}, st.sampled_from(("==", "!=")), st.sampled_from("xy")),
    st.builds(lambda op, v: {op: [{"var": "c"}, v]}, st.sampled_from(("<", ">=", "==")), st.integers(0, 2)),
    st.builds(lambda left, right: {"==": [{"var": left}, {"var": right}]}, names, names),
    st.sampled_from(("<", ">=")).map(lambda op: {op: [{"var": "c"}, {"var": "e"}]}),
    names.map(lambda name: {"var": name}),
    names.map(lambda name: {"!": {"var": name}}),
    some_names.map(lambda each: {"missing": each}),
    some_names.map(lambda each: {"!": {"missing": each}}),
    st.just({"<": [{"+": [{"var": "c"}, 1]}, 3]}),  # fails where the number is empty
)
conditions = st.one_of(
    st.none(),
    atoms,
    atoms,
    st.builds(
        lambda op, each: {op: each}, st.sampled_from(("and", "or")), st.lists(atoms, min_size=2, max_size=3)
    ),
    st.builds(lambda test, then: {"if": [test, then, False]}, atoms, atoms),
)


def computed(draw: st.DrawFn, name: str) -> Any:
    """Draw a rule for one field: a constant, a counter, a copy, or a value of the answer."""
    rules: list[Any] = [{"var": "response.body.it"}]
    if name in "ce":
        others = st.sampled_from((name, "c", "e"))
        rules += [0, 2, {"min": [{"+": [{"var": f"workspace.{draw(others)}"}, 1]}, 2]}]
    else:
        rules += [True] if name == "b" else ["x", {"var": f"workspace.{name}"}]
    return draw(st.sampled_from(rules))


def task_body(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a task without its title."""
    outputs = draw(some_names)
    body: dict[str, Any] = {
        "task_type": "FORM",
        "input_fields": draw(some_names),
        "output_fields": outputs,
        "condition": draw(conditions),
        "reset_fields": draw(st.sampled_from(([], [], outputs))),
    }
    if draw(st.sampled_from((False, False, True))):
        body |= {"task_type": "SYNC_ACTION", "action_url": "https://example.com/"}
        if draw(st.booleans()):
            body["output_transform"] = {name: computed(draw, name) for name in outputs}
    return body


def task_bodies(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw up to four tasks, some of them equal."""
    bodies: list[dict[str, Any]] = []
    for _number in range(draw(st.integers(1, 4))):
        is_twin = bool(bodies) and draw(st.sampled_from((False, False, True)))
        bodies.append(draw(st.sampled_from(bodies)) if is_twin else task_body(draw))
    return bodies


@st.composite
def files(draw: st.DrawFn) -> WorkflowFile:
    """Draw a small definition; most have something wrong."""
    tasks = [{"title": f"T{number}"} | body for number, body in enumerate(task_bodies(draw))]
    completions = [
        {
            "title": f"C{number}",
            "completion_status": draw(st.sampled_from(("COMPLETED", "COMPLETED", "CANCELLED", "ON_HOLD"))),
            "fields": draw(some_names),
            "condition": draw(conditions),
        }
        for number in range(draw(st.integers(1, 2)))
    ]
    tickets = [{"title": f"Ask {n}", "fields": draw(some_names)} for n in range(draw(st.integers(1, 2)))]
    return parse_workflow_file(
        json.dumps(
            {
                "format": "ticketflower-workflow/1",
                "title": "Random",
                "fields_schema": {
                    "type": "object",
                    "properties": PROPERTIES,
                    "required": draw(st.lists(names, max_size=5, unique=True)),
                },
                "tickets": tickets,
                "tasks": tasks,
                "completions": completions,
            }
        )
    )


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


class BruteForceTests(SimpleTestCase):
    @settings(
        max_examples=80,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    )
    @given(files())
    def test_both_find_the_same(self, file: WorkflowFile) -> None:
        try:
            expected = BruteForce(file, most=800).explore()
        except TooManyError:
            assume(False)
        self.assert_explored(file, expected)

    def test_both_find_the_same_in_numbers_without_limits(self) -> None:
        for operator, constant in product(("<", "<=", ">", ">=", "==", "!="), (-1, 0, 1, 2)):
            file = file_with({"type": "integer"}, {operator: [{"var": "n"}, constant]})
            with self.subTest(operator=operator, constant=constant):
                self.assert_explored(file, BruteForce(file, most=800).explore())

    def assert_explored(self, file: WorkflowFile, expected: Found) -> None:
        report = explore(file, parse_fields(file.fields_schema), bounds=UNBOUNDED)
        self.assertTrue(report.is_complete)
        self.assertLessEqual(report.states, expected.states)
        self.assert_same(file, report, expected)
        self.assert_counterexamples_do_what_they_claim(file, report)

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
        never = set(self.lengths(file, found, "never-happens"))
        self.assertEqual(never, self.every(file) - expected.happened)
        self.assert_same_circles(found, expected)

    def assert_same_circles(self, found: list[Finding], expected: Found) -> None:
        actions = [each for each in found if each.code == "action-circle"]
        self.assertEqual(bool(actions), expected.repeating_actions)
        self.assertEqual(any(each.severity is Severity.ERROR for each in actions), expected.endless_actions)
        circles = [len(each.counterexample) for each in found if each.code == "circle"]
        if expected.first_doomed is None:
            self.assertEqual(circles, [])
        elif not expected.endless_actions:  # else one finding says both
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
        return {
            self.about(file, finding): len(finding.counterexample)
            for finding in found
            if finding.code == code
        }

    def about(self, file: WorkflowFile, finding: Finding) -> Definition:
        """Return the definition at the pointer of a finding."""
        _empty, kind, number, *rest = finding.pointer.split("/")
        if kind == "tasks":
            return "transform" if rest == ["output_transform"] else "task", file.tasks[int(number)].title
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
