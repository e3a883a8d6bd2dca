"""The consequences of a write, and their reasons: `decide`, its result and its steps.

The steps are numbered as in `docs/engine.md`, "One write, step by step".
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple

from workflow_design.definition.workflow import CompletionFile, DefinitionKey, Kind, TaskFile
from workflow_design.engine.conditions.bounds import Budget, ConditionError
from workflow_design.engine.conditions.operations import is_true
from workflow_design.engine.plan import Plan, Source, Write


class Outcome(StrEnum):
    """The outcome for a definition that reads one of the modified fields."""

    STARTED = "started"
    REFRESHED = "refreshed"
    REACHED = "reached"
    CONDITION_FALSE = "condition-false"
    CONDITION_FAILED = "condition-failed"
    ALREADY_DECIDED = "already-decided"
    """Not evaluated: an earlier completion ended the workflow or put it on hold."""
    WAITS = "waits"
    """A task that is not evaluated yet: the workflow is on hold, and the resume will evaluate the task."""


class Evaluation(NamedTuple):
    """The evaluation of one definition: the modified fields it reads, its condition and its outcome.

    A definition without an evaluation was not triggered: none of the fields that it reads was modified.
    It is a tuple because tuples are built faster, and a write has one for each definition that it triggers.
    """

    kind: Kind
    key: str
    title: str
    fields_met: tuple[str, ...]
    """The modified fields that the definition reads, in alphabetical order."""
    condition: Any
    values_read: Mapping[str, Any]
    """The workspace fields that the condition read, with their values at that time; None if empty."""
    outcome: Outcome
    message: str = ""
    """Why the condition could not be evaluated, as text for the user."""

    def as_json(self) -> dict[str, Any]:
        """Return the evaluation as stored in the timeline."""
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
    """A task to create, with the values of its input fields before any reset."""

    key: str
    task: TaskFile
    input_data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refresh:
    """An unfinished task that gets new input data."""

    key: str
    task: TaskFile
    input_data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Decision:
    """All consequences of one write (`docs/engine.md`, "One write, step by step")."""

    data: Mapping[str, Any]
    """The workspace after the write and before resets. Conditions are evaluated on it."""
    data_after: Mapping[str, Any]
    """The workspace after the resets. The next write applies to it."""
    modified: frozenset[str]
    emptied: frozenset[str]
    """The fields that the write emptied, without those in `resets`."""
    completion: CompletionFile | None
    starts: tuple[Start, ...]
    refreshes: tuple[Refresh, ...]
    resets: frozenset[str]
    """The fields that the started tasks empty, whether or not they had a value."""
    stalled: bool
    """Whether nothing is unfinished, started or ended, and no failure is the reason."""
    evaluations: tuple[Evaluation, ...]
    """The evaluated completions in their order, then the tasks in definition order."""
    corrected: frozenset[str] = frozenset()
    """The fields that a correction changed. They are not modified, so nothing starts, ends or stalls."""

    @property
    def ends(self) -> bool:
        """Whether the workflow is completed or cancelled: every unfinished task becomes CANCELLED."""
        return self.completion is not None and self.completion.is_final

    @property
    def holds(self) -> bool:
        """Whether the workflow goes on hold: the tasks that `modified` would start wait for `resume`."""
        return self.completion is not None and not self.completion.is_final

    @property
    def failures(self) -> tuple[Evaluation, ...]:
        """The evaluations of conditions that could not be evaluated. They do not affect other definitions."""
        return tuple(each for each in self.evaluations if each.outcome is Outcome.CONDITION_FAILED)


def decide(plan: Plan, data: Mapping[str, Any], write: Write, unfinished: Collection[str]) -> Decision:
    """Return the consequences of `write` for a workflow in progress with the workspace `data`.

    `unfinished` holds the keys of the task definitions that have an unfinished task, without the task that
    this write completes. The values must already be valid for the schema. This is a pure function: it
    changes none of its arguments and raises no exceptions. A condition that can't be evaluated becomes a
    failure of its definition.
    """
    context = _Context(plan, write.merged_into(data), write.modified, write.only)
    if write.source is Source.CORRECTION:
        return _correct(context, write, frozenset(unfinished))
    reached, evaluations = _evaluate_completions(context)
    if reached is None:
        return _evaluate_tasks(context, frozenset(unfinished), write.emptied, evaluations)
    task_outcome = Outcome.ALREADY_DECIDED if reached.is_final else Outcome.WAITS
    evaluations += [_build_evaluation(context, task, task_outcome) for task in context.tasks()]
    return _build_decision(context, write.emptied, evaluations, completion=reached)


def resume(
    plan: Plan, data: Mapping[str, Any], waiting_modified: Collection[str], unfinished: Collection[str]
) -> Decision:
    """Run steps 3 to 7, which waited while a completion had the workflow on hold.

    `waiting_modified` are the modified fields of the write that led to the hold, or none if a person put it
    on hold. `data` is the workspace at that time, since no write is applied during a hold.
    """
    context = _Context(plan, dict(data), frozenset(waiting_modified), None)
    return _evaluate_tasks(context, frozenset(unfinished), frozenset(), [])


@dataclass(frozen=True, slots=True)
class _Context:
    """The input of every evaluation: all conditions see the same workspace."""

    plan: Plan
    data: Mapping[str, Any]
    modified: frozenset[str]
    only: frozenset[DefinitionKey] | None

    def completions(self) -> list[CompletionFile]:
        triggered = self.plan.completions_reading(self.modified)
        return [each for each in triggered if self._is_selected(each)]

    def tasks(self) -> list[TaskFile]:
        triggered = self.plan.tasks_reading(self.modified)
        return [each for each in triggered if self._is_selected(each)]

    def _is_selected(self, definition: TaskFile | CompletionFile) -> bool:
        return self.only is None or self.plan.key(definition) in self.only


def _evaluate_completions(context: _Context) -> tuple[CompletionFile | None, list[Evaluation]]:
    """Run step 2: return the first completion whose condition holds, and all evaluations up to it."""
    reached: CompletionFile | None = None
    evaluations = []
    for completion in context.completions():
        # Later completions are listed too, so that the timeline can explain why they did not count.
        if reached is not None:
            evaluations.append(_build_evaluation(context, completion, Outcome.ALREADY_DECIDED))
            continue
        evaluation = _evaluate(context, completion, when_true=Outcome.REACHED)
        evaluations.append(evaluation)
        if evaluation.outcome is Outcome.REACHED:
            reached = completion
    return reached, evaluations


def _evaluate_tasks(
    context: _Context, unfinished: frozenset[str], emptied: frozenset[str], evaluations: list[Evaluation]
) -> Decision:
    """Run steps 3, 4 and 7: start or refresh tasks, reset fields for started ones, and detect a stall."""
    starts: list[Start] = []
    refreshes: list[Refresh] = []
    for task in context.tasks():
        key = context.plan.key(task).key
        is_unfinished = key in unfinished
        evaluation = _evaluate(
            context, task, when_true=Outcome.REFRESHED if is_unfinished else Outcome.STARTED
        )
        evaluations.append(evaluation)
        if evaluation.outcome is Outcome.STARTED:
            starts.append(Start(key, task, _input_data(task, context.data)))
        elif evaluation.outcome is Outcome.REFRESHED:
            refreshes.append(Refresh(key, task, _input_data(task, context.data)))
    # A failure becomes an error that an admin must resolve, so it is not also a stall.
    failed = any(evaluation.outcome is Outcome.CONDITION_FAILED for evaluation in evaluations)
    stalled = not (unfinished or starts or failed)
    return _build_decision(context, emptied, evaluations, starts=starts, refreshes=refreshes, stalled=stalled)


def _correct(context: _Context, write: Write, unfinished: frozenset[str]) -> Decision:
    """Refresh the unfinished forms that read a corrected field, whatever their conditions.

    Actions keep their input: a correction calls nothing (`docs/engine.md`, "Corrections").
    """
    forms = [task for task in context.plan.tasks_reading(write.changed) if task.is_form]
    read = [task for task in forms if context.plan.key(task).key in unfinished]
    # The evaluations say which corrected fields each form reads.
    corrected = replace(context, modified=write.changed)
    evaluations = [
        _build_evaluation(corrected, task, Outcome.REFRESHED)._replace(condition=None) for task in read
    ]
    refreshes = [Refresh(context.plan.key(task).key, task, _input_data(task, context.data)) for task in read]
    decision = _build_decision(context, write.emptied, evaluations, refreshes=refreshes)
    return replace(decision, corrected=write.changed)


def _build_decision(
    context: _Context,
    emptied: frozenset[str],
    evaluations: Sequence[Evaluation],
    *,
    completion: CompletionFile | None = None,
    starts: Sequence[Start] = (),
    refreshes: Sequence[Refresh] = (),
    stalled: bool = False,
) -> Decision:
    """Build the decision, adding the resets that follow from the started tasks."""
    resets = frozenset(name for start in starts for name in start.task.reset_fields)
    return Decision(
        data=context.data,
        # Resets apply after all conditions, so the order of tasks does not matter.
        data_after={name: value for name, value in context.data.items() if name not in resets},
        modified=context.modified,
        emptied=emptied,
        completion=completion,
        starts=tuple(starts),
        refreshes=tuple(refreshes),
        resets=resets,
        stalled=stalled,
        evaluations=tuple(evaluations),
    )


def _evaluate(context: _Context, definition: TaskFile | CompletionFile, *, when_true: Outcome) -> Evaluation:
    """Evaluate the condition of a triggered definition."""
    if definition.condition is None:
        return _build_evaluation(context, definition, when_true)
    condition = context.plan.condition(definition)
    values = {name: context.data.get(name) for name in condition.fields}
    try:
        outcome = (
            when_true if is_true(condition.evaluate(Budget(), context.data)) else Outcome.CONDITION_FALSE
        )
    except ConditionError as error:
        return _build_evaluation(
            context, definition, Outcome.CONDITION_FAILED, values=values, message=str(error)
        )
    return _build_evaluation(context, definition, outcome, values=values)


def _build_evaluation(
    context: _Context,
    definition: TaskFile | CompletionFile,
    outcome: Outcome,
    *,
    values: Mapping[str, Any] | None = None,
    message: str = "",
) -> Evaluation:
    return Evaluation(
        kind=definition.kind,
        key=context.plan.key(definition).key,
        title=definition.title,
        fields_met=tuple(sorted(context.modified.intersection(definition.reads))),
        condition=definition.condition,
        values_read=values or {},
        outcome=outcome,
        message=message,
    )


def _input_data(task: TaskFile, data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in task.input_fields if name in data}
