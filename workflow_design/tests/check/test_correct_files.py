"""Tests that the check reports nothing in workflows that are correct by construction."""

import os
from collections import Counter
from random import Random
from typing import Final

from django.test import SimpleTestCase

from workflow_design.check.check_file import check_file
from workflow_design.engine.moves import Move, MoveKind
from workflow_design.engine.plan import build_plan
from workflow_design.engine.replay import BEGINNING, PlayState, PlayStatus, apply_move
from workflow_design.tests.check.correct_files import BLOCKS, CorrectFile, build_correct_file

FILES: Final = int(os.environ.get("CORRECT_FILES", "12"))
"""How many are tried; docs/check.md says how many were tried once."""
FALSE_ALARMS: Final = frozenset(
    {
        "starts-too-early",
        "no-assignee",
        "self-approval",
        "stall",
        "never-happens",
        "never-true",
        "stale-answer",
        "circle",
        "failing-condition",
        "wrong-constant",
    }
)
_MAX_WRITES: Final = 400


def walk(correct: CorrectFile, random: Random) -> PlayState:
    """Play the workflow at random until it ends, with values of its own, and return where it stands."""
    file = correct.file
    plan = build_plan(file)
    fields = [*file.tickets[0].fields]
    move = Move(MoveKind.TICKET, "Ask", {name: random.choice(correct.values[name]) for name in fields})
    state = BEGINNING
    for _number in range(_MAX_WRITES):
        state = apply_move(plan, state, move).state
        if state.status.is_final or state.has_stalled:
            break
        if state.status is PlayStatus.ON_HOLD:
            move = Move(MoveKind.RESUME)
            continue
        task = random.choice([task for task in file.tasks if task.title in state.unfinished])
        values = {name: random.choice(correct.values[name]) for name in task.output_fields}
        move = Move(MoveKind.TASK, task.title, values | _count(task.output_transform, state))
    return state


def _count(transform: object, state: PlayState) -> dict[str, int]:
    """Return what the action that counts would answer; other answers are chosen at random."""
    counted = {}
    for name, rule in transform.items() if isinstance(transform, dict) else ():
        if "+" in rule:
            counted[name] = int(state.data.get(name, 0)) + rule["+"][1]
    return counted


class CorrectFileTests(SimpleTestCase):
    def test_they_are_correct(self) -> None:
        # Else the test below would be wrong, not the check.
        for seed in range(min(FILES, 300)):
            correct = build_correct_file(seed)
            for number in range(5):
                with self.subTest(seed=seed, number=number):
                    state = walk(correct, Random(number))  # noqa: S311
                    self.assertEqual(state.status, PlayStatus.COMPLETED)

    def test_nothing_is_reported(self) -> None:
        exact, blocks = 0, Counter[str]()
        for seed in range(FILES):
            correct = build_correct_file(seed)
            blocks.update(set(correct.blocks))
            with self.subTest(seed=seed, blocks=correct.blocks):
                report = check_file(correct.file)
                found = [each for each in report.findings if each.code in FALSE_ALARMS]
                self.assertEqual([(each.code, each.message) for each in found], [])
                self.assertTrue(report.is_complete)
                exact += report.is_exact
        self.assertEqual(set(blocks), {block.__name__ for block in BLOCKS})
        self.assertGreaterEqual(exact, 0.95 * FILES)
