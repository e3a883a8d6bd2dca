"""The page that compares two versions."""

from django.db import transaction
from django.urls import reverse

from users.tests.cases import logged_in
from users.tests.queries import at_most_queries, same_queries_as
from workflow_design.persistence.importing import import_workflow
from workflow_design.tests.files import VACATION, long_file, workflow_file
from workflow_design.tests.page_cases import DesignPageTestCase, make_active, make_draft, make_role_admin

STATEMENTS = 20


class DifferencePage(DesignPageTestCase):
    """A test case in which version 2 has another form than version 1."""

    def setUp(self) -> None:
        super().setUp()
        first, *others = VACATION["tasks"]
        tasks = [{**first, "condition": {">": [{"var": "days"}, 1]}, "title": "Decide"}, *others]
        make_draft(self.ours, tasks=tasks, description="<script>alert(1)</script>")
        self.path = reverse("workflow_difference", args=[self.workflow.pk, self.draft.pk])

    def test_shows_the_differences(self) -> None:
        response = self.client.get(self.path)
        self.assertContains(response, "From version 1 to version 2")
        self.assertContains(response, "2 differences")
        self.assertContains(response, "Days is more than 1")
        self.assertContains(response, "&lt;script&gt;alert(1)&lt;/script&gt;")
        self.assertNotContains(response, "<script>alert")

    def test_reverse_order(self) -> None:
        path = reverse("workflow_difference", args=[self.draft.pk, self.workflow.pk])
        self.assertContains(self.client.get(path), "From version 2 to version 1")

    def test_same_version(self) -> None:
        path = reverse("workflow_difference", args=[self.draft.pk, self.draft.pk])
        self.assertContains(self.client.get(path), "Choose two versions to compare.")

    def test_versions_with_the_same_meaning(self) -> None:
        make_draft(self.ours)
        self.assertContains(self.client.get(self.path), "There is no difference between these two versions.")

    def test_refuses_versions_of_two_workflows(self) -> None:
        other = make_active(self.ours, title="Another")
        for pair in ((self.workflow.pk, other.pk), (other.pk, self.workflow.pk)):
            response = self.client.get(reverse("workflow_difference", args=pair))
            self.assertEqual(response.status_code, 404)

    def test_choice_of_two_versions(self) -> None:
        choose = reverse("workflow_difference_choose", args=[self.draft.pk])
        ways = {
            "": self.path,
            f"?old={self.draft.pk}&new={self.workflow.pk}": reverse(
                "workflow_difference", args=[self.draft.pk, self.workflow.pk]
            ),
            "?old=x&new=%00": self.path,
            f"?old={'9' * 500}&new=1": self.path,
        }
        for query, target in ways.items():
            self.assertRedirects(self.client.get(choose + query), target, fetch_redirect_response=False)
        listed = self.client.get(reverse("workflow_versions", args=[self.workflow.pk]))
        self.assertContains(listed, "Compare two of them")

    def test_choice_of_another_workflow(self) -> None:
        other = make_active(self.ours, title="Another")
        choose = reverse("workflow_difference_choose", args=[self.draft.pk])
        response = self.client.get(f"{choose}?old={other.pk}&new={self.draft.pk}")
        self.assertRedirects(response, self.path, fetch_redirect_response=False)

    def test_of_the_first_version(self) -> None:
        choose = reverse("workflow_difference_choose", args=[self.workflow.pk])
        same = reverse("workflow_difference", args=[self.workflow.pk, self.workflow.pk])
        self.assertRedirects(self.client.get(choose), same, fetch_redirect_response=False)

    def test_both_versions_must_be_visible(self) -> None:
        person = make_role_admin(self.ours)
        self.assertEqual(logged_in(person).get(self.path).status_code, 200)
        with self.ours.designer.scope(), transaction.atomic():
            import_workflow(workflow_file(ticket_admin_roles=[]), by=self.ours.designer, replace=True)
        self.assertEqual(logged_in(person).get(self.path).status_code, 403)

    def test_who_may(self) -> None:
        people = self.ours
        choose = reverse("workflow_difference_choose", args=[self.workflow.pk])
        self.assert_open(self.path, people.admin, people.designer, people.ticket_admin)
        for path in (self.path, choose):
            self.assert_refused(path, people.submitter, people.worker)
            self.assert_unknown_to_others(path)
            self.assert_wrong_methods(path, "post", "put")

    def test_constant_statements(self) -> None:
        with at_most_queries(STATEMENTS) as few:
            self.client.get(self.path)
        with self.ours.designer.scope(), transaction.atomic():
            file = long_file(40)
            import_workflow(file, by=self.ours.designer, replace=True, may_make_roles=True)
        with same_queries_as(few):
            response = self.client.get(self.path)
        self.assertContains(response, "Decide 39")


class BeforePublishing(DesignPageTestCase):
    """The confirmation page of publishing shows the same differences."""

    def test_what_changes(self) -> None:
        make_draft(self.ours, description="Another")
        page = self.client.get(reverse("workflow_definition_publish", args=[self.draft.pk]))
        self.assertContains(page, "1 difference from version 1")
        self.assertContains(page, reverse("workflow_replay", args=[self.draft.pk]))

    def test_nothing_changes(self) -> None:
        page = self.client.get(reverse("workflow_definition_publish", args=[self.draft.pk]))
        self.assertContains(page, "There is no difference from version 1.")

    def test_a_first_version(self) -> None:
        first = make_draft(self.ours, title="Another")
        page = self.client.get(reverse("workflow_definition_publish", args=[first.pk]))
        self.assertNotContains(page, "What changes")
