"""Tests of the page that lists the parts of a draft, and of its actions and permissions."""

from django.urls import reverse

from users.tests.queries import at_most_queries, same_queries_as
from workflow_design.models import Part
from workflow_design.tests.editor.draft_pages import DraftPageTestCase
from workflow_design.tests.files import VACATION
from workflow_design.tests.page_cases import make_draft

KINDS = (
    ("tickets", "ticket_definition", "Vacation request"),
    ("tasks", "task_definition", "Decide"),
    ("completions", "completion", "Booked"),
)


class ComponentsPage(DraftPageTestCase):
    def test_tickets_then_tasks_then_completions(self) -> None:
        response = self.client.get(self.address("workflow_components"))
        self.assertEqual(
            [each["members"] for each in response.context["lists"]], ["tickets", "tasks", "completions"]
        )
        for text in (
            "Asks for Days, First day",
            "Done by: HR or Manager",
            "Decision is “Reject”",
            "Booked is yes",
        ):
            self.assertContains(response, text)

    def test_empty_lists_have_a_button(self) -> None:
        make_draft(self.ours, completions=[VACATION["completions"][0]])
        for part in ("tickets", "tasks", "completions"):
            with self.ours.scope():
                getattr(self.draft, part).all().delete()
        response = self.client.get(self.address("workflow_components"))
        for text, name in (
            ("No ticket starts the workflow yet.", "ticket_definition_create"),
            ("There are no tasks yet.", "task_definition_create"),
            ("Nothing ends the workflow yet.", "completion_create"),
        ):
            self.assertContains(response, text)
            link = rf'class="btn btn-primary"\s+href="{self.address(name)}"'
            self.assertRegex(response.content.decode(), link)

    def test_is_only_for_designers_and_drafts(self) -> None:
        path = self.address("workflow_components")
        self.assert_only_for_designers(path)
        self.assert_drafts_only(path, path.replace(f"/{self.draft.pk}/", f"/{self.workflow.pk}/"))
        self.assert_wrong_methods(path, "post", "put", "delete")

    def test_costs_the_same_however_many_there_are(self) -> None:
        path = self.address("workflow_components")
        with at_most_queries(11) as few:
            self.client.get(path)
        tasks = [{**VACATION["tasks"][0], "title": f"Decide {number}"} for number in range(50)]
        make_draft(self.ours, tasks=[*VACATION["tasks"], *tasks])
        with same_queries_as(few):
            self.client.get(path)


class PartPages(DraftPageTestCase):
    """The pages that tickets, tasks and completions share."""

    def path(self, name: str, what: str, part: Part) -> str:
        return reverse(f"{name}_{what}", args=[part.pk])

    def test_are_only_for_designers_and_drafts(self) -> None:
        for members, name, title in KINDS:
            part = self.part(members, title)
            published = self.part(members, title, of=self.workflow)
            for what, methods in (
                ("edit", ("get", "post")),
                ("delete", ("get", "post")),
                ("move", ("post",)),
                ("duplicate", ("post",)),
            ):
                for method in methods:
                    with self.subTest(name=name, what=what, method=method):
                        path = self.path(name, what, part)
                        self.assert_only_for_designers(path, method=method)
                        self.assert_drafts_only(path, self.path(name, what, published), method=method)
                wrong = {"get", "post", "put", "delete"}.difference(methods)
                self.assert_wrong_methods(self.path(name, what, part), *wrong)

    def test_new_ones_are_only_for_designers_and_drafts(self) -> None:
        for _members, name, _title in KINDS:
            path = self.address(f"{name}_create")
            published = reverse(f"{name}_create", args=[self.workflow.pk])
            for method in ("get", "post"):
                self.assert_only_for_designers(path, method=method)
                self.assert_drafts_only(path, published, method=method)
            self.assert_wrong_methods(path, "put", "delete")

    def test_deleting_says_who_waits_for_what_only_it_writes(self) -> None:
        for members, name, title, words in (
            (
                "tasks",
                "task_definition",
                "Decide",
                "“Change request” waits for “Decision” and “Manager note”, which",
            ),
            (
                "tasks",
                "task_definition",
                "Decide",
                "“Rejected” waits for “Decision”, which nothing else fills in.",
            ),
            ("tickets", "ticket_definition", "Vacation request", "No other ticket starts the workflow."),
        ):
            with self.subTest(title=title, words=words):
                response = self.client.get(self.path(name, "delete", self.part(members, title)))
                self.assertContains(response, words)
        # Two tasks write the note of the employee, and another completion ends the workflow.
        for members, name, title in (
            ("tasks", "task_definition", "Change request"),
            ("completions", "completion", "Rejected"),
        ):
            response = self.client.get(self.path(name, "delete", self.part(members, title)))
            self.assertEqual(response.context["consequences"], [])

    def test_deleting_asks_for_confirmation(self) -> None:
        for members, name, title in KINDS:
            path = self.path(name, "delete", self.part(members, title))
            self.assertContains(self.client.get(path), f"Delete “{title}”?")
            self.assertIn(title, [each.title for each in getattr(self.file(), members)])
            self.assertRedirects(self.client.post(path), self.address("workflow_components"))
            self.assertNotIn(title, [each.title for each in getattr(self.file(), members)])
            self.assertEqual(self.client.post(path).status_code, 404)

    def test_copies_and_moves(self) -> None:
        for members, name, title in KINDS:
            self.client.post(self.path(name, "duplicate", self.part(members, title)))
            copy = self.part(members, f"{title} (copy)")
            self.client.post(self.path(name, "move", copy), {"to": "up"})
            titles = [each.title for each in getattr(self.file(), members)]
            self.assertLess(titles.index(copy.title), titles.index(title))

    def test_the_part_pages_of_a_draft_lead_to_its_forms(self) -> None:
        for members, name, title in KINDS:
            part = self.part(members, title)
            page = reverse(f"{name}_detail", args=[part.pk])
            self.assertContains(self.client.get(page), self.path(name, "edit", part))
            published = self.part(members, title, of=self.workflow)
            page = reverse(f"{name}_detail", args=[published.pk])
            self.assertNotContains(self.client.get(page), self.path(name, "edit", published))
