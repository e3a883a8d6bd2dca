"""Random runs of random definitions, replayed: on their own plan all is the same, on another it is not."""

from dataclasses import replace
from typing import Any

from django.test import SimpleTestCase
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from workflow_design.definition.schema import data_validator
from workflow_design.definition.workflow import Kind, TaskType
from workflow_design.engine import Outcome, Plan, Source, Write
from workflow_design.engine.moves import Move, MoveKind
from workflow_design.engine.replay import BEGINNING, PlayState, PlayStatus, Step, apply_move
from workflow_design.tests.strategies import FIELDS, plans
from workflow_ops.history.past_runs import OtherVersion, PastRun, PastStep, Verdict

NUMBERS = data_validator({"type": "object", "properties": {name: {"type": "integer"} for name in FIELDS}})
walks = st.lists(
    st.tuples(st.integers(0, 9), st.lists(st.sampled_from((None, 0, 1, 2)), min_size=5, max_size=5)),
    max_size=20,
)


def by_title(plan: Plan) -> Plan:
    """The plan with titles for keys."""
    return Plan(
        tuple(replace(task, key=task.title) for task in plan.tasks),
        tuple(replace(completion, key=completion.title) for completion in plan.completions),
        tuple(replace(ticket, key=ticket.title) for ticket in plan.tickets),
    )


def walked(plan: Plan, walk: list[tuple[int, list[Any]]]) -> tuple[list[Step], list[Write]]:
    """A ticket, then tasks as the walk says, resumed whenever it is on hold; with what was written."""
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
            task = next(each for each in plan.tasks if each.key == key)
            filled = dict(zip(task.output_fields, drawn, strict=False))
            steps.append(apply_move(plan, state, Move(MoveKind.TASK, key, filled)))
            form = task.task_type is TaskType.FORM
            writes.append((Write.by_form if form else Write.by_action)(task.output_fields, filled))
    return steps, writes


def past(step: Step, write: Write) -> PastStep:
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


def run_of(plan: Plan, walk: list[tuple[int, list[Any]]]) -> PastRun:
    """The walk as it would be stored; runs that have not ended count as cancelled by hand."""
    steps, writes = walked(plan, walk)
    end = steps[-1].state
    ended_as = end.completion.title if end.status.is_final and end.completion else ""
    status = end.status.value if end.status.is_final else "CANCELLED"
    return PastRun([past(*pair) for pair in zip(steps, writes, strict=True)], status, ended_as)


class Replays(SimpleTestCase):
    @settings(max_examples=300, derandomize=True, deadline=None)
    @given(plans(), walks)
    def test_the_same_on_its_own_plan(self, plan: Plan, walk: list[tuple[int, list[Any]]]) -> None:
        titled = by_title(plan)
        replayed = OtherVersion(titled, NUMBERS).replay(run_of(titled, walk))
        self.assertEqual((replayed.verdict, replayed.where), (Verdict.SAME, ""))

    @settings(max_examples=200, derandomize=True, deadline=None)
    @given(plans(), walks)
    def test_the_same_under_other_titles(self, plan: Plan, walk: list[tuple[int, list[Any]]]) -> None:
        titled = by_title(plan)
        new = Plan(
            tuple(replace(task, key=f"New {task.key}", title=f"New {task.title}") for task in titled.tasks),
            titled.completions,
            titled.tickets,
        )
        titles = {(Kind.TASK, task.title.casefold()): f"New {task.title}" for task in titled.tasks}
        replayed = OtherVersion(new, NUMBERS, titles).replay(run_of(titled, walk))
        self.assertEqual(replayed.verdict, Verdict.SAME)

    @settings(max_examples=200, derandomize=True, deadline=None)
    @given(plans(), walks, st.integers(0, 4))
    def test_a_task_that_is_gone_is_missed(
        self, plan: Plan, walk: list[tuple[int, list[Any]]], number: int
    ) -> None:
        titled = by_title(plan)
        run = run_of(titled, walk)
        assume(titled.tasks)
        gone = titled.tasks[number % len(titled.tasks)]
        fewer = replace(titled, tasks=tuple(task for task in titled.tasks if task != gone))
        replayed = OtherVersion(fewer, NUMBERS).replay(run)
        was_started = any(gone.title in step.started for step in run.steps)
        if was_started:
            self.assertIn(replayed.verdict, (Verdict.OTHER_TASKS, Verdict.OTHER_END))
            self.assertIn(
                f"“{gone.title}” would not start", replayed.where.replace(" and ", " would not start ")
            )
        else:
            self.assertEqual(replayed.verdict, Verdict.SAME)
