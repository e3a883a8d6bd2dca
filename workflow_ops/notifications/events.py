"""Effects of timeline events: workers store notifications and search documents, so no request has to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import structlog

from workflow_ops.models import Notification, NotificationWay, TicketInstance, TimelineEvent
from workflow_ops.notifications.cursors import EventReader, Handle
from workflow_ops.notifications.recipients import find_recipients, ways_of
from workflow_ops.search.documents import update_documents

log = structlog.get_logger(__name__)

_BATCH: Final = 1_000


def store_notifications(event: TimelineEvent) -> None:
    """Store the notifications of an event, each with the way that the person has chosen."""
    kinds = find_recipients(event)
    ways = ways_of(kinds) if kinds else {}
    rows = [
        Notification(person_id=pk, kind=kind, ticket=event.ticket, event=event, way=ways[pk, kind])
        for pk, kind in kinds.items()
        if ways[pk, kind] != NotificationWay.OFF
    ]
    Notification.objects.bulk_create(rows, batch_size=_BATCH)


def _prepare(events: Sequence[TimelineEvent]) -> Handle:
    """Update the tickets' search documents; their next change or the next search makes up for failures."""
    try:
        update_documents(TicketInstance.objects.filter(pk__in={event.ticket_id for event in events}))
    except Exception:
        log.exception("tickets_not_entered_into_search", tickets=[event.ticket_id for event in events])
    return store_notifications


READER: Final = EventReader(
    name="notifications", job="workflow_ops.jobs.create_notifications", prepare=_prepare
)
