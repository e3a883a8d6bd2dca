"""Findings that a file accepts: shown as meant so, not counted, out of date when their place changes."""

import json
from typing import Any

from django.test import SimpleTestCase

from workflow_design.check.acceptance import accept, entry_for
from workflow_design.check.check_file import check_file
from workflow_design.check.findings import CheckReport, Finding, Severity
from workflow_design.definition.file_json import WorkflowFileError, parse_workflow_file, to_json
from workflow_design.tests.examples import equals
from workflow_design.tests.files import VACATION, workflow_file

REASON = "HR calls the manager."
STALLING: dict[str, Any] = {
    **VACATION,
    "tasks": [
        VACATION["tasks"][0],
        VACATION["tasks"][1],
        {
            "title": "Book it",
            "task_type": "FORM",
            "input_fields": ["decision", "days", "first_day"],
            "output_fields": ["booked"],
            "condition": equals("decision", "approve"),
        },
    ],
}
"""If “Book it” answers no, nothing goes on."""


def check(*, accepted: list[dict[str, str]], **changes: Any) -> CheckReport:
    return check_file(workflow_file(STALLING, accepted=accepted, **changes))


def stall_of(report: CheckReport) -> Finding:
    (found,) = [each for each in report.findings if each.code == "stall"]
    return found


class AcceptanceTests(SimpleTestCase):
    def setUp(self) -> None:
        found = stall_of(check(accepted=[]))
        self.entry = entry_for(found, reason=REASON)

    def changed_task(self, **members: Any) -> list[dict[str, Any]]:
        *others, last = STALLING["tasks"]
        return [*others, {**last, **members}]

    def why(self, report: CheckReport) -> list[str]:
        return [each["why"] for each in report.as_json()["out_of_date"]]

    def test_the_entry_names_the_place(self) -> None:
        self.assertEqual(
            {**self.entry, "digest": ""},
            {"code": "stall", "pointer": "/tasks/2", "title": "Book it", "digest": "", "reason": REASON},
        )
        self.assertRegex(self.entry["digest"], r"^[0-9a-f]{12}$")

    def test_it_is_shown_with_its_reason_and_not_counted(self) -> None:
        for entry in (self.entry, {"code": "stall", "pointer": "/tasks/2", "reason": REASON}):
            report = check(accepted=[entry])
            self.assertEqual(stall_of(report).accepted, REASON)
            self.assertEqual([each["accepted"] for each in report.as_json()["findings"]], [REASON])
            self.assertEqual((report.of(Severity.WARNING), self.why(report)), ((), []))

    def test_without_it_every_finding_says_that_it_is_not_accepted(self) -> None:
        report = check(accepted=[])
        self.assertIsNone(report.as_json()["findings"][0]["accepted"])
        self.assertEqual(len(report.of(Severity.WARNING)), 1)

    def test_it_is_out_of_date_when_the_place_changes(self) -> None:
        report = check(accepted=[self.entry], tasks=self.changed_task(description="Call first."))
        self.assertIsNone(stall_of(report).accepted)
        self.assertEqual(self.why(report), ["changed"])

    def test_it_is_out_of_date_when_another_cause_leads_there(self) -> None:
        ends = [{**VACATION["completions"][0], "condition": {"!": {"var": "booked"}}}]
        report = check(accepted=[self.entry], completions=[*ends, VACATION["completions"][1]])
        self.assertIsNone(stall_of(report).accepted)
        self.assertEqual(self.why(report), ["changed"])

    def test_it_is_out_of_date_when_nothing_is_found_any_more(self) -> None:
        ends = [{**VACATION["completions"][0], "condition": None}, VACATION["completions"][1]]
        report = check(accepted=[self.entry], completions=ends)
        self.assertEqual(self.why(report), ["gone"])

    def test_nothing_is_said_about_it_while_there_are_errors(self) -> None:
        report = check(accepted=[self.entry], tasks=self.changed_task(input_fields=["no_such_field"]))
        self.assertEqual(self.why(report), [])

    def test_a_change_elsewhere_and_another_order_leave_it(self) -> None:
        first, second, last = STALLING["tasks"]
        report = check(accepted=[self.entry], tasks=[last, {**first, "description": "Soon."}, second])
        self.assertEqual((stall_of(report).pointer, stall_of(report).accepted), ("/tasks/0", REASON))

    def test_a_place_of_another_title_is_not_meant(self) -> None:
        report = check(accepted=[{**self.entry, "title": "Decide"}])
        self.assertIsNone(stall_of(report).accepted)

    def test_errors_cannot_be_accepted(self) -> None:
        error = {"code": "unknown-field", "pointer": "/tasks/2/input_fields/0", "reason": REASON}
        report = check(accepted=[error], tasks=self.changed_task(input_fields=["no_such_field"]))
        self.assertTrue(report.errors)
        self.assertEqual(self.why(report), ["error"])

    def test_a_finding_of_the_company_is_out_of_date_only_where_one_is_known(self) -> None:
        for code, member in (
            ("nobody-to-assign", "executor_roles"),
            ("unknown-role", "executor_roles/0"),
            ("self-approval", "not_submitter"),
        ):
            with self.subTest(code):
                entry = {"code": code, "pointer": f"/tasks/2/{member}", "reason": REASON}
                report = check(accepted=[entry])
                self.assertEqual(self.why(report), [])
                known = accept(report, [entry], knows_company=True)
                self.assertEqual(self.why(known), ["gone"])
        # Who is named by a field needs no company.
        entry = {"code": "self-approval", "pointer": "/tasks/2/assignee_field", "reason": REASON}
        self.assertEqual(self.why(check(accepted=[entry])), ["gone"])

    def test_a_hint_about_a_field_is_accepted(self) -> None:
        fields = {**STALLING["fields_schema"]["properties"], "later": {"type": "string"}}
        schema = {**STALLING["fields_schema"], "properties": fields}
        (hint,) = check(accepted=[], fields_schema=schema).of(Severity.HINT)
        entry = entry_for(hint, reason=REASON)
        self.assertEqual((entry["pointer"], entry["title"]), ("/fields_schema/properties/later", "later"))
        self.assertEqual(check(accepted=[entry], fields_schema=schema).of(Severity.HINT), ())

    def test_the_file_carries_it_unchanged(self) -> None:
        file = workflow_file(STALLING, accepted=[self.entry])
        self.assertEqual(parse_workflow_file(json.dumps(to_json(file))), file)

    def test_a_reason_is_required(self) -> None:
        for entry in ({**self.entry, "reason": " "}, {"code": "stall", "pointer": "/tasks/2"}):
            with self.assertRaises(WorkflowFileError) as raised:
                workflow_file(STALLING, accepted=[entry])
            self.assertTrue(raised.exception.problems[0].pointer.startswith("/accepted/0"))
