"""A definition in the form that the exploration runs.

It follows the same rules as `decide`, but uses numbers, which is faster. Tests compare the two.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from workflow_design.check.values.computations import Computations
from workflow_design.check.values.groups import Known, build_groups, find_inexact, share_samples
from workflow_design.check.values.rules import EMPTY, Condition, Data, Space, Truth, Values
from workflow_design.check.values.samples import build_samples
from workflow_design.check.values.uses import collect_uses
from workflow_design.check.values.writing import Writing
from workflow_design.check.work import UNLIMITED, Work
from workflow_design.definition.fields import Fields
from workflow_design.definition.workflow import CompletionFile, TaskFile, WorkflowFile
from workflow_design.engine.conditions.moments import compile_rule
from workflow_design.engine.conditions.validation import fields_read_by_transform


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A task definition. A set of tasks is an integer in which bit `place` stands for this task."""

    place: int
    file: TaskFile
    is_action: bool
    condition: Condition
    reads: frozenset[str]
    writes: frozenset[str]
    """The fields of its form or answer."""
    may_write: frozenset[str]
    """Those, and the one that the clock writes when it is overdue."""
    resets: tuple[int, ...]

    @property
    def bit(self) -> int:
        """The set with only this task."""
        return 1 << self.place


@dataclass(frozen=True, slots=True, eq=False)
class Completion:
    """A completion."""

    place: int
    file: CompletionFile
    condition: Condition
    reads: frozenset[str]


Part = Task | Completion


@dataclass(frozen=True, slots=True)
class Listeners:
    """The definitions that a write of some fields triggers."""

    modified: frozenset[str]
    completions: tuple[Completion, ...]
    tasks: tuple[Task, ...]
    task_bits: int
    """The same tasks, as a set."""
    cost: int
    """The work of asking all of their conditions, if the results are known."""


@dataclass(frozen=True, slots=True)
class PossibleWrite:
    """One write that a form or an action could make: the values of fields of the space."""

    values: tuple[tuple[int, int], ...]
    listeners: Listeners
    extra_values: Mapping[str, Any] | None = None
    """Further fields of the write, which no condition reads; only the counterexample needs them."""


@dataclass(frozen=True, slots=True)
class Step:
    """The consequences of a write."""

    before_resets: Data
    """The workspace on which the conditions were evaluated."""
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
        return self.reached is not None and self.reached.file.is_final


class Machine:
    """A definition without static errors, prepared for the exploration."""

    def __init__(self, file: WorkflowFile, fields: Fields, work: Work | None = None) -> None:
        """Prepare the file. Raise OutOfWorkError if that needs more than the work that is left."""
        work = work or Work(UNLIMITED)
        self.file = file
        self.fields = fields
        # As the engine evaluates them.
        task_rules = [compile_rule(task.condition, fields) for task in file.tasks]
        completion_rules = [compile_rule(completion.condition, fields) for completion in file.completions]
        self.rules = [rule for rule in (*task_rules, *completion_rules) if rule is not None]
        """The rules of all conditions."""
        computations = Computations(file, fields)
        self.computed_with = computations.sent.union(*map(_fields_read_by_answer, file.tasks))
        """The fields that actions compute with, in their output or so that their input may fail."""
        rules = [*self.rules, *computations.rules(self.rules, work)]
        self.uses = collect_uses(rules, fields=fields, computed_with=self.computed_with, work=work)
        """What they do with each field."""
        # Other fields never change what happens, so the states leave them out.
        names = tuple(name for name in fields if name in self.uses)
        samples = {name: build_samples(fields[name], self.uses[name], work) for name in names}
        known = Known(fields, self.uses, samples, Writing(file), work)
        groups = list(build_groups(known))
        samples = share_samples(known, groups)
        self.space = Space(names, tuple(Values(samples[name]) for name in names), work)
        self.rows = {frozenset(group.names): group.rows for group in groups if group.rows}
        """Values of fields that are always written together, and that are tried together."""
        self.guessed = {name for name in names if not samples[name]}
        """Fields of which no value is known."""
        self.inexact = find_inexact(known, groups, computations.unclear)
        """Fields that may have values that do something else than all that are tried."""
        # What each write costs apart from its conditions, such as copying the workspace.
        self.write_cost = 12 + len(names) // 16 + len(file.tasks) // 8
        self.tasks = tuple(map(self._task, count(), file.tasks, task_rules))
        self.completions = tuple(map(self._completion, count(), file.completions, completion_rules))
        self.parts: tuple[Part, ...] = (*self.completions, *self.tasks)
        """All definitions that a write can trigger."""
        self.duplicates = _find_duplicates(self.tasks)
        """For each task, the equal tasks before it: whatever one of them can do, all of them can do."""
        self._listeners: dict[frozenset[str], Listeners] = {}
        self.overdue_writes = dict(self._find_overdue_writes())
        """What the clock writes when a task becomes overdue, for each task where that makes a difference."""
        self.timed = sum(task.bit for task in self.overdue_writes)
        """The tasks that can become overdue, as a set."""

    def members(self, tasks: int) -> list[Task]:
        """Return the tasks of a set, in definition order."""
        return [task for task in self.tasks if tasks >> task.place & 1]

    def listeners(self, modified: Iterable[str]) -> Listeners:
        """Return the definitions that a write of these fields triggers."""
        fields = frozenset(modified)
        found = self._listeners.get(fields)
        if found is None:
            self.space.work.spend(len(self.parts))
            completions = tuple(each for each in self.completions if not each.reads.isdisjoint(fields))
            tasks = tuple(each for each in self.tasks if not each.reads.isdisjoint(fields))
            conditions = [each.condition for each in completions] + [each.condition for each in tasks]
            bits = sum([task.bit for task in tasks])
            cost = sum(1 + len(condition.places) // 16 for condition in conditions)
            found = self._listeners[fields] = Listeners(fields, completions, tasks, bits, cost)
        return found

    def reachable(self, tasks: int) -> int:
        """Return these tasks and all that they may start, directly or through others, ignoring conditions."""
        found = new = tasks
        while new:
            self.space.work.spend(len(self.tasks) // 4)
            started = 0
            for each in self.members(new):
                started |= self.listeners(each.may_write).task_bits
            new = started & ~found
            found |= started
        return found

    def apply(self, data: Data, unfinished: int, write: PossibleWrite) -> Step:
        """Run steps 1 to 4 and 7 for one write (`docs/engine.md`, "One write, step by step").

        `unfinished` does not contain the task that the write completes.
        """
        self.space.work.spend(self.write_cost + len(write.values) // 8 + write.listeners.cost)
        merged = list(data)
        for place, number in write.values:
            merged[place] = number
        workspace = tuple(merged)
        failed: list[Part] = []
        for completion in write.listeners.completions:
            truth = completion.condition.evaluate(workspace)
            if truth is Truth.TRUE:
                return Step(workspace, workspace, unfinished, 0, completion, tuple(failed), stalled=False)
            if truth is Truth.FAILS:
                failed.append(completion)
        return self.evaluate_tasks(workspace, unfinished, write.listeners.tasks, failed)

    def evaluate_tasks(
        self, workspace: Data, unfinished: int, tasks: Iterable[Task], failed: Iterable[Part] = ()
    ) -> Step:
        """Run steps 3, 4 and 7. A resume runs only these."""
        started, failures = 0, list(failed)
        merged: list[int] | None = None
        for task in tasks:
            truth = task.condition.evaluate(workspace)
            if truth is Truth.FAILS:
                failures.append(task)
            elif truth is Truth.TRUE and not unfinished >> task.place & 1:
                started |= task.bit
                for place in task.resets:
                    merged = merged or list(workspace)
                    merged[place] = EMPTY
        return Step(
            workspace,
            workspace if merged is None else tuple(merged),
            unfinished | started,
            started,
            None,
            tuple(failures),
            stalled=not (unfinished or started or failures),
        )

    def _find_overdue_writes(self) -> Iterator[tuple[Task, PossibleWrite]]:
        for task in self.tasks:
            name = task.file.overdue_field
            if name is None:
                continue
            places = self.space.positions([name])
            listeners = self.listeners([name])
            # Without it, states would be told apart by what nobody asks.
            if places or listeners.completions or listeners.tasks:
                values = tuple((place, self.space.values[place].number_for(True)) for place in places)
                yield task, PossibleWrite(values, listeners)

    def _completion(self, place: int, completion: CompletionFile, rule: Any) -> Completion:
        return Completion(place, completion, Condition(rule, self.space), frozenset(completion.fields))

    def _task(self, place: int, task: TaskFile, rule: Any) -> Task:
        return Task(
            place,
            task,
            not task.is_form,
            Condition(rule, self.space),
            frozenset(task.input_fields),
            frozenset(task.output_fields),
            frozenset(task.may_write),
            self.space.positions(task.reset_fields),
        )


def _find_duplicates(tasks: Sequence[Task]) -> tuple[int, ...]:
    """Return for each task the set of equal tasks before it: same fields and rules, so the same future."""
    tasks_by_key: dict[str, int] = {}
    found = []
    for task in tasks:
        file = task.file
        names = [sorted(each) for each in (file.input_fields, file.output_fields, file.reset_fields)]
        rules = [file.condition, file.input_transform, file.answer_rules]
        # Of two equal tasks only one may be overdue, so they are not merged.
        alone = task.place if file.overdue_field else None
        key = json.dumps([file.task_type, names, rules, alone], sort_keys=True)
        found.append(tasks_by_key.get(key, 0))
        tasks_by_key[key] = tasks_by_key.get(key, 0) | task.bit
    return tuple(found)


def _fields_read_by_answer(task: TaskFile) -> frozenset[str]:
    """Return the workspace fields that an action's output transform reads."""
    if task.is_form or not task.answer_rules:
        return frozenset()
    return fields_read_by_transform(task.answer_rules, of_answer=True)
