"""Tasks for people and for other systems."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantCopy, TenantPart
from ticketflower.tenancy.privileges import READ_ONLY
from users.audit import THE_PERSON, AuditKind
from users.models import CustomUser
from workflow_design.engine.answers import data_of_task
from workflow_design.models import TaskDefinition, TaskType, WorkflowLine
from workflow_design.wording.actions import name_system
from workflow_ops.models.audit import OF_WORKFLOW, ticket_trigger
from workflow_ops.models.authors import impersonator_column, person_column, where_set
from workflow_ops.models.copies import NO_DUE_TIME, keep_holders, keep_open_task
from workflow_ops.models.runs import RunStatus, WorkflowInstance


class TaskStatus(models.TextChoices):
    """The status of a task (`docs/engine.md`, "Statuses")."""

    OPEN = "OPEN", _("Open")
    IN_PROGRESS = "IN_PROGRESS", _("In progress")
    PENDING = "PENDING", _("Waiting")
    COMPLETED = "COMPLETED", _("Done")
    CANCELLED = "CANCELLED", _("Cancelled")
    ERROR = "ERROR", _("Failed")

    @property
    def is_finished(self) -> bool:
        """True if the task needs no more work."""
        return self not in UNFINISHED_STATUSES


UNFINISHED_STATUSES = (TaskStatus.OPEN, TaskStatus.IN_PROGRESS, TaskStatus.PENDING, TaskStatus.ERROR)
ENDED_STATUSES = (TaskStatus.COMPLETED, TaskStatus.CANCELLED)
PREPARED = "PREPARED"
"""The status that people see for a task whose answer a program has prepared."""
MAX_SENT_BACK = 3
"""How often a prepared answer may be sent back to the program; then only a person can do the task."""
_HAS_ENDED = Q(status__in=[str(status) for status in ENDED_STATUSES])
_IS_UNFINISHED = Q(status__in=[str(status) for status in UNFINISHED_STATUSES])
OPEN_TO_PROGRAMS = _IS_UNFINISHED & Q(prepared_by=None, sent_back_times__lt=MAX_SENT_BACK)
"""The condition for tasks that a service account may do: they do not wait for a person."""
DUE_ORDER = Coalesce("due_at", NO_DUE_TIME)
"""The order of a person's open tasks: overdue tasks come first, tasks without a due time last."""
IS_WAITING_ACTION = Q(status=TaskStatus.PENDING) | Q(
    status=TaskStatus.IN_PROGRESS, next_call_at__isnull=False
)
"""The condition for actions that wait for a call or answer, or are being called; forms never match."""
HAS_FAILED = Q(status=TaskStatus.ERROR) | Q(
    status=TaskStatus.PENDING, next_call_at__isnull=False, tries__gt=0
)
"""The condition for actions that have failed permanently, or wait for another try."""
IS_UNFINISHED_ACTION = IS_WAITING_ACTION | Q(status=TaskStatus.ERROR)
_TITLE = "(SELECT title FROM workflow_design_taskdefinition WHERE id = {row}.task_definition_id)"


class TaskInstance(TenantPart):
    """A task: one run of a task definition in a workflow. `run` counts the runs, from 1.

    `input_version` goes up when the input is refreshed, so that a form opened before that is noticed.
    """

    workflow_instance = models.ForeignKey(
        WorkflowInstance, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="tasks"
    )
    task_definition = models.ForeignKey(
        TaskDefinition,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="instances",
    )
    line = models.ForeignKey(
        WorkflowLine, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    run = models.PositiveIntegerField(default=1)
    status = models.CharField(_("status"), max_length=12, choices=TaskStatus.choices, default=TaskStatus.OPEN)
    input_data = models.JSONField(default=dict)
    input_version = models.PositiveIntegerField(default=1)
    draft = models.JSONField(null=True, blank=True)
    output_data = models.JSONField(null=True, blank=True)
    assigned_to = person_column(verbose_name=_("assigned to"))
    assigned_at = models.DateTimeField(_("assigned"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("begun"), null=True, blank=True)
    completed_at = models.DateTimeField(_("done"), null=True, blank=True)
    completed_by = person_column(verbose_name=_("done by"))
    impersonator = impersonator_column()
    # For actions: the tries of this round, when the next one is due, and until when a callback is accepted.
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_call_at = models.DateTimeField(_("next call"), null=True)
    answer_until = models.DateTimeField(_("answer until"), null=True)
    # Kept by a refresh, moved by a hold; `overdue_at` is when the clock recorded that the task was overdue.
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    overdue_at = models.DateTimeField(_("overdue since"), null=True, blank=True)
    # The answer that a program has prepared for a person to confirm: its values, note and token.
    prepared_by = person_column(verbose_name=_("prepared by"))
    preparation = models.JSONField(null=True, blank=True)
    sent_back_times = models.PositiveSmallIntegerField(_("sent back"), default=0, db_default=0)
    allowed_users = models.ManyToManyField(CustomUser, through="TaskAllowedUser", related_name="+")

    read_allowed_ids: frozenset[int] | None = None
    """The cache of `allowed_person_ids` for this instance."""
    is_locked = False
    """True if its row was read with the lock of its workflow, in the current transaction."""
    may_have_comments = may_have_remark = True
    """False if it is known that the ticket has no comments, or that the task has never been reassigned."""

    class Meta(TenantPart.Meta):
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            *TenantPart.Meta.constraints,
            models.UniqueConstraint(
                fields=["workflow_instance", "task_definition"],
                condition=_IS_UNFINISHED,
                name="one_unfinished_task",
            ),
            *SameCompany.each("workflow_instance", "task_definition", "line"),
            *SameCompany.each("assigned_to", "completed_by", "prepared_by"),
        ]
        indexes = [
            models.Index(
                *("company", "assigned_to", DUE_ORDER, "id"),
                condition=_IS_UNFINISHED,
                name="unfinished_tasks_of_a_person",
            ),
            # For all tasks of a workflow, and the number of runs of each definition.
            models.Index(fields=["workflow_instance", "task_definition", "-run"], name="newest_tasks"),
            models.Index(
                fields=["company", "line", "id"],
                condition=IS_UNFINISHED_ACTION,
                name="unfinished_actions",
            ),
            models.Index(
                fields=["company", "due_at", "id"],
                condition=_IS_UNFINISHED & Q(overdue_at__isnull=True, due_at__isnull=False),
                name="tasks_to_be_due",
            ),
            models.Index(fields=["company", "created_at", "id"], name="tasks_by_age"),
            models.Index(fields=["company", "status", "id"], name="tasks_by_status"),
            models.Index(fields=["company", "task_definition", "status", "id"], name="tasks_of_a_definition"),
            # Partial indexes that are written only when a task ends, so that starting it costs nothing.
            models.Index(
                fields=["company", "line", "status", "id"], condition=_HAS_ENDED, name="ended_of_a_line"
            ),
            models.Index(
                fields=["company", "assigned_to", "status", "id"],
                include=["line"],
                condition=_HAS_ENDED,
                name="ended_of_a_person",
            ),
            models.Index(fields=["company", "assigned_to", "-assigned_at"], name="last_assignments"),
            models.Index(
                fields=["company", "completed_by", "-completed_at", "-id"],
                condition=Q(completed_by__isnull=False),
                name="tasks_done",
            ),
            *where_set("impersonator", "prepared_by"),
        ]
        triggers = [
            ticket_trigger(
                AuditKind.TASK,
                where=OF_WORKFLOW,
                label=_TITLE,
                exclude="workflow_instance task_definition line input_data input_version output_data draft "
                "tries next_call_at answer_until preparation",
            ),
            *keep_holders(),
            *keep_open_task(),
        ]

    def __str__(self) -> str:
        return f"{self.task_definition} #{self.run}"

    @property
    def visible_data(self) -> dict[str, Any]:
        """The data that its page shows: inputs as they triggered it, and other fields as they are now."""
        return data_of_task(self.task_definition.input_fields, self.workflow_instance.data, self.input_data)

    @property
    def is_finished(self) -> bool:
        """True if the task is completed or cancelled."""
        return self.status not in UNFINISHED_STATUSES

    @property
    def is_prepared(self) -> bool:
        """True if it waits for a person to confirm what a program answered."""
        return self.prepared_by_id is not None and not self.is_finished

    @property
    def prepared_id(self) -> str:
        """The id of the prepared answer, with which its replacement is detected; "" if there is none."""
        return str((self.preparation or {}).get("id", "")) if self.is_prepared else ""

    @property
    def is_open_to_programs(self) -> bool:
        """True if a service account may do it; the same rule as `OPEN_TO_PROGRAMS`."""
        return not self.is_finished and self.prepared_by_id is None and self.sent_back_times < MAX_SENT_BACK

    def is_open_to_program(self, account: CustomUser) -> bool:
        """Return whether this service account may do it, or take it."""
        return self.is_open_to_programs and self.assigned_to_id in (None, account.pk)

    @property
    def system_name(self) -> str:
        """The name of the other system that does the task; "" if a person does."""
        definition = self.task_definition
        return "" if definition.task_type == TaskType.FORM else name_system(definition)

    @property
    def visible_due_at(self) -> datetime | None:
        """The due time as people see it: None if it is finished, or on hold until the resume moves it."""
        return None if self.is_finished or self.visible_status == RunStatus.ON_HOLD else self.due_at

    @property
    def visible_status(self) -> str:
        """The status as people see it: on hold with its ticket, or prepared by a program."""
        is_held = not self.is_finished and self.workflow_instance.status == RunStatus.ON_HOLD
        return RunStatus.ON_HOLD if is_held else PREPARED if self.is_prepared else self.status


_OF_TASK = (
    "ticket.workflow_instance_id = "
    "(SELECT workflow_instance_id FROM workflow_ops_taskinstance WHERE id = {row}.task_id)"
)


class TaskAllowedUser(TenantPart):
    """A person to whom a task is restricted. A task without any is open to everyone with the right role."""

    task = models.ForeignKey(
        TaskInstance,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="allowed_links",
    )
    person = models.ForeignKey(CustomUser, on_delete=models.CASCADE, db_constraint=False, related_name="+")

    class Meta(TenantPart.Meta):
        verbose_name = _("person allowed for a task")
        verbose_name_plural = _("people allowed for tasks")
        constraints = [
            *TenantPart.Meta.constraints,
            models.UniqueConstraint(fields=["task", "person"], name="allowed_once"),
            *SameCompany.each("task", "person"),
        ]
        triggers = [ticket_trigger(AuditKind.TASK, label=THE_PERSON, where=_OF_TASK)]

    def __str__(self) -> str:
        return f"{self.task_id}: {self.person}"


class TaskHolder(TenantCopy):
    """A person who has, had or did a task in a workflow, and so may see its ticket. Maintained by triggers.

    A service account has a row only while it has an unfinished task there.
    """

    site_privileges = READ_ONLY

    workflow_instance = models.ForeignKey(
        WorkflowInstance,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="task_holders",
    )
    person = models.ForeignKey(
        CustomUser, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )

    class Meta(TenantCopy.Meta):
        verbose_name = _("person who has or had a task")
        verbose_name_plural = _("people who have or had a task")
        constraints = [
            *TenantCopy.Meta.constraints,
            models.UniqueConstraint(fields=["workflow_instance", "person"], name="task_holder_once"),
        ]
        indexes = [
            models.Index(fields=["company", "person", "workflow_instance"], name="tickets_of_a_holder")
        ]

    def __str__(self) -> str:
        return f"{self.workflow_instance_id}: {self.person}"
