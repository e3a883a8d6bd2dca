"""Links between definitions and the company roles that they name, one table for each purpose."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantModel
from users.audit import THE_ROLE
from users.models import CompanyRole
from workflow_design.models.definitions import (
    TaskDefinition,
    TicketDefinition,
    WorkflowDefinition,
    workflow_trigger,
)


class RoleLink(TenantModel):
    """A link to a company role that a definition names."""

    role = models.ForeignKey(CompanyRole, on_delete=models.PROTECT, db_constraint=False, related_name="+")
    part: ClassVar[str]

    class Meta(TenantModel.Meta):
        abstract = True

    def __str__(self) -> str:
        return f"{getattr(self, self.part)}: {self.role}"

    @property
    def named_by(self) -> str:
        """The title of the workflow and, if a part of it names the role, of the part."""
        part = getattr(self, self.part)
        workflow = getattr(part, "workflow", None)
        return str(part) if workflow is None else f"{workflow}: {part}"


def _link_rules(name: str, part: str) -> list[models.BaseConstraint]:
    return [
        *TenantModel.Meta.constraints,
        models.UniqueConstraint(fields=[part, "role"], name=f"{name}_once"),
        SameCompany(field=part),
        SameCompany(field="role"),
    ]


def _workflow_of(part: str, column: str) -> str:
    return f"(SELECT workflow_id FROM workflow_design_{part} WHERE id = {{row}}.{column})"  # noqa: S608


class TicketAdminRole(RoleLink):
    """A role that administers the tickets of a workflow."""

    part = "workflow"
    workflow = models.ForeignKey(
        WorkflowDefinition, on_delete=models.CASCADE, db_constraint=False, related_name="ticket_admin_links"
    )

    class Meta(RoleLink.Meta):
        verbose_name = _("ticket admin role of a workflow")
        verbose_name_plural = _("ticket admin roles of workflows")
        constraints = _link_rules("ticket_admin_role", "workflow")
        triggers = [workflow_trigger(THE_ROLE, exclude="workflow")]


class SubmitterRole(RoleLink):
    """A role that may submit a ticket type."""

    part = "ticket_definition"
    ticket_definition = models.ForeignKey(
        TicketDefinition, on_delete=models.CASCADE, db_constraint=False, related_name="submitter_links"
    )

    class Meta(RoleLink.Meta):
        verbose_name = _("submitter role of a kind of ticket")
        verbose_name_plural = _("submitter roles of kinds of tickets")
        constraints = _link_rules("submitter_role", "ticket_definition")
        triggers = [
            workflow_trigger(THE_ROLE, workflow=_workflow_of("ticketdefinition", "ticket_definition_id"))
        ]


class ExecutorRole(RoleLink):
    """A role that may execute a task, or whose people get the e-mail that it sends."""

    part = "task_definition"
    task_definition = models.ForeignKey(
        TaskDefinition, on_delete=models.CASCADE, db_constraint=False, related_name="executor_links"
    )

    class Meta(RoleLink.Meta):
        verbose_name = _("executor role of a task")
        verbose_name_plural = _("executor roles of tasks")
        constraints = _link_rules("executor_role", "task_definition")
        triggers = [workflow_trigger(THE_ROLE, workflow=_workflow_of("taskdefinition", "task_definition_id"))]
