"""Django admin for TicketFlower's staff: over all companies, so past both walls (docs/security.md)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketflower.tenancy.context import all_companies_scope


class CompanyAutocomplete(AutocompleteJsonView):
    """Rows to choose from, each with its company: many companies have a role "HR"."""

    def process_request(self, request: HttpRequest) -> Any:
        """What is searched for and where; a NUL, which no row holds and the database refuses, left out."""
        term, *where = super().process_request(request)
        return term.replace("\x00", ""), *where

    def serialize_result(self, obj: models.Model, to_field_name: str) -> dict[str, str]:
        """What the drop-down shows of a row."""
        result: dict[str, str] = super().serialize_result(obj, to_field_name)
        company = getattr(obj, "company", None)
        return result if company is None else {**result, "text": f"{obj} ({company})"}


class StaffAdminSite(admin.AdminSite):
    """For superusers who are in no company just now."""

    site_header = site_title = gettext_lazy("TicketFlower staff")
    index_title = gettext_lazy("All tables")
    site_url = "/users/companies/"

    def has_permission(self, request: HttpRequest) -> bool:
        """Superusers only: Django's `is_staff` alone opens nothing."""
        return request.user.is_active and request.user.is_superuser

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The one log-in page, with its throttle; for somebody logged in without the right, a 403."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def autocomplete_view(self, request: HttpRequest) -> Any:
        """Answers for the drop-downs that search as one types."""
        return CompanyAutocomplete.as_view(admin_site=self)(request)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """Each page, rendered within the scope of all companies."""
        inner: Callable[..., Any] = super().admin_view(view, cacheable)

        @wraps(inner)
        def in_all_companies(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not self.has_permission(request):
                raise PermissionDenied
            if getattr(request, "impersonating", False):
                messages.warning(request, _("Leave the company before you open the tables of all companies."))
                return redirect("company_list")
            with all_companies_scope(impersonator_id=request.user.pk):
                response: Any = inner(request, *args, **kwargs)
                return response.render() if hasattr(response, "render") else response

        return in_all_companies
