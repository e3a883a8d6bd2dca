"""Tasks of which nobody in the company could confirm what a program answers."""

from collections.abc import Iterator, Mapping
from typing import Final

from django.db.models import F, TextField, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from users.models import CompanyRoleMembership, SystemRoleMembership
from users.system_roles import SystemRoleName
from workflow_design.check.findings import Finding, Severity
from workflow_design.definition.problems import pointer
from workflow_design.definition.workflow import TaskFile, WorkflowFile

_WORKERS: Final = ""
"""Stands for the system role of those who confirm where a task names no role."""


def find_unconfirmed_in_company(file: WorkflowFile) -> Iterator[Finding]:
    """Yield a problem for each task whose roles only service accounts have. One query at most."""
    tasks = [(place, task) for place, task in enumerate(file.tasks) if task.needs_approval and task.is_form]
    held_by_person = _holders() if tasks else {}
    for place, task in tasks:
        holders = {held_by_person.get(name.lower()) for name in task.executor_roles or (_WORKERS,)}
        # A role that nobody has is the finding `nobody-to-assign`, or `unknown-role`.
        if holders - {None} == {False}:
            yield _build_finding(place, task)


def _holders() -> Mapping[str, bool]:
    """Return, for each role that any active account has, whether one of them is a person's."""
    by_role = CompanyRoleMembership.objects.filter(person__is_active=True)
    workers = SystemRoleMembership.objects.filter(
        person__is_active=True, group__name=SystemRoleName.TASK_WORKER
    )
    is_program = F("person__is_service_account")
    rows = by_role.annotate(named=Lower("role__name"), is_program=is_program)
    others = workers.annotate(named=Value(_WORKERS, output_field=TextField()), is_program=is_program)
    columns = ("named", "is_program")
    found: dict[str, bool] = {}
    for name, program in rows.values_list(*columns).union(others.values_list(*columns)):
        found[name] = found.get(name, False) or not program
    return found


def _build_finding(place: int, task: TaskFile) -> Finding:
    names = _(" or ").join(f"“{name}”" for name in task.executor_roles)
    message = (
        _("Nobody can confirm what a program answers to “%(task)s”: only service accounts have %(roles)s.")
        if names
        else _("Nobody can confirm what a program answers to “%(task)s”: no person is a task worker.")
    )
    return Finding(
        "nobody-to-confirm",
        Severity.WARNING,
        pointer("tasks", place, "needs_approval"),
        message % {"task": task.title, "roles": names},
        _("Give a person the role, too, or let the task need no approval."),
    )
