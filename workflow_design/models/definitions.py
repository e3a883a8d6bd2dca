"""Versioned definitions: a workflow with its tickets, tasks and completions (`docs/data-model.md`).

Their meaning is described in `docs/engine.md`. `workflow_design.check.static` checks them before
they are stored.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ticketflower.ordered_json import OrderedJSONField
from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import CompanyManager, TenantModel
from users.audit import AuditKind, AuditTrigger
from users.models import CompanyRole, CustomUser
from workflow_design.definition.ready_made import MAX_CONNECTION_LENGTH, connection_of
from workflow_design.definition.references import MAX_ADDRESS_LENGTH
from workflow_design.definition.subjects import MAX_SUBJECT_TEMPLATE
from workflow_design.definition.workflow import (
    MAX_FIELD_NAME_LENGTH,
    MAX_TITLE_LENGTH,
    CompletionStatus,
    TaskType,
)
from workflow_design.wording.messages import message_label


class WorkflowStatus(models.TextChoices):
    """Stage in the life of a version of a workflow."""

    DRAFT = "DRAFT", _("Draft")
    ACTIVE = "ACTIVE", _("Active")
    ARCHIVED = "ARCHIVED", _("Archived")


def workflow_trigger(label: str, *, workflow: str = "{row}.workflow_id", **options: Any) -> AuditTrigger:
    """Return a trigger of parts: its events name the version, whose id `workflow` is, in SQL."""
    about = (
        "SELECT NULL::bigint, version.id, version.title "  # noqa: S608 - our own names only
        f"FROM workflow_design_workflowdefinition AS version WHERE version.id = {workflow}"
    )
    return AuditTrigger(AuditKind.WORKFLOW, label=label, about=about, **options)


def field_names() -> ArrayField[list[str], list[str]]:
    """Return a column of workspace field names, in the order of the definition."""
    return ArrayField(models.CharField(max_length=MAX_FIELD_NAME_LENGTH), default=list, blank=True)


class HoursField(models.FloatField):  # type: ignore[type-arg]  # only stubs have arguments
    """Hours; whole numbers stay whole, as in a file."""

    def from_db_value(self, value: float | None, *_details: Any) -> float | None:
        """Return the number as a file has it."""
        return int(value) if value is not None and value.is_integer() else value


class WorkflowLine(TenantModel):
    """A workflow across its versions; `title` is the title of the newest version."""

    title = models.CharField(_("title"), max_length=MAX_TITLE_LENGTH)

    class Meta(TenantModel.Meta):
        verbose_name = _("workflow")
        verbose_name_plural = _("workflows")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint("company", Lower("title"), name="workflow_line_title"),
        ]
        triggers = [AuditTrigger(AuditKind.WORKFLOW, subject="{row}.title")]

    def __str__(self) -> str:
        return self.title


class Definition(TenantModel):
    """Columns that the four kinds of definition share."""

    title = models.CharField(_("title"), max_length=MAX_TITLE_LENGTH)
    description = models.TextField(_("description"), blank=True)
    ext_ref = OrderedJSONField(_("references"), default=list, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    created_by = models.ForeignKey(
        CustomUser, on_delete=models.PROTECT, db_constraint=False, null=True, related_name="+"
    )
    impersonator = models.ForeignKey(CustomUser, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.title


class WorkflowQuerySet(models.QuerySet["WorkflowDefinition"]):
    """Queries for versions of workflows by status."""

    def active(self) -> WorkflowQuerySet:
        """Return the versions that new tickets use."""
        return self.filter(status=WorkflowStatus.ACTIVE)

    def drafts(self) -> WorkflowQuerySet:
        """Return the versions that can still be edited."""
        return self.filter(status=WorkflowStatus.DRAFT)


WorkflowManager = CompanyManager.from_queryset(WorkflowQuerySet)


class WorkflowDefinition(Definition):
    """One version of a workflow. Once published, neither it nor its parts change any more."""

    read_admin_role_ids: frozenset[int] | None = None
    """The roles that it names for its administration, if they were read along with it."""

    line = models.ForeignKey(
        WorkflowLine, on_delete=models.PROTECT, db_constraint=False, related_name="versions"
    )
    status = models.CharField(
        _("status"), max_length=10, choices=WorkflowStatus.choices, default=WorkflowStatus.DRAFT
    )
    fields_schema = OrderedJSONField(_("fields"), default=dict)
    display_layout = OrderedJSONField(_("layout for reading"), default=list, blank=True)
    scenarios = OrderedJSONField(_("scenarios"), default=list, blank=True)
    accepted = OrderedJSONField(_("accepted findings"), default=list, blank=True)
    published_at = models.DateTimeField(_("published"), null=True)
    archived_at = models.DateTimeField(_("archived"), null=True)
    ticket_admin_roles: models.ManyToManyField[CompanyRole, Any] = models.ManyToManyField(
        CompanyRole, through="TicketAdminRole", related_name="+"
    )

    objects = WorkflowManager()  # type: ignore[misc]  # the plugin makes it an instance variable

    class Meta(Definition.Meta):
        verbose_name = _("version of a workflow")
        verbose_name_plural = _("versions of workflows")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["line", "version"], name="workflow_version_once"),
            models.UniqueConstraint(
                fields=["line"], condition=Q(status=WorkflowStatus.DRAFT), name="workflow_one_draft"
            ),
            models.UniqueConstraint(
                fields=["line"], condition=Q(status=WorkflowStatus.ACTIVE), name="workflow_one_active"
            ),
            SameCompany(field="line"),
            SameCompany(field="created_by"),
        ]
        indexes = [models.Index("company", Lower("title"), "id", name="workflows_by_title")]
        triggers = [
            AuditTrigger(
                AuditKind.WORKFLOW,
                label="{row}.version::text",
                about="SELECT NULL::bigint, {row}.id, {row}.title",
                exclude="line updated_at",
            )
        ]

    @property
    def is_draft(self) -> bool:
        """True if the version may be edited."""
        return self.status == WorkflowStatus.DRAFT

    @property
    def is_in_use(self) -> bool:
        """True if tickets can begin on the version, now or once it is published."""
        return self.status != WorkflowStatus.ARCHIVED


class Part(Definition):
    """A ticket, task or completion of a workflow; `position` is its index among its kind."""

    position = models.PositiveIntegerField(default=0)

    class Meta(Definition.Meta):
        abstract = True


def _part_rules(related: str) -> list[models.BaseConstraint]:
    return [
        *TenantModel.Meta.constraints,
        models.UniqueConstraint("workflow", Lower("title"), name=f"{related}_title"),
        SameCompany(field="workflow"),
        SameCompany(field="created_by"),
    ]


class TicketDefinition(Part):
    """A ticket type: the form that starts the workflow."""

    workflow = models.ForeignKey(
        WorkflowDefinition, on_delete=models.CASCADE, db_constraint=False, related_name="tickets"
    )
    fields = field_names()
    subject = models.CharField(_("subject"), max_length=MAX_SUBJECT_TEMPLATE, blank=True)
    priority_field = models.CharField(_("priority"), max_length=MAX_FIELD_NAME_LENGTH, null=True)  # noqa: DJ001 - as in the file: null is "none"
    edit_layout = OrderedJSONField(_("layout of the form"), default=list, blank=True)
    display_layout = OrderedJSONField(_("layout for reading"), default=list, blank=True)
    submitter_roles: models.ManyToManyField[CompanyRole, Any] = models.ManyToManyField(
        CompanyRole, through="SubmitterRole", related_name="accessible_tickets"
    )

    class Meta(Part.Meta):
        verbose_name = _("kind of ticket")
        verbose_name_plural = _("kinds of tickets")
        constraints = _part_rules("ticket_definition")
        triggers = [workflow_trigger("{row}.title", exclude="workflow updated_at")]


class TaskDefinition(Part):
    """A task that starts when one of its input fields is written and its condition holds."""

    workflow = models.ForeignKey(
        WorkflowDefinition, on_delete=models.CASCADE, db_constraint=False, related_name="tasks"
    )
    task_type = models.CharField(_("kind"), max_length=12, choices=TaskType.choices)
    input_fields = field_names()
    shown_fields = field_names()
    output_fields = field_names()
    reset_fields = field_names()
    condition = OrderedJSONField(_("condition"), null=True, blank=True)
    edit_layout = OrderedJSONField(_("layout of the form"), default=list, blank=True)
    display_layout = OrderedJSONField(_("layout for reading"), default=list, blank=True)
    action_url = models.CharField(_("address"), max_length=MAX_ADDRESS_LENGTH, blank=True)
    connection = models.CharField(_("connection"), max_length=MAX_CONNECTION_LENGTH, blank=True)
    path = models.CharField(_("path"), max_length=MAX_ADDRESS_LENGTH, blank=True)
    action = OrderedJSONField(_("ready-made action"), null=True, blank=True)
    input_transform = OrderedJSONField(_("what is sent"), null=True, blank=True)
    output_transform = OrderedJSONField(_("what becomes of the answer"), null=True, blank=True)
    timeout_seconds = models.PositiveIntegerField(_("time limit in seconds"), null=True)
    sample_response = OrderedJSONField(_("sample of an answer"), null=True, blank=True)
    due_hours = HoursField(_("due after hours"), null=True)
    overdue_field = models.CharField(_("set when overdue"), max_length=MAX_FIELD_NAME_LENGTH, null=True)  # noqa: DJ001 - as in the file: null is "none"
    assignee_field = models.CharField(_("given to"), max_length=MAX_FIELD_NAME_LENGTH, null=True)  # noqa: DJ001 - as in the file: null is "nobody named"
    not_submitter = models.BooleanField(_("never the submitter"), default=False)
    needs_approval = models.BooleanField(_("a person confirms what programs answer"), default=False)
    executor_roles: models.ManyToManyField[CompanyRole, Any] = models.ManyToManyField(
        CompanyRole, through="ExecutorRole", related_name="accessible_tasks"
    )

    class Meta(Part.Meta):
        verbose_name = _("task definition")
        verbose_name_plural = _("task definitions")
        constraints = _part_rules("task_definition")
        triggers = [workflow_trigger("{row}.title", exclude="workflow updated_at")]

    @property
    def kind_label(self) -> str:
        """What it does: a form, a call of another system, or a message."""
        return message_label(self.action) or str(self.get_task_type_display())

    @property
    def connection_name(self) -> str:
        """The name of the connection that it calls, also that of a chat; empty if it needs none."""
        return connection_of(self.connection, self.action)


class WorkflowCompletion(Part):
    """A completion: it ends a workflow or puts it on hold."""

    workflow = models.ForeignKey(
        WorkflowDefinition, on_delete=models.CASCADE, db_constraint=False, related_name="completions"
    )
    completion_status = models.CharField(_("status"), max_length=10, choices=CompletionStatus.choices)
    fields = field_names()
    condition = OrderedJSONField(_("condition"), null=True, blank=True)
    display_layout = OrderedJSONField(_("layout for reading"), default=list, blank=True)

    class Meta(Part.Meta):
        verbose_name = _("completion")
        verbose_name_plural = _("completions")
        constraints = _part_rules("completion")
        triggers = [workflow_trigger("{row}.title", exclude="workflow updated_at")]
