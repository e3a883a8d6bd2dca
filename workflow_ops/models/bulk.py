"""Bulk actions: one operation on many tickets, tasks or errors, and the outcome for each row."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantModel
from workflow_ops.models.authors import StartedManager, impersonator_column, person_column, where_set


class BulkOperation(models.TextChoices):
    """An operation of a bulk action."""

    # The API shows this docstring; `workflow_ops.desk.bulk.operations` says what each operation does.
    HOLD = "hold", _("Put on hold")
    RESUME = "resume", _("Resume")
    RESPONSIBLE = "responsible", _("Set the responsible person")
    CANCEL = "cancel", _("Cancel")
    ASSIGN_OPEN = "assign_open", _("Assign their open tasks")
    ASSIGN = "assign", _("Assign")
    HAND_OVER = "hand_over", _("Hand over, each to the next in turn")
    RESTRICT = "restrict", _("Restrict to people")
    CANCEL_TASK = "cancel_task", _("Cancel")
    CALL_AGAIN = "call_again", _("Call again")
    RETRY = "retry", _("Try again")


class BulkAction(TenantModel):
    """One operation on many rows, which a job performs with the person's rights, row by row.

    `row_ids` were fixed when the person confirmed; the first `position` of them have been processed.
    `filters` is the query string of the list, for the link back to it.
    """

    operation = models.CharField(_("what"), max_length=12, choices=BulkOperation.choices)
    reason = models.TextField(_("reason"), blank=True)
    arguments = models.JSONField(default=dict)
    filters = models.TextField(blank=True)
    row_ids = ArrayField(models.BigIntegerField())
    position = models.PositiveIntegerField(default=0)
    form_token = models.UUIDField(editable=False)
    person = person_column()
    impersonator = impersonator_column()
    created_at = models.DateTimeField(_("started"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = StartedManager()  # type: ignore[misc]  # the plugin makes it an instance variable

    class Meta(TenantModel.Meta):
        verbose_name = _("bulk action")
        verbose_name_plural = _("bulk actions")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["company", "form_token"], name="bulk_action_once"),
            *SameCompany.each("person"),
        ]
        indexes = [
            models.Index(fields=["company", "person", "-id"], name="bulk_actions_newest"),
            models.Index(fields=["created_at"], name="bulk_actions_by_age"),
            *where_set("impersonator"),
        ]

    def __str__(self) -> str:
        return f"{self.get_operation_display()} ({self.position}/{len(self.row_ids)})"

    @property
    def count(self) -> int:
        """The number of selected rows."""
        return len(self.row_ids)

    @property
    def was_stopped(self) -> bool:
        """True if it ended before all rows were processed, because the person had lost access."""
        return self.ended_at is not None and self.position < self.count


class BulkOutcome(models.TextChoices):
    """The outcome for a row."""

    DONE = "DONE", _("Done")
    SKIPPED = "SKIPPED", _("Nothing to do")
    REFUSED = "REFUSED", _("Could not be done")


class BulkResult(TenantModel):
    """The outcome for one row of a bulk action, stored in the same transaction as the change of the row."""

    bulk_action = models.ForeignKey(
        BulkAction, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="results"
    )
    position = models.PositiveIntegerField()
    row_id = models.BigIntegerField()
    outcome = models.CharField(_("outcome"), max_length=7, choices=BulkOutcome.choices)
    message = models.TextField(_("why"), blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("result of a bulk action")
        verbose_name_plural = _("results of bulk actions")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["bulk_action", "position"], name="bulk_row_once"),
            *SameCompany.each("bulk_action"),
        ]

    def __str__(self) -> str:
        return f"{self.bulk_action_id}: {self.row_id} ({self.outcome})"
