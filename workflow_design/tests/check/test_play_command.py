"""`manage.py play_workflow`, and `check_workflow` with several files."""

import json
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from django.core.management import call_command
from django.test import SimpleTestCase

from workflow_design.tests.check.test_scenarios import APPROVED, FILE, scenario, task, ticket


class CommandCase(SimpleTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(TemporaryDirectory()))
        self.path = self.write("file.json", FILE)

    def write(self, name: str, document: Any) -> str:
        path = self.folder / name
        path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
        return str(path)

    def run_command(self, name: str, *files: str, text: str = "") -> tuple[int, Any]:
        """Return the exit status and the output of a command with `text` on standard input."""
        out, status = StringIO(), 0
        try:
            with patch("sys.stdin", TextIOWrapper(BytesIO(text.encode()))):
                call_command(name, *files, stdout=out)
        except SystemExit as leaving:
            status = int(str(leaving.code))
        return status, json.loads(out.getvalue())


class CheckSeveral(CommandCase):
    def test_a_report_of_each_by_its_name(self) -> None:
        wrong = self.write("wrong.json", {**FILE, "tickets": []})
        status, reports = self.run_command("check_workflow", self.path, wrong)
        self.assertEqual((status, list(reports)), (1, [self.path, wrong]))
        self.assertEqual(next(each["code"] for each in reports[wrong]["findings"]), "no-ticket")
        self.assertEqual(self.run_command("check_workflow", self.path)[1], reports[self.path])

    def test_one_that_can_not_be_read(self) -> None:
        gone = str(self.folder / "gone.json")
        status, reports = self.run_command("check_workflow", gone, self.path)
        self.assertEqual(status, 2)
        self.assertEqual([each["code"] for each in reports[gone]["findings"]], ["unreadable-file"])
        self.assertIn("states", reports[self.path])


class Play(CommandCase):
    def play(self, moves: Any, *, path: str = "") -> tuple[int, Any]:
        text = moves if isinstance(moves, str) else json.dumps(moves)
        return self.run_command("play_workflow", path or self.path, text=text)

    def test_says_what_each_move_starts_and_why_the_rest_does_not(self) -> None:
        status, played = self.play(APPROVED_WITHOUT_PEOPLE)
        self.assertEqual((status, played["unmet"]), (0, []))
        first, second = played["steps"]
        self.assertEqual(
            [(each["title"], each["outcome"]) for each in first["followed"]],
            [("Decide", "started"), ("Agree", "condition-false"), ("Book it", "condition-false")],
        )
        self.assertIn("“Book it” did not start", first["followed"][2]["sentence"])
        self.assertEqual([each["title"] for each in second["unfinished"]], ["Book it"])
        self.assertEqual(second["unfinished"][0]["input"], {"decision": "approve", "days": 5})
        self.assertEqual((second["status"], second["completion"]), ("IN_PROGRESS", None))
        self.assertEqual(second["workspace"], {"days": 5, "decision": "approve"})

    def test_a_refused_move_is_the_last(self) -> None:
        status, played = self.play(
            [*APPROVED_WITHOUT_PEOPLE[:1], task("Decide", decision="maybe"), task("Gone")]
        )
        self.assertEqual((status, len(played["steps"])), (1, 2))
        self.assertEqual(played["steps"][1]["refused"]["field"], "decision")
        self.assertEqual([each["title"] for each in played["steps"][1]["unfinished"]], ["Decide"])
        self.assertIn("Step 2 can't be played.", played["unmet"][0])

    def test_a_scenario(self) -> None:
        status, played = self.play(scenario(*APPROVED, assignees={"Book it": ["Hanna"]}))
        self.assertEqual((status, played["unmet"]), (0, []))
        self.assertEqual(played["steps"][1]["unfinished"][0]["assignees"], ["Hanna"])
        self.assertEqual(self.play(scenario(*APPROVED, status="COMPLETED"))[0], 1)
        self.assertEqual(self.play(scenario(ticket(days=0), refused="days"))[0], 0)

    def test_nothing_to_play(self) -> None:
        for moves, path, expected in (
            ("", "", ("moves", "not-json")),
            ([{"kind": "clock"}], "", ("moves", "not-a-choice")),
            ([], str(self.folder / "gone.json"), ("file", "unreadable-file")),
            ([], self.write("a.json", "{}"), ("file", "missing-member")),
            ([], self.write("b.json", {**FILE, "tickets": []}), ("file", "no-ticket")),
        ):
            with self.subTest(expected):
                status, refused = self.play(moves, path=path)
                self.assertEqual(status, 2)
                self.assertEqual((refused["problems_of"], refused["problems"][0]["code"]), expected)


APPROVED_WITHOUT_PEOPLE = [{**move, "by": ""} for move in APPROVED]
