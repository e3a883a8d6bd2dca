"""Template tags for people's roles."""

from django import template

from users.models import CustomUser, Invitation
from users.system_roles import SystemRoleName

register = template.Library()


@register.filter
def system_roles(holder: CustomUser | Invitation) -> list[SystemRoleName]:
    """Return the system roles of a person or an invitation, in order.

    For people, prefetch `system_role_memberships__group`.
    """
    if isinstance(holder, Invitation):
        names = set(holder.system_roles)
    else:
        names = {membership.group.name for membership in holder.system_role_memberships.all()}
    return [role for role in SystemRoleName if role in names]
