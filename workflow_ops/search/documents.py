"""The search documents of tickets: the texts that their pages show, stored with an index of words.

People can never find more than their pages show (`docs/access.md`, "What is found"): texts on the ticket's
page are for everybody who may see the ticket, internal comments for those who may read them, and all other
data for the ticket's admins.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from users.languages import dictionary_of
from users.sessions import use_format_of
from workflow_design.definition.field_types import FILE, USER
from workflow_design.definition.fields import Fields
from workflow_design.persistence.plans import load_fields
from workflow_design.workspace.controls import DisplayNames
from workflow_design.workspace.field_types import in_text
from workflow_design.workspace.people import find_names
from workflow_design.workspace.reading import collect_ids, read_layout
from workflow_ops.files import file_summary, row_ids
from workflow_ops.history.names import ENDS
from workflow_ops.history.timeline_wording import actor_name
from workflow_ops.models import (
    Audience,
    Comment,
    CompletionInstance,
    FileUpload,
    TicketCounter,
    TicketInstance,
)
from workflow_ops.search.words import plain_words

MAX_TEXT: Final = 100_000
"""Maximum number of characters of one field, or of all comments together, that are searched."""

MAX_WORDS_LENGTH: Final = 60_000
"""Maximum total length of the distinct words of a ticket, because a `tsvector` has at most 1 MB."""

Line = tuple[str, str]
"""A label, or "", and a text."""

_STORE = """
INSERT INTO workflow_ops_ticketdocument AS document (
    company_id, ticket_id, number, parts, words, people, built_for)
SELECT %(company)s::bigint, (made ->> 'ticket')::bigint, (made ->> 'number')::bigint, made -> 'parts',
    search_vector(%(dictionary)s, made -> 'words', (made ->> 'line')::bigint),
    ARRAY(SELECT jsonb_array_elements_text(made -> 'people')::bigint), (made ->> 'built_for')::timestamptz
FROM jsonb_array_elements(%(documents)s::jsonb) AS made
ORDER BY (made ->> 'ticket')::bigint
ON CONFLICT (ticket_id) DO UPDATE SET parts = excluded.parts, words = excluded.words,
    people = excluded.people, built_for = excluded.built_for
WHERE document.built_for <= excluded.built_for
"""


def outdated(tickets: QuerySet[TicketInstance]) -> QuerySet[TicketInstance]:
    """Filter tickets to those whose document is missing or older than their last change."""
    return tickets.filter(Q(document=None) | ~Q(document__built_for=F("changed_at")))


def store_documents(tickets: QuerySet[TicketInstance]) -> int:
    """Build and store the documents of these tickets, and return their number.

    This takes two statements, and one each for the names of people and files. A document that another process
    has built from newer data is not overwritten.
    """
    comments = Comment.objects.filter(ticket=OuterRef("pk"), deleted_at=None).order_by("-pk")
    said = JSONObject(text="text", is_internal="is_internal")
    ends = CompletionInstance.objects.filter(workflow_instance=OuterRef("workflow_instance"), **ENDS)
    related = ("company", "workflow_instance__workflow", "ticket_definition", "created_by")
    rows = list(
        tickets.select_related(*related)
        .annotate(
            comments_said=ArraySubquery(comments.values(said=said)),
            end_layout=Subquery(ends.values("completion__display_layout")[:1]),
        )
        .order_by("pk")
    )
    if not rows:
        return 0
    company = rows[0].company
    with use_format_of(company):  # regardless of who is acting
        documents = list(_make_all(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            _STORE,
            {
                "company": company.pk,
                "dictionary": dictionary_of(company.language),
                "documents": json.dumps(documents),
            },
        )
    return len(rows)


def update_documents(tickets: QuerySet[TicketInstance]) -> None:
    """Rebuild the documents of those of the tickets that have changed since."""
    with transaction.atomic():
        store_documents(outdated(tickets))


REBUILT_AT_ONCE: Final = 200
_LOOKED_THROUGH_AT_ONCE: Final = 5_000


def rebuild_next(*, before: int | None, person_id: int | None) -> int | None:
    """Rebuild the documents of the next tickets, newest first, below the number `before` (None: of all).

    With `person_id`, only tickets that name this person are rebuilt. Return the number from which to
    continue, or None at the end. Safe to run twice.
    """
    if before is None:
        before = (TicketCounter.objects.values_list("last_number", flat=True).first() or 0) + 1
    last = max(before - _LOOKED_THROUGH_AT_ONCE, 0)
    tickets = TicketInstance.objects.filter(number__lt=before, number__gte=last)
    if person_id is not None:
        tickets = tickets.filter(Q(created_by=person_id) | Q(document__people__contains=[person_id]))
    newest = list(tickets.order_by("-number").values_list("pk", "number")[:REBUILT_AT_ONCE])
    store_documents(TicketInstance.objects.filter(pk__in=[key for key, _number in newest]))
    following = newest[-1][1] if len(newest) == REBUILT_AT_ONCE else last
    return following if following > 1 else None


def _make_all(tickets: Sequence[TicketInstance]) -> Iterator[dict[str, Any]]:
    people: set[str] = set()
    files: set[str] = set()
    for ticket in tickets:
        fields = load_fields(ticket.workflow_instance.workflow).values()
        people |= collect_ids(fields, USER, _data(ticket))
        files |= collect_ids(fields, FILE, _data(ticket))
    uploads = FileUpload.objects.filter(ticket__in=tickets, pk__in=row_ids(files)) if files else ()
    names = find_names(people)
    for ticket in tickets:
        own = {str(each.pk): file_summary(each) for each in uploads if each.ticket_id == ticket.pk}
        yield _make(ticket, DisplayNames(names, own))


def _data(ticket: TicketInstance) -> Mapping[str, Any]:
    """Return the data of the ticket, or the data of its form until that has been applied."""
    run = ticket.workflow_instance
    data: Mapping[str, Any] = run.data if run.step else ticket.ticket_data
    return data


def _make(ticket: Any, names: DisplayNames) -> dict[str, Any]:
    """Return the document as JSON for `_STORE`."""
    fields, data = load_fields(ticket.workflow_instance.workflow), _data(ticket)
    visible = _visible_fields(ticket, fields, data, ticket.end_layout)
    parts: dict[Audience, list[Line]] = {
        Audience.EVERYBODY: _head(ticket),
        Audience.INSIDE: [],
        Audience.ADMINS: [],
    }
    for name, field in fields.items():
        if text := in_text(field, data.get(name), names):
            audience = Audience.EVERYBODY if name in visible else Audience.ADMINS
            parts[audience].append((field.title, text[:MAX_TEXT]))
    for audience, is_internal in ((Audience.EVERYBODY, False), (Audience.INSIDE, True)):
        texts = [said["text"] for said in ticket.comments_said if said["is_internal"] is is_internal]
        length = 0
        for text in texts:  # newest first
            if (length := length + len(text)) > MAX_TEXT:
                break
            parts[audience].append(("", text))
    people = row_ids(collect_ids(fields.values(), USER, data))
    return {
        "ticket": ticket.pk,
        "number": ticket.number,
        "line": ticket.line_id,
        "parts": {str(key): lines for key, lines in parts.items() if lines},
        "words": _words(parts),
        "people": sorted({*people, *([ticket.created_by_id] if ticket.created_by_id else [])}),
        "built_for": ticket.changed_at.isoformat(),
    }


def _words(parts: Mapping[Audience, Sequence[Line]]) -> dict[str, str]:
    """Return the distinct words of each part, as many as a `tsvector` can hold."""
    words: dict[str, str] = {}
    left = MAX_WORDS_LENGTH
    for audience, lines in parts.items():
        different = dict.fromkeys(word for _label, text in lines for word in plain_words(text))
        taken = [word for word in different if (left := left - len(word)) > 0]
        if taken:
            words[audience] = " ".join(taken)
    return words


HEAD_LINES: Final = 4
"""The number of lines of a document before its data: subject, kind, number, submitter."""


def _head(ticket: TicketInstance) -> list[Line]:
    submitter = actor_name(ticket.created_by, ticket.impersonator_id)
    return [("", ticket.subject), ("", ticket.type_title), ("", str(ticket.number)), ("", submitter)]


def _visible_fields(
    ticket: TicketInstance, fields: Fields, data: Mapping[str, Any], end_layout: Any
) -> Collection[str]:
    """Return the fields whose current values the ticket's page shows (`workflow_ops/work/ticket_page.py`).

    The page shows the submitted values in the layout of the ticket, and later changes in the layout of the
    workflow; after the end, also the result.
    """
    run, definition = ticket.workflow_instance, ticket.ticket_definition
    changed = {name for name in fields if data.get(name) != ticket.ticket_data.get(name)}
    submitted = read_layout(definition.display_layout, fields=fields, only=definition.fields).fields_in_order
    now = read_layout(run.workflow.display_layout, fields=fields).fields_in_order
    result = read_layout(end_layout, fields=fields).fields_in_order if end_layout and run.is_final else ()
    return {
        *(name for name in submitted if name not in changed or name not in definition.fields),
        *changed.intersection(now),
        *result,
    }
