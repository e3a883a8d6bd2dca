"""Who may do what with companies and people (`product.md`, "Who may do what").

Predicates on the person who asks. Staff who have entered a company may there what its
admins may.
"""

from django.contrib.auth.models import AnonymousUser

from users.models import CustomUser
from users.system_roles import SystemRoleName


def is_company_admin(person: CustomUser | AnonymousUser) -> bool:
    """Has system role `admin`, or is staff who entered the company."""
    if not isinstance(person, CustomUser) or person.company_in_use is None:
        return False
    return person.impersonating or SystemRoleName.ADMIN in person.system_roles


def has_system_role(person: CustomUser | AnonymousUser, role: SystemRoleName) -> bool:
    """Has the system role; company admins have them all."""
    if is_company_admin(person):
        return True
    return isinstance(person, CustomUser) and role in person.system_roles


def may_manage_company(person: CustomUser | AnonymousUser) -> bool:
    """May manage people, roles, invitations and company settings, and read all of the audit log."""
    return is_company_admin(person)


def is_staff_outside(person: CustomUser | AnonymousUser) -> bool:
    """TicketFlower's staff, in no company just now."""
    return isinstance(person, CustomUser) and person.is_superuser and not person.impersonating
