"""The company's settings, for company admins."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketflower.http import Form, PageRequest, company_page, show_or_submit
from users import access
from users.company_settings import change_company
from users.currencies import CURRENCIES
from users.forms.accounts import name_field
from users.models import Company
from users.time_zones import time_zone_choices


class CompanyForm(Form):
    """The name, time zone and currency of a company."""

    name = name_field(Company, "name", label=gettext_lazy("Company name"), autocomplete="organization")
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("Times are shown in this zone to everyone who has not chosen their own."),
    )
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"),
        choices=[(code, code) for code in CURRENCIES],
        help_text=gettext_lazy("All amounts of money are in it. Changing it converts no amount."),
    )

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "name": company.name,
            "time_zone": company.time_zone,
            "currency": company.currency,
        }
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = time_zone_choices(also=company.time_zone)  # type: ignore[attr-defined]


@show_or_submit
@company_page(access.may_manage_company)
def company_settings(request: PageRequest) -> HttpResponse:
    """Show and change the settings of the company."""
    form = CompanyForm(request.company, request.POST if request.method == "POST" else None)
    if form.is_valid():
        change_company(**form.cleaned_data)
        messages.success(request, _("The settings have been saved."))
        return redirect("company_settings")
    return render(request, "users/company_settings.html", {"form": form})
