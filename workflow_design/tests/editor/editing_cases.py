"""Test case for functions that change drafts."""

from django.db import transaction

from users.tests.cases import CompanyTestCase
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.models import DefinitionCheck, Part, WorkflowDefinition
from workflow_design.persistence.exporting import export_workflow, read_workflow
from workflow_design.tests.page_cases import make_draft
from workflow_design.versions.publishing import publish


def ordered_parts(draft: WorkflowDefinition, members: str) -> list[Part]:
    """Return the rows of the tickets, tasks or completions of a draft, in the order of its file."""
    return list(read_workflow(draft).rows[members])


class EditingTestCase(CompanyTestCase):
    """`self.draft` is our first draft of the vacation workflow; our designer acts."""

    def setUp(self) -> None:
        """Create the draft, and enter the designer's scope for the whole test."""
        super().setUp()
        self.draft = make_draft(self.ours)
        scope = self.ours.designer.scope()
        scope.__enter__()
        self.addCleanup(scope.__exit__, None, None, None)

    @property
    def file(self) -> WorkflowFile:
        """The current content of the draft."""
        return export_workflow(WorkflowDefinition.objects.get(pk=self.draft.pk))

    def publish(self) -> None:
        """Publish the draft, so that it can no longer change."""
        with transaction.atomic():
            publish(WorkflowDefinition.objects.get(pk=self.draft.pk), by=self.ours.designer)

    def codes(self) -> set[str]:
        """Return the codes of the errors in the stored report of the check."""
        return {finding.code for finding in DefinitionCheck.objects.get(workflow=self.draft).report.errors}
