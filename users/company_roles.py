"""Functions with which company admins manage the company's own roles."""

from collections.abc import Collection

from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import ProtectedError
from django.db.models.deletion import Collector

from ticketflower.unique_names import refuse_taken_name
from users.company_settings import lock_company
from users.models import CompanyRole, CompanyRoleMembership, CustomUser
from users.people import people_changed

MAX_NAMED = 10
_ONE_NAME = "company_role_name"


class RoleInUseError(Exception):
    """The role can't be deleted because other objects use it; `named_by` describes the newest of them."""

    def __init__(self, named_by: list[str]) -> None:
        super().__init__(", ".join(named_by))
        self.named_by = named_by


def create_role(*, name: str, description: str) -> CompanyRole:
    """Create a company role without members. Raise NameTakenError."""
    return refuse_taken_name(
        lambda: CompanyRole.objects.create(name=name, description=description), constraint=_ONE_NAME
    )


def change_role(role: CompanyRole, *, name: str, description: str) -> None:
    """Change the name and description of a role. Raise NameTakenError.

    A role that was deleted in the meantime stays deleted.
    """
    row = CompanyRole.objects.filter(pk=role.pk)
    refuse_taken_name(lambda: row.update(name=name, description=description), constraint=_ONE_NAME)


def give_role(role: CompanyRole, person_ids: Collection[int]) -> int:
    """Give the role to those people who do not have it, and return their number.

    Return 0 if the role was deleted in the meantime.
    """
    with transaction.atomic():
        lock_company()
        people = CustomUser.objects.filter(pk__in=person_ids).exclude(company_role_memberships__role=role)
        # Checked under the lock: memberships of a deleted role would violate the foreign key.
        exists = CompanyRole.objects.filter(pk=role.pk).exists()
        memberships = [CompanyRoleMembership(role=role, person=person) for person in people if exists]
        CompanyRoleMembership.objects.bulk_create(memberships)
        people_changed.send(CustomUser)
    return len(memberships)


def take_role(role: CompanyRole, person_ids: Collection[int]) -> int:
    """Take the role from those people who have it, and return their number."""
    with transaction.atomic():
        lock_company()
        _count, by_model = role.memberships.filter(person_id__in=person_ids).delete()
        people_changed.send(CustomUser)
    return by_model.get("users.CompanyRoleMembership", 0)


def find_role_uses(role: CompanyRole) -> list[str]:
    """Return descriptions of the objects that prevent the role's deletion, without changing anything."""
    try:
        # Django's collector finds protecting rows without deleting anything.
        Collector(using=DEFAULT_DB_ALIAS).collect([role])
    except ProtectedError as error:
        return _describe_uses(error)
    return []


def delete_role(role: CompanyRole) -> None:
    """Delete the role, and remove it from all people and invitations.

    Raise RoleInUseError if an object such as a workflow uses it.
    """
    with transaction.atomic():
        lock_company()
        try:
            CompanyRole.objects.filter(pk=role.pk).delete()
        except ProtectedError as error:
            raise RoleInUseError(_describe_uses(error)) from None


def _describe_uses(error: ProtectedError) -> list[str]:
    """Describe the objects that use the role; equal names of different versions are listed once."""
    rows = sorted(error.protected_objects, key=lambda row: row.pk or 0, reverse=True)
    return sorted({str(getattr(row, "named_by", row)) for row in rows[:MAX_NAMED]})
