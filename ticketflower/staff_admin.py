"""Django admin for TicketFlower's staff: over all companies, so past both walls (docs/security.md)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketflower.tenancy.context import all_companies_scope


class StaffAdminSite(admin.AdminSite):
    """For superusers who are in no company just now; everybody else logs in as one first."""

    site_header = site_title = gettext_lazy("TicketFlower staff")
    index_title = gettext_lazy("All tables")
    site_url = "/users/companies/"

    def has_permission(self, request: HttpRequest) -> bool:
        """Superusers only: Django's `is_staff` alone opens nothing."""
        return request.user.is_active and request.user.is_superuser

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """The one log-in page, with its throttle; for somebody logged in without the right, a 403."""
        if request.user.is_authenticated:
            from django.core.exceptions import PermissionDenied

            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or request.get_full_path())

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        """Each page, rendered within the scope of all companies."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def in_all_companies(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not self.has_permission(request):
                return inner(request, *args, **kwargs)
            if getattr(request, "impersonating", False):
                messages.warning(request, _("Leave the company before you open the tables of all companies."))
                return redirect("company_list")
            with all_companies_scope(person_id=request.user.pk):
                response: Any = inner(request, *args, **kwargs)
                return response.render() if hasattr(response, "render") else response

        return in_all_companies
