"""Calls of actions: every try, with its request and response (`docs/engine.md`, "Actions")."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantModel
from workflow_design.models import Connection, WorkflowLine
from workflow_ops.models.copies import copy_line
from workflow_ops.models.tasks import TaskInstance


class CallKind(models.TextChoices):
    """The direction of a call: to another system, from it, or a test of the connection."""

    CALL = "CALL", _("Call")
    CALLBACK = "CALLBACK", _("Callback")
    TEST = "TEST", _("Test of the connection")


class CallOutcome(models.TextChoices):
    """The outcome of a call."""

    RUNNING = "RUNNING", _("Running")
    ANSWERED = "ANSWERED", _("Answered")
    ACCEPTED = "ACCEPTED", _("Accepted; the answer comes later")
    FAILED = "FAILED", _("Failed")
    OUTDATED = "OUTDATED", _("Answered too late to count")
    INTERRUPTED = "INTERRUPTED", _("Interrupted")


SLOW = timedelta(seconds=5)
"""A call that takes longer is listed as slow."""
MAX_LOGGED = 10_000
"""Maximum number of characters of a request or response that are stored."""


class ActionCall(TenantModel):
    """One try of a call for a task, or a callback; a test of a connection has no task.

    `request` and `response` are JSON with `url`, `headers` and `body`; secrets are blacked out before they
    are stored. `input_version` is the version of the task's input for which the call was made. A row that
    stays RUNNING belongs to a worker that died. A trigger sets `line`.
    """

    task = models.ForeignKey(
        TaskInstance,
        on_delete=models.CASCADE,
        db_constraint=False,
        null=True,
        db_index=False,
        related_name="calls",
    )
    line = models.ForeignKey(
        WorkflowLine,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )
    connection = models.ForeignKey(
        Connection,
        on_delete=models.SET_NULL,
        db_constraint=False,
        null=True,
        db_index=False,
        related_name="calls",
    )
    kind = models.CharField(_("kind"), max_length=8, choices=CallKind.choices, default=CallKind.CALL)
    input_version = models.PositiveIntegerField(default=1)
    outcome = models.CharField(
        _("outcome"), max_length=11, choices=CallOutcome.choices, default=CallOutcome.RUNNING
    )
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    request = models.JSONField(default=dict)
    response = models.JSONField(null=True)
    error = models.TextField(_("error"), blank=True)
    started_at = models.DateTimeField(_("when"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    # Computed by the database, so that there can be an index for slow calls.
    duration = models.GeneratedField(
        expression=F("finished_at") - F("started_at"), output_field=models.DurationField(), db_persist=True
    )

    class Meta(TenantModel.Meta):
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        constraints = [*TenantModel.Meta.constraints, *SameCompany.each("task", "line", "connection")]
        indexes = [
            models.Index(fields=["task", "-id"], name="calls_of_a_task"),
            models.Index(fields=["connection", "-id"], name="calls_of_a_connection"),
            models.Index(fields=["company", "line", "id"], name="calls_of_a_line"),
            models.Index(fields=["company", "line", "id"], condition=Q(duration__gt=SLOW), name="calls_slow"),
            models.Index(fields=["company", "started_at"], name="calls_by_day"),
            models.Index(fields=["started_at"], name="calls_by_age"),
        ]
        triggers = [copy_line("workflow_ops_taskinstance", "task_id")]

    def __str__(self) -> str:
        return f"{self.task_id}: {self.outcome}"
