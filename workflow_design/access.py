"""Who may do what with definitions (`docs/access.md`, "Who may do what"), and definitions fetched for them.

Predicates on the person who asks, and querysets of what they may. The company admin's and the
system roles' need no statement: the session brought the roles along.
"""

from collections.abc import Callable
from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404

from users.access import has_system_role, is_company_admin
from users.models import CustomUser
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
    """May change, check, try out and publish definitions, and upload workflow files."""
    return has_system_role(person, SystemRoleName.WORKFLOW_CREATOR)


def may_change(person: Person, _workflow: WorkflowDefinition) -> bool:
    """May change this version. Designers may change every workflow of their company."""
    return may_design(person)


def may_see_definitions(person: Person) -> bool:
    """May see every definition of the company; who administers single workflows sees those, too."""
    return may_design(person) or has_system_role(person, SystemRoleName.TICKET_ADMIN)


def may_see_workflow(person: Person, workflow: WorkflowDefinition) -> bool:
    """May see this version and its parts."""
    if not _in_company(person, workflow):
        return False
    return may_see_definitions(person) or may_administer_workflow(person, workflow)


def may_administer_workflow(person: Person, workflow: WorkflowDefinition) -> bool:
    """May administer its tickets, tasks, errors and reports.

    At most one statement, for the roles that it names; none if `ticket_admin_links` are prefetched.
    """
    if not isinstance(person, CustomUser) or not _in_company(person, workflow):
        return False
    if is_company_admin(person):
        return True
    named = {link.role_id for link in workflow.ticket_admin_links.all()}
    if named:
        return not named.isdisjoint(person.company_role_ids)
    return has_system_role(person, SystemRoleName.TICKET_ADMIN)


def administered_by(person: Person) -> QuerySet[WorkflowDefinition]:
    """The versions of workflows that the person may administer, all statuses."""
    if is_company_admin(person):
        return WorkflowDefinition.objects.all()
    if not isinstance(person, CustomUser):
        return WorkflowDefinition.objects.none()
    named = TicketAdminRole.objects.filter(workflow=OuterRef("pk"))
    allowed = Q(Exists(named.filter(role_id__in=person.company_role_ids)))
    if has_system_role(person, SystemRoleName.TICKET_ADMIN):
        allowed |= ~Q(Exists(named))
    return WorkflowDefinition.objects.filter(allowed)


def visible_workflows(person: Person) -> QuerySet[WorkflowDefinition]:
    """The versions of workflows that the person may see, all statuses."""
    if may_see_definitions(person):
        return WorkflowDefinition.objects.all()
    return administered_by(person)


def _in_company(person: Person, workflow: WorkflowDefinition) -> bool:
    company = person.company_in_use if isinstance(person, CustomUser) else None
    return company is not None and company.pk == workflow.company_id


# --- Fetch and authorize in one call ---------------------------------------------------


def find_workflow(person: CustomUser, workflow_id: int, *, may: May = may_see_workflow) -> WorkflowDefinition:
    """Return the version with this id if the person `may` use it; raises as `find_part` does."""
    workflow = get_object_or_404(
        WorkflowDefinition.objects.select_related("line", "created_by", "impersonator"), pk=workflow_id
    )
    return _allowed(person, workflow, workflow, may)


def find_part(
    rows: "QuerySet[PartT]", person: CustomUser, part_id: int, *, may: May = may_see_workflow
) -> PartT:
    """Return the ticket, task or completion with this id if the person `may` use its workflow.

    Raises Http404 first, then PermissionDenied.
    """
    part = get_object_or_404(rows.select_related("workflow"), pk=part_id)
    return _allowed(person, part.workflow, part, may)


def _allowed(person: CustomUser, workflow: WorkflowDefinition, row: RowT, may: May) -> RowT:
    if not may(person, workflow):
        raise PermissionDenied
    return row
