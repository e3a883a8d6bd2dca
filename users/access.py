"""Access rules for companies and people (`docs/access.md`, "Who may do what").

Each predicate takes the person who asks. Staff who have entered a company have the rights of its
admins there.
"""

from django.contrib.auth.models import AnonymousUser

from users.models import CustomUser
from users.system_roles import SystemRoleName


def is_company_admin(person: CustomUser | AnonymousUser) -> bool:
    """Return whether the person has the system role `admin`, or is staff who have entered the company."""
    if not isinstance(person, CustomUser) or person.company_in_use is None:
        return False
    return person.impersonating or SystemRoleName.ADMIN in person.system_roles


def has_system_role(person: CustomUser | AnonymousUser, role: SystemRoleName) -> bool:
    """Return whether the person has the system role; company admins have all of them."""
    if is_company_admin(person):
        return True
    return isinstance(person, CustomUser) and role in person.system_roles


def may_manage_company(person: CustomUser | AnonymousUser) -> bool:
    """Return whether the person may manage people, roles, invitations and settings and read the audit log."""
    return is_company_admin(person)


def is_staff_outside(person: CustomUser | AnonymousUser) -> bool:
    """Return whether the person is TicketFlower staff and has not entered a company."""
    return isinstance(person, CustomUser) and person.is_superuser and not person.impersonating
