"""Tests of `recheck` and the stored reports."""

from procrastinate.contrib.django.models import ProcrastinateJob

from users.tests.cases import CompanyTestCase
from workflow_design.models import CheckStatus, DefinitionCheck, WorkflowDefinition
from workflow_design.persistence.exporting import export_workflow
from workflow_design.persistence.importing import import_workflow
from workflow_design.persistence.reports import compute_digest, finish_check, recheck, stored_check
from workflow_design.tests.check.large_files import votes
from workflow_design.tests.files import without_roles


class Recheck(CompanyTestCase):
    """Checks of a draft of our designer."""

    def setUp(self) -> None:
        super().setUp()
        self.enterContext(self.ours.designer.scope())
        self.workflow = import_workflow(without_roles(), by=self.ours.designer)

    def stored(self) -> DefinitionCheck:
        """Return the stored check."""
        return DefinitionCheck.objects.get(workflow=self.workflow)

    def test_an_import_is_checked(self) -> None:
        self.assertEqual(self.stored().status, CheckStatus.CHECKED)
        self.assertEqual(self.stored().report.errors, ())

    def test_reports_current_problems(self) -> None:
        before = self.stored().digest
        self.workflow.completions.all().delete()
        recheck(self.workflow)
        self.assertIn("no-end", [finding.code for finding in self.stored().report.errors])
        self.assertNotEqual(self.stored().digest, before)
        self.assertEqual(DefinitionCheck.objects.count(), 1)

    def test_a_long_check_continues_in_a_job(self) -> None:
        workflow = import_workflow(votes(8), by=self.ours.designer)
        check = DefinitionCheck.objects.get(workflow=workflow)
        self.assertEqual((check.status, check.is_complete), (CheckStatus.PENDING, False))
        job = ProcrastinateJob.objects.get(task_name="workflow_design.jobs.check_in_full")
        company_id = self.ours.company.pk
        expected = {"company_id": company_id, "workflow_id": workflow.pk, "digest": check.digest}
        self.assertEqual(job.args, expected)

    def test_no_ways_are_tried_while_there_is_an_error(self) -> None:
        self.workflow.completions.all().delete()
        recheck(self.workflow)
        check = self.stored()
        self.assertEqual((check.status, check.is_complete, check.states), (CheckStatus.CHECKED, False, 0))
        self.assertFalse(ProcrastinateJob.objects.filter(task_name__contains="check_in_full").exists())

    def test_reports_of_older_checks_are_ignored(self) -> None:
        file = export_workflow(self.workflow)
        for digest, is_there in ((compute_digest(file), True), ("2-" + "0" * 62, False), ("0" * 64, False)):
            DefinitionCheck.objects.update(digest=digest)
            with self.subTest(digest[:3]):
                self.assertEqual(stored_check(self.workflow) is not None, is_there)
                self.assertEqual(stored_check(self.workflow, file) is not None, is_there)

    def test_an_unreadable_definition_is_a_finding(self) -> None:
        WorkflowDefinition.objects.filter(pk=self.workflow.pk).update(fields_schema={"type": "nonsense"})
        self.workflow.refresh_from_db()
        recheck(self.workflow)
        self.assertTrue(self.stored().report.errors)


class FinishCheck(CompanyTestCase):
    """The job that completes a check."""

    def setUp(self) -> None:
        super().setUp()
        self.enterContext(self.ours.designer.scope())
        self.workflow = import_workflow(without_roles(), by=self.ours.designer)
        check = DefinitionCheck.objects.get(workflow=self.workflow)
        self.digest = check.digest
        check.status, check.findings, check.is_complete = CheckStatus.PENDING, [], False
        check.save()

    def stored(self) -> DefinitionCheck:
        return DefinitionCheck.objects.get(workflow=self.workflow)

    def test_finishes(self) -> None:
        finish_check(self.workflow.pk, digest=self.digest)
        self.assertEqual((self.stored().status, self.stored().is_complete), (CheckStatus.CHECKED, True))

    def test_twice(self) -> None:
        finish_check(self.workflow.pk, digest=self.digest)
        before = self.stored().checked_at
        finish_check(self.workflow.pk, digest=self.digest)
        self.assertEqual(self.stored().checked_at, before)

    def test_the_draft_has_changed_since(self) -> None:
        self.workflow.completions.all().delete()
        finish_check(self.workflow.pk, digest=self.digest)
        self.assertEqual(self.stored().status, CheckStatus.PENDING)

    def test_the_draft_is_gone(self) -> None:
        pk = self.workflow.pk
        self.workflow.delete()
        finish_check(pk, digest=self.digest)
        self.assertFalse(DefinitionCheck.objects.exists())
