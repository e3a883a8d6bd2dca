"""Scenarios of workflows: listed, played, and made of tickets."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from ninja import Path, Schema, Status
from pydantic import Field

from users.models import Scope
from workflow_design.access import find_workflow, may_design
from workflow_design.definition.workflow import MAX_TITLE_LENGTH
from workflow_design.pages.scenario_results import (
    ScenarioResult,
    find_scenario,
    list_scenarios,
    play_scenario,
)
from workflow_design.persistence.exporting import export_workflow
from workflow_ops.api.calls import ApiRequest, Token, create_idempotently, require
from workflow_ops.api.definitions import WorkflowItem, describe_version, router
from workflow_ops.desk.shared import find_ticket
from workflow_ops.desk.ticket_scenarios import add_to_draft, newest_version, propose_scenario

Number = Annotated[int, Path(description="Number of the scenario, counted from 1.")]


class ScenarioItem(Schema):
    """A scenario of a version."""

    number: int = Field(description="Place in the workflow file, counted from 1.")
    title: str
    result: ScenarioResult = Field(description="Result of the last check.")


class NewScenario(Schema, extra="forbid"):
    """The title of a new scenario."""

    title: str = Field(
        min_length=1, max_length=MAX_TITLE_LENGTH, description="The case, and what is expected of it."
    )


class ExpectedResult(Schema):
    """A result that a scenario expects."""

    sentence: str = Field(description="The expectation.")
    came: str = Field(description="What happened instead; “” if it was met.")


class PlayedScenario(Schema):
    """A scenario that was played."""

    title: str
    result: ScenarioResult
    reason: str = Field(description="Why a step could not be played, or “”.")
    steps: list[str] = Field(description="What happened, in sentences.")
    expected: list[ExpectedResult]


@router.get("/workflows/{int:workflow_id}/scenarios", auth=Token(Scope.DESIGN), response=list[ScenarioItem])
def list_workflow_scenarios(request: ApiRequest, workflow_id: int) -> list[dict[str, Any]]:
    """List the scenarios of a version with the results of the last check. The file has their moves."""
    workflow = find_workflow(request.user, workflow_id)
    return [
        {"number": number, "title": scenario.title, "result": result}
        for number, (scenario, result) in enumerate(
            list_scenarios(workflow, export_workflow(workflow)), start=1
        )
    ]


@router.get(
    "/workflows/{int:workflow_id}/scenarios/{int:number}/run",
    auth=Token(Scope.DESIGN),
    response=PlayedScenario,
)
def run_scenario(request: ApiRequest, workflow_id: int, number: Number) -> dict[str, Any]:
    """Play a stored scenario of a version, and compare the result with what it expects. Nothing is stored."""
    file, scenario = find_scenario(find_workflow(request.user, workflow_id), number)
    played = play_scenario(file, scenario)
    return {
        "title": scenario.title,
        "result": played.result,
        "reason": played.reason,
        "steps": played.steps,
        "expected": [{"sentence": each.sentence, "came": each.came} for each in played.expected],
    }


@router.post(
    "/desk/tickets/{int:number}/scenario",
    auth=Token(Scope.DESIGN, Scope.ADMINISTER),
    response={201: WorkflowItem},
)
def make_scenario(request: ApiRequest, number: int, new: NewScenario) -> Status[dict[str, Any]]:
    """Create a scenario from a ticket in the draft of its workflow, which is created if there is none.

    Names and texts are replaced. It expects the result that the same moves have in the draft. 409 if nothing
    can be played.
    """
    ticket = find_ticket(request, number)
    require(request, may_design)

    def make() -> int:
        version = newest_version(ticket)
        scenario, _notes = propose_scenario(ticket, version)
        return add_to_draft(version, replace(scenario, title=new.title), by=request.user).pk

    return Status(201, describe_version(find_workflow(request.user, create_idempotently(request, make))))
