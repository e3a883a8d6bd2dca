"""What is different between two versions of a workflow, in words. Pure.

Tickets, tasks and completions are the same if they bear the same title, without regard to case. One
that is called otherwise but does the same (it reads, asks and writes the same) counts as renamed;
anything else is removed here and added there. Fields are the same if they have the same name.
What means nothing is no difference: the order of roles, or of the fields that a form asks for, which
its layout or the schema arranges.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar

from django.utils.translation import gettext as _

from workflow_design.compare.wording import FIELD_MEMBERS, MEMBERS, UNORDERED
from workflow_design.definition.fields import Choice, Field, Fields
from workflow_design.definition.schema import SchemaError, data_validator
from workflow_design.definition.workflow import CompletionFile, TaskFile, TicketFile, WorkflowFile, members_of
from workflow_design.engine.plan import build_plan
from workflow_design.picture.words import describe_definition
from workflow_design.wording.rules import Vocabulary

_PARTS: Final = frozenset({"fields_schema", "tickets", "tasks", "completions"})
_BEHAVIOR: Final[dict[type, tuple[str, ...]]] = {
    TicketFile: ("fields",),
    TaskFile: ("task_type", "input_fields", "output_fields", "condition"),
    CompletionFile: ("completion_status", "fields", "condition"),
}
"""What a part does: two that agree in it are one part that was renamed."""

PartT = TypeVar("PartT", TicketFile, TaskFile, CompletionFile)


class ChangeKind(StrEnum):
    """What became of a part."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different. What is not there is ""."""

    what: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class PartChange:
    """A field, ticket, task or completion that is added, removed or changed."""

    kind: ChangeKind
    title: str
    changes: tuple[Change, ...] = ()
    """Of a part that is there in both."""
    sentence: str = ""
    """What a part does that is there in one only."""


@dataclass(frozen=True, slots=True)
class Section:
    """All that is different among the fields, tickets, tasks or completions."""

    title: str
    parts: tuple[PartChange, ...]
    order: Change | None = None
    """What is there in both stands in another order."""


@dataclass(frozen=True, slots=True)
class Difference:
    """All that is different between two versions."""

    workflow: tuple[Change, ...]
    """Of the workflow itself."""
    sections: tuple[Section, ...]
    """Only those with a difference."""

    def __len__(self) -> int:
        """How many changes there are; a part that is added or removed is one."""
        of_parts = (len(part.changes) or 1 for section in self.sections for part in section.parts)
        return len(self.workflow) + sum(of_parts) + sum(1 for each in self.sections if each.order)


def difference(old: WorkflowFile, new: WorkflowFile) -> Difference:
    """What is different in `new`; nothing (its length is 0) if both mean the same."""
    words = Vocabulary.of_schema(old.fields_schema), Vocabulary.of_schema(new.fields_schema)
    unreadable, fields = _fields(old, new, words)
    sections = (
        fields,
        _parts(_("Tickets"), old, new, words, "tickets"),
        _parts(_("Tasks"), old, new, words, "tasks"),
        _parts(_("Completions"), old, new, words, "completions"),
    )
    return Difference(
        workflow=(*_compare_members(old, new, words), *unreadable),
        sections=tuple(section for section in sections if section.parts or section.order),
    )


_Vocabularies = tuple[Vocabulary, Vocabulary]


# --- Fields --------------------------------------------------------------------------


def _fields(old: WorkflowFile, new: WorkflowFile, words: _Vocabularies) -> tuple[tuple[Change, ...], Section]:
    """The fields; where those of a draft can't be read, one change that shows both as they are written."""
    title = _("Fields")
    try:
        before, after = data_validator(old.fields_schema).fields, data_validator(new.fields_schema).fields
    except SchemaError:
        changed = _text(old.fields_schema) != _text(new.fields_schema)
        written = (json.dumps(file.fields_schema, ensure_ascii=False, indent=2) for file in (old, new))
        return ((Change(title, *written),) if changed else ()), Section(title, ())
    common = [name for name in before if name in after]
    parts = (
        *(_field_change(before[name], after[name], words) for name in common),
        *_only_in(after, before, ChangeKind.ADDED),
        *_only_in(before, after, ChangeKind.REMOVED),
    )
    places = [list(after).index(name) for name in common]
    order = _order(places, [before[name].title for name in common], [after[name].title for name in common])
    return (), Section(title, tuple(part for part in parts if part is not None), order)


def _field_change(old: Field, new: Field, words: _Vocabularies) -> PartChange | None:
    changes = []
    for names, (label, format_value) in FIELD_MEMBERS.items():
        before, after = ([_plain(getattr(field, name)) for name in names] for field in (old, new))
        if _text(before) != _text(after):
            texts = format_value(old, words[0]), format_value(new, words[1])
            changes.append(_build_change(str(label), texts, (before, after)))
    return PartChange(ChangeKind.CHANGED, new.title, tuple(changes)) if changes else None


def _only_in(fields: Fields, others: Fields, kind: ChangeKind) -> Iterator[PartChange]:
    for name, field in fields.items():
        if name not in others:
            label = field.kind.label if field.format is None else field.format.label
            yield PartChange(kind, field.title, sentence=f"{label} ({name})")


# --- Tickets, tasks, completions -----------------------------------------------------


def _parts(title: str, old: WorkflowFile, new: WorkflowFile, words: _Vocabularies, kind: str) -> Section:
    before, after = getattr(old, kind), getattr(new, kind)
    pairs = same_parts(before, after)
    matched_before = {old_place for old_place, _new in pairs}
    matched_after = {new_place for _old, new_place in pairs}
    changed = (
        PartChange(ChangeKind.CHANGED, after[j].title, tuple(changes))
        for i, j in pairs
        if (changes := _compare_members(before[i], after[j], words))
    )
    parts = (
        *changed,
        *_unmatched_parts(ChangeKind.ADDED, new, words[1], kind, matched_after),
        *_unmatched_parts(ChangeKind.REMOVED, old, words[0], kind, matched_before),
    )
    return Section(title, parts, _order_change(pairs, before, after))


def _unmatched_parts(
    kind: ChangeKind, file: WorkflowFile, vocabulary: Vocabulary, name: str, matched: set[int]
) -> Iterator[PartChange]:
    for place, part in enumerate(getattr(build_plan(file), name)):
        if place not in matched:
            yield PartChange(kind, part.title, sentence=describe_definition(part, vocabulary, ()))


def same_parts(before: Sequence[Any], after: Sequence[Any]) -> list[tuple[int, int]]:
    """The places of the same part in both files, in the order of the older one."""
    free = {part.title.casefold(): place for place, part in enumerate(after)}
    pairs = {
        place: free.pop(part.title.casefold())
        for place, part in enumerate(before)
        if part.title.casefold() in free
    }
    for place, part in enumerate(before):
        if place not in pairs:
            alike = next((j for j in free.values() if _behavior(after[j]) == _behavior(part)), None)
            if alike is not None:
                pairs[place] = free.pop(after[alike].title.casefold())
    return sorted(pairs.items())


def _behavior(part: TicketFile | TaskFile | CompletionFile) -> list[str]:
    return [_comparable(name, getattr(part, name)) for name in _BEHAVIOR[type(part)]]


def _order_change(
    pairs: Sequence[tuple[int, int]], before: Sequence[Any], after: Sequence[Any]
) -> Change | None:
    return _order(
        [new for _old, new in pairs],
        [before[i].title for i, _new in pairs],
        [after[j].title for _old, j in pairs],
    )


def _order(places: Sequence[int], old: Sequence[str], new: Sequence[str]) -> Change | None:
    """What stands in both, if the newer places of the older ones do not rise."""
    if list(places) == sorted(places):
        return None
    sorted_new = [title for _place, title in sorted(zip(places, new, strict=True))]
    return Change(_("Order"), ", ".join(old), ", ".join(sorted_new))


# --- One part ------------------------------------------------------------------------


def _compare_members(old: Any, new: Any, words: _Vocabularies) -> list[Change]:
    """The members of two parts of one kind that are different."""
    changes = []
    for member in members_of(type(old)):
        name = member.name
        values = getattr(old, name), getattr(new, name)
        if name not in _PARTS and _comparable(name, values[0]) != _comparable(name, values[1]):
            label, format_value = MEMBERS[name]
            texts = format_value(values[0], words[0]), format_value(values[1], words[1])
            changes.append(_build_change(str(label), texts, values))
    return changes


def _build_change(label: str, texts: tuple[str, str], values: tuple[Any, Any]) -> Change:
    """The change in words; as it is written where the words of both are the same."""
    old, new = texts if texts[0] != texts[1] else (_text(values[0]), _text(values[1]))
    return Change(label, old, new)


def _comparable(name: str, value: Any) -> str:
    return _text(sorted(value) if name in UNORDERED else value)


def _text(value: Any) -> str:
    """JSON that is the same for values that mean the same, and for no others."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Choice):
        return [_plain(value.value), value.label]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_plain(each) for each in value]
    return value
