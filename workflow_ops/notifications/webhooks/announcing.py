"""Announcing events to webhooks: the mapping of timeline entries to events, and the ids that are sent.

Titles, values, texts, names and everything internal are never sent (`docs/programs.md`, "Webhooks").
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.db.models import Min, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from ticketflower.tenancy.context import company_scope
from users.models import CustomUser
from workflow_design.models import WorkflowDefinition
from workflow_ops.models import (
    EventCursor,
    TimelineEvent,
    TimelineKind,
    Webhook,
    WebhookDelivery,
    WebhookEvent,
    WebhookState,
)
from workflow_ops.models.timeline import BEGINNING
from workflow_ops.notifications.cursors import EventReader, Handle, oldest_running
from workflow_ops.notifications.webhooks.sending import send_soon

EVENTS: Final[Mapping[str, WebhookEvent]] = {
    TimelineKind.SUBMITTED: WebhookEvent.TICKET_SUBMITTED,
    TimelineKind.DATA_EDITED: WebhookEvent.TICKET_CHANGED,
    TimelineKind.DATA_CORRECTED: WebhookEvent.TICKET_CHANGED,
    TimelineKind.TICKET_CORRECTED: WebhookEvent.TICKET_CHANGED,
    TimelineKind.HELD: WebhookEvent.TICKET_CHANGED,
    TimelineKind.RESUMED: WebhookEvent.TICKET_CHANGED,
    TimelineKind.RESPONSIBLE: WebhookEvent.TICKET_CHANGED,
    TimelineKind.LINKED: WebhookEvent.TICKET_CHANGED,
    TimelineKind.UNLINKED: WebhookEvent.TICKET_CHANGED,
    TimelineKind.ENDED: WebhookEvent.TICKET_FINISHED,
    TimelineKind.CANCELLED: WebhookEvent.TICKET_FINISHED,
    TimelineKind.WITHDRAWN: WebhookEvent.TICKET_FINISHED,
    TimelineKind.TASK_STARTED: WebhookEvent.TASK_STARTED,
    TimelineKind.TASK_ASSIGNED: WebhookEvent.TASK_ASSIGNED,
    TimelineKind.TASK_TAKEN: WebhookEvent.TASK_ASSIGNED,
    TimelineKind.TASK_GIVEN_BACK: WebhookEvent.TASK_ASSIGNED,
    TimelineKind.TASK_SENT_BACK: WebhookEvent.TASK_ASSIGNED,
    TimelineKind.TASK_PREPARED: WebhookEvent.TASK_CHANGED,
    TimelineKind.DRAFT_DROPPED: WebhookEvent.TASK_CHANGED,
    TimelineKind.TASK_REFRESHED: WebhookEvent.TASK_CHANGED,
    TimelineKind.TASK_RESTRICTED: WebhookEvent.TASK_CHANGED,
    TimelineKind.TASK_CANCELLED: WebhookEvent.TASK_CHANGED,
    TimelineKind.TASK_COMPLETED: WebhookEvent.TASK_COMPLETED,
    TimelineKind.OVERDUE: WebhookEvent.TASK_OVERDUE,
    TimelineKind.COMMENTED: WebhookEvent.COMMENT_ADDED,
    TimelineKind.COMMENT_EDITED: WebhookEvent.COMMENT_ADDED,
    TimelineKind.ERROR: WebhookEvent.ERROR_REPORTED,
}
"""The event for each kind of timeline entry. Comments are announced only if they are or become public."""
NOT_ANNOUNCED: Final = frozenset({TimelineKind.RETRIED})
"""Kinds that are never announced: for a retry, its effects are announced instead."""


def event_of(entry: TimelineEvent) -> WebhookEvent | None:
    """Return the event for a timeline entry, or None if it is not announced."""
    event = EVENTS.get(entry.kind)
    if event is WebhookEvent.COMMENT_ADDED:
        comment = entry.comment
        if comment is None or comment.is_internal or comment.deleted_at is not None:
            return None
        if entry.kind == TimelineKind.COMMENT_EDITED and not entry.details.get("is_made_public"):
            return None
    return event


class _Batch:
    """The next timeline entries of a company, and its webhooks."""

    def __init__(self, entries: Sequence[TimelineEvent]) -> None:
        self.webhooks = list(_webhooks())
        wanted = {event for webhook in self.webhooks for event in webhook.events}
        announced = [entry for entry in entries if event_of(entry) in wanted]
        self.accounts = _service_accounts({_assignee_id(entry) for entry in announced} - {None})
        self.woken: set[int] = set()

    def announce(self, entry: TimelineEvent) -> None:
        """Store the deliveries of an entry, and enqueue the jobs that send them."""
        event = event_of(entry)
        if event is None:
            return
        recipients = _recipients(self.webhooks, event, entry.transaction)
        if not recipients:
            return
        deliver(recipients, event, self._content(entry, event), source=f"timeline/{entry.pk}")
        for webhook in recipients:
            if webhook.is_active and webhook.pk not in self.woken:
                self.woken.add(webhook.pk)
                send_soon(webhook)

    def _content(self, entry: TimelineEvent, event: WebhookEvent) -> dict[str, Any]:
        ids = {
            "ticket": entry.ticket.number,
            "workflow": entry.ticket.workflow_instance.workflow_id,
            "task": entry.task_id,
            "comment": entry.comment_id,
            "error": entry.details.get("error") if event is WebhookEvent.ERROR_REPORTED else None,
            "service_account": self._service_account(entry),
        }
        filled = {name: value for name, value in ids.items() if value is not None}
        # The timeline of a ticket is ordered by id, while transactions may commit in a different order.
        return content_of(event, entry.created_at, sequence=entry.pk, **filled)

    def _service_account(self, entry: TimelineEvent) -> int | None:
        """Return the service account that this entry makes the assignee; people are never named."""
        assignee_id = _assignee_id(entry)
        return assignee_id if assignee_id in self.accounts else None


_GIVES: Final = (
    TimelineKind.TASK_STARTED,
    TimelineKind.TASK_ASSIGNED,
    TimelineKind.TASK_SENT_BACK,
)
"""Kinds of entries whose `about` is the new assignee of the task."""


def _assignee_id(entry: TimelineEvent) -> int | None:
    if entry.kind == TimelineKind.TASK_TAKEN:
        return entry.person_id
    return entry.about_id if entry.kind in _GIVES and not entry.details.get("is_last") else None


def _service_accounts(people: Collection[int | None]) -> set[int]:
    found = CustomUser.objects.filter(pk__in=people, is_service_account=True) if people else None
    return set(found.values_list("pk", flat=True)) if found is not None else set()


def _recipients(webhooks: Iterable[Webhook], event: WebhookEvent, transaction: int) -> list[Webhook]:
    return [webhook for webhook in webhooks if event in webhook.events and webhook.wants(transaction)]


def content_of(event: WebhookEvent, at: datetime, **ids: Any) -> dict[str, Any]:
    """Return the content that is sent for an event, except for the id of the delivery."""
    time = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"event": event.value, "time": time, **ids}


def deliver(
    webhooks: Collection[Webhook], event: WebhookEvent, content: Mapping[str, Any], *, source: str
) -> None:
    """Store a delivery of an event for each webhook, unless there already is one for this source."""
    now, rows = timezone.now(), []
    for webhook in webhooks:
        key = _key(webhook, source)
        body = {"id": str(key), **content}
        rows.append(WebhookDelivery(webhook=webhook, key=key, event=event, content=body, next_try_at=now))
    WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True)


def _key(webhook: Webhook, source: str) -> UUID:
    """Return the id of a delivery, which is the same for the receiver even if it is announced twice."""
    # The creation time is included because a restored database reuses the ids of rows.
    made = f"{webhook.pk}/{webhook.created_at.isoformat()}"
    return uuid5(NAMESPACE_URL, f"{settings.SITE_URL}/webhooks/{made}/{source}")


def _webhooks() -> QuerySet[Webhook]:
    return Webhook.objects.defer("secrets").order_by("pk")


def still_unread() -> Q:
    """Return the condition that events from before a webhook was stopped may still be unread."""
    places = EventCursor.objects.filter(reader=READER.name).values("transaction")
    return Q(until__gt=Coalesce(Subquery(places), BEGINNING))


def _begins_after() -> int:
    """Return the earliest `since` of the webhooks, or the current transaction if there are none."""
    wanting = Webhook.objects.filter(Q(state=WebhookState.ACTIVE) | still_unread())
    found: int | None = wanting.aggregate(first=Min("since"))["first"]
    return oldest_running() - 1 if found is None else found


def _prepare(entries: Sequence[TimelineEvent]) -> Handle:
    return _Batch(entries).announce


# Companies with an active webhook, or with one that was stopped after the last event that was read.
_COMPANIES: Final = """
    SELECT company_id AS id FROM workflow_ops_webhook WHERE state = 'ACTIVE'
    UNION SELECT company_id FROM workflow_ops_webhook AS stopped WHERE until > coalesce((
        SELECT transaction FROM workflow_ops_eventcursor AS place
        WHERE place.company_id = stopped.company_id AND place.reader = %(reader)s), %(beginning)s)
"""

READER: Final = EventReader(
    name="webhooks",
    job="workflow_ops.notifications.webhooks.jobs.announce_events",
    prepare=_prepare,
    companies=_COMPANIES,
    begins_after=_begins_after,
)


def announce_published(company_id: int, *, workflow_id: int, published_in: int) -> None:
    """Announce that a version was published in transaction `published_in`. Called by the job of a trigger."""
    with company_scope(company_id), transaction.atomic():
        version = WorkflowDefinition.objects.filter(pk=workflow_id, published_at__isnull=False).first()
        event = WebhookEvent.DEFINITION_PUBLISHED
        if version is None or version.published_at is None:
            return
        recipients = _recipients(_webhooks(), event, published_in)
        content = content_of(event, version.published_at, workflow=version.pk, version=version.version)
        deliver(recipients, event, content, source=f"workflow/{version.pk}")
        for webhook in recipients:
            if webhook.is_active:
                send_soon(webhook)
