"""Definitions as the pages show them: words, lines and links."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from workflow_design.definition.fields import Field
from workflow_design.engine.conditions import ConditionError, fields_read
from workflow_design.models import (
    Part,
    RoleLink,
    TaskDefinition,
    TicketDefinition,
    WorkflowCompletion,
    WorkflowDefinition,
)
from workflow_design.wording import people
from workflow_design.wording.rules import Vocabulary, describe_rule, join_words

_LINK_SCHEMES: Final = ("http://", "https://", "mailto:")


@dataclass(frozen=True, slots=True)
class Link:
    """A title with a link, or plain text if `url` is empty."""

    title: str
    url: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class FieldName:
    """The name of a field in definitions, and its title for readers."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition as a sentence and as JSON text."""

    sentence: str
    written: str


@dataclass(slots=True)
class FieldLine:
    """One field of a workspace, with the definitions that write it and those that read it."""

    declared: Field
    writers: list[Link] = field(default_factory=list)
    readers: list[Link] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The kind of the field, in words."""
        declared = self.declared
        return declared.kind.label if declared.format is None else declared.format.label


def part_url(part: Part) -> str:
    """Return the URL of the page of a ticket, task or completion."""
    names = {
        TicketDefinition: "ticket_definition_detail",
        TaskDefinition: "task_definition_detail",
        WorkflowCompletion: "completion_detail",
    }
    return reverse(names[type(part)], args=[part.pk])


def field_lines(fields: Iterable[Field], parts: Sequence[Part]) -> list[FieldLine]:
    """Return each field with its writers and readers, in the order of `fields` and `parts`."""
    lines = {each.name: FieldLine(each) for each in fields}
    for part in parts:
        link = Link(part.title, part_url(part))
        # A draft may name fields that do not exist; the check reports them, so they are ignored here.
        for name in fields_written_by(part) & lines.keys():
            lines[name].writers.append(link)
        for name in fields_read_by(part) & lines.keys():
            lines[name].readers.append(link)
    return list(lines.values())


def fields_written_by(part: Part) -> set[str]:
    """Return the names of the fields that a definition writes."""
    if isinstance(part, TicketDefinition):
        return set(part.fields)
    return set(part.output_fields) if isinstance(part, TaskDefinition) else set()


def fields_read_by(part: Part) -> set[str]:
    """Return the names of the fields that a definition reads.

    These are the fields that trigger it, those in its condition, and the field of its assignee.
    """
    if isinstance(part, TaskDefinition):
        named = {part.assignee_field} if part.assignee_field else set()
        return {*part.input_fields, *_fields_in_rule(part.condition), *named}
    if isinstance(part, WorkflowCompletion):
        return {*part.fields, *_fields_in_rule(part.condition)}
    return set()


def _fields_in_rule(rule: Any) -> Collection[str]:
    # A draft may contain a condition that is invalid; the check reports it, so the page need not fail.
    try:
        return fields_read(rule) if rule is not None else ()
    except ConditionError:
        return ()


def field_names(names: Iterable[str], vocabulary: Vocabulary) -> list[FieldName]:
    """Return fields with their titles."""
    return [FieldName(name, vocabulary.title(name)) for name in names]


def build_rule(rule: Any, vocabulary: Vocabulary) -> Rule | None:
    """Return a condition for display, or None if there is none."""
    return None if rule is None else Rule(describe_rule(rule, vocabulary), format_json(rule))


def format_json(value: Any) -> str:
    """Return the value as indented JSON text."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def references(ext_ref: Any) -> list[Link]:
    """Return the references of a definition; only http, https and mailto addresses become links."""
    # A draft may contain anything here, so skip what is not a reference.
    listed = [each for each in ext_ref if isinstance(each, dict)] if isinstance(ext_ref, list) else []
    return [_reference(each) for each in listed]


def _reference(reference: dict[str, Any]) -> Link:
    address = str(reference.get("URI", ""))
    title = str(reference.get("Label", "")) or address
    return Link(title, address if is_safe_link(address) else "", str(reference.get("Desc", "")))


def is_safe_link(address: str) -> bool:
    """Return whether an untrusted address may be used as a link (`docs/security.md`, "Untrusted input")."""
    # A scheme such as "javascript:" would run as code of our site when it is clicked.
    return address.lower().startswith(_LINK_SCHEMES)


def who_submits(ticket: TicketDefinition) -> str:
    """Return who may submit this ticket type, in words."""
    return people.describe_submitters(_names(ticket.submitter_links.all()))


def who_administers(workflow: WorkflowDefinition) -> str:
    """Return who administers the tickets of the workflow, in words."""
    return people.describe_administrators(_names(workflow.ticket_admin_links.all()))


def who_executes(task: TaskDefinition, vocabulary: Vocabulary) -> str:
    """Return who executes a task, in words."""
    return people.describe_executors(
        _names(task.executor_links.all()),
        task_type=task.task_type,
        assignee_field=task.assignee_field,
        not_submitter=task.not_submitter,
        vocabulary=vocabulary,
    )


def _names(links: Iterable[RoleLink]) -> list[str]:
    return [link.role.name for link in links]


@dataclass(frozen=True, slots=True)
class PartLine:
    """A ticket, task or completion in the list of its workflow; texts that do not apply to it are empty."""

    part: Part
    url: str
    reads: str
    writes: str
    condition: str
    who: str


def part_line(part: Part, vocabulary: Vocabulary) -> PartLine:
    """Return the line that says what a definition does."""
    # Tickets have no condition.
    condition = getattr(part, "condition", None)
    reads = {TaskDefinition: "input_fields", WorkflowCompletion: "fields"}.get(type(part))
    writes = {TaskDefinition: "output_fields", TicketDefinition: "fields"}.get(type(part))
    return PartLine(
        part=part,
        url=part_url(part),
        reads=_titles(getattr(part, reads) if reads else (), vocabulary, _("or")),
        writes=_titles(getattr(part, writes) if writes else (), vocabulary, _("and")),
        condition="" if condition is None else describe_rule(condition, vocabulary),
        who=_who(part, vocabulary),
    )


def _who(part: Part, vocabulary: Vocabulary) -> str:
    if isinstance(part, TicketDefinition):
        return who_submits(part)
    return who_executes(part, vocabulary) if isinstance(part, TaskDefinition) else ""


def _titles(names: Iterable[str], vocabulary: Vocabulary, last: str) -> str:
    return join_words([vocabulary.title(name) for name in names], last)
