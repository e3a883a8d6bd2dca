"""How people's roles are written."""

from django import template

from users.models import CustomUser, Invitation
from users.system_roles import SystemRoleName

register = template.Library()


@register.filter
def system_roles(who: CustomUser | Invitation) -> list[SystemRoleName]:
    """The system roles of a person (prefetch `system_role_memberships__group`) or an invitation, in order."""
    if isinstance(who, Invitation):
        names = set(who.system_roles)
    else:
        names = {membership.group.name for membership in who.system_role_memberships.all()}
    return [role for role in SystemRoleName if role in names]
