"""Filters of the lists of people, invitations, roles and companies."""

from typing import Any

from django import forms
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Concat, Lower
from django.utils.translation import gettext_lazy as _

from ticketflower.filters import ChoiceFilter, FilterSet, SearchFilter
from users.models import CompanyRole, PersonQuerySet
from users.system_roles import SystemRoleName

DEACTIVATED = "deactivated"

NAME_IN_ORDER = Lower(
    Concat("first_name", Value(" "), "last_name", Value(" "), "email", output_field=CharField())
)
"""The sort order of lists of people: by the displayed name, which is the address if there is no name."""


class PeopleSearch(FilterSet):
    """A search for people whose name or address contains each of the first words."""

    q = SearchFilter(label=_("Name or e-mail address"), method="search")

    def search(self, people: PersonQuerySet, _name: str, text: str) -> PersonQuerySet:
        """Return the people that match the text."""
        return people.matching(text)


class PeopleFilter(PeopleSearch):
    """A filter of people by name or address, role, and status (by default, active)."""

    system_role = ChoiceFilter(
        label=_("System role"),
        field_name="system_role_memberships__group__name",
        choices=SystemRoleName.choices,
        empty_label=_("Any"),
    )
    company_role = ChoiceFilter(
        label=_("Company role"), field_name="company_role_memberships__role", empty_label=_("Any")
    )
    status = ChoiceFilter(
        choices=[(DEACTIVATED, _("Deactivated"))],
        conditions={"": Q(is_active=True), DEACTIVATED: Q(is_active=False)},
        widget=forms.HiddenInput,
    )

    def __init__(self, data: Any, queryset: "QuerySet[Any]") -> None:
        super().__init__(data, queryset)
        roles = CompanyRole.objects.order_by(Lower("name")).values_list("pk", "name")
        self.filters["company_role"].extra["choices"] = list(roles)


class InvitationFilter(FilterSet):
    """A filter of invitations by address."""

    q = SearchFilter("email", label=_("E-mail address"))


class RoleFilter(FilterSet):
    """A filter of company roles by name or description."""

    q = SearchFilter("name", "description", label=_("Name or description"))


class CompanyFilter(FilterSet):
    """A filter of companies by name. An invalid text matches none."""

    q = SearchFilter("name", label=_("Company name"), max_length=255)

    def filter_queryset(self, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Return no company if the text is not valid; the page says why."""
        return super().filter_queryset(queryset) if self.form.is_valid() else queryset.none()
