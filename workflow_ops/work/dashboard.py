"""The dashboard: the first page after logging in."""

from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page
from users import access
from users.first_steps import first_steps, prospects
from users.models import CustomUser
from workflow_design.models import TicketDefinition
from workflow_ops.access import my_open_tasks, submittable_by
from workflow_ops.history.names import with_standing
from workflow_ops.models import TaskInstance, TicketInstance
from workflow_ops.work.task_views import with_list_details

MAX_TASKS = 6
MAX_TICKETS = 5
MAX_CARDS = 9


@require_safe
@company_page()
def user_dashboard(request: PageRequest) -> HttpResponse:
    """Show the person's open tasks, running tickets and tickets to submit; first steps to new admins."""
    steps = first_steps(request.company) if access.may_manage_company(request.user) else []
    context = {
        "steps": [] if all(step.is_done for step in steps) else steps,
        "tasks": _tasks(request.user),
        "tickets": _tickets(request.user),
        "kinds": _submittable(request.user),
        "prospects": prospects(request.user),
    }
    return render(request, "users/dashboard.html", context)


def _tasks(person: CustomUser) -> list[TaskInstance]:
    return list(with_list_details(my_open_tasks(person)).order_by("created_at", "pk")[:MAX_TASKS])


def _tickets(person: CustomUser) -> list[TicketInstance]:
    mine = TicketInstance.objects.filter(is_finished=False, **person.as_author())
    mine = mine.select_related("workflow_instance", "ticket_definition").order_by("-number")
    return with_standing(mine[:MAX_TICKETS], reader=person)


def _submittable(person: CustomUser) -> list[TicketDefinition]:
    return list(submittable_by(person).order_by(Lower("title"), "pk")[:MAX_CARDS])
