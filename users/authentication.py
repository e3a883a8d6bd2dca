"""Logging in by e-mail address."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from users.models import CustomUser

BACKEND = "users.authentication.EmailBackend"


class EmailBackend(ModelBackend):
    """Knows people by e-mail without regard to case; their permissions are those of their groups."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> CustomUser | None:
        """The active person with this address and password, or None, after the same time for either."""
        if username is None or password is None:
            return None
        try:
            person = CustomUser.objects.get_by_natural_key(username)
        except CustomUser.DoesNotExist:
            CustomUser().set_password(password)
            return None
        with person.scope():  # an old hash is replaced by a better one on the way
            matches = person.check_password(password)
        return person if matches and self.user_can_authenticate(person) else None

    def get_user(self, user_id: Any) -> CustomUser | None:
        """Not used: `users.sessions` brings the person along with the session."""
        return None

    def _get_user_permissions(self, user_obj: CustomUser) -> QuerySet[Permission]:
        return Permission.objects.none()

    def _get_group_permissions(self, user_obj: CustomUser) -> QuerySet[Permission]:
        return Permission.objects.filter(group__name__in=user_obj.system_roles)


def log_in(request: HttpRequest, person: CustomUser) -> None:
    """Begin a session (with a new key) for somebody who has proved who they are."""
    with person.scope():
        login(request, person, backend=BACKEND)


def as_compared(address: str) -> str:
    """The e-mail address as the database compares it.

    Its lower() maps letter by letter; Python's makes two of U+0130, and has two small sigmas.
    Whoever told them apart by Python's would let guesses at one account count as many.
    """
    return "".join(mark.lower()[0] for mark in address.strip())


def throttled_name(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str:
    """What django-axes counts failures under: the address as compared, not as typed."""
    name = (credentials or {}).get("username") or (request.POST.get("username", "") if request else "")
    return as_compared(str(name))[:254]


def locked_out(request: HttpRequest, *_arguments: Any, **_credentials: Any) -> HttpResponse:
    """The page for too many failures: plain words and when to come back (status 429)."""
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    return render(request, "users/locked_out.html", {"minutes": minutes}, status=429)
