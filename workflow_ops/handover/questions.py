"""Warnings about roles before a person leaves, loses a role or is away."""

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


def tasks_not_passed_on(person: CustomUser, stand_in: CustomUser) -> list[str]:
    """Return a sentence for each of the person's roles for whose tasks the stand-in lacks some rights."""
    if not stand_in.is_in_rotation:
        return [
            _("%(name)s gets no tasks by turn, so no new ones of %(person)s either.")
            % {"name": stand_in, "person": person}
        ]
    links = ExecutorRole.objects.filter(task_definition__workflow__status=WorkflowStatus.ACTIVE)
    others = links.filter(task_definition=OuterRef("task_definition"), role__in=stand_in.company_role_ids)
    in_role = links.filter(role=OuterRef("pk"))
    roles = CompanyRole.objects.filter(
        Exists(in_role.filter(~Exists(others))), pk__in=person.company_role_ids - stand_in.company_role_ids
    )
    found = roles.annotate(gets_some=Exists(in_role.filter(Exists(others)))).order_by(Lower("name"))
    gaps = list(found.values_list("name", "gets_some")[:MOST_NAMED])
    if SystemRoleName.TASK_WORKER in person.system_roles - stand_in.system_roles:
        active = WorkflowDefinition.objects.filter(status=WorkflowStatus.ACTIVE)
        if active.filter(_forms_without_role()).exists():
            gaps.append((str(SystemRoleName.TASK_WORKER.label), False))
    none = _("%(name)s may do none of the tasks of the role “%(role)s”.")
    some = _("%(name)s may not do all tasks of the role “%(role)s”.")
    return [(some if gets_some else none) % {"name": stand_in, "role": role} for role, gets_some in gaps]


def _titles(workflows: QuerySet[WorkflowDefinition]) -> list[str]:
    titles = list(workflows.order_by(Lower("title")).values_list("title", flat=True)[: MOST_NAMED + 1])
    return titles if len(titles) <= MOST_NAMED else [*titles[:MOST_NAMED], "…"]


def _company_roles(role_ids: Collection[int], present: QuerySet[CustomUser]) -> Iterator[tuple[str, Q]]:
    """Yield the name of each role that nobody in `present` has, and a condition on workflows that use it."""
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
    """Yield the same for system roles, which workflows use where they name no role."""
    uses = {
        SystemRoleName.USER: Q(
            pk__in=TicketDefinition.objects.filter(submitter_links=None).values("workflow")
        ),
        SystemRoleName.TASK_WORKER: _forms_without_role(),
        SystemRoleName.TICKET_ADMIN: Q(ticket_admin_links=None),
    }
    for role, used_by in uses.items():
        if role in names and not present.filter(system_role_memberships__group__name=role).exists():
            yield str(role.label), used_by


def _forms_without_role() -> Q:
    """Return the condition of workflows with forms that name neither a role nor a person."""
    forms = TaskDefinition.objects.filter(task_type=TaskType.FORM, executor_links=None, assignee_field=None)
    return Q(pk__in=forms.values("workflow"))
