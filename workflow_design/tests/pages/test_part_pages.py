"""The pages of a ticket definition, task definition or completion."""

from django.db import transaction
from django.urls import reverse

from users.tests.queries import at_most_queries
from workflow_design.models import TaskDefinition
from workflow_design.tests.files import MESSAGE, VACATION
from workflow_design.tests.page_cases import DesignPageTestCase, make_active, make_role_admin


class PartPages(DesignPageTestCase):
    """The pages of our company's vacation workflow."""

    def setUp(self) -> None:
        super().setUp()
        with self.ours.scope():
            self.tasks = {task.title: task for task in self.workflow.tasks.all()}
            self.ticket_path = reverse("ticket_definition_detail", args=[self.workflow.tickets.get().pk])
            ends = {end.title: end.pk for end in self.workflow.completions.all()}
        self.end_path = reverse("completion_detail", args=[ends["Rejected"]])

    def task_path(self, title: str) -> str:
        return reverse("task_definition_detail", args=[self.tasks[title].pk])

    @property
    def paths(self) -> list[str]:
        return [self.ticket_path, self.task_path("Decide"), self.end_path]

    def test_a_ticket(self) -> None:
        response = self.client.get(self.ticket_path)
        for text in (
            "Vacation request",
            "First day <code>first_day</code>",
            "Employee",
            "&quot;employee_note&quot;",
        ):
            self.assertContains(response, text)
        self.assertContains(response, reverse("workflow_definition_detail", args=[self.workflow.pk]))

    def test_the_form_is_a_preview(self) -> None:
        response = self.client.get(self.task_path("Decide"))
        self.assertEqual(list(response.context["preview"].fields), ["decision", "manager_note"])
        self.assertContains(response, 'disabled aria-labelledby="preview"')
        self.assertIsNone(self.client.get(self.task_path("Book it")).context["preview"])

    def test_an_invalid_form_is_left_out(self) -> None:
        with self.ours.designer.scope(), transaction.atomic():
            task = self.draft.tasks.get(title="Decide")
            self.draft.tasks.filter(pk=task.pk).update(edit_layout=["nope"])
        response = self.client.get(reverse("task_definition_detail", args=[task.pk]))
        self.assertIsNone(response.context["preview"])

    def test_a_form(self) -> None:
        response = self.client.get(self.task_path("Decide"))
        self.assertEqual(
            [name for name, _title in response.context["reads"]], ["days", "first_day", "employee_note"]
        )
        self.assertEqual([name for name, _title in response.context["writes"]], ["decision", "manager_note"])
        self.assertContains(response, "HR or Manager, but never the submitter")
        self.assertEqual(response.context["due"], "")
        with self.ours.designer.scope(), transaction.atomic():
            task = self.draft.tasks.get(title="Decide")
            self.draft.tasks.filter(pk=task.pk).update(due_hours=1, overdue_field="booked")
        response = self.client.get(reverse("task_definition_detail", args=[task.pk]))
        self.assertContains(response, "Due after 1 working hour. When it is overdue, “Booked” becomes yes.")
        self.assertContains(response, "None: always")

    def test_a_condition_as_a_sentence_and_as_json(self) -> None:
        response = self.client.get(self.task_path("Change request"))
        self.assertContains(response, "Decision is “Ask for a change”")
        self.assertContains(response, "&quot;var&quot;: &quot;decision&quot;")

    def test_an_action(self) -> None:
        response = self.client.get(self.task_path("Book it"))
        for text in (
            "Calls https://calendar.example.com/book.",
            "20 seconds",
            "<dd>calendar.example.com</dd>",
            "<li>start: First day</li>",
            "<li>Booked: whether the status of the answer is 200</li>",
            "response.status",
        ):
            self.assertContains(response, text)

    def test_a_message(self) -> None:
        workflow = make_active(self.ours, title="Told", tasks=[*VACATION["tasks"], MESSAGE])
        with self.ours.scope():
            task = TaskDefinition.objects.get(workflow=workflow, title=MESSAGE["title"])
        response = self.client.get(reverse("task_definition_detail", args=[task.pk]))
        for text in (
            "E-mail to Team leads",
            "Vacation from {first_day}",
            "{{from} {first_day}.",
        ):
            self.assertContains(response, text)
        self.assertNotContains(response, "Use of the answer")
        self.assertContains(self.client.get(reverse("task_definitions_list")), ">E-mail<")

    def test_a_completion(self) -> None:
        response = self.client.get(self.end_path)
        self.assertContains(response, "Cancelled")
        self.assertContains(response, "Decision is “Reject”")

    def test_who_is_assigned(self) -> None:
        properties = {
            **VACATION["fields_schema"]["properties"],
            "boss": {"type": "string", "format": "user", "title": "Boss"},
        }
        tickets = [{**VACATION["tickets"][0], "fields": ["days", "boss"], "edit_layout": []}]
        decide = {**VACATION["tasks"][0], "assignee_field": "boss", "executor_roles": []}
        schema = {**VACATION["fields_schema"], "properties": properties}
        workflow = make_active(
            self.ours,
            title="Given",
            fields_schema=schema,
            tickets=tickets,
            tasks=[decide, VACATION["tasks"][1], {**VACATION["tasks"][2], "condition": None}],
        )
        with self.ours.scope():
            task = TaskDefinition.objects.get(workflow=workflow, title="Decide")
        response = self.client.get(reverse("task_definition_detail", args=[task.pk]))
        self.assertContains(response, "The person in “Boss”")

    def test_hostile_texts_stay_text(self) -> None:
        text = "<script>alert(1)</script> {{ 7*7 }}"
        task = {**VACATION["tasks"][1], "description": text, "condition": {"==": [{"var": "decision"}, text]}}
        properties = VACATION["fields_schema"]["properties"]
        properties = {**properties, "decision": {"type": "string", "title": text}}
        schema = {**VACATION["fields_schema"], "properties": properties}
        tasks = [VACATION["tasks"][0], task, VACATION["tasks"][2]]
        workflow = make_active(self.ours, title="Hostile", fields_schema=schema, tasks=tasks)
        with self.ours.scope():
            found = TaskDefinition.objects.get(workflow=workflow, title="Change request")
        response = self.client.get(reverse("task_definition_detail", args=[found.pk]))
        self.assertContains(response, "{{ 7*7 }}")
        self.assertNotContains(response, "<script>alert")

    def test_constant_statements(self) -> None:
        # session, tenancy, savepoint; the row with its workflow, its roles; and the end of the savepoint
        for path, statements in zip(self.paths, (7, 7, 6), strict=True):
            with self.subTest(path=path), at_most_queries(statements):
                self.client.get(path)

    def test_who_may(self) -> None:
        people = self.ours
        role_admin = make_role_admin(people)
        for path in self.paths:
            self.assert_open(path, people.admin, people.designer, people.ticket_admin, role_admin)
            self.assert_refused(path, people.submitter, people.worker)
            self.assert_unknown_to_others(path)
            self.assert_wrong_methods(path, "post", "put", "delete")
