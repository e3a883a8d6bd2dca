"""Replays of random runs of random definitions: unchanged on their own plan, changed on others."""

from dataclasses import replace
from typing import Any

from django.test import SimpleTestCase
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from workflow_design.definition.schema import data_validator
from workflow_design.definition.workflow import Kind
from workflow_design.engine import Outcome, Plan, Source, Write
from workflow_design.engine.moves import Move, MoveKind
from workflow_design.engine.replay import BEGINNING, PlayState, PlayStatus, Step, apply_move, play
from workflow_design.tests.examples import completion, plan, task, ticket
from workflow_design.tests.strategies import FIELDS, plans
from workflow_ops.history.past_runs import OtherVersion, PastRun, PastStep, Verdict

NUMBERS = data_validator({"type": "object", "properties": {name: {"type": "integer"} for name in FIELDS}})
walks = st.lists(
    st.tuples(st.integers(0, 9), st.lists(st.sampled_from((None, 0, 1, 2)), min_size=5, max_size=5)),
    max_size=20,
)


def play_walk(plan: Plan, walk: list[tuple[int, list[Any]]]) -> tuple[list[Step], list[Write]]:
    """Play a ticket, then tasks in the order of the walk, and resume every hold. Return steps and writes."""
    (ticket,) = plan.tickets
    values = dict.fromkeys(ticket.fields, 1)
    steps = [apply_move(plan, BEGINNING, Move(MoveKind.TICKET, ticket.title, values))]
    writes = [Write.by_form(ticket.fields, values, source=Source.TICKET)]
    for number, drawn in walk:
        state: PlayState = steps[-1].state
        if state.status is PlayStatus.ON_HOLD:
            steps.append(apply_move(plan, state, Move(MoveKind.RESUME)))
            writes.append(Write.retry(()))
        elif state.unfinished and not state.status.is_final:
            key = list(state.unfinished)[number % len(state.unfinished)]
            task = next(each for each in plan.tasks if each.title == key)
            filled = dict(zip(task.output_fields, drawn, strict=False))
            steps.append(apply_move(plan, state, Move(MoveKind.TASK, key, filled)))
            form = task.is_form
            writes.append((Write.by_form if form else Write.by_action)(task.output_fields, filled))
    return steps, writes


def build_past_step(step: Step, write: Write) -> PastStep:
    evaluations = [evaluation for decision in step.decisions for evaluation in decision.evaluations]
    source = "resume" if step.move.kind is MoveKind.RESUME else str(step.move.kind)
    return PastStep(
        source=source,
        title=step.move.title,
        write=write,
        started=frozenset(
            evaluation.title for evaluation in evaluations if evaluation.outcome is Outcome.STARTED
        ),
        reached=next(
            (evaluation.title for evaluation in evaluations if evaluation.outcome is Outcome.REACHED), ""
        ),
    )


def build_run(plan: Plan, walk: list[tuple[int, list[Any]]]) -> PastRun:
    """Return the walk as a stored run; an unfinished run counts as cancelled by a person."""
    steps, writes = play_walk(plan, walk)
    end = steps[-1].state
    ended_as = end.completion.title if end.status.is_final and end.completion else ""
    status = end.status.value if end.status.is_final else "CANCELLED"
    return PastRun([build_past_step(*pair) for pair in zip(steps, writes, strict=True)], status, ended_as)


class Replays(SimpleTestCase):
    @settings(max_examples=300, derandomize=True, deadline=None)
    @given(plans(), walks)
    def test_same_result_on_its_own_plan(self, plan: Plan, walk: list[tuple[int, list[Any]]]) -> None:
        replayed = OtherVersion(plan, NUMBERS).replay(build_run(plan, walk))
        self.assertEqual((replayed.verdict, replayed.where), (Verdict.SAME, ""))

    @settings(max_examples=200, derandomize=True, deadline=None)
    @given(plans(), walks)
    def test_same_result_with_other_titles(self, plan: Plan, walk: list[tuple[int, list[Any]]]) -> None:
        new = Plan(
            tuple(replace(task, title=f"New {task.title}") for task in plan.tasks),
            plan.completions,
            plan.tickets,
        )
        titles = {(Kind.TASK, task.title.casefold()): f"New {task.title}" for task in plan.tasks}
        replayed = OtherVersion(new, NUMBERS, titles).replay(build_run(plan, walk))
        self.assertEqual(replayed.verdict, Verdict.SAME)

    @settings(max_examples=200, derandomize=True, deadline=None)
    @given(plans(), walks, st.integers(0, 4))
    def test_removed_task_changes_the_result(
        self, plan: Plan, walk: list[tuple[int, list[Any]]], number: int
    ) -> None:
        run = build_run(plan, walk)
        assume(plan.tasks)
        gone = plan.tasks[number % len(plan.tasks)]
        fewer = replace(plan, tasks=tuple(task for task in plan.tasks if task != gone))
        replayed = OtherVersion(fewer, NUMBERS).replay(run)
        was_started = any(gone.title in step.started for step in run.steps)
        if was_started:
            self.assertIn(replayed.verdict, (Verdict.OTHER_TASKS, Verdict.OTHER_END))
            self.assertIn(
                f"“{gone.title}” would not start", replayed.where.replace(" and ", " would not start ")
            )
        else:
            self.assertEqual(replayed.verdict, Verdict.SAME)


class OverdueTasks(SimpleTestCase):
    """A task that became overdue does so again, if the other version has it open then."""

    def setUp(self) -> None:
        decide = replace(task("Decide", "a", "b"), due_hours=8, overdue_field="c")
        self.parts = ticket("Ask", "a"), decide, task("Hurry", "c", "d"), completion("End", "b")
        moves = [Move(MoveKind.TICKET, "Ask", {"a": 1}), Move(MoveKind.OVERDUE, "Decide")]
        steps = play(plan(*self.parts), [*moves, Move(MoveKind.TASK, "Decide", {"b": 1})])
        writes = [
            Write.by_form(["a"], {"a": 1}, source=Source.TICKET),
            Write.by_clock({"c": True}),
            Write.by_form(["b"], {"b": 1}),
        ]
        past = [build_past_step(*pair) for pair in zip(steps, writes, strict=True)]
        past[1] = replace(past[1], source="clock")
        self.run_ = PastRun(past, "COMPLETED", "End")

    def replayed(self, *parts: Any) -> tuple[Verdict, str]:
        found = OtherVersion(plan(*parts), NUMBERS).replay(self.run_)
        return found.verdict, found.where

    def test_the_same_way(self) -> None:
        self.assertEqual(self.replayed(*self.parts), (Verdict.SAME, ""))

    def test_nothing_is_written_any_more(self) -> None:
        ask, _decide, *others = self.parts
        verdict, where = self.replayed(ask, task("Decide", "a", "b"), *others)
        self.assertEqual(verdict, Verdict.OTHER_TASKS)
        self.assertEqual(where, "After the clock (step 2), “Hurry” would not start.")

    def test_it_would_not_have_been_open(self) -> None:
        ask, decide, *others = self.parts
        closed = replace(decide, condition={"==": [{"var": "a"}, 2]})
        verdict, where = self.replayed(ask, closed, *others)
        self.assertEqual(verdict, Verdict.OTHER_END)
        self.assertIn("“Decide” would not", where)
