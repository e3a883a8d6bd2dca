"""Tests that the exploration finds what the plain one finds, with true counterexamples."""

from django.test import SimpleTestCase
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from workflow_design.check.check_file import Bounds, explore
from workflow_design.check.exploration.machine import Machine
from workflow_design.check.findings import CheckReport, Finding, Severity
from workflow_design.definition.schema import parse_fields
from workflow_design.definition.workflow import CompletionFile, TaskFile, TicketFile, WorkflowFile
from workflow_design.engine import Plan
from workflow_design.engine.plan import build_plan
from workflow_design.engine.replay import play
from workflow_design.tests.check.naive_explorer import Found, Naive

SCHEMA = {
    "type": "object",
    "properties": {
        "a": {"type": "boolean"},
        "b": {"enum": ["x", "y"]},
        "c": {"type": "integer", "minimum": 0, "maximum": 5},
        "d": {"type": "string"},
        "late": {"type": "boolean"},
    },
    "required": ["a", "c"],
}
FIELDS = parse_fields(SCHEMA)
ALL_WAYS = Bounds(seconds=None)
NEVER = ("never-happens", "not-seen")
CIRCLES = ("circle", "end-not-seen")
NOT_COMPARED = (
    *("self-approval", "field-unread", "field-unwritten", "no-example", "not-all-values", "action-circle"),
    "always-true",  # needs no trying
    *NEVER,
    *CIRCLES,
)

some = st.lists(st.sampled_from("abcd"), min_size=1, max_size=2, unique=True).map(tuple)
read = st.lists(st.sampled_from([*"abcdabcd", "late"]), min_size=1, max_size=2, unique=True).map(tuple)
atoms = st.sampled_from(
    [
        {"var": "a"},
        {"!": {"var": "a"}},
        {"==": [{"var": "b"}, "x"]},
        {"==": [{"var": "b"}, "y"]},
        {">=": [{"var": "c"}, 3]},
        {"<": [{"var": "c"}, 3]},
        {"!": {"var": "d"}},
        {"!": {"missing": ["b", "d"]}},
        {">": [{"-": [{"var": "d"}, 1]}, 0]},
        {"==": [{"var": "c"}, {"var": "d"}]},
        {"var": "late"},
    ]
)
joined = st.lists(atoms, min_size=2, max_size=3)
rules = st.one_of(
    st.none(), atoms, st.builds(lambda join, parts: {join: parts}, st.sampled_from(["and", "or"]), joined)
)
kinds = st.sampled_from(["FORM", "FORM", "FORM", "SYNC_ACTION"])
statuses = st.sampled_from(["COMPLETED", "COMPLETED", "CANCELLED", "ON_HOLD"])


@st.composite
def files(draw: st.DrawFn) -> WorkflowFile:
    """Draw a workflow with a ticket, up to three tasks and up to two completions."""
    tasks = []
    for number in range(draw(st.integers(1, 3))):
        outputs = draw(some)
        tasks.append(
            TaskFile(
                title=f"Task {number}",
                task_type=draw(kinds),
                input_fields=draw(read),
                output_fields=outputs,
                condition=draw(rules),
                reset_fields=outputs[:1] if draw(st.booleans()) else (),
                assignee_field=draw(st.sampled_from([None, None, "b", "c", "d"])),
                due_hours=8,
                overdue_field=draw(st.sampled_from([None, None, "late"])),
            )
        )
    completions = [
        CompletionFile(
            title=f"End {n}", completion_status=draw(statuses), fields=draw(read), condition=draw(rules)
        )
        for n in range(draw(st.integers(0, 2)))
    ]
    return WorkflowFile(
        title="Any",
        fields_schema=SCHEMA,
        tickets=(TicketFile(title="Ask", fields=draw(some)),),
        tasks=tuple(tasks),
        completions=tuple(completions),
    )


def part_at(file: WorkflowFile, pointer: str) -> TaskFile | CompletionFile:
    """Return the task or completion at a pointer."""
    _root, kind, number, *_rest = pointer.split("/")
    return file.tasks[int(number)] if kind == "tasks" else file.completions[int(number)]


def summarize(file: WorkflowFile, report: CheckReport) -> Found:
    """Return the length of the shortest path to each finding that the plain explorer also searches for."""
    found: Found = {}
    for finding in report.findings:
        # Hints about fields say what was not tried, which the plain explorer does not know.
        if finding.code not in NOT_COMPARED and not finding.pointer.startswith("/fields_schema"):
            title = "" if finding.code == "stall" else part_at(file, finding.pointer).title
            key, length = (finding.code, title), len(finding.counterexample)
            found[key] = min(length, found.get(key, length))
    return found


class BruteForceTests(SimpleTestCase):
    @settings(max_examples=200, derandomize=True, deadline=None)
    @given(files())
    def test_finds_everything_with_paths_that_are_not_longer(self, file: WorkflowFile) -> None:
        naive = Naive(Machine(file, FIELDS), most=600)
        assume(naive.explore())
        report = explore(file, FIELDS, bounds=ALL_WAYS)
        self.assertTrue(report.is_complete)
        self.assertLessEqual(report.states, len(naive.states))
        self.assertEqual(summarize(file, report), naive.found)
        never = [part_at(file, each.pointer) for each in report.findings if each.code in NEVER]
        titles = {task.title for task in file.tasks} | {each.title for each in file.completions}
        self.assertEqual({each.title for each in never}, titles - naive.happened)
        errors = {each.code for each in report.findings if each.severity == Severity.ERROR}
        circles = {each.code for each in report.findings if each.code in CIRCLES}
        if circles:
            self.assertTrue(naive.has_traps())
        elif "action-circle" not in errors:
            self.assertFalse(naive.has_traps())


class CounterexampleTests(SimpleTestCase):
    @settings(max_examples=100, derandomize=True, deadline=None)
    @given(files())
    def test_each_counterexample_is_true(self, file: WorkflowFile) -> None:
        plan = build_plan(file)
        for finding in explore(file, FIELDS, bounds=Bounds(states=500, seconds=None)).findings:
            if finding.counterexample:
                self.assert_true(plan, file, finding)

    def task_at(self, file: WorkflowFile, finding: Finding) -> TaskFile:
        task = part_at(file, finding.pointer)
        assert isinstance(task, TaskFile)
        return task

    def assert_true(self, plan: Plan, file: WorkflowFile, finding: Finding) -> None:
        steps = play(plan, finding.counterexample)
        last, before = steps[-1], steps[-2].state if len(steps) > 1 else None
        if finding.code == "stall":
            self.assertTrue(last.state.has_stalled)
        elif finding.code == "failing-condition":
            failed = {each.key for decision in last.decisions for each in decision.failures}
            self.assertIn(part_at(file, finding.pointer).title, failed)
        elif finding.code == "stale-answer":
            gone_by = {start.task.title for decision in last.decisions for start in decision.starts}
            gone_by |= {decision.completion.title for decision in last.decisions if decision.completion}
            self.assertIn(part_at(file, finding.pointer).title, gone_by)
        elif finding.code == "starts-too-early":
            name = self.task_at(file, finding).input_fields[int(finding.pointer.rsplit("/", 1)[1])]
            self.assertNotIn(name, last.state.unfinished[self.task_at(file, finding).title])
            writers = {each.title for each in file.tasks if name in each.output_fields}
            open_writers = writers.intersection(last.state.unfinished)
            self.assertTrue(open_writers.difference(move.title for move in finding.counterexample))
        elif finding.code == "no-assignee":
            task = self.task_at(file, finding)
            starts = [start for decision in last.decisions for start in decision.starts]
            self.assertIn(task.title, [start.task.title for start in starts])
            self.assertNotIn(task.assignee_field, last.decisions[-1].data)
        elif finding.code == "cancels-unfinished":
            assert before is not None
            left = set(before.unfinished) - {finding.counterexample[-1].title}
            started = {start.task.title for decision in last.decisions for start in decision.starts}
            self.assertTrue(left | started)
            self.assertEqual(last.state.status, "COMPLETED")
