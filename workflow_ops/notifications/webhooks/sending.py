"""Deliveries are sent, one after the other for each webhook, by jobs (`docs/programs.md`, "Webhooks").

A try has two transactions, with the request between them, so that nothing is locked while another system
works: `_claim` counts the try and says until when nobody else makes it, `_finish` stores what came of it. A
worker may be killed at any point. Then its try is made again, with the same id.

After a failure the whole webhook rests, longer with each one in a row. So one that hangs takes a worker's
time for one request now and then, however much waits for it.
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
from workflow_ops.notifications.webhooks.secrets import secrets_of
from workflow_ops.notifications.who_is_told import ways_of

LANES: Final = 2
"""How many jobs of one company send at once. Each webhook is in one lane, so one at a time sends to it."""
SECONDS: Final = 10
"""How long a receiver may take to answer."""
SENT_WITHIN: Final = timedelta(minutes=1)
"""After how long a try that was begun is made again: nobody can still be making it."""
OFF_AFTER: Final = timedelta(days=3)
FAILURES_UNTIL_OFF: Final = 5
"""A webhook that has failed for so long and so often, without a success in between, is switched off."""
MOST_SECONDS: Final = 20
"""How long a job begins new tries; then those of other webhooks have their turn."""
MAX_ANSWER: Final = 2_000
"""How many characters of an answer are stored."""
_JOBS: Final = "workflow_ops.notifications.webhooks.jobs"

Due = Callable[[QuerySet[WebhookDelivery]], QuerySet[WebhookDelivery]]


def send_soon(webhook: Webhook) -> None:
    """Enqueue the job that sends what is due to this webhook, unless it is enqueued already."""
    job = app.configure_task(
        f"{_JOBS}.deliver_events",
        queue=CALLS,
        lock=_lane(webhook.company_id, webhook.pk),
        queueing_lock=f"webhook:{webhook.pk}",
    )
    with suppress(AlreadyEnqueued), transaction.atomic():  # a savepoint, so that the caller can continue
        job.defer(company_id=webhook.company_id, webhook_id=webhook.pk)


def send_now(delivery: WebhookDelivery) -> None:
    """Enqueue the job that sends this delivery, also to a webhook that rests, is paused or switched off."""
    lane = _lane(delivery.company_id, delivery.webhook_id)
    job = app.configure_task(f"{_JOBS}.deliver_now", queue=CALLS, lock=lane)
    job.defer(company_id=delivery.company_id, delivery_id=delivery.pk)


def _lane(company_id: int | None, webhook_id: int) -> str:
    """Return the lock of the jobs of a webhook, so that a company's receivers occupy few workers."""
    return f"webhooks:{company_id}:{webhook_id % LANES}"


def look_for_deliveries() -> None:
    """Enqueue a job for each webhook to which something is due. Called by a periodic job."""
    with all_companies_scope(), transaction.atomic():
        due = _due_now().filter(webhook=OuterRef("pk"))
        found = list(Webhook.objects.filter(_is_ready(), Exists(due)).defer("secrets").order_by("pk"))
    for webhook in found:
        send_soon(webhook)


def _due_now() -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(state=DeliveryState.WAITING, next_try_at__lte=timezone.now())


def _is_ready(prefix: str = "") -> Q:
    """Return the condition that a webhook is told of events and does not rest."""
    rests = {f"{prefix}waits_until__gt": timezone.now()}
    return Q(**{f"{prefix}state": WebhookState.ACTIVE}) & ~Q(**rests)


def send_due(company_id: int, *, webhook_id: int) -> None:
    """Send what is due to a webhook until one fails; after a while, go on in a new job. Called by the job."""
    ends = time.monotonic() + MOST_SECONDS
    with company_scope(company_id):
        while _send_one(lambda rows: rows.filter(_is_ready("webhook__"), webhook=webhook_id)):
            if time.monotonic() >= ends:
                with transaction.atomic():
                    for webhook in Webhook.objects.filter(pk=webhook_id).defer("secrets"):
                        send_soon(webhook)
                return


def send_delivery(company_id: int, *, delivery_id: int) -> None:
    """Send one delivery, if it still waits. Called by the job."""
    with company_scope(company_id):
        _send_one(lambda rows: rows.filter(pk=delivery_id))


# --- One try ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Claim:
    """A try that has begun: the delivery with its number of tries, and what is sent."""

    delivery: WebhookDelivery
    request: ActionRequest | CallFailedError


def _send_one(find: Due) -> bool:
    """Make the try that is due first of those that `find` leaves. Return whether it went well."""
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
    """Count the next try and let nobody else make it. Return None if none is due that no worker makes."""
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
    """Store what came of a try, and what follows for its webhook.

    A failure counts only if nobody has made the try again, or asked for it. An answer counts in any case.
    """
    # The webhook first: two tries of one webhook wait for each other here, and each counts.
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
        **_what_follows(claim.delivery, webhook, answer),
        finished_at=timezone.now(),
        error=answer.message,
        **logged,
    )
    if is_stored and claim.delivery.event != WebhookEvent.TEST:
        _rest(webhook, answer)


def _beginning(claim: _Claim, answer: Answer | CallFailedError) -> str:
    """Return the beginning of an answer, without the secret, which it may repeat."""
    if isinstance(claim.request, CallFailedError):
        return ""
    return claim.request.black_out(answer.body.decode(errors="replace"))[:MAX_ANSWER]


def _what_follows(
    delivery: WebhookDelivery, webhook: Webhook, failure: CallFailedError
) -> dict[str, DeliveryState | datetime | int]:
    """Return what a failure makes of the delivery: the columns that change.

    It counts against the delivery if the try before it, of whatever delivery to this webhook, went well.
    Otherwise the receiver may be down, and then nothing is given up until the webhook is switched off.
    """
    counted = delivery.counted_tries - (1 if webhook.failures else 0)
    is_last = delivery.event == WebhookEvent.TEST or counted >= MAX_TRIES
    state = DeliveryState.FAILED if is_last or not failure.is_temporary else DeliveryState.WAITING
    pause = timedelta(seconds=pause_after(failure, earlier=delivery.tries - 1))
    return {"state": state, "counted_tries": counted, "next_try_at": timezone.now() + pause}


# --- What follows for the webhook -----------------------------------------------------------


def _recover(webhook: Webhook) -> None:
    """Forget the failures of a locked webhook."""
    if webhook.failures or webhook.waits_until is not None:
        Webhook.objects.filter(pk=webhook.pk).update(failures=0, failing_since=None, waits_until=None)


def _rest(webhook: Webhook, failure: CallFailedError) -> None:
    """Let a locked webhook rest after a failure; switch it off if it has failed for too long, or is gone."""
    now = timezone.now()
    failing_since, failures = webhook.failing_since or now, webhook.failures + 1
    pause = timedelta(seconds=pause_after(failure, earlier=webhook.failures))
    Webhook.objects.filter(pk=webhook.pk).update(
        failures=failures, failing_since=failing_since, waits_until=now + pause
    )
    has_failed_for_long = failures >= FAILURES_UNTIL_OFF and now - failing_since >= OFF_AFTER
    if webhook.is_active and (failure.status == HTTPStatus.GONE or has_failed_for_long):
        _switch_off(webhook)


def stop(webhook: Webhook, state: WebhookState) -> None:
    """Let a webhook be told of nothing that happens from now on; `state` says why."""
    Webhook.objects.filter(pk=webhook.pk).update(state=state, until=CurrentTransaction())


def _switch_off(webhook: Webhook) -> None:
    """Send nothing more to a locked webhook, and tell the company's admins."""
    stop(webhook, WebhookState.OFF)
    kind = NotificationKind.WEBHOOK
    admins = CustomUser.objects.active().with_system_role(SystemRoleName.ADMIN).order_by("pk")
    people = list(admins.values_list("pk", flat=True))
    ways = ways_of(people)
    Notification.objects.bulk_create(
        Notification(person_id=pk, kind=kind, webhook=webhook, way=ways[pk, kind])
        for pk in people
        if ways[pk, kind] != NotificationWay.OFF
    )
