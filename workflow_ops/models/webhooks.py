"""Webhooks: URLs to which events are announced, and their deliveries (`docs/programs.md`, "Webhooks")."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantModel, TenantPart
from users.audit import AuditKind, AuditTrigger
from users.models import CustomUser
from workflow_design.definition.references import MAX_ADDRESS_LENGTH
from workflow_ops.models.timeline import CurrentTransaction


class WebhookEvent(models.TextChoices):
    """The events that can be announced to a webhook."""

    TICKET_SUBMITTED = "ticket.submitted", _("A ticket is submitted")
    TICKET_CHANGED = "ticket.changed", _("A ticket is changed, held, resumed or linked")
    TICKET_FINISHED = "ticket.finished", _("A ticket has ended")
    TASK_STARTED = "task.started", _("A task starts")
    TASK_ASSIGNED = "task.assigned", _("A task is assigned, taken or given back")
    TASK_CHANGED = "task.changed", _("A task is refreshed, restricted or cancelled")
    TASK_COMPLETED = "task.completed", _("A task is done")
    TASK_OVERDUE = "task.overdue", _("A task is overdue")
    COMMENT_ADDED = "comment.added", _("A public comment is written")
    ERROR_REPORTED = "error.reported", _("An error is reported")
    DEFINITION_PUBLISHED = "definition.published", _("A workflow is published")
    TEST = "test", _("A test")

    @classmethod
    def of_choice(cls) -> list[WebhookEvent]:
        """Return the events for which a webhook can be registered; a test is sent only on request."""
        return [event for event in cls if event is not cls.TEST]


class WebhookState(models.TextChoices):
    """The state of a webhook: whether events are announced to it."""

    ACTIVE = "ACTIVE", _("Active")
    PAUSED = "PAUSED", _("Paused")
    OFF = "OFF", _("Switched off")


class Webhook(TenantModel):
    """A URL to which events are announced: those after transaction `since` and, if it is set, up to `until`.

    `until` is the transaction that paused the webhook or switched it off. `secrets` is ciphertext with its
    signing secret and former ones that are still used. `failures` is the number of consecutive failed tries,
    `failing_since` the time of the first of them, and `waits_until` when the next try is due.
    """

    name = models.CharField(_("name"), max_length=100)
    address = models.CharField(_("address"), max_length=MAX_ADDRESS_LENGTH)
    events = ArrayField(
        models.CharField(max_length=20, choices=WebhookEvent.choices), verbose_name=_("events")
    )
    secrets = models.BinaryField(editable=False)
    secrets_changed_at = models.DateTimeField(_("secret changed"))
    state = models.CharField(
        _("state"), max_length=6, choices=WebhookState.choices, default=WebhookState.ACTIVE
    )
    since = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)
    until = models.BigIntegerField(null=True, editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True)
    waits_until = models.DateTimeField(_("waits until"), null=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    created_by = models.ForeignKey(
        CustomUser, on_delete=models.PROTECT, db_constraint=False, null=True, related_name="+"
    )
    impersonator = models.ForeignKey(CustomUser, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint("company", Lower("name"), name="webhook_name"),
            *SameCompany.each("created_by"),
        ]
        indexes = [
            models.Index(
                fields=["company", "id"], condition=Q(state=WebhookState.ACTIVE), name="active_webhooks"
            )
        ]
        triggers = [
            AuditTrigger(
                AuditKind.COMPANY,
                label="{row}.name",
                exclude="secrets updated_at since until failures failing_since waits_until",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        """True if events are announced to it."""
        return self.state == WebhookState.ACTIVE

    def wants(self, transaction: int) -> bool:
        """Return whether events of this transaction are announced to it."""
        is_before_pause = self.until is not None and transaction <= self.until
        return self.since < transaction and (self.is_active or is_before_pause)


class DeliveryState(models.TextChoices):
    """The state of a delivery."""

    WAITING = "WAITING", _("Waiting")
    DELIVERED = "DELIVERED", _("Delivered")
    FAILED = "FAILED", _("Failed")


class WebhookDelivery(TenantPart):
    """The delivery of one event to one webhook. `key` is the idempotency key, the same in each try.

    `content` is the body that is sent; it has only ids. `counted_tries` is the number of `tries` that count
    towards giving up, without those that failed while all deliveries to the webhook did. `next_try_at` is the
    time at which a waiting delivery is due or, during a try, after which that try is considered dead.
    `status`, `answer` and `error` belong to the newest try.
    """

    webhook = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="deliveries"
    )
    key = models.UUIDField(_("id"), editable=False)
    event = models.CharField(_("event"), max_length=20, choices=WebhookEvent.choices)
    content = models.JSONField(_("content"))
    state = models.CharField(
        _("state"), max_length=9, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    counted_tries = models.PositiveSmallIntegerField(_("tries that count"), default=0)
    next_try_at = models.DateTimeField(_("next try"))
    tried_at = models.DateTimeField(_("last tried"), null=True)
    finished_at = models.DateTimeField(_("answered"), null=True)
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    answer = models.TextField(_("answer"), blank=True)
    error = models.TextField(_("error"), blank=True)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta(TenantPart.Meta):
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            *TenantPart.Meta.constraints,
            models.UniqueConstraint(fields=["webhook", "key"], name="delivered_once"),
            SameCompany(field="webhook"),
        ]
        indexes = [
            models.Index(fields=["webhook", "-id"], name="deliveries_newest"),
            models.Index(
                fields=["webhook", "-id"], condition=Q(state=DeliveryState.FAILED), name="deliveries_failed"
            ),
            models.Index(
                fields=["webhook", "next_try_at", "id"],
                condition=Q(state=DeliveryState.WAITING),
                name="deliveries_due",
            ),
            models.Index(fields=["created_at"], name="deliveries_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.key}"

    @property
    def about(self) -> str:
        """The subject of the event in words; "" for a test."""
        if number := self.content.get("ticket"):
            return gettext("Ticket #%(number)d") % {"number": number}
        version = self.content.get("version")
        return gettext("Version %(number)d") % {"number": version} if version else ""
