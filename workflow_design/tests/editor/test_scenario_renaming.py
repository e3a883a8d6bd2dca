"""What the scenarios of a draft name is renamed with it."""

from dataclasses import replace

from django.db import transaction
from django.test import SimpleTestCase

from workflow_design.definition.workflow import Kind
from workflow_design.editor.drafts import edit_draft, store_draft
from workflow_design.editor.fields.actions import rename_field
from workflow_design.editor.fields.renaming import remove_in_file, rename_in_file
from workflow_design.editor.parts.actions import change_part
from workflow_design.editor.scenarios.renaming import rename_part_in_scenarios
from workflow_design.models import Part
from workflow_design.tests.editor.editing_cases import EditingTestCase, ordered_parts
from workflow_design.tests.files import VACATION, workflow_file

REJECTED = {
    "title": "Rejected",
    "people": {"Max": ["Manager"]},
    "moves": [
        {"kind": "ticket", "title": "Vacation request", "values": {"days": 3, "first_day": "2030-07-01"}},
        {
            "kind": "task",
            "title": "Decide",
            "by": "Max",
            "values": {"decision": "reject", "manager_note": "No"},
        },
    ],
    "expect": {"completion": "Rejected", "values": {"days": 3}, "unfinished": []},
}
REFUSED = {
    "title": "Too long",
    "people": {"Max": ["Manager"]},
    "moves": [REJECTED["moves"][0], {"kind": "edit", "values": {"days": 99}}],  # type: ignore[index]
    "expect": {"refused": "days", "unfinished": ["Decide"], "assignees": {"Decide": ["Max"]}},
}


class RenamingTests(EditingTestCase):
    def setUp(self) -> None:
        super().setUp()
        with edit_draft(self.draft) as draft:
            store_draft(draft, replace(draft.file, scenarios=(REJECTED, REFUSED)))

    def rename(self, members: str, old: str, new: str) -> None:
        part: Part = next(each for each in ordered_parts(self.draft, members) if each.title == old)
        content = next(each for each in getattr(self.file, members) if each.title == old)
        with transaction.atomic():
            change_part(part, replace(content, title=new))

    def test_scenarios_follow(self) -> None:
        self.assertEqual(self.codes(), set())
        rename_field(self.draft, "days", new="length")
        self.rename("tickets", "Vacation request", "Holiday")
        self.rename("tasks", "Decide", "Have a look")
        self.rename("completions", "Rejected", "Said no")
        self.assertEqual(self.codes(), set())
        first, second = self.file.scenarios
        self.assertEqual([move["title"] for move in first["moves"]], ["Holiday", "Have a look"])
        self.assertEqual(first["moves"][0]["values"], {"length": 3, "first_day": "2030-07-01"})
        self.assertEqual(
            first["expect"], {"completion": "Said no", "values": {"length": 3}, "unfinished": []}
        )
        tasks = {"unfinished": ["Have a look"], "assignees": {"Have a look": ["Max"]}}
        self.assertEqual(second["expect"], {"refused": "length", **tasks})

    def test_what_breaks_one_is_an_error(self) -> None:
        task = next(each for each in self.file.tasks if each.title == "Decide")
        row = ordered_parts(self.draft, "tasks")[0]
        change_part(row, replace(task, condition={">": [{"var": "days"}, 5]}))
        self.assertEqual(self.codes(), {"scenario-failed"})


class OverdueTests(SimpleTestCase):
    def test_a_task_that_becomes_overdue_keeps_its_name(self) -> None:
        moves = [{"kind": "ticket", "title": "Decide"}, {"kind": "overdue", "title": "Decide"}]
        file = workflow_file(scenarios=[{"title": "Late", "moves": moves, "expect": {}}])
        (scenario,) = rename_part_in_scenarios(file, Kind.TASK, "Decide", new="Look").scenarios
        self.assertEqual([move["title"] for move in scenario["moves"]], ["Decide", "Look"])

    def test_its_field_is_renamed_and_removed_with_the_others(self) -> None:
        tasks = [{**task, "due_hours": 8, "overdue_field": "late"} for task in VACATION["tasks"]]
        file = workflow_file(tasks=tasks)
        renamed, removed = rename_in_file(file, "late", new="overdue"), remove_in_file(file, "late")
        self.assertEqual({task.overdue_field for task in renamed.tasks}, {"overdue"})
        self.assertEqual({task.overdue_field for task in removed.tasks}, {None})
