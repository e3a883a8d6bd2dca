"""The functions `publish` and `archive`."""

from collections.abc import Callable

from users.tests.at_once import at_once
from users.tests.audit import audit_events
from users.tests.cases import CommittedTestCase, CompanyTestCase
from users.tests.queries import at_most_queries
from workflow_design.editor.drafts import NotADraftError
from workflow_design.models import (
    WorkflowCompletion,
    WorkflowDefinition,
    WorkflowStatus,
)
from workflow_design.persistence.importing import CheckFailedError, import_workflow
from workflow_design.tests.files import without_roles
from workflow_design.versions.publishing import (
    NotActiveError,
    archive,
    publish,
)


class PublishingTestCase(CompanyTestCase):
    """A test case with our designer and a draft."""

    def setUp(self) -> None:
        super().setUp()
        self.by = self.ours.designer
        self.enterContext(self.by.scope())
        self.workflow = import_workflow(without_roles(), by=self.by)

    def status(self, workflow: WorkflowDefinition) -> str:
        """Return the stored status of a version."""
        return WorkflowDefinition.objects.get(pk=workflow.pk).status


class Publish(PublishingTestCase):
    """Publishing a draft."""

    def test_becomes_active(self) -> None:
        publish(self.workflow, by=self.by)
        self.assertEqual(self.status(self.workflow), WorkflowStatus.ACTIVE)
        self.assertEqual(self.workflow.status, WorkflowStatus.ACTIVE)
        self.assertIsNotNone(self.workflow.published_at)
        event = audit_events(WorkflowDefinition).filter(row_id=self.workflow.pk).latest("pk")
        self.assertEqual((event.operation, event.person_id), ("update", self.by.pk))

    def test_previous_version_is_archived(self) -> None:
        publish(self.workflow, by=self.by)
        second = import_workflow(without_roles(), by=self.by)
        self.assertEqual(self.status(self.workflow), WorkflowStatus.ACTIVE)
        publish(second, by=self.by)
        self.workflow.refresh_from_db()
        self.assertEqual(self.workflow.status, WorkflowStatus.ARCHIVED)
        self.assertIsNotNone(self.workflow.archived_at)
        self.assertEqual(self.status(second), WorkflowStatus.ACTIVE)

    def test_other_workflows_do_not_change(self) -> None:
        other = import_workflow(without_roles(title="Other"), by=self.by)
        publish(other, by=self.by)
        publish(self.workflow, by=self.by)
        self.assertEqual(self.status(other), WorkflowStatus.ACTIVE)

    def test_twice(self) -> None:
        same = WorkflowDefinition.objects.get(pk=self.workflow.pk)
        publish(self.workflow, by=self.by)
        before = WorkflowDefinition.objects.values().get(pk=same.pk)
        with self.assertRaises(NotADraftError):
            publish(same, by=self.by)
        self.assertEqual(WorkflowDefinition.objects.values().get(pk=same.pk), before)

    def test_archived_version(self) -> None:
        publish(self.workflow, by=self.by)
        archive(self.workflow, by=self.by)
        with self.assertRaises(NotADraftError):
            publish(self.workflow, by=self.by)

    def test_checked_again(self) -> None:
        WorkflowCompletion.objects.filter(workflow=self.workflow).delete()
        with self.assertRaises(CheckFailedError) as caught:
            publish(self.workflow, by=self.by)
        self.assertIn("/completions", [problem.pointer for problem in caught.exception.problems])
        self.assertEqual(self.status(self.workflow), WorkflowStatus.DRAFT)

    def test_statements(self) -> None:
        with at_most_queries(14):
            publish(self.workflow, by=self.by)


class Archive(PublishingTestCase):
    """Archiving the active version."""

    def test_becomes_archived(self) -> None:
        publish(self.workflow, by=self.by)
        archive(self.workflow, by=self.by)
        self.assertEqual(self.status(self.workflow), WorkflowStatus.ARCHIVED)
        self.assertIsNotNone(self.workflow.archived_at)

    def test_twice(self) -> None:
        publish(self.workflow, by=self.by)
        archive(self.workflow, by=self.by)
        archived_at = self.workflow.archived_at
        with self.assertRaises(NotActiveError):
            archive(self.workflow, by=self.by)
        self.workflow.refresh_from_db()
        self.assertEqual(self.workflow.archived_at, archived_at)

    def test_draft(self) -> None:
        with self.assertRaises(NotActiveError):
            archive(self.workflow, by=self.by)
        self.assertEqual(self.status(self.workflow), WorkflowStatus.DRAFT)

    def test_its_draft_does_not_change(self) -> None:
        publish(self.workflow, by=self.by)
        draft = import_workflow(without_roles(), by=self.by)
        archive(self.workflow, by=self.by)
        self.assertEqual(self.status(draft), WorkflowStatus.DRAFT)
        publish(draft, by=self.by)
        self.assertEqual(self.status(draft), WorkflowStatus.ACTIVE)


class TwoAtOnce(CommittedTestCase):
    """Two people press the same button at once; the second one gets an error."""

    def setUp(self) -> None:
        super().setUp()
        with self.ours.designer.scope():
            self.workflow = import_workflow(without_roles(), by=None)

    def attempt(self, act: Callable[..., None]) -> str:
        with self.ours.designer.scope():
            try:
                act(WorkflowDefinition(pk=self.workflow.pk, line_id=self.workflow.line_id), by=None)
            except (NotADraftError, NotActiveError) as error:
                return type(error).__name__
        return "done"

    def test_publish(self) -> None:
        results = at_once(*[lambda: self.attempt(publish)] * 2)
        self.assertEqual(sorted(results), ["NotADraftError", "done"])

    def test_archive(self) -> None:
        with self.ours.designer.scope():
            publish(self.workflow, by=None)
        results = at_once(*[lambda: self.attempt(archive)] * 2)
        self.assertEqual(sorted(results), ["NotActiveError", "done"])
