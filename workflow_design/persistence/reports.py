"""The report of the check is kept for each version, so that pages show it without exploring anything.

Every function that changes a draft calls `recheck` at its end, in its own transaction.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from ticketflower.tenancy.context import current_company_id
from users.models import CompanyRole, CompanyRoleMembership, CustomUser
from users.system_roles import SystemRoleName
from workflow_design.check import IN_FULL, QUICK, Bounds, check_file
from workflow_design.check.findings import CheckReport, Finding, Severity, sort_by_severity
from workflow_design.definition.file_json import to_json
from workflow_design.definition.problems import pointer
from workflow_design.definition.workflow import TaskFile, WorkflowFile
from workflow_design.models import CheckStatus, DefinitionCheck, TaskType, WorkflowDefinition
from workflow_design.models.checks import DIGEST_LENGTH
from workflow_design.persistence.exporting import file_of, named_roles

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
    """All that the check can say of a file, within its bounds (`docs/check.md`)."""
    return check_file(file)


def findings_in_company(file: WorkflowFile) -> tuple[Finding, ...]:
    """Roles that the company in scope lacks, and tasks that nobody in it could be given today.

    Nothing of it is kept: people come, go, and are away. Two statements, however large the file is.
    """
    people_of = _people_of_roles()
    found = [*_missing_roles(file, people_of), *_without_people(file, people_of)]
    return sort_by_severity(found)


def _people_of_roles() -> dict[str, bool]:
    """The company's roles in small letters, and whether somebody who could be given a task has them."""
    present = CompanyRoleMembership.objects.filter(
        role=OuterRef("pk"), person__is_active=True, person__is_away=False
    )
    rows = CompanyRole.objects.annotate(has_people=Exists(present)).values_list("name", "has_people")
    return {name.casefold(): has_people for name, has_people in rows}


def _missing_roles(file: WorkflowFile, people_of: dict[str, bool]) -> Iterator[Finding]:
    for where, name in named_roles(file):
        if name.casefold() not in people_of:
            yield Finding(
                "unknown-role",
                Severity.ERROR,
                where,
                _("The company has no role “%(name)s”.") % {"name": name},
                _("Name a role that it has, or make this one under “Roles”."),
            )


def _without_people(file: WorkflowFile, people_of: dict[str, bool]) -> Iterator[Finding]:
    """Who may be given a task: `docs/engine.md`, "Assignment". Whom a field names is known only later."""
    tasks = [
        (position, task)
        for position, task in enumerate(file.tasks)
        if task.task_type == TaskType.FORM and task.assignee_field is None
    ]
    has_workers = not all(task.executor_roles for _position, task in tasks) and _has_workers()
    for position, task in tasks:
        roles = [name for name in task.executor_roles if name.casefold() in people_of]
        if task.executor_roles and not roles:
            continue  # every role it names is missing: said already
        if not (any(people_of[name.casefold()] for name in roles) if roles else has_workers):
            yield _nobody(position, task)


def _has_workers() -> bool:
    people = CustomUser.objects.active().filter(is_away=False)
    return people.with_system_role(SystemRoleName.TASK_WORKER).exists()


def _nobody(position: int, task: TaskFile) -> Finding:
    names = _(" or ").join(f"“{name}”" for name in task.executor_roles)
    if names:
        message = _("Nobody could be given “%(task)s” today: nobody who is here has the role %(roles)s.")
    else:
        message = _("Nobody could be given “%(task)s” today: nobody who is here is a task worker.")
    return Finding(
        "nobody-to-assign",
        Severity.HINT,
        pointer("tasks", position, "executor_roles"),
        message % {"task": task.title, "roles": names},
        _("Give somebody the role under “People”, or name another role."),
    )
