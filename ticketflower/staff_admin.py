"""Django admin for TicketFlower's staff: over all companies, so it bypasses both walls (docs/security.md)."""

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
    """Autocomplete results with their company, because many companies have a role "HR"."""

    def process_request(self, request: HttpRequest) -> Any:
        """Return the search parameters, without NUL, which the database refuses."""
        term, *where = super().process_request(request)
        return term.replace("\x00", ""), *where

    def serialize_result(self, obj: models.Model, to_field_name: str) -> dict[str, str]:
        """Return a row as an entry of the drop-down."""
        result: dict[str, str] = super().serialize_result(obj, to_field_name)
        company = getattr(obj, "company", None)
        return result if company is None else {**result, "text": f"{obj} ({company})"}


class StaffAdminSite(admin.AdminSite):
    """The admin site, for superusers who have not entered a company."""

    site_header = site_title = gettext_lazy("TicketFlower staff")
    index_title = gettext_lazy("All tables")
    site_url = "/users/companies/"

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether the user is an active superuser; `is_staff` alone is not enough."""
        return request.user.is_active and request.user.is_superuser

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Redirect to the site's only log-in page, which limits attempts; refuse authenticated users."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def autocomplete_view(self, request: HttpRequest) -> Any:
        """Return the search results for a drop-down."""
        return CompanyAutocomplete.as_view(admin_site=self)(request)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """Wrap an admin view so that it runs and is rendered in the scope of all companies."""
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
