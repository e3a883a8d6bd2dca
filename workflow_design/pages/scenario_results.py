"""Scenarios of a version for pages and programs: found, played, and what came of them in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from workflow_design.check.check_file import QUICK
from workflow_design.check.scenarios import ScenarioPlayer
from workflow_design.check.static import check_definition
from workflow_design.check.work import OutOfWorkError, Work
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.engine.scenarios import PlayedScenario, Scenario
from workflow_design.models import CheckStatus, WorkflowDefinition
from workflow_design.persistence.exporting import export_workflow
from workflow_design.persistence.reports import stored_check
from workflow_design.wording.decisions import describe_moves
from workflow_design.wording.rules import Vocabulary
from workflow_design.wording.scenarios import describe_unmet, list_expectations


class ScenarioResult(TextChoices):
    """The result of a scenario."""

    PASSED = "passed", _("Passed")
    FAILED = "failed", _("Failed")
    NOT_PLAYED = "not_played", _("Not played yet")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a scenario expects, and what came instead, or ""."""

    sentence: str
    came: str


@dataclass(frozen=True, slots=True)
class ScenarioInWords:
    """A scenario that was played, in words. `reason` says why a step could not be played.

    What is expected is judged only if all steps could be played.
    """

    steps: list[str]
    expected: list[Expected]
    result: ScenarioResult
    reason: str
    is_judged: bool


def find_scenario(workflow: WorkflowDefinition, number: int) -> tuple[WorkflowFile, Scenario]:
    """Return a version as a file, and the scenario with this number, counted from 1. Raise Http404."""
    file = export_workflow(workflow)
    if not 1 <= number <= len(file.scenarios):
        raise Http404
    return file, Scenario.from_json(file.scenarios[number - 1])


def list_scenarios(workflow: WorkflowDefinition, file: WorkflowFile) -> list[tuple[Scenario, ScenarioResult]]:
    """Return the scenarios of a version, with the results of its last check."""
    return list(zip(map(Scenario.from_json, file.scenarios), _stored_results(workflow, file), strict=True))


def _stored_results(workflow: WorkflowDefinition, file: WorkflowFile) -> list[ScenarioResult]:
    check = stored_check(workflow, file if workflow.is_draft else None)
    if check is None:
        return [ScenarioResult.NOT_PLAYED for _each in file.scenarios]
    errors = check.report.errors
    failed = {each.pointer for each in errors if each.code == "scenario-failed"}
    # They are not played while there are other errors, and perhaps not all within the first quick check.
    is_played = check.status == CheckStatus.CHECKED and "/scenarios" not in failed
    is_played &= all(each.code == "scenario-failed" for each in errors)
    others = ScenarioResult.PASSED if is_played else ScenarioResult.NOT_PLAYED
    return [
        ScenarioResult.FAILED if f"/scenarios/{number}" in failed else others
        for number in range(len(file.scenarios))
    ]


def play_scenario(file: WorkflowFile, scenario: Scenario) -> ScenarioInWords:
    """Play a scenario, without storing anything, and return what came of it."""
    vocabulary = Vocabulary.of_schema(file.fields_schema)
    played = _play(file, scenario)
    unmet = {(each.member, each.name): each for each in (played.unmet if played else ())}
    refusal = unmet.get(("moves", ""))
    failed_or_not = ScenarioResult.FAILED if unmet else ScenarioResult.PASSED
    return ScenarioInWords(
        steps=describe_moves(scenario.moves, vocabulary),
        expected=[
            Expected(each.sentence, describe_unmet(unmet[each[:2]], vocabulary) if each[:2] in unmet else "")
            for each in list_expectations(scenario.expect, vocabulary)
        ],
        result=ScenarioResult.NOT_PLAYED if played is None else failed_or_not,
        reason=describe_unmet(refusal, vocabulary) if refusal else "",
        # Nothing can be said about what stands after a move that was not played.
        is_judged=played is not None and refusal is None,
    )


def _play(file: WorkflowFile, scenario: Scenario) -> PlayedScenario | None:
    """Return the played scenario; None if the definition has errors, or it takes too much work here."""
    if check_definition(file):
        return None
    try:
        return ScenarioPlayer(file, Work(QUICK.work, seconds=QUICK.seconds)).play(scenario)
    except OutOfWorkError:
        return None
