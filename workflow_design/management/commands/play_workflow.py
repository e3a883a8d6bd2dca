"""`manage.py play_workflow`: a workflow file played move by move, for programs and for authors of files."""

import json
import sys
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandParser

from ticketflower.clean_json import MAX_BYTES
from workflow_design.check.static import all_problems, check_definition
from workflow_design.definition.file_json import WorkflowFileError, parse_moves, parse_workflow_file
from workflow_design.definition.problems import Problem
from workflow_design.definition.schema import data_validator
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.engine.plan import build_plan
from workflow_design.engine.replay import PlayError, Step
from workflow_design.engine.scenarios import Scenario, Stage, find_unmet, standing_of
from workflow_design.management.workflow_files import UNUSABLE, UnreadableFileError, read_content
from workflow_design.wording.decisions import explain_evaluation
from workflow_design.wording.rules import Vocabulary
from workflow_design.wording.scenarios import describe_unmet

FAILED: Final = 1


class Command(BaseCommand):
    """Plays the moves on standard input, and prints what follows from each as JSON; changes nothing."""

    help = (
        "Plays a workflow file. Standard input is a JSON list of moves, or a scenario "
        "(docs/workflow-format.md, “Scenarios”). Prints a JSON object (docs/check.md, “Playing”). Exit "
        "status: 0 if every move was played and a scenario holds; 1 if not; 2 if the file or the moves could "
        "not be read, or have errors."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the file."""
        parser.add_argument("file", type=Path, help="a workflow file (docs/workflow-format.md)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what each move leads to, and exit with a status that tells whether all went as expected."""
        try:
            file = parse_workflow_file(read_content(options["file"]))
        except UnreadableFileError as error:
            self._refuse("file", [Problem("", str(error), "unreadable-file")])
        except WorkflowFileError as error:
            self._refuse("file", all_problems(error))
        if problems := check_definition(file):
            self._refuse("file", problems)
        try:
            scenario = Scenario.from_json(parse_moves(sys.stdin.buffer.read(MAX_BYTES + 1)))
        except WorkflowFileError as error:
            self._refuse("moves", error.problems)
        played = _play(file, scenario)
        self._print(played)
        if played["unmet"]:
            sys.exit(FAILED)

    def _refuse(self, what: str, problems: Any) -> Any:
        listed = [{"code": each.code, "pointer": each.pointer, "message": each.message} for each in problems]
        self._print({"problems_of": what, "problems": listed})
        sys.exit(UNUSABLE)

    def _print(self, content: Any) -> None:
        # ASCII only, because not every console or pipe can carry more.
        self.stdout.write(json.dumps(content, indent=2))


def _play(file: WorkflowFile, scenario: Scenario) -> dict[str, Any]:
    """Play the moves up to the first that is refused, and return what came of each."""
    validator = data_validator(file.fields_schema)
    stage = Stage(build_plan(file), validator, scenario.people)
    vocabulary = Vocabulary(validator.fields)
    steps: list[dict[str, Any]] = []
    refusal: PlayError | None = None
    for move in scenario.moves:
        entry: dict[str, Any] = {"move": move.as_json(), "refused": None}
        try:
            entry["followed"] = _evaluations(stage.play(move), stage, vocabulary)
        except PlayError as error:
            refusal = error
            entry |= {"refused": {"message": str(error), "field": error.field or None}, "followed": []}
        steps.append({**entry, **_standing(stage)})
        if refusal is not None:
            break
    unmet = find_unmet(scenario, stage, refusal, len(steps) - (refusal is not None))
    return {"steps": steps, "unmet": [describe_unmet(each, vocabulary) for each in unmet]}


def _standing(stage: Stage) -> dict[str, Any]:
    tasks = [
        {"title": title, "input": stage.in_names(data), "assignees": stage.assignees(title)}
        for title, data in stage.state.unfinished.items()
    ]
    standing = {**standing_of(stage), "has_stalled": stage.state.has_stalled, "workspace": stage.workspace}
    return {**standing, "unfinished": tasks}


def _evaluations(step: Step, stage: Stage, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """Return everything that looked at the move: what started, what did not, and why."""
    found = [each.as_json() for decision in step.decisions for each in decision.evaluations]
    for each in found:
        del each["key"]  # its title, in a file
        each["values_read"] = stage.in_names(each["values_read"])
        each["sentence"] = explain_evaluation(each, vocabulary)
    return found
