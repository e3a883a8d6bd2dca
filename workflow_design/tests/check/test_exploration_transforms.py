"""The output of actions in the exploration (`docs/check.md`)."""

import json
from typing import Any

from django.test import SimpleTestCase

from workflow_design.check.check_file import check_file
from workflow_design.definition.file_json import parse_workflow_file

MESSAGE = {"connection": "Team", "text": "At most {most}."}


class TransformTests(SimpleTestCase):
    """An action that counts or sets a field, after a ticket that sets the limit."""

    def codes(self, output: dict[str, Any], **parts: Any) -> list[str]:
        """Return the codes of the findings, without notes and hints."""
        document = {
            "format": "ticketflower-workflow/1",
            "title": "Counts",
            "fields_schema": {
                "type": "object",
                "properties": {
                    "most": {"type": "integer", "minimum": 0, "maximum": 5},
                    "count": {"type": "integer", "minimum": 0, "maximum": 9},
                    "status": {"enum": ["old", "done", "new"]},
                    "told": {"type": "boolean"},
                },
                "required": ["most", "count", "told"],
            },
            "tickets": [{"title": "Ask", "fields": ["most", "count", "status"]}],
            "tasks": [
                {
                    "title": "Act",
                    "task_type": "SYNC_ACTION",
                    "action_url": "https://example.com/",
                    "input_fields": ["most", "count"],
                    "output_fields": list(output),
                    "output_transform": output,
                    **parts.pop("task", {}),
                },
                *parts.pop("more", []),
            ],
            "completions": [{"title": "End", "completion_status": "CANCELLED", **parts}],
        }
        report = check_file(parse_workflow_file(json.dumps(document)))
        self.assertTrue(report.is_complete, report.findings)
        return [each.code for each in report.findings if each.severity in ("error", "warning")]

    def test_counting_to_another_field_ends(self) -> None:
        more = {"<": [{"var": "count"}, {"var": "most"}]}
        codes = self.codes(
            {"count": {"+": [{"var": "workspace.count"}, 1]}},
            task={"condition": more},
            fields=["count"],
            condition={"!": more},
        )
        self.assertEqual(codes, [])

    def test_a_constant_is_the_only_value(self) -> None:
        has_told = {"!": {"missing": ["told"]}}
        end = {
            "more": [
                {"title": "Tell", "task_type": "FORM", "input_fields": ["count"], "output_fields": ["told"]}
            ],
            "fields": ["told", "status"],
            "condition": {"and": [has_told, {"==": [{"var": "status"}, "done"]}]},
        }
        self.assertEqual(self.codes({"status": "done"}, **end), [])
        self.assertIn("stale-answer", self.codes({"status": {"var": "response.body.status"}}, **end))

    def test_a_message_writes_only_that_it_was_sent(self) -> None:
        message = {"action_url": "", "output_transform": None, "action": {"chat": MESSAGE}}
        end = {"fields": ["told"], "condition": {"var": "told"}}
        self.assertEqual(self.codes({"told": None}, task=message, **end), [])
        codes = self.codes({"told": {"var": "response.body.told"}}, **end)
        self.assertEqual(codes, ["stall"])

    def test_a_transform_that_chooses_among_constants(self) -> None:
        """The third choice is for people: the answer never brings it."""
        end = {"fields": ["status"], "condition": {"in": [{"var": "status"}, ["new", "done"]]}}
        is_right = {"==": [{"var": "response.status"}, 200]}
        for chosen, codes in (
            ({"if": [is_right, "done", "new"]}, []),
            ({"if": [is_right, "done", {"var": "response.body.ok"}, "new", "done"]}, []),
            ({"if": [is_right, "done", "old"]}, ["stall"]),
            ({"if": [is_right, "done"]}, ["stall"]),
            ({"if": [is_right, "done", {"var": "response.body.status"}]}, ["stall", "stall"]),
        ):
            with self.subTest(chosen):
                self.assertEqual(self.codes({"status": chosen}, **end), codes)


class ProvedTestCase(SimpleTestCase):
    """Definitions about which everything is proved."""

    def codes_of(self, document: dict[str, Any]) -> set[str]:
        """Return the codes of the findings, without notes and hints."""
        report = check_file(parse_workflow_file(json.dumps(document)))
        self.assertTrue(report.is_complete and report.is_exact, report)
        return {each.code for each in report.findings if each.severity in ("error", "warning")}


class CounterTests(ProvedTestCase):
    """An action that counts, and a completion once it has counted far enough."""

    def codes(self, times: int, condition: dict[str, Any], step: float = 1, **limits: float) -> set[str]:
        """Return what is wrong if the action counts this many times, each time after a form."""
        known = {"var": ["workspace.n", 0]}
        count = {
            "task_type": "SYNC_ACTION",
            "action_url": "https://example.com/",
            "output_fields": ["n"],
            "output_transform": {"n": {"+": [known, step]}},
        }
        form = {"task_type": "FORM", "input_fields": ["n"]}
        names = [f"a{number}" for number in range(times)]
        tasks: list[dict[str, Any]] = []
        for number, name in enumerate(names):
            tasks.append({"title": f"Count {number}", "input_fields": [name], **count})
            if number:
                last = {"!": {"missing": [names[number - 1]]}}
                rule = {"and": [last, {"missing": [name]}]}
                tasks.append({"title": f"Ask {number}", "output_fields": [name], "condition": rule, **form})
        document = {
            "format": "ticketflower-workflow/1",
            "title": "Counts",
            "fields_schema": {
                "type": "object",
                "properties": {"n": {"type": "number", **limits}}
                | {each: {"type": "string"} for each in names},
                "required": ["n", *names],
            },
            "tickets": [{"title": "Ask", "fields": names[:1]}],
            "tasks": tasks,
            "completions": [
                {"title": "End", "completion_status": "COMPLETED", "fields": ["n"], "condition": condition}
            ],
        }
        return self.codes_of(document)

    def test_each_number_below_the_constant_is_kept(self) -> None:
        for enough in (2, 3, 4, 5):
            for operator in (">=", "=="):
                with self.subTest(enough=enough, operator=operator):
                    condition = {operator: [{"var": "n"}, enough]}
                    self.assertEqual(self.codes(enough, condition, minimum=0, maximum=100), set())
                    stalls = self.codes(enough - 1, condition, minimum=0, maximum=100)
                    self.assertEqual(stalls, {"stall", "never-happens"})

    def test_other_steps(self) -> None:
        at_most = {"<=": [{"var": "n"}, -3]}
        self.assertEqual(self.codes(3, at_most, -1), set())
        self.assertEqual(self.codes(2, at_most, -1), {"stall", "never-happens"})
        double = {">=": [{"*": [{"var": "n"}, 2]}, 3]}
        self.assertEqual(self.codes(3, double, 0.5), set())
        self.assertEqual(self.codes(2, double, 0.5), {"stall", "never-happens"})
        remainder = {"==": [{"%": [{"var": "n"}, 4]}, 2]}
        self.assertEqual(self.codes(2, remainder), set())
        self.assertEqual(self.codes(1, remainder), {"stall", "never-happens"})

    def test_counting_without_an_end(self) -> None:
        """Beyond what conditions compare with, one number stands for all."""
        known = {"var": ["workspace.n", 0]}
        document = {
            "format": "ticketflower-workflow/1",
            "title": "Reminds",
            "fields_schema": {
                "type": "object",
                "properties": {"n": {"type": "integer", "minimum": 0}, "paid": {"type": "boolean"}},
                "required": ["paid", "n"],
            },
            "tickets": [{"title": "Ask", "fields": ["paid"]}],
            "tasks": [
                {
                    "title": "Count",
                    "task_type": "SYNC_ACTION",
                    "action_url": "https://example.com/",
                    "input_fields": ["paid"],
                    "output_fields": ["n"],
                    "output_transform": {"n": {"+": [known, 1]}},
                    "condition": {"!": {"var": "paid"}},
                },
                {"title": "Remind", "task_type": "FORM", "input_fields": ["n"], "output_fields": ["paid"]},
                {
                    "title": "Lawyer",
                    "task_type": "FORM",
                    "input_fields": ["n"],
                    "output_fields": ["paid"],
                    "condition": {">=": [{"var": "n"}, 3]},
                },
            ],
            "completions": [
                {
                    "title": "End",
                    "completion_status": "COMPLETED",
                    "fields": ["paid"],
                    "condition": {"var": "paid"},
                }
            ],
        }
        report = check_file(parse_workflow_file(json.dumps(document)))
        self.assertTrue(report.is_complete and report.is_exact)
        self.assertNotIn("never-happens", [each.code for each in report.findings])
        self.assertLess(report.states, 25)


class TotalTests(ProvedTestCase):
    """An action that adds up what a form asks for, and two tasks that depend on the sum."""

    def codes(self, low: Any, high: Any, total: Any, **declared: Any) -> set[str]:
        """Return what is wrong if each condition lets one task start."""
        amount = {"type": "number", "minimum": 0} | declared
        task = {"task_type": "FORM", "input_fields": ["total"], "output_fields": ["ok"]}
        document = {
            "format": "ticketflower-workflow/1",
            "title": "Totals",
            "fields_schema": {
                "type": "object",
                "properties": {"hotel": amount, "flight": amount, "total": amount, "ok": {"enum": ["yes"]}},
                "required": ["hotel", "flight", "total", "ok"],
            },
            "tickets": [{"title": "Trip", "fields": ["hotel", "flight"]}],
            "tasks": [
                {
                    "title": "Add",
                    "task_type": "SYNC_ACTION",
                    "action_url": "https://example.com/",
                    "input_fields": ["hotel", "flight"],
                    "output_fields": ["total"],
                    "output_transform": {"total": total},
                },
                {"title": "Cheap", "condition": {low: [{"var": "total"}, 1000]}, **task},
                {"title": "Dear", "condition": {high: [{"var": "total"}, 1000]}, **task},
            ],
            "completions": [{"title": "End", "completion_status": "COMPLETED", "fields": ["ok"]}],
        }
        return self.codes_of(document)

    def test_each_side_and_the_sum_itself_are_tried(self) -> None:
        hotel, flight = {"var": "workspace.hotel"}, {"var": "workspace.flight"}
        for total in ({"+": [hotel, flight]}, {"*": [hotel, 3]}, {"-": [{"*": [2, hotel]}, flight]}):
            with self.subTest(total):
                # Below zero, the total does not fit.
                refused = {"failing-condition"} if "-" in total else set()
                self.assertEqual(self.codes("<", ">=", total), refused)
                # A third of 1000 can't be filled in.
                expected = set() if "*" in total else {"stall"}
                self.assertEqual(self.codes("<", ">", total), refused | expected)
