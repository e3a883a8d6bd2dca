"""The people and roles of a company as company admins see them, for pages and the API."""

from __future__ import annotations

from django.db.models import Count, Prefetch
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from ticketflower.filters import FilterForm
from ticketflower.http import find
from ticketflower.listing import ListPage, Sort, list_page
from users.access import may_manage_company
from users.filters import NAME_IN_ORDER, PeopleFilter, RoleFilter
from users.models import CompanyRole, CompanyRoleMembership, CustomUser, SystemRoleMembership

PEOPLE_SORTS = (
    Sort("name", gettext_lazy("Name"), "name_in_order"),
    Sort("joined", gettext_lazy("Joined"), "date_joined"),
)
ROLE_SORTS = (
    Sort("name", gettext_lazy("Name"), "name_in_order"),
    Sort("people", gettext_lazy("People"), "people", descending=True),
)


def _role_prefetches() -> list[Prefetch[str]]:
    company_roles = CompanyRoleMembership.objects.select_related("role").order_by(Lower("role__name"))
    return [
        Prefetch("system_role_memberships", SystemRoleMembership.objects.select_related("group")),
        Prefetch("company_role_memberships", company_roles),
    ]


def find_people(request: HttpRequest) -> tuple[FilterForm, ListPage]:
    """Return the filter and a page of the people, with their roles; deactivated people only on request."""
    people = CustomUser.objects.annotate(name_in_order=NAME_IN_ORDER).prefetch_related(*_role_prefetches())
    found = PeopleFilter(request.GET, people)
    return found.form, list_page(request, found.qs, sorts=PEOPLE_SORTS)


def find_person(person_id: int, *, by: CustomUser) -> CustomUser:
    """Return a person with their roles. Raise Http404, or PermissionDenied unless `by` is a company admin."""
    people = CustomUser.objects.prefetch_related(*_role_prefetches())
    return find(people, by, may_manage_company, pk=person_id)


def find_roles(request: HttpRequest) -> tuple[FilterForm, ListPage]:
    """Return the filter and a page of the company's roles, each with its number of `people`."""
    roles = CompanyRole.objects.annotate(people=Count("memberships"), name_in_order=Lower("name"))
    found = RoleFilter(request.GET, roles)
    return found.form, list_page(request, found.qs, sorts=ROLE_SORTS)
