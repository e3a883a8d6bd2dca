"""Transforms in words, and what is sent as JSON."""

from typing import Any

from django.test import SimpleTestCase

from workflow_design.definition.schema import data_validator
from workflow_design.definition.workflow import TaskFile
from workflow_design.wording.rules import Vocabulary
from workflow_design.wording.transforms import describe_request, describe_transform

FIELDS = data_validator(
    {
        "type": "object",
        "properties": {
            "days": {"type": "integer", "title": "Days"},
            "state": {"oneOf": [{"const": "paid", "title": "Paid out"}, {"const": "no", "title": "Refused"}]},
        },
    }
).fields


class TransformTests(SimpleTestCase):
    def words(self, rule: Any, *, of_answer: bool) -> str:
        ((name, words),) = describe_transform({"state": rule}, Vocabulary(FIELDS), of_answer=of_answer)
        self.assertEqual(name, "State" if of_answer else "state")
        return words

    def test_of_a_request(self) -> None:
        for rule, words in (
            ({"var": "days"}, "Days"),
            ({"cat": ["Days: ", {"var": "days"}]}, "“Days: ” + Days"),
            (True, "yes"),
            ({"*": [{"var": "days"}, 8]}, "Days × 8"),  # noqa: RUF001 - a sign of multiplication
            ({"max": [1, 2]}, '{"max": [1, 2]}'),
        ):
            with self.subTest(rule):
                self.assertEqual(self.words(rule, of_answer=False), words)

    def test_of_an_answer(self) -> None:
        status = {"==": [{"var": "response.status"}, 201]}
        for rule, words in (
            ({"var": "response.status"}, "the status of the answer"),
            ({"var": "response.body.a.0"}, "“a.0” of the answer"),
            ({"var": "response.body"}, "the answer"),
            ({"var": "workspace.days"}, "Days"),
            (status, "whether the status of the answer is 201"),
            (
                {"if": [status, "paid", {"var": "workspace.state"}, "no", 0]},
                "“Paid out” if the status of the answer is 201, “Refused” if State is filled in, otherwise 0",
            ),
        ):
            with self.subTest(rule):
                self.assertEqual(self.words(rule, of_answer=True), words)

    def test_what_is_sent(self) -> None:
        task = TaskFile(title="Pay", task_type="ASYNC_ACTION", input_fields=("days",))
        sent = describe_request(task, {"days": 2}, FIELDS)["sent"]
        self.assertEqual(sent, '{\n  "days": 2,\n  "callback_url": "https://…"\n}')
