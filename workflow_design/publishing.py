"""A version's life: a draft is published, and a published version is archived (`engine.md`, "Versions")."""

from django.db import transaction
from django.utils import timezone

from users.models import CustomUser
from workflow_design.bundles import CheckFailedError
from workflow_design.definition_check import check_definition
from workflow_design.exporting import file_of
from workflow_design.models import WorkflowDefinition, WorkflowLine, WorkflowQuerySet, WorkflowStatus


class AlreadyPublishedError(Exception):
    """The version is no draft any more: somebody has published it."""


class AlreadyArchivedError(Exception):
    """The version is archived already."""


class NotPublishedError(Exception):
    """The version is a draft, which nobody can use and so nobody needs to archive."""


def publish(workflow: WorkflowDefinition, *, by: CustomUser | None) -> None:
    """Make a draft the version that new tickets use; from now on it does not change any more.

    Effects: the version that was active before is archived; workflows that run stay on theirs.
    `by` is who acts, whom the audit log knows from the scope. `workflow` shows its new state.
    Raises CheckFailedError, AlreadyPublishedError. Don't ask `plans.plan_of` in the same
    transaction: it would keep the plan of a version that may yet be rolled back to a draft.
    """
    with transaction.atomic():
        current = _locked(workflow)
        if not current.is_draft:
            raise AlreadyPublishedError
        problems = check_definition(file_of(current))
        if problems:
            raise CheckFailedError(problems)
        versions = WorkflowDefinition.objects.filter(line=current.line_id)
        _archive(versions.active())
        now = timezone.now()
        versions.drafts().update(status=WorkflowStatus.ACTIVE, published_at=now, updated_at=now)
        workflow.refresh_from_db()


def archive(workflow: WorkflowDefinition, *, by: CustomUser | None) -> None:
    """Take the active version's ticket types off the catalogue; workflows that run finish.

    `by` is who acts, whom the audit log knows from the scope. `workflow` shows its new state.
    Raises AlreadyArchivedError, NotPublishedError.
    """
    with transaction.atomic():
        current = _locked(workflow)
        if current.is_draft:
            raise NotPublishedError
        if not _archive(WorkflowDefinition.objects.active().filter(pk=current.pk)):
            raise AlreadyArchivedError
        workflow.refresh_from_db()


def _locked(workflow: WorkflowDefinition) -> WorkflowDefinition:
    """The version as it is now; whatever changes which version is which waits for the line's lock."""
    WorkflowLine.objects.select_for_update().get(pk=workflow.line_id)
    return WorkflowDefinition.objects.get(pk=workflow.pk)


def _archive(versions: WorkflowQuerySet) -> int:
    now = timezone.now()
    return versions.update(status=WorkflowStatus.ARCHIVED, archived_at=now, updated_at=now)
