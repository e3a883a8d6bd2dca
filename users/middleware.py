"""Middleware that opens the scope of the company in which the user of a request works."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ticketflower.tenancy.context import PAGE, one_act
from users.currencies import use_currency


class CompanyMiddleware:
    """Sets `request.company` (or None), `request.impersonating`, the scope, the time zone and the currency.

    It relies only on `company_in_use`, `impersonating`, `scope()` and `time_zone_in_use` of
    `users.models.CustomUser`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        """Process the request as one act, inside the user's scope."""
        with one_act(PAGE):
            return self._respond(request)

    def _respond(self, request: Any) -> HttpResponse:
        person = request.user
        request.company = getattr(person, "company_in_use", None)
        request.impersonating = getattr(person, "impersonating", False)
        if not person.is_authenticated:
            return self.get_response(request)
        currency = request.company.currency if request.company else ""
        with person.scope(), timezone.override(person.time_zone_in_use), use_currency(currency):
            return self.get_response(request)
