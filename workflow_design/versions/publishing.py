"""A version's life: a draft is published, and a published version is archived (`docs/engine.md`)."""

from dataclasses import replace

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from users.company_settings import lock_company
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
from workflow_design.persistence.exporting import export_workflow
from workflow_design.persistence.importing import CheckFailedError, make_draft
from workflow_design.persistence.reports import recheck, stored_check


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
    `plans.load_plan` in the same transaction: it would keep the plan of a version that may yet be
    rolled back to a draft.
    """
    with transaction.atomic():
        current = _lock_and_reload(workflow)
        if not current.is_draft:
            raise AlreadyPublishedError
        check = stored_check(current, export_workflow(current)) or recheck(current)
        if seen is None and check.status == CheckStatus.PENDING:
            check = recheck(current, bounds=IN_FULL)
        refusal = _refusal(check, seen)
        if refusal is None:
            _activate(current)
            workflow.refresh_from_db()
    if refusal is not None:
        raise refusal  # only now, since the report is stored


def _refusal(check: DefinitionCheck, seen: str | None) -> Exception | None:
    report = check.report
    if report.errors:
        return CheckFailedError(Problem(each.pointer, each.message, each.code) for each in report.errors)
    if check.status == CheckStatus.PENDING:
        return StillCheckedError()
    is_asked = seen is not None and (seen or report.of(Severity.WARNING))
    return NotReadError() if is_asked and seen != check.digest else None


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
        current = _lock_and_reload(workflow)
        if current.is_draft:
            raise NotPublishedError
        if not _archive(WorkflowDefinition.objects.active().filter(pk=current.pk)):
            raise AlreadyArchivedError
        workflow.refresh_from_db()


def _lock_and_reload(workflow: WorkflowDefinition) -> WorkflowDefinition:
    """The version as it is now; whatever changes which version is which waits for the line's lock."""
    WorkflowLine.objects.select_for_update().get(pk=workflow.line_id)
    return WorkflowDefinition.objects.get(pk=workflow.pk)


def _archive(versions: WorkflowQuerySet) -> int:
    now = timezone.now()
    return versions.update(status=WorkflowStatus.ARCHIVED, archived_at=now, updated_at=now)


class NoDraftError(Exception):
    """The version is no draft any more, or something was made of it: it can't be thrown away."""


def new_version(workflow: WorkflowDefinition, *, by: CustomUser) -> WorkflowDefinition:
    """The draft of the workflow that `workflow` is a version of: a copy of it with the next number.

    If there is a draft already, it is that one, unchanged: a workflow has at most one. Two at once
    are given the same. The copy bears the workflow's title of now, which an older
    version may not; whatever else `workflow` says it says too.
    Effects: a draft with all its parts, made by `by`, and the report of its check.
    """
    with transaction.atomic():
        lock_company()  # before the line, as an import does; a role that is named keeps its name meanwhile
        line = WorkflowLine.objects.select_for_update().get(pk=workflow.line_id)
        draft = line.versions.drafts().first()
        if draft is None:
            draft = make_draft(line, replace(export_workflow(workflow), title=line.title), by=by)
            recheck(draft)
    return draft


def discard_draft(workflow: WorkflowDefinition, *, by: CustomUser) -> WorkflowDefinition | None:
    """Throw a draft away with all its parts; what is left of the workflow: its newest version, or None.

    Effects: the workflow is called what its newest version is called again, unless another one has
    taken that title; without any version it is gone. `by` is who acts, whom the audit log knows
    from the scope. Raises NoDraftError.
    """
    with transaction.atomic():
        line = WorkflowLine.objects.select_for_update().filter(pk=workflow.line_id).first()
        draft = line and line.versions.drafts().filter(pk=workflow.pk).first()
        if line is None or draft is None:
            raise NoDraftError
        try:
            draft.delete()
        except ProtectedError:
            raise NoDraftError from None
        newest = line.versions.order_by("-version").first()
        if newest is None:
            line.delete()
        elif newest.title != line.title:
            _rename(line, newest.title)
    return newest


def _rename(line: WorkflowLine, title: str) -> None:
    line.title = title
    try:
        with transaction.atomic():
            line.save(update_fields=["title"])
    except IntegrityError:
        return  # another workflow is called so by now
