"""The company, to read only: people, roles, and the audit log. Rights are given by people, in the browser."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Router, Schema

from ticketflower.listing import page_url
from users.access import may_manage_company
from users.company_lists import PEOPLE_SORTS, ROLE_SORTS, find_people, find_person, find_roles
from users.filters import PeopleFilter, RoleFilter
from users.models import CompanyRole, CustomUser, Scope
from workflow_ops.api.calls import ApiRequest, Token, require
from workflow_ops.api.lists import Page, list_parameters, page_of, refuse_invalid
from workflow_ops.audit.acts import find_acts
from workflow_ops.audit.filters import AuditFilter
from workflow_ops.audit.wording import Line

router = Router(tags=["Company"])


class RoleName(Schema):
    """A role of the company."""

    id: int
    name: str


class Person(Schema):
    """A person of the company with their roles."""

    id: int
    name: str
    email: str
    is_active: bool
    is_service_account: bool
    is_away: bool
    system_roles: list[str]
    company_roles: list[RoleName]
    joined_at: datetime


class Role(RoleName):
    """A role of the company, and how many people have it."""

    description: str
    people: int


class ChangedValue(Schema):
    """A value before and after, in words; "" means none."""

    what: str
    before: str
    after: str


class ChangedRow(Schema):
    """Something that was added, changed or deleted."""

    name: str
    done: str
    changes: list[ChangedValue]


class Act(Schema):
    """What was done at once, by whom, and what it changed. `left_out` counts changes that are not named."""

    at: datetime
    who: str
    way: str
    text: str
    rows: list[ChangedRow]
    left_out: int


@router.get(
    "/people",
    auth=Token(Scope.COMPANY),
    response=Page[Person],
    openapi_extra=list_parameters(PeopleFilter.base_filters, PEOPLE_SORTS),
)
def list_people(request: ApiRequest) -> dict[str, Any]:
    """List the people of the company with their roles; `company_role` is the id of a role."""
    require(request, may_manage_company)
    return page_of(request, find_people(request), _person)


@router.get("/people/{int:person_id}", auth=Token(Scope.COMPANY), response=Person)
def read_person(request: ApiRequest, person_id: int) -> dict[str, Any]:
    """Read which roles a person has, and whether they are active or away."""
    return _person(find_person(person_id, by=request.user))


def _person(person: CustomUser) -> dict[str, Any]:
    roles = [membership.role for membership in person.company_role_memberships.all()]
    return {
        "id": person.pk,
        "name": person.get_full_name(),
        "email": person.email or "",
        "is_active": person.is_active,
        "is_service_account": person.is_service_account,
        "is_away": person.is_away,
        "system_roles": sorted(each.group.name for each in person.system_role_memberships.all()),
        "company_roles": [{"id": role.pk, "name": role.name} for role in roles],
        "joined_at": person.date_joined,
    }


@router.get(
    "/roles",
    auth=Token(Scope.COMPANY),
    response=Page[Role],
    openapi_extra=list_parameters(RoleFilter.base_filters, ROLE_SORTS),
)
def list_roles(request: ApiRequest) -> dict[str, Any]:
    """List the roles that the company has made, to which workflows are open."""
    require(request, may_manage_company)
    return page_of(request, find_roles(request), _role)


def _role(role: CompanyRole) -> dict[str, Any]:
    return {
        "id": role.pk,
        "name": role.name,
        "description": role.description,
        "people": role.people,  # type: ignore[attr-defined]  # annotated by find_roles
    }


@router.get(
    "/audit",
    auth=Token(Scope.COMPANY),
    response=Page[Act],
    openapi_extra=list_parameters(AuditFilter.base_filters, ()),
)
def list_acts(request: ApiRequest) -> dict[str, Any]:
    """List what was done in the company, the newest first.

    Who administers a workflow reads what was done to a version of it (`workflow`) or to a ticket (`ticket`).
    """
    found, page = find_acts(request, request.user)
    refuse_invalid(found.form, bad_cursor=page.bad_cursor)
    older = page.older and f"{request.path}{page_url(request, 'after', str(page.older))}"
    newer = page.newer and f"{request.path}{page_url(request, 'before', str(page.newer))}"
    return {"items": [_act(line) for line in page.lines], "next": older, "previous": newer}


def _act(line: Line) -> dict[str, Any]:
    return {
        "at": line.at,
        "who": line.who,
        "way": line.way,
        "text": line.text,
        "rows": [
            {
                "name": detail.name,
                "done": detail.done,
                "changes": [
                    {"what": change.label, "before": change.before, "after": change.after}
                    for change in detail.changes
                ],
            }
            for detail in line.details
        ],
        "left_out": line.left_out,
    }
