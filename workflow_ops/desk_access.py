"""Who finds the ticket admins' lists in their menu: whoever may administer the tickets of anything."""

from django.contrib.auth.models import AnonymousUser

from users.access import has_system_role
from users.models import CustomUser
from users.system_roles import SystemRoleName
from workflow_design.models import TicketAdminRole


def may_administer_something(person: CustomUser | AnonymousUser) -> bool:
    """Has system role `ticket_admin`, or a company role that a workflow names (one statement then)."""
    if not isinstance(person, CustomUser) or person.company_in_use is None:
        return False
    if has_system_role(person, SystemRoleName.TICKET_ADMIN):
        return True
    roles = person.company_role_ids
    return bool(roles) and TicketAdminRole.objects.filter(role__in=roles).exists()
