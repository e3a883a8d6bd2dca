"""Reading the timelines behind a cursor: who is told is written by the worker, so no request has to.

Events get their ids before they are committed, so a later id may be there first. The cursor therefore never
goes beyond the oldest transaction that still runs: whatever comes later comes after it. Notifications are
stored in the transaction that moves the cursor, so that each is made once, whenever a worker is killed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import connection, transaction
from django.db.models import QuerySet
from procrastinate.contrib.django import app

from ticketflower.tenancy.context import all_companies_scope, company_scope
from workflow_ops.models import (
    EventCursor,
    Notification,
    NotificationWay,
    TimelineEvent,
)
from workflow_ops.notifications.who_is_told import AT_FIRST, chosen_ways, who_is_told

READER: Final = "notifications"
MOST_EVENTS: Final = 50
"""How many events a run of the job reads; then jobs of other companies have their turn."""
_BATCH: Final = 1_000
_LOCK: Final = "tell_people:"

# The sessions of autovacuum have no user, and write no events.
_TRANSACTIONS_OF_OTHERS: Final = """
    SELECT held.transactionid::text::bigint FROM pg_locks AS held JOIN pg_stat_activity AS session USING (pid)
    WHERE held.locktype = 'transactionid' AND held.mode = 'ExclusiveLock'
    AND (session.datname <> current_database() OR session.usesysid IS NULL)
"""
_RUNNING: Final = """
    SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
        ARRAY(SELECT running::text::bigint FROM pg_snapshot_xip(pg_current_snapshot()) AS running)
"""
_LOW_BITS: Final = 2**32 - 1
"""Locks name a transaction by its low bits alone."""

# The places come first, in a part of their own: compared with columns that may be null, or behind a policy,
# the index `timeline_as_committed` would be read from its beginning for each company.
# A company whose job waits or runs needs no other. A queueing lock would do the same, but it breaks the
# second try of a job while an equal one waits.
_COMPANIES_BEHIND: Final = """
    WITH places AS MATERIALIZED (
        SELECT company.id AS company_id,
            coalesce((SELECT transaction FROM workflow_ops_eventcursor
                WHERE company_id = company.id AND reader = %(reader)s), 0) AS transaction,
            coalesce((SELECT event_id FROM workflow_ops_eventcursor
                WHERE company_id = company.id AND reader = %(reader)s), 0) AS event_id
        FROM users_company company
    )
    SELECT company_id FROM places
    WHERE EXISTS (
        SELECT FROM workflow_ops_timelineevent event
        WHERE event.company_id = places.company_id
        AND (event.transaction, event.id) > (places.transaction, places.event_id)
        AND event.transaction < %(oldest_running)s
    ) AND NOT EXISTS (
        SELECT FROM procrastinate_jobs job
        WHERE job.lock = %(lock)s || company_id AND job.status IN ('todo', 'doing')
    )
    ORDER BY company_id
"""


def oldest_running() -> int:
    """Return the number of the oldest transaction of this database that runs, or of the next one.

    Transactions of other databases of the server can't write events here, so they are left out, however long
    they take. They are listed first: one that ends in between is not taken for one of this database.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TRANSACTIONS_OF_OTHERS)
        of_others = {number for (number,) in cursor.fetchall()}
        cursor.execute(_RUNNING)
        following, running = cursor.fetchone()
    oldest: int = min([following, *(number for number in running if number & _LOW_BITS not in of_others)])
    return oldest


def look_for_events() -> None:
    """Enqueue a job for each company with events that nobody was told of yet. Called by a periodic job."""
    with all_companies_scope(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _COMPANIES_BEHIND, {"reader": READER, "lock": _LOCK, "oldest_running": oldest_running()}
        )
        behind = [company_id for (company_id,) in cursor.fetchall()]
    for company_id in behind:
        _go_on(company_id)


def _go_on(company_id: int) -> None:
    job = app.configure_task("workflow_ops.jobs.tell_people", lock=f"{_LOCK}{company_id}")
    job.defer(company_id=company_id)


def tell_of_next(company_id: int) -> bool:
    """Make the notifications of the next events, and go on in a new job if there may be more: return whether.

    Called by the job. Two at once: the second waits for the cursor, and goes on behind the first.
    """
    with company_scope(company_id), transaction.atomic():
        places = EventCursor.objects.select_for_update().filter(reader=READER)
        place = places.first() or EventCursor(reader=READER)
        events = list(_events_after(place)[:MOST_EVENTS])
        if not events:
            return False
        store_notifications(events)
        place.transaction, place.event_id = events[-1].transaction, events[-1].pk
        place.save()
        has_more = len(events) == MOST_EVENTS
        if has_more:
            _go_on(company_id)
        return has_more


def _events_after(place: EventCursor) -> QuerySet[TimelineEvent]:
    events = TimelineEvent.objects.select_related(
        "ticket__workflow_instance",
        "task__task_definition",
        "task__workflow_instance__ticket",
        "comment",
        "workflow_data",
    ).defer(
        "ticket__ticket_data",
        "ticket__workflow_instance__data",
        "task__workflow_instance__data",
        "task__workflow_instance__ticket__ticket_data",
        "workflow_data__data",
        "workflow_data__looks",
    )
    return (
        events.filter(transaction__gte=place.transaction, transaction__lt=oldest_running())
        .exclude(transaction=place.transaction, pk__lte=place.event_id)
        .order_by("transaction", "pk")
    )


def store_notifications(events: Sequence[TimelineEvent]) -> None:
    """Store the notifications of these events, each in the way that the person has chosen."""
    recipients = [(event, pk, kind) for event in events for pk, kind in who_is_told(event).items()]
    chosen = chosen_ways({pk for _event, pk, _kind in recipients})
    rows = [
        Notification(
            person_id=pk,
            kind=kind,
            ticket=event.ticket,
            event=event,
            way=chosen.get((pk, kind), AT_FIRST[kind]),
        )
        for event, pk, kind in recipients
    ]
    rows = [row for row in rows if row.way != NotificationWay.OFF]
    Notification.objects.bulk_create(rows, batch_size=_BATCH)
