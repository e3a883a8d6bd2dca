"""One version of a workflow: its page and its file."""

import json

from django.db import transaction
from django.urls import reverse

from users.tests.cases import logged_in
from users.tests.queries import at_most_queries, same_queries_as
from workflow_design.definition.file_json import to_json
from workflow_design.models import TaskDefinition, WorkflowDefinition
from workflow_design.tests.files import VACATION, long_file
from workflow_design.tests.page_cases import DesignPageTestCase, make_active, make_role_admin

FIELDS = list(VACATION["fields_schema"]["properties"])


class WorkflowPage(DesignPageTestCase):
    """Of our company."""

    def setUp(self) -> None:
        super().setUp()
        self.path = reverse("workflow_definition_detail", args=[self.workflow.pk])

    def test_shows_every_part_with_a_link(self) -> None:
        answer = self.client.get(self.path)
        with self.ours.scope():
            parts = [
                reverse("ticket_definition_detail", args=[self.workflow.tickets.get().pk]),
                *(reverse("task_definition_detail", args=[task.pk]) for task in self.workflow.tasks.all()),
                *(reverse("completion_detail", args=[end.pk]) for end in self.workflow.completions.all()),
            ]
        self.assertEqual(len(parts), 6)
        for url in parts:
            self.assertContains(answer, f'<a class="tf-row-link" href="{url}">')
        self.assertContains(answer, "if Decision is “Reject”")
        self.assertContains(answer, "HR or Manager, but never the submitter")
        self.assertContains(answer, "The submitter of the ticket")

    def test_says_who_writes_and_who_reads_each_field(self) -> None:
        lines = {line.declared.name: line for line in self.client.get(self.path).context["fields"]}
        self.assertEqual(list(lines), FIELDS)
        days = lines["days"]
        self.assertEqual((days.kind, days.declared.required), ("Whole number", True))
        self.assertEqual([link.title for link in days.writers], ["Vacation request", "Change request"])
        self.assertEqual([link.title for link in days.readers], ["Decide", "Book it"])
        self.assertEqual(lines["first_day"].kind, "Date")
        self.assertEqual([link.title for link in lines["a"].readers], ["Book it"])  # by its condition alone

    def test_draws_the_picture_with_links_and_says_it_in_words(self) -> None:
        answer = self.client.get(self.path)
        picture = answer.context["picture"]
        self.assertEqual(len(picture.nodes), 6)
        self.assertTrue(all(node.link for node in picture.nodes))
        self.assertContains(answer, "<svg")
        self.assertContains(answer, "The picture in words")

    def test_lists_the_versions(self) -> None:
        answer = self.client.get(self.path)
        self.assertEqual([version.version for version in answer.context["versions"]], [2, 1])
        self.assertContains(answer, reverse("workflow_definition_detail", args=[self.draft.pk]))

    def test_offers_what_can_be_done(self) -> None:
        draft_path = reverse("workflow_definition_detail", args=[self.draft.pk])
        publish, archive = (f"workflow_definition_{name}" for name in ("publish", "archive"))
        active, draft = self.client.get(self.path), self.client.get(draft_path)
        self.assertContains(active, reverse(archive, args=[self.workflow.pk]))
        self.assertNotContains(active, reverse(publish, args=[self.workflow.pk]))
        self.assertContains(draft, reverse(publish, args=[self.draft.pk]))
        self.assertNotContains(draft, reverse(archive, args=[self.draft.pk]))
        seen = logged_in(self.ours.ticket_admin).get(draft_path)
        self.assertNotContains(seen, reverse(publish, args=[self.draft.pk]))

    def test_lists_the_problems_of_a_draft(self) -> None:
        with self.ours.designer.scope(), transaction.atomic():
            TaskDefinition.objects.filter(workflow=self.draft, title="Decide").update(input_fields=["nope"])
        self.client.post(reverse("workflow_definition_check", args=[self.draft.pk]))
        answer = self.client.get(reverse("workflow_definition_detail", args=[self.draft.pk]))
        self.assertContains(answer, "The schema does not declare the field “nope”.")

    def test_a_draft_whose_fields_cannot_be_read_is_shown_with_its_problems(self) -> None:
        with self.ours.designer.scope(), transaction.atomic():
            WorkflowDefinition.objects.filter(pk=self.draft.pk).update(fields_schema={"type": "nonsense"})
        self.client.post(reverse("workflow_definition_check", args=[self.draft.pk]))
        answer = self.client.get(reverse("workflow_definition_detail", args=[self.draft.pk]))
        self.assertContains(answer, "Errors: ")
        self.assertContains(answer, "It has no fields.")

    def test_links_only_to_the_web_and_to_mail(self) -> None:
        addresses = [
            "https://example.com/rules",
            "mailto:hr@example.com",
            "javascript:alert(1)",
            "data:text/html,x",
        ]
        ext_ref = [
            {"Label": f"Link {number}", "Desc": "", "URI": uri} for number, uri in enumerate(addresses)
        ]
        with self.ours.designer.scope(), transaction.atomic():
            WorkflowDefinition.objects.filter(pk=self.workflow.pk).update(ext_ref=ext_ref)
        answer = self.client.get(self.path)
        self.assertContains(answer, 'href="https://example.com/rules" rel="noopener noreferrer nofollow"')
        self.assertContains(answer, 'href="mailto:hr@example.com"')
        self.assertContains(answer, "Link 2")
        self.assertNotContains(answer, "javascript:")
        self.assertNotContains(answer, "data:text")

    def test_hostile_texts_stay_text(self) -> None:
        text = "<script>alert(1)</script> {{ 7*7 }}"
        tasks = [{**task, "description": text} for task in VACATION["tasks"]]
        properties = VACATION["fields_schema"]["properties"]
        properties = {**properties, "days": {**properties["days"], "title": text, "description": text}}
        schema = {**VACATION["fields_schema"], "properties": properties}
        workflow = make_active(
            self.ours, title="<b>Bold</b>", description=text, tasks=tasks, fields_schema=schema
        )
        answer = self.client.get(reverse("workflow_definition_detail", args=[workflow.pk]))
        self.assertContains(answer, "&lt;b&gt;Bold&lt;/b&gt;")
        self.assertContains(answer, "{{ 7*7 }}")
        self.assertNotContains(answer, "<script>alert")

    def test_costs_the_same_however_large_it_is(self) -> None:
        large = make_active(self.ours, **{**to_json(long_file(60)), "title": "Large"})
        small, long = (
            reverse("workflow_definition_detail", args=[workflow.pk]) for workflow in (self.workflow, large)
        )
        for path in (small, long):
            self.client.get(path)  # which keeps the plan
        with at_most_queries(14) as few:
            self.client.get(small)
        with same_queries_as(few):
            self.client.get(long)

    def test_a_draft_costs_the_same_however_large_it_is(self) -> None:
        path = reverse("workflow_definition_detail", args=[self.draft.pk])
        with at_most_queries(25):
            self.client.get(path)

    def test_who_may(self) -> None:
        people = self.ours
        role_admin = make_role_admin(people)
        self.assert_open(self.path, people.admin, people.designer, people.ticket_admin, role_admin)
        self.assert_refused(self.path, people.submitter, people.worker)
        self.assert_unknown_to_others(self.path)
        self.assert_wrong_methods(self.path, "post", "put", "delete")


class Download(DesignPageTestCase):
    """The file of a version."""

    def setUp(self) -> None:
        super().setUp()
        self.path = reverse("workflow_definition_download", args=[self.workflow.pk])

    def test_is_the_file_that_was_uploaded(self) -> None:
        answer = self.client.get(self.path)
        self.assertEqual(answer["Content-Type"], "application/json")
        self.assertEqual(answer["Content-Disposition"], 'attachment; filename="vacation-1.json"')
        document = json.loads(answer.content)
        self.assertEqual(document["tasks"][0]["title"], "Decide")
        self.assertEqual(
            list(document["fields_schema"]["properties"]), list(VACATION["fields_schema"]["properties"])
        )

    def test_can_be_uploaded_again(self) -> None:
        text = self.client.get(self.path).content.decode()
        answer = self.client.post("/design/upload/", {"text": text, "replace": "1"})
        self.assertRedirects(
            answer, reverse("workflow_definition_detail", args=[self.draft.pk]), fetch_redirect_response=False
        )
        again = self.client.get(reverse("workflow_definition_download", args=[self.draft.pk]))
        self.assertEqual(again.content.decode(), text)

    def test_a_title_without_letters_makes_a_name_too(self) -> None:
        workflow = make_active(self.ours, title="\u202e\u2026 \u00bb\u8acb\u5047")
        answer = self.client.get(reverse("workflow_definition_download", args=[workflow.pk]))
        self.assertEqual(answer["Content-Disposition"], 'attachment; filename="workflow-1.json"')

    def test_who_may(self) -> None:
        people = self.ours
        self.assert_open(self.path, people.admin, people.designer, people.ticket_admin)
        self.assert_refused(self.path, people.submitter, people.worker)
        self.assert_unknown_to_others(self.path)
        self.assert_wrong_methods(self.path, "post", "put", "delete")
