"""The workflow file: its members, defaults and problems."""

import json
from typing import Any
from unittest import TestCase

from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from workflow_design.definition.file_json import WorkflowFileError, parse_workflow_file, to_json
from workflow_design.definition.problems import Problem
from workflow_design.definition.workflow import (
    CompletionFile,
    TaskFile,
    TicketFile,
    WorkflowFile,
    json_schema,
)

SMALLEST: dict[str, Any] = {
    "format": "ticketflower-workflow/1",
    "title": "Request",
    "fields_schema": {"type": "object"},
    "tickets": [{"title": "Ask", "fields": ["question"]}],
    "tasks": [{"title": "Answer", "task_type": "FORM", "input_fields": ["question"]}],
    "completions": [{"title": "Done", "completion_status": "COMPLETED", "fields": ["answer"]}],
}
SMALLEST_IN_FULL: dict[str, Any] = {
    "format": "ticketflower-workflow/1",
    "title": "Request",
    "description": "",
    "ext_ref": [],
    "fields_schema": {"type": "object"},
    "display_layout": [],
    "ticket_admin_roles": [],
    "tickets": [
        {
            "title": "Ask",
            "description": "",
            "ext_ref": [],
            "fields": ["question"],
            "submitter_roles": [],
            "subject": "",
            "priority_field": None,
            "edit_layout": [],
            "display_layout": [],
        }
    ],
    "tasks": [
        {
            "title": "Answer",
            "description": "",
            "ext_ref": [],
            "task_type": "FORM",
            "input_fields": ["question"],
            "shown_fields": [],
            "output_fields": [],
            "condition": None,
            "executor_roles": [],
            "assignee_field": None,
            "reset_fields": [],
            "not_submitter": False,
            "needs_approval": False,
            "action_url": "",
            "connection": "",
            "path": "",
            "action": None,
            "input_transform": None,
            "output_transform": None,
            "timeout_seconds": None,
            "sample_response": None,
            "due_hours": None,
            "overdue_field": None,
            "edit_layout": [],
            "display_layout": [],
        }
    ],
    "completions": [
        {
            "title": "Done",
            "description": "",
            "ext_ref": [],
            "completion_status": "COMPLETED",
            "fields": ["answer"],
            "condition": None,
            "display_layout": [],
        }
    ],
    "scenarios": [],
    "accepted": [],
}


def changed(**members: Any) -> dict[str, Any]:
    """Return the smallest file with other members."""
    return {**SMALLEST, **members}


def task(**members: Any) -> dict[str, Any]:
    """Return the smallest file with other members of its task."""
    return changed(tasks=[{**SMALLEST["tasks"][0], **members}])


def problems(document: Any) -> list[Problem]:
    """Return the problems that parsing finds in a document."""
    try:
        parse_workflow_file(document if isinstance(document, str | bytes) else json.dumps(document))
    except WorkflowFileError as error:
        return list(error.problems)
    return []


def found(document: Any) -> list[tuple[str, str]]:
    """Return the pointers and codes of the problems."""
    return sorted((problem.pointer, problem.code) for problem in problems(document))


class ReadingTests(SimpleTestCase):
    def test_defaults_are_filled_in(self) -> None:
        self.assertEqual(to_json(parse_workflow_file(json.dumps(SMALLEST))), SMALLEST_IN_FULL)

    def test_members_are_in_canonical_order(self) -> None:
        upside_down = json.dumps(dict(reversed(SMALLEST.items())))
        self.assertEqual(json.dumps(to_json(parse_workflow_file(upside_down))), json.dumps(SMALLEST_IN_FULL))

    def test_the_parts_are_typed(self) -> None:
        file = parse_workflow_file(json.dumps(SMALLEST))
        self.assertEqual(file.tickets, (TicketFile(title="Ask", fields=("question",)),))
        self.assertEqual(
            file.tasks, (TaskFile(title="Answer", task_type="FORM", input_fields=("question",)),)
        )
        (completion,) = file.completions
        self.assertEqual(
            completion, CompletionFile(title="Done", completion_status="COMPLETED", fields=("answer",))
        )

    def test_tasks_and_completions_may_be_left_out(self) -> None:
        required = {name: SMALLEST[name] for name in ("format", "title", "fields_schema", "tickets")}
        file = parse_workflow_file(json.dumps(required))
        self.assertEqual((file.tasks, file.completions), ((), ()))

    def test_bytes_and_a_byte_order_mark(self) -> None:
        text = json.dumps(changed(title="Anträge"), ensure_ascii=False)
        self.assertEqual(parse_workflow_file(b"\xef\xbb\xbf" + text.encode()).title, "Anträge")

    def test_every_member_is_read_back(self) -> None:
        full = task(
            description="Two\nlines",
            ext_ref=[{"Label": "Manual", "Desc": "How to", "URI": "https://example.com/a?b=c#d"}],
            task_type="ASYNC_ACTION",
            shown_fields=["answer"],
            output_fields=["answer"],
            condition={"==": [{"var": "question"}, "x"]},
            executor_roles=["HR", "Finance"],
            assignee_field="$submitter",
            reset_fields=["answer"],
            not_submitter=True,
            needs_approval=True,
            action_url="https://example.com/",
            connection="Human resources",
            path="/accounts",
            action={"chat": {"connection": "Team", "text": "New: {question}"}},
            input_transform={"q": {"var": "question"}},
            output_transform={"answer": [1, {"var": "response.body"}]},
            timeout_seconds=60,
            sample_response={"status": 201, "body": {"id": 7}},
            due_hours=7.5,
            overdue_field="answer",
            edit_layout=[["answer"], {"text": "…"}],
            display_layout=["question"],
        )
        written = to_json(parse_workflow_file(json.dumps(full)))
        self.assertEqual(written["tasks"], full["tasks"])
        self.assertEqual(to_json(parse_workflow_file(json.dumps(written))), written)

    def test_a_condition_is_an_object_or_an_answer(self) -> None:
        for condition in (True, False, None, {"a": 1, "b": 2}):
            self.assertEqual(
                parse_workflow_file(json.dumps(task(condition=condition))).tasks[0].condition, condition
            )
        for other in ("a == 'b'", [{"var": "a"}], 1):
            with self.assertRaisesMessage(WorkflowFileError, "/tasks/0/condition: A condition must be"):
                parse_workflow_file(json.dumps(task(condition=other)))


class ProblemTests(SimpleTestCase):
    def test_all_problems_at_once_each_with_its_pointer(self) -> None:
        document = changed(
            format="other/2",
            titel="x",
            description=5,
            tickets=[{"title": " Ask", "fields": ["Question", "a", "a"], "a/b~c": 1}, 7],
            tasks=[{"title": "T", "task_type": "MAGIC", "timeout_seconds": 0}],
            completions={},
        )
        del document["title"]
        self.assertEqual(
            found(document),
            [
                ("", "missing-member"),
                ("/completions", "wrong-type"),
                ("/description", "wrong-type"),
                ("/format", "unknown-format"),
                ("/tasks/0", "missing-member"),
                ("/tasks/0/task_type", "not-a-choice"),
                ("/tasks/0/timeout_seconds", "out-of-bounds"),
                ("/tickets/0/a~1b~0c", "unknown-member"),
                ("/tickets/0/fields/0", "malformed"),
                ("/tickets/0/fields/2", "doubled"),
                ("/tickets/0/title", "malformed"),
                ("/tickets/1", "wrong-type"),
                ("/titel", "unknown-member"),
            ],
        )

    def test_each_is_one_sentence(self) -> None:
        for problem in problems(changed(titel="x", title="", tasks=[{"task_type": 1}], tickets=None)):
            self.assertRegex(problem.message, r"^[A-Z“].*\.$")

    def test_every_required_member(self) -> None:
        for name in ("format", "title", "fields_schema", "tickets"):
            document = {member: value for member, value in SMALLEST.items() if member != name}
            self.assertEqual(found(document), [("", "missing-member")], name)
        for kind, names in (
            ("tickets", ("title", "fields")),
            ("tasks", ("title", "task_type", "input_fields")),
            ("completions", ("title", "completion_status", "fields")),
        ):
            for name in names:
                part = {member: value for member, value in SMALLEST[kind][0].items() if member != name}
                self.assertEqual(
                    found(changed(**{kind: [part]})), [(f"/{kind}/0", "missing-member")], (kind, name)
                )

    def test_titles_are_unique_without_regard_to_case_within_their_list(self) -> None:
        tasks = [{**SMALLEST["tasks"][0], "title": title} for title in ("Ask", "Straße", "ask", "STRASSE")]
        self.assertEqual(
            found(changed(tasks=tasks)),
            [("/tasks/2/title", "title-twice"), ("/tasks/3/title", "title-twice")],
        )

    def test_roles_are_named_once_without_regard_to_case(self) -> None:
        self.assertEqual(
            found(changed(ticket_admin_roles=["HR", "hr"])), [("/ticket_admin_roles/1", "doubled")]
        )

    def test_one_line_titles(self) -> None:
        for title in ("", " ", "a ", " a", "a\n", "a\nb", "\t", "a\x7f", "x" * 256):
            self.assertEqual(len(problems(changed(title=title))), 1, title)
        for title in ("a", "A b  c", "Ünïcode 時", "<b>{{ 7*7 }}</b>", "x" * 255):
            self.assertEqual(problems(changed(title=title)), [], title)

    def test_field_names_have_no_trailing_line_break(self) -> None:
        for name in ("a\n", "", "A", "1a", "a-b", "a" * 101, "ä", "$submitter"):
            self.assertEqual(
                found(task(reset_fields=[name])), [("/tasks/0/reset_fields/0", "malformed")], name
            )
        for name in ("$submitter\n", "$other", ""):
            self.assertEqual(
                found(task(assignee_field=name)), [("/tasks/0/assignee_field", "malformed")], name
            )

    def test_references_are_web_or_mail_addresses(self) -> None:
        for address in ("https://example.com", "http://a/b?c#d", "mailto:hr@example.com?subject=x"):
            self.assertEqual(problems(changed(ext_ref=[{"Label": "L", "URI": address}])), [], address)
        for address in (
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "//example.com",
            "/local",
            "https://",
            "https:///x",
            "https://a b",
            'https://a"onclick=x',
            "https://a\nb",
            " https://a",
            "mailto:",
            "x" * 2001,
        ):
            self.assertTrue(problems(changed(ext_ref=[{"Label": "L", "URI": address}])), address)

    def test_references_have_their_members_and_no_others(self) -> None:
        self.assertEqual(found(changed(ext_ref=[{"Desc": "x"}])), [("/ext_ref/0", "missing-member")] * 2)
        self.assertEqual(
            found(changed(ext_ref=[{"Label": "a", "URI": "https://a", "label": 1}])),
            [("/ext_ref/0/label", "unknown-member")],
        )
        (reference,) = parse_workflow_file(
            json.dumps(changed(ext_ref=[{"Label": "a", "URI": "https://a"}]))
        ).ext_ref
        self.assertEqual(reference, {"Label": "a", "Desc": "", "URI": "https://a"})

    def test_a_sample_of_an_answer_has_a_body_and_maybe_a_status(self) -> None:
        where = "/tasks/0/sample_response"
        samples: tuple[Any, ...] = ({"body": None}, {"status": 599, "body": [1]}, None)
        for sample in samples:
            self.assertEqual(found(task(sample_response=sample)), [])
        for sample, pointer, code in (
            ({"status": 200}, where, "missing-member"),
            ({"body": 1, "header": 1}, f"{where}/header", "unknown-member"),
            ({"body": 1, "status": 600}, f"{where}/status", "out-of-bounds"),
            ({"body": 1, "status": "200"}, f"{where}/status", "wrong-type"),
            ([200], where, "wrong-type"),
        ):
            with self.subTest(sample):
                self.assertEqual(found(task(sample_response=sample)), [(pointer, code)])

    def test_sizes_are_bounded(self) -> None:
        part = SMALLEST["tasks"][0]
        for document, where in (
            (changed(description="x" * 5001), "/description"),
            (changed(tasks=[{**part, "title": str(number)} for number in range(201)]), "/tasks"),
            (task(input_fields=[f"f{number}" for number in range(501)]), "/tasks/0/input_fields"),
            (task(executor_roles=[f"Role {number}" for number in range(101)]), "/tasks/0/executor_roles"),
            (task(executor_roles=["x" * 101]), "/tasks/0/executor_roles/0"),
            (task(edit_layout=["a"] * 1001), "/tasks/0/edit_layout"),
            (task(action_url="https://a/" + "x" * 2000), "/tasks/0/action_url"),
        ):
            self.assertEqual([problem.pointer for problem in problems(document)], [where])

    def test_whole_numbers_are_not_floats_or_booleans(self) -> None:
        for seconds in (30.0, 1.5, True, "30", 2**31, -1):
            self.assertEqual(len(problems(task(timeout_seconds=seconds))), 1, seconds)

    def test_invalid_json_is_a_problem(self) -> None:
        for text in (
            "",
            "{",
            b"\xff",
            '{"a":1,"a":2}',
            '{"title": NaN}',
            '"\\u0000"',
            "[" * 100_000,
            "1e400",
        ):
            self.assertEqual([problem.code for problem in problems(text)], ["not-json"], text[:20])

    def test_other_json_than_an_object_is_a_problem(self) -> None:
        for text in ("null", "[]", "7", '"x"', "true"):
            self.assertEqual(found(text), [("", "wrong-type")], text)

    def test_the_number_of_problems_is_limited(self) -> None:
        self.assertEqual(len(problems(changed(tickets=[1] * 10_000))), 100)


class SchemaTests(TestCase):
    def test_the_json_schema_is_valid(self) -> None:
        Draft202012Validator.check_schema(json_schema())

    def test_it_has_all_defaults(self) -> None:
        required = WorkflowFile(title="x", fields_schema={}, tickets=())
        self.assertEqual(
            {
                name: schema["default"]
                for name, schema in json_schema()["properties"].items()
                if "default" in schema
            },
            {
                name: value
                for name, value in to_json(required).items()
                if name not in json_schema()["required"]
            },
        )

    def test_it_agrees_with_the_importer(self) -> None:
        validator = Draft202012Validator(json_schema())
        for document in (
            SMALLEST,
            SMALLEST_IN_FULL,
            changed(x=1),
            task(task_type="x"),
            task(timeout_seconds=0),
            changed(title=" x"),
            changed(tickets=[{}]),
        ):
            self.assertEqual(validator.is_valid(document), problems(document) == [])


scalars = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=5), st.just("HR"))
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


class AnyDocumentTests(SimpleTestCase):
    @settings(max_examples=150, derandomize=True, deadline=None)
    @given(st.sampled_from(sorted(SMALLEST_IN_FULL)), anything)
    def test_a_member_of_any_kind_is_read_or_refused(self, name: str, value: Any) -> None:
        self._read_or_refused({**SMALLEST_IN_FULL, name: value})

    @settings(max_examples=150, derandomize=True, deadline=None)
    @given(st.sampled_from(sorted(SMALLEST_IN_FULL["tasks"][0])), anything)
    def test_a_member_of_a_task_of_any_kind_is_read_or_refused(self, name: str, value: Any) -> None:
        self._read_or_refused({**SMALLEST_IN_FULL, "tasks": [{**SMALLEST_IN_FULL["tasks"][0], name: value}]})

    def _read_or_refused(self, document: dict[str, Any]) -> None:
        try:
            file = parse_workflow_file(json.dumps(document))
        except WorkflowFileError as error:
            self.assertTrue(error.problems)
        else:
            self.assertEqual(parse_workflow_file(json.dumps(to_json(file))), file)
