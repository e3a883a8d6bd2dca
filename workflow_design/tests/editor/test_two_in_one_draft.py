"""Two people change one draft: only a change of the same part, or of a field that it uses, is a conflict."""

import json
from typing import Any

from django.test import Client

from users.models import CompanyRole
from users.tests.cases import logged_in
from workflow_design.models import WorkflowDefinition
from workflow_design.tests.editor.draft_pages import NO_CONDITION, DraftPageTestCase

DECIDE = {"input_fields": ["days"], "output_fields": ["decision", "manager_note"], **NO_CONDITION}
ASK = {"input_fields": ["decision"], "output_fields": ["days"], **NO_CONDITION}


class TwoInOneDraft(DraftPageTestCase):
    """The designer has a form open while the admin, Ada Admin, changes the draft."""

    def setUp(self) -> None:
        super().setUp()
        self.other = logged_in(self.ours.admin)

    def part_path(self, members: str, title: str, action: str = "edit") -> str:
        name = {"tickets": "ticket", "tasks": "task", "completions": "completion"}[members]
        return f"/design/{name}/{self.part(members, title).pk}/{action}/"

    def open(self, path: str, client: Client | None = None) -> dict[str, Any]:
        """Open a form, and return the hidden values that it sends back."""
        form = (client or self.client).get(path).context["form"]
        return {field.html_name: field.value() for field in form.hidden_fields()}

    def change(self, path: str, **values: Any) -> None:
        """Open a form and save it at once, as the other person."""
        self.assert_saved(self.other.post(path, {**self.open(path, self.other), **values}))

    def assert_conflict(self, response: Any, *texts: str) -> dict[str, Any]:
        """Assert that the form is shown again with these texts, and return the hidden values."""
        self.assertEqual(response.status_code, 200)
        form = response.context["form"]
        self.assertEqual(list(form.errors), ["__all__"], form.errors)
        for text in texts:
            self.assertContains(response, text)
        self.assertContains(response, "Nothing is saved yet")
        return {field.html_name: field.value() for field in form.hidden_fields()}

    def test_changes_elsewhere_are_no_conflict(self) -> None:
        path = self.part_path("tasks", "Decide")
        fields = self.address("field_edit", "booked"), self.address("field_create") + "?kind=text"
        layout: Any = {"layout-view": "json", "layout-json": "[]"}
        for number, (other, values) in enumerate(
            (
                (self.part_path("tasks", "Change request"), {"title": "Ask again", **ASK}),
                (self.part_path("tickets", "Vacation request"), {"title": "Ask", "asks": ["days", "a"]}),
                (fields[0], {"title": "Is it booked"}),
                (fields[1], {"title": "Place"}),
                (self.address("workflow_definition_update"), {"title": "Days off"}),
                (self.address("workflow_definition_layout"), layout),
            )
        ):
            with self.subTest(other=other):
                seen = self.open(path)
                self.change(other, **values)
                title = f"Decide {number}"
                self.assert_saved(self.client.post(path, {**seen, "title": title, **DECIDE}))
                self.assertEqual(self.file().tasks[0].title, title)
        file = self.file()
        titles = [part.title for part in (*file.tickets, file.tasks[1])]
        self.assertEqual((file.title, titles), ("Days off", ["Ask", "Ask again"]))
        self.assertEqual(file.fields_schema["properties"]["booked"]["title"], "Is it booked")

    def test_new_parts_and_fields_are_no_conflict(self) -> None:
        for path, values in (
            (self.address("field_create") + "?kind=text", {}),
            (self.address("task_definition_create") + "?kind=FORM", ASK),
        ):
            seen = self.open(path)
            self.change(path, title="One", **values)
            self.assert_saved(self.client.post(path, {**seen, "title": "Two", **values}))
        file = self.file()
        self.assertEqual([task.title for task in file.tasks[-2:]], ["One", "Two"])
        self.assertLessEqual({"one", "two"}, set(file.fields_schema["properties"]))

    def test_the_same_part(self) -> None:
        path = self.part_path("tasks", "Decide")
        seen = self.open(path)
        self.change(path, title="Decide", description="Theirs", **DECIDE)
        mine = {"title": "Decide", "description": "Mine", **DECIDE}
        response = self.client.post(path, {**seen, **mine})
        again = self.assert_conflict(response, "Ada Admin changed “Decide” (just now).", "Theirs", "Mine")
        (change,) = response.context["form"].conflict.changes
        self.assertEqual((change.what, change.old, change.new), ("Description", "Theirs", "Mine"))
        self.assertEqual(self.file().tasks[0].description, "Theirs")
        self.assert_saved(self.client.post(path, {**again, **mine}))
        self.assertEqual(self.file().tasks[0].description, "Mine")

    def test_the_roles_of_the_same_part(self) -> None:
        path, more = self.part_path("tasks", "Decide"), ["days", "first_day", "employee_note"]
        unchanged: Any = {**DECIDE, "title": "Decide", "input_fields": more, "not_submitter": "on"}
        with self.ours.scope():
            role = CompanyRole.objects.get(name="Manager").pk
        seen = self.open(path)
        self.change(path, executor_roles=[role], **unchanged)
        self.assert_saved(self.client.post(self.part_path("tickets", "Vacation request", "duplicate")))
        response = self.client.post(path, {**seen, **unchanged})
        self.assert_conflict(response, "Ada Admin changed “Decide”")
        (change,) = response.context["form"].conflict.changes
        self.assertEqual((change.what, change.old.split(",")[0]), ("Done by", "Manager"))

    def test_a_field_that_the_part_uses(self) -> None:
        for path, own, field in (
            (self.part_path("tasks", "Change request"), {"title": "Change request", **ASK}, "days"),
            (self.address("completion_create"), {"title": "End", "completion_status": "COMPLETED"}, "booked"),
        ):
            with self.subTest(field=field):
                values = {"reads": [field], **own, **NO_CONDITION}
                seen = self.open(path)
                self.change(self.address("field_edit", field), title="Another title")
                response = self.client.post(path, {**seen, **values})
                again = self.assert_conflict(response, "Ada Admin changed the field “Another title”")
                self.assert_saved(self.client.post(path, {**again, **values}))

    def test_the_values_of_a_field_that_the_part_uses(self) -> None:
        path = self.part_path("tasks", "Change request")
        values = ASK
        seen = self.open(path)
        self.change(
            self.address("field_edit", "days"), title="Days", minimum="2", required="on", maximum="60"
        )
        response = self.client.post(path, {**seen, "title": "Change request", **values})
        self.assert_conflict(response, "the field “Days”")
        changes = {(each.what, each.old, each.new) for each in response.context["form"].conflict.changes}
        self.assertIn(("Days: Minimum", "2", "1"), changes)

    def test_the_same_field(self) -> None:
        path = self.address("field_edit", "booked")
        seen = self.open(path)
        self.change(self.address("field_edit", "days"), title="Number", required="on")
        self.change(path, title="Is booked", required="on")
        response = self.client.post(path, {**seen, "title": "Booked?", "required": "on"})
        again = self.assert_conflict(response, "the field “Is booked”", "Booked?")
        self.assert_saved(self.client.post(path, {**again, "title": "Booked?", "required": "on"}))
        self.assertEqual(self.file().fields_schema["properties"]["booked"]["title"], "Booked?")

    def test_renamed_meanwhile(self) -> None:
        path, rename = self.part_path("tasks", "Change request"), self.address("field_rename", "days")
        seen, rename_seen = self.open(path), self.open(rename)
        self.change(self.part_path("tasks", "Decide"), title="Decide it", **DECIDE)
        self.assert_saved(self.client.post(rename, {**rename_seen, "name": "number"}))
        response = self.other.post(
            path, {**seen, **ASK, "title": "Change request", "output_fields": ["number"]}
        )
        self.assert_conflict(response, "Tester changed “Change request”")

    def test_layouts(self) -> None:
        decide = self.part_path("tasks", "Decide")
        workflow = self.address("workflow_definition_update")
        layout: Any = {"layout-view": "json", "layout-json": '["decision", "manager_note"]'}
        for path, own, elsewhere in (
            (self.part_path("tasks", "Decide", "layout/form"), decide, workflow),
            (self.address("workflow_definition_layout"), workflow, decide),
        ):
            values: Any = {decide: {"title": "Decide", **DECIDE}, workflow: {"title": "Vacation"}}
            with self.subTest(path=path):
                seen = self.open(path)
                self.change(elsewhere, description=path, **values[elsewhere])
                self.assert_saved(self.client.post(path, {**seen, **layout}))
                seen = self.open(path)
                self.change(own, description=f"{path} again", **values[own])
                self.assert_conflict(self.client.post(path, {**seen, **layout}), "Ada Admin changed")

    def test_all_fields_as_json(self) -> None:
        path = self.address("workflow_schema")
        seen = self.open(path)
        schema = json.dumps(self.file().fields_schema)
        self.change(self.part_path("tasks", "Decide"), title="Decide it", **DECIDE)
        self.assert_saved(self.client.post(path, {**seen, "schema": schema}))
        seen = self.open(path)
        self.change(self.address("field_create") + "?kind=text", title="Place")
        response = self.client.post(path, {**seen, "schema": schema})
        self.assert_conflict(response, "Ada Admin changed the fields", "Short text (place)")

    def test_the_whole_draft_as_json(self) -> None:
        path = self.address("workflow_components_upload")
        seen = self.open(path)
        text = self.client.get(path).context["form"]["text"].value()
        self.change(self.part_path("tasks", "Decide"), title="Decide", description="Theirs", **DECIDE)
        response = self.client.post(path, {**seen, "text": text})
        self.assert_conflict(response, "Ada Admin changed this workflow", "Decide: Description", "Theirs")

    def test_hostile_states_are_conflicts_at_most(self) -> None:
        path = self.part_path("tasks", "Decide")
        for digests in ("part", "=", "part=x field:days=y", "\x00", "x" * 100_000):
            seen = {"edition": "x", "digests": digests}
            response = self.client.post(path, {**seen, "title": "Mine", **DECIDE})
            self.assertEqual(response.status_code, 200)
        with self.ours.scope():
            self.assertEqual(WorkflowDefinition.objects.get(pk=self.draft.pk).tasks.first().title, "Decide")  # type: ignore[union-attr]
