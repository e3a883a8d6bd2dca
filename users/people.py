"""Functions with which company admins manage people: roles and access (`docs/access.md`)."""

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from users.company_settings import lock_company
from users.models import CompanyRole, CompanyRoleMembership, CustomUser
from users.signup import give_system_roles
from users.system_roles import SystemRoleName

people_changed = Signal()
"""A signal that is sent in the transaction in which a person joins, leaves, is away or changes roles.

`company_id` is the company if its scope is not open, and `at` is the time of a future change. This app does
not know what depends on people, so it sends a signal."""


class LastAdminError(Exception):
    """The change would leave the company without an active company admin."""


def is_last_admin(person: CustomUser, *others: CustomUser) -> bool:
    """Return whether all active admins of the company are among these people, using one statement."""
    people = {person.pk, *(other.pk for other in others)}
    admins = CustomUser.objects.active().with_system_role(SystemRoleName.ADMIN)
    found = admins.filter(company=person.company_id).values_list("pk", flat=True)[: len(people) + 1]
    return bool(found) and people.issuperset(found)


def change_roles(
    person: CustomUser,
    *,
    system_roles: Collection[str],
    company_role_ids: Collection[int],
    is_in_rotation: bool = True,
) -> None:
    """Give the person exactly these roles, writing only the memberships that differ.

    A service account is never an admin and never in the rotation. Raise LastAdminError. Company roles that
    were deleted in the meantime are ignored.
    """
    if person.is_service_account:
        is_in_rotation, system_roles = False, [role for role in system_roles if role != SystemRoleName.ADMIN]
    with transaction.atomic():
        lock_company()  # before reading the admins, so that two admins can't demote each other
        if SystemRoleName.ADMIN not in system_roles and is_last_admin(person):
            raise LastAdminError
        _change_system_roles(person, set(system_roles))
        _change_company_roles(person, set(company_role_ids))
        people_changed.send(CustomUser)
        others = CustomUser.objects.filter(pk=person.pk, is_in_rotation=not is_in_rotation)
        others.update(is_in_rotation=is_in_rotation)


def _change_system_roles(person: CustomUser, wanted: set[str]) -> None:
    memberships = person.system_role_memberships
    present = set(memberships.values_list("group__name", flat=True))
    if present - wanted:
        memberships.filter(group__name__in=present - wanted).delete()
    if wanted - present:
        give_system_roles(person, [role for role in SystemRoleName if role in wanted - present])


def _change_company_roles(person: CustomUser, wanted: set[int]) -> None:
    memberships = person.company_role_memberships
    present = set(memberships.values_list("role_id", flat=True))
    if present - wanted:
        memberships.filter(role_id__in=present - wanted).delete()
    give_company_roles(person, wanted - present)


def give_company_roles(person: CustomUser, role_ids: Collection[int]) -> None:
    """Add company roles that the person does not have; the caller must hold `lock_company()`."""
    roles = CompanyRole.objects.filter(pk__in=role_ids) if role_ids else []
    CompanyRoleMembership.objects.bulk_create(
        CompanyRoleMembership(role=role, person=person) for role in roles
    )


def deactivate(person: CustomUser) -> bool:
    """End the person's access and sessions; their work stays.

    Return whether anything changed. Raise LastAdminError.
    """
    with transaction.atomic():
        lock_company()  # as in `change_roles`
        if is_last_admin(person):
            raise LastAdminError
        return _set_active(person, active=False)


def set_absence(
    person: CustomUser, *, away_from: date | None, away_until: date | None, stand_in: CustomUser | None
) -> CustomUser:
    """Set the days of a person's absence, and their stand-in. Return the changed person.

    Raise ValueError if either is a service account.
    """
    if person.is_service_account or (stand_in is not None and stand_in.is_service_account):
        raise ValueError("a service account is never away, and stands in for nobody")
    fresh = CustomUser.objects.get(pk=person.pk)
    fresh.away_from, fresh.away_until, fresh.stand_in = away_from, away_until, stand_in
    fresh.save(update_fields=["away_from", "away_until", "stand_in"])
    people_changed.send(CustomUser)
    if fresh.away_begins_at is not None and fresh.away_begins_at > timezone.now():
        people_changed.send(CustomUser, at=fresh.away_begins_at)
    return fresh


def reactivate(person: CustomUser) -> bool:
    """Restore the access of a person, with their previous roles. Return whether anything changed."""
    with transaction.atomic():
        lock_company()
        return _set_active(person, active=True)


def _set_active(person: CustomUser, *, active: bool) -> bool:
    others = CustomUser.objects.filter(pk=person.pk, is_active=not active)
    people_changed.send(CustomUser)
    return others.update(is_active=active) == 1
