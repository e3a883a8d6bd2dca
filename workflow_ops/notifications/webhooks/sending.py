"""Sending of deliveries by jobs, one after the other for each webhook (`docs/programs.md`, "Webhooks").

A try has two transactions, with the request between them, so that nothing is locked while another system
works: `_claim` counts the try and sets the time until which no other worker makes it, and `_finish` stores
the result. A worker may be killed at any point. Then its try is repeated with the same id.

After a failure, the whole webhook pauses, longer with each consecutive failure (exponential backoff). So a
receiver that hangs costs a worker only one request now and then, however many deliveries are waiting.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from ticketflower.outgoing.call import Answer, CallFailedError
from ticketflower.tenancy.context import all_companies_scope, company_scope
from users.models import CustomUser
from users.system_roles import SystemRoleName
from workflow_ops.actions.requests import ActionRequest, post_of_content
from workflow_ops.actions.secrets import ConnectionUnusableError
from workflow_ops.actions.tries import MAX_TRIES, pause_after
from workflow_ops.engine.calls import CALLS
from workflow_ops.models import (
    DeliveryState,
    Notification,
    NotificationKind,
    NotificationWay,
    Webhook,
    WebhookDelivery,
    WebhookEvent,
    WebhookState,
)
from workflow_ops.models.timeline import CurrentTransaction
from workflow_ops.notifications.recipients import ways_of
from workflow_ops.notifications.webhooks.secrets import secrets_of

LANES: Final = 2
"""How many jobs of one company send at once. Each webhook is in one lane, so its jobs run one at a time."""
SECONDS: Final = 10
"""How long a receiver may take to answer."""
SENT_WITHIN: Final = timedelta(minutes=1)
"""After this time, a try without a result is repeated, because no worker can still be making it."""
OFF_AFTER: Final = timedelta(days=3)
FAILURES_UNTIL_OFF: Final = 5
"""A webhook is switched off after this many consecutive failures, if they have lasted for OFF_AFTER."""
MOST_SECONDS: Final = 20
"""For how many seconds a job begins new tries, before other webhooks get their turn."""
MAX_ANSWER: Final = 2_000
"""Maximum number of characters of an answer that are stored."""
_JOBS: Final = "workflow_ops.notifications.webhooks.jobs"

Due = Callable[[QuerySet[WebhookDelivery]], QuerySet[WebhookDelivery]]


def send_soon(webhook: Webhook) -> None:
    """Enqueue the job that sends due deliveries to this webhook, unless it is already enqueued."""
    job = app.configure_task(
        f"{_JOBS}.deliver_events",
        queue=CALLS,
        lock=_lane(webhook.company_id, webhook.pk),
        queueing_lock=f"webhook:{webhook.pk}",
    )
    with suppress(AlreadyEnqueued), transaction.atomic():  # a savepoint, so that the caller can continue
        job.defer(company_id=webhook.company_id, webhook_id=webhook.pk)


def send_now(delivery: WebhookDelivery) -> None:
    """Enqueue the job that sends this delivery, even if its webhook backs off, is paused or switched off."""
    lane = _lane(delivery.company_id, delivery.webhook_id)
    job = app.configure_task(f"{_JOBS}.deliver_now", queue=CALLS, lock=lane)
    job.defer(company_id=delivery.company_id, delivery_id=delivery.pk)


def _lane(company_id: int | None, webhook_id: int) -> str:
    """Return the lock of a webhook's jobs, which limits the number of workers that a company occupies."""
    return f"webhooks:{company_id}:{webhook_id % LANES}"


def look_for_deliveries() -> None:
    """Enqueue a job for each webhook with due deliveries. Called by a periodic job."""
    with all_companies_scope(), transaction.atomic():
        due = _due_now().filter(webhook=OuterRef("pk"))
        found = list(Webhook.objects.filter(_ready_condition(), Exists(due)).defer("secrets").order_by("pk"))
    for webhook in found:
        send_soon(webhook)


def _due_now() -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(state=DeliveryState.WAITING, next_try_at__lte=timezone.now())


def _ready_condition(prefix: str = "") -> Q:
    """Return the condition that a webhook is active and not backing off."""
    rests = {f"{prefix}waits_until__gt": timezone.now()}
    return Q(**{f"{prefix}state": WebhookState.ACTIVE}) & ~Q(**rests)


def send_due(company_id: int, *, webhook_id: int) -> None:
    """Send due deliveries until one fails; after MOST_SECONDS, continue in a new job. Called by the job."""
    ends = time.monotonic() + MOST_SECONDS
    with company_scope(company_id):
        while _send_one(lambda rows: rows.filter(_ready_condition("webhook__"), webhook=webhook_id)):
            if time.monotonic() >= ends:
                with transaction.atomic():
                    for webhook in Webhook.objects.filter(pk=webhook_id).defer("secrets"):
                        send_soon(webhook)
                return


def send_delivery(company_id: int, *, delivery_id: int) -> None:
    """Send one delivery, if it is still waiting. Called by the job."""
    with company_scope(company_id):
        _send_one(lambda rows: rows.filter(pk=delivery_id))


# --- One try ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Claim:
    """A try that has begun: the delivery with its number of tries, and the request."""

    delivery: WebhookDelivery
    request: ActionRequest | CallFailedError


def _send_one(find: Due) -> bool:
    """Make the earliest due try among those that `find` selects. Return whether it succeeded."""
    with transaction.atomic():
        claim = _claim(find)
    if claim is None:
        return False
    answer: Answer | CallFailedError
    try:
        answer = claim.request if isinstance(claim.request, CallFailedError) else claim.request.send()
    except CallFailedError as error:
        answer = error
    with transaction.atomic():
        _finish(claim, answer)
    return not isinstance(answer, CallFailedError)


def _claim(find: Due) -> _Claim | None:
    """Count the next try and claim it for this worker. Return None if no unclaimed try is due."""
    rows = find(_due_now()).select_related("webhook").order_by("next_try_at", "pk")
    delivery = rows.select_for_update(skip_locked=True, of=("self",), no_key=True).first()
    if delivery is None:
        return None
    if delivery.counted_tries >= MAX_TRIES:
        text = _("The worker ended each time before the answer was there.")
        return _Claim(delivery, CallFailedError(text))
    now = timezone.now()
    delivery.tries, delivery.counted_tries = delivery.tries + 1, delivery.counted_tries + 1
    delivery.tried_at, delivery.next_try_at = now, now + SENT_WITHIN
    delivery.save(update_fields=("tries", "counted_tries", "tried_at", "next_try_at"))
    try:
        secrets = secrets_of(delivery.webhook)
    except ConnectionUnusableError as error:
        return _Claim(delivery, CallFailedError(str(error)))
    request = post_of_content(delivery.content, secrets, key=str(delivery.key), seconds=SECONDS)
    return _Claim(delivery, request)


def _finish(claim: _Claim, answer: Answer | CallFailedError) -> None:
    """Store the result of a try, and its consequences for the webhook.

    A failure counts only if the delivery was not tried again in the meantime. A success counts in any case.
    """
    # Lock the webhook first, so that simultaneous tries of one webhook are serialized and all failures are
    # counted.
    locked = Webhook.objects.select_for_update(no_key=True).filter(pk=claim.delivery.webhook_id)
    webhook = locked.first()
    if webhook is None:
        return
    waiting = WebhookDelivery.objects.filter(pk=claim.delivery.pk, state=DeliveryState.WAITING)
    logged = {"status": answer.status, "answer": _beginning(claim, answer)}
    if isinstance(answer, Answer):
        waiting.update(state=DeliveryState.DELIVERED, finished_at=timezone.now(), error="", **logged)
        _recover(webhook)
        return
    is_stored = waiting.filter(tries=claim.delivery.tries).update(
        **_failure_changes(claim.delivery, webhook, answer),
        finished_at=timezone.now(),
        error=answer.message,
        **logged,
    )
    if is_stored and claim.delivery.event != WebhookEvent.TEST:
        _back_off(webhook, answer)


def _beginning(claim: _Claim, answer: Answer | CallFailedError) -> str:
    """Return the beginning of an answer, with secrets blacked out."""
    if isinstance(claim.request, CallFailedError):
        return ""
    return claim.request.black_out(answer.body.decode(errors="replace"))[:MAX_ANSWER]


def _failure_changes(
    delivery: WebhookDelivery, webhook: Webhook, failure: CallFailedError
) -> dict[str, DeliveryState | datetime | int]:
    """Return the columns of the delivery that change because of a failure.

    The failure counts towards giving up only if the previous try of any delivery to this webhook succeeded.
    Otherwise the receiver may be down, and then no delivery is given up until the webhook is switched off.
    """
    counted = delivery.counted_tries - (1 if webhook.failures else 0)
    is_last = delivery.event == WebhookEvent.TEST or counted >= MAX_TRIES
    state = DeliveryState.FAILED if is_last or not failure.is_temporary else DeliveryState.WAITING
    pause = timedelta(seconds=pause_after(failure, earlier=delivery.tries - 1))
    return {"state": state, "counted_tries": counted, "next_try_at": timezone.now() + pause}


# --- What follows for the webhook -----------------------------------------------------------


def _recover(webhook: Webhook) -> None:
    """Reset the failures of a locked webhook."""
    if webhook.failures or webhook.waits_until is not None:
        Webhook.objects.filter(pk=webhook.pk).update(failures=0, failing_since=None, waits_until=None)


def _back_off(webhook: Webhook, failure: CallFailedError) -> None:
    """Let a locked webhook back off after a failure; switch it off after too many, or after status 410."""
    now = timezone.now()
    failing_since, failures = webhook.failing_since or now, webhook.failures + 1
    pause = timedelta(seconds=pause_after(failure, earlier=webhook.failures))
    Webhook.objects.filter(pk=webhook.pk).update(
        failures=failures, failing_since=failing_since, waits_until=now + pause
    )
    has_failed_for_long = failures >= FAILURES_UNTIL_OFF and now - failing_since >= OFF_AFTER
    if webhook.is_active and (failure.status == HTTPStatus.GONE or has_failed_for_long):
        _switch_off(webhook)


def stop_announcing(webhook: Webhook, state: WebhookState) -> None:
    """Stop announcing events to a webhook from now on; `state` says why."""
    Webhook.objects.filter(pk=webhook.pk).update(state=state, until=CurrentTransaction())


def _switch_off(webhook: Webhook) -> None:
    """Stop sending to a locked webhook, and notify the company's admins."""
    stop_announcing(webhook, WebhookState.OFF)
    kind = NotificationKind.WEBHOOK
    admins = CustomUser.objects.active().with_system_role(SystemRoleName.ADMIN).order_by("pk")
    people = list(admins.values_list("pk", flat=True))
    ways = ways_of(people)
    Notification.objects.bulk_create(
        Notification(person_id=pk, kind=kind, webhook=webhook, way=ways[pk, kind])
        for pk in people
        if ways[pk, kind] != NotificationWay.OFF
    )
