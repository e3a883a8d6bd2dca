"""The confirmation pages of publishing and archiving."""

from django.db import transaction
from django.urls import reverse

from users.tests.at_once import at_once
from users.tests.cases import CommittedTestCase, logged_in
from workflow_design.models import TaskDefinition, WorkflowDefinition
from workflow_design.tests.page_cases import DesignPageTestCase, checked, make_draft


class LifecycleCase(DesignPageTestCase):
    """A test case in which version 1 is published and version 2 is a draft."""

    def statuses(self) -> list[str]:
        with self.ours.scope():
            return list(WorkflowDefinition.objects.order_by("version").values_list("status", flat=True))


class Publish(LifecycleCase):
    """Publishing a draft."""

    def setUp(self) -> None:
        super().setUp()
        self.path = reverse("workflow_definition_publish", args=[self.draft.pk])
        self.detail = reverse("workflow_definition_detail", args=[self.draft.pk])
        self.accepted = {"has_read": "on", "seen": checked(self.ours, self.draft).digest}

    def test_asks_first(self) -> None:
        response = self.client.get(self.path)
        self.assertContains(response, "Publish “Vacation”, version 2?")
        self.assertContains(response, "Version 1 will be archived.")
        self.assertEqual(self.statuses(), ["ACTIVE", "DRAFT"])

    def test_publishes(self) -> None:
        response = self.client.post(self.path, self.accepted)
        self.assertRedirects(response, self.detail, fetch_redirect_response=False)
        self.assertEqual(self.statuses(), ["ARCHIVED", "ACTIVE"])
        self.assertContains(self.client.get(self.detail), "“Vacation” has been published.")

    def test_already_published(self) -> None:
        for _time in range(2):
            response = self.client.post(self.path, self.accepted)
        self.assertRedirects(response, self.detail, fetch_redirect_response=False)
        self.assertContains(self.client.get(self.path, follow=True), "is not a draft any more")
        self.assertEqual(self.statuses(), ["ARCHIVED", "ACTIVE"])

    def test_not_with_problems(self) -> None:
        with self.ours.designer.scope(), transaction.atomic():
            TaskDefinition.objects.filter(workflow=self.draft, title="Decide").update(input_fields=["nope"])
        response = self.client.post(self.path, self.accepted, follow=True)
        self.assertContains(response, "can&#x27;t be published yet")
        self.assertContains(response, "The workflow has no field “nope”.")
        self.assertEqual(self.statuses(), ["ACTIVE", "DRAFT"])

    def test_who_may(self) -> None:
        people = self.ours
        self.assert_open(self.path, people.admin, people.designer)
        others = (people.submitter, people.worker, people.ticket_admin)
        for method in ("get", "post"):
            self.assert_refused(self.path, *others, method=method)
            self.assert_unknown_to_others(self.path, method=method)
        self.assert_wrong_methods(self.path, "put", "delete")
        self.assertEqual(self.statuses(), ["ACTIVE", "DRAFT"])


class Archive(LifecycleCase):
    """Archiving a published version."""

    def setUp(self) -> None:
        super().setUp()
        self.path = reverse("workflow_definition_archive", args=[self.workflow.pk])
        self.detail = reverse("workflow_definition_detail", args=[self.workflow.pk])

    def test_asks_first(self) -> None:
        response = self.client.get(self.path)
        self.assertContains(response, "Archive “Vacation”?")
        self.assertContains(response, "No ticket runs on it now.")
        self.assertEqual(self.statuses(), ["ACTIVE", "DRAFT"])

    def test_archives(self) -> None:
        response = self.client.post(self.path)
        self.assertRedirects(response, self.detail, fetch_redirect_response=False)
        self.assertEqual(self.statuses(), ["ARCHIVED", "DRAFT"])
        self.assertContains(self.client.get(self.detail), "“Vacation” has been archived.")

    def test_already_archived(self) -> None:
        self.client.post(self.path)
        for method in (self.client.get, self.client.post):
            self.assertContains(method(self.path, follow=True), "is not active")
        self.assertEqual(self.statuses(), ["ARCHIVED", "DRAFT"])

    def test_a_draft_is_not_archived(self) -> None:
        path = reverse("workflow_definition_archive", args=[self.draft.pk])
        for method in (self.client.get, self.client.post):
            self.assertContains(method(path, follow=True), "is not active")
        self.assertEqual(self.statuses(), ["ACTIVE", "DRAFT"])

    def test_who_may(self) -> None:
        people = self.ours
        self.assert_open(self.path, people.admin, people.designer)
        others = (people.submitter, people.worker, people.ticket_admin)
        for method in ("get", "post"):
            self.assert_refused(self.path, *others, method=method)
            self.assert_unknown_to_others(self.path, method=method)
        self.assert_wrong_methods(self.path, "put", "delete")
        self.assertEqual(self.statuses(), ["ACTIVE", "DRAFT"])


class AtOnce(CommittedTestCase):
    """Two requests at the same time."""

    def test_published_once(self) -> None:
        draft = make_draft(self.ours)
        client = logged_in(self.ours.designer)
        path = reverse("workflow_definition_publish", args=[draft.pk])
        accepted = {"has_read": "on", "seen": checked(self.ours, draft).digest}
        responses = at_once(*[lambda: client.post(path, accepted)] * 4)
        self.assertEqual({response.status_code for response in responses}, {302})
        with self.ours.scope(), transaction.atomic():
            self.assertEqual(WorkflowDefinition.objects.active().count(), 1)
