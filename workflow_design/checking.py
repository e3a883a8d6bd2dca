"""The report of the check is kept for each version, so that pages show it without exploring anything.

Every function that changes a draft calls `recheck` at its end, in its own transaction.
"""

import json
from hashlib import sha256
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from ticketflower.tenancy.context import current_company_id
from workflow_design.check import IN_FULL, QUICK, Bounds, check_file
from workflow_design.check.findings import CheckReport
from workflow_design.definition.file_json import to_json
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.exporting import file_of
from workflow_design.models import CheckStatus, DefinitionCheck, WorkflowDefinition
from workflow_design.models.checks import DIGEST_LENGTH

CHECK_VERSION: Final = 3
"""Goes up when the check finds more than before: what an older one said is out of date."""
_MADE_BY: Final = f"{CHECK_VERSION}-"
"""How the digests of this check begin, so that a report by an older one is known without the file."""


def recheck(workflow: WorkflowDefinition, *, bounds: Bounds = QUICK) -> DefinitionCheck:
    """Check a version as it is stored now and keep the report. A fixed number of statements.

    Called at the end of whatever changes a draft, inside its transaction. Never raises for what
    is wrong with the definition: that is what the report says. Takes half a second at most,
    unless the caller has more time. Effects: if that was too short, the report is marked as
    pending, and a job goes on.
    """
    file = file_of(workflow)
    report = check_file(file, bounds=bounds)
    is_done = report.is_complete or bool(report.errors) or bounds == IN_FULL
    status = CheckStatus.CHECKED if is_done else CheckStatus.PENDING
    digest = digest_of(file)
    kept, _made = DefinitionCheck.objects.update_or_create(
        workflow=workflow, defaults={**_columns(report), "status": status, "digest": digest}
    )
    if not is_done:
        app.configure_task("workflow_design.jobs.check_in_full").defer(
            company_id=current_company_id(), workflow_id=workflow.pk, digest=digest
        )
    return kept


def finish_check(workflow_id: int, *, digest: str) -> None:
    """Check a version within the full bounds, for a report that is pending; safe to call twice.

    Opens its own transactions: the check itself, which may take ten seconds, runs in none.
    Effects: the report, unless the definition is not the one of this digest any more.
    """
    pending = DefinitionCheck.objects.filter(workflow=workflow_id, status=CheckStatus.PENDING, digest=digest)
    with transaction.atomic():
        kept = pending.select_related("workflow").first()
        file = file_of(kept.workflow) if kept is not None else None
    if file is None or digest_of(file) != digest:
        return
    report = check_in_full(file)
    with transaction.atomic():
        pending.update(**_columns(report), status=CheckStatus.CHECKED)


def kept_check(workflow: WorkflowDefinition, file: WorkflowFile | None = None) -> DefinitionCheck | None:
    """What this check last said of a version; None if there is nothing.

    What an older check said is nothing, nor is what is about another `file`. One statement. A version
    that is published does not change: of it, no file is needed.
    """
    kept = DefinitionCheck.objects.filter(workflow=workflow, digest__startswith=_MADE_BY).first()
    if kept is None or (file is not None and kept.digest != digest_of(file)):
        return None
    return kept


def _columns(report: CheckReport) -> dict[str, Any]:
    return {**report.as_json(), "checked_at": timezone.now()}


def digest_of(file: WorkflowFile) -> str:
    """What a report is kept with: another digest, and it is about something else."""
    text = json.dumps(to_json(file), ensure_ascii=False)
    return f"{_MADE_BY}{sha256(text.encode()).hexdigest()}"[:DIGEST_LENGTH]


def check_in_full(file: WorkflowFile) -> CheckReport:
    """All that the check can say of a file, within its bounds (`engine.md`, "The check")."""
    return check_file(file)
