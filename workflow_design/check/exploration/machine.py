"""A definition as the exploration runs it, and the states that it passes through.

It works with numbers instead of values and is faster than `decide`, whose rules it follows. Tests compare
the two, move by move.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from workflow_design.check.exploration.rules import EMPTY, Answer, Condition, Data, Space, Values
from workflow_design.check.exploration.samples import samples_of, uses_of
from workflow_design.definition.fields import Fields
from workflow_design.definition.workflow import CompletionStatus, TaskFile, TaskType, WorkflowFile
from workflow_design.engine import Plan
from workflow_design.engine.conditions import fields_read, fields_read_by_transform
from workflow_design.engine.plan import plan_of

NOBODY: Final = -1
"""The place of what is no task: a ticket, a resume."""


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A task definition; sets of tasks are numbers whose bit at `place` stands for it."""

    place: int
    title: str
    is_action: bool
    condition: Condition
    reads: frozenset[str]
    writes: frozenset[str]
    resets: tuple[int, ...]
    file: TaskFile

    @property
    def bit(self) -> int:
        """The set that holds it alone."""
        return 1 << self.place


@dataclass(frozen=True, slots=True, eq=False)
class Completion:
    """A completion; `is_hold` if it does not end the workflow."""

    place: int
    title: str
    condition: Condition
    reads: frozenset[str]
    is_hold: bool
    is_completed: bool


Part = Task | Completion


@dataclass(frozen=True, slots=True)
class Listeners:
    """The definitions that a write of some fields concerns."""

    modified: frozenset[str]
    completions: tuple[Completion, ...]
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """One write that a form or an answer can be: which fields of the space get which value."""

    values: tuple[tuple[int, int], ...]
    listeners: Listeners
    shown: Mapping[str, Any] | None = None
    """What else it writes, for the counterexample: fields that no condition reads."""


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from a write."""

    seen: Data
    """The workspace that the conditions saw."""
    after: Data
    """The workspace after the resets."""
    unfinished: int
    started: int
    reached: Completion | None
    failed: tuple[Part, ...]
    stalled: bool

    @property
    def ends(self) -> bool:
        """Whether the workflow has ended."""
        return self.reached is not None and not self.reached.is_hold


class Machine:
    """All of a definition that the exploration needs. Of definitions without errors only."""

    def __init__(self, file: WorkflowFile, fields: Fields) -> None:
        self.file = file
        self.fields = fields
        self.plan: Plan = plan_of(file)
        self.computed_with = frozenset[str]().union(*map(_read_by_answer, file.tasks))
        """The fields that go into what actions write."""
        uses = uses_of(conditions_of(file), computed_with=self.computed_with)
        names = tuple(name for name in fields if name in uses)
        self.space = Space(names, tuple(Values(samples_of(fields[name], uses[name])) for name in names))
        self.tasks = tuple(self._task(place, task) for place, task in enumerate(file.tasks))
        self.completions = tuple(
            Completion(
                place,
                completion.title,
                Condition(completion.condition, self.space),
                frozenset(completion.fields),
                completion.completion_status == CompletionStatus.ON_HOLD,
                completion.completion_status == CompletionStatus.COMPLETED,
            )
            for place, completion in enumerate(file.completions)
        )
        self.parts: tuple[Part, ...] = (*self.completions, *self.tasks)
        """All that looks at what is written."""
        self.twins = _twins(self.tasks)
        """For each task the equal ones that stand before it: what can be done by one can be done by all."""
        self._listeners: dict[frozenset[str], Listeners] = {}

    @cached_property
    def nothing(self) -> Data:
        """The empty workspace."""
        return (EMPTY,) * len(self.space.names)

    def members(self, tasks: int) -> list[Task]:
        """The tasks of a set, in definition order."""
        return [task for task in self.tasks if tasks >> task.place & 1]

    def listeners(self, modified: Iterable[str]) -> Listeners:
        """Who looks when these fields are written."""
        fields = frozenset(modified)
        found = self._listeners.get(fields)
        if found is None:
            found = self._listeners[fields] = Listeners(
                fields,
                tuple(each for each in self.completions if not each.reads.isdisjoint(fields)),
                tuple(each for each in self.tasks if not each.reads.isdisjoint(fields)),
            )
        return found

    def apply(self, data: Data, unfinished: int, answered: Answered) -> Step:
        """Steps 1 to 4 and 7 for one write (`docs/engine.md`, "One write, step by step").

        `unfinished` does not hold the task that the write completes.
        """
        merged = list(data)
        for place, number in answered.values:
            merged[place] = number
        seen = tuple(merged)
        failed: list[Part] = []
        for completion in answered.listeners.completions:
            answer = completion.condition.ask(seen)
            if answer is Answer.TRUE:
                return Step(seen, seen, unfinished, 0, completion, tuple(failed), stalled=False)
            if answer is Answer.FAILS:
                failed.append(completion)
        return self.look(seen, unfinished, answered.listeners.tasks, failed)

    def look(self, seen: Data, unfinished: int, tasks: Iterable[Task], failed: Iterable[Part] = ()) -> Step:
        """Steps 3, 4 and 7: also all that a resume does."""
        started, failures = 0, list(failed)
        merged: list[int] | None = None
        for task in tasks:
            answer = task.condition.ask(seen)
            if answer is Answer.FAILS:
                failures.append(task)
            elif answer is Answer.TRUE and not unfinished >> task.place & 1:
                started |= task.bit
                for place in task.resets:
                    merged = merged or list(seen)
                    merged[place] = EMPTY
        return Step(
            seen,
            seen if merged is None else tuple(merged),
            unfinished | started,
            started,
            None,
            tuple(failures),
            stalled=not (unfinished or started or failures),
        )

    def _task(self, place: int, task: TaskFile) -> Task:
        return Task(
            place,
            task.title,
            task.task_type != TaskType.FORM,
            Condition(task.condition, self.space),
            frozenset(task.input_fields),
            frozenset(task.output_fields),
            self.space.positions(task.reset_fields),
            task,
        )


def _twins(tasks: Sequence[Task]) -> tuple[int, ...]:
    """The set of equal tasks before each task: same fields, same rules, so same future."""
    seen: dict[str, int] = {}
    found = []
    for task in tasks:
        file = task.file
        names = [sorted(each) for each in (file.input_fields, file.output_fields, file.reset_fields)]
        rules = [file.condition, file.output_transform]
        alike = json.dumps([file.task_type, names, rules], sort_keys=True)
        found.append(seen.get(alike, 0))
        seen[alike] = seen.get(alike, 0) | task.bit
    return tuple(found)


def conditions_of(file: WorkflowFile) -> list[Any]:
    """The rules of all conditions that there are."""
    rules = [*(task.condition for task in file.tasks), *(each.condition for each in file.completions)]
    return [rule for rule in rules if rule is not None]


def _read_by_answer(task: TaskFile) -> frozenset[str]:
    """The workspace fields that go into what an action's answer becomes."""
    if task.task_type == TaskType.FORM or not task.output_transform:
        return frozenset()
    return fields_read_by_transform(task.output_transform, of_answer=True)


def fields_asked(machine: Machine, definition: Part) -> frozenset[str]:
    """The fields that the condition of a definition reads."""
    rule = definition.condition.rule
    return frozenset() if rule is None else fields_read(rule).intersection(machine.space.names)


@dataclass(frozen=True, slots=True)
class Hold:
    """What waits for the resume."""

    waiting: frozenset[str]
    """The modified fields of the write that led to the hold."""
    queue: tuple[Answered, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """A workflow in progress, or on hold."""

    data: Data
    unfinished: int
    carried: int = 0
    """The watched pairs of a task and a field that it started on and that was not written since."""
    hold: Hold | None = None


@dataclass(frozen=True, slots=True)
class Mover:
    """Who makes a move: a ticket, a task, or the admin who resumes if both are None."""

    ticket: int | None = None
    task: Task | None = None

    @property
    def is_action(self) -> bool:
        """Whether no person is needed for it."""
        return self.task is not None and self.task.is_action


@dataclass(frozen=True, slots=True)
class Transition:
    """One write and what followed, with the state before it."""

    source: int | None
    """The number of the state before; None before the ticket."""
    before: State
    mover: Mover
    answered: Answered | None
    """What was written; None for a resume."""
    asked: Answered
    """The write that was applied: of a resume one that waited."""
    step: Step


@dataclass(slots=True)
class Node:
    """A state that was reached, and how it was reached first."""

    state: State
    parent: int | None
    mover: Mover
    answered: Answered | None
    depth: int
    edges: list[tuple[int, Task | None]] = field(default_factory=list)
    """Where its moves lead, each with the action that makes it, None for people; OUT for an end."""


OUT = -1
"""Where an end, a stall or a failure leads that nothing follows."""
