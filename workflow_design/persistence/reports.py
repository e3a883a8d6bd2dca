"""Reports of the check, stored for each version, so that pages need not run the check.

Every function that changes a draft calls `recheck` at its end, in its own transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from ticketflower.tenancy.context import current_company_id
from users.models import CompanyRole, CompanyRoleMembership, CustomUser
from users.system_roles import SystemRoleName
from workflow_design.check.acceptance import accept, identify
from workflow_design.check.findings import CheckReport, Finding, Severity, sort_by_severity
from workflow_design.definition.file_json import to_json
from workflow_design.definition.problems import Problem, pointer
from workflow_design.definition.workflow import TaskFile, WorkflowFile
from workflow_design.models import CheckStatus, DefinitionCheck, WorkflowDefinition
from workflow_design.models.checks import DIGEST_LENGTH
from workflow_design.persistence.approval import find_unconfirmed_in_company
from workflow_design.persistence.connections import find_unknown_connections
from workflow_design.persistence.exporting import export_workflow, named_roles
from workflow_design.persistence.self_approval import find_self_approvals_in_company

if TYPE_CHECKING:
    from workflow_design.check.check_file import Bounds

CHECK_VERSION: Final = 13
"""Increase this when the check finds more than before, so that older stored reports are outdated."""
_DIGEST_PREFIX: Final = f"{CHECK_VERSION}-"
"""Prefix of the digests of this check, which identifies reports by an older one without the file."""
NOT_CHECKED: Final = CheckReport((), is_complete=False, states=0, writes=0)


def recheck(
    workflow: WorkflowDefinition,
    *,
    file: WorkflowFile | None = None,
    problems: Sequence[Problem] | None = None,
    bounds: Bounds | None = None,
) -> DefinitionCheck:
    """Check a version as it is stored now, and store the report. Constant number of queries.

    Call this at the end of every change of a draft, inside its transaction. A caller that knows the `file`
    that is stored, or its static `problems`, passes them. Problems of the definition become findings of
    the report; they are never raised. Takes 0.3 s of processor time at most, unless the caller passes larger
    bounds. Effects: if that was too little, the report is marked as pending, and a job continues the check.
    """
    from workflow_design.check.check_file import IN_FULL, QUICK, check_file  # here: only designers need it

    file = file or export_workflow(workflow)
    report = check_file(file, bounds=bounds or QUICK, problems=problems)
    # Errors must be fixed first, so a report that already has some is not worth a job.
    is_done = report.is_complete or bool(report.errors) or bounds == IN_FULL
    status = CheckStatus.CHECKED if is_done else CheckStatus.PENDING
    # The digest identifies the checked state, so that a late job can't overwrite a newer report.
    digest = compute_digest(file)
    columns = {**_columns(report), "status": status, "digest": digest}
    check = DefinitionCheck(workflow=workflow, **columns)
    # One statement, whether or not there is a report yet.
    DefinitionCheck.objects.bulk_create(
        [check], update_conflicts=True, unique_fields=["workflow"], update_fields=list(columns)
    )
    if not is_done:
        company_id = current_company_id()
        # The lock makes a company's checks wait for each other, so that they take one worker at most.
        job = app.configure_task("workflow_design.jobs.check_in_full", lock=f"check:{company_id}")
        job.defer(company_id=company_id, workflow_id=workflow.pk, digest=digest)
    return check


def finish_check(workflow_id: int, *, digest: str) -> None:
    """Complete a pending report by checking the version within the full bounds. Idempotent.

    Opens its own transactions. The check itself may take ten seconds and runs outside of them.
    Effects: stores the report, unless the definition no longer has this digest.
    """
    pending = DefinitionCheck.objects.filter(workflow=workflow_id, status=CheckStatus.PENDING, digest=digest)
    with transaction.atomic():
        check = pending.select_related("workflow").first()
        file = export_workflow(check.workflow) if check is not None else None
    # The draft changed or was discarded while the job waited.
    if file is None or compute_digest(file) != digest:
        return
    from workflow_design.check.check_file import check_file  # here: only the worker of checks needs it

    # Outside of a transaction, which would hold its snapshot and locks for seconds.
    report = check_file(file)
    with transaction.atomic():
        pending.update(**_columns(report), status=CheckStatus.CHECKED)


def stored_check(workflow: WorkflowDefinition, file: WorkflowFile | None = None) -> DefinitionCheck | None:
    """Return the stored report on a version, or None if there is none.

    Ignores a report by an older check, and a report on another file than `file`. One query. Published
    versions do not change, so they need no `file`.
    """
    check = DefinitionCheck.objects.filter(workflow=workflow, digest__startswith=_DIGEST_PREFIX).first()
    if check is None or (file is not None and check.digest != compute_digest(file)):
        return None
    check.workflow = workflow  # which is at hand, and says what is accepted
    return check


def _columns(report: CheckReport) -> dict[str, Any]:
    columns = {**report.as_json(), "checked_at": timezone.now()}
    del columns["out_of_date"]  # which depends on what is accepted when the report is read
    return columns


def compute_digest(file: WorkflowFile) -> str:
    """Return the digest that identifies what a report is about: all of the file but what is accepted."""
    text = json.dumps(to_json(replace(file, accepted=())), ensure_ascii=False)
    return f"{_DIGEST_PREFIX}{sha256(text.encode()).hexdigest()}"[:DIGEST_LENGTH]


def report_in_company(
    workflow: WorkflowDefinition, file: WorkflowFile, stored: DefinitionCheck | None
) -> CheckReport:
    """Return the report on a version with what the company lacks for it, and with what is meant so.

    `stored` is None if there is no report of the current content. Archived versions need nothing of the
    company any more; of others, three statements.
    """
    report = NOT_CHECKED if stored is None else stored.report
    # Roles and people change independently of the definition, so findings about them are not stored.
    found = findings_in_company(file) if workflow.is_in_use else ()
    report = replace(report, findings=(*report.findings, *found))
    return accept(report, workflow.accepted, knows_company=workflow.is_in_use)


def findings_in_company(file: WorkflowFile) -> tuple[Finding, ...]:
    """Find what the company lacks, tasks that nobody could get, and decisions on one's own ticket.

    These findings are not stored, because people join, leave and are away. Five queries at most for a file
    of any size.
    """
    has_people_by_role = _roles_with_people()
    found = [*_missing_roles(file, has_people_by_role), *_without_people(file, has_people_by_role)]
    found += find_unconfirmed_in_company(file)
    found += [*find_unknown_connections(file), *find_self_approvals_in_company(file)]
    return identify(file, sort_by_severity(found))


def _roles_with_people() -> dict[str, bool]:
    """Return, by casefolded role name, whether anyone who could get a task today has the role."""
    people = CustomUser.objects.in_rotation()
    present = CompanyRoleMembership.objects.filter(role=OuterRef("pk"), person__in=people)
    rows = CompanyRole.objects.annotate(has_people=Exists(present)).values_list("name", "has_people")
    return {name.casefold(): has_people for name, has_people in rows}


def _missing_roles(file: WorkflowFile, has_people_by_role: dict[str, bool]) -> Iterator[Finding]:
    for where, name in named_roles(file):
        if name.casefold() not in has_people_by_role:
            yield Finding(
                "unknown-role",
                Severity.ERROR,
                where,
                _("The company has no role “%(name)s”.") % {"name": name},
                _("Use a role that the company has, or create this one under “Roles”."),
            )


def _without_people(file: WorkflowFile, has_people_by_role: dict[str, bool]) -> Iterator[Finding]:
    """Yield tasks that nobody could get (`docs/engine.md`, "Assignment"), except with `assignee_field`."""
    # Whom an assignee field names is only known at run time.
    tasks = [
        (position, task)
        for position, task in enumerate(file.tasks)
        if task.is_form and task.assignee_field is None
    ]
    # Only ask for task workers if some task needs them: it costs a query.
    has_workers = not all(task.executor_roles for _position, task in tasks) and _has_workers()
    for position, task in tasks:
        roles = [name for name in task.executor_roles if name.casefold() in has_people_by_role]
        if task.executor_roles and not roles:
            continue  # every role that it names is missing, which `_missing_roles` reports
        if not (any(has_people_by_role[name.casefold()] for name in roles) if roles else has_workers):
            yield _nobody(position, task)


def _has_workers() -> bool:
    return CustomUser.objects.in_rotation().with_system_role(SystemRoleName.TASK_WORKER).exists()


def _nobody(position: int, task: TaskFile) -> Finding:
    names = _(" or ").join(f"“{name}”" for name in task.executor_roles)
    if names:
        message = _("Nobody could get “%(task)s” today: nobody with the role %(roles)s is available.")
    else:
        message = _("Nobody could get “%(task)s” today: no task worker is available.")
    return Finding(
        "nobody-to-assign",
        Severity.HINT,
        pointer("tasks", position, "executor_roles"),
        message % {"task": task.title, "roles": names},
        _("Give a person the role under “People”, or use another role."),
    )
