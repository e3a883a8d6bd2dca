"""The pages on which the scenarios of a version are read: the list, and one of them, played."""

from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page
from workflow_design.access import find_workflow, may_design
from workflow_design.check.check_file import QUICK
from workflow_design.check.scenarios import ScenarioPlayer
from workflow_design.check.static import check_definition
from workflow_design.check.work import OutOfWorkError, Work
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.engine.scenarios import PlayedScenario, Scenario
from workflow_design.models import CheckStatus, WorkflowDefinition
from workflow_design.pages.trails import build_tabs, build_trail
from workflow_design.persistence.exporting import export_workflow
from workflow_design.persistence.reports import stored_check
from workflow_design.wording.decisions import describe_moves
from workflow_design.wording.rules import Vocabulary
from workflow_design.wording.scenarios import describe_unmet, list_expectations

COLUMNS: Final = (
    {"label": gettext_lazy("Scenario")},
    {"label": gettext_lazy("Result")},
    {"label": gettext_lazy("Steps"), "is_number": True},
    {"label": gettext_lazy("Expected")},
)
PASSED: Final = ("success", gettext_lazy("Passed"))
FAILED: Final = ("danger", gettext_lazy("Failed"))
NOT_PLAYED: Final = ("neutral", gettext_lazy("Not played yet"))


@require_safe
@company_page()
def workflow_scenarios(request: PageRequest, workflow_id: int) -> HttpResponse:
    """List the scenarios of a version, with the results of its last check."""
    workflow = find_workflow(request.user, workflow_id)
    file = export_workflow(workflow)
    vocabulary = Vocabulary.of_schema(file.fields_schema)
    results = _results(workflow, file)
    rows = [
        {
            "title": scenario.title,
            "url": reverse("scenario_detail", args=[workflow.pk, number + 1]),
            "tone": result[0],
            "result": result[1],
            "steps": len(scenario.moves),
            "expected": " ".join(each.sentence for each in list_expectations(scenario.expect, vocabulary)),
        }
        for number, (scenario, result) in enumerate(
            zip(map(Scenario.from_json, file.scenarios), results, strict=True)
        )
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


def _results(workflow: WorkflowDefinition, file: WorkflowFile) -> list[tuple[str, Any]]:
    """Return the result of each scenario as a tone and a word: what the stored report of the check says."""
    check = stored_check(workflow, file if workflow.is_draft else None)
    report = None if check is None else check.report
    failed = {each.pointer for each in report.errors if each.code == "scenario-failed"} if report else set()
    if report is None or check is None:
        return [NOT_PLAYED for _each in file.scenarios]
    # They are not played while there are other errors, and perhaps not all within the first quick check.
    is_played = check.status == CheckStatus.CHECKED and "/scenarios" not in failed
    is_played &= all(each.code == "scenario-failed" for each in report.errors)
    others = PASSED if is_played else NOT_PLAYED
    return [FAILED if f"/scenarios/{number}" in failed else others for number in range(len(file.scenarios))]


@require_safe
@company_page()
def scenario_detail(request: PageRequest, workflow_id: int, number: int) -> HttpResponse:
    """Play a scenario, and show its steps and what came of each expectation."""
    workflow = find_workflow(request.user, workflow_id)
    file, scenario = find_scenario(workflow, number)
    designs = may_design(request.user)
    trail = build_trail(workflow, (_("Scenarios"), "workflow_scenarios"))
    context = {
        "workflow": workflow,
        "scenario": scenario,
        "number": number,
        "may_change": designs and workflow.is_draft,
        "trail": trail,
        "people": people_lines(scenario),
        **scenario_lines(file, scenario),
    }
    return render(request, "workflow_design/scenarios/detail.html", context)


def people_lines(scenario: Scenario) -> list[dict[str, str]]:
    """Return the people of a scenario with their roles, as entries of a definition list."""
    return [
        {"label": name, "value": ", ".join(roles) or _("No role")} for name, roles in scenario.people.items()
    ]


def find_scenario(workflow: WorkflowDefinition, number: int) -> tuple[WorkflowFile, Scenario]:
    """Return a version as a file, and the scenario with this number, counted from 1. Raise Http404."""
    file = export_workflow(workflow)
    if not 1 <= number <= len(file.scenarios):
        raise Http404
    return file, Scenario.from_json(file.scenarios[number - 1])


def scenario_lines(file: WorkflowFile, scenario: Scenario) -> dict[str, Any]:
    """Return the steps and expectations of a scenario in words, and its result: `tone` and `result`."""
    vocabulary = Vocabulary.of_schema(file.fields_schema)
    played = _play(file, scenario)
    unmet = {(each.member, each.name): each for each in (played.unmet if played else ())}
    refusal = unmet.get(("moves", ""))
    tone, result = NOT_PLAYED if played is None else FAILED if unmet else PASSED
    return {
        "steps": describe_moves(scenario.moves, vocabulary),
        "expected": [
            {
                "sentence": each.sentence,
                "came": describe_unmet(unmet[each[:2]], vocabulary) if each[:2] in unmet else "",
            }
            for each in list_expectations(scenario.expect, vocabulary)
        ],
        "tone": tone,
        "result": result,
        "reason": describe_unmet(refusal, vocabulary) if refusal else "",
        # Nothing can be said about what stands after a move that was not played.
        "is_judged": played is not None and refusal is None,
    }


def _play(file: WorkflowFile, scenario: Scenario) -> PlayedScenario | None:
    """Return the played scenario; None if the definition has errors, or it takes too much work here."""
    if check_definition(file):
        return None
    try:
        return ScenarioPlayer(file, Work(QUICK.work, seconds=QUICK.seconds)).play(scenario)
    except OutOfWorkError:
        return None
