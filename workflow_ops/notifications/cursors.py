"""Reading of timelines with a cursor: workers determine who is notified, so that no request has to.

Events get their ids before they are committed, so a later id may become visible first. A cursor therefore
never advances beyond the oldest running transaction: events that become visible later come after it. The
effects of an event are stored in the transaction that moves the cursor, so they are stored exactly once, even
if a worker is killed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from django.db import connection, transaction
from django.db.models import QuerySet
from procrastinate.contrib.django import app

from ticketflower.jobs import USUAL_ATTEMPTS
from ticketflower.tenancy.context import all_companies_scope, company_scope
from workflow_ops.models import EventCursor, TimelineEvent
from workflow_ops.models.timeline import BEGINNING

log = structlog.get_logger(__name__)

MOST_EVENTS: Final = 50
"""How many events one run of the job reads, before jobs of other companies get their turn."""
LAST_TRY: Final = USUAL_ATTEMPTS
"""Reached after about two minutes, with increasing pauses. Then an event that always fails is skipped."""

# Sessions of autovacuum have no user, and write no events.
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
"""Locks identify a transaction only by its low 32 bits."""

# The cursors are read first, in a materialized CTE: if the index `timeline_as_committed` was compared with
# nullable columns, or columns behind a row-level security policy, it would be read from its beginning for
# each company. A company with a waiting or running job needs no other. A queueing lock would ensure the same,
# but the retry of a job fails while an equal job is waiting.
_COMPANIES_BEHIND: Final = """
    WITH places AS MATERIALIZED (
        SELECT company.id AS company_id,
            coalesce((SELECT transaction FROM workflow_ops_eventcursor
                WHERE company_id = company.id AND reader = %(reader)s), %(beginning)s) AS transaction,
            coalesce((SELECT event_id FROM workflow_ops_eventcursor
                WHERE company_id = company.id AND reader = %(reader)s), 0) AS event_id
        FROM ({companies}) AS company
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

Handle = Callable[[TimelineEvent], None]


def oldest_running() -> int:
    """Return the id of the oldest running transaction of this database, or of the next one if none runs.

    Transactions of the server's other databases can't write events here, so they are ignored, however long
    they take. They are listed first, so that one that ends in between is not mistaken for one of this
    database.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TRANSACTIONS_OF_OTHERS)
        of_others = {number for (number,) in cursor.fetchall()}
        cursor.execute(_RUNNING)
        following, running = cursor.fetchone()
    oldest: int = min([following, *(number for number in running if number & _LOW_BITS not in of_others)])
    return oldest


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReader:
    """A job that reads the events of each company, with a cursor of its own.

    `name` is the name of the cursor, and `job` that of the job. `prepare` takes the next events and returns
    the function that stores the effects of one of them. `companies` is SQL that selects the ids of the
    companies to read, and `begins_after` returns the transaction up to which the events of a company are of
    no interest.
    """

    name: str
    job: str
    prepare: Callable[[Sequence[TimelineEvent]], Handle]
    companies: str = "SELECT id FROM users_company"
    begins_after: Callable[[], int] = lambda: BEGINNING

    @property
    def _lock(self) -> str:
        return f"{self.name}:"

    def look_for_events(self) -> None:
        """Enqueue a job for each company with events that were not read yet. Called by a periodic job."""
        statement = _COMPANIES_BEHIND.format(companies=self.companies)
        with all_companies_scope(), transaction.atomic(), connection.cursor() as cursor:
            values: dict[str, Any] = {"reader": self.name, "lock": self._lock, "beginning": BEGINNING}
            cursor.execute(statement, {**values, "oldest_running": oldest_running()})
            behind = [company_id for (company_id,) in cursor.fetchall()]
        for company_id in behind:
            self._enqueue(company_id)

    def _enqueue(self, company_id: int) -> None:
        job = app.configure_task(self.job, lock=f"{self._lock}{company_id}")
        job.defer(company_id=company_id)

    def read_next(self, company_id: int, *, tries: int = 0) -> bool:
        """Store the effects of the next events. If there may be more, enqueue a new job and return True.

        Called by the job. Of two simultaneous calls, the second waits for the cursor, and continues after the
        first. `tries` is how often the job has failed or its worker died; if it is not 0, only one event is
        read. An exception for an event is raised after the effects of earlier events were stored; after the
        last try, the event is skipped.
        """
        failure: Exception | None = None
        with company_scope(company_id), transaction.atomic():
            place, has_moved = self._place()
            events = list(_events_after(place)[: 1 if tries else MOST_EVENTS])
            if not events:
                if has_moved:
                    place.save()
                return False
            handle = self.prepare(events)
            for event in events:
                failure = _try(handle, event, tries)
                if failure is not None and tries < LAST_TRY:
                    break
                place.transaction, place.event_id = event.transaction, event.pk
            place.save()
            has_more = bool(tries) or len(events) == MOST_EVENTS
            if has_more and (failure is None or tries >= LAST_TRY):
                self._enqueue(company_id)
        if failure is not None:
            raise failure
        return has_more

    def _place(self) -> tuple[EventCursor, bool]:
        """Return the locked cursor, and whether it was moved to `begins_after()`."""
        places = EventCursor.objects.select_for_update().filter(reader=self.name)
        place, begins_after = places.first() or EventCursor(reader=self.name), self.begins_after()
        has_moved = begins_after > place.transaction
        if has_moved:
            place.transaction, place.event_id = begins_after, 0
        return place, has_moved


def _try(handle: Handle, event: TimelineEvent, tries: int) -> Exception | None:
    """Store the effects of an event in a savepoint. Return the exception that rolled it back, or None."""
    if tries > LAST_TRY:
        failure: Exception = InterruptedError("The worker ended each time before this was done.")
    else:
        try:
            with transaction.atomic():
                handle(event)
        except Exception as error:
            failure = error
        else:
            return None
    if tries >= LAST_TRY:
        log.error("event_left_out", entry=event.pk, kind=event.kind, company=event.company_id)
    return failure


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
