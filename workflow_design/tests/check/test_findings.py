"""The JSON form of findings."""

from dataclasses import replace
from unittest import TestCase

from workflow_design.check.findings import CheckReport, Finding, Severity, sort_by_severity
from workflow_design.engine.moves import Move, MoveKind

STALL = Finding(
    code="stall",
    severity=Severity.WARNING,
    pointer="/tasks/0",
    message="If Decide answers no, the workflow stalls.",
    fix="Add a completion that reads the decision.",
    counterexample=(Move(MoveKind.TICKET, "Ask", {"days": 1}), Move(MoveKind.TASK, "Decide", {})),
    likewise=("/tasks/1",),
)
UNREAD = Finding("field-unread", Severity.HINT, "/fields_schema/properties/a", "Nothing reads it.")
NO_END = Finding("no-end", Severity.ERROR, "/completions", "Nothing ends this workflow.")


class FindingTests(TestCase):
    def test_a_stored_finding_is_read_back(self) -> None:
        for finding in (STALL, UNREAD, replace(STALL, is_exact=False)):
            self.assertEqual(Finding.from_json(finding.as_json()), finding)

    def test_the_most_severe_come_first(self) -> None:
        self.assertEqual(sort_by_severity([UNREAD, STALL, NO_END]), (NO_END, STALL, UNREAD))

    def test_errors_prevent_publishing(self) -> None:
        report = CheckReport((NO_END, STALL), is_complete=True, states=0, writes=0)
        self.assertEqual(report.errors, (NO_END,))

    def test_a_move_of_an_unknown_kind_is_refused(self) -> None:
        with self.assertRaises(ValueError):
            Move.from_json({"kind": "undo", "title": "", "values": {}})
