"""What company admins do with company roles."""

from collections.abc import Callable, Collection
from typing import TypeVar

from django.db import DEFAULT_DB_ALIAS, IntegrityError, transaction
from django.db.models import ProtectedError
from django.db.models.deletion import Collector

from users.company_settings import lock_company
from users.models import CompanyRole, CompanyRoleMembership, CustomUser

ResultT = TypeVar("ResultT")
MOST_NAMED = 10


class NameTakenError(Exception):
    """The company has a role of this name already, perhaps in other letters (“hr”, “HR”)."""


class RoleInUseError(Exception):
    """What stays names the role; `named_by` has the newest of it in words."""

    def __init__(self, named_by: list[str]) -> None:
        super().__init__(", ".join(named_by))
        self.named_by = named_by


def create_role(*, name: str, description: str) -> CompanyRole:
    """A new company role, which nobody has yet. Raises NameTakenError."""
    return _unless_taken(lambda: CompanyRole.objects.create(name=name, description=description))


def change_role(role: CompanyRole, *, name: str, description: str) -> None:
    """Rename and describe it. Raises NameTakenError. One that was deleted meanwhile stays deleted."""
    row = CompanyRole.objects.filter(pk=role.pk)
    _unless_taken(lambda: row.update(name=name, description=description))


def _unless_taken(write: Callable[[], ResultT]) -> ResultT:
    try:
        with transaction.atomic():  # a savepoint: the caller's transaction goes on after the refusal
            return write()
    except IntegrityError as error:
        if "company_role_name" in str(error):
            raise NameTakenError from None
        raise


def give_role(role: CompanyRole, person_ids: Collection[int]) -> int:
    """Give it to people who do not have it; returns how many. One deleted meanwhile goes to nobody."""
    with transaction.atomic():
        lock_company()
        people = CustomUser.objects.filter(pk__in=person_ids).exclude(company_role_memberships__role=role)
        current = CompanyRole.objects.filter(pk=role.pk).exists()
        memberships = [CompanyRoleMembership(role=role, person=person) for person in people if current]
        CompanyRoleMembership.objects.bulk_create(memberships)
    return len(memberships)


def take_role(role: CompanyRole, person_ids: Collection[int]) -> int:
    """Take it from people who have it; returns how many."""
    with transaction.atomic():
        lock_company()
        _count, by_model = role.memberships.filter(person_id__in=person_ids).delete()
    return by_model.get("users.CompanyRoleMembership", 0)


def what_names(role: CompanyRole) -> list[str]:
    """What keeps the role from being deleted, in words; nothing if it could be. Changes nothing."""
    try:
        Collector(using=DEFAULT_DB_ALIAS).collect([role])
    except ProtectedError as error:
        return _words(error)
    return []


def delete_role(role: CompanyRole) -> None:
    """Delete it, from everybody who has it and from every invitation.

    Raises RoleInUseError where something that stays names it, such as a workflow.
    """
    with transaction.atomic():
        lock_company()
        try:
            CompanyRole.objects.filter(pk=role.pk).delete()
        except ProtectedError as error:
            raise RoleInUseError(_words(error)) from None


def _words(error: ProtectedError) -> list[str]:
    """What names the role; each once, as different versions of one thing have one name."""
    rows = sorted(error.protected_objects, key=lambda row: row.pk or 0, reverse=True)
    return sorted({str(getattr(row, "named_by", row)) for row in rows[:MOST_NAMED]})
