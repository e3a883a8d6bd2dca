"""Everything that is wrong with a file is said at once: what one mistake gives, it gives beside any other."""

import json
from collections.abc import Callable
from copy import deepcopy
from itertools import combinations
from typing import Any, Final

from django.test import SimpleTestCase

from workflow_design.check.static import all_problems, check_definition
from workflow_design.definition.file_json import WorkflowFileError, parse_workflow_file
from workflow_design.tests.files import VACATION

Document = dict[str, Any]


def found(document: Document) -> set[tuple[str, str]]:
    """Return the code and the pointer of each problem."""
    try:
        problems = check_definition(parse_workflow_file(json.dumps(document)))
    except WorkflowFileError as error:
        problems = all_problems(error)
    return {(problem.code, problem.pointer) for problem in problems}


def in_schema(name: str, **keywords: Any) -> Callable[[Document], Any]:
    return lambda file: file["fields_schema"]["properties"][name].update(keywords)


def in_part(kind: str, position: int, **members: Any) -> Callable[[Document], Any]:
    return lambda file: file[kind][position].update(members)


V: Final = {"var": "days"}
MISTAKES: Final[dict[tuple[str, str], Callable[[Document], Any]]] = {
    ("missing-member", ""): lambda file: file.pop("format"),
    ("unknown-member", "/$schema"): lambda file: file.update({"$schema": "x"}),
    ("wrong-type", "/description"): lambda file: file.update(description=None),
    ("malformed", "/ticket_admin_roles/0"): lambda file: file.update(ticket_admin_roles=[" HR"]),
    ("unknown-field", "/display_layout/0"): lambda file: file.update(display_layout=["nothing"]),
    ("unknown-field", "/fields_schema/required/0"): lambda file: file["fields_schema"].update(
        required=["nope"]
    ),
    ("unknown-keyword", "/fields_schema/properties/days/enumNames"): in_schema("days", enumNames=[]),
    ("bad-default", "/fields_schema/properties/days/default"): in_schema("days", default="five"),
    ("unknown-format", "/fields_schema/properties/employee_note/format"): in_schema(
        "employee_note", format="area"
    ),
    ("unknown-keyword", "/fields_schema/properties/employee_note/ui"): in_schema("employee_note", ui="wide"),
    ("unknown-field", "/tickets/0/fields/1"): in_part(
        "tickets", 0, fields=["days", "nothing"], edit_layout=[]
    ),
    ("out-of-bounds", "/tasks/0/due_hours"): in_part("tasks", 0, due_hours=0.3),
    ("overdue-not-yes-no", "/tasks/1/overdue_field"): in_part("tasks", 1, due_hours=8, overdue_field="days"),
    ("not-a-choice", "/tasks/0/task_type"): in_part("tasks", 0, task_type="USER_TASK"),
    ("unknown-member", "/tasks/0/next"): in_part("tasks", 0, next=["Book it"]),
    ("reset-not-output", "/tasks/0/reset_fields/0"): in_part("tasks", 0, reset_fields=["days"]),
    ("missing-member", "/tasks/1"): lambda file: file["tasks"][1].pop("input_fields"),
    ("wrong-type", "/tasks/1/condition"): in_part("tasks", 1, condition="days > 5"),
    ("unknown-field", "/tasks/1/output_fields/0"): in_part("tasks", 1, output_fields=["nothing"]),
    ("malformed", "/tasks/1/assignee_field"): in_part("tasks", 1, assignee_field="$manager"),
    ("wrong-type", "/tasks/2/input_fields/0"): in_part("tasks", 2, input_fields=[7, "decision"]),
    ("unknown-operator", "/tasks/2/condition/and/0/eq"): in_part(
        "tasks", 2, condition={"and": [{"eq": [V, 5]}, {"==": [V, "5"]}, {"var": "nothing"}]}
    ),
    ("wrong-constant", "/tasks/2/condition"): in_part(
        "tasks", 2, condition={"and": [{"eq": [V, 5]}, {"==": [V, "5"]}, {"var": "nothing"}]}
    ),
    ("unknown-field", "/tasks/2/condition"): in_part(
        "tasks", 2, condition={"and": [{"eq": [V, 5]}, {"==": [V, "5"]}, {"var": "nothing"}]}
    ),
    ("not-a-choice", "/completions/0/completion_status"): in_part("completions", 0, completion_status="DONE"),
    ("wrong-constant", "/completions/0/condition"): in_part("completions", 0, condition={"<": [V, "five"]}),
    ("title-twice", "/completions/1/title"): lambda file: file["completions"][1].update(
        title=file["completions"][0]["title"]
    ),
    ("wrong-type", "/completions/1/fields"): in_part("completions", 1, fields="decision"),
}


class AllProblemsTests(SimpleTestCase):
    def test_each_mistake_beside_each_other(self) -> None:
        for first, second in combinations(MISTAKES, 2):
            document = deepcopy(VACATION)
            MISTAKES[first](document)
            MISTAKES[second](document)
            with self.subTest(first=first, second=second):
                self.assertLessEqual({first, second}, found(document))

    def test_all_mistakes_at_once(self) -> None:
        document = deepcopy(VACATION)
        for change in MISTAKES.values():
            change(document)
        self.assertEqual(set(MISTAKES) - found(document), set())

    def test_a_mistake_alone_is_said_alone(self) -> None:
        """Nothing is said that only follows from what could not be read."""
        for mistake, change in MISTAKES.items():
            document = deepcopy(VACATION)
            change(document)
            with self.subTest(mistake):
                self.assertLessEqual(found(document), set(MISTAKES))

    def test_what_is_no_workflow_at_all(self) -> None:
        documents: list[Any] = [[], {}, {"tasks": 5}]
        documents.append({**VACATION, "tasks": 5, "tickets": ["x"], "completions": [[]]})
        for document in documents:
            with self.subTest(document=json.dumps(document)[:40]):
                self.assertTrue(found(document))
