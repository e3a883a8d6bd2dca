"""What the tests of changing drafts have in common."""

from django.db import transaction

from users.tests.cases import CompanyTestCase
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.models import DefinitionCheck, WorkflowDefinition
from workflow_design.persistence.exporting import file_of
from workflow_design.tests.page_cases import make_draft
from workflow_design.versions.publishing import publish


class EditingTestCase(CompanyTestCase):
    """`self.draft` is our draft of the vacation workflow, its first version; our designer acts."""

    def setUp(self) -> None:
        """Make the draft, and stay in the designer's scope."""
        super().setUp()
        self.draft = make_draft(self.ours)
        scope = self.ours.designer.scope()
        scope.__enter__()
        self.addCleanup(scope.__exit__, None, None, None)

    @property
    def file(self) -> WorkflowFile:
        """What the draft says now."""
        return file_of(WorkflowDefinition.objects.get(pk=self.draft.pk))

    def publish(self) -> None:
        """Make the draft the active version, so that it can't be changed any more."""
        with transaction.atomic():
            publish(WorkflowDefinition.objects.get(pk=self.draft.pk), by=self.ours.designer)

    def codes(self) -> set[str]:
        """The codes of the errors that the stored report of the check has found."""
        return {finding.code for finding in DefinitionCheck.objects.get(workflow=self.draft).report.errors}
