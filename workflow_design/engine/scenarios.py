"""Scenarios played without a database: moves by named people, and what must stand then. Pure.

    played = play_scenario(scenario, plan, validator)
    played.unmet        # what was expected and did not come; empty if the scenario holds

The people of a scenario are names with company roles. Fields that hold a person get such a name
(`docs/workflow-format.md`, "Scenarios").
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from django.utils.translation import gettext as _

from workflow_design.definition.field_types import USER
from workflow_design.definition.schema import DataValidator
from workflow_design.definition.workflow import SUBMITTER, Kind, TaskFile, TicketFile
from workflow_design.engine.moves import Move, MoveKind
from workflow_design.engine.plan import Plan, is_same_json
from workflow_design.engine.replay import BEGINNING, PlayError, PlayState, Step, apply_move, refuse_values

_FIRST_ID: Final = 9 * 10**17
"""The id of a scenario's first person while it is played: beyond all ids that a rule may name."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A list of moves, and what must stand after the last one."""

    title: str
    moves: tuple[Move, ...]
    people: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The company roles of each person, by name."""
    expect: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Build a scenario from its members in a workflow file."""
        return cls(
            stored.get("title", ""),
            tuple(map(Move.from_json, stored["moves"])),
            {name: tuple(roles) for name, roles in stored.get("people", {}).items()},
            stored.get("expect", {}),
        )

    def as_json(self) -> dict[str, Any]:
        """Return the scenario as a member of a workflow file."""
        return {
            "title": self.title,
            "people": {name: list(roles) for name, roles in self.people.items()},
            "moves": [move.as_json() for move in self.moves],
            "expect": dict(self.expect),
        }


@dataclass(frozen=True, slots=True)
class Unmet:
    """One thing that a scenario expects and that did not come; `name` is the field or task concerned."""

    member: str
    """The member of `expect`, or "moves" if a move can't be played."""
    expected: Any
    actual: Any
    name: str = ""


@dataclass(frozen=True, slots=True)
class PlayedScenario:
    """A scenario after it was played up to its end, or up to the first move that is refused."""

    steps: tuple[Step, ...]
    stage: "Stage"
    refusal: PlayError | None
    unmet: tuple[Unmet, ...]


class Stage:
    """A workflow that the people of a scenario play. It changes with each move."""

    def __init__(self, plan: Plan, validator: DataValidator, people: Mapping[str, tuple[str, ...]]) -> None:
        self.state: PlayState = BEGINNING
        self._plan, self._validator, self._people = plan, validator, people
        self._ids = {name: str(_FIRST_ID + number) for number, name in enumerate(people)}
        self._names = {key: name for name, key in self._ids.items()}
        self._submitter = ""
        self._named: dict[str, str] = {}
        """The person whom the assignee field named as the task started, or "", by title."""

    def play(self, move: Move) -> Step:
        """Play a move. Raise PlayError if it, its person or one of its values is refused."""
        move = replace(move, values=self._translated(move.values, self._ids))
        step = apply_move(self._plan, self.state, move)
        self._refuse_person(move)
        refuse_values(self._plan, self._validator, move)
        if move.kind is MoveKind.TICKET:
            self._submitter = move.by
        for decision in step.decisions:
            for start in decision.starts:
                self._note_assignee(start.task, decision.data)
        self.state = step.state
        return step

    @property
    def workspace(self) -> dict[str, Any]:
        """The workspace, with the names of the scenario's people."""
        return self.in_names(self.state.data)

    def has_field(self, name: str) -> bool:
        """Return whether the workspace has a field with this name."""
        return name in self._validator.fields

    def in_names(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values with the names of the scenario's people in place of ids."""
        return self._translated(values, self._names)

    def assignees(self, title: str) -> list[str]:
        """Return the people who can be given a task that is open (`docs/engine.md`, "Assignment")."""
        task = self._plan.find(Kind.TASK, title)
        if not isinstance(task, TaskFile) or not task.is_form:
            return []
        holder = self._named.get(title, "")
        able = self._people if task.assignee_field is None else [holder] if holder else []
        return [name for name in able if self._can_be_given(task, name)]

    def _can_be_given(self, task: TaskFile, name: str) -> bool:
        """Return whether a person can be given a form that is open."""
        if task.not_submitter and name == self._submitter:
            return False
        if task.assignee_field is not None:
            return name == self._named.get(task.title, "")
        return self._has_one_of(name, task.executor_roles)

    def _note_assignee(self, task: TaskFile, data: Mapping[str, Any]) -> None:
        if task.assignee_field == SUBMITTER:
            self._named[task.title] = self._submitter
        elif task.assignee_field is not None:
            holder = data.get(task.assignee_field, "")
            self._named[task.title] = self._names.get(holder, holder)

    def _refuse_person(self, move: Move) -> None:
        """Raise PlayError if the move says who does it and that person may not."""
        if not move.by:
            return
        words = {"name": move.by, "title": move.title}
        if move.by not in self._people:
            raise PlayError(_("“%(name)s” is not among the people of the scenario.") % words)
        part = None if move.kind not in _KINDS else self._plan.find(_KINDS[move.kind], move.title)
        if isinstance(part, TicketFile) and not self._has_one_of(move.by, part.submitter_roles):
            raise PlayError(_("%(name)s may not submit “%(title)s”.") % words)
        if isinstance(part, TaskFile) and part.is_form and not self._can_be_given(part, move.by):
            reason = self._reason_against(part, move.by)
            raise PlayError(
                _("%(name)s can't be given “%(title)s”: %(reason)s") % {**words, "reason": reason}
            )

    def _reason_against(self, task: TaskFile, name: str) -> str:
        """Return why a person can't be given a task that is open."""
        if task.not_submitter and name == self._submitter:
            return _("the person who submitted the ticket never gets it.")
        if task.assignee_field is not None:
            holder = self._named.get(task.title, "")
            return _("it is for %(name)s alone.") % {"name": holder} if holder else _("it is for nobody.")
        return _("it takes the role %(roles)s.") % {"roles": _(" or ").join(task.executor_roles)}

    def _has_one_of(self, name: str, roles: tuple[str, ...]) -> bool:
        held = {role.casefold() for role in self._people[name]}
        return not roles or any(role.casefold() in held for role in roles)

    def _translated(self, values: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
        """Return values in which each field that holds a person has the text that stands for it."""
        fields = self._validator.fields
        people = {name for name in values if name in fields and fields[name].type is USER}
        return {
            name: texts.get(value, value) if name in people and isinstance(value, str) else value
            for name, value in values.items()
        }


_KINDS: Final = {MoveKind.TICKET: Kind.TICKET, MoveKind.TASK: Kind.TASK}


def play_scenario(
    scenario: Scenario,
    plan: Plan,
    validator: DataValidator,
    *,
    before_move: Callable[[Move], None] = lambda _move: None,
) -> PlayedScenario:
    """Play the moves up to the first that is refused, and compare what stands with what is expected.

    `before_move` is called before each move, and may raise to stop.
    """
    stage, steps = Stage(plan, validator, scenario.people), []
    refusal: PlayError | None = None
    for move in scenario.moves:
        before_move(move)
        try:
            steps.append(stage.play(move))
        except PlayError as error:
            refusal = error
            break
    unmet = tuple(find_unmet(scenario, stage, refusal, len(steps)))
    return PlayedScenario(tuple(steps), stage, refusal, unmet)


def find_unmet(scenario: Scenario, stage: Stage, refusal: PlayError | None, played: int) -> Iterator[Unmet]:
    """Yield what a scenario expects and does not find after `played` moves, and the refusal of the next."""
    expect = scenario.expect
    refused = expect.get("refused", False)
    is_last = played == len(scenario.moves) - 1
    if refusal is not None and not (refused and is_last):
        # What stands before a move that should have been played says nothing.
        yield Unmet("moves", played + 1, str(refusal))
        return
    if not scenario.moves:
        yield Unmet("moves", 1, _("The scenario has no steps."))
        return
    if refused and refusal is None:
        yield Unmet("refused", refused, None)
        return
    if isinstance(refused, str) and refusal is not None and refusal.field != refused:
        yield Unmet("refused", refused, str(refusal))
    standing = standing_of(stage)
    for member in ("status", "completion"):
        if member in expect and expect[member] != standing[member]:
            yield Unmet(member, expect[member], standing[member])
    if "unfinished" in expect and sorted(expect["unfinished"]) != sorted(standing["unfinished"]):
        yield Unmet("unfinished", expect["unfinished"], standing["unfinished"])
    for name, value in expect.get("values", {}).items():
        if not (stage.has_field(name) and is_same_json(value, stage.workspace.get(name))):
            yield Unmet("values", value, stage.workspace.get(name), name)
    for title, people in expect.get("assignees", {}).items():
        able = stage.assignees(title) if title in stage.state.unfinished else None
        if able is None or sorted(people) != sorted(able):
            yield Unmet("assignees", people, able, title)


def standing_of(stage: Stage) -> dict[str, Any]:
    """Return the status, the completion reached last, and the unfinished tasks, as `expect` names them."""
    state = stage.state
    completion = state.completion.title if state.completion else None
    return {"status": str(state.status), "completion": completion, "unfinished": list(state.unfinished)}
