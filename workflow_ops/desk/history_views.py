"""Pages about a ticket's history: its steps, the state after each of them, and the reasons."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page
from workflow_design.access import may_administer_workflow
from workflow_ops.desk.history_pages import step_context, steps_page, why_context
from workflow_ops.desk.shared import find_explained_ticket
from workflow_ops.history.steps import read_steps


@require_safe
@company_page()
def manage_ticket_history(request: PageRequest, number: int) -> HttpResponse:
    """Show the changes of the ticket's data, step by step, newest first."""
    ticket = find_explained_ticket(request, number)
    page = steps_page(request, ticket)
    administers = may_administer_workflow(request.user, ticket.workflow_instance.workflow)
    context = {
        "ticket": ticket,
        "page": page,
        "entries": read_steps(ticket, page.rows),
        "ticket_page": "manage_ticket" if administers else "ticket_detail",
    }
    return render(request, "workflow_ops/manage_ticket_history.html", context)


@require_safe
@company_page()
def manage_ticket_step(request: PageRequest, number: int, step: int) -> HttpResponse:
    """Show one step: what changed, what followed, the workspace and the picture as they stood after it."""
    context = step_context(find_explained_ticket(request, number), step)
    return render(request, "workflow_ops/manage_ticket_step.html", context)


@require_safe
@company_page()
def manage_ticket_why(request: PageRequest, number: int, step: int, kind: str, key: str) -> HttpResponse:
    """Show why a task or completion did or did not start in a step."""
    context = why_context(find_explained_ticket(request, number), step, kind, key)
    return render(request, "workflow_ops/manage_ticket_why.html", context)
