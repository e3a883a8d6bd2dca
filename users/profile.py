"""What people change about themselves; staff too, also while they are in a company."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from ticketflower.tenancy.context import own_row_scope
from users.models import CustomUser


class WrongPasswordError(Exception):
    """The old password was not the right one."""


def update_profile(
    person: CustomUser, *, first_name: str, last_name: str, time_zone: str, is_away: bool
) -> None:
    """Change name, time zone (\"\": as the company) and whether they are away."""
    with _own_row(person):
        person.first_name, person.last_name = first_name, last_name
        person.time_zone, person.is_away = time_zone, is_away
        person.save(update_fields=["first_name", "last_name", "time_zone", "is_away"])


def change_password(person: CustomUser, *, old_password: str, new_password: str) -> CustomUser:
    """Set the new password, which ends all their sessions; gives the person as changed.

    Raises WrongPasswordError. The row is locked, so of two changes at once the second needs
    the first one's password.
    """
    with _own_row(person):
        fresh = CustomUser._base_manager.select_for_update().get(pk=person.pk)
        if not fresh.check_password(old_password):
            raise WrongPasswordError
        fresh.set_password(new_password)
        fresh.save(update_fields=["password", "password_changed_at"])
    return fresh


@contextmanager
def _own_row(person: CustomUser) -> Iterator[None]:
    """A transaction in which the person's own row is within reach."""
    # Staff who have entered a company see its rows there, and theirs is not among them.
    scope = own_row_scope(person.pk) if person.is_superuser else person.scope()
    with transaction.atomic(), scope:
        yield
