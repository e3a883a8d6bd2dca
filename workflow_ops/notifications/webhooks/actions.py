"""Functions with which company admins manage webhooks, in the browser (`docs/programs.md`, "Webhooks")."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case, F, When
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from ticketflower.tenancy.context import current_actor, current_company_id
from ticketflower.unique_names import refuse_taken_name
from users.company_settings import lock_company
from users.models import CustomUser
from workflow_ops.actions.conflicts import refuse_changed
from workflow_ops.models import DeliveryState, Webhook, WebhookDelivery, WebhookEvent, WebhookState
from workflow_ops.models.timeline import CurrentTransaction
from workflow_ops.notifications.webhooks.announcing import content_of, still_unread
from workflow_ops.notifications.webhooks.secrets import make_secret
from workflow_ops.notifications.webhooks.sending import send_now, send_soon, stop_announcing
from workflow_ops.refusals import WrongStatusError

MOST_WEBHOOKS: Final = 5
"""Maximum per company: while a receiver is slow to answer, other webhooks in its lane have to wait."""
BATCH: Final = 5_000
"""How many deliveries are deleted at once with their webhook."""
LONGEST_TEST: Final = timedelta(minutes=2)
"""After this time, an unsent test is considered lost, and another one can be started."""
_COLUMNS: Final = ("name", "address", "events", "updated_at")
_AGAIN: Final = {"state": DeliveryState.WAITING, "tries": 0, "counted_tries": 0}


class TooManyWebhooksError(Exception):
    """The company has the maximum number of webhooks; the text is a message for people."""

    def __init__(self) -> None:
        text = _("Your company has %(number)d webhooks already, and can't have more. Delete one first.")
        super().__init__(text % {"number": MOST_WEBHOOKS})


def create_webhook(
    *, name: str, address: str, events: Collection[str], by: CustomUser
) -> tuple[Webhook, str]:
    """Store a new webhook. Return it and its signing secret, which can be shown only this once.

    Events are announced to it from now on. Raise NameTakenError or TooManyWebhooksError.
    """
    _refuse_programs()
    webhook = Webhook(name=name, address=address, events=sorted(events), **by.as_author())
    secret = make_secret(webhook)
    with transaction.atomic():
        lock_company()
        if Webhook.objects.count() >= MOST_WEBHOOKS:
            raise TooManyWebhooksError
        refuse_taken_name(webhook.save, constraint="webhook_name")
    return webhook, secret


def change_webhook(webhook: Webhook, *, name: str, address: str, events: Collection[str], seen: str) -> None:
    """Store the values of a form. `seen` is the `edition` of the webhook with which the form was shown.

    Effects: if the address changes, waiting deliveries are retried soon. Raise ChangedMeanwhileError,
    NameTakenError, or Webhook.DoesNotExist if it was deleted.
    """
    _refuse_programs()
    with transaction.atomic():
        current = _lock(webhook)
        refuse_changed(current, seen=seen)
        leads_elsewhere = current.address != address
        current.name, current.address, current.events = name, address, sorted(events)
        refuse_taken_name(lambda: current.save(update_fields=_COLUMNS), constraint="webhook_name")
        if leads_elsewhere:
            _try_again_soon(current)


def renew_secret(webhook: Webhook, *, seen: str) -> str | None:
    """Make a new signing secret and return it, to be shown only once. Former ones also sign for another day.

    `seen` is the creation time of the secret that the person knows. Return None if there is a newer one.
    Raise Webhook.DoesNotExist if it was deleted.
    """
    _refuse_programs()
    with transaction.atomic():
        current = _lock(webhook)
        if current.secrets_changed_at.isoformat() != seen:
            return None
        secret = make_secret(current)
        current.save(update_fields=("secrets", "secrets_changed_at"))
    return secret


def pause_webhook(webhook: Webhook) -> None:
    """Pause a webhook: nothing is sent, and events from now on are not announced.

    Earlier events are still announced, but only sent after a resume. Raise WrongStatusError if it is not
    active.
    """
    _refuse_programs()
    with transaction.atomic():
        if not _lock(webhook).is_active:
            raise WrongStatusError(_("The webhook is not active."))
        stop_announcing(webhook, WebhookState.PAUSED)


def resume_webhook(webhook: Webhook) -> None:
    """Announce events from now on, and send waiting deliveries. Raise WrongStatusError if it is active.

    If the events before the pause have not all been read yet, they are announced, and those since then, too.
    """
    _refuse_programs()
    with transaction.atomic():
        current = _lock(webhook)
        if current.is_active:
            raise WrongStatusError(_("The webhook is active."))
        since = Case(When(still_unread(), then=F("since")), default=CurrentTransaction())
        webhooks = Webhook.objects.filter(pk=webhook.pk)
        webhooks.update(state=WebhookState.ACTIVE, since=since, until=None)
        _try_again_soon(current)


def delete_webhook(webhook: Webhook, *, batch: int = BATCH) -> bool:
    """Delete a webhook with its secret and log. Return False if a job has to continue, for a long log."""
    _refuse_programs()
    with transaction.atomic():
        current = Webhook.objects.select_for_update(no_key=True).filter(pk=webhook.pk).first()
        if current is None:
            return True
        some = current.deliveries.order_by("pk").values("pk")[:batch]
        is_last = WebhookDelivery.objects.filter(pk__in=some).delete()[0] < batch
        if is_last:
            current.delete()
        else:
            Webhook.objects.filter(pk=current.pk, state=WebhookState.ACTIVE).update(state=WebhookState.PAUSED)
            who = current_actor()
            app.configure_task("workflow_ops.notifications.webhooks.jobs.go_on_deleting_webhook").defer(
                company_id=current_company_id(),
                person_id=who.person_id,
                impersonator_id=who.impersonator_id,
                webhook_id=current.pk,
            )
    return is_last


def continue_deletion(webhook_id: int) -> None:
    """Continue a deletion. Called by the job."""
    with transaction.atomic():
        webhook = Webhook.objects.filter(pk=webhook_id).first()
    if webhook is not None:
        delete_webhook(webhook)


# --- Deliveries -----------------------------------------------------------------------------


def start_test(webhook: Webhook) -> WebhookDelivery:
    """Enqueue a test delivery, even to a paused webhook. If one is already waiting, return it."""
    _refuse_programs()
    with transaction.atomic():
        _lock(webhook)
        tests = WebhookDelivery.objects.filter(webhook=webhook, state=DeliveryState.WAITING)
        recent = timezone.now() - LONGEST_TEST
        running = tests.filter(event=WebhookEvent.TEST, created_at__gt=recent).order_by("-pk").first()
        if running is not None:
            return running
        now, key = timezone.now(), uuid4()
        delivery = WebhookDelivery.objects.create(
            webhook=webhook,
            key=key,
            event=WebhookEvent.TEST,
            content={"id": str(key), **content_of(WebhookEvent.TEST, now)},
            next_try_at=now,
        )
        send_now(delivery)
    return delivery


def send_again(delivery: WebhookDelivery) -> None:
    """Send a delivery again, with the same id, from its first try. Raise WrongStatusError while it waits."""
    _refuse_programs()
    with transaction.atomic():
        finished = WebhookDelivery.objects.filter(pk=delivery.pk).exclude(state=DeliveryState.WAITING)
        if not finished.update(**_AGAIN, next_try_at=timezone.now()):
            raise WrongStatusError(_("It waits to be sent already."))
        send_now(delivery)


def _lock(webhook: Webhook) -> Webhook:
    return Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)


def _try_again_soon(webhook: Webhook) -> None:
    """Reset the failures of a locked webhook, and enqueue the job that sends waiting deliveries."""
    Webhook.objects.filter(pk=webhook.pk).update(failures=0, failing_since=None, waits_until=None)
    send_soon(webhook)


def _refuse_programs() -> None:
    """Refuse programs with a token: only people in the browser decide what data leaves the company."""
    if current_actor().token:
        raise PermissionDenied
