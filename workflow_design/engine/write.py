"""A write: one set of field values that enters the workspace at once (`engine.md`, "The words")."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from workflow_design.definition.fields import is_empty, without_empty
from workflow_design.definition.workflow import DefinitionKey, Kind


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
