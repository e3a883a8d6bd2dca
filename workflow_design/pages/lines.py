"""Definitions as the pages show them: words, lines and links."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from ticketflower.clean_json import format_json
from workflow_design.definition.fields import Field
from workflow_design.definition.ready_made import fields_of_message
from workflow_design.definition.workflow import PartFile, TaskFile, TicketFile
from workflow_design.engine.conditions.bounds import ConditionError
from workflow_design.engine.conditions.validation import fields_read
from workflow_design.models import Part
from workflow_design.persistence.exporting import StoredWorkflow, kind_for
from workflow_design.wording.due_times import describe_due
from workflow_design.wording.people import describe_approval, describe_who
from workflow_design.wording.rules import Vocabulary, describe_rule, join_words

_LINK_SCHEMES: Final = ("http://", "https://", "mailto:")


@dataclass(frozen=True, slots=True)
class Link:
    """A title with a link, or plain text if `url` is empty."""

    title: str
    url: str
    note: str = ""


def part_url(row: Part) -> str:
    """Return the URL of the page of a ticket, task or completion."""
    return reverse(f"{kind_for(row).address}_detail", args=[row.pk])


def field_lines(fields: Iterable[Field], stored: StoredWorkflow) -> list[dict[str, Any]]:
    """Return each field with its writers and readers, in the order of `fields` and of the file."""
    lines: dict[str, dict[str, Any]] = {
        each.name: {"declared": each, "writers": [], "readers": []} for each in fields
    }
    for row, part in stored.parts():
        link = Link(part.title, part_url(row))
        # A draft may name fields that do not exist; the check reports them, so they are ignored here.
        for name in lines.keys() & set(part.may_write):
            lines[name]["writers"].append(link)
        for name in lines.keys() & fields_read_by(part):
            lines[name]["readers"].append(link)
    return list(lines.values())


def fields_read_by(part: PartFile) -> set[str]:
    """Return the fields that trigger a definition, or that its condition, assignee or message names."""
    found = {*part.reads}
    if not isinstance(part, TicketFile):
        found.update(fields_in_rule(part.condition))
    if isinstance(part, TaskFile) and part.assignee_field:
        found.add(part.assignee_field)
    if isinstance(part, TaskFile):
        found |= fields_of_message(part.action)
    return found


def fields_in_rule(rule: Any) -> Collection[str]:
    """Return the fields that a condition reads; none if there is no condition."""
    # A draft may contain a condition that is invalid; the check reports it, so the page need not fail.
    try:
        return fields_read(rule) if rule is not None else ()
    except ConditionError:
        return ()


def build_rule(rule: Any, vocabulary: Vocabulary) -> dict[str, str] | None:
    """Return a condition as a sentence and as JSON text, or None if there is none."""
    return (
        None if rule is None else {"sentence": describe_rule(rule, vocabulary), "written": format_json(rule)}
    )


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


def part_line(row: Part, part: PartFile, vocabulary: Vocabulary) -> dict[str, Any]:
    """Return the line that says what a definition does; texts that do not apply to it are empty."""
    condition = None if isinstance(part, TicketFile) else part.condition
    return {
        "part": part,
        "url": part_url(row),
        "reads": _titles(part.reads, vocabulary, _("or")),
        "writes": _titles(part.writes, vocabulary, _("and")),
        "shows": _titles(part.shown_fields, vocabulary, _("and")) if isinstance(part, TaskFile) else "",
        "condition": "" if condition is None else describe_rule(condition, vocabulary),
        "who": describe_who(part, vocabulary),
        "approval": describe_approval() if isinstance(part, TaskFile) and part.needs_approval else "",
        "due": describe_due(part, vocabulary),
    }


def _titles(names: Iterable[str], vocabulary: Vocabulary, last: str) -> str:
    return join_words([vocabulary.title(name) for name in names], last)
