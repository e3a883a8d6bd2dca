"""Tests that played moves do what the state manager does."""

from dataclasses import replace
from typing import Any

from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_design.definition.workflow import CompletionStatus, TaskType
from workflow_design.engine import Plan
from workflow_design.engine.moves import Move, MoveKind
from workflow_design.engine.replay import BEGINNING, PlayError, PlayStatus, Step, apply_move, play
from workflow_design.tests.engine.interpreter import RunningWorkflow
from workflow_design.tests.examples import VACATION, completion, equals, plan, task, ticket
from workflow_design.tests.strategies import plans, values

JULY = {"days": 5, "first_day": "2026-07-01"}
HELD = plan(
    ticket("Ask", "a"),
    task("Call", "a", "b", task_type=TaskType.SYNC_ACTION),
    task("Look", "a", "c"),
    task("Go on", "c", "d"),
    completion("Wait", "c", condition=equals("c", 1), status=CompletionStatus.ON_HOLD),
    completion("Done", "b d"),
)
RESUME = Move(MoveKind.RESUME)


def submitted(title: str, **given: Any) -> Move:
    return Move(MoveKind.TICKET, title, given)


def done(title: str, **given: Any) -> Move:
    return Move(MoveKind.TASK, title, given)


def waiting(step: Step) -> list[str]:
    return list(step.state.unfinished)


class PlayTests(SimpleTestCase):
    def test_the_vacation_to_its_stall(self) -> None:
        steps = play(
            VACATION,
            [
                submitted("Vacation request", **JULY),
                done("Decide", decision="approve"),
                done("Book it", booked=False),
            ],
        )
        self.assertEqual([waiting(step) for step in steps], [["Decide"], ["Book it"], []])
        self.assertEqual(steps[0].state.unfinished["Decide"], JULY)
        self.assertEqual([step.state.has_stalled for step in steps], [False, False, True])

    def test_nothing_can_happen_after_the_end(self) -> None:
        moves = [submitted("Vacation request", **JULY), done("Decide", decision="reject")]
        end = play(VACATION, moves)[-1].state
        self.assertEqual((end.status, dict(end.unfinished)), (PlayStatus.CANCELLED, {}))
        with self.assertRaises(PlayError):
            apply_move(VACATION, end, Move(MoveKind.EDIT, "", {"days": 1}))

    def test_writes_during_a_hold_wait_for_the_resume(self) -> None:
        steps = play(HELD, [submitted("Ask", a=1), done("Look", c=1), done("Call", b=2), RESUME])
        held, queued, after = (step.state for step in steps[1:])
        self.assertEqual((held.status, list(held.unfinished)), (PlayStatus.ON_HOLD, ["Call"]))
        self.assertEqual((queued.data, len(queued.queue), steps[2].decisions), ({"a": 1, "c": 1}, 1, ()))
        self.assertEqual((after.status, after.data), (PlayStatus.COMPLETED, {"a": 1, "b": 2, "c": 1}))
        started = [[start.task.title for start in each.starts] for each in steps[3].decisions]
        self.assertEqual(started, [["Go on"], []])

    def test_earlier_states_do_not_change(self) -> None:
        first, second = play(HELD, [submitted("Ask", a=1), done("Look", c=2)])
        self.assertEqual(waiting(first), ["Call", "Look"])
        self.assertEqual(waiting(second), ["Call", "Go on"])
        again = play(HELD, [done("Look", c=1)], start=first.state)
        self.assertEqual(again[0].state.status, PlayStatus.ON_HOLD)

    def test_impossible_moves(self) -> None:
        asked = submitted("Ask", a=1)
        impossible = {
            "a task before the ticket": [done("Look", c=1)],
            "the ticket twice": [asked, asked],
            "an unknown ticket": [submitted("Beg", a=1)],
            "an unknown task": [asked, done("Sleep")],
            "a task that does not wait": [asked, done("Go on", d=1)],
            "a field that the form lacks": [asked, done("Look", d=1)],
            "a resume without a hold": [asked, RESUME],
            "a clock at the beginning": [Move(MoveKind.OVERDUE, "Look")],
            "a task that is never overdue": [asked, Move(MoveKind.OVERDUE, "Look")],
        }
        for what, moves in impossible.items():
            with self.subTest(what), self.assertRaises(PlayError):
                play(HELD, moves)

    def test_a_task_becomes_overdue_once_until_it_starts_anew(self) -> None:
        timed = plan(
            ticket("Ask", "a"),
            replace(
                task("Look", "a b", "b", condition={"!": {"var": "b"}}), due_hours=8, overdue_field="late"
            ),
            task("Hurry", "late", "c", condition={"var": "late"}),
        )
        late = Move(MoveKind.OVERDUE, "Look")
        asked, overdue = play(timed, [submitted("Ask", a=1), late])
        self.assertEqual((overdue.state.data, waiting(overdue)), ({"a": 1, "late": True}, ["Look", "Hurry"]))
        (decision,) = overdue.decisions
        self.assertEqual(decision.modified, {"late"})
        with self.assertRaisesMessage(PlayError, "“Look” is overdue already."):
            apply_move(timed, overdue.state, late)
        hurried, again = play(timed, [done("Hurry", c=1), done("Look")], start=overdue.state)
        self.assertEqual((hurried.state.overdue, again.state.overdue), ({"Look"}, frozenset()))
        twice = apply_move(timed, again.state, late)
        self.assertEqual(waiting(twice), ["Look", "Hurry"])
        self.assertEqual(asked.state.overdue, frozenset())
        with self.assertRaisesMessage(PlayError, "Nothing is written when “Hurry” is overdue."):
            apply_move(timed, overdue.state, Move(MoveKind.OVERDUE, "Hurry"))

    def test_no_task_becomes_overdue_during_a_hold(self) -> None:
        tasks = [replace(each, due_hours=8, overdue_field="late") for each in HELD.tasks]
        timed = plan(*HELD.tickets, *tasks, *HELD.completions)
        held = play(timed, [submitted("Ask", a=1), done("Look", c=1)])[-1].state
        with self.assertRaisesMessage(PlayError, "on hold"):
            apply_move(timed, held, Move(MoveKind.OVERDUE, "Call"))

    def test_a_form_is_not_filled_in_during_a_hold(self) -> None:
        by_hand = plan(*HELD.tickets, task("Call", "a", "b"), *HELD.tasks[1:], *HELD.completions)
        state = play(by_hand, [submitted("Ask", a=1), done("Look", c=1)])[-1].state
        with self.assertRaisesMessage(PlayError, "on hold"):
            apply_move(by_hand, state, done("Call", b=1))


class AgainstTheInterpreterTests(SimpleTestCase):
    @settings(max_examples=100, derandomize=True, deadline=None)
    @given(
        plans(), st.lists(st.tuples(st.integers(0, 5), st.lists(values, min_size=3, max_size=3)), max_size=9)
    )
    def test_it_plays_as_the_interpreter_does(
        self, given_plan: Plan, walk: list[tuple[int, list[Any]]]
    ) -> None:
        (asked,) = given_plan.tickets
        workflow = RunningWorkflow(given_plan).submit(asked.title, **dict.fromkeys(asked.fields, 1))
        state = play(given_plan, [submitted(asked.title, **dict.fromkeys(asked.fields, 1))])[-1].state
        for number, drawn in walk:
            if state.status is PlayStatus.ON_HOLD:
                workflow.resume()
                state = apply_move(given_plan, state, RESUME).state
            elif state.unfinished:
                key = list(state.unfinished)[number % len(state.unfinished)]
                found = next(each for each in given_plan.tasks if each.title == key)
                filled = dict(zip(found.output_fields, drawn, strict=False))
                workflow.complete(found.title, **filled)
                state = apply_move(given_plan, state, done(found.title, **filled)).state
            self.assertEqual((state.status, state.data), (workflow.status, workflow.data))
            open_now = {each.plan.title: each.input_data for each in workflow.unfinished()}
            self.assertEqual(dict(state.unfinished), open_now)

    def test_nothing_has_happened_at_first(self) -> None:
        self.assertEqual((BEGINNING.status, play(HELD, [])), (PlayStatus.NOT_STARTED, ()))
