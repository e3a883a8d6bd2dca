"""The dashboard, the first page after logging in; with the first steps of a new company."""

from dataclasses import dataclass

from django.db.models import Exists, Model
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page
from users import access
from users.models import Company, CompanyRole, CustomUser, Invitation
from users.system_roles import SystemRoleName
from workflow_ops.access import my_open_tasks, submittable_by
from workflow_ops.history.names import with_standing
from workflow_ops.models import TicketInstance
from workflow_ops.work.task_views import with_list_details

MAX_TASKS = 6
MAX_TICKETS = 5
MAX_CARDS = 9


@require_safe
@company_page()
def user_dashboard(request: PageRequest) -> HttpResponse:
    """Show the person's open tasks, running tickets and tickets to submit; first steps to new admins."""
    person = request.user
    steps = first_steps(request.company) if access.may_manage_company(person) else []
    tickets = TicketInstance.objects.filter(is_finished=False, **person.as_author())
    tickets = tickets.select_related("workflow_instance", "ticket_definition").order_by("-number")
    tasks = with_list_details(my_open_tasks(person)).order_by("created_at", "pk")
    context = {
        "steps": [] if all(step.is_done for step in steps) else steps,
        "tasks": list(tasks[:MAX_TASKS]),
        "tickets": with_standing(tickets[:MAX_TICKETS], reader=person),
        "kinds": list(submittable_by(person).order_by(Lower("title"), "pk")[:MAX_CARDS]),
        "prospects": prospects(person),
    }
    return render(request, "users/dashboard.html", context)


@dataclass(frozen=True, slots=True)
class FirstStep:
    """A step in setting up a company: a link, and whether it is done."""

    label: str
    text: str
    url: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class Prospect:
    """Something that a user can do with TicketFlower."""

    icon: str
    title: str
    text: str


def first_steps(company: Company) -> list[FirstStep]:
    """Return the steps of setting up the company, using one statement of constant cost."""
    invited = Exists(Invitation.objects.pending())
    found = Company.objects.filter(pk=company.pk).values_list(
        _has_several(CustomUser), invited, _has_several(CompanyRole)
    )
    has_people, has_invited, has_roles = found.get()
    return [
        FirstStep(
            label=_("Invite the people you work with"),
            text=_("They get a link by e-mail and choose their own password."),
            url=reverse("people_list"),
            is_done=has_people or has_invited,
        ),
        FirstStep(
            label=_("Name the roles of your company"),
            text=_(
                "For example HR, Finance or Manager. Work is assigned to roles, not to individual people."
            ),
            url=reverse("role_list"),
            is_done=has_roles,
        ),
        FirstStep(
            label=_("Set the time zone"),
            text=_("Times are shown in %(zone)s to everyone who has not chosen their own time zone.")
            % {"zone": company.time_zone},
            url=reverse("company_settings"),
            is_done=company.time_zone != "UTC",
        ),
    ]


def prospects(person: CustomUser) -> list[Prospect]:
    """Return what this person can do with TicketFlower, according to their roles."""
    everything = {
        SystemRoleName.USER: Prospect(
            "paper-airplane",
            _("Ask for something"),
            _("Fill in a form, and see the state of your ticket and who is working on it at any time."),
        ),
        SystemRoleName.TASK_WORKER: Prospect(
            "inbox",
            _("Do your tasks"),
            _("Your tasks in one list, oldest and overdue first, with everything you need to decide."),
        ),
        SystemRoleName.TICKET_ADMIN: Prospect(
            "eye",
            _("Keep an eye on the tickets"),
            _("See all tickets and tasks, errors, and how long things take."),
        ),
        SystemRoleName.WORKFLOW_CREATOR: Prospect(
            "pencil-square",
            _("Design workflows"),
            _("Define what each task reads and writes; the order follows automatically."),
        ),
    }
    return [prospect for role, prospect in everything.items() if access.has_system_role(person, role)]


def _has_several(model: type[Model]) -> Exists:
    """Return an expression for whether the company has more than one row of the model."""
    return Exists(model._default_manager.all()[1:2])
