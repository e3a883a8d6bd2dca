"""Static errors of a definition, each planted into a workflow that has none."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from django.test import SimpleTestCase

from workflow_design.check.actions import address_problem
from workflow_design.check.check_file import check_file
from workflow_design.check.constant_conditions import ConstantConditions
from workflow_design.check.findings import Severity
from workflow_design.check.static import all_problems, check_definition
from workflow_design.definition.file_json import WorkflowFileError, parse_workflow_file
from workflow_design.definition.schema import parse_fields
from workflow_design.definition.workflow import (
    CompletionFile,
    CompletionStatus,
    Kind,
    TaskFile,
    TaskType,
    TicketFile,
    WorkflowFile,
)
from workflow_design.engine.plan import build_plan
from workflow_design.tests.examples import equals

SCHEMA = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "maxLength": 200},
        "urgency": {"type": "string", "enum": ["low", "high"]},
        "verdict": {"type": "string", "enum": ["yes", "no"]},
        "checked": {"type": "boolean"},
        "number": {"type": "integer"},
        "helper": {"type": "string", "format": "user"},
    },
    "required": ["question"],
}
VALID: dict[str, Any] = {
    "format": "ticketflower-workflow/1",
    "title": "Question",
    "fields_schema": SCHEMA,
    "tickets": [{"title": "Ask", "fields": ["question", "urgency", "helper"]}],
    "tasks": [
        {
            "title": "Answer",
            "task_type": "FORM",
            "input_fields": ["question"],
            "output_fields": ["verdict"],
            "condition": equals("urgency", "high"),
            "reset_fields": ["verdict"],
        },
        {
            "title": "Count",
            "task_type": "SYNC_ACTION",
            "input_fields": ["verdict"],
            "output_fields": ["number", "checked"],
            "action_url": "https://example.com/count",
        },
    ],
    "completions": [
        {
            "title": "Done",
            "completion_status": "COMPLETED",
            "fields": ["number"],
            "condition": {"var": "checked"},
        }
    ],
}
Plant = Callable[[dict[str, Any]], object]


def in_task(number: int, **members: Any) -> Plant:
    """Return a fault: these members of a task."""

    def plant(file: dict[str, Any]) -> None:
        file["tasks"][number].update(members)

    return plant


def message(**members: Any) -> dict[str, Any]:
    """Return a task that sends a message; an `email` or a `chat` among the members is what it sends."""
    action = {kind: members.pop(kind) for kind in ("email", "chat") if kind in members}
    task = {"title": "Tell", "task_type": "SYNC_ACTION", "input_fields": ["question"]}
    sent = {"action": action or {"chat": {"connection": "Team", "text": "Hello"}}}
    return {**task, "output_fields": ["checked"], **sent, **members}


def errors(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the places and codes of the problems that the check finds in a file."""
    file = parse_workflow_file(json.dumps(document))
    return sorted((problem.pointer, problem.code) for problem in check_definition(file))


class PlantedErrorTests(SimpleTestCase):
    def assert_found(self, plant: Plant, *expected: tuple[str, str]) -> None:
        """Assert that the planted fault is found, and nothing else."""
        document = deepcopy(VALID)
        plant(document)
        self.assertEqual(errors(document), sorted(expected))

    def test_a_valid_definition_has_none(self) -> None:
        self.assertEqual(errors(VALID), [])

    def test_fields_that_the_schema_does_not_declare(self) -> None:
        def plant(file: dict[str, Any]) -> None:
            file["tickets"][0]["fields"].append("priority")
            file["tasks"][0]["input_fields"].append("qestion")
            file["tasks"][0]["output_fields"].append("answer")
            file["tasks"][0]["reset_fields"].append("answer")
            file["tasks"][0]["condition"] = {"and": [equals("urgent", 1), equals("verdikt", 1)]}
            file["tasks"][0]["assignee_field"] = "owner"
            file["tasks"][1]["input_transform"] = {"q": {"var": "questions.0"}}
            file["tasks"][1]["output_transform"] = {"number": {"var": "workspace.count"}}
            file["completions"][0]["fields"].append("closed")
            file["completions"][0]["condition"] = {"missing": ["chekced"]}

        self.assert_found(
            plant,
            ("/completions/0/condition", "unknown-field"),
            ("/completions/0/fields/1", "unknown-field"),
            ("/tasks/0/assignee_field", "unknown-field"),
            ("/tasks/0/condition", "unknown-field"),
            ("/tasks/0/condition", "unknown-field"),
            ("/tasks/0/input_fields/1", "unknown-field"),
            ("/tasks/0/output_fields/1", "unknown-field"),
            ("/tasks/0/reset_fields/1", "unknown-field"),
            ("/tasks/1/input_transform", "unknown-field"),
            ("/tasks/1/output_transform", "unknown-field"),
            ("/tickets/0/fields/3", "unknown-field"),
        )

    def test_a_task_without_inputs(self) -> None:
        self.assert_found(
            in_task(0, input_fields=[]),
            ("/tasks/0/input_fields", "task-without-inputs"),
        )

    def test_a_form_without_outputs(self) -> None:
        self.assert_found(
            lambda file: file["tasks"].append(
                {"title": "Look", "task_type": "FORM", "input_fields": ["question"]}
            ),
            ("/tasks/2/output_fields", "form-without-outputs"),
        )

    def test_an_action_writes_something(self) -> None:
        call = {"title": "Tell", "task_type": "ASYNC_ACTION", "input_fields": ["question"]}
        self.assert_found(
            lambda file: file["tasks"].append({**call, "action_url": "http://example.com"}),
            ("/tasks/2/output_fields", "action-without-outputs"),
        )

    def test_what_an_action_calls(self) -> None:
        for target, place, code in (
            ({"action_url": "https://a.example", "connection": "A"}, "connection", "several-targets"),
            ({"path": "/x", "action_url": "https://a.example"}, "path", "path-without-connection"),
            ({"connection": "A", "path": "x"}, "path", "bad-path"),
            ({"connection": "A", "path": "//b.example/x"}, "path", "bad-path"),
            ({"connection": "A", "path": "/a/%2e%2E/b"}, "path", "bad-path"),
            ({"connection": "A", "path": "/a/..;/b"}, "path", "bad-path"),
            ({"connection": "A", "path": "/a%5c..%5Cb"}, "path", "bad-path"),
            ({"connection": "A", "path": "/a\\b"}, "path", "bad-path"),
        ):
            call = {"title": "Tell", "task_type": "SYNC_ACTION", "input_fields": ["question"], **target}
            with self.subTest(target):
                self.assert_found(
                    self.adding({**call, "output_fields": ["verdict"]}), (f"/tasks/2/{place}", code)
                )

    @staticmethod
    def adding(call: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
        return lambda file: file["tasks"].append(call)

    def test_an_action_by_a_connection(self) -> None:
        call = {"title": "Tell", "task_type": "SYNC_ACTION", "input_fields": ["question"]}
        more = {"connection": "A", "path": "/a/b?c=d..e", "output_fields": ["verdict"]}
        self.assert_found(lambda file: file["tasks"].append({**call, **more}))

    def test_what_a_message_must_have(self) -> None:
        texts = {"subject": "About {question}", "text": "{{1} {urgency}"}
        self.assert_found(self.adding(message(email={"to": {"field": "helper"}, **texts})))
        self.assert_found(self.adding(message(email={"to": {"role": "HR"}, **texts})))
        self.assert_found(self.adding(message(chat={"connection": "Team", "text": "{question}"})))
        for members, place, code in (
            ({"email": {"to": {"field": "question"}, **texts}}, "action/email/to/field", "not-a-recipient"),
            ({"email": {"to": {"field": "boss"}, **texts}}, "action/email/to/field", "unknown-field"),
            ({"chat": {"connection": "A", "text": "{qestion}"}}, "action/chat/text", "unknown-field"),
            ({"chat": {"connection": "A", "text": "{question"}}, "action/chat/text", "open-brace"),
            ({"output_fields": ["verdict"]}, "output_fields", "not-a-sent-field"),
            ({"output_fields": ["checked", "number"]}, "output_fields", "not-a-sent-field"),
            ({"task_type": "ASYNC_ACTION"}, "action", "not-a-message"),
            ({"task_type": "FORM"}, "action", "not-a-message"),
            ({"output_transform": {"checked": True}}, "output_transform", "not-of-a-message"),
            ({"executor_roles": ["HR"]}, "executor_roles", "not-of-a-message"),
            ({"action_url": "https://a.example"}, "action", "several-targets"),
        ):
            with self.subTest(members):
                self.assert_found(self.adding(message(**members)), (f"/tasks/2/{place}", code))

    def test_a_field_that_a_message_names_is_read(self) -> None:
        for text, unread in (("Hello", {"/fields_schema/properties/helper"}), ("{helper}", set())):
            document = {**deepcopy(VALID), "display_layout": ["question"]}
            document["tickets"][0]["display_layout"] = ["question"]
            document["tasks"].append(message(chat={"connection": "Team", "text": text}))
            report = check_file(parse_workflow_file(json.dumps(document)))
            found = {each.pointer for each in report.findings if each.code == "field-unread"}
            self.assertEqual(found, unread)

    def test_the_form_of_a_message(self) -> None:
        to = {"role": "HR"}
        for action, place, code in (
            ({}, "", "not-one-of"),
            ({"email": {}, "chat": {}}, "", "not-one-of"),
            ({"sms": {}}, "/sms", "unknown-member"),
            ({"chat": "x"}, "/chat", "wrong-type"),
            ({"chat": {"connection": "A", "text": " "}}, "/chat/text", "malformed"),
            ({"email": {"to": {}, "subject": "S", "text": "T"}}, "/email/to", "not-one-of"),
            ({"email": {"to": to, "subject": "S\nBcc: x", "text": "T"}}, "/email/subject", "malformed"),
            ({"email": {"to": to, "subject": "S" * 201, "text": "T"}}, "/email/subject", "too-long"),
            ({"email": {"to": to, "subject": "S"}}, "/email", "missing-member"),
            ([], "", "wrong-type"),
        ):
            document = deepcopy(VALID)
            document["tasks"].append({**message(), "action": action})
            with self.subTest(action), self.assertRaises(WorkflowFileError) as caught:
                parse_workflow_file(json.dumps(document))
            found = {(each.pointer, each.code) for each in all_problems(caught.exception)}
            self.assertIn((f"/tasks/2/action{place}", code), found)
            self.assertEqual({each for each in found if "/action" not in each[0]}, set())

    def test_a_ticket_and_a_completion_without_fields(self) -> None:
        def plant(file: dict[str, Any]) -> None:
            file["tickets"].append({"title": "Nothing", "fields": []})
            file["completions"].append({"title": "Never", "completion_status": "CANCELLED", "fields": []})

        self.assert_found(
            plant,
            ("/completions/1/fields", "completion-without-fields"),
            ("/tickets/1/fields", "ticket-without-fields"),
        )

    def test_subjects_and_priorities(self) -> None:
        where = "/tickets/0/subject"
        for subject, *expected in (
            ("{question} ({urgency})",),
            ("{question", (where, "open-brace"), (where, "subject-without-fields")),
            ("A question", (where, "subject-without-fields")),
            ("{qestion}", (where, "unknown-field")),
            ("{helper} and {verdict}", (where, "not-in-subjects"), (where, "not-of-the-ticket")),
        ):
            with self.subTest(subject):
                self.assert_found(lambda file: file["tickets"][0].update(subject=subject), *expected)  # noqa: B023
        where = "/tickets/0/priority_field"
        for name, *expected in (
            ("urgency",),
            ("verdict",),
            ("checked", (where, "priority-not-a-choice")),
            ("urgencies", (where, "unknown-field")),
        ):
            with self.subTest(name):
                self.assert_found(lambda file: file["tickets"][0].update(priority_field=name), *expected)  # noqa: B023

    def test_what_a_subject_was_meant_to_show(self) -> None:
        document = deepcopy(VALID)
        document["tickets"][0].update(subject="{qestion}, {urgent}")
        found = check_definition(parse_workflow_file(json.dumps(document)))
        self.assertIn("“question”", found[0].fix)

    def test_an_action_without_address(self) -> None:
        self.assert_found(
            in_task(1, action_url=""),
            ("/tasks/1/action_url", "action-without-address"),
        )

    def test_an_address_that_may_not_be_called(self) -> None:
        self.assert_found(
            in_task(1, action_url="ftp://example.com"),
            ("/tasks/1/action_url", "bad-address"),
        )

    def test_conditions_and_transforms_that_are_not_allowed(self) -> None:
        def plant(file: dict[str, Any]) -> None:
            file["tasks"][0]["condition"] = {"method": [{"var": "question"}, "upper"]}
            file["tasks"][1]["input_transform"] = {"q": {"log": 1}}
            file["tasks"][1]["output_transform"] = {"number": {"var": 1, "missing": 2}}
            file["completions"][0]["condition"] = {"==": [1]}

        self.assert_found(
            plant,
            ("/completions/0/condition/==", "wrong-number-of-values"),
            ("/tasks/0/condition/method", "unknown-operator"),
            ("/tasks/1/input_transform/q/log", "unknown-operator"),
            ("/tasks/1/output_transform/number", "not-one-operator"),
        )

    def test_a_rule_for_an_answer_reads_workspace_and_response_and_writes_outputs(self) -> None:
        rules = {"number": {"var": "response.body.n"}, "extra": 1, "checked": {"var": "body.ok"}}
        self.assert_found(
            in_task(1, output_transform=rules),
            ("/tasks/1/output_transform/checked", "unknown-name"),
            ("/tasks/1/output_transform/extra", "not-an-output"),
        )

    def test_a_condition_that_never_holds(self) -> None:
        unlike = {"and": [equals("urgency", "high"), {"!": {"var": "urgency"}}]}
        for rule in (False, {"==": [1, 2]}, unlike, {"and": [{"var": "question"}, False]}):
            with self.subTest(rule=rule):
                self.assert_found(
                    in_task(0, condition=rule),
                    ("/tasks/0/condition", "never-true"),
                )

    def test_a_form_that_leaves_out_or_doubles_a_field(self) -> None:
        def plant(file: dict[str, Any]) -> None:
            file["tickets"][0]["edit_layout"] = ["question", ["urgency", "question"]]
            file["tasks"][0]["edit_layout"] = ["verdict", "question"]

        self.assert_found(
            plant,
            ("/tasks/0/edit_layout/1", "unknown-field"),
            ("/tickets/0/edit_layout", "missing-field"),
            ("/tickets/0/edit_layout/1/1", "doubled-field"),
        )

    def test_shown_fields(self) -> None:
        def plant(names: list[str]) -> Callable[[dict[str, Any]], None]:
            return lambda file: file["tasks"][0].update(shown_fields=names)

        self.assert_found(plant(["number", "helper"]))
        self.assert_found(plant(["helper", "nobody"]), ("/tasks/0/shown_fields/1", "unknown-field"))
        self.assert_found(plant(["helper", "question"]), ("/tasks/0/shown_fields/1", "doubled-field"))

    def test_a_layout_for_reading_may_leave_out_fields_and_show_any_of_the_workspace(self) -> None:
        def plant(file: dict[str, Any]) -> None:
            for part in (file, file["tickets"][0], file["tasks"][0], file["completions"][0]):
                part["display_layout"] = [{"section": "All", "items": ["number", "verdict"]}]

        self.assert_found(plant)

    def test_a_layout_for_reading_shows_no_other_fields(self) -> None:
        def plant(file: dict[str, Any]) -> None:
            for part in (file, file["tickets"][0], file["tasks"][0], file["completions"][0]):
                part["display_layout"] = ["total"]

        self.assert_found(
            plant,
            ("/completions/0/display_layout/0", "unknown-field"),
            ("/display_layout/0", "unknown-field"),
            ("/tasks/0/display_layout/0", "unknown-field"),
            ("/tickets/0/display_layout/0", "unknown-field"),
        )

    def test_nothing_that_ends_the_workflow(self) -> None:
        self.assert_found(lambda file: file.update(completions=[]), ("/completions", "no-end"))
        self.assert_found(
            lambda file: file["completions"][0].update(completion_status="ON_HOLD"),
            ("/completions", "no-end"),
        )

    def test_nothing_that_starts_it(self) -> None:
        self.assert_found(
            lambda file: file.update(tickets=[]),
            ("/completions/0/fields", "never-triggered"),
            ("/tasks/0/input_fields", "never-triggered"),
            ("/tasks/1/input_fields", "never-triggered"),
            ("/tickets", "no-ticket"),
        )

    def test_tasks_and_completions_that_nothing_reaches(self) -> None:
        def plant(file: dict[str, Any]) -> None:
            file["tasks"][0]["input_fields"] = ["checked"]  # which only Count writes, which waits for Answer

        self.assert_found(
            plant,
            ("/completions/0/fields", "never-triggered"),
            ("/tasks/0/input_fields", "never-triggered"),
            ("/tasks/1/input_fields", "never-triggered"),
        )

    def test_reaching_goes_over_several_tasks_in_any_order(self) -> None:
        self.assert_found(lambda file: file["tasks"].reverse())

    def test_a_misspelt_input_is_reported_once_without_its_consequences(self) -> None:
        self.assert_found(
            in_task(0, input_fields=["qestion"]),
            ("/tasks/0/input_fields/0", "unknown-field"),
        )

    def test_only_outputs_are_reset(self) -> None:
        self.assert_found(
            in_task(0, reset_fields=["question"]),
            ("/tasks/0/reset_fields/0", "reset-not-output"),
        )

    def test_the_assignee_is_a_person(self) -> None:
        for name in ("$submitter", "helper"):
            self.assert_found(in_task(0, assignee_field=name))
        self.assert_found(
            in_task(0, assignee_field="question"),
            ("/tasks/0/assignee_field", "assignee-not-a-person"),
        )
        self.assert_found(in_task(0, assignee_field="helper", not_submitter=True))
        self.assert_found(
            in_task(0, assignee_field="$submitter", not_submitter=True),
            ("/tasks/0/assignee_field", "submitter-excluded"),
        )

    def test_a_person_confirms_forms_alone(self) -> None:
        self.assert_found(in_task(0, needs_approval=True))
        action = {"task_type": "SYNC_ACTION", "action_url": "https://example.com/", "executor_roles": []}
        self.assert_found(
            in_task(0, needs_approval=True, **action), ("/tasks/0/needs_approval", "approval-of-action")
        )

    def test_only_the_clock_writes_the_field_of_an_overdue_task(self) -> None:
        def plant(file: dict[str, Any], **members: Any) -> None:
            file["fields_schema"]["properties"]["late"] = {"type": "boolean"}
            file["tasks"][0] |= {"due_hours": 8, "overdue_field": "late", **members}

        where = "/tasks/0/overdue_field"
        self.assert_found(plant)
        self.assert_found(in_task(0, due_hours=0.25))
        self.assert_found(lambda file: plant(file, due_hours=None), (where, "overdue-without-hours"))
        self.assert_found(lambda file: plant(file, overdue_field="lat"), (where, "unknown-field"))
        self.assert_found(lambda file: plant(file, overdue_field="helper"), (where, "overdue-not-yes-no"))
        self.assert_found(lambda file: plant(file, overdue_field="checked"), (where, "overdue-written"))

    def test_what_only_the_clock_writes_starts_and_ends(self) -> None:
        def plant(file: dict[str, Any]) -> None:
            file["tasks"][0] |= {"due_hours": 8, "overdue_field": "checked"}
            file["tasks"][1] |= {"output_fields": ["number"], "input_fields": ["checked"]}

        self.assert_found(plant)

    def test_time_limits(self) -> None:
        for kind, seconds in (("SYNC_ACTION", 301), ("ASYNC_ACTION", 366 * 86_400)):
            self.assert_found(
                in_task(1, task_type=kind, timeout_seconds=seconds),
                ("/tasks/1/timeout_seconds", "timeout-out-of-bounds"),
            )
        for kind, seconds in (("SYNC_ACTION", 300), ("SYNC_ACTION", 1), ("ASYNC_ACTION", 7 * 86_400)):
            self.assert_found(in_task(1, task_type=kind, timeout_seconds=seconds))

    def test_a_schema_that_is_not_allowed(self) -> None:
        def plant(file: dict[str, Any]) -> None:
            file["fields_schema"]["properties"]["number"]["unevaluatedItems"] = False

        document = deepcopy(VALID)
        plant(document)
        ((where, _code),) = errors(document)
        self.assertTrue(where.startswith("/fields_schema/properties/number"), where)

    def test_every_problem_is_a_sentence_with_a_code(self) -> None:
        document = deepcopy(VALID)
        document["tickets"][0].update(fields=["a", "question"], edit_layout=["x"])
        document["tasks"][0].update(
            input_fields=[], output_fields=[], reset_fields=["question"], condition=False
        )
        document["tasks"][1].update(action_url="x", timeout_seconds=1000, output_transform={"a": 1})
        document["completions"] = []
        for problem in check_definition(parse_workflow_file(json.dumps(document))):
            self.assertRegex(problem.message, r"^[A-Z“].*\.$")
            self.assertRegex(problem.code, r"^[a-z-]+$")
            self.assertTrue(problem.pointer.startswith("/"))


class EditedDefinitionTests(SimpleTestCase):
    """Problems that a form can contain but a parsed file can't."""

    def test_kinds_and_doubled_fields(self) -> None:
        file = WorkflowFile(
            title="Edited",
            fields_schema=SCHEMA,
            tickets=(TicketFile(title="Ask", fields=("question", "question")),),
            tasks=(
                TaskFile(
                    title="T", task_type="MAGIC", input_fields=("question",), action_url="https://a.example"
                ),
            ),
            completions=(CompletionFile(title="End", completion_status="OPEN", fields=("question",)),),
        )
        self.assertEqual(
            sorted((problem.pointer, problem.code) for problem in check_definition(file)),
            [
                ("/completions", "no-end"),
                ("/completions/0/completion_status", "bad-status"),
                ("/tasks/0/output_fields", "action-without-outputs"),
                ("/tasks/0/task_type", "bad-type"),
                ("/tickets/0/fields/1", "doubled-field"),
            ],
        )


class ConstantConditionTests(SimpleTestCase):
    def setUp(self) -> None:
        self.fields = parse_fields(SCHEMA)

    def test_conditions_that_no_values_fulfil(self) -> None:
        rules: list[Any] = [
            False,
            0,
            "",
            [],
            {"==": [1, 2]},
            {"and": [{"var": "question"}, False]},
            {"and": False},
            {"and": [equals("question", "a"), {"and": [{"<": [2, 1]}]}]},
            {"!": {"!": 0}},
            {"and": [equals("verdict", "yes"), equals("verdict", "no")]},
            {"or": [equals("verdict", "maybe"), False]},
            {"and": [{">": [{"var": "number"}, 3]}, equals("urgency", "urgent")]},
            {"and": [{"var": "checked"}, {"!": {"var": "checked"}}]},
            {"in": [{"var": "verdict"}, ["Yes", "No"]]},
            {"!": [{"or": [{"!": {"var": "checked"}}, {"var": "checked"}]}]},
        ]
        for rule in rules:
            self.assertTrue(ConstantConditions(self.fields).is_never_true(rule), rule)

    def test_conditions_that_values_fulfil_or_that_are_too_large(self) -> None:
        rules: list[Any] = [
            True,
            {"/": [1, 0]},
            {"and": [True, {"var": "question"}]},
            {"or": [{"var": "question"}, False]},
            equals("verdict", "yes"),
            equals("verdict", None),
            equals("question", "yes"),
            equals("number", 7),
            {"!": {"var": "verdict"}},
            {"or": [equals("verdict", "maybe"), {"var": "question"}]},
            {"and": []},
            {"+": [{"var": "verdict"}, 1]},
        ]
        for rule in rules:
            self.assertFalse(ConstantConditions(self.fields).is_never_true(rule), rule)

    def test_gives_up_when_there_are_too_many_combinations(self) -> None:
        rule = equals("verdict", "maybe")
        self.assertFalse(ConstantConditions(self.fields, evaluations=2).is_never_true(rule))
        long = {"and": [{"or": [{"==": [{"var": "verdict"}, "no"]}, equals("verdict", "yes")]}] * 30}
        self.assertFalse(ConstantConditions(self.fields).is_never_true(long))


class AddressTests(SimpleTestCase):
    def test_addresses_that_may_be_called(self) -> None:
        for address in (
            "https://example.com",
            "http://example.com/a/b?c=d&e=%20f",
            "HTTPS://Example.COM:443/",
            "http://example.com:80",
            "https://example.com:1024",
            "https://example.com:65535/x",
            "https://203.0.113.7/hook",
            "https://[2001:db8::1]:8443/hook",
            "https://intranet/hook",
            "https://xn--bcher-kva.example/",
        ):
            self.assertEqual(address_problem(address), "", address)

    def test_addresses_that_may_not(self) -> None:
        for address in (
            "",
            "example.com",
            "//example.com",
            "ftp://example.com",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https://",
            "https:///path",
            "https://example.com:22/",
            "https://example.com:1023/",
            "https://example.com:65536/",
            "https://example.com:port/",
            "https://user@example.com/",
            "https://user:secret@example.com/",
            "https://@example.com/",
            "https://example.com/a b",
            "https://exa\nmple.com",
            " https://example.com",
            "https://example.com\\@evil.example",
            "https://bücher.example",
            "https://example.com/#x",
            "https://-a.example",
            "https://a..example",
            "https://[::1",
            "https://[fe80::1%25eth0]/",
            "https://a_b.example",
            "https://example.com/" + "x" * 2000,
        ):
            self.assertRegex(address_problem(address), r"^[A-Z].*\.$", address)


class PlanTests(SimpleTestCase):
    def test_the_plan_of_a_file(self) -> None:
        plan = build_plan(parse_workflow_file(json.dumps(VALID)))
        answer, count = plan.tasks
        self.assertEqual((answer.title, answer.task_type), ("Answer", TaskType.FORM))
        self.assertEqual(plan.key(answer), (Kind.TASK, "Answer"))
        self.assertEqual((answer.input_fields, answer.output_fields), (("question",), ("verdict",)))
        self.assertEqual((answer.condition, answer.reset_fields), (equals("urgency", "high"), ("verdict",)))
        self.assertEqual(count.task_type, TaskType.SYNC_ACTION)
        (done,) = plan.completions
        self.assertEqual(
            (done.title, done.fields, done.completion_status),
            ("Done", ("number",), CompletionStatus.COMPLETED),
        )
        self.assertEqual(done.condition, {"var": "checked"})
        self.assertEqual(
            [(ticket.title, ticket.fields) for ticket in plan.tickets],
            [("Ask", ("question", "urgency", "helper"))],
        )


class ExploredAnywayTests(SimpleTestCase):
    """A definition with a wrong constant still has a meaning, so its paths are tried, too."""

    def test_wrong_constant_and_what_follows_from_it(self) -> None:
        decision = {"type": "string", "enum": ["yes", "no"]}
        schema = {
            "type": "object",
            "properties": {"wish": {"type": "string"}, "decision": decision},
            "required": ["wish", "decision"],
        }
        approved = {"==": [{"var": "decision"}, "Yes"]}
        file = WorkflowFile(
            title="Wish",
            fields_schema=schema,
            tickets=(TicketFile(title="Ask", fields=("wish",)),),
            tasks=(
                TaskFile(
                    title="Decide", task_type="FORM", input_fields=("wish",), output_fields=("decision",)
                ),
            ),
            completions=(
                CompletionFile(
                    title="Done", completion_status="COMPLETED", fields=("decision",), condition=approved
                ),
            ),
        )
        report = check_file(file)
        found = [(each.code, each.pointer) for each in report.findings if each.severity != Severity.HINT]
        self.assertEqual(found, [("wrong-constant", "/completions/0/condition"), ("stall", "/tasks/0")])
        self.assertTrue(report.is_exact)
