"""The input of `decide`: the plan of a definition, and a write.

A plan is the part of a definition that decides what happens. A write is one set of field values that enters
the workspace at once (`docs/engine.md`, "Words").
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple

from workflow_design.definition.fields import Field, is_empty, without_empty
from workflow_design.definition.schema import read_fields
from workflow_design.definition.workflow import (
    CompletionFile,
    DefinitionKey,
    Kind,
    PartFile,
    TaskFile,
    TicketFile,
    WorkflowFile,
)
from workflow_design.engine.conditions.bounds import ConditionError
from workflow_design.engine.conditions.evaluation import Prepared, prepare
from workflow_design.engine.conditions.moments import compile_rule
from workflow_design.engine.conditions.validation import fields_read, validate


class PlannedCondition(NamedTuple):
    """A condition as it is evaluated, and the fields that it reads, in alphabetical order."""

    evaluate: Prepared
    fields: tuple[str, ...]
    """None if the condition is not valid."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A workflow definition in the form that `decide` needs. Raise ValueError if a title is repeated.

    Only the order of completions has a meaning. Plans are cached for each version of a definition. A plan
    indexes its definitions by the fields that they read, so the cost of a write depends on what it triggers,
    not on the size of the definition.
    """

    tasks: tuple[TaskFile, ...]
    completions: tuple[CompletionFile, ...]
    tickets: tuple[TicketFile, ...] = ()
    keys: Mapping[DefinitionKey, str] = field(default_factory=dict, compare=False)
    """The key of each definition by its kind and title; without it, the title is the key."""
    fields: Mapping[str, Field] = field(default_factory=dict, compare=False)
    """The fields of the workspace. Without them, moments and times are compared as texts."""
    _whole_keys: dict[tuple[Kind, str], DefinitionKey] = field(init=False, repr=False, compare=False)
    _conditions: dict[tuple[Kind, str], PlannedCondition] = field(init=False, repr=False, compare=False)
    _tasks_by_field: Mapping[str, tuple[int, ...]] = field(init=False, repr=False, compare=False)
    _completions_by_field: Mapping[str, tuple[int, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for definitions in (self.tasks, self.completions, self.tickets):
            _refuse_repeated_titles(definitions)
        # The class is frozen, so `object.__setattr__` is the only way to set the derived attributes.
        object.__setattr__(self, "_whole_keys", {})
        object.__setattr__(self, "_conditions", {})
        object.__setattr__(self, "_tasks_by_field", _index(task.reads for task in self.tasks))
        object.__setattr__(self, "_completions_by_field", _index(each.reads for each in self.completions))

    def find(self, kind: Kind, title: str) -> PartFile | None:
        """Return the definition with this title, or None."""
        definitions: tuple[PartFile, ...] = getattr(self, kind.members)
        return next((each for each in definitions if each.title == title), None)

    def without_conditions(self) -> "Plan":
        """Return a copy for those who may see which tasks there are, but not what decides on them."""
        return replace(
            self,
            tasks=tuple(replace(task, condition=None) for task in self.tasks),
            completions=tuple(replace(each, condition=None) for each in self.completions),
        )

    def key(self, definition: PartFile) -> DefinitionKey:
        """Return the key of a definition, by which timelines, tasks and pictures identify it.

        The result is cached: a write asks for the keys of all that it triggers.
        """
        kind, title = name = (definition.kind, definition.title)
        if name not in self._whole_keys:
            self._whole_keys[name] = DefinitionKey(kind, self.keys.get(DefinitionKey(kind, title), title))
        return self._whole_keys[name]

    def condition(self, definition: TaskFile | CompletionFile) -> PlannedCondition:
        """Return the condition of a definition of this plan, ready to be evaluated.

        The result is cached, because preparing takes longer than evaluating.
        """
        key = (definition.kind, definition.title)
        if key not in self._conditions:
            self._conditions[key] = _prepare_condition(definition.condition, self.fields)
        return self._conditions[key]

    def tasks_reading(self, fields: Collection[str]) -> list[TaskFile]:
        """Return the task definitions with one of these fields among their inputs, in definition order."""
        return [self.tasks[position] for position in _look_up(self._tasks_by_field, fields)]

    def completions_reading(self, fields: Collection[str]) -> list[CompletionFile]:
        """Return the completions that read one of these fields, in their order."""
        return [self.completions[position] for position in _look_up(self._completions_by_field, fields)]


def _refuse_repeated_titles(definitions: Sequence[PartFile]) -> None:
    for title, times in Counter(definition.title for definition in definitions).items():
        if times > 1:
            raise ValueError(f"The title {title!r} names {times} definitions of one kind.")


def _prepare_condition(condition: Any, fields: Mapping[str, Field]) -> PlannedCondition:
    try:
        validate(condition)
    except ConditionError:
        return PlannedCondition(prepare(condition), ())
    return PlannedCondition(prepare(compile_rule(condition, fields)), tuple(sorted(fields_read(condition))))


def _index(all_reads: Iterable[tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
    positions: dict[str, list[int]] = {}
    for position, reads in enumerate(all_reads):
        for name in set(reads):
            positions.setdefault(name, []).append(position)
    return {name: tuple(found) for name, found in positions.items()}


def _look_up(index: Mapping[str, tuple[int, ...]], fields: Collection[str]) -> list[int]:
    return sorted({position for name in fields for position in index.get(name, ())})


def build_plan(file: WorkflowFile) -> Plan:
    """Build the plan of a workflow file; its keys are titles. Raise ValueError if one is repeated."""
    return Plan(file.tasks, file.completions, file.tickets, fields=read_fields(file.fields_schema))


class Source(StrEnum):
    """The source of a write."""

    TICKET = "ticket"
    TASK = "task"
    EDIT = "edit"
    CORRECTION = "correct"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Write:
    """New values for the workspace, and the fields that count as modified.

    Use `by_form`, `by_action`, `by_edit`, `by_clock` or `retry`, which know the rules of their sources.
    Raise ValueError if the parts contradict each other.
    """

    source: Source
    values: Mapping[str, Any]
    emptied: frozenset[str]
    modified: frozenset[str]
    only: frozenset[DefinitionKey] | None = None
    """The definitions to evaluate; None means all that read a modified field."""

    def __post_init__(self) -> None:
        # An empty value and an emptied field would be two forms of the same write.
        blank = [name for name, value in self.values.items() if is_empty(value)]
        if blank or not self.emptied.isdisjoint(self.values):
            raise ValueError("A field is either given a value or emptied.")
        if self.source is Source.CORRECTION:
            if self.modified:
                raise ValueError("A correction modifies nothing.")
        elif not self.modified.issuperset(self.changed):
            raise ValueError("What a write changes counts as modified.")

    @property
    def changed(self) -> frozenset[str]:
        """The fields that the write gives a value or empties."""
        return self.emptied.union(self.values)

    @classmethod
    def by_form(
        cls, fields: Iterable[str], values: Mapping[str, Any], *, source: Source = Source.TASK
    ) -> "Write":
        """Return the write of a ticket's or task's form, which asks for `fields`; blank fields are emptied.

        All its fields are modified, even if the value does not change. Raise ValueError for a value that
        the form did not ask for.
        """
        asked = frozenset(fields)
        if not asked.issuperset(values):
            raise ValueError(f"The form does not ask for {sorted(set(values) - asked)}.")
        filled = without_empty(values)
        return cls(source, filled, asked.difference(filled), asked)

    @classmethod
    def by_action(cls, output_fields: Iterable[str], values: Mapping[str, Any]) -> "Write":
        """Return the write of an action's answer; members that are not output fields are ignored.

        An output field that the answer lacks is unchanged and not modified. One that is present but empty
        is emptied.
        """
        outputs = frozenset(output_fields)
        return cls._of_values(Source.TASK, {name: value for name, value in values.items() if name in outputs})

    @classmethod
    def by_clock(cls, values: Mapping[str, Any]) -> "Write":
        """Return the write of the clock: each given field is modified, and an empty value empties it."""
        return cls._of_values(Source.CLOCK, values)

    @classmethod
    def by_edit(
        cls, before: Mapping[str, Any], after: Mapping[str, Any], *, source: Source = Source.EDIT
    ) -> "Write":
        """Return the edit that turns workspace `before` into `after`: only different fields are modified.

        With the source CORRECTION, none are (`docs/engine.md`, "Corrections").
        """
        names = {*before, *after}
        changed = {name for name in names if not is_same_json(before.get(name), after.get(name))}
        return cls._of_values(source, {name: after.get(name) for name in changed})

    @classmethod
    def retry(
        cls,
        modified: Iterable[str],
        *,
        source: Source = Source.TASK,
        only: Iterable[tuple[Kind, str]] | None = None,
    ) -> "Write":
        """Return a retry of the consequences of an earlier write: same modified fields, current data.

        `only` names the definitions whose condition or creation failed; None evaluates all again. Without
        modified fields, the write only detects whether the workflow has stalled.
        """
        chosen = None if only is None else frozenset(DefinitionKey(kind, key) for kind, key in only)
        return cls(source, {}, frozenset(), frozenset(modified), chosen)

    def without_fields(self, fields: Collection[str]) -> "Write":
        """Return a retry of this write without `fields`, which later writes wrote; all count as modified."""
        values = {name: value for name, value in self.values.items() if name not in fields}
        return replace(self, values=values, emptied=self.emptied.difference(fields))

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Write":
        """Build the write from the output of `as_json`."""
        only = stored["only"]
        return cls(
            Source(stored["source"]),
            dict(stored["values"]),
            frozenset(stored["emptied"]),
            frozenset(stored["modified"]),
            None if only is None else frozenset(DefinitionKey(Kind(kind), key) for kind, key in only),
        )

    def as_json(self) -> dict[str, Any]:
        """Return the write as JSON, to store it until the end of a hold or until a retry."""
        return {
            "source": str(self.source),
            "values": dict(self.values),
            "emptied": sorted(self.emptied),
            "modified": sorted(self.modified),
            "only": None if self.only is None else sorted([str(kind), key] for kind, key in self.only),
        }

    def merged_into(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return a copy of the workspace `data` with this write applied, before resets."""
        remaining = {name: value for name, value in data.items() if name not in self.emptied}
        return {**remaining, **self.values}

    @classmethod
    def _of_values(cls, source: Source, values: Mapping[str, Any]) -> "Write":
        """Return a write that modifies exactly the given fields, or none if it is a correction."""
        filled = without_empty(values)
        modified = () if source is Source.CORRECTION else values
        return cls(source, filled, frozenset(values).difference(filled), frozenset(modified))


def is_same_json(left: Any, right: Any) -> bool:
    """Return whether two values are the same JSON. Python treats true as equal to 1, JSON does not."""
    if is_empty(left) or is_empty(right):
        return is_empty(left) and is_empty(right)
    # Compare item by item: Python's list equality would also treat 1 and true as equal.
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(is_same_json, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(is_same_json(left[name], right[name]) for name in left)
    return isinstance(left, bool) is isinstance(right, bool) and bool(left == right)
