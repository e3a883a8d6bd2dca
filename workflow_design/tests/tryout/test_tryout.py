"""The try-out of a definition, without a database."""

import json
from dataclasses import asdict
from typing import Any

from django.test import SimpleTestCase

from workflow_design.check.check_file import check_file
from workflow_design.definition.scenarios import MAX_MOVES
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.engine.moves import Move, MoveKind
from workflow_design.engine.replay import BEGINNING
from workflow_design.tests.files import workflow_file
from workflow_design.tests.gallery_files import NAMES, gallery_file
from workflow_design.tests.tryout.tryout_file import REPAIR
from workflow_design.tryout.play import MovesError, Tryout, form_name, read_moves, serialize_moves
from workflow_design.tryout.wording import StepResult, describe_state, describe_step

FILE = workflow_file(REPAIR)
BROKE = Move(MoveKind.TICKET, "Something broke", {"what": "Lamp"})
RESUME = Move(MoveKind.RESUME)


def verdict(answer: str) -> Move:
    return Move(MoveKind.TASK, "Look at it", {"verdict": answer})


def price(amount: float) -> Move:
    return Move(MoveKind.TASK, "Ask for the price", {"price": amount})


def repaired(**values: Any) -> Move:
    return Move(MoveKind.TASK, "Repair it", values)


def play_moves(*moves: Move, file: WorkflowFile = FILE) -> Tryout:
    return Tryout.of(file, moves)


def describe_last_step(tryout: Tryout) -> StepResult:
    before = tryout.steps[-2].state if len(tryout.steps) > 1 else BEGINNING
    return describe_step(tryout.steps[-1], before, tryout)


class ReadMoves(SimpleTestCase):
    """The parser of moves, with valid and manipulated texts."""

    def test_round_trip(self) -> None:
        moves = (BROKE, verdict("wait"), RESUME)
        self.assertEqual(
            [asdict(move) for move in read_moves(serialize_moves(moves))],
            [asdict(move) for move in moves],
        )
        self.assertEqual(read_moves("  "), ())

    def test_refuses_anything_else(self) -> None:
        move = asdict(BROKE)
        hostile: dict[str, Any] = {
            "no list": move,
            "too many": [move] * (MAX_MOVES + 1),
            "no object": [["ticket"]],
            "no kind": [{"title": "", "values": {}}],
            "another kind": [{**move, "kind": "clock"}],
            "no values": [{**move, "values": None}],
            "pairs": [{**move, "values": [[1, 2]]}],
        }
        texts = {what: json.dumps(value) for what, value in hostile.items()} | {
            "no JSON": "{{ 7*7 }}",
            "not a number": '[{"kind": "ticket", "title": "", "values": {"what": NaN}}]',
            "NUL": json.dumps([{**move, "title": "\0"}]),
            "half a character": '[{"kind": "ticket", "title": "\\ud800", "values": {}}]',
            "deep": "[" * 5000 + "]" * 5000,
            "long": json.dumps([{**move, "title": "x" * 300_000}]),
            "the same name twice": '[{"kind": "ticket", "kind": "ticket", "title": "", "values": {}}]',
        }
        for what, text in texts.items():
            with self.subTest(what), self.assertRaises(MovesError):
                read_moves(text)


class Play(SimpleTestCase):
    """Playing moves on a workflow file."""

    def test_stops_at_an_impossible_move(self) -> None:
        impossible = {
            "Something urgent broke": Move(MoveKind.TICKET, "Something urgent broke", {"what": "Lamp"}),
            "an unknown task": Move(MoveKind.TASK, "Sing", {}),
            "a value of another type": Move(MoveKind.TASK, "Look at it", {"verdict": [{}]}),
            "an unknown field": Move(MoveKind.TASK, "Look at it", {"verdict": "wait", "nope": 1}),
            "a field of another form": Move(MoveKind.TASK, "Look at it", {"verdict": "wait", "done": True}),
            "a required field left out": Move(MoveKind.TASK, "Look at it", {}),
            "a resume without a hold": RESUME,
        }
        for what, move in impossible.items():
            with self.subTest(what):
                tryout = play_moves(BROKE, move, verdict("repair"))
                self.assertIn("Step 2 can't be played.", tryout.refusal)
                self.assertEqual(tryout.moves, (BROKE,))

    def test_names_the_invalid_field(self) -> None:
        self.assertIn("Verdict: ", play_moves(BROKE, verdict("sing")).refusal)

    def test_limits_the_number_of_steps(self) -> None:
        again = [Move(MoveKind.EDIT, "", {"urgent": number % 2 == 0}) for number in range(MAX_MOVES)]
        tryout = play_moves(BROKE, *again[:-1])
        self.assertEqual((len(tryout.steps), tryout.refusal), (MAX_MOVES, ""))
        self.assertIn("at most", tryout.play_move(again[-1]).refusal)

    def test_what_can_be_filled_in(self) -> None:
        ways: list[tuple[tuple[Move, ...], list[str]]] = [
            ((), ["ticket:Something broke", "ticket:Something urgent broke"]),
            ((BROKE,), ["task:Look at it", "task:Ask for the price"]),
            ((BROKE, verdict("wait")), ["task:Ask for the price"]),
            ((BROKE, verdict("give up")), []),
        ]
        for moves, names in ways:
            self.assertEqual([form_name(part) for part in play_moves(*moves).fillable], names)


class Words(SimpleTestCase):
    """The texts of the try-out."""

    def assert_state(self, word: str, text: str, *moves: Move) -> None:
        state = describe_state(play_moves(*moves), {})
        self.assertEqual((state.word, state.text), (word, text))

    def test_state(self) -> None:
        self.assert_state("Not started", "Submit a ticket and see what happens.")
        self.assert_state(
            "Waits for",
            "<strong>Look at it</strong> (Mechanic), <strong>Ask for the price</strong> (prices.example.com)",
            BROKE,
        )
        held = (
            "<strong>Waits for parts</strong> put it on hold. No form can be completed until it is resumed."
        )
        self.assert_state("On hold", held, BROKE, verdict("wait"))
        self.assert_state("On hold", f"{held} 1 answer waits until then.", BROKE, verdict("wait"), price(5))
        self.assert_state(
            "Cancelled", "<strong>Given up</strong> ended it after 2 steps.", BROKE, verdict("give up")
        )
        self.assert_state(
            "Completed",
            "<strong>Works again</strong> ended it after 3 steps.",
            BROKE,
            verdict("repair"),
            repaired(done=True, what="Lamp"),
        )

    def test_a_stall(self) -> None:
        tryout = play_moves(BROKE, price(5), verdict("wait"), RESUME)
        self.assertEqual(describe_state(tryout, {}).word, "Stalled")
        self.assertEqual(describe_last_step(tryout).followed, ())

    def test_a_condition_that_fails(self) -> None:
        tryout = play_moves(BROKE, price(5), verdict("replace"))
        self.assertEqual(describe_state(tryout, {}).word, "Stopped")
        failed = [line for line in describe_last_step(tryout).others if line.tone == "danger"]
        self.assertEqual(len(failed), 1)
        self.assertIn("its condition can't be evaluated", failed[0].text)

    def test_results_and_other_parts(self) -> None:
        last = describe_last_step(play_moves(BROKE, verdict("repair")))
        self.assertEqual(
            [line.text for line in last.followed],
            ["“Repair it” started, since Verdict was written and Verdict is “repair”."],
        )
        others = " ".join(line.text for line in last.others)
        self.assertIn("“Given up” was not reached: Verdict was written", others)
        self.assertIn("“Buy a new one” did not start", others)
        self.assertEqual(
            last.untouched,
            "Not affected, because none of their fields was written: “Look at it”, “Ask for the price” "
            "and “Works again”.",
        )

    def test_emptied_fields_and_cancelled_tasks(self) -> None:
        again = play_moves(BROKE, verdict("repair"), repaired(what="The other lamp"))
        self.assertIn("Verdict was emptied", " ".join(x.text for x in describe_last_step(again).followed))
        ended = describe_last_step(play_moves(BROKE, verdict("give up")))
        self.assertIn(
            "“Ask for the price” was still open and is cancelled.", [x.text for x in ended.followed]
        )
        self.assertNotIn("“Look at it” was still open", " ".join(line.text for line in ended.followed))

    def test_an_answer_during_a_hold(self) -> None:
        last = describe_last_step(play_moves(BROKE, verdict("wait"), price(5)))
        self.assertEqual([x.text for x in last.followed], ["The answer waits until the workflow is resumed."])
        self.assertEqual((last.others, last.untouched), ((), ""))

    def test_the_person_in_a_field(self) -> None:
        broke = Move(MoveKind.TICKET, "Something broke", {"what": "Lamp", "expert": "7"})
        state = describe_state(play_moves(broke, price(1), verdict("repair")), {"7": "Wanda"})
        self.assertEqual(state.text, "<strong>Repair it</strong> (The person in “Expert”: Wanda)")

    def test_titles_are_escaped(self) -> None:
        tasks = [{**REPAIR["tasks"][0], "title": "<script>"}]
        file = workflow_file(REPAIR, tasks=tasks)
        self.assertIn(
            "<strong>&lt;script&gt;</strong>", describe_state(play_moves(BROKE, file=file), {}).text
        )


class ShowMe(SimpleTestCase):
    """The counterexamples of the check can be played."""

    def test_every_counterexample_can_be_played(self) -> None:
        codes = set()
        for file in (FILE, *map(gallery_file, NAMES)):
            for finding in check_file(file).findings:
                if not finding.counterexample:
                    continue
                with self.subTest(workflow=file.title, message=finding.message):
                    tryout = Tryout.of(file, read_moves(serialize_moves(finding.counterexample)))
                    self.assertEqual((tryout.refusal, len(tryout.steps)), ("", len(finding.counterexample)))
                    if finding.code == "stall":
                        self.assertEqual(describe_state(tryout, {}).word, "Stalled")
                    codes.add(finding.code)
        self.assertGreater(len(codes), 1)
