"""Scenarios in a workflow file: played with every check, and a failing one is an error."""

import json
from dataclasses import replace
from typing import Any

from django.test import SimpleTestCase

from workflow_design.check.check_file import IN_FULL, QUICK, check_file
from workflow_design.definition.file_json import WorkflowFileError, parse_moves, parse_workflow_file
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.tests.files import workflow_file
from workflow_design.tests.gallery_files import stalling_vacation

PEOPLE = {"Anna": [], "Max": ["Manager"], "Hanna": ["HR"]}
FILE: dict[str, Any] = {
    "format": "ticketflower-workflow/1",
    "title": "Vacation",
    "fields_schema": {
        "type": "object",
        "required": ["days", "decision", "booked"],
        "properties": {
            "days": {"type": "integer", "title": "Days", "minimum": 1, "maximum": 60},
            "stand_in": {"type": "string", "format": "user", "title": "Stand-in"},
            "decision": {"title": "Decision", "enum": ["approve", "reject"]},
            "note": {"type": "string", "title": "Note"},
            "booked": {"type": "boolean", "title": "Booked"},
        },
    },
    "tickets": [{"title": "Vacation request", "fields": ["days", "stand_in"]}],
    "tasks": [
        {
            "title": "Decide",
            "task_type": "FORM",
            "executor_roles": ["Manager"],
            "not_submitter": True,
            "input_fields": ["days"],
            "output_fields": ["decision"],
        },
        {
            "title": "Agree",
            "task_type": "FORM",
            "assignee_field": "stand_in",
            "input_fields": ["stand_in"],
            "output_fields": ["note"],
            "condition": {"!=": [{"var": "stand_in"}, None]},
        },
        {
            "title": "Book it",
            "task_type": "FORM",
            "executor_roles": ["HR"],
            "input_fields": ["decision", "days", "note"],
            "output_fields": ["booked"],
            "condition": {"==": [{"var": "decision"}, "approve"]},
        },
    ],
    "completions": [
        {"title": "Booked", "completion_status": "COMPLETED", "fields": ["booked"]},
        {
            "title": "Rejected",
            "completion_status": "CANCELLED",
            "fields": ["decision"],
            "condition": {"==": [{"var": "decision"}, "reject"]},
        },
    ],
}


def ticket(**values: Any) -> dict[str, Any]:
    return {"kind": "ticket", "title": "Vacation request", "by": "Anna", "values": {"days": 5, **values}}


def task(title: str, by: str = "", **values: Any) -> dict[str, Any]:
    move = {"kind": "task", "title": title, "values": values}
    return {**move, "by": by} if by else move


APPROVED = (ticket(), task("Decide", "Max", decision="approve"))


def scenario(*moves: dict[str, Any], **expect: Any) -> dict[str, Any]:
    return {"title": "A case", "people": PEOPLE, "moves": list(moves), "expect": expect}


def with_scenarios(*scenarios: dict[str, Any]) -> WorkflowFile:
    return workflow_file({**FILE, "scenarios": list(scenarios)})


def failures(*scenarios: dict[str, Any]) -> list[str]:
    findings = check_file(with_scenarios(*scenarios)).findings
    return [each.message for each in findings if each.code == "scenario-failed"]


class ScenariosThatHold(SimpleTestCase):
    """What can be expected."""

    def test_what_stands_after_the_last_move(self) -> None:
        person = ticket(stand_in="Max")
        for each in (
            scenario(ticket(), unfinished=["Decide"], status="IN_PROGRESS", completion=None),
            scenario(*APPROVED, unfinished=["Book it"], values={"decision": "approve", "note": None}),
            scenario(*APPROVED, task("Book it", booked=True), status="COMPLETED", completion="Booked"),
            scenario(*APPROVED, {"kind": "edit", "values": {"days": 3}}, values={"days": 3}),
            scenario(person, assignees={"Decide": ["Max"], "Agree": ["Max"]}, values={"stand_in": "Max"}),
            scenario(*APPROVED, assignees={"Book it": ["Hanna"]}),
        ):
            with self.subTest(each):
                self.assertEqual(failures(each), [])

    def test_the_last_move_is_refused(self) -> None:
        own = {**ticket(), "by": "Max"}
        for each in (
            scenario(ticket(days=61), refused="days"),
            scenario(ticket(), task("Decide"), refused="decision", unfinished=["Decide"]),
            scenario(ticket(), task("Decide", note="x", decision="approve"), refused="note"),
            scenario(own, task("Decide", "Max", decision="approve"), refused=True, assignees={"Decide": []}),
            scenario(ticket(), task("Decide", "Hanna", decision="approve"), refused=True),
            scenario(ticket(stand_in="Max"), task("Agree", "Hanna"), refused=True),
            scenario(*APPROVED, task("Decide", decision="reject"), refused=True),
            scenario(ticket(stand_in="Nobody"), refused="stand_in"),
        ):
            with self.subTest(each):
                self.assertEqual(failures(each), [])

    def test_a_hold_and_its_resume(self) -> None:
        held: dict[str, Any] = {"title": "Too long", "completion_status": "ON_HOLD", "fields": ["days"]}
        held["condition"] = {">": [{"var": "days"}, 30]}
        file = {**FILE, "completions": [*FILE["completions"], held]}
        moves = (ticket(days=40), {"kind": "resume"})
        stored = [
            scenario(moves[0], status="ON_HOLD", completion="Too long", unfinished=[]),
            scenario(*moves, unfinished=["Decide"], status="IN_PROGRESS"),
        ]
        stored[1]["title"] = "Another"
        report = check_file(workflow_file({**file, "scenarios": stored}))
        self.assertEqual(report.errors, ())

    def test_a_task_that_becomes_overdue(self) -> None:
        fields = {**FILE["fields_schema"]["properties"], "late": {"type": "boolean"}}
        late = {"title": "Late", "completion_status": "CANCELLED", "fields": ["late"]}
        file = {
            **FILE,
            "fields_schema": {**FILE["fields_schema"], "properties": fields},
            "tasks": [{**FILE["tasks"][0], "due_hours": 8, "overdue_field": "late"}, *FILE["tasks"][1:]],
            "completions": [*FILE["completions"], late],
        }
        overdue = {"kind": "overdue", "title": "Decide"}
        stored = [
            scenario(ticket(), overdue, completion="Late", values={"late": True}),
            scenario(*APPROVED, overdue, refused=True),
            scenario(ticket(), {"kind": "overdue", "title": "Book it"}, refused=True),
        ]
        titled = [{**each, "title": str(number)} for number, each in enumerate(stored)]
        self.assertEqual(check_file(workflow_file({**file, "scenarios": titled})).errors, ())
        with self.assertRaises(WorkflowFileError):
            workflow_file({**file, "scenarios": [scenario({"kind": "overdue"})]})


class ScenariosThatFail(SimpleTestCase):
    """A failing scenario is an error that says what was expected and what came."""

    def test_says_what_came_instead(self) -> None:
        for each, words in (
            (scenario(ticket(), unfinished=["Book it"]), "Expected: Open: “Book it”. Came: Open: “Decide”."),
            (
                scenario(*APPROVED, status="COMPLETED"),
                "The workflow is completed. Came: The workflow is in progress.",
            ),
            (scenario(ticket(), completion="Booked"), "“Booked” is reached. Came: No completion is reached."),
            (scenario(ticket(), values={"days": 4}), "Expected: Days is 4. Came: Days is 5."),
            (scenario(ticket(), values={"gone": None}), "Expected: Gone is empty."),
            (
                scenario(ticket(), assignees={"Decide": ["Hanna"]}),
                "given to Hanna. Came: “Decide” can be given to Max.",
            ),
            (scenario(ticket(), assignees={"Book it": []}), "Came: “Book it” is not open."),
            (scenario(ticket(), refused="days"), "refused because of Days. Came: It is played."),
            (
                scenario(ticket(days=61), refused="note"),
                "refused because of Note. Came: Days: This must be at most 60.",
            ),
            (
                scenario(task("Decide"), unfinished=[]),
                "Step 1 can't be played. A workflow starts with a ticket.",
            ),
            (
                scenario(ticket(), task("Gone"), refused=False),
                "Step 2 can't be played. There is no task “Gone”.",
            ),
            (
                scenario(ticket(days=0), *APPROVED, refused=True),
                "Step 1 can't be played. Days: This must be at least 1.",
            ),
            (scenario({**ticket(), "by": "Ana"}), "“Ana” is not among the people"),
            (
                scenario(ticket(), task("Decide", "Hanna", decision="reject")),
                "Hanna can't be given “Decide”: it takes the role Manager.",
            ),
            (
                scenario(ticket(stand_in="Max"), task("Agree", "Hanna", note="Yes")),
                "Hanna can't be given “Agree”: it is for Max alone.",
            ),
            (
                scenario({**ticket(), "by": "Max"}, task("Decide", "Max", decision="reject")),
                "Max can't be given “Decide”: the person who submitted the ticket never gets it.",
            ),
            (scenario(), "Step 1 can't be played. The scenario has no steps."),
        ):
            with self.subTest(words):
                self.assertIn(words, " ".join(failures(each)))

    def test_is_an_error_where_it_stands(self) -> None:
        report = check_file(with_scenarios(scenario(ticket()), {**scenario(status="ON_HOLD"), "title": "B"}))
        (error,) = report.errors
        self.assertEqual((error.code, error.pointer), ("scenario-failed", "/scenarios/1"))
        self.assertTrue(error.fix)

    def test_is_not_played_while_there_are_static_errors(self) -> None:
        wrong = {**FILE["completions"][1], "condition": {"==": [{"var": "decision"}, "Reject"]}}
        stored = {**FILE, "completions": [FILE["completions"][0], wrong]}
        file = workflow_file(stored, scenarios=[scenario(ticket(), status="ON_HOLD")])
        self.assertEqual([each.code for each in check_file(file).errors], ["wrong-constant"])

    def test_plays_within_bounds(self) -> None:
        stored = [{**scenario(*APPROVED, refused=False), "title": f"Case {number}"} for number in range(30)]
        # A rule over a list may take ten thousand operations, so it counts as that many.
        long = {"or": [{"reduce": [[1, 2], {"+": [{"var": "current"}, 1]}, 0]}, True]}
        slow = [{**FILE["tasks"][0], "title": f"Task {number}", "condition": long} for number in range(30)]
        self.assertTrue(check_file(with_scenarios(*stored), bounds=QUICK).is_complete)
        file = workflow_file({**FILE, "tasks": [*FILE["tasks"], *slow], "scenarios": stored})
        report = check_file(file, bounds=QUICK)
        self.assertEqual((report.errors, report.is_complete), ((), False))
        (error,) = check_file(file, bounds=replace(IN_FULL, states=10)).errors
        self.assertEqual((error.code, error.pointer), ("scenario-failed", "/scenarios"))


class TheForm(SimpleTestCase):
    """Problems of form are named by pointer."""

    def test_names_each_problem(self) -> None:
        wrong = [
            {"title": "A", "moves": [{"kind": "task"}], "expect": {"state": 1}},
            {
                "title": "a",
                "moves": [{"kind": "clock"}],
                "expect": {"status": "DONE"},
                "people": {"Anna": "HR"},
            },
            {"moves": [], "expect": {}},
        ]
        with self.assertRaises(WorkflowFileError) as caught:
            parse_workflow_file(json.dumps({**FILE, "scenarios": wrong}))
        self.assertEqual(
            {(problem.pointer, problem.code) for problem in caught.exception.problems},
            {
                ("/scenarios/0/moves/0", "missing-member"),
                ("/scenarios/0/expect/state", "unknown-member"),
                ("/scenarios/1/title", "title-twice"),
                ("/scenarios/1/moves/0/kind", "not-a-choice"),
                ("/scenarios/1/expect/status", "not-a-choice"),
                ("/scenarios/1/people/Anna", "wrong-type"),
                ("/scenarios/2", "missing-member"),
            },
        )

    def test_moves_alone_or_a_scenario(self) -> None:
        self.assertEqual(parse_moves('[{"kind": "resume"}]'), {"moves": [{"kind": "resume"}]})
        self.assertEqual(parse_moves('{"moves": [], "people": {}}'), {"moves": [], "people": {}})
        for text, pointer in (("[{}]", "/0"), ('{"moves": [{}]}', "/moves/0"), ("7", ""), ("{", "")):
            with self.subTest(text), self.assertRaises(WorkflowFileError) as caught:
                parse_moves(text)
            self.assertEqual(caught.exception.problems[0].pointer, pointer)

    def test_counterexamples_are_moves(self) -> None:
        findings = check_file(stalling_vacation()).as_json()["findings"]
        moves = next(each["counterexample"] for each in findings if each["code"] == "stall")
        stalls = {**scenario(*moves, status="IN_PROGRESS", unfinished=[]), "people": {}}
        self.assertEqual(check_file(replace(stalling_vacation(), scenarios=(stalls,))).errors, ())
