"""Filters of the lists of people, invitations and roles: forms that are submitted with GET."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Concat, Lower
from django.utils.translation import gettext_lazy as _

from users.models import CompanyRole, CustomUser, Invitation, InvitationQuerySet, PersonQuerySet
from users.system_roles import SystemRoleName

LONGEST_SEARCH = 200
DEACTIVATED = "deactivated"

NAME_IN_ORDER = Lower(Concat("last_name", Value(" "), "first_name"))
"""The sort order of lists of people."""


class SearchForm(forms.Form):
    """A search box, with more fields in subclasses. Invalid parameters in the URL are ignored."""

    search_label = _("Name or e-mail address")

    q = forms.CharField(required=False, max_length=LONGEST_SEARCH, widget=forms.SearchInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].label = self.search_label

    def chosen(self, name: str) -> str:
        """Return the value of a field, or an empty string."""
        return str(self.cleaned_data.get(name, "")) if self.is_valid() or self.is_bound else ""

    @property
    def is_narrowed(self) -> bool:
        """True if any visible filter is set."""
        return any(self.chosen(field.name) for field in self.visible_fields())

    def people(self) -> PersonQuerySet:
        """Return the people whose name or address contains each of the first search words."""
        people: PersonQuerySet = CustomUser.objects.all()
        return people.matching(self.chosen("q"))


class PeopleFilter(SearchForm):
    """A filter of people by name or address, role, and status (by default, active)."""

    system_role = forms.ChoiceField(
        label=_("System role"), required=False, choices=[("", _("Any")), *SystemRoleName.choices]
    )
    company_role = forms.ChoiceField(label=_("Company role"), required=False)
    status = forms.ChoiceField(
        required=False, choices=[(DEACTIVATED, _("Deactivated"))], widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = CompanyRole.objects.order_by(Lower("name")).values_list("pk", "name")
        self.fields["company_role"].choices = [("", _("Any")), *roles]  # type: ignore[attr-defined]

    @property
    def shows_deactivated(self) -> bool:
        """True if the deactivated people are requested."""
        return self.chosen("status") == DEACTIVATED

    def people(self) -> PersonQuerySet:
        """Return the people that match all filters."""
        people = super().people().filter(is_active=not self.shows_deactivated)
        if system_role := self.chosen("system_role"):
            people = people.with_system_role(SystemRoleName(system_role))
        if company_role := self.chosen("company_role"):
            people = people.filter(company_role_memberships__role=int(company_role))
        return people


class InvitationFilter(SearchForm):
    """A filter of invitations by address."""

    search_label = _("E-mail address")

    def invitations(self) -> InvitationQuerySet:
        """Return the pending invitations whose address contains the search text."""
        return Invitation.objects.pending().filter(email__icontains=self.chosen("q"))


class RoleFilter(SearchForm):
    """A filter of company roles by name or description."""

    search_label = _("Name or description")

    def roles(self) -> QuerySet[CompanyRole]:
        """Return the roles whose name or description contains the search text."""
        text = self.chosen("q")
        return CompanyRole.objects.filter(Q(name__icontains=text) | Q(description__icontains=text))
