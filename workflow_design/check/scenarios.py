"""The scenarios of a workflow file, played by the check: one that fails is an error. Pure."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from workflow_design.check.findings import Finding, Severity
from workflow_design.check.scope import Work
from workflow_design.definition.file_json import count_values
from workflow_design.definition.problems import pointer
from workflow_design.definition.schema import data_validator
from workflow_design.definition.workflow import CompletionFile, TaskFile, WorkflowFile
from workflow_design.engine.conditions.bounds import MAX_OPERATIONS, SCOPED, rule_objects
from workflow_design.engine.moves import Move
from workflow_design.engine.plan import Plan, build_plan
from workflow_design.engine.scenarios import PlayedScenario, Scenario, play_scenario
from workflow_design.wording.rules import Vocabulary
from workflow_design.wording.scenarios import describe_unmet

_MOVE_COST = 200


def find_failed_scenarios(file: WorkflowFile, work: Work) -> Iterator[Finding]:
    """Yield an error for each scenario that does not hold. Raise OutOfWorkError if they take too much work.

    The definition has no static errors.
    """
    plan, validator = build_plan(file), data_validator(file.fields_schema)
    vocabulary = Vocabulary(validator.fields)
    costs = _Costs(plan, work)
    for position, stored in enumerate(file.scenarios):
        scenario = Scenario.from_json(stored)
        played = play_scenario(scenario, plan, validator, before_move=costs.spend_on)
        if played.unmet:
            yield _build_failed(position, scenario, played, vocabulary)


def _build_failed(
    position: int, scenario: Scenario, played: PlayedScenario, vocabulary: Vocabulary
) -> Finding:
    words = " ".join(describe_unmet(unmet, vocabulary) for unmet in played.unmet)
    return Finding(
        "scenario-failed",
        Severity.ERROR,
        pointer("scenarios", position),
        _("The scenario “%(title)s” fails. %(what)s") % {"title": scenario.title, "what": words},
        _("Fix the workflow, or change the scenario if this is how it should be."),
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


class _Costs:
    """The work of a move, counted before it is played."""

    def __init__(self, plan: Plan, work: Work) -> None:
        self._work = work
        parts: list[TaskFile | CompletionFile] = [*plan.tasks, *plan.completions]
        self._of_all = _MOVE_COST + sum(_cost(part.condition) for part in parts if part.condition is not None)

    def spend_on(self, move: Move) -> None:
        """Count the work of a move: at most, it evaluates every condition and validates its values."""
        self._work.spend(self._of_all + 4 * count_values(dict(move.values)))


def _cost(rule: object) -> int:
    """Return the work of evaluating a rule: one over a list can take as many operations as a rule may."""
    is_scoped = any(each.operator in SCOPED for each in rule_objects(rule))
    return 10 + 2 * (MAX_OPERATIONS if is_scoped else count_values(rule))
