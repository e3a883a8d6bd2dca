"""Pure functions that rename what the scenarios of a workflow file name."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from workflow_design.definition.workflow import Kind, WorkflowFile
from workflow_design.engine.moves import MoveKind

Scenario = Mapping[str, Any]


def rename_field_in_scenarios(file: WorkflowFile, old: str, *, new: str) -> tuple[Scenario, ...]:
    """Return the scenarios of a file with a field renamed."""

    def renamed(values: Mapping[str, Any]) -> dict[str, Any]:
        return {new if name == old else name: value for name, value in values.items()}

    def move(stored: Mapping[str, Any]) -> dict[str, Any]:
        return {**stored, **({"values": renamed(stored["values"])} if "values" in stored else {})}

    def expect(stored: Mapping[str, Any]) -> dict[str, Any]:
        changed = {**stored, **({"values": renamed(stored["values"])} if "values" in stored else {})}
        return {**changed, "refused": new} if stored.get("refused") == old else changed

    return _changed(file, move, expect)


def rename_part_in_scenarios(file: WorkflowFile, kind: Kind, old: str, *, new: str) -> WorkflowFile:
    """Return the file with a ticket, task or completion renamed in its scenarios."""

    kinds = {kind, *([MoveKind.OVERDUE] if kind is Kind.TASK else [])}

    def move(stored: Mapping[str, Any]) -> dict[str, Any]:
        is_named = stored["kind"] in kinds and stored.get("title") == old
        return {**stored, "title": new} if is_named else {**stored}

    def expect(stored: Mapping[str, Any]) -> dict[str, Any]:
        changed = dict(stored)
        if kind is Kind.COMPLETION and stored.get("completion") == old:
            changed["completion"] = new
        if kind is Kind.TASK and "unfinished" in stored:
            changed["unfinished"] = [new if title == old else title for title in stored["unfinished"]]
        if kind is Kind.TASK and "assignees" in stored:
            changed["assignees"] = {
                new if title == old else title: people for title, people in stored["assignees"].items()
            }
        return changed

    return replace(file, scenarios=_changed(file, move, expect))


_Change = Callable[[Mapping[str, Any]], dict[str, Any]]


def _changed(file: WorkflowFile, move: _Change, expect: _Change) -> tuple[Scenario, ...]:
    return tuple(
        {**each, "moves": list(map(move, each["moves"])), "expect": expect(each["expect"])}
        for each in file.scenarios
    )
