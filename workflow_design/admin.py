"""Django admin over definitions, for TicketFlower's staff: to look at; functions write them."""

from django.contrib import admin

from ticketflower.tenant_admin import CompanyFilter, ReadOnlyAdmin
from workflow_design.models import (
    DefinitionCheck,
    ExecutorRole,
    SubmitterRole,
    TaskDefinition,
    TicketAdminRole,
    TicketDefinition,
    WorkflowCompletion,
    WorkflowDefinition,
    WorkflowLine,
)


@admin.register(WorkflowLine)
class WorkflowLineAdmin(ReadOnlyAdmin):
    """Workflows, whatever their versions."""

    list_display = ("title", "company")
    search_fields = ("title",)
    ordering = ("title", "pk")


@admin.register(WorkflowDefinition)
class WorkflowDefinitionAdmin(ReadOnlyAdmin):
    """Versions of workflows."""

    list_display = ("title", "version", "status", "company", "published_at", "archived_at")
    list_filter = (CompanyFilter, "status")
    list_select_related = ("company", "line", "created_by", "impersonator")
    search_fields = ("title",)
    ordering = ("title", "version", "pk")


class PartAdmin(ReadOnlyAdmin):
    """A part of a version."""

    list_select_related = ("company", "workflow", "created_by", "impersonator")
    search_fields = ("title", "workflow__title")
    ordering = ("title", "pk")


@admin.register(TicketDefinition)
class TicketDefinitionAdmin(PartAdmin):
    """Kinds of tickets."""

    list_display = ("title", "workflow", "version", "company")


@admin.register(TaskDefinition)
class TaskDefinitionAdmin(PartAdmin):
    """Task definitions."""

    list_display = ("title", "workflow", "version", "task_type", "company")
    list_filter = (CompanyFilter, "task_type")


@admin.register(WorkflowCompletion)
class WorkflowCompletionAdmin(PartAdmin):
    """What ends workflows."""

    list_display = ("title", "workflow", "version", "completion_status", "company")
    list_filter = (CompanyFilter, "completion_status")


@admin.register(TicketAdminRole)
class TicketAdminRoleAdmin(ReadOnlyAdmin):
    """Who administers the tickets of which workflow."""

    list_display = ("workflow", "role", "company")
    list_select_related = ("company", "workflow", "role")
    search_fields = ("workflow__title", "role__name")


@admin.register(SubmitterRole)
class SubmitterRoleAdmin(ReadOnlyAdmin):
    """Who submits which kind of ticket."""

    list_display = ("ticket_definition", "role", "company")
    list_select_related = ("company", "ticket_definition", "role")
    search_fields = ("ticket_definition__title", "role__name")


@admin.register(ExecutorRole)
class ExecutorRoleAdmin(ReadOnlyAdmin):
    """Who executes which task."""

    list_display = ("task_definition", "role", "company")
    list_select_related = ("company", "task_definition", "role")
    search_fields = ("task_definition__title", "role__name")


@admin.register(DefinitionCheck)
class DefinitionCheckAdmin(ReadOnlyAdmin):
    """What the check said of versions."""

    list_display = ("workflow", "status", "is_complete", "states", "checked_at", "company")
    list_filter = (CompanyFilter, "status", "is_complete")
    list_select_related = ("company", "workflow")
    search_fields = ("workflow__title",)
    ordering = ("-checked_at", "pk")
