"""Forms of staff's own pages."""

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from users.models import Company


class CompanyFilterForm(forms.Form):
    """What narrows the list of companies, from the address."""

    q = forms.CharField(
        label=_("Company name"),
        required=False,
        max_length=120,
        widget=forms.SearchInput,
    )

    def narrow(self, companies: QuerySet[Company]) -> QuerySet[Company]:
        """The companies whose names hold what was typed; none of them if that can't be a name."""
        if not self.is_valid():
            return companies.none()
        text = self.cleaned_data["q"]
        return companies.filter(name__icontains=text) if text else companies
