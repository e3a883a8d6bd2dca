"""What the page on which a scenario is made shows."""

from collections.abc import Collection
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ticketflower.clean_json import parse_number
from users.models import CompanyRoleMembership
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.editor.scenarios.forms import ScenarioForm
from workflow_design.models import WorkflowDefinition
from workflow_design.pages.scenarios import people_lines
from workflow_design.pages.trails import build_trail
from workflow_design.persistence.exporting import named_roles
from workflow_design.wording.decisions import describe_moves
from workflow_design.wording.rules import Vocabulary


def roles_of(ids: Collection[str], file: WorkflowFile) -> dict[str, list[str]]:
    """Return the company roles of people that the workflow names, by the id of the person. One statement."""
    known = {name.casefold() for _where, name in named_roles(file)}
    keys = [number for number in map(parse_number, ids) if number is not None]
    held: dict[str, list[str]] = {}
    rows = CompanyRoleMembership.objects.filter(person__in=keys).order_by("role__name")
    for person_id, name in rows.values_list("person_id", "role__name"):
        if name.casefold() in known:
            held.setdefault(str(person_id), []).append(name)
    return held


def form_context(workflow: WorkflowDefinition, form: ScenarioForm, notes: list[str]) -> dict[str, Any]:
    """Return the context of the page on which a scenario is made."""
    scenario, vocabulary = form.scenario, Vocabulary.of_schema(workflow.fields_schema)
    return {
        "workflow": workflow,
        "form": form,
        "notes": notes,
        "people": people_lines(scenario),
        "steps": describe_moves(scenario.moves, vocabulary),
        "head": _("New scenario"),
        "lead": _("The check plays it after every change of the draft, and before publishing."),
        "submit": _("Keep the scenario"),
        "back": reverse("workflow_scenarios", args=[workflow.pk]),
        "trail": build_trail(workflow, (_("Scenarios"), "workflow_scenarios")),
    }
