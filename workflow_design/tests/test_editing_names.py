"""Tests that renaming a field works everywhere and changes nothing else."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from unittest import TestCase

from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_design.check.static import check_definition
from workflow_design.definition.workflow import CompletionFile, TaskFile, TicketFile, WorkflowFile
from workflow_design.editor.drafts import (
    DraftRefusedError,
    EditConflictError,
    NotADraftError,
    current_edition,
)
from workflow_design.editor.fields.actions import FieldGoneError, rename_field
from workflow_design.editor.fields.renaming import remove_in_file, rename_in_file
from workflow_design.editor.fields.uses import actions_that_send_name, find_uses
from workflow_design.engine import Decision, Plan, Write, decide
from workflow_design.engine.conditions import rename_field_in_rule
from workflow_design.engine.plan import build_plan
from workflow_design.tests.editing_cases import EditingTestCase
from workflow_design.tests.files import VACATION, workflow_file
from workflow_design.tests.gallery_files import NAMES, gallery_file
from workflow_design.tests.strategies import FIELDS, plans, workspaces, writes

NEW = "renamed"
often = settings(max_examples=60, derandomize=True, deadline=None)


def file_of_plan(plan: Plan) -> WorkflowFile:
    """Return a workflow file with this plan."""
    return WorkflowFile(
        title="Random",
        fields_schema={"type": "object", "properties": {name: {"type": "string"} for name in FIELDS}},
        tickets=tuple(TicketFile(title=each.title, fields=each.fields) for each in plan.tickets),
        tasks=tuple(
            TaskFile(
                title=each.title,
                task_type=each.task_type,
                input_fields=each.input_fields,
                output_fields=each.output_fields,
                reset_fields=each.reset_fields,
                condition=each.condition,
            )
            for each in plan.tasks
        ),
        completions=tuple(
            CompletionFile(
                title=each.title,
                fields=each.fields,
                condition=each.condition,
                completion_status=each.status,
            )
            for each in plan.completions
        ),
    )


def called(value: Any) -> Any:
    """Return data or a set of names with the field "a" renamed."""
    if isinstance(value, Mapping):
        return {NEW if name == "a" else name: each for name, each in value.items()}
    return frozenset(NEW if name == "a" else name for name in value)


def in_short(decision: Decision) -> Any:
    """Return the content of a decision, with titles in place of definitions."""
    return (
        decision.completion and decision.completion.title,
        [(start.task.title, start.input_data) for start in decision.starts],
        [(refresh.task.title, refresh.input_data) for refresh in decision.refreshes],
        decision.data_after,
        frozenset(decision.modified),
        frozenset(decision.resets),
        decision.stalled,
        [type(look).__name__ for look in decision.evaluations],
    )


class RenamedProperties(TestCase):
    @often
    @given(plans(), workspaces, writes, st.frozensets(st.sampled_from("01234")))
    def test_every_decision_is_the_same(
        self, plan: Plan, data: dict[str, Any], write: Write, unfinished: frozenset[str]
    ) -> None:
        file = file_of_plan(plan)
        keys = frozenset(f"Task {key}" for key in unfinished)
        there = decide(build_plan(rename_in_file(file, "a", new=NEW)), called(data), translated(write), keys)
        completion, starts, refreshes, after, modified, resets, *others = in_short(
            decide(build_plan(file), data, write, keys)
        )
        expected = (
            completion,
            [(title, called(values)) for title, values in starts],
            [(title, called(values)) for title, values in refreshes],
            called(after),
            called(modified),
            called(resets),
            *others,
        )
        self.assertEqual(in_short(there), expected)

    @often
    @given(plans())
    def test_there_and_back_is_as_before(self, plan: Plan) -> None:
        file = file_of_plan(plan)
        self.assertEqual(rename_in_file(rename_in_file(file, "b", new=NEW), NEW, new="b"), file)

    @often
    @given(plans())
    def test_the_check_finds_the_same(self, plan: Plan) -> None:
        file = file_of_plan(plan)
        found = [
            (each.pointer, each.code, each.message.replace("“c”", f"“{NEW}”"))
            for each in check_definition(file)
        ]
        there = check_definition(rename_in_file(file, "c", new=NEW))
        self.assertEqual([(each.pointer, each.code, each.message) for each in there], found)


def translated(write: Write) -> Write:
    """Return the same write for the renamed workflow."""
    return replace(
        write,
        values=called(write.values),
        emptied=called(write.emptied),
        modified=called(write.modified),
    )


class RenamedTests(TestCase):
    def test_nothing_of_the_gallery_says_the_old_name_afterwards(self) -> None:
        for gallery in NAMES:
            file = gallery_file(gallery)
            for name in file.fields_schema["properties"]:
                there = rename_in_file(file, name, new=NEW)
                self.assertEqual(check_definition(there), [], f"{gallery}: {name}")
                self.assertEqual(find_uses(there, name), [], f"{gallery}: {name}")
                self.assertEqual(len(find_uses(there, NEW)), len(find_uses(file, name)), f"{gallery}: {name}")
                self.assertEqual(rename_in_file(there, NEW, new=name), file, f"{gallery}: {name}")

    def test_every_place_that_says_it(self) -> None:
        there = rename_in_file(workflow_file(), "first_day", new="begins")
        self.assertEqual(list(there.fields_schema["properties"])[1], "begins")
        self.assertIn("begins", there.fields_schema["required"])
        self.assertEqual(there.display_layout[0]["items"][0], ["days", "begins"])
        self.assertEqual(there.tickets[0].fields, ("days", "begins", "employee_note", "a"))
        self.assertEqual(there.tickets[0].edit_layout[0], ["days", "begins"])
        self.assertEqual(
            there.tasks[2].input_transform, {"start": {"var": "begins"}, "days": {"var": "days"}}
        )
        booked = rename_in_file(workflow_file(), "booked", new="entered")
        answer = {"entered": {"==": [{"var": "response.status"}, 200]}}
        self.assertEqual(booked.tasks[2].output_transform, answer)

    def test_a_rule_over_items_means_their_members(self) -> None:
        rule = {"some": [{"var": "days"}, {"==": [{"var": "days"}, {"var": ""}]}]}
        there = rename_field_in_rule(rule, old="days", new="x")
        self.assertEqual(there, {"some": [{"var": "x"}, {"==": [{"var": "days"}, {"var": ""}]}]})

    def test_all_ways_to_name_a_field_in_a_rule(self) -> None:
        for rule, there in (
            ({"var": "f"}, {"var": "x"}),
            ({"var": ["f", {"var": "f.a"}]}, {"var": ["x", {"var": "x.a"}]}),
            ({"missing": ["f", "ff"]}, {"missing": ["x", "ff"]}),
            ({"missing": "f"}, {"missing": "x"}),
            ({"missing": [["g", "f"]]}, {"missing": [["g", "x"]]}),
            ({"missing_some": [1, ["f", "g"]]}, {"missing_some": [1, ["x", "g"]]}),
            ({"==": [{"var": "g"}, "f"]}, {"==": [{"var": "g"}, "f"]}),
            ({"in": ["f", {"var": "f"}]}, {"in": ["f", {"var": "x"}]}),
        ):
            self.assertEqual(rename_field_in_rule(rule, old="f", new="x"), there)

    def test_what_becomes_of_an_answer_reads_the_workspace_below_its_name(self) -> None:
        rule = {"if": [{"var": "workspace.f"}, {"var": "response.body.f"}, {"var": "f"}]}
        there = rename_field_in_rule(rule, old="f", new="x", below="workspace.")
        self.assertEqual(there, {"if": [{"var": "workspace.x"}, {"var": "response.body.f"}, {"var": "f"}]})

    def test_another_system_is_named_where_it_would_notice(self) -> None:
        task = {**VACATION["tasks"][2], "input_transform": None, "output_transform": None}
        file = workflow_file(tasks=[*VACATION["tasks"][:2], task])
        self.assertEqual(actions_that_send_name(file, "first_day"), ["Book it"])
        self.assertEqual(actions_that_send_name(file, "booked"), ["Book it"])
        self.assertEqual(actions_that_send_name(workflow_file(), "first_day"), [])

    def test_without_it_sections_that_held_nothing_else_go(self) -> None:
        layout = [{"section": "Request", "items": [["days"], "first_day"]}, {"text": "Kept"}]
        file = workflow_file(display_layout=layout)
        without = remove_in_file(remove_in_file(file, "days"), "first_day")
        self.assertEqual(without.display_layout, ({"text": "Kept"},))


class RenameFieldTests(EditingTestCase):
    def test_is_stored_everywhere(self) -> None:
        before = self.file
        rename_field(self.draft, "decision", new="verdict")
        self.assertEqual(self.file, rename_in_file(before, "decision", new="verdict"))
        self.assertEqual(self.codes(), set())
        rename_field(self.draft, "verdict", new="decision")
        self.assertEqual(self.file, before)

    def test_refuses_a_name_that_is_taken_or_none(self) -> None:
        before = self.file
        for name in ("days", "Decision", "", "$submitter", "x\x00", "\ud800"):
            with self.assertRaises(DraftRefusedError):
                rename_field(self.draft, "decision", new=name)
        self.assertEqual(self.file, before)

    def test_to_itself(self) -> None:
        before = self.file
        rename_field(self.draft, "decision", new="decision")
        self.assertEqual(self.file, before)

    def test_one_that_is_gone(self) -> None:
        with self.assertRaises(FieldGoneError):
            rename_field(self.draft, "nowhere", new="somewhere")

    def test_two_at_once(self) -> None:
        seen = current_edition(self.draft)
        rename_field(self.draft, "decision", new="verdict", seen=seen)
        with self.assertRaises(EditConflictError):
            rename_field(self.draft, "days", new="number", seen=seen)

    def test_a_published_version_does_not_change(self) -> None:
        self.publish()
        with self.assertRaises(NotADraftError):
            rename_field(self.draft, "decision", new="verdict")
