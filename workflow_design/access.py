"""Access rules for definitions (`docs/access.md`, "Who may do what"), and functions that fetch them.

The rules are predicates on the user and querysets of what the user may see. The rules for company
admins and system roles need no query, because the session already loaded the roles.
"""

from collections.abc import Callable, Collection
from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404

from users.access import has_system_role, is_company_admin
from users.filters import NAME_IN_ORDER
from users.models import CustomUser, PersonQuerySet, SystemRoleMembership
from users.system_roles import SystemRoleName
from workflow_design.models import (
    Part,
    TaskDefinition,
    TicketAdminRole,
    TicketDefinition,
    WorkflowCompletion,
    WorkflowDefinition,
)

Person = CustomUser | AnonymousUser
May = Callable[[CustomUser, WorkflowDefinition], bool]
PartT = TypeVar("PartT", TaskDefinition, TicketDefinition, WorkflowCompletion)
RowT = TypeVar("RowT", bound="WorkflowDefinition | Part")


def may_design(person: Person) -> bool:
    """Return whether the person may change, check, try out and publish definitions, and upload files."""
    return has_system_role(person, SystemRoleName.WORKFLOW_CREATOR)


def may_change(person: Person, _workflow: WorkflowDefinition) -> bool:
    """Return whether the person may change this version: designers may change all of their company."""
    return may_design(person)


def may_see_definitions(person: Person) -> bool:
    """Return whether the person may see every definition of the company: designers and ticket admins."""
    return may_design(person) or has_system_role(person, SystemRoleName.TICKET_ADMIN)


def may_see_workflow(person: Person, workflow: WorkflowDefinition) -> bool:
    """Return whether the person may see this version and its parts."""
    if not _in_company(person, workflow):
        return False
    return may_see_definitions(person) or may_administer_workflow(person, workflow)


def may_administer_workflow(person: Person, workflow: WorkflowDefinition) -> bool:
    """Return whether the person may administer the tickets, tasks, errors and reports of a version.

    Needs at most one query, for the roles that it names; none if they were read along with the version.
    """
    if not isinstance(person, CustomUser) or not _in_company(person, workflow):
        return False
    # Roles that the workflow names replace the system role; they do not add to it.
    if is_company_admin(person):
        return True
    named = workflow.read_admin_role_ids
    if named is None:
        named = frozenset(link.role_id for link in workflow.ticket_admin_links.all())
    if named:
        return not named.isdisjoint(person.company_role_ids)
    return has_system_role(person, SystemRoleName.TICKET_ADMIN)


def may_see_conditions(person: Person, workflow: WorkflowDefinition) -> bool:
    """Return whether the person may see what decided about a ticket of this version that they may see."""
    return _in_company(person, workflow) and (may_design(person) or may_administer_workflow(person, workflow))


def administered_by(person: Person) -> QuerySet[WorkflowDefinition]:
    """Return the versions of workflows that the person may administer, in any status."""
    if is_company_admin(person):
        return WorkflowDefinition.objects.all()
    if not isinstance(person, CustomUser):
        return WorkflowDefinition.objects.none()
    named = TicketAdminRole.objects.filter(workflow=OuterRef("pk"))
    allowed = Q(Exists(named.filter(role_id__in=person.company_role_ids)))
    if has_system_role(person, SystemRoleName.TICKET_ADMIN):
        allowed |= ~Q(Exists(named))
    return WorkflowDefinition.objects.filter(allowed)


def may_administer_something(person: Person) -> bool:
    """Return whether the person may administer any workflow; for a company role, this takes a statement."""
    if not isinstance(person, CustomUser) or person.company_in_use is None:
        return False
    if has_system_role(person, SystemRoleName.TICKET_ADMIN):
        return True
    roles = person.company_role_ids
    return bool(roles) and TicketAdminRole.objects.filter(role__in=roles).exists()


def people_who_may_administer(version_ids: Collection[int]) -> PersonQuerySet:
    """Return the active people who may administer one of these versions of workflows.

    It is the same as `may_administer_workflow` says.
    """
    system = SystemRoleMembership.objects.filter(person=OuterRef("pk"))
    named = TicketAdminRole.objects.filter(workflow__in=version_ids)
    may = Q(Exists(system.filter(group__name=SystemRoleName.ADMIN)))
    may |= Q(Exists(named.filter(role__memberships__person=OuterRef("pk"))))
    open_to_all = WorkflowDefinition.objects.filter(pk__in=version_ids, ticket_admin_links=None)
    may |= Q(Exists(open_to_all)) & Q(Exists(system.filter(group__name=SystemRoleName.TICKET_ADMIN)))
    return CustomUser.objects.active().filter(may).order_by(NAME_IN_ORDER, "pk")


def admins_of(workflow: WorkflowDefinition) -> PersonQuerySet:
    """Return the people who administer a version by a role and can read it, without company admins."""
    people = CustomUser.objects.active().without_programs().order_by("pk")
    roles = [link.role_id for link in workflow.ticket_admin_links.all()]
    if roles:
        return people.filter(company_role_memberships__role__in=roles).distinct()
    return people.with_system_role(SystemRoleName.TICKET_ADMIN)


def visible_workflows(person: Person) -> QuerySet[WorkflowDefinition]:
    """Return the versions of workflows that the person may see, in any status."""
    if may_see_definitions(person):
        return WorkflowDefinition.objects.all()
    return administered_by(person)


def _in_company(person: Person, workflow: WorkflowDefinition) -> bool:
    company = person.company_in_use if isinstance(person, CustomUser) else None
    return company is not None and company.pk == workflow.company_id


# --- Fetch and authorize in one call ---------------------------------------------------


def find_workflow(person: CustomUser, workflow_id: int, *, may: May = may_see_workflow) -> WorkflowDefinition:
    """Return the version with this id if the person `may` use it. Raise the errors of `find_part`."""
    workflow = get_object_or_404(
        WorkflowDefinition.objects.select_related("line", "created_by", "impersonator"), pk=workflow_id
    )
    return _allowed(person, workflow, workflow, may)


def find_part(
    rows: "QuerySet[PartT]", person: CustomUser, part_id: int, *, may: May = may_see_workflow
) -> PartT:
    """Return the ticket, task or completion with this id if the person `may` use its workflow.

    Raise Http404 if it does not exist, then PermissionDenied.
    """
    part = get_object_or_404(rows.select_related("workflow"), pk=part_id)
    return _allowed(person, part.workflow, part, may)


def _allowed(person: CustomUser, workflow: WorkflowDefinition, row: RowT, may: May) -> RowT:
    if not may(person, workflow):
        raise PermissionDenied
    return row
