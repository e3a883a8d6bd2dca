"""Tickets and their numbers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantModel, TenantPart
from users.audit import AuditKind
from workflow_design.definition.subjects import MAX_SUBJECT_LENGTH
from workflow_design.definition.workflow import MAX_TITLE_LENGTH
from workflow_design.models import TicketDefinition, WorkflowLine
from workflow_ops.models.audit import ticket_trigger
from workflow_ops.models.authors import impersonator_column, person_column, where_set
from workflow_ops.models.copies import NO_DUE_TIME, tell_lists
from workflow_ops.models.runs import RunStatus, WorkflowInstance

NO_PRIORITY = 32_767
"""The priority of a ticket that has none: it sorts last."""


_ORDERS: Final = {
    "number": ("id",),
    "change": ("changed_at", "id"),
    "wait": ("waiting_since", "id"),
    "priority": ("priority", "id"),
    "due": ("due_order", "id"),
}
_COMPARED: Final = ("line", "status")
_NARROW: Final = ("is_finished", "is_stalled", "priority", "status", "type_title")
_SORTED_BY: Final = ("changed_at", "waiting_since", "priority", "due_order")


def in_orders(
    name: str,
    *fields: str,
    include: Sequence[str] = (),
    unfinished: bool = False,
    leave_out: Collection[str] = (),
) -> list[models.Index]:
    """Return an index of these fields for each order of a list. Within a company, numbers increase with ids.

    Only unfinished tickets are sorted by waiting time or due time. The indexes include the columns that other
    filters compare; without them, each ticket's row would be read to find those that match. They also include
    the other sort columns, because periods are of submission, change or due time only, and rare rows are
    often sorted by PostgreSQL.
    """
    found = []
    for key, order in _ORDERS.items():
        is_partial = unfinished or key in {"wait", "due"}
        # PostgreSQL drops a comparison that the condition of a partial index already implies. So with this
        # column in the index, it could not use the columns after it.
        columns = [column for column in fields if not is_partial or column != "is_finished"]
        contained = {*_COMPARED, *include, *(() if key == "priority" else _SORTED_BY)}
        index = models.Index(
            fields=["company", *columns, *order],
            # Narrow columns come last: between wide ones, each would be padded.
            include=sorted(contained.difference(columns, order), key=lambda name: (name in _NARROW, name)),
            condition=Q(is_finished=False) if is_partial else None,
            name=f"{name}_{key}",
        )
        found += [] if key in leave_out else [index]
    return found


def two_lines(subject: str, type_title: str, number: int) -> tuple[str, str]:
    """Return the two lines that name a ticket in a list: subject and kind or, without a subject, the kind."""
    kind = f"{type_title} #{number}"
    return (subject, kind) if subject else (kind, "")


class TicketCounter(TenantModel):
    """The number of a company's newest ticket: one row, locked until the transaction of a new ticket ends."""

    last_number = models.PositiveBigIntegerField(default=0)

    class Meta(TenantModel.Meta):
        verbose_name = _("ticket counter")
        verbose_name_plural = _("ticket counters")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["company"], name="one_ticket_counter"),
        ]

    def __str__(self) -> str:
        return str(self.last_number)


class TicketInstance(TenantPart):
    """A ticket: a submitted form and the workflow that it started.

    `form_token` is created when the form is opened, so that a form submitted twice makes one ticket.
    `subject` names the ticket and is derived from its data; `priority` is the position of its priority in the
    list of choices, or NO_PRIORITY. Both are stored with the write that sets them.

    `created_by` is the requester; if another person submitted it for them, that is `entered_by` or the
    impersonator. `held_until` is the end date of a hold by hand; a trigger clears it when the hold ends.

    `line` and `type_title` identify the kind of ticket across versions. `status`, `is_finished`, `changed_at`
    (the last write or comment), `waiting_since` (when its oldest open task started), `due_at` (when the first
    of its open tasks is due; null on hold) and `is_stalled` (in progress, but without an open task) are
    denormalised for lists by triggers, so that one index can filter and sort. Access rules and the engine
    read the workflow itself.
    """

    number = models.PositiveBigIntegerField(_("number"))
    ticket_definition = models.ForeignKey(
        TicketDefinition, on_delete=models.PROTECT, db_constraint=False, related_name="instances"
    )
    line = models.ForeignKey(
        WorkflowLine, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    type_title = models.CharField(_("type"), max_length=MAX_TITLE_LENGTH)
    subject = models.CharField(_("subject"), max_length=MAX_SUBJECT_LENGTH, blank=True, db_default="")
    priority = models.PositiveSmallIntegerField(_("priority"), db_default=NO_PRIORITY)
    workflow_instance = models.OneToOneField(
        WorkflowInstance, on_delete=models.CASCADE, db_constraint=False, related_name="ticket"
    )
    ticket_data = models.JSONField()
    form_token = models.UUIDField()
    created_by = person_column()
    entered_by = person_column(verbose_name=_("entered by"))  # if not the requester
    responsible = person_column(verbose_name=_("responsible"))
    impersonator = impersonator_column()
    held_until = models.DateTimeField(_("on hold until"), null=True, blank=True)
    resumes_by_itself = models.BooleanField(_("resumes by itself"), db_default=False)
    status = models.CharField(
        _("status"), max_length=12, choices=RunStatus.choices, default=RunStatus.NOT_STARTED, editable=False
    )
    is_finished = models.BooleanField(default=False, editable=False)
    changed_at = models.DateTimeField(_("last change"), default=timezone.now, editable=False)
    waiting_since = models.DateTimeField(
        _("waiting since"), default=timezone.now, db_default=Now(), editable=False
    )
    due_at = models.DateTimeField(_("due"), null=True, editable=False)
    due_order = models.GeneratedField(
        expression=Coalesce("due_at", NO_DUE_TIME), output_field=models.DateTimeField(), db_persist=True
    )
    is_stalled = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(_("submitted"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta(TenantPart.Meta):
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        constraints = [
            *TenantPart.Meta.constraints,
            models.UniqueConstraint(fields=["company", "number"], name="ticket_number"),
            models.UniqueConstraint(fields=["company", "form_token"], name="ticket_form_once"),
            *SameCompany.each(
                "ticket_definition", "line", "workflow_instance", "created_by", "entered_by", "responsible"
            ),
        ]
        indexes = [
            *in_orders("tickets_by_status", "status", include=["type_title", "is_finished", "is_stalled"]),
            *in_orders(
                "tickets_by_type",
                *("line", "type_title", "is_finished"),
                include=["created_by", "responsible", "priority", "is_stalled"],
            ),
            *in_orders("tickets_of_a_person", "created_by", "is_finished", leave_out=["due"]),
            *in_orders(
                "tickets_by_priority",
                *("priority", "is_finished"),
                include=["type_title"],
                leave_out=("number", "priority", "due"),
            ),
            # Only unfinished tickets: nobody is responsible for tickets that have ended.
            *in_orders("tickets_in_care", "responsible", unfinished=True, leave_out=["due"]),
            models.Index(fields=["company", "created_at"], name="tickets_by_day"),
            # These rows are rare, so PostgreSQL sorts them, whatever the order of the list.
            models.Index(
                fields=["company", "line", "id"],
                include=["status", *_SORTED_BY],
                condition=Q(is_stalled=True),
                name="stalled_tickets",
            ),
            models.Index(
                fields=["company", "line", "held_until", "id"],
                include=["status", *_SORTED_BY],
                condition=Q(held_until__isnull=False, resumes_by_itself=False),
                name="held_tickets",
            ),
            *where_set("entered_by", "impersonator"),
        ]
        triggers = [
            ticket_trigger(
                AuditKind.TICKET,
                label="'#' || {row}.number",
                where="ticket.id = {row}.id",
                exclude="workflow_instance line type_title subject priority ticket_data form_token "
                "updated_at status is_finished changed_at waiting_since due_at due_order is_stalled",
            ),
            tell_lists(),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"

    @property
    def visible_due_at(self) -> datetime | None:
        """The due time as people see it: None for a ticket that has ended, whatever `due_at` says."""
        return None if self.is_finished else self.due_at

    @property
    def kind_name(self) -> str:
        """Its type with its number: "IT request #215"."""
        return f"{self.type_title} #{self.number}"

    @property
    def heading(self) -> str:
        """Its subject or, without one, its kind: the first line in a list."""
        return two_lines(self.subject, self.type_title, self.number)[0]

    @property
    def subheading(self) -> str:
        """The second line in a list: its kind, or "" if that is the heading."""
        return two_lines(self.subject, self.type_title, self.number)[1]

    @property
    def name(self) -> str:
        """Its subject and kind: "New starter · IT request #215"; just its kind if the subject is empty."""
        return f"{self.subject} · {self.kind_name}" if self.subject else self.kind_name
