"""What `decide` is given: the plan of a definition, and a write.

A plan is the part of a definition that decides what happens. A write is one set of field values that
enters the workspace at once (`docs/engine.md`, "Words").
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from workflow_design.definition.fields import is_empty, without_empty
from workflow_design.definition.workflow import CompletionStatus, DefinitionKey, Kind, TaskType, WorkflowFile
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


class Source(StrEnum):
    """Where a write comes from."""

    TICKET = "ticket"
    TASK = "task"
    EDIT = "edit"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Write:
    """What enters the workspace, and which fields count as modified by it.

    Make one with `by_form`, `by_action`, `by_edit`, `by_clock` or `again`: each knows the rules of its
    source. Raises ValueError if the parts contradict each other.
    """

    source: Source
    values: Mapping[str, Any]
    emptied: frozenset[str]
    modified: frozenset[str]
    only: frozenset[DefinitionKey] | None = None
    """The definitions that are looked at; None: every one that the modified fields concern."""

    def __post_init__(self) -> None:
        blank = [name for name, value in self.values.items() if is_empty(value)]
        if blank or not self.emptied.isdisjoint(self.values):
            raise ValueError("A field is either given a value or emptied.")
        if not (self.modified.issuperset(self.values) and self.modified.issuperset(self.emptied)):
            raise ValueError("What a write changes counts as modified.")

    @classmethod
    def by_form(
        cls, fields: Iterable[str], values: Mapping[str, Any], *, source: Source = Source.TASK
    ) -> "Write":
        """The write of a ticket's or task's form, which asks for `fields`: what is left blank is emptied.

        All its fields are modified, also where the value equals the old one. Raises ValueError for
        a value that the form did not ask for.
        """
        asked = frozenset(fields)
        if not asked.issuperset(values):
            raise ValueError(f"The form does not ask for {sorted(set(values) - asked)}.")
        filled = without_empty(values)
        return cls(source, filled, asked.difference(filled), asked)

    @classmethod
    def by_action(cls, output_fields: Iterable[str], values: Mapping[str, Any]) -> "Write":
        """The write of an action's answer; of its members only those that name output fields enter.

        An output field that the answer lacks stays as it is and is not modified; one that is
        there but empty is emptied.
        """
        outputs = frozenset(output_fields)
        return cls._of(Source.TASK, {name: value for name, value in values.items() if name in outputs})

    @classmethod
    def by_clock(cls, values: Mapping[str, Any]) -> "Write":
        """The write of the clock: every field that it carries is modified, an empty one is emptied."""
        return cls._of(Source.CLOCK, values)

    @classmethod
    def by_edit(cls, before: Mapping[str, Any], after: Mapping[str, Any]) -> "Write":
        """The edit that turns the workspace `before` into `after`: only fields that differ are modified."""
        names = {*before, *after}
        changed = {name for name in names if not _same(before.get(name), after.get(name))}
        return cls._of(Source.EDIT, {name: after.get(name) for name in changed})

    @classmethod
    def again(
        cls,
        modified: Iterable[str],
        *,
        source: Source = Source.TASK,
        only: Iterable[tuple[Kind, str]] | None = None,
    ) -> "Write":
        """A retry of what an earlier write set going: the same modified fields, the data of now.

        `only` names the definitions whose condition or creation failed; without it all are looked at
        again. Without modified fields it asks nothing but whether the workflow has stalled.
        """
        chosen = None if only is None else frozenset(DefinitionKey(kind, key) for kind, key in only)
        return cls(source, {}, frozenset(), frozenset(modified), chosen)

    def except_written_since(self, fields: Collection[str]) -> "Write":
        """The retry of this whole write after others were applied: it leaves `fields` as they wrote them.

        All that it modified still counts as modified.
        """
        kept = {name: value for name, value in self.values.items() if name not in fields}
        return replace(self, values=kept, emptied=self.emptied.difference(fields))

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Write":
        """The write that `as_json` kept."""
        only = kept["only"]
        return cls(
            Source(kept["source"]),
            dict(kept["values"]),
            frozenset(kept["emptied"]),
            frozenset(kept["modified"]),
            None if only is None else frozenset(DefinitionKey(Kind(kind), key) for kind, key in only),
        )

    def as_json(self) -> dict[str, Any]:
        """The write as it is kept while it waits: for the end of a hold, or for a retry."""
        return {
            "source": str(self.source),
            "values": dict(self.values),
            "emptied": sorted(self.emptied),
            "modified": sorted(self.modified),
            "only": None if self.only is None else sorted([str(kind), key] for kind, key in self.only),
        }

    def merged_into(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The workspace `data` after this write, before resets; `data` itself stays as it is."""
        kept = {name: value for name, value in data.items() if name not in self.emptied}
        return {**kept, **self.values}

    @classmethod
    def _of(cls, source: Source, values: Mapping[str, Any]) -> "Write":
        """A write that modifies exactly the fields that it carries."""
        filled = without_empty(values)
        return cls(source, filled, frozenset(values).difference(filled), frozenset(values))


def _same(left: Any, right: Any) -> bool:
    """Whether two values are the same JSON. Python holds true for equal to 1, JSON does not."""
    if is_empty(left) or is_empty(right):
        return is_empty(left) and is_empty(right)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[name], right[name]) for name in left)
    return isinstance(left, bool) is isinstance(right, bool) and bool(left == right)
