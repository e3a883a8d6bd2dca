"""The form for the settings of a company."""

import json
from typing import Any, Final, cast

from crispy_forms.bootstrap import InlineCheckboxes
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Column, Fieldset, Layout, Row
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from ticketflower.http import REDISPLAY, Form
from users.company_settings import SETTINGS
from users.currencies import CURRENCIES
from users.forms.accounts import name_field
from users.languages import language_choices
from users.models import Company
from users.public_holidays import countries, next_holidays, regions, validate_region
from users.time_zones import time_zone_choices

_HOLIDAYS: Final = '{% include "users/includes/holidays.html" %}'
_MOST_HOLIDAYS: Final = 3
# Dependent choices are updated immediately, without the button for browsers without scripts.
_SHOWS_HOLIDAYS: Final = {
    "hx-post": "",
    "hx-vals": json.dumps({REDISPLAY: "holidays"}),
    "hx-target": "#holidays",
    "hx-select": "#holidays",
    "hx-swap": "outerHTML settle:0ms",
}


class CompanyForm(Form):
    """The settings of a company; `holiday_region` is a country, or one of its regions."""

    name = name_field(Company, "name", label=_("Company name"), autocomplete="organization")
    language = forms.ChoiceField(
        label=_("Language"),
        help_text=_(
            "It decides how numbers are written, how dates are written in subjects and e-mails, "
            "and how search finds words. The pages stay in English."
        ),
    )
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=[(code, code) for code in CURRENCIES],
        help_text=_("All amounts of money are in it. Changing it converts no amount."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("Times are shown in this zone to everyone who has not chosen their own."),
    )
    working_days = forms.TypedMultipleChoiceField(
        label=_("Working days"),
        coerce=int,
        choices=list(WEEKDAYS.items()),
        help_text=_(
            "What is due in working hours is counted in these. Tasks that are open keep their due times."
        ),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one day.")},
    )
    day_begins = forms.TimeField(
        label=_("Work begins"),
        required=False,
        help_text=_("Leave both empty if all hours of these days count."),
    )
    day_ends = forms.TimeField(label=_("Work ends"), required=False)
    country = forms.ChoiceField(label=_("Country"), required=False)
    holiday_region = forms.CharField(label=_("Region"), required=False, widget=forms.Select)

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        values = {name: getattr(company, name) for name in SETTINGS}
        kwargs["initial"] = values | {"country": company.holiday_region.partition("-")[0]}
        super().__init__(*args, **kwargs)
        self._offer("language", language_choices())
        self._offer("time_zone", time_zone_choices(also=company.time_zone))
        self._offer("country", [("", _("None: public holidays are working days")), *countries()])
        for name in ("day_begins", "day_ends"):
            self.fields[name].widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        self._offer_regions()
        self.helper = FormHelper()
        self.helper.layout = Layout(
            Fieldset(_("Company"), "name"),
            Fieldset(_("Language and money"), "language", "currency"),
            Fieldset(
                _("Working time"),
                "time_zone",
                InlineCheckboxes("working_days", template="bootstrap5/field.html"),
                Row(Column("day_begins"), Column("day_ends")),
            ),
            Fieldset(_("Public holidays"), "country", HTML(_HOLIDAYS)),
        )

    def _offer(self, name: str, choices: Any) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    def _offer_regions(self) -> None:
        """Offer the regions of the country that is chosen."""
        self.country_code = str(self["country"].value() or "")
        region = str(self["holiday_region"].value() or "")
        self.region = region if region.startswith(f"{self.country_code}-") else self.country_code
        self.regions = regions(self.country_code)
        select = cast("forms.Select", self.fields["holiday_region"].widget)
        select.choices = [(self.country_code, _("Only what is a holiday everywhere")), *self.regions]
        for name in ("country", "holiday_region"):
            self.fields[name].widget.attrs.update(_SHOWS_HOLIDAYS)

    def next_holidays(self) -> list[dict[str, Any]]:
        """Return the next holidays in the chosen country or region."""
        found = next_holidays(self.region, timezone.localdate(), _MOST_HOLIDAYS)
        return [{"day": day, "name": name} for day, name in found]

    def clean_holiday_region(self) -> str:
        """Return the region, or the whole country if none of its regions is chosen."""
        validate_region(self.region)
        return self.region

    def clean(self) -> dict[str, Any]:
        """Check that the working day ends after it begins, or that both times are empty."""
        values = super().clean() or self.cleaned_data
        begins, ends = values.get("day_begins"), values.get("day_ends")
        if begins and ends and ends <= begins:
            self.add_error("day_ends", ValidationError(_("The day must end after it begins.")))
        for name, other in (("day_begins", ends), ("day_ends", begins)):
            if values.get(name) is None and other is not None and name not in self.errors:
                self.add_error(name, ValidationError(_("Enter both times, or none.")))
        return values
