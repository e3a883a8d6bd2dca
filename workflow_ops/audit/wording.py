"""Acts of the audit log in words: the sentence, and the values before and after. Pure: it reads no rows."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from ticketflower.ordered_json import stored_json
from ticketflower.template_tags import exact_time
from ticketflower.tenancy.context import PAGE
from users.models import AuditEvent, AuditOperation, CustomUser, SystemRoleMembership
from users.public_holidays import region_name
from users.system_roles import system_role_label
from workflow_ops.audit.sentences import find_sentence
from workflow_ops.history.names import with_token
from workflow_ops.models import TaskInstance

if TYPE_CHECKING:
    Column = models.Field[Any, Any]

MAX_VALUE_LENGTH = 200
MAX_CHANGES = 12
MAX_EVENTS = 20
"""The number of changes of one act that are read and shown."""
# As `choices` of the model, hundreds of regions would be built at every start of Django.
_IN_WORDS: Final[Mapping[str, Callable[[str], str]]] = {
    "users.Company.holiday_region": region_name,
    "users.Company.day_begins": lambda time: time[: len("09:00")],
    "users.Company.day_ends": lambda time: time[: len("09:00")],
}
"""For some columns, the function that words their values."""


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One value before and after a change; an empty string means no value."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Detail:
    """One changed row of an act, with its name at that time."""

    done: str
    is_change: bool
    name: str
    changes: list[ValueChange]
    left_out: int


@dataclass(frozen=True, slots=True)
class Line:
    """One act: a sentence as HTML and as plain text, and the rows that changed."""

    at: datetime
    who: str
    way: str
    sentence: SafeString
    text: str
    details: list[Detail]
    left_out: int


def build_line(
    events: list[AuditEvent], *, left_out: int, workflow_ids: Collection[int], is_company_admin: bool
) -> Line:
    """Return the line for an act, given its most important changes.

    `left_out` is the number of its other changes, and `workflow_ids` are the versions that still exist.
    Only company admins get links to people.
    """
    sentence, event = find_sentence(events)
    text, who, details = str(sentence), _who(events), [_build_detail(each) for each in events]
    thing = details[events.index(event)].name
    named = {"label": _row_label(event), "subject": _subject(event), "thing": thing}
    for column in event.changes:
        before, after = event.values(column)
        if isinstance(after or before, dict):
            named[column] = (after or before).get("name", "")
    marked = {key: format_html("<em>{}</em>", name) for key, name in named.items()}
    linked, url = _link(event, workflow_ids, is_company_admin=is_company_admin)
    if url:
        marked[linked] = format_html('<a href="{}">{}</a>', url, named[linked])
    return Line(
        at=events[0].at,
        who=who,
        way=event.get_way_display(),
        sentence=format_html(conditional_escape(text), who=format_html("<strong>{}</strong>", who), **marked),
        text=text.format(who=who, **named),
        details=details,
        left_out=left_out,
    )


def _who(events: list[AuditEvent]) -> str:
    # A visitor may log in or sign up within one act, so the last named actor counts.
    named = next((event for event in reversed(events) if event.actor), None)
    if named is None:
        if events[0].way != PAGE:
            return _("The system")
        # Without a log-in, only callbacks change tasks.
        is_callback = any(event.model is TaskInstance for event in events)
        return _("Another system") if is_callback else _("A visitor")
    if named.impersonator_id is not None:
        return _("%(name)s (TicketFlower staff)") % {"name": named.actor}
    return with_token(named.actor, named.token)


def _row_label(event: AuditEvent) -> str:
    return system_role_label(event.label) if event.model is SystemRoleMembership else event.label


def _subject(event: AuditEvent) -> str:
    return f"#{event.ticket} {event.subject}" if event.ticket else event.subject


def _link(event: AuditEvent, workflow_ids: Collection[int], *, is_company_admin: bool) -> tuple[str, str]:
    """Return which name in the sentence is a link, and its URL; "" and "" for no link."""
    if event.ticket is not None:
        return "subject", reverse("manage_ticket", args=[event.ticket])
    if event.workflow_id in workflow_ids:
        return "subject", reverse("workflow_definition_detail", args=[event.workflow_id])
    if is_company_admin and event.model is CustomUser and event.operation != AuditOperation.DELETE:
        return "label", reverse("person_detail", args=[event.row_id])
    if is_company_admin and (person := event.values("person_id")[1]):
        return "subject", reverse("person_detail", args=[person["id"]])
    return "", ""


# --- The values before and after ------------------------------------------------------


def _build_detail(event: AuditEvent) -> Detail:
    changes = describe_changes(event.model, event)
    label, subject = _row_label(event), _subject(event)
    # The label of a ticket is its number, and its subject begins with it.
    names = [name for name in ("" if subject.startswith(label) else label, subject) if name]
    return Detail(
        done=event.get_operation_display(),
        is_change=event.operation == AuditOperation.UPDATE,
        name=f"{capfirst(event.model._meta.verbose_name)}: {', '.join(names)}".removesuffix(": "),
        changes=changes[:MAX_CHANGES],
        left_out=max(0, len(changes) - MAX_CHANGES),
    )


def describe_changes(model: type[models.Model], event: AuditEvent) -> list[ValueChange]:
    """Return the changes of a row of `model`; for a new or deleted row, its values other than defaults."""
    changes: list[ValueChange] = []
    for field in model._meta.concrete_fields:
        if field.column is None or field.column not in event.changes or getattr(field, "auto_now", False):
            continue
        before, after = event.values(field.column)
        if event.operation != AuditOperation.UPDATE and _is_default(field, event.changes[field.column]):
            continue
        changes.extend(_describe_field(field, before, after))
    return changes


def _is_default(field: "Column", value: Any) -> bool:
    if field.default is timezone.now or getattr(field, "auto_now_add", False):
        return True
    value = stored_json(field, value) if isinstance(field, models.JSONField) else value
    return value in (None, "", [], {}) or (field.has_default() and value == field.get_default())


def _describe_field(field: "Column", before: Any, after: Any) -> Iterator[ValueChange]:
    label = str(capfirst(field.verbose_name))
    if not isinstance(field, models.JSONField):
        in_words = _IN_WORDS.get(str(field)) or (lambda value: _format_value(field, value))
        yield _value_change(
            label, before, after, lambda value: "" if value in (None, "") else in_words(value)
        )
        return
    leaves = [dict(_leaves(stored_json(field, value))) for value in (before, after)]
    for path in dict.fromkeys([*leaves[0], *leaves[1]]):
        if leaves[0].get(path) != leaves[1].get(path):
            yield _value_change(
                " / ".join((label, *path)), leaves[0].get(path), leaves[1].get(path), _format_scalar
            )


def _value_change(label: str, before: Any, after: Any, formatted: Callable[[Any], str]) -> ValueChange:
    texts = (formatted(value) for value in (before, after))
    # Check the length first, because a page has hundreds of values and few are cut.
    return ValueChange(
        label,
        *(
            text if len(text) <= MAX_VALUE_LENGTH else Truncator(text).chars(MAX_VALUE_LENGTH)
            for text in texts
        ),
    )


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield each scalar value in a JSON document with its path."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _leaves(part, (*path, key))
    elif isinstance(value, list):
        for number, part in enumerate(value, start=1):
            yield from _leaves(part, (*path, str(number)))
    elif value is not None:
        yield path, value


def _format_value(field: "Column", value: Any) -> str:
    if field.related_model is not None:
        return system_role_label(value["name"]) if field.related_model is Group else str(value["name"])
    if field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, ArrayField):
        return ", ".join(_format_value(field.base_field, part) for part in value)
    if isinstance(field, models.DateField):  # includes DateTimeField
        return exact_time((parse_datetime if isinstance(field, models.DateTimeField) else parse_date)(value))
    return _format_scalar(value)


def _format_scalar(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return "" if value is None else str(value)
