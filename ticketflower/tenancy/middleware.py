"""Opens, for each request of somebody logged in, the scope of the company they work in."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone


class CompanyMiddleware:
    """Sets `request.company` (or None) and `request.impersonating`, opens the scope, and the time zone.

    Asks of the person only what `users.models.CustomUser` promises: `company_in_use`,
    `impersonating`, `scope()` and `time_zone_in_use`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        """The rest of the request, inside the scope."""
        person = request.user
        request.company = getattr(person, "company_in_use", None)
        request.impersonating = getattr(person, "impersonating", False)
        if not person.is_authenticated:
            return self.get_response(request)
        with person.scope(), timezone.override(person.time_zone_in_use):
            return self.get_response(request)
