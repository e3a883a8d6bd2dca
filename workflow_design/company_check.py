"""What the check can only say in a company: its roles, and the people who have them."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from users.models import CompanyRole, CompanyRoleMembership, CustomUser
from users.system_roles import SystemRoleName
from workflow_design.check.findings import Finding, Severity, by_severity
from workflow_design.definition.problems import pointer
from workflow_design.definition.workflow import TaskFile, WorkflowFile
from workflow_design.exporting import named_roles
from workflow_design.models import TaskType


def findings_in_company(file: WorkflowFile) -> tuple[Finding, ...]:
    """Roles that the company in scope lacks, and tasks that nobody in it could be given today.

    Nothing of it is kept: people come, go, and are away. Two statements, however large the file is.
    """
    people_of = _people_of_roles()
    found = [*_missing_roles(file, people_of), *_without_people(file, people_of)]
    return by_severity(found)


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
    """Who may be given a task: `engine.md`, "Assignment". Whom a field names is known only later."""
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
