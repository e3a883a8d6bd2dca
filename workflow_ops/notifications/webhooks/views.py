"""Webhooks, for company admins: list, add, change, pause, test and delete them, and the log of deliveries."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models.functions import Lower
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ticketflower.http import PageRequest, company_page, find, show_or_submit
from ticketflower.listing import Sort, list_page
from ticketflower.unique_names import NameTakenError
from users.access import may_manage_company
from workflow_ops.actions.conflicts import ChangedMeanwhileError, describe_conflict
from workflow_ops.models import DeliveryState, Webhook, WebhookDelivery, WebhookEvent
from workflow_ops.notifications.webhooks import actions
from workflow_ops.notifications.webhooks.forms import RenewSecretForm, WebhookForm
from workflow_ops.notifications.webhooks.secrets import is_readable
from workflow_ops.refusals import WrongStatusError

SORTS = (Sort("name", gettext_lazy("Name"), "name_in_order"),)
COLUMNS = (
    {"label": gettext_lazy("Name"), "key": "name"},
    {"label": gettext_lazy("State")},
    {"label": gettext_lazy("Address")},
)
DELIVERY_SORTS = (Sort("newest", gettext_lazy("Newest"), "id", descending=True),)
DELIVERY_COLUMNS = (
    {"label": gettext_lazy("Event")},
    {"label": gettext_lazy("State")},
    {"label": gettext_lazy("About")},
    {"label": gettext_lazy("Status"), "is_number": True},
    {"label": gettext_lazy("Tries"), "is_number": True},
    {"label": gettext_lazy("Made")},
)
POLLED = timedelta(minutes=1)
"""The page of a delivery polls for the result within this time before and after a try is due."""


@require_safe
@company_page(may_manage_company)
def webhook_list(request: PageRequest) -> HttpResponse:
    """List the company's webhooks."""
    rows = Webhook.objects.defer("secrets").annotate(name_in_order=Lower("name"))
    context = {"page": list_page(request, rows, sorts=SORTS), "columns": COLUMNS}
    return render(request, "workflow_ops/webhooks/list.html", context)


@show_or_submit
@company_page(may_manage_company)
@never_cache
def webhook_create(request: PageRequest) -> HttpResponse:
    """Register a webhook, and show its secret only once."""
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            webhook, secret = actions.create_webhook(**form.values(), by=request.user)
        except NameTakenError:
            form.refuse_name()
        except actions.TooManyWebhooksError as error:
            form.add_error(None, str(error))
        else:
            return _show_secret(request, webhook, secret)
    context = {"form": form, "title": _("Register a webhook"), "cancel_url": reverse("webhook_list")}
    return render(request, "workflow_ops/webhooks/form.html", context)


def _show_secret(request: PageRequest, webhook: Webhook, secret: str) -> HttpResponse:
    url = reverse("webhook_detail", args=[webhook.pk])
    return render(
        request, "workflow_ops/webhooks/secret.html", {"webhook": webhook, "secret": secret, "url": url}
    )


@require_safe
@company_page()
def webhook_detail(request: PageRequest, webhook_id: int) -> HttpResponse:
    """Show a webhook without its secret, and the log of all or of failed deliveries."""
    webhook, only_failed = _find(request, webhook_id), "failed" in request.GET
    deliveries = WebhookDelivery.objects.filter(webhook=webhook).defer("answer")
    rows = deliveries.filter(state=DeliveryState.FAILED) if only_failed else deliveries
    here = reverse("webhook_detail", args=[webhook.pk])
    tabs = [
        {"label": _("All"), "url": f"{here}#log", "is_current": not only_failed},
        {"label": _("Failed"), "url": f"{here}?failed#log", "is_current": only_failed},
    ]
    context = {
        "webhook": webhook,
        "events": [event.label for event in WebhookEvent.of_choice() if event in webhook.events],
        "is_readable": is_readable(webhook),
        "page": list_page(request, rows, sorts=DELIVERY_SORTS),
        "columns": DELIVERY_COLUMNS,
        "tabs": tabs,
        "only_failed": only_failed,
    }
    return render(request, "workflow_ops/webhooks/detail.html", context)


@show_or_submit
@company_page()
def webhook_edit(request: PageRequest, webhook_id: int) -> HttpResponse:
    """Change the name, the address and the events of a webhook."""
    webhook = _find(request, webhook_id)
    form = WebhookForm(request.POST if request.method == "POST" else None, webhook=webhook)
    context: dict[str, Any] = {
        "form": form,
        "title": _("Change “%(name)s”") % {"name": webhook},
        "cancel_url": reverse("webhook_detail", args=[webhook.pk]),
    }
    if form.is_valid():
        try:
            actions.change_webhook(webhook, **form.values(), seen=form.cleaned_data["edition"])
        except NameTakenError:
            form.refuse_name()
        except ChangedMeanwhileError as error:
            differences = form.differences(error.current)
            context["conflict"] = describe_conflict(form, error.current, differences)
        except Webhook.DoesNotExist:
            raise Http404 from None
        else:
            messages.success(request, _("“%(name)s” has been saved.") % {"name": form.cleaned_data["name"]})
            return redirect("webhook_detail", webhook.pk)
    return render(request, "workflow_ops/webhooks/form.html", context)


@show_or_submit
@company_page()
@never_cache
def webhook_secret_renew(request: PageRequest, webhook_id: int) -> HttpResponse:
    """Ask for confirmation, make a new secret of the webhook, and show it only once."""
    webhook = _find(request, webhook_id)
    form = RenewSecretForm(request.POST if request.method == "POST" else None, webhook=webhook)
    if form.is_valid():
        try:
            secret = actions.renew_secret(webhook, seen=form.cleaned_data["seen"])
        except Webhook.DoesNotExist:
            raise Http404 from None
        if secret is not None:
            return _show_secret(request, webhook, secret)
        text = _("A new secret has just been made. It was shown to the person who made it.")
        messages.info(request, text)
        return redirect("webhook_detail", webhook.pk)
    context: dict[str, Any] = {
        "title": _("Make a new secret for “%(name)s”?") % {"name": webhook},
        "text": _(
            "It is shown once. For a day, deliveries are signed with both, the new one and the present one."
        ),
        "consequences": [_("After that day, the receiver refuses deliveries unless it has the new one.")],
        "form": form,
        "submit": _("Make a new secret"),
        "cancel_url": reverse("webhook_detail", args=[webhook.pk]),
    }
    return render(request, "components/confirm.html", context)


@require_POST
@company_page()
def webhook_pause(request: PageRequest, webhook_id: int) -> HttpResponse:
    """Pause a webhook."""
    webhook = _find_locked(request, webhook_id)
    _try(request, lambda: actions.pause_webhook(webhook), _("“%(name)s” is paused."), webhook)
    return redirect("webhook_detail", webhook.pk)


@require_POST
@company_page()
def webhook_resume(request: PageRequest, webhook_id: int) -> HttpResponse:
    """Resume a webhook that is paused or was switched off."""
    webhook = _find_locked(request, webhook_id)
    _try(request, lambda: actions.resume_webhook(webhook), _("“%(name)s” is active again."), webhook)
    return redirect("webhook_detail", webhook.pk)


def _try(request: PageRequest, act: Callable[[], object], done: str, webhook: Webhook) -> None:
    try:
        act()
    except WrongStatusError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done % {"name": webhook})


@require_POST
@company_page()
def webhook_test(request: PageRequest, webhook_id: int) -> HttpResponse:
    """Start a test delivery, and show it."""
    delivery = actions.start_test(_find_locked(request, webhook_id))
    return redirect("webhook_delivery", webhook_id, delivery.pk)


@show_or_submit
@company_page()
def webhook_delete(request: PageRequest, webhook_id: int) -> HttpResponse:
    """Ask for confirmation and delete the webhook with its log."""
    webhook = _find(request, webhook_id)
    if request.method == "POST":
        is_done = actions.delete_webhook(webhook)
        done = _("“%(name)s” has been deleted.") if is_done else _("“%(name)s” is being deleted.")
        messages.success(request, done % {"name": webhook})
        return redirect("webhook_list")
    context = {
        "title": _("Delete “%(name)s”?") % {"name": webhook},
        "text": _(
            "Its secret and the log of its deliveries are deleted, too. What waits is not sent any more."
        ),
        "submit": _("Delete"),
        "cancel_url": reverse("webhook_detail", args=[webhook.pk]),
    }
    return render(request, "components/confirm.html", context)


@require_safe
@company_page()
def webhook_delivery(request: PageRequest, webhook_id: int, delivery_id: int) -> HttpResponse:
    """Show a delivery: its content and its state."""
    delivery = _find_delivery(request, webhook_id, delivery_id)
    is_waiting = delivery.state == DeliveryState.WAITING
    context = {
        "delivery": delivery,
        "webhook": delivery.webhook,
        "content": json.dumps(delivery.content, indent=2, ensure_ascii=False),
        "is_waiting": is_waiting,
        "is_polled": is_waiting and abs(timezone.now() - delivery.next_try_at) < POLLED,
    }
    return render(request, "workflow_ops/webhooks/delivery.html", context)


@require_POST
@company_page()
def webhook_delivery_again(request: PageRequest, webhook_id: int, delivery_id: int) -> HttpResponse:
    """Send a delivery again."""
    delivery = _find_delivery(request, webhook_id, delivery_id)
    done = _("It is being sent again to “%(name)s”.")
    _try(request, lambda: actions.send_again(delivery), done, delivery.webhook)
    return redirect("webhook_delivery", webhook_id, delivery_id)


def _find(request: PageRequest, webhook_id: int) -> Webhook:
    return find(Webhook.objects, request.user, may_manage_company, pk=webhook_id)


def _find_locked(request: PageRequest, webhook_id: int) -> Webhook:
    """Return the webhook, locked against deletion until the request ends."""
    rows = Webhook.objects.select_for_update(no_key=True)
    return find(rows, request.user, may_manage_company, pk=webhook_id)


def _find_delivery(request: PageRequest, webhook_id: int, delivery_id: int) -> WebhookDelivery:
    rows = WebhookDelivery.objects.select_related("webhook")
    return find(rows, request.user, may_manage_company, pk=delivery_id, webhook=webhook_id)
