"""Django admin of definitions, for TicketFlower's staff. Only drafts can be changed.

A draft may contain anything; the check and the pages say what is wrong with it.
"""

from typing import Any

from django.contrib import admin

from ticketflower.tenant_admin import CompanyFilter, ReadOnlyAdmin
from workflow_design.models import (
    Connection,
    DefinitionCheck,
    ExecutorRole,
    SigningSecret,
    SubmitterRole,
    TaskDefinition,
    TicketAdminRole,
    TicketDefinition,
    WorkflowCompletion,
    WorkflowDefinition,
    WorkflowLine,
    WorkflowStatus,
)


@admin.register(WorkflowLine)
class WorkflowLineAdmin(ReadOnlyAdmin):
    """Workflows, each with all its versions."""

    list_display = ("title", "company")
    search_fields = ("title",)
    ordering = ("title", "pk")


_EVERY_DEFINITION = ("title", "description", "ext_ref", "display_layout")


@admin.register(WorkflowDefinition)
class WorkflowDefinitionAdmin(ReadOnlyAdmin):
    """Versions of workflows."""

    editable = ("description", "ext_ref", "display_layout", "fields_schema")  # all versions share the title

    def is_editable(self, row: Any) -> bool:
        """Return whether the version is a draft."""
        return bool(row.status == WorkflowStatus.DRAFT)

    list_display = ("title", "version", "status", "company", "published_at", "archived_at")
    list_filter = (CompanyFilter, "status")
    search_fields = ("title",)
    ordering = ("title", "version", "pk")


class PartAdmin(ReadOnlyAdmin):
    """Options that the admins of tickets, tasks and completions share."""

    def is_editable(self, row: Any) -> bool:
        """Return whether the row belongs to a draft."""
        return bool(row.workflow.status == WorkflowStatus.DRAFT)

    def save_model(self, request: Any, obj: Any, form: Any, change: Any) -> None:
        """Store the part, and give the draft a new edition: forms that were opened before are out of date."""
        super().save_model(request, obj, form, change)
        obj.workflow.save(update_fields=["updated_at"])

    search_fields = ("title", "workflow__title")
    ordering = ("title", "pk")


@admin.register(TicketDefinition)
class TicketDefinitionAdmin(PartAdmin):
    """Ticket definitions."""

    editable = (*_EVERY_DEFINITION, "fields", "edit_layout")

    list_display = ("title", "workflow", "version", "company")


@admin.register(TaskDefinition)
class TaskDefinitionAdmin(PartAdmin):
    """Task definitions."""

    editable = (*_EVERY_DEFINITION, "input_fields", "output_fields", "condition", "edit_layout")

    list_display = ("title", "workflow", "version", "task_type", "company")
    list_filter = (CompanyFilter, "task_type")


@admin.register(WorkflowCompletion)
class WorkflowCompletionAdmin(PartAdmin):
    """Completions of workflows."""

    editable = (*_EVERY_DEFINITION, "fields", "condition", "completion_status")

    list_display = ("title", "workflow", "version", "completion_status", "company")
    list_filter = (CompanyFilter, "completion_status")


@admin.register(TicketAdminRole)
class TicketAdminRoleAdmin(ReadOnlyAdmin):
    """Roles that administer the tickets of a workflow."""

    list_display = ("workflow", "role", "company")
    search_fields = ("workflow__title", "role__name")


@admin.register(SubmitterRole)
class SubmitterRoleAdmin(ReadOnlyAdmin):
    """Roles that may submit a ticket type."""

    list_display = ("ticket_definition", "role", "company")
    search_fields = ("ticket_definition__title", "role__name")


@admin.register(ExecutorRole)
class ExecutorRoleAdmin(ReadOnlyAdmin):
    """Roles that may execute a task."""

    list_display = ("task_definition", "role", "company")
    search_fields = ("task_definition__title", "role__name")


@admin.register(DefinitionCheck)
class DefinitionCheckAdmin(ReadOnlyAdmin):
    """Stored reports of the check."""

    list_display = ("workflow", "status", "is_complete", "is_exact", "states", "checked_at", "company")
    list_filter = (CompanyFilter, "status", "is_complete", "is_exact")
    search_fields = ("workflow__title",)
    ordering = ("-checked_at", "pk")


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin):
    """Connections, without their secrets."""

    list_display = ("name", "kind", "base_address", "company", "paused_at")
    list_filter = (CompanyFilter, "kind")
    search_fields = ("name",)
    ordering = ("name", "pk")
    exclude = ("secrets",)


@admin.register(SigningSecret)
class SigningSecretAdmin(ReadOnlyAdmin):
    """When companies' signing secrets were made, without the secrets."""

    list_display = ("company", "changed_at")
    search_fields = ("company__name",)
    exclude = ("secret",)
