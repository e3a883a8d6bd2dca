"""Every static error says what would fix it, and what was meant, where a name is near."""

import json
import re
from copy import deepcopy
from typing import Any, Final

from django.conf import settings
from django.test import SimpleTestCase

from workflow_design.check.findings import problems_to_errors
from workflow_design.check.fixes.expressions import read_expression
from workflow_design.check.fixes.names import find_meant_field
from workflow_design.check.fixes.sentences import FIXES
from workflow_design.check.static import all_problems, check_definition
from workflow_design.definition.file_json import WorkflowFileError, parse_workflow_file
from workflow_design.definition.problems import Problem
from workflow_design.tests.check.test_all_problems import MISTAKES
from workflow_design.tests.files import VACATION

Document = dict[str, Any]
DOCUMENTATION: Final = (settings.BASE_DIR / "docs/check.md").read_text(encoding="utf-8")


def problems_of(document: Document) -> list[Problem]:
    try:
        return check_definition(parse_workflow_file(json.dumps(document)))
    except WorkflowFileError as error:
        return all_problems(error)


def with_member(where: tuple[str | int, ...], name: str, value: Any) -> Document:
    """Return the vacation request with one member set; `where` leads to its object."""
    document: Any = deepcopy(VACATION)
    place = document
    for step in where:
        place = place[step]
    place[name] = value
    return dict(document)


FIRST, SECOND, END = ("tasks", 0), ("tasks", 1), ("completions", 0)
NOTE, DAYS = (("fields_schema", "properties", name) for name in ("employee_note", "days"))
DECISION: Final = {"var": "decision"}
MEANT: Final[dict[tuple[str, str], list[tuple[tuple[str | int, ...], str, Any]]]] = {
    ("unknown-field", "Did you mean “decision”?"): [
        *(
            (END, "condition", {"==": [{"var": name}, "approve"]})
            for name in (
                "workspace.decision",
                "$.decision",
                "{{decision}}",
                "decison",
                "Decision",
                "fields.decision",
                "decision.value",
                "form.decision.label",
            )
        ),
        (END, "condition", {"missing": ["decisions"]}),
        (END, "fields", ["decisions"]),
    ],
    ("unknown-field", "Did you mean “employee_note”?"): [
        (FIRST, "input_fields", ["days", "employee_notes"]),
    ],
    ("malformed", "Did you mean “employee_note”?"): [(FIRST, "reset_fields", ["employeeNotes"])],
    ("malformed", "Did you mean “first_day”?"): [(FIRST, "input_fields", ["days", "firstDay"])],
    ("malformed", "Did you mean “$submitter”?"): [
        (FIRST, "assignee_field", name) for name in ("$requester", "${submitter}", "Submitter")
    ],
    ("bad-name", "Did you mean “last_day”?"): [
        (("fields_schema", "properties"), name, {"type": "string"})
        for name in ("lastDay", "Last day", "last-day")
    ],
    ("unknown-member", "Did you mean “input_fields”?"): [
        (FIRST, name, ["days"]) for name in ("inputs", "reads", "inputFields")
    ],
    ("unknown-member", "Did you mean “due_hours”?"): [
        (FIRST, name, 8) for name in ("deadline", "sla", "due", "dueHours")
    ],
    ("unknown-member", "Did you mean “executor_roles”?"): [
        (SECOND, name, ["HR"]) for name in ("roles", "role", "candidateGroups", "performers")
    ],
    ("unknown-member", "Did you mean “assignee_field”?"): [
        (FIRST, name, "x") for name in ("assignee", "assigned_to", "assigneeField", "owner")
    ],
    ("unknown-member", "there are no arrows"): [
        (FIRST, name, "x") for name in ("next", "depends_on", "dependsOn", "goto", "transitions")
    ],
    ("unknown-member", "titles tell parts apart"): [
        (FIRST, "id", "decide"),
        ((), "$schema", "x"),
        (END, "key", "e"),
    ],
    ("not-a-choice", "Did you mean “FORM”?"): [
        (FIRST, "task_type", name) for name in ("USER_TASK", "form", "userTask", "manual", "Human task")
    ],
    ("not-a-choice", "Did you mean “SYNC_ACTION”?"): [
        (FIRST, "task_type", name) for name in ("SERVICE_TASK", "webhook", "HTTP", "sync-action")
    ],
    ("not-a-choice", "Did you mean “COMPLETED”?"): [
        (END, "completion_status", name) for name in ("DONE", "completed", "COMPLETE", "SUCCESS", "closed")
    ],
    ("not-a-choice", "Did you mean “CANCELLED”?"): [
        (END, "completion_status", name) for name in ("REJECTED", "CANCELED", "cancelled", "declined")
    ],
    ("not-a-choice", "Did you mean “ON_HOLD”?"): [
        (END, "completion_status", name) for name in ("HOLD", "paused", "on hold", "WAITING")
    ],
    ("wrong-type", 'Write {"==": [{"var": "decision"}, "approve"]}.'): [
        (END, "condition", text)
        for text in (
            "decision == 'approve'",
            'decision = "approve"',
            "decision equals approve",
            "workspace.decision === 'approve'",
            "${decision == 'approve'}",
            "$.decision == 'approve'",
            json.dumps({"==": [DECISION, "approve"]}),
        )
    ],
    ("wrong-type", 'Write {"and": [{">": [{"var": "days"}, 5]}, {"!": {"var": "booked"}}]}.'): [
        (END, "condition", text) for text in ("days > 5 and not booked", "days > 5 && !booked")
    ],
    ("wrong-type", 'Write {"and": [{"var": "booked"}]}.'): [(END, "condition", [{"var": "booked"}])],
    ("wrong-type", "Write null"): [(END, "condition", ""), (END, "condition", [])],
    ("wrong-type", 'Write ["decision"].'): [(END, "fields", "decision")],
    ("wrong-type", "Write true."): [(FIRST, "not_submitter", "true")],
    ("not-one-operator", "Write null"): [(END, "condition", {})],
    ("not-one-operator", '{"and": [{"var": "booked"}, {"!": {"var": "decision"}}]}'): [
        (END, "condition", {"var": "booked", "!": DECISION})
    ],
    ("unknown-operator", 'Write {"==": [{"var": "decision"}, "approve"]}.'): [
        (END, "condition", {name: [DECISION, "approve"]}) for name in ("=", "eq", "equals", "EQUALS", "is")
    ],
    ("unknown-operator", 'Write {"and": [{"var": "booked"}, {"var": "days"}]}.'): [
        (END, "condition", {name: [{"var": "booked"}, {"var": "days"}]}) for name in ("AND", "&&", "And")
    ],
    ("unknown-operator", 'Write {"in": ["app", {"var": "decision"}]}.'): [
        (END, "condition", {name: [DECISION, "app"]}) for name in ("contains", "includes")
    ],
    ("unknown-operator", 'Write {"in": [{"var": "decision"}, ["approve", "reject"]]}.'): [
        (END, "condition", {name: [DECISION, ["approve", "reject"]]}) for name in ("oneOf", "isIn", "IN")
    ],
    ("unknown-operator", 'Write {">=": [{"var": "days"}, 5]}.'): [
        (END, "condition", {name: [{"var": "days"}, 5]}) for name in ("gte", "ge", "≥", "=>")
    ],
    ("unknown-operator", 'Write {"!": [{"var": "booked"}]}.'): [
        (END, "condition", {name: [{"var": "booked"}]}) for name in ("not", "NOT", "isEmpty")
    ],
    ("unknown-format", "Did you mean “date-time”?"): [
        (NOTE, "format", name) for name in ("datetime", "dateTime", "timestamp", "datetime-local")
    ],
    ("unknown-format", "Did you mean “multiline”?"): [
        (NOTE, "format", name) for name in ("textarea", "markdown")
    ],
    ("unknown-format", "Did you mean “tel”?"): [(NOTE, "format", name) for name in ("phone", "telephone")],
    ("unknown-format", "Did you mean “uri”?"): [(NOTE, "format", "url")],
    ("unknown-format", '{"type": "number", "format": "money"}'): [(NOTE, "format", "currency")],
    ("unknown-type", "Did you mean “integer”?"): [(DAYS, "type", name) for name in ("int", "Integer")],
    ("unknown-type", "Did you mean “boolean”?"): [(DAYS, "type", name) for name in ("bool", "checkbox")],
    ("unknown-type", "Did you mean “number”?"): [(DAYS, "type", name) for name in ("float", "decimal")],
    ("unknown-type", '{"type": "string", "format": "date"}'): [(DAYS, "type", "date")],
    ("unknown-type", '{"type": "string", "format": "date-time"}'): [(DAYS, "type", "datetime")],
    ("unknown-type", "not nested"): [(DAYS, "type", "object")],
    ("unknown-type", '"type": "integer"'): [(DAYS, "type", ["integer", "null"])],
    ("unknown-keyword", "list the field in the “required”"): [(DAYS, "required", True)],
    ("unknown-keyword", "may stay empty"): [(DAYS, "nullable", True)],
    ("unknown-keyword", "Did you mean “title”?"): [
        ((*("fields_schema", "properties"), "booked"), "label", "Booked")
    ],
    ("unknown-keyword", "dates have no limits"): [
        (("fields_schema", "properties", "first_day"), "formatMinimum", "2026-01-01")
    ],
    ("unknown-operator", 'Write {"==": [{"var": "decision"}, "approve"]}'): [
        (END, "condition", {"decision": "approve"}),
        (END, "condition", {"decision": {"$eq": "approve"}}),
    ],
    ("unknown-operator", 'Write {"!": {"in": [{"var": "decision"}, ["reject"]]}}.'): [
        (END, "condition", {name: [DECISION, ["reject"]]}) for name in ("not in", "notIn", "none_of")
    ],
    ("unknown-operator", "There is no today"): [
        (END, "condition", {">": [{"var": "first_day"}, {name: []}]}) for name in ("today", "now")
    ],
    ("not-one-operator", 'Write {"==": [{"var": "decision"}, "approve"]}.'): [
        (END, "condition", {"field": "decision", "operator": "eq", "value": "approve"}),
        (END, "condition", {"fact": "decision", "op": "==", "value": "approve"}),
    ],
    ("malformed", "A role stands in executor_roles"): [(FIRST, "assignee_field", "Manager")],
    ("wrong-type", 'Write "decision".'): [(FIRST, "edit_layout", [{"field": "decision"}])],
    ("wrong-type", "Write a list of objects"): [((), "tasks", {"decide": {}})],
    ("wrong-type", "Write false."): [(END, "condition", "false")],
    ("wrong-value", 'Write "string".'): [(("fields_schema", "properties", "decision"), "type", "select")],
    ("wrong-value", 'Write {"const": "a", "title": "A"}.'): [
        (("fields_schema", "properties", "decision"), "oneOf", [{"value": "a", "label": "A"}])
    ],
    ("unknown-keyword", "dates have no limits."): [
        (("fields_schema", "properties", "first_day"), "minimum", "2026-01-01")
    ],
    ("unknown-keyword", '"properties": {"cost": {"type": "number"}}'): [
        (("fields_schema",), "cost", {"type": "number"})
    ],
    ("never-true", 'Write {"var": "decision"}'): [
        (END, "condition", {"==": ["decision", "approve"]}),
        (END, "condition", {"and": [{"var": "booked"}, {"==": ["decision", "approve"]}]}),
        (END, "condition", {"!": "decision"}),
    ],
    ("wrong-constant", "Did you mean null?"): [
        (END, "condition", {"!=": [DECISION, text]}) for text in ("null", "None", "", "empty")
    ],
    ("bad-default", "Write 5."): [(DAYS, "default", "5")],
    ("bad-example", "Write 5."): [(DAYS, "examples", ["5"])],
    ("wrong-constant", 'Did you mean "approve"?'): [
        (END, "condition", {"==": [DECISION, word]}) for word in ("Approve", "APPROVE", "aprove", "approved")
    ],
    ("wrong-constant", 'Did you mean "2027-01-31"?'): [
        (END, "condition", {">": [{"var": "first_day"}, "31.01.2027"]})
    ],
}


class FixTests(SimpleTestCase):
    def test_every_code_has_a_sentence(self) -> None:
        table = DOCUMENTATION[
            DOCUMENTATION.index("## Static findings") : DOCUMENTATION.index("With a company there is also")
        ]
        codes = {
            code
            for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
            for code in re.findall(r"`([a-z0-9-]+)`", row)
        }
        self.assertEqual(codes, set(FIXES))

    def test_each_mistake_has_a_fix(self) -> None:
        for mistake, change in MISTAKES.items():
            document = deepcopy(VACATION)
            change(document)
            with self.subTest(mistake):
                found = problems_to_errors(problems_of(document))
                self.assertTrue(found)
                self.assertTrue(all(finding.as_json()["mend"] for finding in found))

    def test_what_was_meant(self) -> None:
        for (code, fix), changes in MEANT.items():
            for change in changes:
                with self.subTest(change):
                    problems = problems_of(with_member(*change))
                    fixes = [problem.fix for problem in problems if problem.code == code]
                    self.assertTrue(any(fix in each for each in fixes), problems)

    def test_a_member_of_another_name_is_renamed(self) -> None:
        for name, wrong in (("task_type", "type"), ("input_fields", "inputs"), ("title", "name")):
            document: Any = deepcopy(VACATION)
            document["tasks"][0][wrong] = document["tasks"][0].pop(name)
            fixes = [each.fix for each in problems_of(document) if each.code == "missing-member"]
            self.assertEqual(fixes, [f"Rename “{wrong}” to “{name}”."])

    def test_names_of_choices_become_titles(self) -> None:
        document: Any = deepcopy(VACATION)
        choice = {"enum": ["a", "b"], "enumNames": ["First", "Second"]}
        document["fields_schema"]["properties"]["decision"] = choice
        fixes = [each.fix for each in problems_of(document) if each.code == "unknown-keyword"]
        self.assertIn('{"const": "b", "title": "Second"}', fixes[0])

    def test_nothing_is_guessed_without_reason(self) -> None:
        self.assertEqual(find_meant_field("colour", ["days", "decision"]), "")
        self.assertEqual(find_meant_field("x" * 10_000, ["x" * 100]), "")
        for text in (
            "if (a) then b",
            "days",
            "nothing > 5",
            "days > ",
            "days > 5 and",
            "[1, 2]",
            "5",
            "x" * 400,
        ):
            with self.subTest(text):
                self.assertIsNone(read_expression(text, ["amount"]))

    def test_nothing_that_is_written_raises(self) -> None:
        values: list[Any] = [
            "٣",
            "9" * 5000,
            "²",
            "\u202e",
            {},
            [],
            [[]],
            {"": None},
            {"a": {"b": []}},
            1e300,
            True,
        ]
        for place in ((), FIRST, END, (*FIRST, "input_fields"), ("fields_schema",), DAYS):
            target: Any = VACATION
            for step in place:
                target = target[step]
            for name in target if isinstance(target, dict) else range(len(target)):
                for value in values:
                    document: Any = deepcopy(VACATION)
                    part = document
                    for step in place:
                        part = part[step]
                    part[name] = value
                    self.assertIsInstance(problems_of(document), list)

    def test_many_mistakes_take_no_longer_than_some(self) -> None:
        names = [f"{'abcdefghij' * 3}{number:03}" for number in range(500)]
        document: Any = deepcopy(VACATION)
        document["fields_schema"]["properties"] |= {name: {"type": "string"} for name in names[:150]}
        document["tasks"][0]["input_fields"] = [name[::-1].strip("0123456789") + name[-3:] for name in names]
        found = problems_of(document)
        self.assertGreaterEqual(len(found), len(names))
        self.assertTrue(all(finding.fix for finding in problems_to_errors(found)))
