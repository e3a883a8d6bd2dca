"""Log-in with an e-mail address."""

from threading import BoundedSemaphore
from typing import Any

from django.contrib.auth import authenticate, login
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from ticketflower.http import client_place
from users import limits
from users.limits import LimitReachedError
from users.models import CustomUser

BACKEND = "users.authentication.EmailBackend"


_HASHING = BoundedSemaphore(2)
_LOGGING_IN = BoundedSemaphore(8)
"""Limits simultaneous log-ins to fewer than the process's threads, so that other pages stay available."""


class PasswordHasher(Argon2PasswordHasher):
    """Argon2id with at most two hashes at once per process, so that log-ins can't overload the machine."""

    # OWASP's recommendation: 19 MiB. Django's 100 MiB on 8 threads would delay all other pages.
    memory_cost, time_cost, parallelism = 19 * 1024, 2, 1

    def encode(self, password: str, salt: str) -> str:
        """Return the hash of the password."""
        with _HASHING:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Return whether the hash is that of the password."""
        with _HASHING:
            return super().verify(password, encoded)


class EmailBackend(ModelBackend):
    """An authentication backend that ignores the case of e-mail addresses; groups grant the permissions."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> CustomUser | None:
        """Return the active person with this address and password, or None.

        An unknown address takes as long as a wrong password, so that the time does not reveal which
        it was.
        """
        if username is None or password is None:
            return None
        try:
            person = CustomUser.objects.get_by_natural_key(username)
        except CustomUser.DoesNotExist:
            CustomUser().set_password(password)  # takes as long as checking a password
            return None
        with transaction.atomic(), person.scope():  # check_password may store an upgraded hash
            matches = person.check_password(password)
        return person if matches and self.user_can_authenticate(person) else None

    def get_user(self, user_id: Any) -> CustomUser | None:
        """Return None; `users.sessions` loads the person together with the session."""
        return None

    def _get_user_permissions(self, user_obj: CustomUser) -> QuerySet[Permission]:
        return Permission.objects.none()

    def _get_group_permissions(self, user_obj: CustomUser) -> QuerySet[Permission]:
        return Permission.objects.filter(group__name__in=user_obj.system_roles)


def log_in(request: HttpRequest, person: CustomUser) -> None:
    """Start a session with a new key for a person who has proved their identity."""
    with transaction.atomic(), person.scope():
        login(request, person, backend=BACKEND)


def normalize_address(address: str) -> str:
    """Return the e-mail address in the form in which the database compares it.

    The database's lower() maps character by character. Python's maps U+0130 to two characters and
    has two small sigmas. With Python's, guesses at one account could be counted as guesses at
    several.
    """
    return "".join(mark.lower()[0] for mark in address.strip())


def authenticate_within_limits(request: HttpRequest, *, username: str, password: str) -> CustomUser | None:
    """Return the person with this address and password, or None. Raise LimitReachedError.

    An attempt counts as a failure until it succeeds, so that simultaneous ones can't pass together. So call
    this outside of a transaction, or log-ins from one place would wait for each other.
    """
    if not _LOGGING_IN.acquire(blocking=False):
        raise LimitReachedError("LOG_INS_AT_ONCE", seconds=1)
    try:
        return _authenticate(request, username, password)
    finally:
        _LOGGING_IN.release()


def _authenticate(request: HttpRequest, username: str, password: str) -> CustomUser | None:
    place, account = client_place(request), normalize_address(username)
    limits.count("FAILED_LOG_INS_FROM_PLACE", place)
    limits.count("FAILED_LOG_INS_OF_ACCOUNT", account)
    person = authenticate(request, username=username, password=password)
    if not isinstance(person, CustomUser):
        return None
    limits.take_back("FAILED_LOG_INS_FROM_PLACE", place)
    limits.forget("FAILED_LOG_INS_OF_ACCOUNT", account)
    return person
