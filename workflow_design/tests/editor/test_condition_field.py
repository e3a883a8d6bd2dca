"""Tests of the condition editor as a form field."""

import json
from typing import Any

from django import forms
from django.http import QueryDict
from django.test import SimpleTestCase, override_settings
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from workflow_design.definition.schema import parse_fields
from workflow_design.editor.conditions.field import ConditionField
from workflow_design.editor.conditions.rows import Group, TypedCondition, TypedRow
from workflow_design.editor.conditions.rules import rows_to_rule
from workflow_design.editor.conditions.values import group_to_typed, parse_group
from workflow_design.editor.form_fields import requests_redisplay
from workflow_design.tests.definition.json_strategies import fuzzed
from workflow_design.tests.editor.row_strategies import FIELDS, groups

DECIDED = {"==": [{"var": "decision"}, "yes"]}

FORM_NAMES = [
    *(f"condition-{part}" for part in ("view", "join", "original", "json")),
    *(f"condition-{n}-{part}" for n in (0, 1) for part in ("field", "comparison", "value", "join")),
    "condition-1-0-field",
    "_redisplay",
]
FORM_VALUES = [
    *("json", "any", "days", "sent", "is", "one-of", "is-field"),
    *("condition:add:1", "condition:remove:0.0", "condition:json", "condition:rows"),
]


class ConditionForm(forms.Form):
    condition = ConditionField(FIELDS)


def post(group: Group[TypedRow], **more: str) -> QueryDict:
    """Return the form data of an editor with these rows."""
    data = QueryDict(mutable=True)
    data["condition-view"] = "rows"
    _put(data, "condition", group)
    data.update({name.replace("__", "-"): value for name, value in more.items()})
    return data


def _put(data: QueryDict, prefix: str, group: Group[TypedRow]) -> None:
    data[f"{prefix}-join"] = group.join
    for number, item in enumerate(group.items):
        place = f"{prefix}-{number}"
        if isinstance(item, Group):
            _put(data, place, item)
        else:
            data[f"{place}-field"] = item.field
            data[f"{place}-comparison"] = item.comparison
            data.setlist(f"{place}-value", list(item.values))


def one_row(field: str, comparison: str, *values: str) -> QueryDict:
    return post(Group("all", (TypedRow(field, comparison, values),)))


class ConditionFields(SimpleTestCase):
    def rule(self, data: QueryDict) -> Any:
        form = ConditionForm(data)
        self.assertTrue(form.is_valid(), form.errors)
        return form.cleaned_data["condition"]

    def assert_refused(self, data: QueryDict, *messages: str) -> str:
        form = ConditionForm(data)
        self.assertFalse(form.is_valid())
        self.assertEqual(form.errors["condition"], list(messages))
        return form["condition"].as_widget(attrs={"class": "is-invalid"})

    def redisplay(self, data: QueryDict) -> TypedCondition:
        form = ConditionForm(data)
        self.assertFalse(form.is_valid())
        value: TypedCondition = form["condition"].value()
        return value

    def test_entered_texts_become_values(self) -> None:
        for field, comparison, typed, rule in (
            ("decision", "is", "yes", DECIDED),
            ("decision", "is", "go on", DECIDED),  # by its label
            ("days", "less", " 5 ", {"<": [{"var": "days"}, 5]}),
            ("cost", "more", "2,50", {">": [{"var": "cost"}, 2.5]}),
            ("level", "is", "2", {"==": [{"var": "level"}, 2]}),
            ("from", "at-least", "2026-01-31", {">=": [{"var": "from"}, "2026-01-31"]}),
            ("from", "at-least", "31.1.2026", {">=": [{"var": "from"}, "2026-01-31"]}),
            ("at", "less", "09:30", {"<": [{"var": "at"}, "09:30"]}),
            ("at", "less", "9.30 pm", {"<": [{"var": "at"}, "21:30"]}),
            ("days", "less", "1.234.567", {"<": [{"var": "days"}, 1_234_567]}),
            ("note", "contains", "a b", {"in": ["a b", {"var": "note"}]}),
            ("to", "more-field", "from", {">": [{"var": "to"}, {"var": "from"}]}),
            ("colours", "contains", "red", {"in": ["red", {"var": "colours"}]}),
        ):
            self.assertEqual(self.rule(one_row(field, comparison, typed)), rule)
        self.assertEqual(self.rule(one_row("booked", "yes")), {"var": "booked"})
        self.assertEqual(self.rule(one_row("booked", "yes", "left over")), {"var": "booked"})

    def test_several_values(self) -> None:
        self.assertEqual(
            self.rule(one_row("decision", "one-of", "yes", "no")),
            {"in": [{"var": "decision"}, ["yes", "no"]]},
        )
        self.assertEqual(
            self.rule(one_row("note", "one-of", "a\r\n\r\n b \r\na")), {"in": [{"var": "note"}, ["a", "b"]]}
        )
        self.assertEqual(self.rule(one_row("days", "between", "1", "5")), {"<=": [1, {"var": "days"}, 5]})

    def test_a_choice_with_a_line_break(self) -> None:
        text = {"type": "string", "enum": ["one\nline", "two"]}
        field = ConditionField(parse_fields({"type": "object", "properties": {"lines": text}}))
        for comparison, rule in (
            ("is", {"==": [{"var": "lines"}, "one\nline"]}),
            ("one-of", {"in": [{"var": "lines"}, ["one\nline"]]}),
        ):
            data = one_row("lines", comparison, "one\r\nline")
            self.assertEqual(field.clean(field.widget.value_from_datadict(data, {}, "condition")), rule)

    def test_a_moment_is_typed_in_the_persons_time_zone(self) -> None:
        with timezone.override("Europe/Berlin"):
            rule = self.rule(one_row("sent", "less", "2026-07-01T10:00"))
            self.assertEqual(rule, {"<": [{"var": "sent"}, "2026-07-01T08:00:00Z"]})
            html = ConditionForm(initial={"condition": rule})["condition"].as_widget()
        self.assertIn('value="2026-07-01 10:00"', html)

    def test_invalid_values_are_rejected_beside_their_row(self) -> None:
        for field, comparison, values, message in (
            ("decision", "is", ["maybe"], "“maybe” is not one of the choices."),
            ("decision", "is", [""], "Choose a value."),
            ("days", "less", ["<script>"], "“<script>” is not a whole number, such as 1250."),
            ("days", "less", ["1e400"], "“1e400” is not a whole number, such as 1250."),
            ("days", "less", ["1_000"], "“1_000” is not a whole number, such as 1250."),
            ("days", "less", ["NaN"], "“NaN” is not a whole number, such as 1250."),
            ("days", "less", ["9" * 5000], f"“{'9' * 100}” is not a whole number, such as 1250."),
            ("days", "between", ["5", ""], "Enter both values: from and to."),
            ("note", "is", [" "], "Enter a value."),
            ("note", "one-of", [], "Enter at least one value."),
            ("from", "less", ["31.12.26"], "Write the year with four digits, from 1900 to 2999."),
            ("from", "less", ["2026-02-31"], "“2026-02-31” is not a date, such as 2026-01-31."),
            ("at", "less", ["noon"], "“noon” is not a time of day, such as 09:30."),
            ("sent", "less", ["now"], "“now” is not a date with a time, such as 2026-01-31 09:30."),
            ("to", "more-field", ["note"], "Choose the field to compare with."),
            ("booked", "less", ["5"], "Choose a comparison for “Booked”."),
            ("booked", "", [], "Choose a comparison for “Booked”."),
            ("gone", "is", ["5"], "Choose a field."),
        ):
            with timezone.override("Europe/Berlin"):
                html = self.assert_refused(one_row(field, comparison, *values), f"Row 1: {message}")
            self.assertIn("has-error", html)
            self.assertNotIn("<script>", html)

    def test_a_moment_before_year_one_is_rejected(self) -> None:
        with timezone.override("Europe/Berlin"):
            html = self.assert_refused(
                one_row("sent", "less", "0001-01-01T00:00"),
                "Row 1: Write the year with four digits, from 1900 to 2999.",
            )
        self.assertIn('value="0001-01-01T00:00"', html)

    def test_all_errors_are_reported_and_the_input_is_preserved(self) -> None:
        inner = Group("any", (TypedRow("days", "is", ("x",)), TypedRow("note", "is", ("{{ 7*7 }}",))))
        group = Group("all", (TypedRow("decision", "is", ("maybe",)), inner))
        html = self.assert_refused(
            post(group),
            "Row 1: “maybe” is not one of the choices.",
            "Row 2.1: “x” is not a whole number, such as 1250.",
        )
        for text in ("maybe (not offered)", 'value="x"', "{{ 7*7 }}"):
            self.assertIn(text, html)

    def test_hostile_texts_are_refused_and_shown(self) -> None:
        for text in ("\0", "\ud800"):
            form = ConditionForm(one_row("note", "is", f"a{text}b"))
            self.assertFalse(form.is_valid())
            self.assertIn("condition", form.errors)
            str(form["condition"])
        self.assert_refused(
            one_row("note", "is", "x" * 10_000), f"Row 1: “{'x' * 100}” can't be used in a comparison."
        )

    def test_blank_rows_and_empty_groups_are_no_condition(self) -> None:
        self.assertIsNone(self.rule(post(Group("any", (TypedRow(), Group("all", (TypedRow(),)))))))
        self.assertIsNone(self.rule(QueryDict("condition-view=rows")))

    def test_required(self) -> None:
        class Required(forms.Form):
            condition = ConditionField(FIELDS, required=True)

        self.assertEqual(
            Required(QueryDict("condition-view=rows")).errors, {"condition": ["Please fill this in."]}
        )

    def test_an_unchanged_rule_keeps_its_notation(self) -> None:
        written = {"and": [{"!": {"missing": ["note", "days"]}}, {"==": ["yes", {"var": "decision"}]}]}
        form = ConditionForm(initial={"condition": written})
        typed = form["condition"].value()
        data = post(typed.group, condition__original=typed.original)
        self.assertEqual(self.rule(data), written)
        data["condition-0-field"] = "name"
        self.assertEqual(
            self.rule(data),
            {"and": [{"!!": {"var": "name"}}, {"!": {"missing": ["days"]}}, DECIDED]},
        )
        data["condition-original"] = json.dumps({"==": [1, 1]})
        self.assertEqual(self.rule(data)["and"][0], {"!!": {"var": "name"}})

    @fuzzed
    @given(groups)
    def test_rows_survive_a_round_trip_through_the_editor(self, group: Any) -> None:
        typed = group_to_typed(group, FIELDS)
        read, problems = parse_group(typed, FIELDS)
        self.assertEqual(problems, {})
        self.assertEqual(rows_to_rule(read, FIELDS), rows_to_rule(group, FIELDS))

    def test_rows_that_can_not_show_a_rule_leave_it_to_json(self) -> None:
        rule = {"==": [{"+": [{"var": "days"}, 1]}, 5]}
        form = ConditionForm(initial={"condition": rule})
        self.assertEqual(form["condition"].value().view, "json")
        html = str(form["condition"])
        self.assertIn("Days + 1 is 5", html)
        data = QueryDict(mutable=True)
        data.update({"condition-view": "json", "condition-json": json.dumps(rule)})
        self.assertEqual(self.rule(data), rule)
        data["_redisplay"] = "condition:rows"
        state = self.redisplay(data)
        self.assertEqual((state.view, state.text), ("json", json.dumps(rule)))
        self.assertIn("Rows can't show this rule", state.notice)

    def test_invalid_json_is_rejected_with_pointers(self) -> None:
        for text, message in (
            ('{"log": [1]}', "/log: Unknown operator"),
            ('{"var": "gone"}', "There is no field “gone”."),
            ('{"==": [{"var": "days"}, NaN]}', "/==/1: Numbers must be from"),
            ('{"and": [{"==": [1]}]}', "/and/0/==: "),
            ('{"a": 1, "a": 2}', "appears twice"),
            ("[" * 100_000, "too"),
            ('{"==": [{"var": "note"}, "\\u0000"]}', "/==/1"),
            ('{"==": [{"var": "note"}, "\\ud800"]}', "/==/1"),
            ("<script>", "This is not JSON"),
        ):
            data = QueryDict(mutable=True)
            data.update({"condition-view": "json", "condition-json": text})
            form = ConditionForm(data)
            self.assertFalse(form.is_valid(), text[:50])
            self.assertIn(message, " ".join(map(str, form.errors["condition"])))
            self.assertNotIn("<script>", str(form["condition"]))

    def test_adding_and_removing(self) -> None:
        data = one_row("decision", "is", "yes")
        data["_redisplay"] = "condition:add"
        self.assertTrue(requests_redisplay(data))
        state = self.redisplay(data)
        self.assertEqual(state.group.items, (TypedRow("decision", "is", ("yes",)), TypedRow()))
        self.assertEqual(state.focus, "-1-field")
        data["_redisplay"] = "condition:add-group"
        state = self.redisplay(data)
        self.assertEqual(state.group.items[1], Group("any", (TypedRow(), TypedRow())))
        data = post(state.group, _redisplay="condition:add:1")
        state = self.redisplay(data)
        self.assertEqual([place for place, _row in state.group.rows()], [(0,), (1, 0), (1, 1), (1, 2)])
        self.assertEqual(state.focus, "-1-2-field")
        data = post(state.group, _redisplay="condition:remove:1.1")
        self.assertEqual([place for place, _row in self.redisplay(data).group.rows()], [(0,), (1, 0), (1, 1)])
        data["_redisplay"] = "condition:remove:1"
        self.assertEqual([place for place, _row in self.redisplay(data).group.rows()], [(0,)])

    def test_choosing_a_field_brings_the_comparisons_that_fit(self) -> None:
        data = one_row("booked", "less", "5")
        data["_redisplay"] = "condition:update"
        self.assertEqual(self.redisplay(data).group.items, (TypedRow("booked", "yes"),))
        data["condition-0-comparison"] = "filled"
        self.assertEqual(self.redisplay(data).group.items, (TypedRow("booked", "filled", ("5",)),))

    def test_switching_views_preserves_the_meaning(self) -> None:
        data = one_row("decision", "is", "yes")
        data["_redisplay"] = "condition:json"
        state = self.redisplay(data)
        self.assertEqual((state.view, json.loads(state.text)), ("json", DECIDED))
        data = QueryDict(mutable=True)
        data.update({"condition-view": "json", "condition-json": state.text, "_redisplay": "condition:rows"})
        self.assertEqual(self.redisplay(data).group.items, (TypedRow("decision", "is", ("yes",)),))

    def test_switching_views_preserves_unfinished_rows(self) -> None:
        data = one_row("days", "is", "x")
        data["_redisplay"] = "condition:json"
        state = self.redisplay(data)
        self.assertEqual((state.view, state.group.items), ("rows", (TypedRow("days", "is", ("x",)),)))
        self.assertIn("Complete or remove", state.notice)

    def test_a_redisplay_is_never_saved(self) -> None:
        for action in ("condition:add", "title:whatever", "", "condition:remove:99", "condition:add:1.2.3.4"):
            data = one_row("decision", "is", "yes")
            data["_redisplay"] = action
            self.assertFalse(ConditionForm(data).is_valid(), action)
            str(ConditionForm(data)["condition"])

    @fuzzed
    @given(st.dictionaries(st.sampled_from(FORM_NAMES), st.text(max_size=8) | st.sampled_from(FORM_VALUES)))
    def test_any_form_data_gives_a_page(self, form_data: dict[str, str]) -> None:
        data = QueryDict(mutable=True)
        data.update(form_data)
        form = ConditionForm(data)
        form.is_valid()
        self.assertIn("tf-editor", str(form["condition"]))

    def test_many_rows_are_read_to_a_bound(self) -> None:
        data = post(Group("all", (TypedRow("booked", "yes"),) * 1000))
        self.assertLessEqual(len(self.read_rows(data)), 200)

    def read_rows(self, data: QueryDict) -> list[Any]:
        return [*ConditionForm(data)["condition"].value().group.rows()]

    @override_settings(LANGUAGE_CODE="en")
    def test_forty_fields_are_drawn_without_a_template_for_each_option(self) -> None:
        schema = {
            "type": "object",
            "properties": {f"f{number}": {"type": "integer"} for number in range(40)},
        }

        class Large(forms.Form):
            condition = ConditionField(parse_fields(schema))

        rule = {"and": [{">": [{"var": f"f{number}"}, number]} for number in range(15)]}
        html = str(Large(initial={"condition": rule})["condition"])
        self.assertEqual(html.count("<option"), 15 * (41 + 11 + 6) + 2)
        self.assertLess(len(html), 80_000)
