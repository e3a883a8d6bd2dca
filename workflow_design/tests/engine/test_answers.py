"""What an action sends, and what becomes of its answer."""

from typing import Any

from django.test import SimpleTestCase

from workflow_design.definition.schema import data_validator
from workflow_design.definition.workflow import TaskFile
from workflow_design.engine.answers import AnswerRefusedError, data_of_task, data_to_send, values_of_answer
from workflow_design.engine.conditions.bounds import ConditionError

SCHEMA = {
    "type": "object",
    "required": ["state"],
    "properties": {
        "amount": {"type": "number", "title": "Amount"},
        "customer": {"type": "string", "title": "Customer"},
        "state": {"type": "string", "title": "State", "enum": ["paid", "refused"]},
        "count": {"type": "integer", "title": "Count", "maximum": 9},
    },
}
STATE = {"state": {"if": [{"==": [{"var": "response.status"}, 201]}, "paid", "refused"]}}


def action(**members: Any) -> TaskFile:
    fields: Any = {"input_fields": ("amount", "customer"), "output_fields": ("state", "count"), **members}
    return TaskFile(title="Pay", task_type="SYNC_ACTION", **fields)


class SentTests(SimpleTestCase):
    fields = data_validator(SCHEMA).fields

    def test_inputs_as_they_triggered_it_and_the_other_fields_as_they_are_now(self) -> None:
        now, triggered = {"amount": 7, "customer": "Ada", "state": "paid"}, {"amount": 5}
        self.assertEqual(data_of_task(action().input_fields, now, triggered), {"amount": 5, "state": "paid"})

    def test_without_a_transform_its_input_fields_as_they_are(self) -> None:
        data = {"amount": 5, "state": "paid"}
        self.assertEqual(data_to_send(action(), data, self.fields), {"amount": 5})

    def test_with_a_transform_what_its_rules_make_of_the_workspace(self) -> None:
        task = action(input_transform={"sum": {"var": "amount"}, "old": {"var": "state"}, "by": "us"})
        data = {"amount": 5, "state": "paid"}
        self.assertEqual(data_to_send(task, data, self.fields), {"sum": 5, "old": "paid", "by": "us"})

    def test_a_rule_that_fails(self) -> None:
        with self.assertRaisesMessage(ConditionError, "/x: “/” can't be applied"):
            data_to_send(action(input_transform={"x": {"/": [1, 0]}}), {}, self.fields)


class AnswerTests(SimpleTestCase):
    validator = data_validator(SCHEMA)

    def values(self, task: TaskFile, body: Any, *, status: int = 200, **data: Any) -> dict[str, Any]:
        return values_of_answer(task, data, status=status, body=body, validator=self.validator)

    def refusal(self, task: TaskFile, body: Any) -> AnswerRefusedError:
        with self.assertRaises(AnswerRefusedError) as caught:
            self.values(task, body)
        return caught.exception

    def test_without_a_transform_the_members_named_like_its_fields(self) -> None:
        body = {"state": "paid", "count": "", "other": 1, "amount": 7}
        self.assertEqual(self.values(action(), body), {"state": "paid", "count": None})
        self.assertEqual(self.values(action(), {"state": "paid"}), {"state": "paid"})
        self.assertIn("must be a JSON object", self.refusal(action(), ["paid"]).message)

    def test_with_a_transform_what_its_rules_make_of_answer_and_workspace(self) -> None:
        count = {"+": [{"var": "workspace.amount"}, {"var": "response.body.more"}]}
        task = action(output_transform={**STATE, "count": count})
        found = self.values(task, {"more": 3}, status=201, amount=4)
        self.assertEqual(found, {"state": "paid", "count": 7})

    def test_all_that_is_wrong_with_an_answer(self) -> None:
        error = self.refusal(action(), {"count": 12})
        self.assertEqual(error.values, {"count": 12})
        self.assertIn("no value for this", error.by_field()["state"])
        self.assertIn("State: The answer has no value for this", error.message)
        self.assertIn("Count: ", error.message)

    def test_a_rule_that_fails_names_its_field(self) -> None:
        task = action(output_transform={**STATE, "count": {"/": [1, {"var": "response.body.n"}]}})
        error = self.refusal(task, {"n": 0})
        self.assertEqual(list(error.by_field()), ["count"])
        self.assertTrue(error.message.startswith("Count: "), error.message)
