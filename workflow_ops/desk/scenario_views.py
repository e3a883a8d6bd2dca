"""The page on which a real ticket becomes a scenario of its workflow's draft."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ticketflower.http import PageRequest, show_or_submit
from workflow_design.access import may_design
from workflow_design.check.static import check_definition
from workflow_design.definition.schema import read_fields
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.editor.draft_page import draft_page, form_data, try_store
from workflow_design.editor.scenarios.actions import add_scenario
from workflow_design.editor.scenarios.forms import ScenarioForm
from workflow_design.editor.scenarios.page import form_context, roles_of
from workflow_design.editor.scenarios.proposals import find_people, name_people, with_proposal
from workflow_design.engine.scenarios import Scenario
from workflow_design.models import WorkflowDefinition
from workflow_design.persistence.exporting import export_workflow
from workflow_design.versions.publishing import new_version
from workflow_design.wording.scenarios import STATUSES
from workflow_ops.desk.shared import find_ticket
from workflow_ops.history.past_scenarios import read_moves, without_texts
from workflow_ops.models import TicketInstance


@show_or_submit
@draft_page
def manage_ticket_scenario(request: PageRequest, number: int) -> HttpResponse:
    """Ask for a title and what is expected, then keep the ticket as a scenario of the draft."""
    ticket = find_ticket(request, number)
    if not may_design(request.user):
        raise PermissionDenied
    version = _newest_version(ticket)
    file = export_workflow(version)
    here = reverse("manage_ticket", args=[number])
    if check_definition(file):
        messages.error(request, _("The draft of this workflow has errors, so nothing can be played on it."))
        return redirect(here)
    scenario, notes = _propose(ticket, file)
    if not scenario.moves:
        messages.error(request, " ".join(notes))
        return redirect(here)
    form = ScenarioForm(workflow=version, scenario=scenario, data=form_data(request))

    def store() -> None:
        # Without a draft, the scenario begins the next version.
        with transaction.atomic():
            draft = version if version.is_draft else new_version(version, by=request.user)
            add_scenario(draft, form.result())
            form.workflow = draft

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


def _newest_version(ticket: TicketInstance) -> WorkflowDefinition:
    """Return the draft of the ticket's workflow, or else its active version, or else the newest."""
    versions = ticket.workflow_instance.workflow.line.versions.select_related("line")
    return versions.drafts().first() or versions.active().first() or versions.order_by("-version")[0]


def _propose(ticket: TicketInstance, file: WorkflowFile) -> tuple[Scenario, list[str]]:
    """Return the ticket as a scenario without names, and what is to be said about it."""
    moves, left_out = read_moves(ticket)
    fields = read_fields(file.fields_schema)
    roles = roles_of(find_people(moves, fields), file)
    named, people = name_people(without_texts(moves, file), fields, roles)
    scenario, reason = with_proposal(file, Scenario("", named, people))
    # People of steps that are left out are left out, too.
    used = {str(each) for move in scenario.moves for each in (move.by, *move.values.values())}
    known = {name: held for name, held in people.items() if name in used}
    notes = [each for each in (left_out, reason) if each]
    run = ticket.workflow_instance
    if not notes and scenario.expect["status"] != run.status:
        text = _("The ticket itself is %(status)s: what was done by hand is not part of a scenario.")
        notes.append(text % {"status": STATUSES[run.status]})
    return replace(scenario, people=known), notes
