"""Properties of every definition and every path through it."""

from collections import Counter
from copy import deepcopy
from typing import Any
from unittest import TestCase

from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_design.definition.workflow import CompletionFile, CompletionStatus, Kind, TaskFile
from workflow_design.engine import Outcome, Plan, Write, decide, resume
from workflow_design.engine.conditions.bounds import ConditionError
from workflow_design.engine.conditions.evaluation import evaluate
from workflow_design.engine.conditions.operations import is_true
from workflow_design.tests.engine.interpreter import IN_PROGRESS, RunningWorkflow
from workflow_design.tests.strategies import (
    FIELDS,
    Move,
    corrections,
    make_move,
    moves,
    plans,
    play,
    workspaces,
    writes,
)

orders = st.permutations(range(5))
unfinished_keys = st.frozensets(st.sampled_from("01234"))
often = settings(max_examples=100, derandomize=True, deadline=None)


def reorder_tasks(plan: Plan, order: list[int]) -> Plan:
    """Return the definition with its tasks in another order."""
    return Plan(
        tuple(plan.tasks[number] for number in order if number < len(plan.tasks)),
        plan.completions,
        plan.tickets,
    )


def history(workflow: RunningWorkflow) -> Any:
    """Return everything that happened, ignoring the order of tasks created in one step."""
    return (
        workflow.status,
        workflow.completion,
        workflow.data,
        workflow.rows,
        Counter((task.name, task.status, repr(sorted(task.input_data.items()))) for task in workflow.tasks),
        [decision.stalled for decision in workflow.decisions],
        [Counter(map(repr, decision.evaluations)) for decision in workflow.decisions],
    )


class DecisionProperties(TestCase):
    @often
    @given(plans(), workspaces, writes, unfinished_keys)
    def test_follows_the_specification(
        self, plan: Plan, data: dict[str, Any], write: Write, unfinished: frozenset[str]
    ) -> None:
        """Compare with a second implementation of `docs/engine.md`, as simple and slow as possible."""
        decision = decide(plan, data, write, unfinished)
        merged = {name: value for name, value in data.items() if name not in write.emptied}
        merged.update(write.values)

        def triggered(definition: TaskFile | CompletionFile) -> bool:
            if not set(definition.reads) & write.modified:
                return False
            try:
                return definition.condition is None or is_true(evaluate(definition.condition, merged))
            except ConditionError:
                failing.append(definition)
                return False

        failing: list[TaskFile | CompletionFile] = []
        reached = next(filter(triggered, plan.completions), None)
        tasks = [] if reached else [task for task in plan.tasks if triggered(task)]
        new = [task for task in tasks if task.title not in unfinished]
        resets = {name for task in new for name in task.reset_fields}
        self.assertEqual(decision.completion, reached)
        self.assertEqual([start.task for start in decision.starts], new)
        self.assertEqual(
            [each.task for each in decision.refreshes], [task for task in tasks if task not in new]
        )
        self.assertEqual(decision.resets, resets)
        self.assertEqual(decision.data, merged)
        self.assertEqual(decision.data_after, {name: merged[name] for name in merged if name not in resets})
        self.assertEqual(decision.stalled, not (reached or unfinished or new or failing))
        self.assertEqual([failure.key for failure in decision.failures], [each.title for each in failing])

    @often
    @given(plans(), workspaces, corrections, unfinished_keys)
    def test_a_correction_only_refreshes_the_forms_that_read_it(
        self, plan: Plan, data: dict[str, Any], write: Write, unfinished: frozenset[str]
    ) -> None:
        decision = decide(plan, data, write, unfinished)
        merged = write.merged_into(data)
        self.assertEqual((decision.data, decision.data_after), (merged, merged))
        self.assertEqual((decision.starts, decision.completion, decision.resets), ((), None, frozenset()))
        self.assertEqual((decision.modified, decision.stalled, decision.failures), (frozenset(), False, ()))
        open_forms = {task.title: task for task in plan.tasks if task.is_form and task.title in unfinished}
        read = {title for title, task in open_forms.items() if write.changed.intersection(task.input_fields)}
        self.assertEqual({refresh.key for refresh in decision.refreshes}, read)
        for refresh in decision.refreshes:
            inputs = {name: merged[name] for name in refresh.task.input_fields if name in merged}
            self.assertEqual(refresh.input_data, inputs)

    @often
    @given(plans(), workspaces, writes, unfinished_keys, orders)
    def test_is_deterministic_in_any_order_of_tasks(
        self, plan: Plan, data: dict[str, Any], write: Write, unfinished: frozenset[str], order: list[int]
    ) -> None:
        before = deepcopy((plan, data, write))
        decision = decide(plan, data, write, unfinished)
        self.assertEqual(decide(plan, data, write, unfinished), decision)
        self.assertEqual((plan, data, write), before)
        other = decide(reorder_tasks(plan, order), data, write, unfinished)
        self.assertEqual((other.data_after, other.completion), (decision.data_after, decision.completion))
        for left, right in ((other.starts, decision.starts), (other.refreshes, decision.refreshes)):
            self.assertCountEqual(left, right)
        self.assertCountEqual(other.evaluations, decision.evaluations)

    @often
    @given(plans(), workspaces, writes, unfinished_keys)
    def test_exactly_the_triggered_definitions_are_evaluated(
        self, plan: Plan, data: dict[str, Any], write: Write, unfinished: frozenset[str]
    ) -> None:
        evaluations = {
            (evaluation.kind, evaluation.key): evaluation
            for evaluation in decide(plan, data, write, unfinished).evaluations
        }
        for kind, definitions in ((Kind.TASK, plan.tasks), (Kind.COMPLETION, plan.completions)):
            for definition in definitions:
                evaluation = evaluations.pop((kind, definition.title), None)
                met = tuple(sorted(write.modified.intersection(definition.reads)))
                self.assertEqual(evaluation.fields_met if evaluation else (), met)
        self.assertEqual(evaluations, {})

    @often
    @given(plans(), workspaces, writes, unfinished_keys)
    def test_a_hold_and_its_resume_start_what_the_write_would_have_started(
        self, plan: Plan, data: dict[str, Any], write: Write, unfinished: frozenset[str]
    ) -> None:
        holds = CompletionFile(title="Hold", fields=FIELDS, completion_status=CompletionStatus.ON_HOLD)
        held = decide(Plan(plan.tasks, (holds,)), data, write, unfinished)
        self.assertEqual(held.holds, bool(write.modified))
        late = resume(plan, held.data_after, held.modified, unfinished)
        never_held = decide(Plan(plan.tasks, ()), data, write, unfinished)
        self.assertEqual(late.starts, never_held.starts)
        self.assertEqual(late.refreshes, never_held.refreshes)
        self.assertEqual((late.data_after, late.stalled), (never_held.data_after, never_held.stalled))


class WalkProperties(TestCase):
    @often
    @given(plans(), moves, orders)
    def test_the_same_writes_give_the_same_history(
        self, plan: Plan, walk: list[Move], order: list[int]
    ) -> None:
        expected = history(play(RunningWorkflow(plan), walk))
        self.assertEqual(history(play(RunningWorkflow(plan), walk)), expected)
        self.assertEqual(history(play(RunningWorkflow(reorder_tasks(plan, order)), walk)), expected)

    @often
    @given(plans(), moves)
    def test_never_two_unfinished_tasks_of_one_definition(self, plan: Plan, walk: list[Move]) -> None:
        workflow = play(RunningWorkflow(plan), [])
        for move in walk:
            make_move(workflow, move)
            keys = [task.plan.title for task in workflow.unfinished()]
            self.assertEqual(len(keys), len(set(keys)))

    @often
    @given(plans(), moves)
    def test_a_finished_workflow_never_changes(self, plan: Plan, walk: list[Move]) -> None:
        workflow = play(RunningWorkflow(plan), [])
        end: Any = None
        for move in walk:
            make_move(workflow, move)
            if end is not None:
                self.assertEqual(history(workflow), end)
            elif workflow.status in ("COMPLETED", "CANCELLED"):
                end = deepcopy(history(workflow))
                self.assertEqual(workflow.unfinished(), [])

    @often
    @given(plans(), moves)
    def test_the_workspace_is_the_result_of_its_writes(self, plan: Plan, walk: list[Move]) -> None:
        workflow = play(RunningWorkflow(plan), walk)
        folded: dict[str, Any] = {}
        for row in workflow.rows:
            folded = {
                name: value for name, value in {**folded, **row.values}.items() if name not in row.emptied
            }
            self.assertEqual(row.data, folded)
        self.assertEqual(workflow.data, folded)

    @often
    @given(plans(), moves)
    def test_a_workflow_in_progress_has_an_unfinished_task_or_a_reason(
        self, plan: Plan, walk: list[Move]
    ) -> None:
        workflow = play(RunningWorkflow(plan), walk)
        if workflow.status == IN_PROGRESS and not workflow.unfinished():
            # A correction goes on with nothing, so it neither stalls nor mends a stall.
            last = [decision for decision in workflow.decisions if not decision.corrected][-1]
            self.assertTrue(last.stalled or last.failures)

    @often
    @given(plans(), moves)
    def test_every_task_was_started_by_an_evaluation(self, plan: Plan, walk: list[Move]) -> None:
        workflow = play(RunningWorkflow(plan), walk)
        started = Counter(
            evaluation.key
            for decision in workflow.decisions
            for evaluation in decision.evaluations
            if evaluation.outcome is Outcome.STARTED
        )
        self.assertEqual(Counter(task.plan.title for task in workflow.tasks), started)
