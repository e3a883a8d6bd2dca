"""What a write leads to, and why: the answer of `decide`, and the steps that make it.

The steps are numbered as in `docs/engine.md`, "One write, step by step".
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workflow_design.definition.workflow import DefinitionKey, Kind
from workflow_design.engine.conditions import ConditionError, evaluate, is_true
from workflow_design.engine.plan import CompletionPlan, Plan, TaskPlan, Write


class Outcome(StrEnum):
    """What became of a definition that one of the modified fields concerned."""

    STARTED = "started"
    REFRESHED = "refreshed"
    REACHED = "reached"
    CONDITION_FALSE = "condition-false"
    CONDITION_FAILED = "condition-failed"
    ALREADY_DECIDED = "already-decided"
    """Not asked: a completion came before it and ended the workflow or put it on hold."""
    WAITS = "waits"
    """A task that is not asked yet: a completion put the workflow on hold, the resume will ask it."""


@dataclass(frozen=True, slots=True)
class Look:
    """A definition that was looked at: because of which fields, what its condition read, what came of it.

    A definition without a look was not concerned: none of the fields that it reads was modified.
    """

    kind: Kind
    key: str
    title: str
    fields_met: tuple[str, ...]
    """The modified fields that it reads, in alphabetical order."""
    condition: Any
    values_read: Mapping[str, Any]
    """The workspace fields that the condition read, as they stood; empty ones are None."""
    outcome: Outcome
    message: str = ""
    """Why the condition could not be evaluated, for a person."""

    def as_json(self) -> dict[str, Any]:
        """The look as it is kept in the timeline."""
        return {
            "kind": str(self.kind),
            "key": self.key,
            "title": self.title,
            "fields_met": list(self.fields_met),
            "condition": self.condition,
            "values_read": dict(self.values_read),
            "outcome": str(self.outcome),
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Start:
    """A task to be created, with the values of its input fields before any reset."""

    task: TaskPlan
    input_data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refresh:
    """An unfinished task that is given these input data instead of its old ones."""

    task: TaskPlan
    input_data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Failure:
    """A definition whose condition could not be evaluated. It concerns this one and stops no other."""

    kind: Kind
    key: str
    message: str


@dataclass(frozen=True, slots=True)
class Decision:
    """All that follows from one write (`docs/engine.md`, "One write, step by step")."""

    data: Mapping[str, Any]
    """The workspace after the write and before resets: what the conditions saw."""
    data_after: Mapping[str, Any]
    """The workspace after the resets: what the next write meets."""
    modified: frozenset[str]
    emptied: frozenset[str]
    """The fields that the write emptied; those of the resets are in `resets`."""
    completion: CompletionPlan | None
    starts: tuple[Start, ...]
    refreshes: tuple[Refresh, ...]
    resets: frozenset[str]
    """The fields that the started tasks empty, whether or not they had a value."""
    stalled: bool
    """Nothing is unfinished, nothing started, nothing ended, and no failure explains it."""
    looks: tuple[Look, ...]
    """Completions in their order, then tasks in definition order."""

    @property
    def ends(self) -> bool:
        """Whether the workflow is completed or cancelled: every unfinished task becomes CANCELLED."""
        return self.completion is not None and self.completion.status.is_final

    @property
    def holds(self) -> bool:
        """Whether the workflow goes on hold: what `modified` would start waits for `resume`."""
        return self.completion is not None and not self.completion.status.is_final

    @property
    def failures(self) -> tuple[Failure, ...]:
        """The definitions whose conditions could not be evaluated."""
        return tuple(
            Failure(look.kind, look.key, look.message)
            for look in self.looks
            if look.outcome is Outcome.CONDITION_FAILED
        )


def decide(plan: Plan, data: Mapping[str, Any], write: Write, unfinished: Collection[str]) -> Decision:
    """What follows from `write` in a workflow that is in progress and whose workspace is `data`.

    `unfinished` holds the keys of the task definitions that have an unfinished task; the task
    that this write completes is no longer one. The values must have been checked against the
    schema. Changes none of its arguments and depends on nothing else; a condition that can't be
    evaluated becomes a failure of its definition, so that no exception is to be expected.
    """
    scene = _Scene(plan, write.merged_into(data), write.modified, write.only)
    reached, looks = _look_at_completions(scene)
    if reached is None:
        return _look_at_tasks(scene, frozenset(unfinished), write.emptied, looks)
    not_asked = Outcome.ALREADY_DECIDED if reached.status.is_final else Outcome.WAITS
    looks += [_look(scene, task, not_asked) for task in scene.tasks()]
    return _decision(scene, write.emptied, looks, completion=reached)


def resume(
    plan: Plan, data: Mapping[str, Any], waiting_modified: Collection[str], unfinished: Collection[str]
) -> Decision:
    """Steps 3 to 7, which waited while a completion had the workflow on hold.

    `waiting_modified` are the modified fields of the write that led to the hold, none if a person
    made it; `data` is the workspace as it stood then, since no write is applied during a hold.
    """
    scene = _Scene(plan, dict(data), frozenset(waiting_modified), None)
    return _look_at_tasks(scene, frozenset(unfinished), frozenset(), [])


@dataclass(frozen=True, slots=True)
class _Scene:
    """What every look at a definition needs: all conditions see the same workspace."""

    plan: Plan
    data: Mapping[str, Any]
    modified: frozenset[str]
    only: frozenset[DefinitionKey] | None

    def completions(self) -> list[CompletionPlan]:
        found = self.plan.completions_reading(self.modified)
        return [each for each in found if self._is_chosen(Kind.COMPLETION, each.key)]

    def tasks(self) -> list[TaskPlan]:
        found = self.plan.tasks_reading(self.modified)
        return [each for each in found if self._is_chosen(Kind.TASK, each.key)]

    def _is_chosen(self, kind: Kind, key: str) -> bool:
        return self.only is None or DefinitionKey(kind, key) in self.only


def _look_at_completions(scene: _Scene) -> tuple[CompletionPlan | None, list[Look]]:
    """Step 2: the first completion whose condition holds, and what was looked at to find it."""
    reached: CompletionPlan | None = None
    looks = []
    for completion in scene.completions():
        if reached is not None:
            looks.append(_look(scene, completion, Outcome.ALREADY_DECIDED))
            continue
        look = _ask(scene, completion, when_true=Outcome.REACHED)
        looks.append(look)
        if look.outcome is Outcome.REACHED:
            reached = completion
    return reached, looks


def _look_at_tasks(
    scene: _Scene, unfinished: frozenset[str], emptied: frozenset[str], looks: list[Look]
) -> Decision:
    """Steps 3, 4 and 7: start or refresh, reset for what starts, and see whether anything goes on."""
    starts: list[Start] = []
    refreshes: list[Refresh] = []
    for task in scene.tasks():
        is_unfinished = task.key in unfinished
        look = _ask(scene, task, when_true=Outcome.REFRESHED if is_unfinished else Outcome.STARTED)
        looks.append(look)
        if look.outcome is Outcome.STARTED:
            starts.append(Start(task, _input_data(task, scene.data)))
        elif look.outcome is Outcome.REFRESHED:
            refreshes.append(Refresh(task, _input_data(task, scene.data)))
    failed = any(look.outcome is Outcome.CONDITION_FAILED for look in looks)
    stalled = not (unfinished or starts or failed)
    return _decision(scene, emptied, looks, starts=starts, refreshes=refreshes, stalled=stalled)


def _decision(
    scene: _Scene,
    emptied: frozenset[str],
    looks: Sequence[Look],
    *,
    completion: CompletionPlan | None = None,
    starts: Sequence[Start] = (),
    refreshes: Sequence[Refresh] = (),
    stalled: bool = False,
) -> Decision:
    """What was found, with the resets that follow from it."""
    resets = frozenset(name for start in starts for name in start.task.reset_fields)
    return Decision(
        data=scene.data,
        data_after={name: value for name, value in scene.data.items() if name not in resets},
        modified=scene.modified,
        emptied=emptied,
        completion=completion,
        starts=tuple(starts),
        refreshes=tuple(refreshes),
        resets=resets,
        stalled=stalled,
        looks=tuple(looks),
    )


def _ask(scene: _Scene, definition: TaskPlan | CompletionPlan, *, when_true: Outcome) -> Look:
    """Look at a definition that the write concerns, and evaluate its condition."""
    condition = definition.condition
    if condition is None:
        return _look(scene, definition, when_true)
    values = {name: scene.data.get(name) for name in scene.plan.fields_asked(definition)}
    try:
        outcome = when_true if is_true(evaluate(condition, scene.data)) else Outcome.CONDITION_FALSE
    except ConditionError as error:
        return _look(scene, definition, Outcome.CONDITION_FAILED, values=values, message=str(error))
    return _look(scene, definition, outcome, values=values)


def _look(
    scene: _Scene,
    definition: TaskPlan | CompletionPlan,
    outcome: Outcome,
    *,
    values: Mapping[str, Any] | None = None,
    message: str = "",
) -> Look:
    return Look(
        kind=Kind.TASK if isinstance(definition, TaskPlan) else Kind.COMPLETION,
        key=definition.key,
        title=definition.title,
        fields_met=tuple(sorted(scene.modified.intersection(definition.reads))),
        condition=definition.condition,
        values_read=values or {},
        outcome=outcome,
        message=message,
    )


def _input_data(task: TaskPlan, data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in task.input_fields if name in data}
