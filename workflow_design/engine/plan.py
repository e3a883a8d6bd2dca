"""The plan of a workflow: all of a definition that decides what happens, and nothing else."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflow_design.definition.workflow import CompletionStatus, TaskType, WorkflowFile
from workflow_design.engine.conditions import ConditionError, fields_read, validate


@dataclass(frozen=True, slots=True)
class TicketPlan:
    """A ticket type: it writes `fields`."""

    key: str
    title: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """A task definition: it reads `input_fields` and, once completed, writes `output_fields`."""

    key: str
    title: str
    task_type: TaskType
    input_fields: tuple[str, ...]
    output_fields: tuple[str, ...] = ()
    condition: Any = None
    """A JsonLogic rule over the whole workspace; None always holds."""
    reset_fields: tuple[str, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """The fields whose writing makes this definition be looked at."""
        return self.input_fields


@dataclass(frozen=True, slots=True)
class CompletionPlan:
    """A way in which the workflow ends, or is put on hold."""

    key: str
    title: str
    fields: tuple[str, ...]
    condition: Any = None
    """A JsonLogic rule over the whole workspace; None always holds."""
    status: CompletionStatus = CompletionStatus.COMPLETED

    @property
    def reads(self) -> tuple[str, ...]:
        """The fields whose writing makes this definition be looked at."""
        return self.fields


@dataclass(frozen=True, slots=True)
class Plan:
    """A workflow definition, ready to be asked. Keys are opaque; raises ValueError if one repeats.

    Of the order of definitions only that of the completions means anything. One plan is kept for
    each version of a definition: it holds the index from a field to what reads it, so that a
    write costs as much as what it concerns, however large the definition is.
    """

    tasks: tuple[TaskPlan, ...]
    completions: tuple[CompletionPlan, ...]
    tickets: tuple[TicketPlan, ...] = ()
    _asked: dict[tuple[type, str], tuple[str, ...]] = field(init=False, repr=False, compare=False)
    _tasks_by_field: Mapping[str, tuple[int, ...]] = field(init=False, repr=False, compare=False)
    _completions_by_field: Mapping[str, tuple[int, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for definitions in (self.tasks, self.completions, self.tickets):
            _refuse_repeated_keys(definitions)
        object.__setattr__(self, "_asked", {})
        object.__setattr__(self, "_tasks_by_field", _index(task.reads for task in self.tasks))
        object.__setattr__(self, "_completions_by_field", _index(each.reads for each in self.completions))

    def fields_asked(self, definition: TaskPlan | CompletionPlan) -> tuple[str, ...]:
        """The fields that the condition of a definition of this plan reads, in alphabetical order.

        Found when it is first asked for and then kept: finding them takes longer than evaluating.
        Of a condition that is not allowed nothing can be said.
        """
        key = (type(definition), definition.key)
        if key not in self._asked:
            self._asked[key] = _fields_asked(definition.condition)
        return self._asked[key]

    def tasks_reading(self, fields: Collection[str]) -> list[TaskPlan]:
        """The task definitions that have one of these fields among their inputs, in definition order."""
        return [self.tasks[position] for position in _positions(self._tasks_by_field, fields)]

    def completions_reading(self, fields: Collection[str]) -> list[CompletionPlan]:
        """The completions that have one of these fields among theirs, in their order."""
        return [self.completions[position] for position in _positions(self._completions_by_field, fields)]


def _refuse_repeated_keys(definitions: Sequence[TicketPlan | TaskPlan | CompletionPlan]) -> None:
    for key, times in Counter(definition.key for definition in definitions).items():
        if times > 1:
            raise ValueError(f"The key {key!r} names {times} definitions of one kind.")


def _fields_asked(condition: Any) -> tuple[str, ...]:
    try:
        validate(condition)
    except ConditionError:
        return ()
    return tuple(sorted(fields_read(condition)))


def _index(reads_of_each: Iterable[tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
    positions: dict[str, list[int]] = {}
    for position, reads in enumerate(reads_of_each):
        for name in set(reads):
            positions.setdefault(name, []).append(position)
    return {name: tuple(found) for name, found in positions.items()}


def _positions(index: Mapping[str, tuple[int, ...]], fields: Collection[str]) -> list[int]:
    return sorted({position for name in fields for position in index.get(name, ())})


def plan_of(file: WorkflowFile) -> Plan:
    """The plan of a workflow file, whose keys are titles.

    Raises ValueError if a title stands twice in its list, or for a type or status that there is not;
    files that were parsed have neither.
    """
    return Plan(
        tasks=tuple(
            TaskPlan(
                key=task.title,
                title=task.title,
                task_type=TaskType(task.task_type),
                input_fields=task.input_fields,
                output_fields=task.output_fields,
                condition=task.condition,
                reset_fields=task.reset_fields,
            )
            for task in file.tasks
        ),
        completions=tuple(
            CompletionPlan(
                key=completion.title,
                title=completion.title,
                fields=completion.fields,
                condition=completion.condition,
                status=CompletionStatus(completion.completion_status),
            )
            for completion in file.completions
        ),
        tickets=tuple(TicketPlan(ticket.title, ticket.title, ticket.fields) for ticket in file.tickets),
    )
