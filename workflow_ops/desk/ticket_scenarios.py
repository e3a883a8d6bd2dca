"""Turning a real ticket into a scenario of its workflow's draft, for pages and programs."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext as _

from users.models import CustomUser
from workflow_design.check.static import check_definition
from workflow_design.definition.schema import read_fields
from workflow_design.editor.scenarios.actions import add_scenario
from workflow_design.editor.scenarios.page import roles_of
from workflow_design.editor.scenarios.proposals import find_people, name_people, with_proposal
from workflow_design.engine.scenarios import Scenario
from workflow_design.models import WorkflowDefinition
from workflow_design.persistence.exporting import export_workflow
from workflow_design.versions.publishing import new_version
from workflow_design.wording.scenarios import STATUSES
from workflow_ops.history.past_scenarios import read_moves, without_texts
from workflow_ops.models import TicketInstance
from workflow_ops.refusals import RefusedError


def newest_version(ticket: TicketInstance) -> WorkflowDefinition:
    """Return the draft of the ticket's workflow, or else its active version, or else the newest."""
    versions = ticket.workflow_instance.workflow.line.versions.select_related("line")
    return versions.drafts().first() or versions.active().first() or versions.order_by("-version")[0]


def propose_scenario(ticket: TicketInstance, version: WorkflowDefinition) -> tuple[Scenario, list[str]]:
    """Return the ticket as a scenario of this version, anonymized, and remarks for the person who adds it.

    Raise RefusedError if nothing can be played.
    """
    file = export_workflow(version)
    if check_definition(file):
        raise RefusedError(_("The draft of this workflow has errors, so nothing can be played on it."))
    moves, left_out = read_moves(ticket)
    fields = read_fields(file.fields_schema)
    roles = roles_of(find_people(moves, fields), file)
    named, people = name_people(without_texts(moves, file), fields, roles)
    scenario, reason = with_proposal(file, Scenario("", named, people))
    # Leave out people who occur only in steps that are left out.
    used = {str(each) for move in scenario.moves for each in (move.by, *move.values.values())}
    known = {name: held for name, held in people.items() if name in used}
    notes = [each for each in (left_out, reason) if each]
    if not scenario.moves:
        raise RefusedError(" ".join(notes))
    run = ticket.workflow_instance
    if not notes and scenario.expect["status"] != run.status:
        text = _("The ticket itself is %(status)s: what was done by hand is not part of a scenario.")
        notes.append(text % {"status": STATUSES[run.status]})
    return replace(scenario, people=known), notes


def add_to_draft(version: WorkflowDefinition, scenario: Scenario, *, by: CustomUser) -> WorkflowDefinition:
    """Add the scenario to the draft, which is created if there is none, and return the draft.

    Raise the errors of `add_scenario`.
    """
    with transaction.atomic():
        draft = version if version.is_draft else new_version(version, by=by)
        add_scenario(draft, scenario)
    return draft
