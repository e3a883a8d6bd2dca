"""Scenarios made from moves that were played: what stands then becomes what is expected. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from django.utils.translation import gettext as _

from workflow_design.definition.field_types import USER
from workflow_design.definition.fields import Fields
from workflow_design.definition.schema import data_validator
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.engine.moves import Move, MoveKind
from workflow_design.engine.plan import build_plan
from workflow_design.engine.replay import PlayError, PlayStatus
from workflow_design.engine.scenarios import Scenario, Stage, standing_of
from workflow_design.wording.rules import Vocabulary
from workflow_design.wording.scenarios import list_expectations

_NAMES: Final = (
    "Anna",
    "Ben",
    "Clara",
    "David",
    "Emma",
    "Felix",
    "Greta",
    "Henry",
    "Ida",
    "Jack",
    "Kate",
    "Leo",
)


def name_people(
    moves: Sequence[Move], fields: Fields, roles: Mapping[str, Collection[str]]
) -> tuple[tuple[Move, ...], dict[str, tuple[str, ...]]]:
    """Return the moves with made-up names in place of people's ids, and these people with their `roles`."""
    names: dict[str, str] = {}

    def name(key: str) -> str:
        if key and key not in names:
            number = len(names)
            names[key] = _NAMES[number] if number < len(_NAMES) else _("Person %(n)d") % {"n": number + 1}
        return names.get(key, "")

    named = tuple(
        replace(
            move,
            by=name(move.by),
            values={
                field: name(value) if isinstance(value, str) and _holds_person(fields, field) else value
                for field, value in move.values.items()
            },
        )
        for move in moves
    )
    return named, {names[key]: tuple(roles.get(key, ())) for key in names}


def find_people(moves: Sequence[Move], fields: Fields) -> set[str]:
    """Return the ids of the people whom moves name."""
    values = [value for move in moves for name, value in move.values.items() if _holds_person(fields, name)]
    return {each for each in [*values, *(move.by for move in moves)] if isinstance(each, str) and each}


def _holds_person(fields: Fields, name: str) -> bool:
    return name in fields and fields[name].type is USER


def with_proposal(file: WorkflowFile, scenario: Scenario) -> tuple[Scenario, str]:
    """Return the scenario with everything that stands after its moves as what is expected.

    A person who may not do a move is left out of it. A move that can't be played is left out with those after
    it; the text says why, or is "".
    """
    stage = Stage(build_plan(file), data_validator(file.fields_schema), scenario.people)
    played: list[Move] = []
    reason = ""
    for number, move in enumerate(scenario.moves, 1):
        # A hold by hand changes nothing but the time at which the moves are made.
        if move.kind is MoveKind.RESUME and stage.state.status is not PlayStatus.ON_HOLD:
            continue
        try:
            played.append(_played(stage, move))
        except PlayError as error:
            text = _(
                "Step %(number)d can't be played on this draft, so the scenario ends before it. %(reason)s"
            )
            reason = text % {"number": number, "reason": error}
            break
    assignees = {title: stage.assignees(title) for title in stage.state.unfinished}
    expect = {
        **standing_of(stage),
        "values": stage.workspace,
        "assignees": {title: people for title, people in assignees.items() if people},
    }
    return replace(scenario, moves=tuple(played), expect=expect), reason


def _played(stage: Stage, move: Move) -> Move:
    try:
        stage.play(move)
    except PlayError:
        if not move.by:
            raise
        # A company admin may have done it, or a person who has lost the role since.
        move = replace(move, by="")
        stage.play(move)
    return move


def expectation_choices(scenario: Scenario, vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """Return the key and the sentence of each thing that a scenario expects."""
    lines = list_expectations(scenario.expect, vocabulary)
    return [(f"{line.member}/{line.name}", line.sentence) for line in lines]


def with_expectations(scenario: Scenario, keys: Collection[str]) -> Scenario:
    """Return the scenario with only those expectations that have these keys."""
    expect: dict[str, Any] = {}
    for member, content in scenario.expect.items():
        if member in ("values", "assignees"):
            chosen = {name: value for name, value in content.items() if f"{member}/{name}" in keys}
            expect |= {member: chosen} if chosen else {}
        elif f"{member}/" in keys:
            expect[member] = content
    return replace(scenario, expect=expect)
