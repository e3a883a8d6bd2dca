"""The timeline of a ticket."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantPart
from workflow_ops.models.authors import impersonator_column, person_column, where_set
from workflow_ops.models.comments import Comment
from workflow_ops.models.runs import WorkflowData
from workflow_ops.models.tasks import TaskInstance
from workflow_ops.models.tickets import TicketInstance


class TimelineKind(models.TextChoices):
    """The kind of a timeline entry."""

    SUBMITTED = "SUBMITTED", _("Submitted")
    TASK_STARTED = "TASK_STARTED", _("Task started")
    TASK_REFRESHED = "TASK_REFRESHED", _("Task refreshed")
    TASK_ASSIGNED = "TASK_ASSIGNED", _("Task assigned")
    TASK_TAKEN = "TASK_TAKEN", _("Task taken")
    TASK_GIVEN_BACK = "TASK_GIVEN_BACK", _("Task given back")
    TASK_RESTRICTED = "TASK_RESTRICTED", _("Task restricted")
    TASK_PREPARED = "TASK_PREPARED", _("Task prepared")
    TASK_SENT_BACK = "TASK_SENT_BACK", _("Task sent back")
    DRAFT_DROPPED = "DRAFT_DROPPED", _("Prepared answer dropped")
    TASK_COMPLETED = "TASK_COMPLETED", _("Task done")
    TASK_CANCELLED = "TASK_CANCELLED", _("Task cancelled")
    DATA_EDITED = "DATA_EDITED", _("Data edited")
    DATA_CORRECTED = "DATA_CORRECTED", _("Data corrected")
    TICKET_CORRECTED = "TICKET_CORRECTED", _("Corrected by the submitter")
    HELD = "HELD", _("Put on hold")
    RESUMED = "RESUMED", _("Resumed")
    ENDED = "ENDED", _("Ended")
    CANCELLED = "CANCELLED", _("Cancelled")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")
    ERROR = "ERROR", _("Error")
    RETRIED = "RETRIED", _("Retried")
    RESPONSIBLE = "RESPONSIBLE", _("Responsible person")
    LINKED = "LINKED", _("Linked")
    UNLINKED = "UNLINKED", _("Link removed")
    COMMENTED = "COMMENTED", _("Comment")
    COMMENT_EDITED = "COMMENT_EDITED", _("Comment edited")
    OVERDUE = "OVERDUE", _("Overdue")


BEGINNING: Final = -(2**62)
"""Less than every transaction's number, even those that a restored database got from its former server."""


class CurrentTransaction(models.Func):
    """The SQL expression for the id of the current transaction."""

    template = "pg_current_xact_id()::text::bigint"
    output_field = models.BigIntegerField()


class TimelineEvent(TenantPart):
    """An entry of the timeline. Its step holds the decisions behind it; `details` holds other facts."""

    site_privileges = ("SELECT", "INSERT")

    ticket = models.ForeignKey(
        TicketInstance,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="timeline",
    )
    kind = models.CharField(max_length=16, choices=TimelineKind.choices)
    task = models.ForeignKey(
        TaskInstance,
        on_delete=models.CASCADE,
        db_constraint=False,
        null=True,
        db_index=False,
        related_name="+",
    )
    workflow_data = models.ForeignKey(
        WorkflowData,
        on_delete=models.CASCADE,
        db_constraint=False,
        null=True,
        db_index=False,
        related_name="+",
    )
    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, db_constraint=False, null=True, db_index=False, related_name="+"
    )
    about = person_column()
    details = models.JSONField(default=dict)
    person = person_column()
    impersonator = impersonator_column()
    created_at = models.DateTimeField(auto_now_add=True)
    # Events may commit out of the order of their ids. Their transaction ids show which events may still
    # appear.
    transaction = models.BigIntegerField(db_default=CurrentTransaction())

    class Meta(TenantPart.Meta):
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline entries")
        constraints = [
            *TenantPart.Meta.constraints,
            *SameCompany.each("ticket", "task", "workflow_data", "comment", "about", "person"),
        ]
        indexes = [
            models.Index(fields=["ticket", "-id"], name="timeline_newest"),
            models.Index(fields=["company", "transaction", "id"], name="timeline_as_committed"),
            # For reports, which read only these few entries.
            models.Index(
                fields=["company", "ticket", "id"],
                condition=models.Q(
                    kind__in=[TimelineKind.HELD, TimelineKind.RESUMED, TimelineKind.WITHDRAWN]
                ),
                name="timeline_of_reports",
            ),
            *where_set("task", "workflow_data", "comment", "about", "person", "impersonator"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
