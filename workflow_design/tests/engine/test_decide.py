"""Tests of `decide`: each sentence of `docs/engine.md`, "One write, step by step"."""

import json
from unittest import TestCase

from workflow_design.definition.workflow import CompletionStatus, Kind, TaskType
from workflow_design.engine import Decision, Outcome, Plan, Write, decide
from workflow_design.tests.engine.interpreter import RunningWorkflow
from workflow_design.tests.examples import completion, equals, plan, task, ticket

BROKEN = {"<": [{"var": "a"}, {"var": "text"}]}  # with a text that shows no number: can't be evaluated
TEXT = {"text": "abc"}


def started(decision: Decision) -> list[str]:
    return [start.task.title for start in decision.starts]


def refreshed(decision: Decision) -> list[str]:
    return [refresh.task.title for refresh in decision.refreshes]


def form(**values: object) -> Write:
    return Write.by_form(values, values)


class MergeTests(TestCase):
    """Step 1."""

    def test_the_write_is_merged_before_conditions_are_evaluated(self) -> None:
        decision = decide(plan(task("T", "a", condition=equals("a", 2))), {"a": 1, "b": 1}, form(a=2), ())
        self.assertEqual(started(decision), ["T"])
        self.assertEqual(decision.data, {"a": 2, "b": 1})

    def test_emptied_fields_are_removed_and_count_as_modified(self) -> None:
        decision = decide(plan(task("T", "a")), {"a": 1}, Write.by_form(["a"], {}), ())
        self.assertEqual((decision.data, decision.emptied, started(decision)), ({}, {"a"}, ["T"]))


class CompletionTests(TestCase):
    """Step 2."""

    def test_the_first_that_holds_ends_the_workflow(self) -> None:
        ends = plan(
            completion("No", "a", condition=equals("a", 0)),
            completion("Yes", "a", condition=equals("a", 1), status=CompletionStatus.CANCELLED),
            completion("Also", "a"),
        )
        decision = decide(ends, {}, form(a=1), ())
        self.assertIsNotNone(decision.completion)
        self.assertEqual(decision.completion, ends.completions[1])
        self.assertTrue(decision.ends)
        outcomes = {evaluation.title: evaluation.outcome for evaluation in decision.evaluations}
        self.assertEqual(
            outcomes,
            {"No": Outcome.CONDITION_FALSE, "Yes": Outcome.REACHED, "Also": Outcome.ALREADY_DECIDED},
        )

    def test_the_order_of_completions_decides(self) -> None:
        one, two = completion("One", "a"), completion("Two", "a")
        self.assertEqual(decide(plan(one, two), {}, form(a=1), ()).completion, one)
        self.assertEqual(decide(plan(two, one), {}, form(a=1), ()).completion, two)

    def test_it_must_read_a_modified_field(self) -> None:
        decision = decide(plan(completion("End", "b")), {"b": 1}, form(a=1), {"T"})
        self.assertIsNone(decision.completion)
        self.assertEqual(decision.evaluations, ())

    def test_once_ended_no_task_starts_is_refreshed_or_resets(self) -> None:
        ends = plan(completion("End", "a"), task("T", "a", "b", resets="b"), task("U", "a"))
        decision = decide(ends, {"b": 1}, form(a=1), {"U"})
        self.assertEqual((decision.starts, decision.refreshes, decision.resets), ((), (), frozenset()))
        self.assertEqual(decision.data_after, {"a": 1, "b": 1})
        self.assertFalse(decision.stalled)

    def test_both_final_statuses_end(self) -> None:
        for status in (CompletionStatus.COMPLETED, CompletionStatus.CANCELLED):
            decision = decide(plan(completion("End", "a", status=status)), {}, form(a=1), ())
            self.assertEqual((decision.ends, decision.holds), (True, False))

    def test_other_statuses_are_invalid(self) -> None:
        for status in ("NOT_STARTED", "IN_PROGRESS", "OPEN", ""):
            with self.assertRaises(ValueError):
                CompletionStatus(status)

    def test_a_completion_without_condition_always_holds(self) -> None:
        self.assertTrue(decide(plan(completion("End", "a")), {}, Write.by_form(["a"], {}), ()).ends)

    def test_the_condition_counts_by_jsonlogic_truth(self) -> None:
        for value, holds in ((0, False), ("", False), ([], False), ("0", True), ([0], True), (-1, True)):
            decision = decide(
                plan(completion("End", "a", condition={"var": "b"})), {"b": value}, form(a=1), {"T"}
            )
            self.assertEqual(decision.ends, holds, value)


class HoldTests(TestCase):
    """Step 2, ON_HOLD: steps 3 to 7 wait for the resume."""

    HOLDS = plan(
        ticket("Ticket", "a"),
        completion("Hold", "a", condition=equals("a", 1), status=CompletionStatus.ON_HOLD),
        completion("End", "a b", condition={"or": [equals("b", 1), equals("a", 9)]}),
        task("T", "a", "b", resets="b"),
    )

    def test_nothing_starts_is_reset_or_stalls_while_it_is_on_hold(self) -> None:
        decision = decide(self.HOLDS, {"b": 0}, form(a=1), ())
        self.assertEqual((decision.ends, decision.holds, decision.stalled), (False, True, False))
        self.assertEqual((started(decision), decision.data_after), ([], {"a": 1, "b": 0}))
        outcomes = {evaluation.title: evaluation.outcome for evaluation in decision.evaluations}
        self.assertEqual(
            outcomes, {"Hold": Outcome.REACHED, "End": Outcome.ALREADY_DECIDED, "T": Outcome.WAITS}
        )

    def test_resume_runs_the_steps_that_waited(self) -> None:
        workflow = RunningWorkflow(self.HOLDS).submit("Ticket", a=1)
        self.assertEqual((workflow.status, workflow.open_names()), ("ON_HOLD", []))
        workflow.resume()
        self.assertEqual((workflow.status, workflow.open_names()), ("IN_PROGRESS", ["T #1"]))

    def test_resume_does_not_evaluate_the_completions_again(self) -> None:
        workflow = RunningWorkflow(self.HOLDS).submit("Ticket", a=1).resume()
        self.assertEqual({evaluation.kind for evaluation in workflow.decisions[-1].evaluations}, {Kind.TASK})

    def test_resume_then_applies_the_queue_in_order(self) -> None:
        workflow = RunningWorkflow(self.HOLDS).submit("Ticket", a=1)
        for value in (2, 9, 3):
            workflow.edit(a=value)
        self.assertEqual(workflow.data, {"a": 1})
        workflow.resume()
        self.assertEqual((workflow.status, workflow.data), ("COMPLETED", {"a": 9}))

    def test_the_queue_may_hold_again(self) -> None:
        workflow = RunningWorkflow(self.HOLDS).submit("Ticket", a=1)
        workflow.write(form(a=1))
        workflow.write(form(a=2))
        workflow.resume()
        self.assertEqual((workflow.status, len(workflow.queue), workflow.data), ("ON_HOLD", 1, {"a": 1}))
        workflow.resume()
        self.assertEqual((workflow.status, workflow.data), ("IN_PROGRESS", {"a": 2}))

    def test_tasks_can_not_be_completed_meanwhile(self) -> None:
        workflow = RunningWorkflow(self.HOLDS).submit("Ticket", a=2)
        workflow.write(form(a=1))
        with self.assertRaises(ValueError):
            workflow.complete("T", b=1)

    def test_a_resume_that_finds_nothing_to_do_stalls(self) -> None:
        hold = completion("Hold", "a", status=CompletionStatus.ON_HOLD)
        workflow = RunningWorkflow(plan(ticket("Ticket", "a"), hold)).submit("Ticket", a=1)
        self.assertFalse(workflow.has_stalled)
        self.assertTrue(workflow.resume().has_stalled)


class TaskTests(TestCase):
    """Step 3."""

    def test_one_modified_input_is_enough_and_needed(self) -> None:
        reads = plan(task("T", "a b"), task("U", "c"))
        self.assertEqual(started(decide(reads, {}, form(b=1, z=1), ())), ["T"])

    def test_unchanged_values_of_a_form_trigger(self) -> None:
        self.assertEqual(started(decide(plan(task("T", "a")), {"a": 1}, form(a=1), ())), ["T"])

    def test_only_changed_fields_of_an_edit_trigger(self) -> None:
        reads = plan(task("T", "a"), task("U", "b"))
        edit = Write.by_edit({"a": 1, "b": 1}, {"a": 1, "b": 2})
        self.assertEqual(started(decide(reads, {"a": 1, "b": 1}, edit, ())), ["U"])

    def test_the_condition_sees_the_whole_workspace_after_the_write(self) -> None:
        condition = {"and": [equals("a", 2), equals("z", 5)]}
        decision = decide(plan(task("T", "a", condition=condition)), {"a": 1, "z": 5}, form(a=2), ())
        self.assertEqual(started(decision), ["T"])

    def test_a_field_that_only_the_condition_reads_does_not_trigger(self) -> None:
        decision = decide(plan(task("T", "a", condition=equals("z", 5))), {"a": 1}, form(z=5), {"U"})
        self.assertEqual((started(decision), decision.evaluations), ([], ()))

    def test_an_unfinished_one_is_refreshed_and_gets_no_second(self) -> None:
        decision = decide(plan(task("T", "a b")), {"a": 1, "b": 1}, form(a=2), {"T"})
        self.assertEqual((started(decision), refreshed(decision)), ([], ["T"]))
        self.assertEqual(decision.refreshes[0].input_data, {"a": 2, "b": 1})

    def test_an_unfinished_one_whose_condition_no_longer_holds_stays_as_it_was(self) -> None:
        workflow = RunningWorkflow(
            plan(ticket("Ticket", "a"), task("T", "a", condition=equals("a", 1)))
        ).submit("Ticket", a=1)
        workflow.edit(a=2)
        self.assertEqual(
            [(task.name, task.input_data) for task in workflow.unfinished()], [("T #1", {"a": 1})]
        )
        self.assertEqual(workflow.decisions[-1].evaluations[0].outcome, Outcome.CONDITION_FALSE)

    def test_a_new_task_has_the_values_of_its_input_fields(self) -> None:
        decision = decide(plan(task("T", "a empty")), {"other": 1}, form(a=1), ())
        self.assertEqual(decision.starts[0].input_data, {"a": 1})

    def test_a_task_runs_again_and_again_and_may_trigger_itself(self) -> None:
        counts = task("Count", "n", "n", condition={"<": [{"var": "n"}, 3]})
        workflow = RunningWorkflow(plan(ticket("Ticket", "n"), counts)).submit("Ticket", n=0)
        for number in (1, 2):
            workflow.complete("Count", n=number)
            self.assertEqual(workflow.open_names(), [f"Count #{number + 1}"])
        self.assertTrue(workflow.complete("Count", n=3).has_stalled)

    def test_several_tasks_start_at_once(self) -> None:
        reads = plan(task("T", "a"), task("U", "a"), task("V", "a", condition=equals("a", 2)))
        self.assertEqual(started(decide(reads, {}, form(a=1), ())), ["T", "U"])

    def test_a_field_missing_from_an_answer_does_not_trigger(self) -> None:
        reads = plan(task("Call", "x", "a b", task_type=TaskType.SYNC_ACTION), task("T", "a"), task("U", "b"))
        decision = decide(reads, {"b": 1}, Write.by_action(["a", "b"], {"a": 1}), ())
        self.assertEqual((started(decision), decision.data), (["T"], {"a": 1, "b": 1}))


class ResetTests(TestCase):
    """Step 4."""

    ASKS = task("Ask", "text", "verdict", resets="verdict")

    def test_a_task_that_is_created_empties_its_reset_fields(self) -> None:
        decision = decide(plan(self.ASKS), {"verdict": "yes"}, form(text="new"), ())
        self.assertEqual(decision.resets, {"verdict"})
        self.assertEqual(decision.data, {"verdict": "yes", "text": "new"})
        self.assertEqual(decision.data_after, {"text": "new"})

    def test_a_task_that_is_refreshed_does_not(self) -> None:
        decision = decide(plan(self.ASKS), {"verdict": "yes"}, form(text="new"), {"Ask"})
        self.assertEqual((decision.resets, decision.data_after), (frozenset(), decision.data))

    def test_a_task_that_does_not_start_does_not(self) -> None:
        asks = task("Ask", "text", "verdict", resets="verdict", condition=False)
        decision = decide(plan(asks), {"verdict": "yes"}, form(text="new"), ())
        self.assertEqual(decision.data_after, {"verdict": "yes", "text": "new"})

    def test_conditions_are_evaluated_before_and_resets_do_not_count_as_modified(self) -> None:
        follows = task("Follow", "verdict text", condition=equals("verdict", "yes"))
        for order in ((self.ASKS, follows), (follows, self.ASKS)):
            decision = decide(plan(*order), {"verdict": "yes"}, form(text="new"), ())
            self.assertEqual(sorted(started(decision)), ["Ask", "Follow"])
            self.assertEqual(decision.modified, {"text"})

    def test_a_reset_field_does_not_trigger(self) -> None:
        decision = decide(
            plan(self.ASKS, task("Follow", "verdict")), {"verdict": "yes"}, form(text="new"), ()
        )
        self.assertEqual(started(decision), ["Ask"])

    def test_input_data_is_taken_before(self) -> None:
        again = task("Again", "text verdict", "verdict", resets="verdict")
        other = task("Other", "text verdict")
        decision = decide(plan(again, other), {"verdict": "yes"}, form(text="new"), ())
        for start in decision.starts:
            self.assertEqual(start.input_data, {"text": "new", "verdict": "yes"})

    def test_resets_of_all_started_tasks_add_up(self) -> None:
        both = plan(task("A", "x", "a", resets="a"), task("B", "x", "b c", resets="b c"))
        decision = decide(both, {"a": 1, "b": 1}, form(x=1), ())
        self.assertEqual((decision.resets, decision.data_after), ({"a", "b", "c"}, {"x": 1}))


class StallTests(TestCase):
    """Step 7."""

    def test_nothing_unfinished_and_nothing_started_is_a_stall(self) -> None:
        decision = decide(plan(task("T", "a", condition=False)), {}, form(a=1), ())
        self.assertTrue(decision.stalled)
        self.assertEqual(decision.modified, {"a"})
        self.assertEqual(
            [(evaluation.title, evaluation.outcome) for evaluation in decision.evaluations],
            [("T", Outcome.CONDITION_FALSE)],
        )

    def test_another_unfinished_task_keeps_it_going(self) -> None:
        self.assertFalse(decide(plan(task("T", "b")), {}, form(a=1), {"T"}).stalled)

    def test_a_start_keeps_it_going(self) -> None:
        self.assertFalse(decide(plan(task("T", "a")), {}, form(a=1), ()).stalled)

    def test_a_failure_prevents_a_stall(self) -> None:
        decision = decide(plan(task("T", "a", condition=BROKEN)), TEXT, form(a=1), ())
        self.assertEqual((decision.stalled, len(decision.failures)), (False, 1))

    def test_a_write_without_modified_fields_only_detects_a_stall(self) -> None:
        reads = plan(task("T", "a"), completion("End", "a"))
        self.assertTrue(decide(reads, {"a": 1}, Write.retry(()), ()).stalled)
        self.assertFalse(decide(reads, {"a": 1}, Write.retry(()), {"T"}).stalled)


class FailureTests(TestCase):
    """A condition error affects one definition and does not stop the others."""

    def test_other_tasks_start_and_are_refreshed(self) -> None:
        reads = plan(task("Bad", "a", condition=BROKEN), task("Good", "a"), task("Open", "a"))
        decision = decide(reads, TEXT, form(a=1), {"Open"})
        self.assertEqual((started(decision), refreshed(decision)), (["Good"], ["Open"]))
        (failure,) = decision.failures
        self.assertIs(failure.outcome, Outcome.CONDITION_FAILED)
        self.assertEqual((failure.kind, failure.key), (Kind.TASK, "Bad"))
        self.assertTrue(failure.message)

    def test_a_later_completion_is_still_evaluated(self) -> None:
        reads = plan(completion("Bad", "a", condition=BROKEN), completion("Good", "a"))
        decision = decide(reads, TEXT, form(a=1), ())
        self.assertEqual(decision.completion, reads.completions[1])
        self.assertEqual([failure.key for failure in decision.failures], ["Bad"])

    def test_tasks_start_beside_a_failing_completion(self) -> None:
        decision = decide(plan(completion("Bad", "a", condition=BROKEN), task("T", "a")), TEXT, form(a=1), ())
        self.assertEqual(started(decision), ["T"])

    def test_a_malformed_rule_is_a_failure(self) -> None:
        deep: object = True
        for _level in range(5000):
            deep = {"!": [deep]}
        for rule in (
            {},
            {"a": 1, "b": 2},
            {"missing_some": [1]},
            {"method": [1, "x"]},
            {"var": {"x": 1}},
            deep,
        ):
            decision = decide(plan(task("T", "a", condition=rule)), {}, form(a=1), ())
            self.assertEqual([failure.key for failure in decision.failures], ["T"])


class RetryTests(TestCase):
    """A retry repeats only what failed: the same modified fields, the current data."""

    READS = plan(
        task("T", "a", condition=BROKEN), task("U", "a"), completion("T", "a", condition=equals("z", 1))
    )

    def test_only_the_chosen_definition_is_evaluated(self) -> None:
        again = Write.retry({"a"}, only=[(Kind.TASK, "T")])
        decision = decide(self.READS, {"a": 1, "text": "5"}, again, {"U"})
        self.assertEqual((started(decision), len(decision.evaluations)), (["T"], 1))
        self.assertEqual(decision.data, {"a": 1, "text": "5"})

    def test_a_task_and_a_completion_with_one_key_are_told_apart(self) -> None:
        again = Write.retry({"a"}, only=[(Kind.COMPLETION, "T")])
        decision = decide(self.READS, {"a": 1, "z": 1}, again, ())
        self.assertTrue(decision.ends)

    def test_it_may_fail_again(self) -> None:
        decision = decide(self.READS, {"a": 1, **TEXT}, Write.retry({"a"}, only=[(Kind.TASK, "T")]), ())
        self.assertEqual(([failure.key for failure in decision.failures], decision.stalled), (["T"], False))

    def test_a_task_created_in_the_meantime_is_refreshed(self) -> None:
        decision = decide(self.READS, {"a": 1}, Write.retry({"a"}, only=[(Kind.TASK, "U")]), {"U"})
        self.assertEqual(refreshed(decision), ["U"])


class ReasonTests(TestCase):
    """Every decision can be explained, including tasks that did not start."""

    def test_an_evaluation_has_fields_condition_values_and_outcome(self) -> None:
        rule = {"and": [equals("a", 1), {"<": [{"var": "n"}, 5]}, {"!": {"var": "gone"}}]}
        decision = decide(plan(task("T", "c a b", condition=rule)), {"n": 7}, form(c=1, a=1, z=1), ())
        (evaluation,) = decision.evaluations
        self.assertEqual(
            json.loads(json.dumps(evaluation.as_json())),
            {
                "kind": "task",
                "key": "T",
                "title": "T",
                "fields_met": ["a", "c"],
                "condition": rule,
                "values_read": {"a": 1, "gone": None, "n": 7},
                "outcome": "condition-false",
                "message": "",
            },
        )

    def test_a_failed_condition_shows_its_values_too(self) -> None:
        (evaluation,) = decide(plan(task("T", "a", condition=BROKEN)), TEXT, form(a=1), ()).evaluations
        self.assertEqual(
            (evaluation.outcome, evaluation.values_read), (Outcome.CONDITION_FAILED, {"a": 1, **TEXT})
        )
        self.assertTrue(evaluation.as_json()["message"])

    def test_definitions_that_are_not_triggered_have_no_evaluation(self) -> None:
        decision = decide(plan(task("T", "a"), task("U", "b"), completion("End", "b")), {}, form(a=1), ())
        self.assertEqual([evaluation.title for evaluation in decision.evaluations], ["T"])


class PlanTests(TestCase):
    def test_keys_are_unique_within_a_kind(self) -> None:
        with self.assertRaises(ValueError):
            plan(task("T", "a"), task("T", "b"))
        plan(task("T", "a"), completion("T", "a"), ticket("T", "a"))

    def test_only_what_reads_a_modified_field_is_found(self) -> None:
        reads = plan(task("T", "a b a"), task("U", "c"), task("V", "b"), completion("End", "b c"))
        self.assertEqual([found.title for found in reads.tasks_reading({"a", "b"})], ["T", "V"])
        self.assertEqual([found.title for found in reads.completions_reading({"b", "c"})], ["End"])
        self.assertEqual(reads.tasks_reading({"unknown"}), [])

    def test_an_empty_plan_stalls_at_once(self) -> None:
        self.assertTrue(decide(Plan((), ()), {}, form(a=1), ()).stalled)
