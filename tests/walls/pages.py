"""Every address of the site, who may use it, and with what: a new address without an entry fails the tests.

The entries are what `test_every_page.py` walks through, as the right person, as every
person of another company, as a colleague without the right, and as nobody.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from users.models import CompanyRole, Invitation
from users.tests.cases import People

Values = dict[str, Any]


class World:
    """One company with a row of each kind that an address can name."""

    def __init__(self, people: People) -> None:
        self.people = people
        with people.scope():
            self.role = CompanyRole.objects.create(name=f"Role of {people.company.name}")
            self.invitation = Invitation.objects.create(
                email=f"guest@{people.company.name.lower()}.example",
                nonce="nonce",
                expires_at=timezone.now() + timedelta(days=7),
                created_by=people.admin,
            )


def nothing(world: World) -> Values:
    """No values."""
    return {}


@dataclass(frozen=True)
class Page:
    """An address by its name.

    `kwargs` are the values in it, taken from a company's world: an address with values is
    another company's 404. `person` is who may use it (an attribute of People, "staff", or
    None for everybody, logged in or not). `data` is a POST that works, None where the
    address takes none; `get` says whether it takes a GET. `others_may` is for pages that every
    colleague may use. `search` are the parameters that people type into.
    """

    name: str
    person: str | None = "admin"
    kwargs: Callable[[World], Values] = nothing
    data: Callable[[World], Values] | None = None
    get: bool = True
    others_may: bool = False
    search: tuple[str, ...] = field(default_factory=tuple)


def _person_id(world: World) -> Values:
    return {"person_id": world.people.submitter.pk}


def _role_id(world: World) -> Values:
    return {"role_id": world.role.pk}


def _invitation_id(world: World) -> Values:
    return {"invitation_id": world.invitation.pk}


def _company_id(world: World) -> Values:
    return {"company_id": world.people.company.pk}


def _no_token(world: World) -> Values:
    return {"token": "nonsense"}


def _new_role(world: World) -> Values:
    return {"name": "Finance", "description": "Pays"}


def _theme(world: World) -> Values:
    return {"theme": "dark"}


def _members(world: World) -> Values:
    return {"people": [world.people.worker.pk]}


def _company(world: World) -> Values:
    return {"name": "A new name", "time_zone": "Europe/Berlin"}


def _invitation(world: World) -> Values:
    return {"email": "new@somewhere.example", "system_roles": ["user"], "company_roles": [world.role.pk]}


def _roles_of_person(world: World) -> Values:
    return {"system_roles": ["user"], "company_roles": [world.role.pk]}


ENTRIES = (
    # Everybody
    Page("home", person="submitter", data=nothing, others_may=True),
    Page("company_signup", person=None, data=nothing),
    Page("login", person=None, data=nothing),
    Page("password_reset", person=None, data=nothing),
    Page("theme_set", person=None, data=_theme, get=False),
    Page("health", person=None),
    Page("health_ready", person=None),
    Page("logout", person="submitter", data=nothing, others_may=True),
    Page("user_dashboard", person="submitter", others_may=True),
    Page("user_profile", person="submitter", data=nothing, others_may=True),
    Page("password_change", person="submitter", data=nothing, others_may=True),
    # Links that stand for themselves
    Page("password_reset_confirm", person=None, kwargs=_no_token, data=nothing),
    Page("invitation_accept", person=None, kwargs=_no_token, data=nothing),
    # Company admins
    Page("people_list", search=("q",)),
    Page("person_detail", kwargs=_person_id),
    Page("person_roles", kwargs=_person_id, data=_roles_of_person),
    Page("person_deactivate", kwargs=_person_id, data=nothing),
    Page("person_reactivate", kwargs=_person_id, data=nothing, get=False),
    Page("invitation_create", data=_invitation),
    Page("invitation_list", search=("q",)),
    Page("invitation_resend", kwargs=_invitation_id, data=nothing, get=False),
    Page("invitation_withdraw", kwargs=_invitation_id, data=nothing),
    Page("role_list", search=("q",)),
    Page("role_create", data=_new_role),
    Page("role_edit", kwargs=_role_id, data=_new_role),
    Page("role_give", kwargs=_role_id, data=_members, get=False),
    Page("role_take", kwargs=_role_id, data=_members, get=False),
    Page("role_delete", kwargs=_role_id, data=nothing),
    Page("company_settings", data=_company),
    Page("audit_log", search=("q",)),
    # Staff
    Page("company_list", person="staff", search=("q",)),
    Page("company_enter", person="staff", kwargs=_company_id, data=nothing, get=False),
    Page("company_leave", person="staff", data=nothing, get=False),
    Page("style_page", person="staff"),
)
PAGES = {page.name: page for page in ENTRIES}

# Django admin and its neighbours: staff only, tested in users/tests/test_staff_admin.py.
ELSEWHERE = ("admin:",)
