"""The difference between two versions of a workflow, in words. Pure.

Tickets, tasks and completions are matched by title, ignoring case. A part with another title but the
same behavior (the same fields and condition) counts as renamed. All other parts are removed in one
version or added in the other. Fields are matched by name. Changes without meaning are ignored: the
order of roles, or of the fields of a form, which the layout or the schema arranges.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, Final, TypeVar

from django.utils.translation import gettext as _

from workflow_design.compare.wording import FIELD_MEMBERS, MEMBERS, UNORDERED, describe_scenarios
from workflow_design.definition.fields import Choice, Field, Fields, FieldType
from workflow_design.definition.schema import SchemaError, data_validator
from workflow_design.definition.workflow import CompletionFile, TaskFile, TicketFile, WorkflowFile
from workflow_design.picture.words import describe_definition
from workflow_design.wording.rules import Vocabulary

# These members are compared part by part, so they are skipped in the comparison of the workflow.
_PARTS: Final = frozenset({"fields_schema", "tickets", "tasks", "completions", "scenarios"})
_BEHAVIOR: Final[dict[type, tuple[str, ...]]] = {
    TicketFile: ("fields",),
    TaskFile: ("task_type", "input_fields", "output_fields", "condition"),
    CompletionFile: ("completion_status", "fields", "condition"),
}
"""The members that define what a part does: two parts that agree in them are one renamed part."""

PartT = TypeVar("PartT", TicketFile, TaskFile, CompletionFile)


class ChangeKind(StrEnum):
    """The kind of change of a part."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; a missing value is ""."""

    what: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class PartChange:
    """A field, ticket, task or completion that was added, removed or changed."""

    kind: ChangeKind
    title: str
    changes: tuple[Change, ...] = ()
    """The changes of a part that is in both versions."""
    sentence: str = ""
    """A description of a part that is in one version only."""


@dataclass(frozen=True, slots=True)
class Section:
    """The differences among the fields, tickets, tasks or completions."""

    title: str
    parts: tuple[PartChange, ...]
    order: Change | None = None
    """The change of order of the parts that are in both versions."""


@dataclass(frozen=True, slots=True)
class Difference:
    """All differences between two versions."""

    workflow: tuple[Change, ...]
    """The changes of the workflow itself."""
    sections: tuple[Section, ...]
    """The sections that have a difference."""

    def changes(self) -> Iterator[Change]:
        """Yield each difference by itself, named after its part."""
        yield from self.workflow
        for section in self.sections:
            if section.order:
                yield replace(section.order, what=f"{section.title}: {section.order.what}")
            for part in section.parts:
                yield from (replace(each, what=f"{part.title}: {each.what}") for each in part.changes)
                if part.kind is ChangeKind.ADDED:
                    yield Change(part.title, "", part.sentence)
                if part.kind is ChangeKind.REMOVED:
                    yield Change(part.title, part.sentence, "")

    def __len__(self) -> int:
        """Return the number of changes; an added or removed part counts as one."""
        of_parts = (len(part.changes) or 1 for section in self.sections for part in section.parts)
        return len(self.workflow) + sum(of_parts) + sum(1 for each in self.sections if each.order)


def difference(old: WorkflowFile, new: WorkflowFile) -> Difference:
    """Return the differences of `new`; its length is 0 if both versions mean the same."""
    words = Vocabulary.of_schema(old.fields_schema), Vocabulary.of_schema(new.fields_schema)
    unreadable, fields = _fields(old, new, words)
    sections = (
        fields,
        _parts(_("Tickets"), old, new, words, "tickets"),
        _parts(_("Tasks"), old, new, words, "tasks"),
        _parts(_("Completions"), old, new, words, "completions"),
        _scenarios(old, new, words),
    )
    return Difference(
        workflow=(*compare_members(old, new, words), *unreadable),
        sections=tuple(section for section in sections if section.parts or section.order),
    )


Vocabularies = tuple[Vocabulary, Vocabulary]


# --- Fields --------------------------------------------------------------------------


def _fields(old: WorkflowFile, new: WorkflowFile, words: Vocabularies) -> tuple[tuple[Change, ...], Section]:
    """Return the changes of fields.

    If the fields of a draft are invalid, return one change that shows both schemas as JSON.
    """
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


def _field_change(old: Field, new: Field, words: Vocabularies) -> PartChange | None:
    changes = compare_fields(old, new, words)
    return PartChange(ChangeKind.CHANGED, new.title, tuple(changes)) if changes else None


def compare_fields(old: Field, new: Field, words: Vocabularies) -> list[Change]:
    """Return the changes between two states of a field; `words` are for the old and the new values."""
    changes = []
    for names, (label, format_value) in FIELD_MEMBERS.items():
        before, after = ([_plain(getattr(field, name)) for name in names] for field in (old, new))
        if _text(before) != _text(after):
            texts = format_value(old, words[0]), format_value(new, words[1])
            changes.append(_build_change(str(label), texts, (before, after)))
    return changes


def _only_in(fields: Fields, others: Fields, kind: ChangeKind) -> Iterator[PartChange]:
    for name, field in fields.items():
        if name not in others:
            yield PartChange(kind, field.title, sentence=f"{field.type.label} ({name})")


# --- Tickets, tasks, completions -----------------------------------------------------


def _parts(title: str, old: WorkflowFile, new: WorkflowFile, words: Vocabularies, kind: str) -> Section:
    before, after = getattr(old, kind), getattr(new, kind)
    pairs = same_parts(before, after)
    matched_before = {old_place for old_place, _new in pairs}
    matched_after = {new_place for _old, new_place in pairs}
    changed = (
        PartChange(ChangeKind.CHANGED, after[j].title, tuple(changes))
        for i, j in pairs
        if (changes := compare_members(before[i], after[j], words))
    )
    parts = (
        *changed,
        *_unmatched_parts(ChangeKind.ADDED, new, words[1], kind, matched_after),
        *_unmatched_parts(ChangeKind.REMOVED, old, words[0], kind, matched_before),
    )
    order = _order(
        [new_place for _old, new_place in pairs],
        [before[old_place].title for old_place, _new in pairs],
        [after[new_place].title for _old, new_place in pairs],
    )
    return Section(title, parts, order)


def _unmatched_parts(
    kind: ChangeKind, file: WorkflowFile, vocabulary: Vocabulary, name: str, matched: set[int]
) -> Iterator[PartChange]:
    for place, part in enumerate(getattr(file, name)):
        if place not in matched:
            yield PartChange(kind, part.title, sentence=describe_definition(part, vocabulary, ()))


def same_parts(before: Sequence[Any], after: Sequence[Any]) -> list[tuple[int, int]]:
    """Return the positions of each matching part in both files, in the order of the older file."""
    # Each part of the newer file can be matched once; a match removes it from `free`.
    free = {part.title.casefold(): place for place, part in enumerate(after)}
    pairs = {
        place: free.pop(part.title.casefold())
        for place, part in enumerate(before)
        if part.title.casefold() in free
    }
    # Titles are matched first, so that a renamed part can't take the partner of an unchanged one.
    for place, part in enumerate(before):
        if place not in pairs:
            alike = next((j for j in free.values() if _behavior(after[j]) == _behavior(part)), None)
            if alike is not None:
                pairs[place] = free.pop(after[alike].title.casefold())
    return sorted(pairs.items())


def _behavior(part: TicketFile | TaskFile | CompletionFile) -> list[str]:
    return [_comparable(name, getattr(part, name)) for name in _BEHAVIOR[type(part)]]


def _order(places: Sequence[int], old: Sequence[str], new: Sequence[str]) -> Change | None:
    """Return the change of order, or None if the positions in the newer file are ascending."""
    if list(places) == sorted(places):
        return None
    sorted_new = [title for _place, title in sorted(zip(places, new, strict=True))]
    return Change(_("Order"), ", ".join(old), ", ".join(sorted_new))


def _scenarios(old: WorkflowFile, new: WorkflowFile, words: Vocabularies) -> Section:
    before, after = describe_scenarios(old, words[0]), describe_scenarios(new, words[1])
    label = _("Steps and expectations")
    parts = [
        PartChange(ChangeKind.CHANGED, title, (Change(label, before[title], after[title]),))
        for title in before
        if before[title] != after.get(title, before[title])
    ]
    parts += [PartChange(ChangeKind.ADDED, each, sentence=after[each]) for each in after.keys() - before]
    parts += [PartChange(ChangeKind.REMOVED, each, sentence=before[each]) for each in before.keys() - after]
    return Section(_("Scenarios"), tuple(sorted(parts, key=lambda part: part.title)))


# --- One part ------------------------------------------------------------------------


def compare_members(old: Any, new: Any, words: Vocabularies) -> list[Change]:
    """Return the changes between two parts of one kind, or between two workflows without their parts."""
    changes = []
    for member in fields(type(old)):
        name = member.name
        values = getattr(old, name), getattr(new, name)
        # Compare the values themselves, since different values may have the same text.
        if name not in _PARTS and _comparable(name, values[0]) != _comparable(name, values[1]):
            label, format_value = MEMBERS[name]
            texts = format_value(values[0], words[0]), format_value(values[1], words[1])
            changes.append(_build_change(str(label), texts, values))
    return changes


def _build_change(label: str, texts: tuple[str, str], values: tuple[Any, Any]) -> Change:
    """Return the change in words, or as JSON if both values have the same words."""
    old, new = texts if texts[0] != texts[1] else (_text(values[0]), _text(values[1]))
    return Change(label, old, new)


def _comparable(name: str, value: Any) -> str:
    return _text(sorted(value) if name in UNORDERED else value)


def _text(value: Any) -> str:
    """Return JSON text that is equal for values of the same meaning only."""
    # The members of a JSON object have no order.
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)


def _plain(value: Any) -> Any:
    # 1 and 1.0 are the same number in JSON.
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, FieldType):
        return value.name
    if isinstance(value, Choice):
        return [_plain(value.value), value.label]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_plain(each) for each in value]
    return value
