"""Full-text search for tickets (`docs/speed.md`, "Search")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import connection
from django.utils import timezone

from ticketflower.clean_json import parse_number
from ticketflower.filters import MAX_SEARCH_LENGTH
from ticketflower.tenancy.context import current_actor
from users.languages import dictionary_of
from users.models import CustomUser
from workflow_ops.access import may_see_ticket
from workflow_ops.engine.new_tickets import MAX_ID
from workflow_ops.models import TicketInstance
from workflow_ops.search.documents import outdated, store_documents
from workflow_ops.search.words import TypedWord, typed_words

RESULTS: Final = 50
"""The number of tickets on a page of results."""
MAX_MILLISECONDS: Final = 200
"""Time limit after which a search stops and shows what it has found so far."""
_RECENT: Final = timedelta(minutes=10)
_MAX_RECENT: Final = 30


@dataclass(frozen=True, slots=True)
class Hit:
    """A ticket that was found, and whether the person may administer it or read its internal comments."""

    ticket_id: int
    number: int
    administers: bool
    reads_internal: bool


@dataclass(frozen=True, slots=True)
class Found:
    """The results, newest first; if the search stopped early, `searched_to` is the last number it checked."""

    hits: list[Hit]
    searched_to: int | None = None

    def older(self, most: int) -> int | None:
        """Return the number below which to continue, or None at the end; `most` results were requested."""
        return self.hits[-1].number if len(self.hits) == most else self.searched_to


def clean_text(text: str) -> str:
    """Return the typed text, cleaned for the search."""
    # The database refuses NUL with an error.
    return text.replace("\x00", " ").strip()[:MAX_SEARCH_LENGTH]


def find_by_number(person: CustomUser, text: str) -> TicketInstance | None:
    """Return the ticket whose number was typed, with or without #, if the person may see it."""
    number = read_number(text)
    if number is None:
        return None
    tickets = TicketInstance.objects.select_related("workflow_instance__workflow")
    ticket = tickets.filter(number=number).first()
    return ticket if ticket is not None and may_see_ticket(person, ticket) else None


def read_number(text: str) -> int | None:
    """Return the ticket number that was typed, or None if it can't be one."""
    number = parse_number(text.strip().removeprefix("#"))
    return number if number is not None and 0 < number <= MAX_ID else None


def find_tickets(person: CustomUser, text: str, *, most: int) -> list[int]:
    """Return the ids of tickets that the person may see and that have all words of `text`, newest first.

    Raise ValueError if the person is not the one who acts.
    """
    return [hit.ticket_id for hit in search(person, text, most=most).hits]


def search(person: CustomUser, text: str, *, most: int, before: int | None = None) -> Found:
    """Find tickets with a number below `before`, as `find_tickets` does.

    The last word may be incomplete. Effects: documents of tickets that have just changed are updated first,
    so that searches do not depend on the job that does so.
    """
    # The database function takes the person only from the settings of the transaction.
    actor = current_actor()
    if person.pk not in (actor.person_id, actor.impersonator_id):
        raise ValueError("only the person who acts can search")
    words = typed_words(text)
    company = person.company_in_use
    if not words or company is None:
        return Found([])
    _enter_what_has_just_changed()
    return _ask(dictionary_of(company.language), words, most=most, before=before or MAX_ID)


def _ask(dictionary: str, words: Sequence[TypedWord], *, most: int, before: int) -> Found:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ticket_id, number, administers, reads_internal "
            "FROM search_tickets(%s, %s::text[], %s::boolean[], %s, %s, %s)",
            [
                dictionary,
                [each.word for each in words],
                [each.is_kept for each in words],
                before,
                most,
                MAX_MILLISECONDS,
            ],
        )
        rows = [Hit(*row) for row in cursor.fetchall()]
    searched_to = rows.pop().number if rows and rows[-1].ticket_id is None else None
    return Found(rows, searched_to)


def _enter_what_has_just_changed() -> None:
    """Update the documents of the latest changes, unless another search is doing so."""
    newest = TicketInstance.objects.filter(changed_at__gt=timezone.now() - _RECENT).order_by("-changed_at")
    changed = TicketInstance.objects.filter(pk__in=newest.values("pk")[:_MAX_RECENT])
    ids = list(outdated(changed).values_list("pk", flat=True))
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock("
            "hashtextextended('search ' || current_setting('app.company_id'), 0))"
        )
        if cursor.fetchone() == (True,):
            store_documents(TicketInstance.objects.filter(pk__in=ids))


def indexed_forms(dictionary: str, words: Sequence[TypedWord]) -> list[str]:
    """Return the words and their stems, as the index contains them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT search_stems(%s, %s)", [dictionary, " ".join(each.word for each in words)])
        (stems,) = cursor.fetchone()
    return sorted({*stems, *(each.word for each in words)})
