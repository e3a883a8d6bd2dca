"""New versions, discarded drafts, and the list of versions."""

from dataclasses import replace

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from users.tests.at_once import at_once
from users.tests.audit import audit_events
from users.tests.cases import CommittedTestCase, logged_in
from users.tests.queries import at_most_queries, same_queries_as
from workflow_design.editor.drafts import NotADraftError
from workflow_design.models import WorkflowDefinition, WorkflowLine
from workflow_design.persistence.exporting import export_workflow
from workflow_design.persistence.importing import import_workflow
from workflow_design.tests.files import VACATION, workflow_file
from workflow_design.tests.page_cases import DesignPageTestCase, make_active, make_draft, make_role_admin
from workflow_design.versions.publishing import discard_draft, new_version, publish

LIST_STATEMENTS = 7


class VersionCase(DesignPageTestCase):
    """A test case with a published version 1; there is a draft of version 2 if `keep_draft` is set."""

    keep_draft = False

    def setUp(self) -> None:
        super().setUp()
        self.detail = reverse("workflow_definition_detail", args=[self.workflow.pk])
        if not self.keep_draft:
            with self.ours.designer.scope(), transaction.atomic():
                discard_draft(self.draft, by=self.ours.designer)

    def versions(self) -> list[tuple[int, str]]:
        """Return the number and status of each version."""
        with self.ours.scope():
            rows = WorkflowDefinition.objects.filter(line=self.workflow.line_id).order_by("version")
            return list(rows.values_list("version", "status"))


class NewVersion(VersionCase):
    """A new version of a published version."""

    def setUp(self) -> None:
        super().setUp()
        self.path = reverse("workflow_version_create", args=[self.workflow.pk])

    def test_copies_everything(self) -> None:
        with self.ours.designer.scope(), transaction.atomic():
            draft = new_version(self.workflow, by=self.ours.designer)
            self.assertEqual(export_workflow(draft), export_workflow(self.workflow))
            self.assertEqual((draft.version, draft.status), (2, "DRAFT"))
            self.assertEqual(draft.created_by, self.ours.designer)
            self.assertEqual({task.version for task in draft.tasks.all()}, {2})
            self.assertFalse({t.pk for t in draft.tasks.all()} & {t.pk for t in self.workflow.tasks.all()})

    def test_by_the_button(self) -> None:
        self.assertContains(self.client.get(self.detail), "New version")
        response = self.client.post(self.path, follow=True)
        self.assertContains(response, "Version 2 is the draft.")
        self.assertEqual(self.versions(), [(1, "ACTIVE"), (2, "DRAFT")])

    def test_opens_the_existing_draft(self) -> None:
        for _time in range(2):
            response = self.client.post(self.path)
        self.assertEqual(self.versions(), [(1, "ACTIVE"), (2, "DRAFT")])
        self.assertContains(self.client.get(self.detail), "Go to the draft, version 2")
        with self.ours.scope():
            draft = WorkflowDefinition.objects.drafts().get()
        self.assertRedirects(response, reverse("workflow_definition_detail", args=[draft.pk]))

    def test_of_an_archived_version_with_the_current_title(self) -> None:
        changed = workflow_file(title="VACATION", description="Newer")
        with self.ours.designer.scope(), transaction.atomic():
            publish(import_workflow(changed, by=self.ours.designer), by=self.ours.designer)
            self.workflow.refresh_from_db()
            self.assertEqual(self.workflow.status, "ARCHIVED")
            draft = new_version(self.workflow, by=self.ours.designer)
            self.assertEqual(
                export_workflow(draft), replace(export_workflow(self.workflow), title="VACATION")
            )
        self.assertEqual(self.versions(), [(1, "ARCHIVED"), (2, "ACTIVE"), (3, "DRAFT")])

    def test_of_the_draft_itself(self) -> None:
        with self.ours.designer.scope(), transaction.atomic():
            draft = new_version(self.workflow, by=self.ours.designer)
            self.assertEqual(new_version(draft, by=self.ours.designer), draft)

    def test_who_may(self) -> None:
        people = self.ours
        others = (people.submitter, people.worker, people.ticket_admin)
        self.assert_refused(self.path, *others, method="post")
        self.assert_unknown_to_others(self.path, method="post")
        self.assert_wrong_methods(self.path, "get", "put", "delete")
        self.assertEqual(self.versions(), [(1, "ACTIVE")])
        self.assertEqual(logged_in(people.admin).post(self.path).status_code, 302)

    def test_constant_statements(self) -> None:
        counts = []
        for number in (2, 12):
            added = [{**VACATION["tasks"][0], "title": f"Task {each}"} for each in range(number)]
            made = make_active(self.ours, title=f"With {number}", tasks=[*VACATION["tasks"], *added])
            counted = CaptureQueriesContext(connection)
            with self.ours.designer.scope(), transaction.atomic(), counted as captured:
                new_version(made, by=self.ours.designer)
            # All but those of the check, which is left to a job where it takes longer.
            counts.append(sum('INTO "workflow_design' in each["sql"] for each in captured))
        self.assertEqual(*counts)
        self.assertGreater(counts[0], 0)


class Discard(VersionCase):
    """Discarding a draft."""

    keep_draft = True

    def setUp(self) -> None:
        super().setUp()
        self.path = reverse("workflow_draft_discard", args=[self.draft.pk])

    def test_asks_first(self) -> None:
        draft = self.client.get(reverse("workflow_definition_detail", args=[self.draft.pk]))
        self.assertContains(draft, self.path)
        self.assertContains(self.client.get(self.path), "Discard the draft of “Vacation”, version 2?")
        self.assertEqual(self.versions(), [(1, "ACTIVE"), (2, "DRAFT")])

    def test_discards_the_draft(self) -> None:
        response = self.client.post(self.path)
        self.assertRedirects(response, self.detail, fetch_redirect_response=False)
        self.assertContains(self.client.get(self.detail), "has been discarded")
        self.assertEqual(self.versions(), [(1, "ACTIVE")])
        with self.ours.scope():
            events = audit_events(WorkflowDefinition).filter(row_id=self.draft.pk)
            self.assertEqual(events.latest("pk").operation, "delete")

    def test_the_only_version(self) -> None:
        draft = make_draft(self.ours, title="Only a thought")
        response = self.client.post(reverse("workflow_draft_discard", args=[draft.pk]))
        self.assertRedirects(response, reverse("workflow_definitions_list"), fetch_redirect_response=False)
        with self.ours.scope():
            self.assertFalse(WorkflowLine.objects.filter(title="Only a thought").exists())

    def test_restores_the_previous_title(self) -> None:
        with self.ours.designer.scope(), transaction.atomic():
            changed = workflow_file(title="VACATION")
            draft = import_workflow(changed, by=self.ours.designer, replace=True)
            self.assertEqual(discard_draft(draft, by=self.ours.designer), self.workflow)
            self.assertEqual(WorkflowLine.objects.get(pk=self.workflow.line_id).title, "Vacation")

    def test_unless_another_workflow_has_taken_the_title(self) -> None:
        with self.ours.designer.scope(), transaction.atomic():
            WorkflowLine.objects.filter(pk=self.workflow.line_id).update(title="Days off")
            WorkflowLine.objects.create(title="vacation")
            discard_draft(self.draft, by=self.ours.designer)
            self.assertEqual(WorkflowLine.objects.get(pk=self.workflow.line_id).title, "Days off")

    def test_refuses_a_published_version(self) -> None:
        path = reverse("workflow_draft_discard", args=[self.workflow.pk])
        for method in (self.client.get, self.client.post):
            self.assertContains(method(path, follow=True), "is not a draft any more")
        self.assertEqual(self.versions(), [(1, "ACTIVE"), (2, "DRAFT")])

    def test_published_in_the_meantime(self) -> None:
        with self.ours.designer.scope(), transaction.atomic():
            publish(self.stored(self.draft), by=self.ours.designer)
            with self.assertRaises(NotADraftError):
                discard_draft(self.draft, by=self.ours.designer)
        self.assertEqual(self.versions(), [(1, "ARCHIVED"), (2, "ACTIVE")])

    def test_who_may(self) -> None:
        people = self.ours
        self.assert_open(self.path, people.admin, people.designer)
        others = (people.submitter, people.worker, people.ticket_admin)
        for method in ("get", "post"):
            self.assert_refused(self.path, *others, method=method)
            self.assert_unknown_to_others(self.path, method=method)
        self.assert_wrong_methods(self.path, "put", "delete")
        self.assertEqual(self.versions(), [(1, "ACTIVE"), (2, "DRAFT")])


class List(VersionCase):
    """The page of all versions."""

    keep_draft = True

    def setUp(self) -> None:
        super().setUp()
        self.path = reverse("workflow_versions", args=[self.workflow.pk])

    def test_lists_them_newest_first(self) -> None:
        self.assertContains(self.client.get(self.detail), self.path)
        page = self.client.get(self.path).content.decode()
        self.assertLess(page.index("Version 2"), page.index("Version 1"))

    def test_only_visible_versions(self) -> None:
        person = make_role_admin(self.ours)
        with self.ours.designer.scope(), transaction.atomic():
            changed = workflow_file(ticket_admin_roles=[])
            import_workflow(changed, by=self.ours.designer, replace=True)
        page = logged_in(person).get(self.path)
        self.assertContains(page, "Version 1")
        self.assertNotContains(page, "Version 2")

    def test_constant_statements(self) -> None:
        with at_most_queries(LIST_STATEMENTS) as few:
            self.client.get(self.path)
        with self.ours.designer.scope(), transaction.atomic():
            for number in range(10, 50):
                WorkflowDefinition.objects.create(
                    line_id=self.workflow.line_id, version=number, status="ARCHIVED"
                )
        with same_queries_as(few):
            page = self.client.get(self.path)
        self.assertContains(page, "Version 49")

    def test_who_may(self) -> None:
        people = self.ours
        self.assert_open(self.path, people.admin, people.designer, people.ticket_admin)
        self.assert_refused(self.path, people.submitter, people.worker)
        self.assert_unknown_to_others(self.path)
        self.assert_wrong_methods(self.path, "post", "put")


class AtOnce(CommittedTestCase):
    """Several requests at the same time."""

    def test_one_draft(self) -> None:
        workflow = make_active(self.ours)
        client = logged_in(self.ours.designer)
        path = reverse("workflow_version_create", args=[workflow.pk])
        responses = at_once(*[lambda: client.post(path)] * 4)
        self.assertEqual({response.status_code for response in responses}, {302})
        self.assertEqual(len({response["Location"] for response in responses}), 1)
        with self.ours.scope(), transaction.atomic():
            self.assertEqual(WorkflowDefinition.objects.drafts().count(), 1)

    def test_discarded_once(self) -> None:
        make_active(self.ours)
        draft = make_draft(self.ours)
        client = logged_in(self.ours.designer)
        path = reverse("workflow_draft_discard", args=[draft.pk])
        responses = at_once(*[lambda: client.post(path)] * 4)
        self.assertLessEqual({response.status_code for response in responses}, {302, 404})
        with self.ours.scope(), transaction.atomic():
            self.assertEqual(WorkflowDefinition.objects.drafts().count(), 0)
