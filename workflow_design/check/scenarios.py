"""The scenarios of a workflow file, played by the check: one that fails is an error. Pure."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from workflow_design.check.findings import Finding, Severity
from workflow_design.check.work import Work
from workflow_design.definition.file_json import count_values
from workflow_design.definition.problems import pointer
from workflow_design.definition.schema import data_validator
from workflow_design.definition.workflow import CompletionFile, TaskFile, WorkflowFile
from workflow_design.engine.conditions.bounds import MAX_OPERATIONS, SCOPED, rule_objects
from workflow_design.engine.moves import Move
from workflow_design.engine.plan import build_plan
from workflow_design.engine.scenarios import PlayedScenario, Scenario, play_scenario
from workflow_design.wording.rules import Vocabulary
from workflow_design.wording.scenarios import describe_unmet

_MOVE_COST = 200


class ScenarioPlayer:
    """Plays the scenarios of a file without static errors, as long as there is work left."""

    def __init__(self, file: WorkflowFile, work: Work) -> None:
        self._plan, self._validator = build_plan(file), data_validator(file.fields_schema)
        self.vocabulary = Vocabulary(self._validator.fields)
        self._work = work
        parts: list[TaskFile | CompletionFile] = [*file.tasks, *file.completions]
        self._cost = _MOVE_COST + sum(_cost(each.condition) for each in parts if each.condition is not None)

    def play(self, scenario: Scenario) -> PlayedScenario:
        """Play a scenario. Raise OutOfWorkError if that takes too much work."""
        return play_scenario(scenario, self._plan, self._validator, before_move=self._spend_on)

    def _spend_on(self, move: Move) -> None:
        """Count the work of a move: at most, it evaluates every condition and validates its values."""
        self._work.spend(self._cost + 4 * count_values(dict(move.values)))


def find_failed_scenarios(file: WorkflowFile, work: Work) -> Iterator[Finding]:
    """Yield an error for each scenario that does not hold. Raise OutOfWorkError if they take too much work.

    The definition has no static errors.
    """
    player = ScenarioPlayer(file, work)
    for position, scenario in enumerate(map(Scenario.from_json, file.scenarios)):
        played = player.play(scenario)
        if played.unmet:
            yield _build_failed(position, scenario, played, player.vocabulary)


def _build_failed(
    position: int, scenario: Scenario, played: PlayedScenario, vocabulary: Vocabulary
) -> Finding:
    words = " ".join(describe_unmet(unmet, vocabulary) for unmet in played.unmet)
    return Finding(
        "scenario-failed",
        Severity.ERROR,
        pointer("scenarios", position),
        _("The scenario “%(title)s” fails. %(what)s") % {"title": scenario.title, "what": words},
        _("Fix the workflow. If this is how it should be, replace the scenario."),
        counterexample=tuple(step.move for step in played.steps),
    )


def build_not_played() -> Finding:
    """Return the error of scenarios that could not be played to their end."""
    return Finding(
        "scenario-failed",
        Severity.ERROR,
        pointer("scenarios"),
        _("Not every scenario was played: together they take too much work."),
        _("Delete scenarios, or make them shorter."),
    )


def _cost(rule: object) -> int:
    """Return the work of evaluating a rule: one over a list can take as many operations as a rule may."""
    is_scoped = any(each.operator in SCOPED for each in rule_objects(rule))
    return 10 + 2 * (MAX_OPERATIONS if is_scoped else count_values(rule))
