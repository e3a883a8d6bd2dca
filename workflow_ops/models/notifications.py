"""Notifications of people about events of timelines, on the site and by e-mail."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantModel, TenantPart
from users.models import CustomUser
from workflow_ops.models.authors import where_set
from workflow_ops.models.tickets import TicketInstance
from workflow_ops.models.timeline import BEGINNING, TimelineEvent
from workflow_ops.models.webhooks import Webhook


class NotificationKind(models.TextChoices):
    """Kinds of notifications; `docs/access.md`, "Who is told", says who gets them."""

    TASK = "task", _("A task for me")
    TAKEABLE = "takeable", _("A task that I may take")
    OVERDUE = "overdue", _("Something is overdue")
    COMMENT = "comment", _("A comment")
    MENTION = "mention", _("A comment that mentions me")
    SUBMITTED_FOR_ME = "submitted", _("A ticket submitted for me")
    RESPONSIBLE = "responsible", _("I am responsible for a ticket")
    HELD = "held", _("A ticket is on hold")
    ENDED = "ended", _("A ticket has ended")
    ERROR = "error", _("An error")
    WEBHOOK = "webhook", _("A webhook is switched off")


class NotificationWay(models.TextChoices):
    """How a person is notified."""

    OFF = "off", _("Not at all")
    SITE = "site", _("On the site")
    MAIL = "mail", _("Also by e-mail")
    DAILY = "daily", _("Also in a daily e-mail")


class NotificationChoice(TenantModel):
    """How a person wants to be notified of one kind; without a row, the kind's default applies."""

    person = models.ForeignKey(
        CustomUser, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    kind = models.CharField(max_length=12, choices=NotificationKind.choices)
    way = models.CharField(max_length=5, choices=NotificationWay.choices)

    class Meta(TenantModel.Meta):
        verbose_name = _("choice of notifications")
        verbose_name_plural = _("choices of notifications")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["person", "kind"], name="notification_choice_once"),
            SameCompany(field="person"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_way_display()}"


class NotificationMail(TenantModel):
    """An e-mail with the notifications of one person. If it is sent twice, its Message-ID is the same."""

    person = models.ForeignKey(CustomUser, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    token = models.UUIDField(default=uuid.uuid4, editable=False)
    is_daily = models.BooleanField(_("daily"), default=False)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    tried_at = models.DateTimeField(_("last tried"), null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("e-mail with notifications")
        verbose_name_plural = _("e-mails with notifications")
        constraints = [*TenantModel.Meta.constraints, SameCompany(field="person")]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(sent_at=None), name="mails_to_send"),
            models.Index(fields=["created_at"], condition=~Q(sent_at=None), name="mails_sent"),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.created_at}"


class Notification(TenantPart):
    """A notification of one person about one event. Its text is derived from the event when it is shown.

    The event is an entry of a ticket's timeline, or the switching off of a webhook.
    """

    person = models.ForeignKey(
        CustomUser, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    kind = models.CharField(max_length=12, choices=NotificationKind.choices)
    ticket = models.ForeignKey(
        TicketInstance, on_delete=models.CASCADE, db_constraint=False, null=True, related_name="notifications"
    )
    event = models.ForeignKey(
        TimelineEvent,
        on_delete=models.CASCADE,
        db_constraint=False,
        null=True,
        db_index=False,
        related_name="+",
    )
    webhook = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, db_constraint=False, null=True, db_index=False, related_name="+"
    )
    way = models.CharField(max_length=5, choices=NotificationWay.choices)
    created_at = models.DateTimeField(_("told"), auto_now_add=True)
    read_at = models.DateTimeField(_("read"), null=True)
    mail = models.ForeignKey(
        NotificationMail,
        on_delete=models.SET_NULL,
        db_constraint=False,
        null=True,
        related_name="notifications",
    )

    class Meta(TenantPart.Meta):
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [
            *TenantPart.Meta.constraints,
            models.UniqueConstraint(fields=["event", "person"], name="told_once"),
            models.CheckConstraint(
                condition=Q(ticket__isnull=False, event__isnull=False, webhook=None)
                | Q(ticket=None, event=None, webhook__isnull=False),
                name="notification_of_one_thing",
            ),
            *SameCompany.each("person", "ticket", "event", "webhook", "mail"),
        ]
        indexes = [
            models.Index(fields=["person", "-id"], name="notifications_newest"),
            models.Index(fields=["person", "-id"], condition=Q(read_at=None), name="notifications_unread"),
            models.Index(
                fields=["company", "person", "created_at"],
                condition=Q(mail=None, way__in=["mail", "daily"]),
                name="notifications_to_mail",
            ),
            # For the removal of the oldest ones.
            models.Index(fields=["created_at"], condition=Q(read_at=None), name="unread_by_age"),
            models.Index(fields=["created_at"], condition=~Q(read_at=None), name="read_by_age"),
            *where_set("webhook"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.person}"


class EventCursor(TenantModel):
    """The cursor of a reader in the timelines of a company, in the order of `timeline_as_committed`."""

    reader = models.CharField(max_length=20)
    transaction = models.BigIntegerField(default=BEGINNING)
    event_id = models.BigIntegerField(default=0)

    class Meta(TenantModel.Meta):
        verbose_name = _("place in the timelines")
        verbose_name_plural = _("places in the timelines")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["company", "reader"], name="event_cursor_once"),
        ]

    def __str__(self) -> str:
        return self.reader
