"""The page on which a real ticket becomes a scenario of its workflow's draft."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ticketflower.http import PageRequest, show_or_submit
from workflow_design.access import may_design
from workflow_design.editor.draft_page import draft_page, form_data, try_store
from workflow_design.editor.scenarios.forms import ScenarioForm
from workflow_design.editor.scenarios.page import form_context
from workflow_ops.desk.shared import find_ticket
from workflow_ops.desk.ticket_scenarios import add_to_draft, newest_version, propose_scenario
from workflow_ops.models import TicketInstance
from workflow_ops.refusals import RefusedError


@show_or_submit
@draft_page
def manage_ticket_scenario(request: PageRequest, number: int) -> HttpResponse:
    """Ask for a title and what is expected, then keep the ticket as a scenario of the draft."""
    ticket = find_ticket(request, number)
    if not may_design(request.user):
        raise PermissionDenied
    version = newest_version(ticket)
    here = reverse("manage_ticket", args=[number])
    try:
        scenario, notes = propose_scenario(ticket, version)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect(here)
    form = ScenarioForm(workflow=version, scenario=scenario, data=form_data(request))

    def store() -> None:
        form.workflow = add_to_draft(version, form.result(), by=request.user)

    if try_store(form, store):
        messages.success(request, _("The scenario has been added to the draft."))
        return redirect("workflow_scenarios", form.workflow.pk)
    if not version.is_draft:
        notes.append(_("This workflow has no draft: a new version is begun for the scenario."))
    context = form_context(version, form, notes) | _words(ticket, here)
    return render(request, "workflow_design/scenarios/form.html", context)


def _words(ticket: TicketInstance, here: str) -> dict[str, Any]:
    return {
        "trail": [
            {"label": _("Tickets"), "url": reverse("manage_tickets")},
            {"label": ticket.name, "url": here},
        ],
        "head": _("Make a scenario of this ticket"),
        "kicker": ticket.name,
        "lead": _("Names are made up, and texts are replaced, but for those that a condition compares."),
        "back": here,
    }
