"""Transforms of actions: what is sent, and what becomes of the answer."""

from typing import Any

from django.test import SimpleTestCase
from hypothesis import given

from workflow_design.engine.conditions.bounds import ConditionError
from workflow_design.engine.conditions.evaluation import apply_transform
from workflow_design.engine.conditions.validation import fields_read_by_transform, validate_transform
from workflow_design.tests.definition.json_strategies import fuzzed, json_values

ANSWER = {
    "workspace": {"days": 5},
    "response": {"status": 200, "body": {"id": 17, "ok": True, "items": [{"sku": "a"}]}},
}


class ApplyTests(SimpleTestCase):
    def test_makes_one_object_of_all_rules(self) -> None:
        transform = {
            "subject": {"cat": ["Vacation of ", {"var": "days"}, " days"]},
            "kind": "vacation",
            "note": {"var": "note"},
        }
        self.assertEqual(
            apply_transform(transform, {"days": 5}, {}),
            {"subject": "Vacation of 5 days", "kind": "vacation", "note": None},
        )
        self.assertEqual(apply_transform({}, {}, {}), {})

    def test_reads_the_answer_of_an_action(self) -> None:
        transform = {
            "external_id": {"cat": {"var": "response.body.id"}},
            "booked": {"and": [{"==": [{"var": "response.status"}, 200]}, {"var": "response.body.ok"}]},
            "days": {"+": [{"var": "workspace.days"}, 1]},
            "skus": {"map": [{"var": "response.body.items"}, {"var": "sku"}]},
        }
        validate_transform(transform)
        self.assertEqual(
            apply_transform(transform, ANSWER, {}),
            {"external_id": "17", "booked": True, "days": 6, "skus": ["a"]},
        )
        self.assertEqual(fields_read_by_transform(transform, of_answer=True), {"days"})

    def test_says_which_rule_could_not_be_evaluated(self) -> None:
        with self.assertRaises(ConditionError) as caught:
            apply_transform({"a/b": {"/": [1, 0]}}, {}, {})
        self.assertEqual(caught.exception.problems[0].pointer, "/a~1b")
        self.assertIn("divided by zero", str(caught.exception))

    def test_all_rules_share_one_budget(self) -> None:
        effort = {"!!": [{"map": [[1] * 1000, {"!": [{"var": ""}]}]}]}
        self.assertEqual(apply_transform({"a": effort}, {}, {}), {"a": True})
        with self.assertRaisesMessage(ConditionError, "10,000 operations"):
            apply_transform(dict.fromkeys("abcdef", effort), {}, {})


class ValidateTests(SimpleTestCase):
    def problems(self, transform: Any) -> list[tuple[str, str]]:
        try:
            validate_transform(transform)
        except ConditionError as error:
            return [(problem.pointer, problem.code) for problem in error.problems]
        return []

    def test_all_problems_of_all_rules(self) -> None:
        self.assertEqual(
            self.problems(
                {"a": {"log": 1}, "b/c": {"and": [{"method": 1}, {"var": {"var": "x"}}]}, "d": {"var": "d"}}
            ),
            [
                ("/a/log", "unknown-operator"),
                ("/b~1c/and/0/method", "unknown-operator"),
                ("/b~1c/and/1/var", "computed-name"),
            ],
        )

    def test_only_objects_with_proper_names(self) -> None:
        for transform in (None, [], "a", 1, [{"a": 1}]):
            self.assertEqual(self.problems(transform), [("", "not-a-transform")])
        for name in ("", "x" * 101, "\0", "\ud800", 1, None):
            self.assertEqual(self.problems({name: 1}), [("", "not-a-name")])
        self.assertEqual(self.problems({str(number): 1 for number in range(101)}), [("", "too-many-names")])
        self.assertEqual(self.problems({}), [])

    def test_what_it_reads(self) -> None:
        transform = {
            "a": {"var": "days"},
            "b": [{"var": "note.x"}, {"map": [{"var": "list"}, {"var": "item"}]}],
        }
        self.assertEqual(fields_read_by_transform(transform), {"days", "note", "list"})
        self.assertEqual(fields_read_by_transform({}), frozenset())

    @fuzzed
    @given(json_values())
    def test_any_value_is_accepted_or_refused(self, transform: Any) -> None:
        if not self.problems(transform):
            try:
                apply_transform(transform, ANSWER, {})
            except ConditionError:
                return
