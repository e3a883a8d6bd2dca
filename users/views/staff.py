"""Pages for TicketFlower's staff: companies, entering and leaving one, and the style page."""

from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from ticketflower.http import PageRequest, safe_next, staff_page
from ticketflower.listing import Sort, list_page
from ticketflower.style_page import style_page_context
from ticketflower.tenancy.context import all_companies_scope
from users.filters import CompanyFilter
from users.impersonation import enter_company, leave_company
from users.models import Company, CustomUser

SORTS = [
    Sort("name", gettext_lazy("Name"), "name_in_order"),
    Sort("created", gettext_lazy("Signed up"), "created_at", descending=True),
]
COLUMNS = [
    {"label": gettext_lazy("Name"), "key": "name"},
    {"label": gettext_lazy("Active people"), "is_number": True},
    {"label": gettext_lazy("Signed up"), "key": "created"},
    {"label": gettext_lazy("Enter"), "is_hidden": True},
]


def _companies() -> QuerySet[Company]:
    people = CustomUser.objects.active().filter(company=OuterRef("pk")).order_by().values("company")
    count = Subquery(people.annotate(count=Count("pk")).values("count"), output_field=IntegerField())
    companies: QuerySet[Company] = Company.objects.annotate(
        name_in_order=Lower("name"), active_people=Coalesce(count, 0)
    )
    return companies


@require_safe
@staff_page
def company_list(request: PageRequest) -> HttpResponse:
    """List all companies; staff inside a company, who can't see others, are asked to leave it first."""
    if request.impersonating:
        return _confirm_leave(request)
    with all_companies_scope(impersonator_id=request.user.pk):
        found = CompanyFilter(request.GET, _companies())
        page = list_page(request, found.qs, sorts=SORTS)
    context = {"form": found.form, "page": page, "columns": COLUMNS}
    return render(request, "users/company_list.html", context)


def _confirm_leave(request: PageRequest) -> HttpResponse:
    context = {
        "title": _("Leave %(company)s?") % {"company": request.company},
        "text": _("You are in this company. Leave it to see the list of all companies."),
        "submit": _("Leave"),
        "action": f"{reverse('company_leave')}?{urlencode({'next': request.get_full_path()})}",
        "cancel_url": reverse("user_dashboard"),
        "is_harmless": True,
    }
    return render(request, "components/confirm.html", context)


@require_POST
@staff_page
def company_enter(request: PageRequest, company_id: int) -> HttpResponse:
    """Enter the company."""
    if request.impersonating:
        if request.company.pk == company_id:
            return redirect("user_dashboard")
        messages.warning(request, _("You are still in a company. Leave it before you enter another."))
        return redirect("company_list")
    with all_companies_scope(impersonator_id=request.user.pk):
        company = get_object_or_404(Company, pk=company_id)
    enter_company(request, company)
    return redirect("user_dashboard")


@require_POST
@staff_page
def company_leave(request: PageRequest) -> HttpResponse:
    """Leave the company, and go to the list of companies as it was asked for."""
    leave_company(request)
    return redirect(safe_next(request, reverse("company_list")))


@require_safe
@staff_page
def style_page(request: PageRequest) -> HttpResponse:
    """Show every component in every state."""
    return render(request, "style_page.html", style_page_context())
