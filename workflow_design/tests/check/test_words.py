"""Messages and fixes of explored findings, and the other places that they name."""

import json
from typing import Any

from django.test import SimpleTestCase

from workflow_design.check.check_file import check_file
from workflow_design.check.findings import Finding
from workflow_design.definition.file_json import parse_workflow_file
from workflow_design.tests.examples import equals

FIELDS: dict[str, Any] = {
    "price": {"type": "number", "title": "Price", "multipleOf": 1, "minimum": 1},
    "first_day": {"type": "string", "format": "date", "title": "First day"},
    "boss": {"type": "string", "format": "user", "title": "Boss"},
    "crm": {
        "oneOf": [{"const": "y", "title": "Granted"}, {"const": "n", "title": "Refused"}],
        "title": "CRM",
    },
    "erp": {"enum": ["y", "n"], "title": "ERP"},
    "laptop": {"type": "boolean", "title": "Laptop"},
    "done": {"type": "string", "title": "Done"},
}


def form(title: str, reads: str, writes: str, condition: Any = None, **members: Any) -> dict[str, Any]:
    form = {"title": title, "task_type": "FORM", "condition": condition}
    return {**form, "input_fields": reads.split(), "output_fields": writes.split(), **members}


def completion(reads: str, condition: Any = None, **members: Any) -> dict[str, Any]:
    return {
        "title": "End",
        "completion_status": "COMPLETED",
        "fields": reads.split(),
        "condition": condition,
        **members,
    }


def find(
    *tasks: dict[str, Any],
    ends: list[dict[str, Any]],
    asks: str,
    required: str = "price first_day boss crm erp laptop done",
) -> dict[str, list[Finding]]:
    """Return the findings by their code."""
    document = {
        "format": "ticketflower-workflow/1",
        "title": "Any",
        "fields_schema": {"type": "object", "properties": FIELDS, "required": required.split()},
        "display_layout": list(FIELDS),
        "tickets": [{"title": "Ask", "fields": asks.split()}],
        "tasks": list(tasks),
        "completions": ends,
    }
    found: dict[str, list[Finding]] = {}
    for finding in check_file(parse_workflow_file(json.dumps(document))).findings:
        if not finding.pointer.startswith("/fields_schema"):
            found.setdefault(finding.code, []).append(finding)
    return found


class WordsTests(SimpleTestCase):
    def stall(self, *tasks: dict[str, Any], **members: Any) -> Finding:
        (finding,) = find(*tasks, **members)["stall"]
        return finding

    def test_values_are_worded_as_forms_show_them(self) -> None:
        for asks, condition, clause in (
            ("price", {"!=": [{"var": "price"}, 1000]}, "Price is 1,000"),
            ("first_day", {"!=": [{"var": "first_day"}, "2026-02-01"]}, "First day is 1 February 2026"),
            ("crm", {"!=": [{"var": "crm"}, "n"]}, "CRM is “Refused”"),
            ("laptop", {"var": "laptop"}, "Laptop is no"),
            ("boss", {"!=": [{"var": "boss"}, "7"]}, "Boss is person 7"),
        ):
            found = self.stall(asks=asks, ends=[completion(asks, condition)])
            self.assertEqual(
                found.message,
                f"If the ticket “Ask” is submitted and {clause}, nothing goes on: no task is open, and the "
                "workflow has not ended.",
            )
            self.assertEqual(
                found.fix, "Add a task or a completion for this case, or change the condition of “End”."
            )

    def test_a_field_is_told_apart_from_a_task_with_its_title(self) -> None:
        task = form("Laptop", "price", "laptop")
        found = self.stall(task, asks="price", ends=[completion("laptop", {"var": "laptop"})])
        self.assertIn("If “Laptop” is completed and the field “Laptop” is no, nothing goes on", found.message)

    def test_an_old_answer_is_told_with_those_that_will_answer_it(self) -> None:
        is_cheap = {"and": [equals("crm", "y"), {"<": [{"var": "price"}, 5]}]}
        tasks = [
            form("Ask CRM", "price", "crm"),
            form("Bargain", "boss", "price"),
            form("Order", "crm price", "done", is_cheap),
        ]
        (found, *_again) = find(*tasks, asks="price boss", ends=[completion("done")])["stale-answer"]
        cause = "Price is .*, although “Bargain”|CRM is “Granted”, although “Ask CRM”"
        self.assertRegex(found.message, f"^“Order” starts because ({cause}) is open")
        self.assertEqual(set(found.likewise), {"/tasks/0", "/tasks/1"})

    def test_what_nothing_reads_is_named(self) -> None:
        tasks = [
            form("Grant", "price", "erp", {"<": [{"var": "price"}, 5]}),
            form("Order", "price", "laptop", {">=": [{"var": "price"}, 5]}),
        ]
        found = self.stall(*tasks, asks="price", ends=[completion("laptop")])
        self.assertEqual(
            found.fix, "Nothing reads what was written. Add a task or a completion that reads “ERP”."
        )

    def test_what_waits_for_a_task_that_never_starts_says_so(self) -> None:
        found = find(
            form("Check", "price", "crm", {"<": [{"var": "price"}, 1]}),
            form("Order", "crm", "done"),
            ends=[
                completion("price", {"<": [{"var": "price"}, 5]}),
                completion("done", title="Ordered"),
                completion("crm", equals("crm", "y"), title="Granted"),
            ],
            asks="price",
        )
        fixes = {each.title: each.fix for each in found["never-happens"]}
        self.assertEqual(fixes["Ordered"], "See to “Order” first: nothing else writes “Done”.")
        self.assertEqual(fixes["Granted"], "See to “Check” first: nothing else writes “CRM”.")
        self.assertEqual(fixes["Order"], "See to “Check” first: nothing else writes “CRM”.")
        self.assertIn("Change its condition", fixes["Check"])

    def test_after_a_hold_a_completion_is_no_help(self) -> None:
        finding = self.stall(
            form("Check", "price", "crm"),
            form("Order", "crm", "done", equals("crm", "y")),
            ends=[completion("crm", title="Wait", completion_status="ON_HOLD"), completion("done")],
            asks="price",
        )
        self.assertIn("Add a task for this case, or change the condition of “Order”", finding.fix)
        self.assertNotIn("or a completion for this case", finding.fix)


class PlacesTests(SimpleTestCase):
    def test_a_stall_names_all_that_lead_to_it(self) -> None:
        tasks = [
            form("Do", "price", "done", {"<": [{"var": "price"}, 5]}),
            form("Choose", "price", "boss", {">=": [{"var": "price"}, 5]}),
        ]
        both = completion("done boss", {"!": {"missing": ["done", "boss"]}})
        (found,) = find(*tasks, asks="price", ends=[both])["stall"]
        self.assertEqual({found.pointer, *found.likewise}, {"/tasks/0", "/tasks/1"})

    def test_a_stall_after_a_hold_names_the_hold(self) -> None:
        hold = completion("price", title="Wait", completion_status="ON_HOLD")
        tasks = [form("Do", "price", "done", {">": [{"var": "price"}, 5]})]
        (found,) = find(*tasks, asks="price", ends=[hold, completion("done")])["stall"]
        self.assertEqual((found.pointer, found.likewise), ("/completions", ("/completions/0",)))
        self.assertIn("If a ticket admin resumes the workflow after “Wait” and Price is", found.message)

    def test_an_old_answer_names_all_that_will_answer_again(self) -> None:
        tasks = [
            form("Ask CRM", "price", "crm"),
            form("Ask both", "price", "crm done"),
            form("Raise", "crm", "price", equals("crm", "n")),
        ]
        ends = [completion("crm", equals("crm", "y"))]
        (found,) = find(*tasks, asks="price", ends=ends)["stale-answer"][:1]
        self.assertEqual(set(found.likewise), {"/tasks/0", "/tasks/1"})

    def test_an_early_start_names_all_that_are_still_to_answer(self) -> None:
        tasks = [
            form("Grant", "price", "erp"),
            form("Grant again", "price", "erp crm"),
            form("Report", "price erp", "done"),
        ]
        (found,) = find(*tasks, asks="price", ends=[completion("done crm")])["starts-too-early"]
        self.assertEqual(
            (found.pointer, found.likewise), ("/tasks/2/input_fields/1", ("/tasks/0", "/tasks/1"))
        )
        self.assertIn("although “Grant” or “Grant again” is still to answer it", found.message)

    def test_an_end_names_all_tasks_that_it_can_cancel(self) -> None:
        tasks = [form("First", "price", "crm"), form("Second", "price", "erp")]
        (found,) = find(*tasks, asks="price", ends=[completion("crm erp")])["cancels-unfinished"]
        self.assertEqual((found.pointer, found.likewise), ("/completions/0", ("/tasks/0", "/tasks/1")))
        self.assertIn("while “First” or “Second” is still open", found.message)

    def test_a_circle_names_all_tasks_in_it(self) -> None:
        tasks = [form("Support", "price erp", "crm"), form("Development", "crm", "erp")]
        ends = [completion("crm", {"<": [{"var": "price"}, 1]})]
        (found,) = find(*tasks, asks="price", ends=ends)["circle"]
        self.assertEqual((found.pointer, found.likewise), ("/tasks/0", ("/tasks/1",)))
