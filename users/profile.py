"""Changes that people make to their own account, including staff who have entered a company."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from ticketflower.tenancy.context import own_row_scope
from users import limits
from users.models import CustomUser


class WrongPasswordError(Exception):
    """The current password is wrong."""


def update_profile(person: CustomUser, *, first_name: str, last_name: str, time_zone: str) -> None:
    """Change the name and the time zone ("" for the company's)."""
    with _own_row(person):
        person.first_name, person.last_name, person.time_zone = first_name, last_name, time_zone
        person.save(update_fields=["first_name", "last_name", "time_zone"])


def change_password(person: CustomUser, *, old_password: str, new_password: str) -> CustomUser:
    """Set a new password, which ends all sessions of the person, and return the changed person.

    Raise WrongPasswordError, or LimitReachedError after too many of them. The row is locked, so the
    second of two simultaneous changes needs the password that the first one set.
    """
    limits.count("WRONG_OLD_PASSWORDS", person.pk)
    with _own_row(person):
        fresh = CustomUser._base_manager.select_for_update().get(pk=person.pk)
        if not fresh.check_password(old_password):
            raise WrongPasswordError
        fresh.set_password(new_password)
        fresh.save(update_fields=["password", "password_changed_at"])
    limits.forget("WRONG_OLD_PASSWORDS", person.pk)
    return fresh


def check_password(person: CustomUser, password: str) -> None:
    """Raise WrongPasswordError unless this is the password, or LimitReachedError after too many of them."""
    limits.count("WRONG_OLD_PASSWORDS", person.pk)
    if not person.check_password(password):
        raise WrongPasswordError
    limits.forget("WRONG_OLD_PASSWORDS", person.pk)


@contextmanager
def _own_row(person: CustomUser) -> Iterator[None]:
    """Open a transaction in which the person's own row is accessible."""
    # The scope of an entered company does not contain the row of staff.
    scope = own_row_scope(person.pk) if person.is_superuser else person.scope()
    with transaction.atomic(), scope:
        yield
