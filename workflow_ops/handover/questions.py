"""What a page says about roles before somebody leaves, loses one or is away."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from users.models import CompanyRole, CompanyRoleMembership, CustomUser
from users.system_roles import SystemRoleName
from workflow_design.models import (
    ExecutorRole,
    SubmitterRole,
    TaskDefinition,
    TaskType,
    TicketAdminRole,
    TicketDefinition,
    WorkflowDefinition,
    WorkflowStatus,
)

MOST_NAMED: Final = 10


def roles_nobody_holds(
    role_ids: Collection[int], system_roles: Collection[str], *, present: QuerySet[CustomUser]
) -> list[str]:
    """Return a sentence for each of these roles that active workflows use and none of `present` holds."""
    active = WorkflowDefinition.objects.filter(status=WorkflowStatus.ACTIVE)
    return [
        _("Nobody has the role “%(role)s” then. These workflows use it: %(workflows)s.")
        % {"role": name, "workflows": ", ".join(titles)}
        for name, used_by in (
            *_company_roles(role_ids, present),
            *_system_roles(system_roles, present),
        )
        if (titles := _titles(active.filter(used_by)))
    ]


def _titles(workflows: QuerySet[WorkflowDefinition]) -> list[str]:
    titles = list(workflows.order_by(Lower("title")).values_list("title", flat=True)[: MOST_NAMED + 1])
    return titles if len(titles) <= MOST_NAMED else [*titles[:MOST_NAMED], "…"]


def _company_roles(role_ids: Collection[int], present: QuerySet[CustomUser]) -> Iterator[tuple[str, Q]]:
    """Yield the name of each of the roles without people, and which workflows use it."""
    held = CompanyRoleMembership.objects.filter(role=OuterRef("pk"), person__in=present)
    roles = CompanyRole.objects.filter(~Exists(held), pk__in=role_ids).order_by(Lower("name"))
    for pk, name in roles.values_list("pk", "name")[:MOST_NAMED] if role_ids else ():
        yield (
            name,
            Q(pk__in=TicketAdminRole.objects.filter(role=pk).values("workflow"))
            | Q(pk__in=SubmitterRole.objects.filter(role=pk).values("ticket_definition__workflow"))
            | Q(pk__in=ExecutorRole.objects.filter(role=pk).values("task_definition__workflow")),
        )


def _system_roles(names: Collection[str], present: QuerySet[CustomUser]) -> Iterator[tuple[str, Q]]:
    """Yield the same of system roles: workflows use them where they name no role."""
    forms_without = TaskDefinition.objects.filter(
        task_type=TaskType.FORM, executor_links=None, assignee_field=None
    )
    uses = {
        SystemRoleName.USER: Q(
            pk__in=TicketDefinition.objects.filter(submitter_links=None).values("workflow")
        ),
        SystemRoleName.TASK_WORKER: Q(pk__in=forms_without.values("workflow")),
        SystemRoleName.TICKET_ADMIN: Q(ticket_admin_links=None),
    }
    for role, used_by in uses.items():
        if role in names and not present.filter(system_role_memberships__group__name=role).exists():
            yield str(role.label), used_by
