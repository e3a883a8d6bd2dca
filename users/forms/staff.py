"""Forms of the pages for TicketFlower's staff."""

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from users.models import Company


class CompanyFilterForm(forms.Form):
    """The filter of the list of companies, read from the URL."""

    q = forms.CharField(
        label=_("Company name"),
        required=False,
        max_length=255,
        widget=forms.SearchInput,
    )

    def narrow(self, companies: QuerySet[Company]) -> QuerySet[Company]:
        """Return the companies whose name contains the text, or none if the text is invalid."""
        if not self.is_valid():
            return companies.none()
        text = self.cleaned_data["q"]
        return companies.filter(name__icontains=text) if text else companies
