"""What a company that has just begun shows on its dashboard, read from its data."""

from dataclasses import dataclass

from django.db.models import Exists, Model
from django.urls import reverse
from django.utils.translation import gettext as _

from users import access
from users.models import Company, CompanyRole, CustomUser, Invitation
from users.system_roles import SystemRoleName


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One thing to do for a new company: where, and whether it is done."""

    label: str
    text: str
    url: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class Prospect:
    """One thing that TicketFlower does for somebody."""

    icon: str
    title: str
    text: str


def first_steps(company: Company) -> list[FirstStep]:
    """The steps of setting the company up: one statement, however large the company is."""
    invited = Exists(Invitation.objects.pending())
    found = Company.objects.filter(pk=company.pk).values_list(
        _several(CustomUser), invited, _several(CompanyRole)
    )
    has_people, has_invited, has_roles = found.get()
    return [
        FirstStep(
            label=_("Invite the people you work with"),
            text=_("They get a link by e-mail and choose a password of their own."),
            url=reverse("people_list"),
            is_done=has_people or has_invited,
        ),
        FirstStep(
            label=_("Name the roles of your company"),
            text=_("Such as HR, Finance or Manager: work is given to roles rather than to names."),
            url=reverse("role_list"),
            is_done=has_roles,
        ),
        FirstStep(
            label=_("Set the time zone"),
            text=_("Times are shown in %(zone)s until somebody chooses another for themselves.")
            % {"zone": company.time_zone},
            url=reverse("company_settings"),
            is_done=company.time_zone != "UTC",
        ),
    ]


def prospects(person: CustomUser) -> list[Prospect]:
    """What TicketFlower does for this person, by what they may do."""
    everything = {
        SystemRoleName.USER: Prospect(
            "paper-airplane",
            _("Ask for something"),
            _("Fill in a form, and see at any time where your ticket stands and who has it."),
        ),
        SystemRoleName.TASK_WORKER: Prospect(
            "inbox",
            _("Do what waits for you"),
            _("Your tasks in one list, oldest and overdue first, with all that you need to decide."),
        ),
        SystemRoleName.TICKET_ADMIN: Prospect(
            "eye",
            _("Keep an eye on the tickets"),
            _("All tickets and tasks, what went wrong, and how long things take."),
        ),
        SystemRoleName.WORKFLOW_CREATOR: Prospect(
            "pencil-square",
            _("Design how work flows"),
            _("Say what each task reads and writes; the order follows from that by itself."),
        ),
    }
    return [prospect for role, prospect in everything.items() if access.has_system_role(person, role)]


def _several(model: type[Model]) -> Exists:
    """Whether the company has more than one."""
    return Exists(model._default_manager.all()[1:2])
