"""Faults planted into a workflow that has none: each is found, by its code and place."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from django.test import SimpleTestCase

from workflow_design.check.check_file import check_file
from workflow_design.check.findings import Finding, Severity
from workflow_design.definition.file_json import parse_workflow_file
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.engine.plan import build_plan
from workflow_design.engine.replay import play
from workflow_design.tests.examples import equals

Document = dict[str, Any]
VERDICT = {"type": "string", "enum": ["ok", "change"]}
VALID: Document = {
    "format": "ticketflower-workflow/1",
    "title": "Purchase",
    "fields_schema": {
        "type": "object",
        "properties": {
            "item": {"type": "string"},
            "amount": {"type": "number", "minimum": 0, "maximum": 10000},
            "note": {"type": "string"},
            "legal": VERDICT,
            "tech": VERDICT,
            "approval": {"type": "string", "enum": ["yes", "no"]},
            "ordered": {"type": "string", "format": "date"},
            "rating": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["item", "amount", "legal", "tech", "approval", "ordered", "rating"],
    },
    "tickets": [{"title": "Ask", "fields": ["item", "amount", "note"]}],
    "tasks": [
        {
            "title": "Ask Legal",
            "task_type": "FORM",
            "input_fields": ["item"],
            "output_fields": ["legal"],
            "reset_fields": ["legal"],
        },
        {
            "title": "Ask Tech",
            "task_type": "FORM",
            "input_fields": ["item"],
            "output_fields": ["tech"],
            "reset_fields": ["tech"],
        },
        {
            "title": "Rework",
            "task_type": "FORM",
            "input_fields": ["legal", "tech"],
            "output_fields": ["item", "amount"],
            "condition": {
                "and": [
                    {"!": {"missing": ["legal", "tech"]}},
                    {"or": [equals("legal", "change"), equals("tech", "change")]},
                ]
            },
        },
        {
            "title": "Approve",
            "task_type": "FORM",
            "input_fields": ["legal", "tech"],
            "output_fields": ["approval"],
            "condition": {
                "and": [equals("legal", "ok"), equals("tech", "ok"), {">=": [{"var": "amount"}, 1000]}]
            },
        },
        {
            "title": "Order",
            "task_type": "FORM",
            "input_fields": ["legal", "tech", "approval"],
            "output_fields": ["ordered"],
            "condition": {
                "or": [
                    {"and": [equals("legal", "ok"), equals("tech", "ok"), {"<": [{"var": "amount"}, 1000]}]},
                    equals("approval", "yes"),
                ]
            },
        },
        {
            "title": "Rate",
            "task_type": "FORM",
            "input_fields": ["ordered"],
            "output_fields": ["rating"],
        },
    ],
    "completions": [
        {"title": "Done", "completion_status": "COMPLETED", "fields": ["rating"]},
        {
            "title": "Refused",
            "completion_status": "CANCELLED",
            "fields": ["approval"],
            "condition": equals("approval", "no"),
        },
    ],
}
LEGAL, TECH, REWORK, APPROVE, ORDER, RATE = range(6)
DONE, REFUSED = range(2)
URL = "https://example.com/hook"


def task(number: int, **members: Any) -> Callable[[Document], None]:
    return lambda document: document["tasks"][number].update(members)


def completion(number: int, **members: Any) -> Callable[[Document], None]:
    return lambda document: document["completions"][number].update(members)


def field(name: str, **members: Any) -> Callable[[Document], None]:
    return lambda document: document["fields_schema"]["properties"].update({name: members})


def ticket(**members: Any) -> Callable[[Document], None]:
    return lambda document: document["tickets"][0].update(members)


def optional(name: str) -> Callable[[Document], None]:
    return lambda document: document["fields_schema"]["required"].remove(name)


def added(**members: Any) -> Callable[[Document], None]:
    return lambda document: document["tasks"].append(members)


def without_completion(number: int) -> Callable[[Document], None]:
    return lambda document: document["completions"].pop(number)


def action(title: str, reads: list[str], writes: list[str], **members: Any) -> Document:
    return {
        "title": title,
        "task_type": "SYNC_ACTION",
        "input_fields": reads,
        "output_fields": writes,
        "action_url": URL,
        **members,
    }


def circle_of_two(condition: Any) -> Callable[[Document], None]:
    """Return a fault: two actions that start each other."""

    def plant(document: Document) -> None:
        field("ping", type="boolean")(document)
        field("pong", type="boolean")(document)
        document["fields_schema"]["required"] += ["ping", "pong"]
        document["tasks"] += [
            action("Ping", ["note", "pong"], ["ping"], condition=condition),
            action("Pong", ["ping"], ["pong"]),
        ]

    return plant


def both(*plants: Callable[[Document], Any]) -> Callable[[Document], None]:
    """Return a fault that consists of several changes."""

    def plant(document: Document) -> None:
        for each in plants:
            each(document)

    return plant


def required(name: str) -> Callable[[Document], None]:
    return lambda document: document["fields_schema"]["required"].append(name)


def both_agree_and(condition: Any) -> Document:
    """Return the condition that both verdicts are good and this holds."""
    return {"and": [equals("legal", "ok"), equals("tech", "ok"), condition]}


def review_again(document: Document) -> None:
    """Let a rating of 1 lead to another order on the approval of the first, given without that rating."""
    completion(DONE, condition={">": [{"var": "rating"}, 1]})(document)
    only_once = {"and": [document["tasks"][APPROVE]["condition"], {"!": {"var": "approval"}}]}
    task(APPROVE, input_fields=["legal", "tech", "rating"], condition=only_once)(document)
    task(ORDER, input_fields=["legal", "tech", "approval", "rating"])(document)


FAULTS: dict[str, tuple[Callable[[Document], Any], str, str]] = {
    # Errors
    "a misspelt input": (task(LEGAL, input_fields=["itme"]), "unknown-field", "/tasks/0/input_fields/0"),
    "a misspelt output": (task(RATE, output_fields=["ratting"]), "unknown-field", "/tasks/5/output_fields/0"),
    "a misspelt field in a condition": (
        task(ORDER, condition=equals("aproval", "yes")), "unknown-field", "/tasks/4/condition"),
    "a misspelt field of a completion": (
        completion(DONE, fields=["rate"]), "unknown-field", "/completions/0/fields/0"),
    "a misspelt choice": (
        completion(REFUSED, condition=equals("approval", "nope")),
        "wrong-constant", "/completions/1/condition"),
    "two choices at once": (
        task(APPROVE, condition={"and": [equals("legal", "ok"), equals("legal", "change")]}),
        "never-true", "/tasks/3/condition"),
    "a task without inputs": (task(RATE, input_fields=[]), "task-without-inputs", "/tasks/5/input_fields"),
    "a form without outputs": (
        task(RATE, output_fields=[]), "form-without-outputs", "/tasks/5/output_fields"),
    "an action without address": (
        task(RATE, task_type="SYNC_ACTION"), "action-without-address", "/tasks/5/action_url"),
    "an operator that is not allowed": (
        task(RATE, condition={"log": ["x"]}), "unknown-operator", "/tasks/5/condition/log"),
    "a layout that leaves out a field": (
        ticket(edit_layout=["item", "amount"]), "missing-field", "/tickets/0/edit_layout"),
    "no end": (lambda document: document.update(completions=[]), "no-end", "/completions"),
    "a task that nothing can start": (
        both(field("spare", type="string"), task(RATE, input_fields=["spare"])),
        "never-triggered", "/tasks/5/input_fields"),
    "a reset of a field that is not written": (
        task(RATE, reset_fields=["legal"]), "reset-not-output", "/tasks/5/reset_fields/0"),
    "a task for the submitter, who is excluded": (
        task(RATE, assignee_field="$submitter", not_submitter=True),
        "submitter-excluded", "/tasks/5/assignee_field"),
    "an action that a person is to confirm": (
        task(RATE, task_type="SYNC_ACTION", action_url="https://example.com/", needs_approval=True),
        "approval-of-action", "/tasks/5/needs_approval"),
    "a sixth field by which lists are filtered": (
        both(*(field(name, type="boolean", filterable=True) for name in "uvwxyz")),
        "too-many-filters", "/fields_schema/properties/z/filterable"),
    "a subject with a field that the form does not ask for": (
        ticket(subject="{approval}"), "not-of-the-ticket", "/tickets/0/subject"),
    "a priority without an order": (
        ticket(priority_field="item"), "priority-not-a-choice", "/tickets/0/priority_field"),
    # Stalls
    "a gap at a threshold": (
        task(APPROVE, condition=both_agree_and({">": [{"var": "amount"}, 1000]})),
        "stall", "/tasks/1"),
    "a gap between two thresholds": (
        task(APPROVE, condition=both_agree_and({">=": [{"var": "amount"}, 1500]})),
        "stall", "/tasks/1"),
    "an answer that nobody takes up": (without_completion(REFUSED), "stall", "/tasks/3"),
    "a new choice that nobody takes up": (
        field("approval", type="string", enum=["yes", "no", "later"]), "stall", "/tasks/3"),
    "a join that listens to one branch": (task(REWORK, input_fields=["legal"]), "stall", "/tasks/1"),
    "a task that nobody listens to": (
        completion(DONE, fields=["approval"], condition=equals("approval", "yes")), "stall", "/tasks/5"),
    "an optional answer left empty": (optional("approval"), "stall", "/tasks/3"),
    "a ticket that starts nothing": (
        lambda document: document["tickets"].append({"title": "Remark", "fields": ["note"]}),
        "stall", "/tickets/1"),
    "a condition on the first task": (
        both(task(LEGAL, condition={"var": "note"}), task(TECH, condition={"var": "note"})),
        "stall", "/tickets/0"),
    # Conditions that fail
    "arithmetic with an empty field": (
        both(
            field("share", type="number"),
            ticket(fields=["item", "amount", "share"]),
            task(RATE, condition={"<": [{"*": [{"var": "share"}, 0]}, 1]}),
        ),
        "failing-condition", "/tasks/5/condition"),
    "a text compared with a number": (
        task(LEGAL, condition={"!": {">": [{"var": "item"}, {"+": 5}]}}),
        "failing-condition", "/tasks/0/condition"),
    "a division by zero": (
        task(RATE, condition={">": [{"/": [100, {"var": "amount"}]}, 0]}),
        "failing-condition", "/tasks/5/condition"),
    "a completion that fails": (
        completion(DONE, condition={">": [{"/": [1, {"-": [{"var": "rating"}, 1]}]}, 0]}),
        "failing-condition", "/completions/0/condition"),
    # Circles
    "a circle of two actions": (circle_of_two(None), "action-circle", "/tasks/6"),
    "a circle of two actions with a way out": (
        circle_of_two({"!": {"var": "pong"}}), "action-circle", "/tasks/6"),
    "an action that starts itself": (
        both(
            field("seen", type="boolean"),
            required("seen"),
            added(**action("Look", ["note", "seen"], ["seen"])),
        ),
        "action-circle", "/tasks/6"),
    "a circle of forms": (
        both(
            completion(DONE, condition={">": [{"var": "rating"}, {"var": "amount"}]}, fields=["item"]),
            task(RATE, input_fields=["ordered", "rating"]),
        ),
        "circle", "/tasks/4"),
    # Stale answers
    "a verdict left over while it is asked again": (
        task(TECH, reset_fields=[]), "stale-answer", "/tasks/2/condition"),
    "a verdict left over while an action is called again": (
        task(TECH, reset_fields=[], task_type="SYNC_ACTION", action_url=URL),
        "stale-answer", "/tasks/2/condition"),
    "a verdict left over from last time": (review_again, "stale-answer", "/tasks/4/condition"),
    # Inputs and assignees that are empty
    "a task that waits for one of two answers": (
        task(APPROVE, condition=None), "starts-too-early", "/tasks/3/input_fields/1"),
    "a condition that an answer to come may make false": (
        task(APPROVE, condition={"!=": [{"var": "tech"}, "change"]}),
        "starts-too-early", "/tasks/3/input_fields/1"),
    "an assignee who need not be named": (
        both(
            field("head", type="string", format="user"),
            ticket(fields=["item", "amount", "note", "head"]),
            task(APPROVE, assignee_field="head"),
        ),
        "no-assignee", "/tasks/3/assignee_field"),
    "a submitter who names who approves": (
        both(
            field("head", type="string", format="user"),
            required("head"),
            ticket(fields=["item", "amount", "note", "head"]),
            task(APPROVE, assignee_field="head", input_fields=["amount", "legal", "tech"]),
        ),
        "self-approval", "/tasks/3/assignee_field"),
    "a submitter who names who approves what is only shown": (
        both(
            field("head", type="string", format="user"),
            required("head"),
            ticket(fields=["item", "amount", "note", "head"]),
            task(APPROVE, assignee_field="head", shown_fields=["amount"]),
        ),
        "self-approval", "/tasks/3/assignee_field"),
    "an assignee who is named too late": (
        both(
            field("head", type="string", format="user"),
            required("head"),
            task(RATE, output_fields=["rating", "head"]),
            task(APPROVE, assignee_field="head"),
        ),
        "no-assignee", "/tasks/3/assignee_field"),
    # Never, notes, hints
    "a threshold above the maximum": (
        added(
            title="Board", task_type="FORM", input_fields=["amount"], output_fields=["note"],
            condition={">": [{"var": "amount"}, 10000]},
        ),
        "never-happens", "/tasks/6"),
    "a completion that another always precedes": (
        lambda document: document["completions"].append(
            {"title": "Late", "completion_status": "CANCELLED", "fields": ["rating"]}),
        "never-happens", "/completions/2"),
    "an end that cancels what waits": (
        completion(DONE, fields=["legal", "rating"], condition=None), "cancels-unfinished", "/completions/0"),
    "a field that nothing writes": (
        field("spare", type="string"), "field-unwritten", "/fields_schema/properties/spare"),
    "a field that nothing reads": (
        both(
            field("spare", type="string"),
            task(RATE, output_fields=["rating", "spare"]),
            lambda document: document.update(display_layout=["item"]),
        ),
        "field-unread", "/fields_schema/properties/spare"),
    "a task that every task worker may confirm": (
        both(
            field("helper", type="string", format="user"),
            ticket(fields=["item", "amount", "note", "helper"]),
            task(RATE, assignee_field="helper", needs_approval=True),
        ),
        "anyone-confirms", "/tasks/5/needs_approval"),
    "a condition on a field that is not listened to": (
        task(REWORK, input_fields=["legal"]), "missed-start", "/tasks/2/condition"),
}  # fmt: skip


ERRORS = frozenset(list(FAULTS)[:19])
"""The faults that the static check finds."""


def planted(plant: Callable[[Document], Any]) -> WorkflowFile:
    document = deepcopy(VALID)
    plant(document)
    return parse_workflow_file(json.dumps(document))


class PlantedFaultTests(SimpleTestCase):
    def test_without_a_fault_there_are_no_findings(self) -> None:
        report = check_file(planted(lambda _document: None))
        self.assertEqual([(each.code, each.message) for each in report.findings], [])
        self.assertTrue(report.is_complete)

    def test_each_is_found_at_its_place(self) -> None:
        self.assertGreaterEqual(len(FAULTS), 30)
        for what, (plant, code, pointer) in FAULTS.items():
            with self.subTest(what):
                found = check_file(planted(plant)).findings
                self.assertIn((code, pointer), [(each.code, each.pointer) for each in found])

    def test_each_has_a_fix_and_a_playable_counterexample(self) -> None:
        for what, (plant, _code, _pointer) in FAULTS.items():
            file = planted(plant)
            for finding in check_file(file).findings:
                with self.subTest(what, code=finding.code):
                    self.assert_is_described(file, finding)

    def assert_is_described(self, file: WorkflowFile, finding: Finding) -> None:
        self.assertRegex(finding.message, r"[.”?]$")
        if finding.counterexample:
            self.assertTrue(finding.fix)
            self.assertTrue(play(build_plan(file), finding.counterexample))

    def test_only_errors_prevent_publishing(self) -> None:
        circles = {"a circle of two actions", "an action that starts itself"}
        for what, (plant, code, pointer) in FAULTS.items():
            found = [each for each in check_file(planted(plant)).findings if each.code == code]
            blocks = any(each.severity == Severity.ERROR for each in found if each.pointer == pointer)
            with self.subTest(what):
                self.assertEqual(blocks, what in ERRORS | circles)
