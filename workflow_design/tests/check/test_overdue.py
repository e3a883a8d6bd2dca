"""The clock in the check: tasks that become overdue, once, and what follows from it."""

import json
from typing import Any

from django.test import SimpleTestCase

from workflow_design.check.check_file import check_file
from workflow_design.check.findings import CheckReport, Severity
from workflow_design.definition.file_json import parse_workflow_file
from workflow_design.engine.moves import MoveKind

FIELDS: dict[str, Any] = {
    "question": {"type": "string"},
    "answer": {"enum": ["yes", "no"], "title": "Answer"},
    "hurried": {"type": "boolean"},
    "late": {"type": "boolean", "title": "Late"},
    "note": {"type": "string"},
}
LATE: dict[str, Any] = {"due_hours": 8, "overdue_field": "late"}
NEVER = {"overdue_field": None}


def form(title: str, reads: str, writes: str, condition: Any = None, **members: Any) -> dict[str, Any]:
    fields = {"input_fields": reads.split(), "output_fields": writes.split()}
    return {"title": title, "task_type": "FORM", "condition": condition, **fields, **members}


def end(title: str, reads: str, condition: Any = None, status: str = "COMPLETED") -> dict[str, Any]:
    return {
        "title": title,
        "completion_status": status,
        "fields": reads.split(),
        "condition": condition,
    }


def check(*tasks: dict[str, Any], ends: list[dict[str, Any]]) -> CheckReport:
    document = {
        "format": "ticketflower-workflow/1",
        "title": "Any",
        "fields_schema": {"type": "object", "properties": FIELDS, "required": ["question", "answer"]},
        "tickets": [{"title": "Ask", "fields": ["question"]}],
        "tasks": list(tasks),
        "completions": ends,
    }
    return check_file(parse_workflow_file(json.dumps(document)))


def codes(report: CheckReport) -> set[str]:
    return {each.code for each in report.findings if each.severity is not Severity.HINT}


DECIDE = form("Decide", "question", "answer", **LATE)
HURRY = form("Hurry", "late", "hurried")
ANSWERED = end("Answered", "answer")


class OverdueTests(SimpleTestCase):
    def test_a_task_that_reads_the_field_starts_when_the_other_is_overdue(self) -> None:
        report = check(DECIDE, HURRY, ends=[ANSWERED])
        (note,) = (each for each in report.findings if each.code == "cancels-unfinished")
        self.assertEqual(codes(report), {"cancels-unfinished"})
        self.assertTrue(report.is_exact)
        kinds = [(move.kind, move.title) for move in note.counterexample]
        ticket, task = (MoveKind.TICKET, "Ask"), (MoveKind.TASK, "Decide")
        self.assertEqual(kinds, [ticket, (MoveKind.OVERDUE, "Decide"), task])

    def test_it_is_told_in_words(self) -> None:
        failing = end("Late", "late", {"<": [{"+": [{"var": "note"}, 1]}, 2]})
        (failed,) = (each for each in check(DECIDE, ends=[ANSWERED, failing]).findings if each.counterexample)
        self.assertIn("if “Decide” is overdue", failed.message)

    def test_the_clock_may_be_the_only_way_out(self) -> None:
        again = form("Decide", "question note", "note", **LATE)
        late = end("Late", "late note", {"var": "late"}, "CANCELLED")
        self.assertEqual(codes(check(again, ends=[late])), set())
        self.assertEqual(codes(check({**again, **NEVER}, ends=[late])), {"circle", "never-happens"})

    def test_a_field_of_which_only_true_is_written(self) -> None:
        early = end("Early", "late answer", {"==": [{"var": "late"}, False]}, "CANCELLED")
        report = check(DECIDE, HURRY, ends=[early, ANSWERED])
        self.assertIn(("never-happens", "/completions/0"), {(e.code, e.pointer) for e in report.findings})

    def test_a_task_that_starts_anew_becomes_overdue_anew(self) -> None:
        back = form("Back", "answer", "question", {"==": [{"var": "answer"}, "no"]})
        done = end("Done", "answer", {"==": [{"var": "answer"}, "yes"]})
        # “Hurry” is answered between the two times.
        hurried = form("Hurry", "late", "hurried", {"!": {"var": "hurried"}})
        twice = form("Twice", "late", "note", {"var": "hurried"})
        report = check(DECIDE, hurried, twice, back, ends=[done])
        self.assertNotIn("never-happens", codes(report))
        self.assertIn("never-happens", codes(check(DECIDE, hurried, twice, ends=[end("End", "answer")])))

    def test_nothing_becomes_overdue_on_hold(self) -> None:
        # The call is made before the hold, and can become overdue only after it.
        call = {"task_type": "SYNC_ACTION", "action_url": "https://example.com/", **LATE}
        hold, called = end("Hold", "question", None, "ON_HOLD"), form("Call", "question", "note", **call)
        late = form("Hurry", "late", "hurried", {"!": {"var": "note"}})
        report = check(called, late, ends=[hold, end("End", "hurried note")])
        (end_note,) = (each for each in report.findings if each.code == "cancels-unfinished")
        kinds = [move.kind for move in end_note.counterexample]
        before_late = kinds[: kinds.index(MoveKind.OVERDUE)]
        self.assertEqual(before_late, [MoveKind.TICKET, MoveKind.RESUME])

    def test_states_do_not_grow_where_nothing_reads_the_field(self) -> None:
        other = form("Other", "question", "note", shown_fields=["late"])
        timed, plain = (check(each, other, ends=[ANSWERED]) for each in (DECIDE, {**DECIDE, **NEVER}))
        self.assertEqual(timed.states, plain.states)
        self.assertGreater(check(DECIDE, other, HURRY, ends=[ANSWERED]).states, plain.states)
