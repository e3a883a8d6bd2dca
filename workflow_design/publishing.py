"""A version's life: a draft is published, and a published version is archived (`engine.md`, "Versions")."""

from django.db import transaction
from django.utils import timezone

from users.models import CustomUser
from workflow_design.check import IN_FULL
from workflow_design.check.findings import Severity
from workflow_design.definition.problems import Problem
from workflow_design.models import (
    CheckStatus,
    DefinitionCheck,
    WorkflowDefinition,
    WorkflowLine,
    WorkflowQuerySet,
    WorkflowStatus,
)
from workflow_design.persistence.exporting import file_of
from workflow_design.persistence.importing import CheckFailedError
from workflow_design.persistence.reports import kept_check, recheck


class AlreadyPublishedError(Exception):
    """The version is no draft any more: somebody has published it."""


class AlreadyArchivedError(Exception):
    """The version is archived already."""


class NotPublishedError(Exception):
    """The version is a draft, which nobody can use and so nobody needs to archive."""


class StillCheckedError(Exception):
    """The check is not done yet: a job goes on with it."""


class NotReadError(Exception):
    """The person has not accepted what the check found in the draft as it is now."""


def publish(workflow: WorkflowDefinition, *, by: CustomUser | None, seen: str | None = None) -> None:
    """Make a draft the version that new tickets use; from now on it does not change any more.

    Effects: the version that was active before is archived; workflows that run stay on theirs. A
    draft whose report is not about what it is now is checked, also where it is refused then.
    `by` is who acts, whom the audit log knows from the scope. `seen` is the digest of the report that
    they accepted, "" if none; None asks for no acceptance, and waits for the check. `workflow` shows
    its new state. Raises CheckFailedError, StillCheckedError, NotReadError, AlreadyPublishedError. Don't ask
    `plans.plan_of` in the same transaction: it would keep the plan of a version that may yet be
    rolled back to a draft.
    """
    with transaction.atomic():
        current = _locked(workflow)
        if not current.is_draft:
            raise AlreadyPublishedError
        kept = kept_check(current, file_of(current)) or recheck(current)
        if seen is None and kept.status == CheckStatus.PENDING:
            kept = recheck(current, bounds=IN_FULL)
        refusal = _refusal(kept, seen)
        if refusal is None:
            _activate(current)
            workflow.refresh_from_db()
    if refusal is not None:
        raise refusal  # only now, since the report is kept


def _refusal(kept: DefinitionCheck, seen: str | None) -> Exception | None:
    report = kept.report
    if report.errors:
        return CheckFailedError(Problem(each.pointer, each.message, each.code) for each in report.errors)
    if kept.status == CheckStatus.PENDING:
        return StillCheckedError()
    is_asked = seen is not None and (seen or report.of(Severity.WARNING))
    return NotReadError() if is_asked and seen != kept.digest else None


def _activate(draft: WorkflowDefinition) -> None:
    versions = WorkflowDefinition.objects.filter(line=draft.line_id)
    _archive(versions.active())
    now = timezone.now()
    versions.drafts().update(status=WorkflowStatus.ACTIVE, published_at=now, updated_at=now)


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
