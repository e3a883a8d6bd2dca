"""Running workflows: workspace, writes, steps and completions (`docs/engine.md`)."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantPart
from users.audit import AuditKind
from workflow_design.definition.workflow import MAX_FIELD_NAME_LENGTH
from workflow_design.engine import Source
from workflow_design.models import WorkflowCompletion, WorkflowDefinition, field_names
from workflow_ops.models.audit import OF_WORKFLOW, ticket_trigger
from workflow_ops.models.authors import impersonator_column, person_column, where_set
from workflow_ops.models.copies import tell_ticket


class RunStatus(models.TextChoices):
    """The status of a running workflow (`docs/engine.md`, "Statuses")."""

    NOT_STARTED = "NOT_STARTED", _("Not started")
    IN_PROGRESS = "IN_PROGRESS", _("In progress")
    ON_HOLD = "ON_HOLD", _("On hold")
    COMPLETED = "COMPLETED", _("Completed")
    CANCELLED = "CANCELLED", _("Cancelled")

    @property
    def is_final(self) -> bool:
        """True if the workflow has ended."""
        return self in FINAL_STATUSES


FINAL_STATUSES = (RunStatus.COMPLETED, RunStatus.CANCELLED)


class WriteSource(models.TextChoices):
    """The source of a write."""

    TICKET = "ticket", _("Ticket")
    TASK = "task", _("Task")
    EDIT = "edit", _("Edit")
    CORRECTION = "correct", _("Correction")
    CLOCK = "clock", _("Clock")
    RESUME = "resume", _("Resumed")


class WriteStatus(models.TextChoices):
    """The status of a write."""

    WAITING = "WAITING", _("Waiting")
    APPLIED = "APPLIED", _("Applied")
    FAILED = "FAILED", _("Failed")
    TOO_LATE = "TOO_LATE", _("After the end")


class WorkflowInstance(TenantPart):
    """A running workflow. It stays on one version of its definition to the end.

    `data` is the workspace, a denormalised copy of the last `WorkflowData` row, so that only one row must be
    read.
    """

    workflow = models.ForeignKey(
        WorkflowDefinition, on_delete=models.PROTECT, db_constraint=False, related_name="instances"
    )
    status = models.CharField(
        _("status"), max_length=12, choices=RunStatus.choices, default=RunStatus.NOT_STARTED
    )
    data = models.JSONField(default=dict)
    step = models.PositiveIntegerField(default=0)
    waiting_modified = ArrayField(models.CharField(max_length=MAX_FIELD_NAME_LENGTH), null=True, blank=True)
    machine_writes = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    read_holder_ids: frozenset[int] | None = None
    """Who has, had or did a task in it (`TaskHolder`), if that was read along with it."""

    class Meta(TenantPart.Meta):
        verbose_name = _("workflow that runs")
        verbose_name_plural = _("workflows that run")
        constraints = [*TenantPart.Meta.constraints, SameCompany(field="workflow")]
        indexes = [
            # For replaying the newest finished tickets of a version on another version. Reports use
            # index-only scans of these two indexes, which is why they include columns.
            models.Index(
                fields=["workflow", "-ended_at"],
                include=["company", "id", "created_at", "status"],
                condition=Q(ended_at__isnull=False),
                name="ended_runs",
            ),
            # For showing how many tickets run on a version before it is archived.
            models.Index(
                fields=["workflow"],
                include=["company", "id", "created_at"],
                condition=Q(ended_at__isnull=True),
                name="runs_of_a_version",
            ),
        ]
        triggers = [
            ticket_trigger(
                AuditKind.TICKET,
                where="ticket.workflow_instance_id = {row}.id",
                exclude="workflow data step machine_writes waiting_modified created_at updated_at",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("status", "ended_at"),  # most steps change neither
            ),
            tell_ticket(),
        ]

    def __str__(self) -> str:
        return f"{self.workflow_id} ({self.get_status_display()})"

    @property
    def is_final(self) -> bool:
        """True if the workflow is completed or cancelled."""
        return self.status in FINAL_STATUSES


# A retried write is not an edit.
_EDITED_FIELDS = (
    "CASE WHEN {row}.content ? 'retries' THEN '' ELSE (SELECT string_agg(name, ', ' ORDER BY name) FROM ("
    "SELECT jsonb_object_keys({row}.content -> 'values') AS name"
    " UNION SELECT jsonb_array_elements_text({row}.content -> 'emptied')) AS changed) END"
)
_IS_EDIT = (
    "(NEW.source IN ('edit', 'correct') OR (NEW.source = 'ticket' AND NEW.content ->> 'source' = 'edit'))"
)


class WorkflowWrite(TenantPart):
    """A write, committed before its effects, and then applied once.

    The writes of a workflow are applied in the order of their ids. This is the order of their commits,
    because rows are inserted under the workflow's lock. `content` is a `workflow_design.engine.Write` as
    JSON.
    """

    workflow_instance = models.ForeignKey(
        WorkflowInstance, on_delete=models.CASCADE, db_constraint=False, related_name="writes"
    )
    source = models.CharField(max_length=8, choices=WriteSource.choices)
    ticket = models.ForeignKey(
        "TicketInstance",
        on_delete=models.CASCADE,
        db_constraint=False,
        null=True,
        db_index=False,
        related_name="+",
    )
    task = models.ForeignKey(
        "TaskInstance",
        on_delete=models.CASCADE,
        db_constraint=False,
        null=True,
        db_index=False,
        related_name="+",
    )
    content = models.JSONField()
    status = models.CharField(max_length=8, choices=WriteStatus.choices, default=WriteStatus.WAITING)
    person = person_column()
    impersonator = impersonator_column()
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)

    class Meta(TenantPart.Meta):
        verbose_name = _("write")
        verbose_name_plural = _("writes")
        constraints = [
            *TenantPart.Meta.constraints,
            *SameCompany.each("workflow_instance", "ticket", "task", "person"),
        ]
        indexes = [
            models.Index(
                fields=["workflow_instance", "id"], condition=Q(status="WAITING"), name="writes_that_wait"
            ),
            *where_set("ticket", "task", "person", "impersonator"),
        ]
        triggers = [
            ticket_trigger(
                AuditKind.TICKET,
                label=_EDITED_FIELDS,
                where=OF_WORKFLOW,
                exclude="workflow_instance ticket task content status person impersonator created_at "
                "applied_at",
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition(_IS_EDIT),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} ({self.get_status_display()})"

    @property
    def is_own_correction(self) -> bool:
        """True if the submitter corrected the ticket: a write of the ticket with only the changed fields."""
        return self.source == WriteSource.TICKET and bool(self.content["source"] == Source.EDIT)


class WorkflowData(TenantPart):
    """A step: one applied write, the workspace after it, and every evaluation. Rows are never changed."""

    site_privileges = ("SELECT", "INSERT")

    workflow_instance = models.ForeignKey(
        WorkflowInstance, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="steps"
    )
    write = models.ForeignKey(
        WorkflowWrite, on_delete=models.PROTECT, db_constraint=False, null=True, related_name="+"
    )
    step = models.PositiveIntegerField()
    data = models.JSONField()
    modified_fields = field_names()
    emptied_fields = field_names()
    reset_fields = field_names()
    source = models.CharField(max_length=8, choices=WriteSource.choices)
    ticket = models.ForeignKey(
        "TicketInstance",
        on_delete=models.PROTECT,
        db_constraint=False,
        null=True,
        db_index=False,
        related_name="+",
    )
    task = models.ForeignKey(
        "TaskInstance",
        on_delete=models.PROTECT,
        db_constraint=False,
        null=True,
        db_index=False,
        related_name="+",
    )
    looks = models.JSONField(default=list)
    person = person_column()
    impersonator = impersonator_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantPart.Meta):
        verbose_name = _("step of a workspace")
        verbose_name_plural = _("steps of workspaces")
        constraints = [
            *TenantPart.Meta.constraints,
            models.UniqueConstraint(fields=["workflow_instance", "step"], name="workflow_step_once"),
            models.UniqueConstraint(
                fields=["write"],
                condition=Q(write__isnull=False) & ~Q(source="resume"),
                name="write_applied_once",
            ),
            *SameCompany.each("workflow_instance", "write", "ticket", "task", "person"),
        ]
        indexes = where_set("ticket", "task", "person", "impersonator")

    def __str__(self) -> str:
        return f"{self.workflow_instance_id}: {self.step}"


class CompletionInstance(TenantPart):
    """A completion that a workflow reached, and the step in which it did."""

    workflow_instance = models.ForeignKey(
        WorkflowInstance, on_delete=models.CASCADE, db_constraint=False, related_name="completions"
    )
    completion = models.ForeignKey(
        WorkflowCompletion, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    workflow_data = models.ForeignKey(
        WorkflowData, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantPart.Meta):
        verbose_name = _("completion reached")
        verbose_name_plural = _("completions reached")
        constraints = [
            *TenantPart.Meta.constraints,
            *SameCompany.each("workflow_instance", "completion", "workflow_data"),
        ]

    def __str__(self) -> str:
        return str(self.completion)
