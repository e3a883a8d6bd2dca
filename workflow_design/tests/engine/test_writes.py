"""Writes, and the fields that they modify (`docs/engine.md`, "Words")."""

import json
from unittest import TestCase

from workflow_design.definition.workflow import DefinitionKey, Kind
from workflow_design.engine import Source, Write


class FormTests(TestCase):
    def test_a_form_writes_all_its_fields_and_empties_what_is_left_blank(self) -> None:
        write = Write.by_form(["a", "b", "c", "d"], {"a": 1, "b": "", "c": []})
        self.assertEqual(write.values, {"a": 1})
        self.assertEqual(write.emptied, {"b", "c", "d"})
        self.assertEqual(write.modified, {"a", "b", "c", "d"})
        self.assertEqual(write.source, Source.TASK)

    def test_false_and_zero_are_values(self) -> None:
        write = Write.by_form(["a", "b"], {"a": False, "b": 0}, source=Source.TICKET)
        self.assertEqual((write.values, write.emptied), ({"a": False, "b": 0}, frozenset()))
        self.assertEqual(write.source, Source.TICKET)

    def test_a_value_that_the_form_did_not_ask_for_is_refused(self) -> None:
        with self.assertRaises(ValueError):
            Write.by_form(["a"], {"a": 1, "b": 2})

    def test_unchanged_values_are_modified(self) -> None:
        write = Write.by_form(["a"], {"a": 1})
        self.assertEqual(write.merged_into({"a": 1}), {"a": 1})
        self.assertEqual(write.modified, {"a"})


class ActionTests(TestCase):
    def test_fields_missing_from_the_answer_are_not_modified(self) -> None:
        write = Write.by_action(["a", "b"], {"a": 1})
        self.assertEqual(write.modified, {"a"})
        self.assertEqual(write.merged_into({"a": 0, "b": 7}), {"a": 1, "b": 7})

    def test_fields_that_are_empty_in_the_answer_are_emptied(self) -> None:
        write = Write.by_action(["a", "b"], {"a": None, "b": []})
        self.assertEqual(write.merged_into({"a": 0, "b": [7], "c": 1}), {"c": 1})
        self.assertEqual(write.modified, {"a", "b"})

    def test_only_output_fields_are_written(self) -> None:
        write = Write.by_action(["a"], {"a": 1, "token": "x"})
        self.assertEqual((write.values, write.modified), ({"a": 1}, {"a"}))


class EditTests(TestCase):
    def test_only_changed_fields_are_modified(self) -> None:
        before = {"same": [1, {"x": 2}], "changed": 1, "gone": "x", "blanked": "y"}
        after = {"same": [1, {"x": 2}], "changed": 2, "blanked": "", "new": 3, "never": ""}
        write = Write.by_edit(before, after)
        self.assertEqual(write.values, {"changed": 2, "new": 3})
        self.assertEqual(write.emptied, {"gone", "blanked"})
        self.assertEqual(write.modified, {"changed", "new", "gone", "blanked"})

    def test_json_values_differ_where_python_calls_them_equal(self) -> None:
        for left, right in ((True, 1), (False, 0), ([True], [1]), ([{"a": 0}], [{"a": False}])):
            self.assertEqual(Write.by_edit({"a": left}, {"a": right}).modified, {"a"}, (left, right))
        self.assertEqual(Write.by_edit({"a": 1}, {"a": 1.0}).modified, set())

    def test_lists_and_objects_are_compared_by_their_contents(self) -> None:
        for left, right in (([1], [1, 1]), ([[1], 2], [[2], 1]), ([{"a": 1}], [{"b": 1}])):
            self.assertEqual(Write.by_edit({"a": left}, {"a": right}).modified, {"a"}, (left, right))

    def test_an_edit_that_changes_nothing_modifies_nothing(self) -> None:
        self.assertEqual(Write.by_edit({"a": 1}, {"a": 1, "b": None}).modified, set())


class ClockTests(TestCase):
    def test_all_fields_of_the_clock_are_modified(self) -> None:
        write = Write.by_clock({"due": True, "left": None})
        self.assertEqual((write.source, write.values, write.emptied), (Source.CLOCK, {"due": True}, {"left"}))
        self.assertEqual(write.modified, {"due", "left"})


class AgainTests(TestCase):
    def test_a_retry_has_the_same_modified_fields_and_current_data(self) -> None:
        write = Write.retry({"a", "b"}, only=[(Kind.TASK, "1")])
        self.assertEqual(write.merged_into({"a": 5}), {"a": 5})
        self.assertEqual(write.modified, {"a", "b"})
        self.assertEqual(write.only, {DefinitionKey(Kind.TASK, "1")})

    def test_the_retry_of_a_write_leaves_out_fields_written_since(self) -> None:
        write = Write.by_form(["a", "b", "c", "d"], {"a": 1, "b": 2}).without_fields({"a", "c"})
        self.assertEqual(write.merged_into({"a": 8, "c": 9, "d": 9}), {"a": 8, "b": 2, "c": 9})
        self.assertEqual(write.modified, {"a", "b", "c", "d"})


class InvariantTests(TestCase):
    def test_contradictions_are_refused(self) -> None:
        for values, emptied, modified in (
            ({"a": 1}, {"a"}, {"a"}),
            ({"a": None}, set(), {"a"}),
            ({"a": 1}, set(), set()),
            ({}, {"a"}, set()),
        ):
            with self.assertRaises(ValueError):
                Write(Source.TASK, values, frozenset(emptied), frozenset(modified))

    def test_a_write_is_read_back_from_json(self) -> None:
        for write in (
            Write.by_form(["a", "b"], {"a": [1]}, source=Source.TICKET),
            Write.by_edit({"a": 1}, {"b": True}),
            Write.retry({"x"}, only=[(Kind.TASK, "1"), (Kind.COMPLETION, "1")]),
            Write.retry((), only=()),
        ):
            self.assertEqual(Write.from_json(json.loads(json.dumps(write.as_json()))), write)

    def test_merging_does_not_change_the_workspace(self) -> None:
        data = {"a": 1, "b": 2}
        Write.by_form(["a", "b"], {"a": 3}).merged_into(data)
        self.assertEqual(data, {"a": 1, "b": 2})
