"""The forms of tasks that send a message."""

from typing import Any

from django.db import transaction
from django.urls import reverse

from ticketflower.encryption import encrypt
from workflow_design.models import Connection, ConnectionKind
from workflow_design.tests.editor.draft_pages import NO_CONDITION, DraftPageTestCase
from workflow_design.tests.files import MESSAGE, VACATION
from workflow_design.tests.page_cases import make_draft

EMAIL = {
    "title": "Tell HR",
    "to": "role:HR",
    "subject": "Vacation from {first_day}",
    "text": "{days} days.\n{{}",
    "input_fields": ["decision"],
    "sent": "+",
    **NO_CONDITION,
}
DUE = ("due_hours", "overdue_field")
CHAT = {"title": "Tell all", "chat": "Team", "text": "{days}", "input_fields": ["days"], "sent": "booked"}


class MessageForms(DraftPageTestCase):
    def path(self, kind: str) -> str:
        return f"{self.address('task_definition_create')}?kind={kind}"

    def add_chat(self) -> None:
        with self.ours.scope(), transaction.atomic():
            for name, kind in (("Team", ConnectionKind.SLACK), ("Books", ConnectionKind.HTTP)):
                Connection.objects.create(name=name, kind=kind, secrets=encrypt({}))

    def test_a_new_email_makes_its_field(self) -> None:
        response = self.client.get(self.path("email"))
        self.assertContains(response, 'data-insert="first_day"')
        self.assertContains(response, "A new field “Sent: …”")
        self.assert_saved(self.post(self.path("email"), **EMAIL))
        file = self.file()
        task = file.tasks[-1]
        text = {"subject": EMAIL["subject"], "text": EMAIL["text"]}
        self.assertEqual(task.action, {"email": {"to": {"role": "HR"}, **text}})
        self.assertEqual((task.task_type, task.output_fields), ("SYNC_ACTION", ("sent_tell_hr",)))
        self.assertEqual(
            file.fields_schema["properties"]["sent_tell_hr"], {"type": "boolean", "title": "Sent: Tell HR"}
        )
        self.assert_saved(self.post(self.path("email"), **{**EMAIL, "title": "Tell HR again"}))
        self.assertEqual(
            self.file().fields_schema["properties"]["sent_tell_hr_again"]["title"], "Sent: Tell HR again"
        )

    def test_a_message_that_is_due_makes_two_fields(self) -> None:
        timed = {**EMAIL, "due_hours": "4", "overdue_field": "+"}
        self.assert_saved(self.post(self.path("email"), **timed))
        task = self.file().tasks[-1]
        self.assertEqual((task.output_fields, task.due_hours), (("sent_tell_hr",), 4))
        self.assertEqual(task.overdue_field, "overdue_tell_hr")
        self.assertIn("overdue_tell_hr", self.file().fields_schema["properties"])

    def test_saving_an_unchanged_form_changes_nothing(self) -> None:
        self.add_chat()
        self.assert_saved(self.post(self.path("email"), **EMAIL, due_hours="4", overdue_field="+"))
        self.assert_saved(self.post(self.path("chat"), **CHAT, **NO_CONDITION))
        before = self.file()
        for content in before.tasks[-2:]:
            path = reverse("task_definition_edit", args=[self.part("tasks", content.title).pk])
            form = self.client.get(path).context["form"]
            names = ("title", "to", "chat", "subject", "text", "input_fields", "sent", *DUE)
            values = {name: form[name].value() for name in names if name in form.fields}
            data: dict[str, Any] = {name: value for name, value in values.items() if value is not None}
            self.assert_saved(self.post(path, **data, **NO_CONDITION))
            self.assertEqual(self.file(), before)

    def test_a_person_or_an_address_in_a_field(self) -> None:
        more = {
            "boss": {"type": "string", "format": "user", "title": "Boss"},
            "mail": {"type": "string", "format": "email", "title": "Mail"},
        }
        schema = VACATION["fields_schema"]
        schema = {**schema, "properties": {**schema["properties"], **more}}
        make_draft(self.ours, fields_schema=schema)
        groups = dict(self.client.get(self.path("email")).context["form"].fields["to"].choices)
        self.assertEqual(groups["The person in the field"], [("field:boss", "Boss")])
        self.assertEqual(groups["The address in the field"], [("field:mail", "Mail")])
        self.assert_saved(self.post(self.path("email"), **{**EMAIL, "to": "field:mail"}))
        action: Any = self.file().tasks[-1].action
        self.assertEqual(action["email"]["to"], {"field": "mail"})

    def test_a_chat(self) -> None:
        self.assertContains(self.client.get(self.path("chat")), "No chat yet.")
        self.add_chat()
        response = self.client.get(self.path("chat"))
        self.assertEqual(
            [name for name, _label in response.context["form"].fields["chat"].choices], ["", "Team"]
        )
        self.assert_saved(self.post(self.path("chat"), **CHAT, **NO_CONDITION))
        task = self.file().tasks[-1]
        self.assertEqual(task.action, {"chat": {"connection": "Team", "text": "{days}"}})
        self.assertEqual(task.output_fields, ("booked",))

    def test_problems_are_shown_beside_their_fields(self) -> None:
        wrong = {"to": "role:Nobody", "subject": "{dayz}", "text": "{days", "input_fields": []}
        response = self.post(self.path("email"), **{**EMAIL, **wrong})
        self.assert_beside(
            response,
            to="Select a valid choice",
            subject="The workflow has no field “dayz”. Did you mean “days”?",
            text="A brace opens here and does not close.",
            input_fields="Pick at least one field.",
        )
        response = self.post(self.path("chat"), title="x", **NO_CONDITION)
        self.assert_beside(
            response,
            chat="Choose a chat.",
            text="Please fill this in.",
            input_fields="Pick at least one field.",
            sent="Please fill this in.",
        )

    def test_the_message_with_sample_values(self) -> None:
        response = self.post(
            self.path("email"), **{**EMAIL, "text": "{days}, {manager_note}{x}", "_redisplay": "text:update"}
        )
        self.assertEqual(response.context["form"].errors, {})
        preview = response.context["form"].preview()
        self.assertEqual(preview["subject"], "Vacation from 1 July 2026")
        self.assertContains(response, preview["text"])
        self.assertEqual(len(self.file().tasks), len(VACATION["tasks"]))

    def test_a_form_becomes_a_message_and_a_message_another_one(self) -> None:
        part = self.part("tasks", "Decide")
        path = reverse("task_definition_edit", args=[part.pk])
        self.assertIn("subject", self.client.get(f"{path}?kind=email").context["form"].fields)
        self.assert_saved(
            self.post(f"{path}?kind=email", **{**EMAIL, "title": "Decide", "input_fields": ["days"]})
        )
        task = self.file().tasks[0]
        self.assertEqual((task.executor_roles, task.edit_layout), ((), ()))
        self.assertIn("subject", self.client.get(path).context["form"].fields)
        self.assertIn("chat", self.client.get(f"{path}?kind=chat").context["form"].fields)
        self.assertIn("action_url", self.client.get(f"{path}?kind=SYNC_ACTION").context["form"].fields)

    def test_of_a_draft_with_the_message_of_a_file(self) -> None:
        make_draft(self.ours, tasks=[*VACATION["tasks"], MESSAGE])
        path = reverse("task_definition_edit", args=[self.part("tasks", MESSAGE["title"]).pk])
        response = self.client.get(path)
        self.assertEqual(response.context["form"]["to"].value(), "role:Team leads")
        self.assertContains(response, 'aria-current="page"')
