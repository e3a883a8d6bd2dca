"""The life cycle of a version: drafted, published, archived or discarded (`docs/engine.md`)."""

from collections.abc import Iterable
from dataclasses import replace

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from users.company_settings import lock_company
from users.models import CustomUser
from workflow_design.check.check_file import IN_FULL
from workflow_design.check.findings import Finding, Severity
from workflow_design.definition.problems import Problem
from workflow_design.editor.drafts import NotADraftError
from workflow_design.models import (
    CheckStatus,
    DefinitionCheck,
    WorkflowDefinition,
    WorkflowLine,
    WorkflowQuerySet,
    WorkflowStatus,
)
from workflow_design.persistence.connections import find_unknown_connections
from workflow_design.persistence.exporting import export_workflow
from workflow_design.persistence.importing import CheckFailedError, make_draft
from workflow_design.persistence.reports import recheck, stored_check


class NotActiveError(Exception):
    """The version is not active, so it can't be archived: it is a draft, or archived already."""


class NotPublishedError(Exception):
    """A draft can't be published now. What its check has found is stored all the same."""

    effects_stay = True
    """For the API, which undoes what else is refused."""


class WithErrorsError(NotPublishedError, CheckFailedError):
    """The draft can't run; `problems` are the errors of the report, and what the company lacks."""


class StillCheckedError(NotPublishedError):
    """The check is not finished: a job continues it."""


class NotReadError(NotPublishedError):
    """The person has not accepted the findings about the current content of the draft."""


def publish(workflow: WorkflowDefinition, *, by: CustomUser | None, seen: str | None = None) -> None:
    """Publish a draft, so that new tickets use it; it can't change any more.

    Effects: the previously active version is archived; running workflows stay on their version. A
    draft without a current report is checked, and the report is stored even if publishing is refused.
    `workflow` is refreshed.

    `by` is the actor, whom the audit log takes from the scope. `seen` is the digest of the report that
    they accepted, or "" for none. None requires no acceptance and waits for the check.
    Raise a NotPublishedError (WithErrorsError, StillCheckedError, NotReadError), or NotADraftError.

    Don't call `plans.load_plan` in the same transaction: it would cache the plan of a version that may
    be rolled back to a draft.
    """
    with transaction.atomic():
        lock_company()
        current = WorkflowDefinition.objects.get(pk=workflow.pk)
        if not current.is_draft:
            raise NotADraftError(current)
        file = export_workflow(current)
        check = stored_check(current, file) or recheck(current)
        if seen is None and check.status == CheckStatus.PENDING:
            # This caller does not wait for the job, so the check is finished here.
            check = recheck(current, bounds=IN_FULL)
        refusal = _refusal(check, find_unknown_connections(file), seen)
        if refusal is None:
            _activate(current)
            workflow.refresh_from_db()
    if refusal is not None:
        raise refusal  # after the transaction, so that the report of the check is committed


def _refusal(
    check: DefinitionCheck, of_company: Iterable[Finding], seen: str | None
) -> NotPublishedError | None:
    report = check.report
    if errors := [*report.errors, *of_company]:
        return WithErrorsError(
            Problem(each.pointer, each.message, each.code, fix=each.fix) for each in errors
        )
    if check.status == CheckStatus.PENDING:
        return StillCheckedError()
    # Without warnings there is nothing to accept.
    is_asked = seen is not None and (seen or report.of(Severity.WARNING))
    return NotReadError() if is_asked and seen != check.digest else None


def _activate(draft: WorkflowDefinition) -> None:
    versions = WorkflowDefinition.objects.filter(line=draft.line_id)
    # The unique constraint allows only one active version at a time.
    _archive(versions.active())
    now = timezone.now()
    versions.drafts().update(status=WorkflowStatus.ACTIVE, published_at=now, updated_at=now)


def archive(workflow: WorkflowDefinition, *, by: CustomUser | None) -> None:
    """Archive the active version: its ticket types leave the catalogue; running workflows finish.

    `by` is the actor, whom the audit log takes from the scope. Effects: `workflow` is refreshed.
    Raise NotActiveError.
    """
    with transaction.atomic():
        lock_company()
        if not _archive(WorkflowDefinition.objects.active().filter(pk=workflow.pk)):
            raise NotActiveError
        workflow.refresh_from_db()


def _archive(versions: WorkflowQuerySet) -> int:
    now = timezone.now()
    return versions.update(status=WorkflowStatus.ARCHIVED, archived_at=now, updated_at=now)


def new_version(workflow: WorkflowDefinition, *, by: CustomUser) -> WorkflowDefinition:
    """Return the draft of the workflow that `workflow` is a version of, by default a copy of it.

    A workflow has at most one draft: an existing draft is returned unchanged, also to a second call
    at the same time. The copy has the next number and the current title of the workflow, which an
    older version may not have; everything else is copied.
    Effects: a draft with all its parts, created by `by`, and the report of its check.
    """
    with transaction.atomic():
        lock_company()
        line = WorkflowLine.objects.get(pk=workflow.line_id)
        draft = line.versions.drafts().first()
        if draft is None:
            draft = make_draft(line, replace(export_workflow(workflow), title=line.title), by=by)
    return draft


def discard_draft(workflow: WorkflowDefinition, *, by: CustomUser) -> WorkflowDefinition | None:
    """Delete a draft with all its parts. Return the newest remaining version, or None.

    Effects: the workflow gets the title of its newest version again, unless another workflow has
    taken that title. Without any version, the workflow is deleted. `by` is the actor, whom the audit
    log takes from the scope. Raise NotADraftError if it is no draft any more, or something refers to it.
    """
    with transaction.atomic():
        lock_company()
        line = WorkflowLine.objects.filter(pk=workflow.line_id).first()
        draft = line and line.versions.drafts().filter(pk=workflow.pk).first()
        if line is None or draft is None:
            raise NotADraftError(workflow)
        try:
            draft.delete()
        # A row that refers to the draft protects it from deletion.
        except ProtectedError:
            raise NotADraftError(workflow) from None
        newest = line.versions.order_by("-version").first()
        if newest is None:
            line.delete()
        elif newest.title != line.title:
            _rename(line, newest.title)
    return newest


def _rename(line: WorkflowLine, title: str) -> None:
    line.title = title
    try:
        with transaction.atomic():  # a savepoint, so that the error does not end the outer transaction
            line.save(update_fields=["title"])
    except IntegrityError:
        return  # another workflow has taken the title in the meantime
