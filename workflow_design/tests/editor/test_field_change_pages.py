"""Tests of the pages that rename, remove and move fields of a draft, and of their JSON Schema."""

import json

from workflow_design.tests.editor.draft_pages import DraftPageTestCase
from workflow_design.tests.files import VACATION
from workflow_design.tests.page_cases import make_draft


class FieldRename(DraftPageTestCase):
    def test_everywhere_at_once(self) -> None:
        path = self.address("field_rename", "decision")
        response = self.client.get(path)
        for title in ("Decide", "Change request", "Book it", "Rejected"):
            self.assertContains(response, title)
        self.assert_saved(self.post(path, name="verdict"))
        text = json.dumps(self.file().tasks[1].condition)
        self.assertEqual(text, '{"==": [{"var": "verdict"}, "change"]}')
        self.assertEqual(self.client.get(path).status_code, 404)

    def test_lists_systems_that_use_the_name(self) -> None:
        self.assertNotContains(self.client.get(self.address("field_rename", "days")), "Another system knows")
        tasks = [*VACATION["tasks"][:2], {**VACATION["tasks"][2], "input_transform": None}]
        make_draft(self.ours, tasks=tasks)
        self.assertContains(self.client.get(self.address("field_rename", "days")), "Another system knows")

    def test_rejects_invalid_names(self) -> None:
        path = self.address("field_rename", "decision")
        self.assert_beside(self.post(path, name="days"), name="Another field")
        self.assert_beside(self.post(path, name="Two words"), name="A field name starts with")
        self.assert_beside(self.post(path, name=""), name="Please fill this in.")

    def test_is_only_for_designers_and_drafts(self) -> None:
        path = self.address("field_rename", "decision")
        for method in ("get", "post"):
            self.assert_only_for_designers(path, method=method)
            published = path.replace(f"/{self.draft.pk}/", f"/{self.workflow.pk}/")
            self.assert_drafts_only(path, published, method=method)
        self.assert_wrong_methods(path, "put", "delete")


class FieldRemove(DraftPageTestCase):
    def test_lists_uses_then_removes(self) -> None:
        path = self.address("field_remove", "employee_note")
        response = self.client.get(path)
        self.assertContains(response, "It is also removed from")
        self.assertContains(response, "Remove it")
        self.assertRedirects(self.client.post(path), self.address("workflow_fields"))
        self.assertNotIn("employee_note", json.dumps(self.file().fields_schema))
        self.assertEqual(self.client.post(path).status_code, 404)

    def test_rejected_while_a_rule_uses_the_field(self) -> None:
        path = self.address("field_remove", "decision")
        response = self.client.get(path)
        self.assertContains(response, "It is still in use")
        self.assertNotContains(response, "Remove it")
        task = self.part("tasks", "Change request")
        self.assertContains(response, f'href="/design/task/{task.pk}/edit/"')
        self.assertRedirects(self.client.post(path), path)
        self.assertIn("decision", self.file().fields_schema["properties"])

    def test_is_only_for_designers_and_drafts(self) -> None:
        path = self.address("field_remove", "employee_note")
        for method in ("get", "post"):
            self.assert_only_for_designers(path, method=method)
            published = path.replace(f"/{self.draft.pk}/", f"/{self.workflow.pk}/")
            self.assert_drafts_only(path, published, method=method)
        self.assert_wrong_methods(path, "put", "delete")


class FieldMove(DraftPageTestCase):
    def test_up_and_down(self) -> None:
        path = self.address("field_move", "first_day")
        names = list(self.file().fields_schema["properties"])
        self.assertRedirects(
            self.client.post(path, {"to": "up"}),
            f"{self.address('workflow_fields')}#field-first_day",
            fetch_redirect_response=False,
        )
        self.assertEqual(list(self.file().fields_schema["properties"])[:2], ["first_day", "days"])
        self.client.post(path, {"to": "down"})
        self.assertEqual(list(self.file().fields_schema["properties"]), names)

    def test_is_only_for_designers_and_drafts(self) -> None:
        path = self.address("field_move", "first_day")
        self.assert_only_for_designers(path, method="post")
        published = path.replace(f"/{self.draft.pk}/", f"/{self.workflow.pk}/")
        self.assert_drafts_only(path, published, method="post")
        self.assert_wrong_methods(path, "get", "put", "delete")


class SchemaView(DraftPageTestCase):
    def test_shows_and_takes_the_schema(self) -> None:
        path = self.address("workflow_schema")
        self.assertContains(self.client.get(path), "&quot;minimum&quot;: 1")
        schema = {**self.file().fields_schema, "title": "Data"}
        self.assert_saved(self.post(path, schema=json.dumps(schema)))
        self.assertEqual(self.file().fields_schema, schema)

    def test_shows_problems(self) -> None:
        path = self.address("workflow_schema")
        self.assert_beside(self.post(path, schema="{"), schema="This is not JSON")
        self.assert_beside(self.post(path, schema=""), schema="Please fill this in.")
        self.assert_beside(self.post(path, schema="[]"), schema="must be an object")
        response = self.post(path, schema='{"type": "object", "properties": {}}')
        self.assert_beside(response, schema="/tickets/0/fields/0: The workflow has no field “days”.")
        deep = '{"type": "object", "properties": {"a": ' + '{"items": ' * 30 + "1" + "}" * 32
        self.assert_beside(self.post(path, schema=deep), schema="too deep")

    def test_is_only_for_designers_and_drafts(self) -> None:
        path = self.address("workflow_schema")
        for method in ("get", "post"):
            self.assert_only_for_designers(path, method=method)
            published = path.replace(f"/{self.draft.pk}/", f"/{self.workflow.pk}/")
            self.assert_drafts_only(path, published, method=method)
        self.assert_wrong_methods(path, "put", "delete")
