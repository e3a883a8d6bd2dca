"""The form of an action: what it calls, rows of transforms, and what they make of samples."""

import json
from typing import Any

from django.test import SimpleTestCase
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from workflow_design.editor.transforms.rows import (
    Language,
    Row,
    Source,
    format_rule,
    rows_to_transform,
    transform_to_rows,
)
from workflow_design.models import Connection, ConnectionKind
from workflow_design.tests.definition.json_strategies import json_values
from workflow_design.tests.editor.draft_pages import NO_CONDITION, DraftPageTestCase, transform_data
from workflow_design.tests.editor.row_strategies import FIELDS
from workflow_design.tests.engine.rule_strategies import list_rules, number_rules, text_rules, truth_rules

SENT, ANSWERED = Language(FIELDS, of_answer=False), Language(FIELDS, of_answer=True)
rules: st.SearchStrategy[Any] = st.one_of(json_values(), list_rules, number_rules, text_rules, truth_rules)


class Rows(SimpleTestCase):
    def test_each_rule_has_its_row(self) -> None:
        of_answer: list[tuple[Any, Source, str]] = [
            ({"var": "response.body.a.0.b"}, Source.ANSWER, "a.0.b"),
            ({"var": "response.status"}, Source.STATUS, ""),
            ({"var": "workspace.days"}, Source.FIELD, "days"),
            ({"var": "workspace.gone"}, Source.RULE, '{"var": "workspace.gone"}'),
            ({"var": ["response.body.a"]}, Source.RULE, '{"var": ["response.body.a"]}'),
            ({"cat": ["No. ", {"var": "workspace.days"}]}, Source.TEXT, "No. {days}"),
        ]
        sent: list[tuple[Any, Source, str]] = [
            ({"var": "days"}, Source.FIELD, "days"),
            ("Hello {you}", Source.TEXT, "Hello {you}"),
            ("{days}", Source.JSON, '"{days}"'),
            ({"cat": [{"var": "days"}]}, Source.TEXT, "{days}"),
            ({"cat": ["a", "b"]}, Source.RULE, '{"cat": ["a", "b"]}'),
            ("", Source.JSON, '""'),
            ("a\r\nb", Source.JSON, '"a\\r\\nb"'),
            (0.5, Source.JSON, "0.5"),
            (None, Source.JSON, "null"),
            ([1, [True]], Source.JSON, "[1, [true]]"),
            ([{"var": "days"}], Source.RULE, '[{"var": "days"}]'),
            ({"var": "response.status"}, Source.RULE, '{"var": "response.status"}'),
        ]
        for language, cases in ((ANSWERED, of_answer), (SENT, sent)):
            for rule, source, value in cases:
                with self.subTest(rule=rule):
                    self.assertEqual(language.to_row("x", rule), Row("x", source, value))

    @given(st.dictionaries(st.sampled_from(["a", "b", "c d"]), rules, min_size=1))
    def test_rows_that_nobody_changes_give_the_same_transform(self, transform: dict[str, Any]) -> None:
        for language in (SENT, ANSWERED):
            rows = transform_to_rows(transform, language)
            # Only what is no rule at all, so that no form stores it, is left to the JSON view.
            if rows is not None:
                self.assertEqual(json.dumps(rows_to_transform(rows, language)[0]), json.dumps(transform))

    @given(st.one_of(list_rules, number_rules, text_rules, truth_rules))
    def test_every_valid_rule_is_shown_as_a_row(self, rule: Any) -> None:
        self.assertIsNotNone(transform_to_rows({"x": rule}, SENT), format_rule(rule))

    def test_what_rows_can_not_show(self) -> None:
        transforms: tuple[Any, ...] = ({}, {" x": 1}, [], {"x": {"method": 1}})
        for transform in transforms:
            self.assertIsNone(transform_to_rows(transform, SENT), transform)

    def test_problems_of_rows(self) -> None:
        cases = [
            (Row("", Source.FIELD, "days"), "Enter the name."),
            (Row("x", Source.FIELD, "gone"), "Choose the field"),
            (Row("x", Source.TEXT, ""), "Enter the text."),
            (Row("x", Source.JSON, "yes"), "This is not JSON"),
            (Row("x", Source.JSON, "[{}]"), "An object is a rule."),
            (Row("x", Source.RULE, '{"method": 1}'), "Unknown operator"),
            (Row("x", Source.ANSWER, "id"), "Choose where the value comes from."),
            (Row("x", "?", "id"), "Choose where the value comes from."),
            (Row("first", Source.JSON, "1"), "“first” has a value already."),
        ]
        first = Row("first", Source.JSON, "1")
        for row, message in cases:
            with self.subTest(row):
                transform, problems = rows_to_transform((first, Row(), row), SENT)
                self.assertEqual(transform, {"first": 1})
                self.assertIn(message, problems[2])


class ActionForms(DraftPageTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.path = reverse("task_definition_edit", args=[self.part("tasks", "Book it").pk])
        self.sent = {
            "title": "Book it",
            "input_fields": ["decision"],
            "output_fields": ["booked", "manager_note"],
            "action_url": "https://example.com/hook",
            **NO_CONDITION,
        }

    def typed(self, name: str, press: str, **data: Any) -> Any:
        """Press a button of a transform, and return its new content."""
        response = self.post(self.path, _redisplay=f"{name}:{press}", **self.sent | data)
        self.assertEqual((response.status_code, response.context["form"].errors), (200, {}))
        return response, response.context["form"][name].value()

    def test_buttons_of_the_rows(self) -> None:
        data = transform_data("input_transform", ("", "field", "days"), ("b", "text", "B"))
        for press, expected in (
            ("add", [("days", "days"), ("b", "B"), ("", "")]),
            ("up:1", [("b", "B"), ("days", "days")]),
            ("remove:0", [("b", "B")]),
            ("remove:9", [("days", "days"), ("b", "B")]),
        ):
            with self.subTest(press):
                _response, typed = self.typed("input_transform", press, **data)
                self.assertEqual([(row.name, row.value) for row in typed.rows], expected)

    def test_the_page_of_a_large_action_stays_small(self) -> None:
        rules = {f"name_{number}": {"var": "employee_note"} for number in range(20)}
        with self.ours.scope():
            self.draft.tasks.filter(title="Book it").update(input_transform=rules)
        self.assertLess(len(self.client.get(self.path).content), 100_000)

    def test_both_views_write_the_same(self) -> None:
        rule = '{"cat": [{"+": [{"var": "workspace.days"}, 1]}]}'
        rows = transform_data("output_transform", ("booked", "json", "true"), ("manager_note", "rule", rule))
        _response, typed = self.typed("output_transform", "json", **rows)
        self.assertEqual(json.loads(typed.text), {"booked": True, "manager_note": json.loads(rule)})
        as_json = {"output_transform-view": "json", "output_transform-json": typed.text}
        _response, back = self.typed("output_transform", "rows", **as_json)
        self.assertEqual(
            [(row.name, row.source) for row in back.rows], [("booked", "json"), ("manager_note", "rule")]
        )
        for data in (rows, as_json):
            self.assert_saved(self.post(self.path, **self.sent, **data))
            self.assertEqual(self.file().tasks[2].output_transform, json.loads(typed.text))

    def test_without_rows_fields_are_sent_and_taken_as_they_are(self) -> None:
        self.assert_saved(self.post(self.path, **self.sent))
        task = self.file().tasks[2]
        self.assertEqual(
            (task.input_transform, task.output_transform, task.sample_response), (None, None, None)
        )

    def test_what_would_be_sent(self) -> None:
        rows = transform_data("input_transform", ("when", "field", "first_day"), ("x", "json", "?"))
        response, _typed = self.typed("input_transform", "update", **rows)
        self.assertContains(response, "&quot;when&quot;: &quot;2026-07-01&quot;")
        self.assertContains(response, "Unfinished rows are not included here.")
        rows = transform_data("input_transform", ("when", "rule", '{"/": [1, 0]}'))
        response, _typed = self.typed("input_transform", "update", **rows)
        self.assertContains(response, "when: “/” can&#x27;t be applied")
        self.assertNotContains(response, "callback_url")
        path = f"{self.path}?kind=ASYNC_ACTION"
        later = self.post(path, _redisplay="input_transform:update", **self.sent)
        self.assertContains(later, "&quot;callback_url&quot;: &quot;https://…&quot;")

    def test_json_that_is_no_transform(self) -> None:
        for text, message in (
            ("[1]", "must be an object of rules"),
            ("5", "object"),
            ('{"x": {"method": 1}}', "Unknown operator"),
            ('{"x": {"var": 1, "!": 2}}', "exactly one member"),
            ('{"x": {"var": {"var": "days"}}}', "computed"),
            ('{"": 1}', "1 to 100 characters"),
            ("{", "This is not JSON"),
        ):
            for name in ("input_transform", "output_transform"):
                with self.subTest(text, name=name):
                    data = {f"{name}-view": "json", f"{name}-json": text}
                    response, _typed = self.typed(name, "update", **data)
                    problem = response.context["form"][name].as_widget()
                    self.assertIn(message, problem)
                    response = self.post(self.path, **self.sent, **data)
                    self.assertIn(name, response.context["form"].errors)

    def test_what_would_be_written(self) -> None:
        rows = transform_data(
            "output_transform", ("booked", "rule", '{"==": [{"var": "response.status"}, 201]}')
        )
        sample = {
            "sample_response_status": "201",
            "sample_response_body": '{"a": {"id": 7}, "l": [{"b": 1}]}',
        }
        response, _typed = self.typed("output_transform", "update", **rows, **sample)
        preview = response.context["form"]["output_transform"].field.widget.preview({"booked": True})
        self.assertContains(response, "Written, with this sample")
        self.assertEqual(preview["entries"], [("Manager note", "stays as it is", ""), ("Booked", "yes", "")])
        self.assertEqual(preview["paths"], ["a", "l", "a.id", "l.0", "l.0.b"])
        rows = transform_data("output_transform", ("booked", "answer", "a.id"))
        response, _typed = self.typed("output_transform", "update", **rows, **sample)
        self.assertContains(response, "Refused, with this sample")
        self.assertContains(response, "This must be yes or no.")

    def test_a_problem_of_the_check_is_shown_at_its_row(self) -> None:
        wrong = '{"==": [{"var": "decision"}, "Approved"]}'
        rows = transform_data("input_transform", ("a", "json", "1"), ("b", "rule", wrong))
        response = self.post(self.path, **self.sent, **rows)
        self.assert_beside(response, input_transform="Row 2: “Decision” can't be")
        self.assertContains(response, 'id="id_input_transform-1-error"')
        text = {"input_transform-view": "json", "input_transform-json": f'{{"b": {wrong}}}'}
        self.assert_beside(self.post(self.path, **self.sent, **text), input_transform="b: “Decision” can't")

    def connect(self, name: str, **values: Any) -> None:
        """Store a connection of our company."""
        with self.ours.scope():
            company = self.ours.company
            Connection.objects.create(company=company, name=name, secrets=b"", **values)

    def test_a_connection_or_an_address(self) -> None:
        self.assertNotIn("target", self.client.get(self.path).context["form"].fields)
        self.connect("Accounts", base_address="https://accounts.example")
        self.connect("Chat", kind=ConnectionKind.SLACK)
        page = self.client.get(self.path).context["form"]
        self.assertEqual(page["target"].value(), "address")
        added = self.client.get(f"{self.address('task_definition_create')}?kind=SYNC_ACTION")
        self.assertEqual(added.context["form"]["target"].value(), "connection")
        self.assertContains(added, 'hx-trigger="change from:[name=input_fields]"')
        self.assertEqual([key for key, _label in page.fields["connection"].choices], ["", "Accounts"])
        both = {"connection": "Accounts", "path": "/new"}
        self.assert_saved(self.post(self.path, **self.sent, **both, target="connection"))
        task = self.file().tasks[2]
        self.assertEqual((task.action_url, task.connection, task.path), ("", "Accounts", "/new"))
        self.assertEqual(self.client.get(self.path).context["form"]["target"].value(), "connection")
        self.assert_saved(self.post(self.path, **self.sent, **both, target="address"))
        task = self.file().tasks[2]
        self.assertEqual((task.action_url, task.connection, task.path), ("https://example.com/hook", "", ""))

    def test_what_is_wrong_with_a_connection_is_shown_beside_it(self) -> None:
        self.connect("Accounts")
        with self.theirs.scope():
            Connection.objects.create(company=self.theirs.company, name="Theirs", secrets=b"")
        for data, expected in (
            ({"connection": "", "path": "/new"}, {"connection": "Choose the connection"}),
            ({"connection": "Theirs"}, {"connection": "not one of the available choices"}),
            ({"connection": "Accounts", "path": "new"}, {"path": "A path begins with one"}),
        ):
            with self.subTest(data):
                response = self.post(
                    self.path, **self.sent | {"action_url": "ftp:"} | data, target="connection"
                )
                self.assert_beside(response, **expected)
                self.assertContains(response, 'value="ftp:"')

    def test_a_connection_that_the_company_lacks_stays(self) -> None:
        with self.ours.scope():
            self.draft.tasks.filter(title="Book it").update(action_url="", connection="Imported")
        form = self.client.get(self.path).context["form"]
        self.assertEqual(form["connection"].value(), "Imported")
        self.assertIn("there is no such connection yet", str(form["connection"]))
