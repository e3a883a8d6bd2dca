"""Functions that add, rename and delete scenarios of a draft."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from workflow_design.definition.problems import Problem
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.editor.drafts import Draft, edit_draft, refusals, refuse, store_draft
from workflow_design.editor.parts.actions import PartGoneError
from workflow_design.engine.scenarios import Scenario
from workflow_design.models import WorkflowDefinition


def scenario_refusals(file: WorkflowFile) -> list[Problem]:
    """Return the problems of the scenarios of a file; those of a title have the pointer "/title"."""
    return [
        replace(each, pointer="/title" if each.pointer.endswith("/title") else "")
        for each in refusals(file, "/scenarios")
    ]


def add_scenario(workflow: WorkflowDefinition, scenario: Scenario) -> None:
    """Append a scenario to a draft. Raise DraftRefusedError, and the errors of `drafts.edit_draft`."""
    with edit_draft(workflow) as draft:
        _store(draft, [*draft.file.scenarios, scenario.as_json()])


def rename_scenario(workflow: WorkflowDefinition, title: str, *, new: str) -> None:
    """Give a scenario of a draft another title. Raise PartGoneError, and the errors of `add_scenario`."""
    with edit_draft(workflow) as draft:
        position = _find(draft, title)
        scenarios = list(draft.file.scenarios)
        scenarios[position] = {**scenarios[position], "title": new}
        _store(draft, scenarios)


def delete_scenario(workflow: WorkflowDefinition, title: str) -> None:
    """Delete a scenario of a draft. Raise PartGoneError, and the errors of `drafts.edit_draft`."""
    with edit_draft(workflow) as draft:
        position = _find(draft, title)
        _store(draft, [each for place, each in enumerate(draft.file.scenarios) if place != position])


def _find(draft: Draft, title: str) -> int:
    titles = [each["title"] for each in draft.file.scenarios]
    if title not in titles:
        raise PartGoneError
    return titles.index(title)


def _store(draft: Draft, scenarios: list[Mapping[str, Any]]) -> None:
    file = replace(draft.file, scenarios=tuple(scenarios))
    refuse(scenario_refusals(file))
    store_draft(draft, file)
