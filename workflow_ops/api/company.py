"""The company, to read only: people, roles, and the audit log. Rights are given by people, in the browser."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Router, Schema
from pydantic import Field

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
    """The id and name of a role of the company."""

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
    system_roles: list[str] = Field(description="Roles that TicketFlower defines, such as `ticket_admin`.")
    company_roles: list[RoleName] = Field(description="Roles that the company has defined.")
    joined_at: datetime


class Role(RoleName):
    """A role of the company."""

    description: str
    people: int = Field(description="Number of people who have it.")


class ChangedValue(Schema):
    """A value that was changed."""

    what: str
    before: str = Field(description="Value before, as text; “” for none.")
    after: str = Field(description="Value after, as text; “” for none.")


class ChangedRow(Schema):
    """An object that was added, changed or deleted."""

    name: str
    done: str = Field(description="Whether it was added, changed or deleted.")
    changes: list[ChangedValue]


class Act(Schema):
    """An entry of the audit log."""

    at: datetime
    who: str
    way: str = Field(description="How it was done, such as on a page, by a program or by a job.")
    text: str = Field(description="What was done, in a sentence.")
    rows: list[ChangedRow]
    left_out: int = Field(description="Number of further changes that are not in `rows`.")


@router.get(
    "/people",
    auth=Token(Scope.COMPANY),
    response=Page[Person],
    openapi_extra=list_parameters(
        PeopleFilter.base_filters,
        PEOPLE_SORTS,
        {"company_role": "Id of a role.", "status": "`deactivated`; by default, active people are listed."},
    ),
)
def list_people(request: ApiRequest) -> dict[str, Any]:
    """List the people of the company with their roles, for company admins.

    To choose a person for a form, task or ticket, use lists such as `list_assignable_people`.
    """
    require(request, may_manage_company)
    return page_of(request, find_people(request), _person)


@router.get("/people/{int:person_id}", auth=Token(Scope.COMPANY), response=Person)
def read_person(request: ApiRequest, person_id: int) -> dict[str, Any]:
    """Read one person of the company: name, e-mail address, roles, and whether they are active or away."""
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
    """List the roles that the company has defined, with the number of people who have each."""
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
    openapi_extra=list_parameters(
        AuditFilter.base_filters,
        (),
        {
            "q": "Name or e-mail address of one person.",
            "who": "`staff` for TicketFlower's staff, `system` for jobs.",
            "kind": "What was changed.",
            "since": "First day, such as 2026-01-31.",
            "until": "Last day, such as 2026-01-31.",
            "workflow": "Id of a version of a workflow.",
        },
    ),
)
def list_acts(request: ApiRequest) -> dict[str, Any]:
    """List the entries of the audit log, newest first: what was done in the company, and by whom.

    Company admins read all of it. People who administer a workflow read the entries about one version of it
    (`workflow`) or one ticket (`ticket`); 403 without these filters.
    """
    found, page = find_acts(request, request.user)
    refuse_invalid(request, found.form, bad_cursor=page.bad_cursor)
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
