"""The pages on which the scenarios of a version are read: the list, and one of them, played."""

from dataclasses import asdict
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page
from workflow_design.access import find_workflow, may_design
from workflow_design.engine.scenarios import Scenario
from workflow_design.pages.scenario_results import (
    ScenarioResult,
    find_scenario,
    list_scenarios,
    play_scenario,
)
from workflow_design.pages.trails import build_tabs, build_trail
from workflow_design.persistence.exporting import export_workflow
from workflow_design.wording.rules import Vocabulary
from workflow_design.wording.scenarios import list_expectations

COLUMNS: Final = (
    {"label": gettext_lazy("Scenario")},
    {"label": gettext_lazy("Result")},
    {"label": gettext_lazy("Steps"), "is_number": True},
    {"label": gettext_lazy("Expected")},
)
TONES: Final = {
    ScenarioResult.PASSED: "success",
    ScenarioResult.FAILED: "danger",
    ScenarioResult.NOT_PLAYED: "neutral",
}


@require_safe
@company_page()
def workflow_scenarios(request: PageRequest, workflow_id: int) -> HttpResponse:
    """List the scenarios of a version, with the results of its last check."""
    workflow = find_workflow(request.user, workflow_id)
    file = export_workflow(workflow)
    vocabulary = Vocabulary.of_schema(file.fields_schema)
    rows = [
        {
            "title": scenario.title,
            "url": reverse("scenario_detail", args=[workflow.pk, number]),
            "tone": TONES[result],
            "result": result.label,
            "steps": len(scenario.moves),
            "expected": " ".join(each.sentence for each in list_expectations(scenario.expect, vocabulary)),
        }
        for number, (scenario, result) in enumerate(list_scenarios(workflow, file), start=1)
    ]
    designs = may_design(request.user)
    context = {
        "workflow": workflow,
        "rows": rows,
        "columns": COLUMNS,
        "may_change": designs and workflow.is_draft,
        "tabs": build_tabs(workflow, "workflow_scenarios") if designs and workflow.is_draft else [],
        "trail": build_trail(workflow),
    }
    return render(request, "workflow_design/scenarios/list.html", context)


@require_safe
@company_page()
def scenario_detail(request: PageRequest, workflow_id: int, number: int) -> HttpResponse:
    """Play a scenario, and show its steps and what came of each expectation."""
    workflow = find_workflow(request.user, workflow_id)
    file, scenario = find_scenario(workflow, number)
    played = play_scenario(file, scenario)
    context = {
        "workflow": workflow,
        "scenario": scenario,
        "number": number,
        "may_change": may_design(request.user) and workflow.is_draft,
        "trail": build_trail(workflow, (_("Scenarios"), "workflow_scenarios")),
        "people": people_lines(scenario),
        **asdict(played),
        "tone": TONES[played.result],
        "result": played.result.label,
    }
    return render(request, "workflow_design/scenarios/detail.html", context)


def people_lines(scenario: Scenario) -> list[dict[str, str]]:
    """Return the people of a scenario with their roles, as entries of a definition list."""
    return [
        {"label": name, "value": ", ".join(roles) or _("No role")} for name, roles in scenario.people.items()
    ]
