"""Errors of tickets, for ticket admins (`docs/engine.md`, "Errors")."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantModel
from users.audit import AuditKind
from workflow_design.models import WorkflowLine, field_names
from workflow_ops.models.audit import ticket_trigger
from workflow_ops.models.copies import copy_line
from workflow_ops.models.runs import WorkflowWrite
from workflow_ops.models.tasks import TaskInstance
from workflow_ops.models.tickets import TicketInstance


class ErrorType(models.TextChoices):
    """The operation that failed."""

    WORKFLOW_CREATION = "WORKFLOW_CREATION", _("The workflow could not start")
    TASK_CREATION = "TASK_CREATION", _("A task could not be created")
    TASK_UPDATE = "TASK_UPDATE", _("A task could not be changed")
    WORKFLOW_TRANSITION = "WORKFLOW_TRANSITION", _("The workflow could not go on")


class ErrorStatus(models.TextChoices):
    """The state of an error's handling."""

    NEW = "NEW", _("New")
    REVIEWED = "REVIEWED", _("Reviewed")
    RESOLVED = "RESOLVED", _("Resolved")


class ErrorReason(models.TextChoices):
    """The cause of an error, which decides what a retry does. EXCEPTION covers all other causes."""

    EXCEPTION = "EXCEPTION", _("Unexpected error")
    MISFIT = "MISFIT", _("Data that does not fit")
    CONDITION = "CONDITION", _("Condition")
    CREATION = "CREATION", _("Creation")
    ASSIGNMENT = "ASSIGNMENT", _("Assignment")
    STALL = "STALL", _("Stalled")
    CIRCLE = "CIRCLE", _("Runs in a circle")
    ACTION = "ACTION", _("Call")


def summarize(error_type: str, reason: str) -> str:
    """Return what failed, in a few words."""
    return gettext("A call failed") if reason == ErrorReason.ACTION else str(ErrorType(error_type).label)


class TicketError(TenantModel):
    """An error of a ticket, with everything that a retry needs.

    `write` is the write that failed or led to the error. If the error concerns a single definition,
    `definition_kind` and `definition_key` name it. A trigger sets `line`.
    """

    ticket = models.ForeignKey(
        TicketInstance, on_delete=models.CASCADE, db_constraint=False, related_name="errors"
    )
    task = models.ForeignKey(
        TaskInstance,
        on_delete=models.CASCADE,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="errors",
    )
    line = models.ForeignKey(
        WorkflowLine, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    error_type = models.CharField(_("kind"), max_length=20, choices=ErrorType.choices)
    reason = models.CharField(_("reason"), max_length=10, choices=ErrorReason.choices)
    error_message = models.TextField(_("message"))
    stack_trace = models.TextField(_("stack trace"), blank=True)
    error_status = models.CharField(
        _("status"), max_length=8, choices=ErrorStatus.choices, default=ErrorStatus.NEW
    )
    resolution_notes = models.TextField(_("notes"), blank=True)
    write = models.ForeignKey(
        WorkflowWrite, on_delete=models.CASCADE, db_constraint=False, null=True, related_name="+"
    )
    definition_kind = models.CharField(max_length=12, blank=True)
    definition_key = models.CharField(max_length=20, blank=True)
    modified_fields = field_names()
    looks = models.JSONField(default=list)
    created_at = models.DateTimeField(_("happened"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("error")
        verbose_name_plural = _("errors")
        constraints = [*TenantModel.Meta.constraints, *SameCompany.each("ticket", "task", "line", "write")]
        indexes = [
            models.Index(fields=["company", "created_at"], name="errors_by_day"),
            models.Index(fields=["company", "error_status", "id"], name="errors_by_status"),
            models.Index(fields=["company", "error_type", "error_status", "id"], name="errors_by_kind"),
            models.Index(fields=["company", "reason", "error_status", "id"], name="errors_by_reason"),
            models.Index(
                fields=["company", "line", "error_status", "id"],
                include=["error_type", "reason"],
                name="errors_of_a_line",
            ),
        ]
        triggers = [
            copy_line("workflow_ops_ticketinstance", "ticket_id"),
            ticket_trigger(
                AuditKind.ERROR,
                label="left({row}.error_message, 200)",
                exclude="ticket line stack_trace write definition_kind definition_key modified_fields looks "
                "updated_at",
            ),
        ]

    def __str__(self) -> str:
        return self.error_message[:80]

    @property
    def summary(self) -> str:
        """What failed, in a few words."""
        return summarize(self.error_type, self.reason)
