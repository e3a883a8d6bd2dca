"""What the exploration costs: numbers of states, which are always the same, and generous times."""

import time
import tracemalloc
from typing import Any

from django.test import SimpleTestCase

from workflow_design.check import check_file
from workflow_design.exploration import Bounds
from workflow_design.findings import CheckReport
from workflow_design.tests.examples import equals
from workflow_design.workflow_file_format import CompletionFile, TaskFile, TicketFile, WorkflowFile

YES_NO = {"type": "boolean"}
GRADES = {"type": "string", "enum": ["good", "poor", "open"]}


def form(title: str, reads: list[str], writes: list[str], condition: Any = None) -> TaskFile:
    return TaskFile(
        title=title,
        task_type="FORM",
        input_fields=tuple(reads),
        output_fields=tuple(writes),
        condition=condition,
    )


def workflow(properties: dict[str, Any], tasks: list[TaskFile], end: CompletionFile) -> WorkflowFile:
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return WorkflowFile(
        title="Large",
        fields_schema=schema,
        tickets=(TicketFile(title="Ask", fields=("start",)),),
        tasks=tuple(tasks),
        completions=(end,),
    )


def parallel(number: int) -> WorkflowFile:
    """So many yes/no tasks beside each other, then one that waits for all to be answered with yes."""
    names = [f"answer_{each}" for each in range(number)]
    tasks = [form(f"Ask {name}", ["start"], [name]) for name in names]
    tasks.append(form("Join", names, ["done"], {"and": [{"var": name} for name in names]}))
    properties = {"start": {"type": "string"}, **dict.fromkeys(names, YES_NO), "done": YES_NO}
    end = CompletionFile(title="End", completion_status="COMPLETED", fields=("done",))
    return workflow(properties, tasks, end)


def staged(stages: int, *, beside: int) -> WorkflowFile:
    """Stages of some grades beside each other, then a task that goes on only if none is open."""
    properties: dict[str, Any] = {"start": {"type": "string"}}
    tasks = []
    before = "start"
    for stage in range(stages):
        names = [f"grade_{stage}_{each}" for each in range(beside)]
        tasks += [form(f"Grade {name}", [before], [name]) for name in names]
        before = f"stage_{stage}"
        properties |= {**dict.fromkeys(names, GRADES), before: {"type": "string"}}
        filled = {"!": {"missing": names}}
        closed = [{"!=": [{"var": name}, "open"]} for name in names]
        tasks.append(form(f"Close {stage}", names, [before], {"and": [filled, *closed]}))
    end = CompletionFile(title="End", completion_status="COMPLETED", fields=(before,))
    return workflow(properties, tasks, end)


def loops(number: int) -> WorkflowFile:
    """Independent loops, each of which goes round as long as its answer says so."""
    names = [f"grade_{each}" for each in range(number)]
    tasks = [form(f"Grade {name}", ["start"], [name]) for name in names]
    tasks += [form(f"Again {name}", [name], ["start"], equals(name, "open")) for name in names]
    end = CompletionFile(
        title="End",
        completion_status="COMPLETED",
        fields=tuple(names),
        condition={"and": [equals(name, "good") for name in names]},
    )
    return workflow({"start": {"type": "string"}, **dict.fromkeys(names, GRADES)}, tasks, end)


class SizeTests(SimpleTestCase):
    def checked(self, file: WorkflowFile, *, within: float) -> CheckReport:
        begun = time.perf_counter()
        report = check_file(file)
        self.assertLess(time.perf_counter() - begun, within)
        return report

    def test_ten_answers_beside_each_other_with_a_join(self) -> None:
        report = self.checked(parallel(10), within=30)  # measured: about 1 s
        self.assertTrue(report.is_complete)
        self.assertEqual(report.states, 2_046)
        self.assertIn("stall", [each.code for each in report.findings])

    def test_twenty_tasks_in_stages(self) -> None:
        file = staged(5, beside=3)
        self.assertEqual(len(file.tasks), 20)
        report = self.checked(file, within=10)  # measured: 0.06 s
        self.assertTrue(report.is_complete)
        self.assertEqual(report.states, 70)

    def test_what_is_too_large_says_so(self) -> None:
        tracemalloc.start()
        report = check_file(loops(9), bounds=Bounds(states=3_000, seconds=None))
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        self.assertFalse(report.is_complete)
        self.assertGreater(report.writes, 1)
        self.assertLess(peak, 3_000 * 5_000)  # and so below 512 MB for 100,000 states
        self.assertNotIn("never-happens", [each.code for each in report.findings])

    def test_a_clock_that_has_run_out_ends_it(self) -> None:
        times = iter(range(0, 1_000_000, 100))
        report = check_file(parallel(10), now=lambda: float(next(times)))
        self.assertFalse(report.is_complete)
