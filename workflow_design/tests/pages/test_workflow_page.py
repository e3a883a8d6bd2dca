"""The page of one version of a workflow, and the download of its file."""

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
    """The page of a workflow of our company."""

    def setUp(self) -> None:
        super().setUp()
        self.path = reverse("workflow_definition_detail", args=[self.workflow.pk])

    def test_shows_every_part_with_a_link(self) -> None:
        response = self.client.get(self.path)
        with self.ours.scope():
            parts = [
                reverse("ticket_definition_detail", args=[self.workflow.tickets.get().pk]),
                *(reverse("task_definition_detail", args=[task.pk]) for task in self.workflow.tasks.all()),
                *(reverse("completion_detail", args=[end.pk]) for end in self.workflow.completions.all()),
            ]
        self.assertEqual(len(parts), 6)
        for url in parts:
            self.assertContains(response, f'<a class="tf-row-link" href="{url}">')
        self.assertContains(response, "if Decision is “Reject”")
        self.assertContains(response, "HR or Manager, but never the submitter")
        self.assertContains(response, "The submitter of the ticket")

    def test_lists_writers_and_readers_of_each_field(self) -> None:
        lines = {line["declared"].name: line for line in self.client.get(self.path).context["fields"]}
        self.assertEqual(list(lines), FIELDS)
        days = lines["days"]
        self.assertEqual((days["declared"].type.label, days["declared"].required), ("Whole number", True))
        self.assertEqual([link.title for link in days["writers"]], ["Vacation request", "Change request"])
        self.assertEqual([link.title for link in days["readers"]], ["Decide", "Book it"])
        self.assertEqual(lines["first_day"]["declared"].type.label, "Date")
        self.assertEqual(
            [link.title for link in lines["a"]["readers"]], ["Book it"]
        )  # by its condition alone

    def test_shows_the_picture_with_links_and_as_text(self) -> None:
        response = self.client.get(self.path)
        picture = response.context["picture"]
        self.assertEqual(len(picture.nodes), 6)
        self.assertTrue(all(node.link for node in picture.nodes))
        labels = [edge.label for edge in picture.lines.edges if edge.label]
        self.assertTrue(labels)
        for label in labels:  # lines that pass below are hidden
            self.assertContains(response, f"<rect {label.place}/>")
        self.assertContains(response, "<svg")
        self.assertContains(response, "The picture in words")

    def test_lists_the_versions(self) -> None:
        response = self.client.get(self.path)
        self.assertEqual([version.version for version in response.context["versions"]], [2, 1])
        self.assertContains(response, reverse("workflow_definition_detail", args=[self.draft.pk]))

    def test_offers_actions(self) -> None:
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
        response = self.client.get(reverse("workflow_definition_detail", args=[self.draft.pk]))
        self.assertContains(response, "The workflow has no field “nope”.")

    def test_a_draft_with_invalid_fields_is_shown_with_its_problems(self) -> None:
        with self.ours.designer.scope(), transaction.atomic():
            WorkflowDefinition.objects.filter(pk=self.draft.pk).update(fields_schema={"type": "nonsense"})
        self.client.post(reverse("workflow_definition_check", args=[self.draft.pk]))
        response = self.client.get(reverse("workflow_definition_detail", args=[self.draft.pk]))
        self.assertContains(response, "Errors: ")

    def test_a_draft_shows_nothing_but_its_next_step_until_it_has_a_part(self) -> None:
        self.client.post("/design/new/", {"title": "Fresh"})
        with self.ours.scope():
            path = reverse(
                "workflow_definition_detail", args=[WorkflowDefinition.objects.get(title="Fresh").pk]
            )
        response = self.client.get(path)
        self.assertContains(response, "Next: the fields.")
        for text in ("Result of the check", "tf-tone-danger", "tf-picture", "No ticket starts it", "Errors"):
            self.assertNotContains(response, text)
        schema = json.dumps({"type": "object", "properties": {"a": {"type": "string"}}})
        for page, values in (
            ("fields/json/", {"schema": schema}),
            ("tickets/new/", {"title": "Ask", "asks": ["a"]}),
        ):
            edition = self.client.get(f"{path}{page}").context["form"]["edition"].value()
            self.assertEqual(
                self.client.post(f"{path}{page}", {"edition": edition, **values}).status_code, 302
            )
        response = self.client.get(path)
        for text in (
            "Still missing before it can be published",
            "Nothing is wrong so far",
            "<svg",
            "completed or",
        ):
            self.assertContains(response, text)
        self.assertNotContains(response, "tf-tone-danger")
        self.assertNotContains(response, "COMPLETED")

    def test_only_what_is_wrong_in_an_unfinished_draft_is_red(self) -> None:
        with self.ours.designer.scope(), transaction.atomic():
            self.draft.completions.all().delete()
            TaskDefinition.objects.filter(workflow=self.draft, title="Decide").update(output_fields=["nope"])
        self.client.post(reverse("workflow_definition_check", args=[self.draft.pk]))
        page = self.client.get(reverse("workflow_definition_detail", args=[self.draft.pk]))
        tones = {
            entry["finding"].code: entry["tone"]
            for group in page.context["check"].groups
            for entry in group["findings"]
        }
        self.assertEqual((tones["no-end"], tones["unknown-field"]), ("info", "danger"))
        self.assertContains(page, "Errors: ")
        self.assertContains(page, "Still missing before it can be published")

    def test_a_draft_has_one_main_action_and_no_tables(self) -> None:
        path = reverse("workflow_definition_detail", args=[self.draft.pk])
        html = self.client.get(path).content.decode()
        page, sticky = html.split('<div class="tf-sticky">')
        self.assertEqual((page.count("btn-primary"), sticky.count("btn-primary")), (1, 1))
        self.assertNotIn("<table", page)
        menu = page.split('<details class="tf-more-menu">')[1].split("</details>")[0]
        for name in ("definition_update", "draft_discard", "definition_download"):
            self.assertIn(reverse(f"workflow_{name}", args=[self.draft.pk]), menu)

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
        response = self.client.get(self.path)
        self.assertContains(response, 'href="https://example.com/rules" rel="noopener noreferrer nofollow"')
        self.assertContains(response, 'href="mailto:hr@example.com"')
        self.assertContains(response, "Link 2")
        self.assertNotContains(response, "javascript:")
        self.assertNotContains(response, "data:text")

    def test_hostile_texts_stay_text(self) -> None:
        text = "<script>alert(1)</script> {{ 7*7 }}"
        tasks = [{**task, "description": text} for task in VACATION["tasks"]]
        properties = VACATION["fields_schema"]["properties"]
        properties = {**properties, "days": {**properties["days"], "title": text, "description": text}}
        schema = {**VACATION["fields_schema"], "properties": properties}
        workflow = make_active(
            self.ours, title="<b>Bold</b>", description=text, tasks=tasks, fields_schema=schema
        )
        response = self.client.get(reverse("workflow_definition_detail", args=[workflow.pk]))
        self.assertContains(response, "&lt;b&gt;Bold&lt;/b&gt;")
        self.assertContains(response, "{{ 7*7 }}")
        self.assertNotContains(response, "<script>alert")

    def test_constant_statements(self) -> None:
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

    def test_constant_statements_of_a_draft(self) -> None:
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
    """The download of the file of a version."""

    def setUp(self) -> None:
        super().setUp()
        self.path = reverse("workflow_definition_download", args=[self.workflow.pk])

    def test_is_the_file_that_was_uploaded(self) -> None:
        response = self.client.get(self.path)
        self.assertEqual(response["Content-Type"], "application/json")
        self.assertEqual(response["Content-Disposition"], 'attachment; filename="vacation-1.json"')
        document = json.loads(response.content)
        self.assertEqual(document["tasks"][0]["title"], "Decide")
        self.assertEqual(
            list(document["fields_schema"]["properties"]), list(VACATION["fields_schema"]["properties"])
        )

    def test_can_be_uploaded_again(self) -> None:
        text = self.client.get(self.path).content.decode()
        response = self.client.post("/design/upload/", {"text": text, "replace": "1"})
        self.assertRedirects(
            response,
            reverse("workflow_definition_detail", args=[self.draft.pk]),
            fetch_redirect_response=False,
        )
        again = self.client.get(reverse("workflow_definition_download", args=[self.draft.pk]))
        self.assertEqual(again.content.decode(), text)

    def test_file_name_for_a_title_without_letters(self) -> None:
        workflow = make_active(self.ours, title="\u202e\u2026 \u00bb\u8acb\u5047")
        response = self.client.get(reverse("workflow_definition_download", args=[workflow.pk]))
        self.assertEqual(response["Content-Disposition"], 'attachment; filename="workflow-1.json"')

    def test_who_may(self) -> None:
        people = self.ours
        self.assert_open(self.path, people.admin, people.designer, people.ticket_admin)
        self.assert_refused(self.path, people.submitter, people.worker)
        self.assert_unknown_to_others(self.path)
        self.assert_wrong_methods(self.path, "post", "put", "delete")
