"""The company's settings, for company admins."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ticketflower.http import PageRequest, company_page, show_or_submit
from users import access
from users.company_settings import change_company
from users.forms.company import CompanyForm


@show_or_submit
@company_page(access.may_manage_company)
def company_settings(request: PageRequest) -> HttpResponse:
    """Show and change the settings of the company."""
    form = CompanyForm(request.company, request.POST if request.method == "POST" else None)
    if form.is_valid():
        change_company(**form.cleaned_data)
        messages.success(request, _("The settings have been saved."))
        if "language" in form.changed_data:
            messages.info(request, _("Search will find words of the new language within minutes."))
        return redirect("company_settings")
    return render(request, "users/company_settings.html", {"form": form})
