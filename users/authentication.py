"""Log-in with an e-mail address."""

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
        with person.scope():  # check_password may store an upgraded hash, so it needs the scope
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
    with person.scope():
        login(request, person, backend=BACKEND)


def normalize_address(address: str) -> str:
    """Return the e-mail address in the form in which the database compares it.

    The database's lower() maps character by character. Python's maps U+0130 to two characters and
    has two small sigmas. With Python's, guesses at one account could be counted as guesses at
    several.
    """
    return "".join(mark.lower()[0] for mark in address.strip())


def throttled_name(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str:
    """Return the name under which django-axes counts failures: the normalized address."""
    name = (credentials or {}).get("username") or (request.POST.get("username", "") if request else "")
    return normalize_address(str(name))[:254]


def locked_out(request: HttpRequest, *_arguments: Any, **_credentials: Any) -> HttpResponse:
    """Render the page for too many failed log-ins, which says when to try again (status 429)."""
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    return render(request, "users/locked_out.html", {"minutes": minutes}, status=429)
