"""Tests that renaming a field works everywhere and changes nothing else."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from unittest import TestCase

from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_design.check.static import check_definition
from workflow_design.definition.fields import title_from_name
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.editor.drafts import (
    DraftRefusedError,
    EditConflictError,
    NotADraftError,
    Seen,
    current_edition,
)
from workflow_design.editor.fields.actions import FieldGoneError, rename_field
from workflow_design.editor.fields.renaming import remove_in_file, rename_in_file
from workflow_design.editor.fields.uses import actions_that_send_name, find_uses
from workflow_design.engine import Decision, Plan, Write, decide
from workflow_design.engine.conditions.validation import rename_field_in_rule
from workflow_design.engine.plan import build_plan
from workflow_design.tests.editor.editing_cases import EditingTestCase
from workflow_design.tests.files import VACATION, with_message, workflow_file
from workflow_design.tests.gallery_files import NAMES, gallery_file
from workflow_design.tests.strategies import FIELDS, plans, workspaces, writes

NEW = "renamed"
often = settings(max_examples=60, derandomize=True, deadline=None)


def make_file(plan: Plan) -> WorkflowFile:
    """Return a workflow file with this plan."""
    return WorkflowFile(
        title="Random",
        fields_schema={"type": "object", "properties": {name: {"type": "string"} for name in FIELDS}},
        tickets=plan.tickets,
        tasks=plan.tasks,
        completions=plan.completions,
    )


def with_new_name(value: Any) -> Any:
    """Return data or a set of names with the field "a" renamed."""
    if isinstance(value, Mapping):
        return {NEW if name == "a" else name: each for name, each in value.items()}
    return frozenset(NEW if name == "a" else name for name in value)


def summary(decision: Decision) -> Any:
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
        file = make_file(plan)
        keys = frozenset(f"Task {key}" for key in unfinished)
        there = decide(
            build_plan(rename_in_file(file, "a", new=NEW)), with_new_name(data), rename_write(write), keys
        )
        completion, starts, refreshes, after, modified, resets, *others = summary(
            decide(build_plan(file), data, write, keys)
        )
        expected = (
            completion,
            [(title, with_new_name(values)) for title, values in starts],
            [(title, with_new_name(values)) for title, values in refreshes],
            with_new_name(after),
            with_new_name(modified),
            with_new_name(resets),
            *others,
        )
        self.assertEqual(summary(there), expected)

    @often
    @given(plans())
    def test_renaming_back_restores_the_file(self, plan: Plan) -> None:
        file = make_file(plan)
        self.assertEqual(rename_in_file(rename_in_file(file, "b", new=NEW), NEW, new="b"), file)

    @often
    @given(plans())
    def test_the_check_finds_the_same(self, plan: Plan) -> None:
        file = make_file(plan)
        found = [
            (each.pointer, each.code, titled(each.message.replace("“c”", f"“{NEW}”")))
            for each in check_definition(file)
        ]
        there = check_definition(rename_in_file(file, "c", new=NEW))
        self.assertEqual([(each.pointer, each.code, each.message) for each in there], found)


def titled(message: str) -> str:
    """Return the message with the title that the renamed field has."""
    return message.replace(f"“{title_from_name('c')}”", f"“{title_from_name(NEW)}”")


def rename_write(write: Write) -> Write:
    """Return the same write for the renamed workflow."""
    return replace(
        write,
        values=with_new_name(write.values),
        emptied=with_new_name(write.emptied),
        modified=with_new_name(write.modified),
    )


class RenamedTests(TestCase):
    def test_no_gallery_workflow_uses_the_old_name(self) -> None:
        for gallery in NAMES:
            file = gallery_file(gallery)
            for name in file.fields_schema["properties"]:
                there = rename_in_file(file, name, new=NEW)
                self.assertEqual(check_definition(there), [], f"{gallery}: {name}")
                self.assertEqual(find_uses(there, name), [], f"{gallery}: {name}")
                self.assertEqual(len(find_uses(there, NEW)), len(find_uses(file, name)), f"{gallery}: {name}")
                self.assertEqual(rename_in_file(there, NEW, new=name), file, f"{gallery}: {name}")

    def test_every_place_that_names_a_field(self) -> None:
        there = rename_in_file(workflow_file(), "first_day", new="begins")
        self.assertEqual(list(there.fields_schema["properties"])[1], "begins")
        self.assertIn("begins", there.fields_schema["required"])
        self.assertEqual(there.display_layout[0]["items"][0], ["days", "begins"])
        self.assertEqual(there.tickets[0].fields, ("days", "begins", "employee_note", "a"))
        self.assertEqual(there.tickets[0].edit_layout[0], ["days", "begins"])
        self.assertEqual(
            there.tasks[2].input_transform, {"start": {"var": "begins"}, "days": {"var": "days"}}
        )
        self.assertEqual(rename_in_file(workflow_file(), "a", new="b").tasks[1].shown_fields, ("b",))
        self.assertEqual(remove_in_file(workflow_file(), "a").tasks[1].shown_fields, ())
        self.assertIn("Shows it", [use.how for use in find_uses(workflow_file(), "a")])
        booked = rename_in_file(workflow_file(), "booked", new="entered")
        answer = {"entered": {"==": [{"var": "response.status"}, 200]}}
        self.assertEqual(booked.tasks[2].output_transform, answer)

    def test_a_message(self) -> None:
        there = rename_in_file(with_message(), "first_day", new="begins").tasks[3].action
        texts = {"subject": "Vacation from {begins}", "text": "{days} days, {{from} {begins}."}
        self.assertEqual(there, {"email": {"to": {"role": "Team leads"}, **texts}})
        uses = {use.title: use for use in find_uses(with_message(), "days")}
        self.assertEqual(uses["Tell the team"].how, "Its message names it")
        self.assertTrue(uses["Tell the team"].is_rule)
        chat = with_message(chat={"connection": "Team", "text": "{a}"})
        there = rename_in_file(chat, "a", new="b").tasks[3].action
        self.assertEqual(there, {"chat": {"connection": "Team", "text": "{b}"}})
        file = with_message(email={"to": {"field": "a"}, "subject": "S", "text": "T"})
        there = rename_in_file(file, "a", new="b").tasks[3].action
        self.assertEqual(there, {"email": {"to": {"field": "b"}, "subject": "S", "text": "T"}})

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

    def test_output_transforms_read_the_workspace_by_prefix(self) -> None:
        rule = {"if": [{"var": "workspace.f"}, {"var": "response.body.f"}, {"var": "f"}]}
        there = rename_field_in_rule(rule, old="f", new="x", below="workspace.")
        self.assertEqual(there, {"if": [{"var": "workspace.x"}, {"var": "response.body.f"}, {"var": "f"}]})

    def test_actions_that_send_a_name_are_listed(self) -> None:
        task = {**VACATION["tasks"][2], "input_transform": None, "output_transform": None}
        file = workflow_file(tasks=[*VACATION["tasks"][:2], task])
        self.assertEqual(actions_that_send_name(file, "first_day"), ["Book it"])
        self.assertEqual(actions_that_send_name(file, "booked"), ["Book it"])
        self.assertEqual(actions_that_send_name(workflow_file(), "first_day"), [])

    def test_removal_drops_empty_sections(self) -> None:
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

    def test_rejects_taken_and_invalid_names(self) -> None:
        before = self.file
        for name in ("days", "Decision", "", "$submitter", "x\x00", "\ud800"):
            with self.assertRaises(DraftRefusedError):
                rename_field(self.draft, "decision", new=name)
        self.assertEqual(self.file, before)

    def test_to_itself(self) -> None:
        before = self.file
        rename_field(self.draft, "decision", new="decision")
        self.assertEqual(self.file, before)

    def test_deleted_in_the_meantime(self) -> None:
        with self.assertRaises(FieldGoneError):
            rename_field(self.draft, "nowhere", new="somewhere")

    def test_two_at_once(self) -> None:
        seen = Seen(current_edition(self.draft))
        rename_field(self.draft, "decision", new="verdict", seen=seen)
        with self.assertRaises(EditConflictError):
            rename_field(self.draft, "days", new="number", seen=seen)

    def test_a_published_version_does_not_change(self) -> None:
        self.publish()
        with self.assertRaises(NotADraftError):
            rename_field(self.draft, "decision", new="verdict")
