"""Faults planted into actions: each is found, in its place and in plain words; its neighbour is not one."""

import json
from copy import deepcopy
from typing import Any, Final, NamedTuple

from django.test import SimpleTestCase

from workflow_design.check.check_file import check_file
from workflow_design.check.findings import CheckReport
from workflow_design.definition.file_json import parse_workflow_file
from workflow_design.tests.examples import equals

Document = dict[Any, Any]
OK: Final = {"var": "response.body.ok"}
AMOUNT: Final = {"var": "workspace.amount"}
STATE: Final = {"if": [OK, "paid", "refused"]}
VALID: Final[Document] = {
    "format": "ticketflower-workflow/1",
    "title": "Refund",
    "fields_schema": {
        "type": "object",
        "properties": {
            "customer": {"type": "string", "title": "Customer", "maxLength": 60},
            "amount": {"type": "number", "title": "Amount", "minimum": 0, "maximum": 1000},
            "share": {"type": "number", "title": "Share"},
            "wish": {"type": "string", "title": "Wish", "enum": ["money", "voucher"]},
            "state": {"type": "string", "title": "State", "enum": ["paid", "refused", "later"]},
            "total": {"type": "number", "title": "Total", "minimum": 0, "maximum": 2000},
            "text": {"type": "string", "title": "Text", "maxLength": 70},
            "day": {"type": "string", "title": "Day", "format": "date"},
            "sent": {"type": "boolean", "title": "Sent"},
            "thanks": {"type": "string", "title": "Thanks"},
        },
        "required": ["customer", "amount", "wish", "state", "thanks"],
    },
    "tickets": [{"title": "Ask", "fields": ["customer", "amount", "share", "wish"]}],
    "tasks": [
        {
            "title": "Pay",
            "task_type": "SYNC_ACTION",
            "action_url": "https://bank.example/payments",
            "input_fields": ["customer", "amount"],
            "output_fields": ["state", "total", "text", "day", "sent"],
            "input_transform": {"to": {"var": "customer"}, "amount": {"var": "amount"}},
            "output_transform": {"state": STATE},
        },
        {
            "title": "Correct",
            "task_type": "FORM",
            "assignee_field": "$submitter",
            "input_fields": ["state"],
            "output_fields": ["customer", "amount", "share", "wish"],
            "condition": {"!": equals("state", "paid")},
        },
        {
            "title": "Thank",
            "task_type": "FORM",
            "input_fields": ["state"],
            "output_fields": ["thanks"],
            "condition": equals("state", "paid"),
        },
    ],
    "completions": [{"title": "Done", "completion_status": "COMPLETED", "fields": ["thanks"]}],
}


CORRECT, THANK = 1, 2
ACTION: Final = {"task_type": "SYNC_ACTION", "action_url": "https://bank.example/", "assignee_field": None}


class Fault(NamedTuple):
    """A change of the action and what is found; `beside` is a similar change that is right."""

    change: Document
    code: str
    pointer: str
    """Below the action, if it does not begin with a slash."""
    words: str
    beside: Document


def writes(**rules: Any) -> Document:
    """Return the change that the action writes more fields."""
    return {"output_transform": {"state": STATE, **rules}}


def sends(**rules: Any) -> Document:
    """Return the change that the action sends something else."""
    return {"input_transform": rules}


def nested(levels: int) -> Any:
    """Return a rule of so many levels."""
    return {"!": nested(levels - 1)} if levels else 1


FAULTS: Final = {
    # Names
    "sends a field that does not exist": Fault(
        sends(to={"var": "custommer"}), "unknown-field", "input_transform", "custommer",
        sends(to={"var": "customer"})),
    "computes with a field that does not exist": Fault(
        writes(total={"var": "workspace.amuont"}), "unknown-field", "output_transform", "amuont",
        writes(total=AMOUNT)),
    "reads a field without “workspace.”": Fault(
        writes(total={"var": "amount"}), "unknown-name", "output_transform/total", "workspace.",
        writes(total=AMOUNT)),
    "reads response.boddy": Fault(
        writes(total={"var": "response.boddy.total"}), "unknown-name", "output_transform/total",
        "response.body", writes(total={"var": "response.body.total"})),
    "writes what it has not among its outputs": Fault(
        writes(thanks="Thank you"), "not-an-output", "output_transform/thanks", "thanks",
        writes(text="Thank you")),
    "an operator that does not exist, in what is sent": Fault(
        sends(to={"contains": ["a", {"var": "customer"}]}), "unknown-operator",
        "input_transform/to/contains", "contains", sends(to={"in": ["a", {"var": "customer"}]})),
    "an operator that does not exist, in what is written": Fault(
        writes(total={"sum": [AMOUNT, 1]}), "unknown-operator", "output_transform/total/sum", "sum",
        writes(total={"+": [AMOUNT, 1]})),
    "a rule that is nested too deeply": Fault(
        sends(to=nested(40)),
        "too-deep", "input_transform/to", "32 levels", sends(to=nested(2))),
    # Values that never fit
    "a text for a number": Fault(
        writes(total="12"), "wrong-constant", "output_transform/total", "Total", writes(total=12)),
    "a text that is put together for a number": Fault(
        writes(total={"cat": [AMOUNT, " EUR"]}), "wrong-result", "output_transform/total", "Total",
        writes(text={"cat": [AMOUNT, " EUR"]})),
    "a number that is computed for a text": Fault(
        writes(text={"+": [AMOUNT, 1]}), "wrong-result", "output_transform/text", "Text",
        writes(text={"cat": {"+": [AMOUNT, 1]}})),
    "a yes or no for a text": Fault(
        writes(text={"==": [OK, True]}), "wrong-result", "output_transform/text", "Text",
        writes(sent={"==": [OK, True]})),
    "a list for a text": Fault(
        writes(text={"merge": [OK, 1]}), "wrong-result", "output_transform/text", "Text",
        writes(text={"cat": {"merge": [OK, 1]}})),
    "a number of one branch for a text": Fault(
        writes(text={"if": [OK, "ok", {"*": [AMOUNT, 2]}]}), "wrong-result", "output_transform/text", "Text",
        writes(text={"if": [OK, "ok", {"cat": {"*": [AMOUNT, 2]}}]})),
    "another field of another kind": Fault(
        writes(total={"var": "workspace.customer"}), "wrong-result", "output_transform/total", "Customer",
        writes(total=AMOUNT)),
    "a choice that is none": Fault(
        writes(state="payed"), "wrong-constant", "output_transform/state", '"paid"',
        writes(state={"if": [OK, "paid", "later"]})),
    "a choice of another field": Fault(
        writes(state={"var": "workspace.wish"}), "wrong-result", "output_transform/state", "Wish",
        writes(text={"var": "workspace.wish"})),
    "a text that is too long": Fault(
        writes(text="x" * 71), "wrong-constant", "output_transform/text", "70",
        writes(text="x" * 70)),
    "a number out of bounds": Fault(
        writes(total=2001), "wrong-constant", "output_transform/total", "2,000", writes(total=2000)),
    "a date in another spelling": Fault(
        writes(day="24.12.2030"), "wrong-constant", "output_transform/day", "Day",
        writes(day="2030-12-24")),
    "a status that no answer has": Fault(
        writes(sent={"==": [{"var": "response.status"}, 404]}),
        "wrong-constant", "output_transform/sent", "404",
        writes(sent={"==": [{"var": "response.status"}, 204]})),
    "a status that no callback has": Fault(
        {"task_type": "ASYNC_ACTION", **writes(sent={"==": [{"var": "response.status"}, 201]})},
        "wrong-constant", "output_transform/sent", "201",
        {"task_type": "ASYNC_ACTION", **writes(sent={"==": [{"var": "response.status"}, 200]})}),
    # Answers that can't be written
    "a required field that is left out": Fault(
        {"output_transform": {"total": 1}}, "required-output", "output_transform", "State", writes(total=1)),
    "a required field that is always empty": Fault(
        {"output_transform": {"state": None}}, "required-output", "output_transform/state", "State",
        writes(total=None)),
    "a required field that one branch leaves empty": Fault(
        {"output_transform": {"state": {"if": [OK, "paid"]}}}, "required-output", "output_transform/state",
        "State", writes(total={"if": [OK, 1]})),
    "a required field taken from one that may be empty": Fault(
        {"output_fields": ["state", "customer"], "input_fields": ["amount"],
         **writes(customer={"if": [{"var": "workspace.share"}, "Somebody", {"var": "workspace.text"}]})},
        "failing-condition", "output_transform/customer", "Customer",
        {"output_fields": ["state", "customer"], "input_fields": ["amount"],
         **writes(customer={"if": [{"var": "workspace.share"}, "Somebody", "Nobody"]})}),
    "a sum that may be out of bounds": Fault(
        writes(total={"+": [{"*": [AMOUNT, 2]}, 1]}), "failing-condition", "output_transform/total", "Total",
        writes(total={"*": [AMOUNT, 2]})),
    "a difference that may be below zero": Fault(
        writes(total={"-": [AMOUNT, 1]}), "failing-condition", "output_transform/total", "Total",
        writes(total={"max": [{"-": [AMOUNT, 1]}, 0]})),
    "a text that may become too long": Fault(
        writes(text={"cat": ["Refund for ", {"var": "workspace.customer"}]}),
        "failing-condition", "output_transform/text", "at most 70 characters",
        writes(text={"cat": ["Refund to ", {"var": "workspace.customer"}]})),
    "a text that is longer where it comes from": Fault(
        {CORRECT: {"output_fields": ["customer", "amount", "text"]},
         **writes(customer={"if": [{"var": "workspace.text"}, {"var": "workspace.text"}, "Somebody"]}),
         "input_fields": ["amount"], "output_fields": ["state", "customer"]},
        "failing-condition", "output_transform/customer", "at most 60 characters",
        {CORRECT: {"output_fields": ["customer", "amount", "text"]},
         **writes(text={"if": [{"var": "workspace.customer"}, {"var": "workspace.customer"}]}),
         "output_fields": ["state", "text"]}),
    # Rules that fail
    "a division by zero in what is written": Fault(
        writes(total={"/": [100, AMOUNT]}), "failing-condition", "output_transform/total", "100",
        writes(total={"if": [{">": [AMOUNT, 1]}, {"/": [100, AMOUNT]}, 0]})),
    "a division by zero in what is sent": Fault(
        sends(each={"/": [100, {"var": "amount"}]}), "failing-condition", "input_transform/each", "100",
        sends(each={"if": [{">": [{"var": "amount"}, 0]}, {"/": [100, {"var": "amount"}]}, 0]})),
    "a calculation with a text in what is sent": Fault(
        sends(number={"+": [{"var": "customer"}, 1]}), "failing-condition", "input_transform/number", "+",
        sends(number={"+": [{"var": "amount"}, 1]})),
    "a calculation with a text in what is written": Fault(
        writes(total={"+": [{"var": "workspace.wish"}, 1]}),
        "failing-condition", "output_transform/total", "+",
        writes(total={"+": [AMOUNT, 1]})),
    "a calculation with a field that may be empty": Fault(
        sends(number={"*": [{"var": "share"}, 2]}), "failing-condition", "input_transform/number", "nothing",
        sends(number={"*": [{"var": ["share", 0]}, 2]})),
    "a calculation with a field that may be empty, in what is written": Fault(
        writes(total={"max": [0, {"min": [2000, {"*": [{"var": "workspace.share"}, 2]}]}]}),
        "failing-condition", "output_transform/total", "nothing",
        writes(total={"max": [0, {"min": [2000, {"*": [{"var": ["workspace.share", 0]}, 2]}]}]})),
    # What follows from an answer
    "an answer that nothing takes up": Fault(
        writes(state={"if": [OK, "paid", "later"]}) | {CORRECT: {"condition": equals("state", "refused")}},
        "stall", "", "State", {CORRECT: {"condition": equals("state", "refused")}}),
    "an answer that may be anything, and not all of it taken up": Fault(
        {"output_transform": None, CORRECT: {"condition": equals("state", "refused")}},
        "stall", "", "“later”", {"output_transform": None}),
    "a constant for which a condition never holds": Fault(
        writes(state="refused"), "never-happens", f"/tasks/{THANK}", "Thank", writes()),
    "a condition on a status that is never written": Fault(
        {THANK: {"condition": equals("state", "later")}}, "never-happens", f"/tasks/{THANK}", "Thank",
        writes(state={"if": [OK, "paid", "later"]})),
    "an action that starts itself": Fault(
        {"input_fields": ["customer", "amount", "state"], "condition": {"!": equals("state", "paid")}},
        "action-circle", "", "Pay", {"condition": {"!": equals("state", "paid")}}),
    "a circle of two actions without a way out": Fault(
        writes(state="refused") | {
            CORRECT: {**ACTION, "output_fields": ["amount"], "output_transform": {"amount": 1}}},
        "action-circle", "", "Correct", {}),
    "an old answer while the action runs again": Fault(
        {CORRECT: {"input_fields": ["state", "amount"]}}, "stale-answer", f"/tasks/{CORRECT}/condition",
        "“Pay” is open and will answer this again", {"reset_fields": ["state"]}),
}  # fmt: skip


def check(change: Document) -> CheckReport:
    """Check the refund with a changed action; a number as a key changes another task."""
    document = deepcopy(VALID)
    for name, value in deepcopy(change).items():
        document["tasks"][name if isinstance(name, int) else 0].update(
            value if isinstance(name, int) else {name: value}
        )
    return check_file(parse_workflow_file(json.dumps(document)))


class ActionFaultTests(SimpleTestCase):
    def test_each_is_found_at_its_place_in_plain_words(self) -> None:
        for what, fault in FAULTS.items():
            pointer = f"/tasks/0/{fault.pointer}".rstrip("/") if fault.pointer[:1] != "/" else fault.pointer
            with self.subTest(what):
                found = check(fault.change).findings
                said = {
                    f"{each.message} {each.fix}"
                    for each in found
                    if (each.code, each.pointer) == (fault.code, pointer)
                }
                self.assertTrue(said, [(each.code, each.pointer, each.message, each.fix) for each in found])
                self.assertTrue(any(fault.words in each for each in said), said)

    def test_what_is_right_has_no_finding(self) -> None:
        for what, fault in FAULTS.items():
            with self.subTest(what):
                found = [each for each in check(fault.beside).findings if each.severity != "hint"]
                self.assertEqual([(each.code, each.pointer, each.message) for each in found], [])

    def test_an_action_that_is_refreshed_answers_about_what_was_written_last(self) -> None:
        """While it runs, somebody changes the amount; what it computes then does not differ from it."""
        differs = {"!=": [{"var": "total"}, {"var": "amount"}]}
        for times, code in ((1, "not-seen"), (2, None)):
            document = deepcopy(VALID)
            document["tasks"][0].update(writes(total={"*": [AMOUNT, times]}))
            change = {
                "title": "Change",
                "task_type": "FORM",
                "input_fields": ["wish"],
                "output_fields": ["amount"],
            }
            document["tasks"].append(change)
            document["completions"].append(
                {
                    "title": "Wrong",
                    "completion_status": "CANCELLED",
                    "fields": ["total"],
                    "condition": differs,
                }
            )
            report = check_file(parse_workflow_file(json.dumps(document)))
            with self.subTest(times):
                found = {each.code for each in report.findings if each.pointer == "/completions/1"}
                self.assertEqual(found - {"cancels-unfinished"}, {code} - {None})
