"""Tests that converting conditions to rows and back preserves their meaning on every workspace."""

import json
from typing import Any

from django.test import SimpleTestCase
from hypothesis import given, settings

from workflow_design.definition.comparisons import Comparison
from workflow_design.definition.schema import parse_fields
from workflow_design.editor.conditions.rows import Group, Join, OtherField, Row, normalize
from workflow_design.editor.conditions.rules import rows_to_rule, rule_to_rows
from workflow_design.engine.conditions.bounds import ConditionError
from workflow_design.engine.conditions.evaluation import evaluate
from workflow_design.engine.conditions.operations import is_true
from workflow_design.engine.conditions.validation import validate
from workflow_design.tests.definition.json_strategies import json_values
from workflow_design.tests.editor.row_strategies import FIELDS, groups, rules, workspaces
from workflow_design.tests.gallery_files import NAMES, gallery_file

thoroughly = settings(max_examples=400, deadline=None)


def holds(rule: Any, workspace: dict[str, Any]) -> bool | str:
    try:
        return is_true(evaluate(rule, workspace)) if rule is not None else True
    except ConditionError:
        return "failed"


class ConditionRows(SimpleTestCase):
    def assert_rows(self, rule: Any, join: Join, *items: Row | Group[Row]) -> None:
        self.assertEqual(rule_to_rows(rule, FIELDS), Group(join, items), rule)

    def test_the_shapes_that_designers_write(self) -> None:
        cases: list[tuple[Any, Row]] = [
            ({"==": [{"var": "decision"}, "yes"]}, Row("decision", Comparison.IS, ("yes",))),
            ({"===": ["yes", {"var": "decision"}]}, Row("decision", Comparison.IS, ("yes",))),
            ({"!": {"==": [{"var": "decision"}, "yes"]}}, Row("decision", Comparison.IS_NOT, ("yes",))),
            ({"var": "booked"}, Row("booked", Comparison.YES)),
            ({"!": {"var": "booked"}}, Row("booked", Comparison.NOT_YES)),
            ({"==": [{"var": "booked"}, False]}, Row("booked", Comparison.NO)),
            ({"!": {"var": "note"}}, Row("note", Comparison.EMPTY)),
            ({"!!": [{"var": ["note"]}]}, Row("note", Comparison.FILLED)),
            ({"==": [{"var": "days"}, None]}, Row("days", Comparison.EMPTY)),
            ({"<": [5, {"var": "days"}]}, Row("days", Comparison.MORE, (5,))),
            ({"<=": [1, {"var": "days"}, 5]}, Row("days", Comparison.BETWEEN, (1, 5))),
            ({">": [{"var": "to"}, {"var": "from"}]}, Row("to", Comparison.MORE, (OtherField("from"),))),
            ({"in": [{"var": "decision"}, ["yes", "no"]]}, Row("decision", Comparison.ONE_OF, ("yes", "no"))),
            ({"in": ["red", {"var": "colours"}]}, Row("colours", Comparison.CONTAINS, ("red",))),
            ({"and": [{"var": "booked"}]}, Row("booked", Comparison.YES)),
        ]
        for rule, row in cases:
            self.assert_rows(rule, Join.ALL, row)

    def test_one_rule_may_be_several_rows(self) -> None:
        filled = [Row(name, Comparison.FILLED) for name in ("note", "days")]
        self.assert_rows({"!": {"missing": ["note", "days"]}}, Join.ALL, *filled)
        empty = [Row(name, Comparison.EMPTY) for name in ("note", "days")]
        self.assert_rows({"missing": ["note", "days"]}, Join.ANY, *empty)
        zero = [Row("days", Comparison.FILLED), Row("days", Comparison.IS_NOT, (0,))]
        self.assert_rows({"var": "days"}, Join.ALL, *zero)
        strictly = [Row("days", Comparison.MORE, (1,)), Row("days", Comparison.LESS, (5,))]
        self.assert_rows({"<": [1, {"var": "days"}, 5]}, Join.ALL, *strictly)

    def test_rules_that_rows_cannot_show(self) -> None:
        inner: Any = {"==": [{"var": "decision"}, "yes"]}
        for _turn in range(2):
            inner = {"and": [{"var": "booked"}, {"or": [{"var": "paid"}, inner]}]}
        rules: list[Any] = [
            inner,
            True,
            "booked",
            {"var": "unknown"},
            {"var": "booked.deeper"},
            {"var": ["booked", True]},
            {"==": [{"+": [{"var": "days"}, 1]}, 5]},
            {"==": [{"var": "days"}, "5"]},
            {"<": [{"var": "note"}, 5]},
            {"!": {"<": [{"var": "days"}, 5]}},
            {"==": [{"var": "from"}, "tomorrow"]},
            {"==": [{"var": "note"}, " a"]},
            {"==": [{"var": "days"}, {"var": "note"}]},
            {"if": [{"var": "booked"}, True, False]},
            {"some": [{"var": "colours"}, {"==": [{"var": ""}, "red"]}]},
            {"in": [{"var": "decision"}, []]},
            {"missing": []},
            {"a": 1, "b": 2},
        ]
        for rule in rules:
            self.assertIsNone(rule_to_rows(rule, FIELDS), rule)

    def test_the_gallery_needs_no_json(self) -> None:
        for name in NAMES:
            file = gallery_file(name)
            fields = parse_fields(file.fields_schema)
            conditions = [task.condition for task in file.tasks] + [end.condition for end in file.completions]
            for condition in conditions:
                self.assertIsNotNone(rule_to_rows(condition, fields), f"{name}: {json.dumps(condition)}")

    def test_no_rows_are_no_condition(self) -> None:
        self.assertEqual(rule_to_rows(None, FIELDS), Group())
        self.assertIsNone(rows_to_rule(Group(Join.ANY, (Group(), Group())), FIELDS))

    @thoroughly
    @given(groups)
    def test_rows_are_read_back_as_they_were(self, group: Group[Row]) -> None:
        rule = rows_to_rule(group, FIELDS)
        if rule is not None:
            validate(rule)
        read = rule_to_rows(rule, FIELDS)
        self.assertEqual(read, normalize(group))
        self.assertEqual(rows_to_rule(read or Group(), FIELDS), rule)

    @thoroughly
    @given(rules, workspaces)
    def test_rows_mean_what_the_rule_means(self, rule: Any, workspace: dict[str, Any]) -> None:
        read = rule_to_rows(rule, FIELDS)
        if read is not None:
            self.assertEqual(holds(rows_to_rule(read, FIELDS), workspace), holds(rule, workspace))

    @thoroughly
    @given(json_values())
    def test_any_json_is_rows_or_not(self, value: Any) -> None:
        read = rule_to_rows(value, FIELDS)
        if not isinstance(value, dict):
            self.assertEqual(read, Group() if value is None else None)

    def test_depth_is_no_matter(self) -> None:
        rule: Any = {"var": "booked"}
        for _turn in range(5000):
            rule = {"!!": rule}
        self.assertIsNone(rule_to_rows(rule, FIELDS))
