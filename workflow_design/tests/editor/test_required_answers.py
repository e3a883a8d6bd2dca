"""A task that starts too early is mended by one click beside the finding: it waits for the answer."""

from typing import Any

from django.urls import reverse

from workflow_design.definition.schema import data_validator
from workflow_design.editor.conditions.rules import rule_to_rows
from workflow_design.models import WorkflowDefinition
from workflow_design.tests.editor.draft_pages import DraftPageTestCase
from workflow_design.tests.page_cases import make_active, make_draft

ASK: dict[str, Any] = {"task_type": "FORM", "input_fields": ["person"]}
LEAVING: dict[str, Any] = {
    "title": "Leaving",
    "fields_schema": {
        "type": "object",
        "properties": {
            "person": {"type": "string", "title": "Person"},
            "handed_over": {"type": "string", "format": "date", "title": "Handed over"},
            "keys": {"type": "boolean", "title": "Keys are back"},
            "closed": {"type": "string", "title": "Closed"},
        },
        "required": ["person", "handed_over", "keys", "closed"],
    },
    "display_layout": [],
    "tickets": [{"title": "Somebody leaves", "fields": ["person"]}],
    "tasks": [
        {**ASK, "title": "Hand over", "output_fields": ["handed_over"]},
        {**ASK, "title": "Take the keys", "output_fields": ["keys"]},
        {**ASK, "title": "Close", "input_fields": ["handed_over", "keys"], "output_fields": ["closed"]},
    ],
    "completions": [{"title": "Closed", "completion_status": "COMPLETED", "fields": ["closed"]}],
}
CLOSE = 2


class RequiredAnswers(DraftPageTestCase):
    published: WorkflowDefinition

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.published = make_active(cls.ours, **LEAVING)
        cls.draft = make_draft(cls.ours, **LEAVING)

    def setUp(self) -> None:
        super().setUp()
        self.page = self.address("workflow_definition_detail")
        self.task = self.part("tasks", "Close")
        self.path = reverse("task_require_answer", args=[self.task.pk])

    def buttons(self) -> dict[str, Any]:
        """Return what the buttons beside the findings submit, by their labels."""
        groups = self.client.get(self.page).context["check"].groups
        found = [entry["answer"] for group in groups for entry in group["findings"]]
        return {each.title: {"field": each.name, "seen": each.seen} for each in found if each is not None}

    def condition(self) -> Any:
        return self.file().tasks[CLOSE].condition

    def test_each_click_adds_a_condition_that_the_editor_shows(self) -> None:
        buttons = self.buttons()
        self.assertEqual(set(buttons), {"Handed over", "Keys are back"})
        self.assertContains(self.client.get(self.page), "Only if “Keys are back” is answered")
        self.assertNotContains(self.client.get(self.page), "condition {")  # words for programs
        response = self.client.post(self.path, buttons["Handed over"], follow=True)
        self.assertRedirects(response, f"{self.page}#check")
        self.assertContains(response, "“Close” now starts only if “Handed over” is answered.")
        self.assertEqual(self.condition(), {"!!": {"var": "handed_over"}})
        self.client.post(self.path, self.buttons()["Keys are back"])
        both = {"and": [{"!!": {"var": "handed_over"}}, {"!=": [{"var": "keys"}, None]}]}
        self.assertEqual(self.condition(), both)
        self.assertIsNotNone(rule_to_rows(both, data_validator(LEAVING["fields_schema"]).fields))
        self.assertEqual(self.buttons(), {})
        self.assertContains(self.client.get(self.page), "None leads to an error or a problem.")

    def test_a_second_click_and_a_changed_task_change_nothing(self) -> None:
        button = self.buttons()["Keys are back"]
        self.client.post(self.path, button)
        before = self.file()
        for data in (button, {**button, "seen": ""}, {"field": "keys"}, {}):
            response = self.client.post(self.path, data, follow=True)
            self.assertContains(
                response, "Nothing was changed: “Close” is not as it was when it was checked."
            )
        self.assertEqual(self.file(), before)

    def test_only_for_fields_that_the_task_reads(self) -> None:
        seen = self.buttons()["Keys are back"]["seen"]
        for name in ("person", "closed", "nobody", "\x00"):
            self.client.post(self.path, {"field": name, "seen": seen})
        self.assertIsNone(self.condition())

    def test_a_condition_that_could_never_hold_is_refused(self) -> None:
        is_empty = {"==": [{"var": "keys"}, None]}
        close = {**LEAVING["tasks"][CLOSE], "condition": is_empty}
        make_draft(self.ours, **{**LEAVING, "tasks": [*LEAVING["tasks"][:CLOSE], close]})
        task = self.part("tasks", "Close")
        data = {"field": "keys", "seen": task.updated_at.isoformat()}
        response = self.client.post(reverse("task_require_answer", args=[task.pk]), data, follow=True)
        self.assertContains(response, "This condition never holds")
        self.assertEqual(self.condition(), is_empty)

    def test_is_only_for_designers_and_drafts(self) -> None:
        self.assert_only_for_designers(self.path, method="post")
        self.assert_wrong_methods(self.path, "get", "put", "delete")
        task = self.part("tasks", "Close", of=self.published)
        response = self.client.post(reverse("task_require_answer", args=[task.pk]), {"field": "keys"})
        self.assertRedirects(response, reverse("workflow_definition_detail", args=[self.published.pk]))
        self.assertIsNone(self.condition())
