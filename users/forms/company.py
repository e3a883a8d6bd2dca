"""The form for a company's settings."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from users.currencies import CURRENCIES
from users.forms.accounts import name_field
from users.models import Company
from users.time_zones import time_zone_choices


class CompanyForm(forms.Form):
    """The name, time zone and currency of a company."""

    name = name_field(Company, "name", label=_("Company name"), autocomplete="organization")
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("Times are shown in this zone to everyone who has not chosen their own."),
    )
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=[(code, code) for code in CURRENCIES],
        help_text=_("All amounts of money are in it. Changing it converts no amount."),
    )

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "name": company.name,
            "time_zone": company.time_zone,
            "currency": company.currency,
        }
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = time_zone_choices(also=company.time_zone)  # type: ignore[attr-defined]
