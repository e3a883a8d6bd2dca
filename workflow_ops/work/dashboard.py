"""The dashboard, the first page after log-in: needs of admins, work, and first steps of a new company."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Model, QuerySet, Subquery
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page
from ticketflower.navigation import badge_text
from ticketflower.relative_times import relative_and_exact
from ticketflower.row_tags import Line
from users import access
from users.models import Company, CompanyRole, CustomUser, Invitation
from users.person_queries import PersonQuery
from users.system_roles import SystemRoleName
from workflow_design.access import may_administer_something
from workflow_design.models import WorkflowDefinition, WorkflowStatus
from workflow_ops.access import my_open_tasks, own_tickets, submittable_by
from workflow_ops.history.list_rows import lines_of_tasks, read_task_rows
from workflow_ops.history.own_tickets import read_own_tickets
from workflow_ops.models import TicketCounter, TicketInstance
from workflow_ops.work.needs import MAX_COUNT, waiting_at_desk

MAX_TASKS = 6
MAX_TICKETS = 5
MAX_CARDS = 9
SETTLED_TICKETS = 10
"""A company with more tickets than this no longer sees the first steps."""


@require_safe
@company_page()
def user_dashboard(request: PageRequest) -> HttpResponse:
    """Show the person's open tasks, what needs an admin, running tickets and tickets to submit."""
    person = request.user
    is_staff = person.impersonating
    work: Any = _WORK.rows(person, person.waiting.tasks > 0, company=request.company.pk)[0]
    # Staff enter companies that others have already set up.
    sets_up = access.may_manage_company(person) and not is_staff and not work.is_settled
    steps = first_steps(request.company) if sets_up else []
    is_at_desk = may_administer_something(person)
    needs, longest = waiting_at_desk(person, request.company) if is_at_desk else ([], [])
    tasks, held = _read_tasks(work.ready, work.held)
    tickets = list(dict.fromkeys([*(work.waiting or ()), *work.mine]))[:MAX_TICKETS]
    # Staff only look after a company; what its people can submit is in the menu.
    kinds = [] if is_staff else _KINDS.rows(person)
    context = {
        "is_at_desk": is_at_desk,
        "needs": needs,
        "longest": longest,
        "steps": [] if all(step.is_done for step in steps) else steps,
        "tasks": tasks,
        "held": held,
        "tickets": read_own_tickets(tickets, reader=person),
        "kinds": kinds,
        "prospects": [] if kinds or is_staff else prospects(person),
        "has_earlier": has_earlier_tickets(person),
        "facts": facts_of_company(request.company) if is_staff else [],
    }
    return render(request, "users/dashboard.html", context)


def _work(person: CustomUser, has_tasks: bool, *, company: int) -> QuerySet[Company]:
    """Return the company with the ids of the person's most urgent tasks and newest open tickets."""
    mine = own_tickets(person).filter(is_finished=False).order_by("-number")
    own_tasks = my_open_tasks(person).order_by().values("workflow_instance")
    # Two short lists, because sorting by whether a ticket waits for the person would read all of their
    # tickets.
    waiting = mine.filter(workflow_instance__in=own_tasks) if has_tasks else mine.none()
    return Company.objects.filter(pk=company).annotate(
        ready=ArraySubquery(my_open_tasks(person).values("pk")[:MAX_TASKS]),
        held=ArraySubquery(my_open_tasks(person, on_hold=True).values("pk")[:MAX_TASKS]),
        waiting=ArraySubquery(waiting.values("pk")[:MAX_TICKETS]),
        mine=ArraySubquery(mine.values("pk")[:MAX_TICKETS]),
        is_settled=_has_more(TicketInstance, SETTLED_TICKETS),
    )


_WORK: Final = PersonQuery(_work, *("id", "ready", "held", "waiting", "mine", "is_settled"))
_KINDS: Final = PersonQuery(
    lambda person: submittable_by(person).order_by(Lower("title"), "pk")[:MAX_CARDS],
    *("id", "title", "description"),
)


def _read_tasks(*lists: Sequence[int]) -> list[list[Line]]:
    """Return the tasks of each list of ids, as lines, using one statement for all."""
    rows = {row.id: row for row in read_task_rows([pk for ids in lists for pk in ids])}
    return [lines_of_tasks(rows[pk] for pk in ids) for ids in lists]


def has_earlier_tickets(person: CustomUser) -> bool:
    """Return whether the person has tickets that ended, although the menu does not offer them."""
    if person.company_role_ids or access.has_system_role(person, SystemRoleName.USER):
        return False
    return own_tickets(person).filter(is_finished=True).exists()


def facts_of_company(company: Company) -> list[dict[str, Any]]:
    """Return facts about a company for staff, using one statement of bounded cost."""
    people = CustomUser.objects.active().order_by().values("pk")[:MAX_COUNT]
    workflows = (
        WorkflowDefinition.objects.filter(status=WorkflowStatus.ACTIVE).order_by().values("pk")[:MAX_COUNT]
    )
    found = Company.objects.filter(pk=company.pk).values_list(
        ArraySubquery(people),
        ArraySubquery(workflows),
        Subquery(TicketCounter.objects.values("last_number")[:1]),
        Subquery(TicketInstance.objects.order_by("-number").values("created_at")[:1]),
    )
    active, used, tickets, newest = found.get()
    return [
        {"label": _("People"), "value": badge_text(len(active)) or "0", "url": reverse("people_list")},
        {
            "label": _("Active workflows"),
            "value": badge_text(len(used)) or "0",
            "url": reverse("workflow_definitions_list"),
        },
        {
            "label": _("Tickets so far"),
            "value": tickets or 0,
            "url": f"{reverse('manage_tickets')}?status=all",
            "note": newest and _("The newest: %(when)s") % {"when": relative_and_exact(newest, None)[0]},
        },
        {
            "label": _("Signed up"),
            "value": relative_and_exact(timezone.localtime(company.created_at).date(), None)[1],
        },
    ]


@dataclass(slots=True)
class FirstStep:
    """A step in setting up a company: a link, and whether it is done."""

    label: str
    text: str
    url: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class Prospect:
    """A capability of TicketFlower that a new user is told about."""

    icon: str
    title: str
    text: str
    url: str


_FIRST_STEPS: Final = (
    (
        gettext_lazy("Invite the people you work with"),
        gettext_lazy("They get a link by e-mail and choose their own password."),
        "people_list",
    ),
    (
        gettext_lazy("Name the roles of your company"),
        gettext_lazy(
            "For example HR, Finance or Manager. Work is assigned to roles, not to individual people."
        ),
        "role_list",
    ),
    (
        gettext_lazy("Set the time zone"),
        gettext_lazy("Times are shown in %(zone)s to everyone who has not chosen their own time zone."),
        "company_settings",
    ),
    (
        gettext_lazy("Choose your first workflow"),
        gettext_lazy("The gallery has workflows ready to use. You can change everything in them."),
        "gallery",
    ),
    (
        gettext_lazy("Submit a test ticket"),
        gettext_lazy("See what your people will see. You can withdraw it afterwards."),
        "ticket_catalogue",
    ),
)
"""Label, text and page of each step in setting up a company."""


def first_steps(company: Company) -> list[FirstStep]:
    """Return the steps of setting up the company, using one statement of constant cost."""
    found = Company.objects.filter(pk=company.pk).values_list(
        _has_more(CustomUser, 1),
        Exists(Invitation.objects.pending()),
        _has_more(CompanyRole, 1),
        Exists(WorkflowDefinition.objects.exclude(status=WorkflowStatus.DRAFT)),
        _has_more(TicketInstance, 0),
    )
    has_people, has_invited, has_roles, has_workflow, has_ticket = found.get()
    are_done = (has_people, has_roles, company.time_zone != "UTC", has_workflow, has_ticket)
    steps = [
        FirstStep(str(label), text % {"zone": company.time_zone}, reverse(page), is_done)
        for (label, text, page), is_done in zip(_FIRST_STEPS, are_done, strict=True)
    ]
    if has_invited:
        steps[0].url = reverse("invitation_list")
    if has_invited and not has_people:
        steps[0].text = _("Nobody has accepted your invitation yet.")
    return steps


def prospects(person: CustomUser) -> list[Prospect]:
    """Return what this person can do with TicketFlower, according to their roles."""
    everything = {
        SystemRoleName.USER: Prospect(
            "paper-airplane",
            _("Ask for something"),
            _("Fill in a form, and see the state of your ticket and who is working on it at any time."),
            reverse("ticket_catalogue"),
        ),
        SystemRoleName.TASK_WORKER: Prospect(
            "inbox",
            _("Do your tasks"),
            _("Your tasks in one list, the most urgent first, with everything you need to decide."),
            reverse("task_list"),
        ),
        SystemRoleName.TICKET_ADMIN: Prospect(
            "eye",
            _("Keep an eye on the tickets"),
            _("See all tickets and tasks and where they stand, and put right what went wrong."),
            reverse("manage_tickets"),
        ),
        SystemRoleName.WORKFLOW_CREATOR: Prospect(
            "pencil-square",
            _("Design workflows"),
            _("Define what each task reads and writes; the order follows automatically."),
            reverse("gallery"),
        ),
    }
    return [prospect for role, prospect in everything.items() if access.has_system_role(person, role)]


def _has_more(model: type[Model], number: int) -> Exists:
    """Return an expression for whether the company has more than this number of rows of the model."""
    return Exists(model._default_manager.all()[number : number + 1])
