"""Pages of the lists of tickets, tasks and errors."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page
from workflow_design.access import may_administer_something
from workflow_ops.actions.connections.pausing import paused_connections
from workflow_ops.desk.bulk.operations import ERRORS, TASKS, TICKETS, bulk_bar
from workflow_ops.desk.lists.cells import error_cells, task_cells, ticket_cells
from workflow_ops.desk.lists.columns import column_heads
from workflow_ops.desk.lists.errors import ErrorList
from workflow_ops.desk.lists.neighbours import ticket_suffix
from workflow_ops.desk.lists.saved_views import ListViews
from workflow_ops.desk.lists.tasks import TaskList
from workflow_ops.desk.lists.tickets import TicketList
from workflow_ops.models import DeskList
from workflow_ops.work.needs import roles_to_ask_for


@require_safe
@company_page(may_administer_something)
def manage_tickets(request: PageRequest) -> HttpResponse:
    """List the tickets that the person administers."""
    found = TicketList(request.GET, request.user)
    page = found.page(request)
    views = ListViews(request, DeskList.TICKETS)
    context: dict[str, Any] = {"form": found.form, "page": page, "rows": page.rows, "views": views}
    context |= column_heads(views.list, views.columns, page.rows)
    suffix = ticket_suffix(request.GET.urlencode())
    context["cells"] = ticket_cells(page.rows, context["heads"], suffix=suffix)
    context["roles"] = [] if page.rows else roles_to_ask_for(request.user)
    context["bulk"] = bulk_bar(TICKETS)
    context["note"] = found.note
    return render(request, "workflow_ops/manage_tickets.html", context)


@require_safe
@company_page(may_administer_something)
def manage_tasks(request: PageRequest) -> HttpResponse:
    """List the tasks of the tickets that the person administers, by default the longest waiting one first."""
    found = TaskList(request.GET, request.user)
    page = found.page(request)
    views = ListViews(request, DeskList.TASKS)
    context: dict[str, Any] = {"form": found.form, "page": page, "rows": page.rows, "views": views}
    context |= column_heads(views.list, views.columns, page.rows)
    context["cells"] = task_cells(page.rows, context["heads"])
    context["roles"] = [] if page.rows else roles_to_ask_for(request.user)
    context["bulk"] = bulk_bar(TASKS)
    context["note"] = found.note
    return render(request, "workflow_ops/manage_tasks.html", context)


@require_safe
@company_page(may_administer_something)
def manage_errors(request: PageRequest) -> HttpResponse:
    """List the errors of the tickets that the person administers."""
    found = ErrorList(request.GET, request.user)
    page = found.page(request)
    views = ListViews(request, DeskList.ERRORS)
    context: dict[str, Any] = {"form": found.form, "page": page, "rows": page.rows, "views": views}
    context |= column_heads(views.list, views.columns, page.rows)
    context["cells"] = error_cells(page.rows, context["heads"])
    context["bulk"] = bulk_bar(ERRORS)
    context["paused"] = paused_connections(request.user)
    return render(request, "workflow_ops/manage_errors.html", context)
