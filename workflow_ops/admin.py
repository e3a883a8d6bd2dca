"""Django admin of running workflows, for TicketFlower's staff: read-only except for notes on errors."""

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ticketflower.tenant_admin import CompanyFilter, ReadOnlyAdmin
from workflow_ops.models import (
    ActionCall,
    BulkAction,
    BulkResult,
    Comment,
    CommentMention,
    CompletionInstance,
    EventCursor,
    FileUpload,
    FormerText,
    IdempotentCall,
    ListFile,
    Notification,
    NotificationChoice,
    NotificationMail,
    OpenTask,
    Report,
    SavedView,
    TaskAllowedUser,
    TaskHolder,
    TaskInstance,
    TicketCounter,
    TicketDocument,
    TicketError,
    TicketFieldValue,
    TicketFollower,
    TicketInstance,
    TicketLink,
    TimelineEvent,
    Webhook,
    WebhookDelivery,
    WorkflowData,
    WorkflowInstance,
    WorkflowWrite,
)


class NewestFirstAdmin(ReadOnlyAdmin):
    """Rows ordered by primary key, the only order that costs nothing in a long table."""

    ordering = ("-pk",)


class RunRowAdmin(NewestFirstAdmin):
    """Rows that belong to a running workflow, which staff know by the number of its ticket."""

    list_select_related: ClassVar[Any] = ("company", "workflow_instance__ticket")
    search_fields: ClassVar[Any] = ("=workflow_instance__ticket__number",)

    @admin.display(description=_("ticket"))
    def of_ticket(self, row: Any) -> TicketInstance:
        """Return the ticket of a row."""
        found: TicketInstance = row.workflow_instance.ticket
        return found


@admin.register(TicketCounter)
class TicketCounterAdmin(ReadOnlyAdmin):
    """The number of each company's newest ticket."""

    list_display = ("company", "last_number")
    search_fields = ("company__name",)


@admin.register(SavedView)
class SavedViewAdmin(NewestFirstAdmin):
    """Views of the desk's lists."""

    list_display = ("name", "desk_list", "company", "owner", "is_shared")
    list_select_related = ("company", "owner")


@admin.register(TicketInstance)
class TicketInstanceAdmin(NewestFirstAdmin):
    """Tickets."""

    list_display = ("number", "subject", "type_title", "company", "created_by", "created_at")
    search_fields = ("number", "subject", "type_title")
    exclude = ("form_token",)


@admin.register(WorkflowInstance)
class WorkflowInstanceAdmin(NewestFirstAdmin):
    """Running and ended workflows."""

    list_display = ("id", "workflow", "status", "company", "created_at", "ended_at")
    list_filter = (CompanyFilter, "status")
    search_fields = ("workflow__title",)


@admin.register(WorkflowWrite)
class WorkflowWriteAdmin(RunRowAdmin):
    """Writes and their statuses."""

    list_display = ("id", "of_ticket", "source", "status", "person", "company", "created_at")
    list_filter = (CompanyFilter, "status", "source")
    list_select_related = (*RunRowAdmin.list_select_related, "task__task_definition")


@admin.register(WorkflowData)
class WorkflowDataAdmin(RunRowAdmin):
    """Steps of workspaces."""

    list_display = ("id", "of_ticket", "step", "source", "person", "company", "created_at")
    list_filter = (CompanyFilter, "source")
    list_select_related = (*RunRowAdmin.list_select_related, "task__task_definition")


@admin.register(CompletionInstance)
class CompletionInstanceAdmin(RunRowAdmin):
    """Completions that were reached."""

    list_display = ("completion", "of_ticket", "company", "created_at")
    search_fields = ("completion__title", *RunRowAdmin.search_fields)


@admin.register(TaskInstance)
class TaskInstanceAdmin(RunRowAdmin):
    """Tasks."""

    list_display = ("task_definition", "of_ticket", "run", "status", "assigned_to", "company", "created_at")
    list_filter = (CompanyFilter, "status")
    search_fields = ("task_definition__title", *RunRowAdmin.search_fields)


@admin.register(TaskAllowedUser)
class TaskAllowedUserAdmin(NewestFirstAdmin):
    """People to whom tasks are restricted."""

    list_display = ("task", "person", "company")
    list_select_related = ("company", "task__task_definition")
    search_fields = ("person__email", "person__first_name", "person__last_name")


@admin.register(TaskHolder)
class TaskHolderAdmin(RunRowAdmin):
    """People who have or had a task."""

    list_display = ("person", "of_ticket", "company")
    search_fields = ("person__email", "person__last_name", *RunRowAdmin.search_fields)


@admin.register(OpenTask)
class OpenTaskAdmin(NewestFirstAdmin):
    """Copies of unfinished tasks, for lists."""

    list_display = ("title", "ticket", "status", "company", "created_at")
    list_select_related = ("company", "ticket")
    search_fields = ("=ticket__number",)


@admin.register(TicketFieldValue)
class TicketFieldValueAdmin(NewestFirstAdmin):
    """Values of fields, for lists."""

    list_display = ("field", "value", "ticket", "company")
    list_select_related = ("company", "ticket")
    search_fields = ("=ticket__number",)


@admin.register(TicketLink)
class TicketLinkAdmin(NewestFirstAdmin):
    """Links between tickets."""

    list_display = ("ticket", "kind", "other", "company", "created_at")
    list_filter = (CompanyFilter, "kind")
    search_fields = ("=ticket__number", "=other__number")


@admin.register(TicketDocument)
class TicketDocumentAdmin(NewestFirstAdmin):
    """The searched texts of tickets, without their index."""

    list_display = ("number", "company", "built_for")
    search_fields = ("=number",)
    exclude = ("words",)


@admin.register(BulkAction, ListFile)
class BulkActionAdmin(NewestFirstAdmin):
    """Actions on many rows of a list, and CSV files of long lists."""

    list_display = ("id", "__str__", "company", "person", "created_at")
    list_filter = (CompanyFilter,)
    search_fields = ("=id",)
    exclude = ("form_token", "parts")


@admin.register(BulkResult)
class BulkResultAdmin(NewestFirstAdmin):
    """The outcome for each row of a bulk action."""

    list_display = ("id", "row_id", "outcome", "company")
    list_filter = (CompanyFilter, "outcome")
    search_fields = ("=bulk_action__id",)


@admin.register(Notification)
class NotificationAdmin(NewestFirstAdmin):
    """Notifications."""

    list_display = ("id", "kind", "ticket", "person", "way", "company", "created_at")
    list_filter = (CompanyFilter, "kind")
    search_fields = ("=ticket__number",)


@admin.register(NotificationMail)
class NotificationMailAdmin(NewestFirstAdmin):
    """E-mails with notifications."""

    list_display = ("id", "person", "is_daily", "company", "created_at", "sent_at")
    list_filter = (CompanyFilter, "is_daily")
    search_fields = ("=person__id",)


@admin.register(Report)
class ReportAdmin(NewestFirstAdmin):
    """Reports, with the numbers of one company."""

    list_display = ("id", "line", "first_day", "last_day", "state", "seconds", "company", "created_at")
    list_filter = (CompanyFilter, "state")
    list_select_related = ("company", "line")
    search_fields = ("=id",)
    exclude = ("form_token",)


@admin.register(TicketError)
class TicketErrorAdmin(NewestFirstAdmin):
    """Ticket errors."""

    editable = ("error_status", "resolution_notes")

    list_display = ("error_message", "error_type", "error_status", "ticket", "company", "created_at")
    list_filter = (CompanyFilter, "error_type", "error_status")
    list_select_related = ("company", "task__task_definition")
    search_fields = ("error_message",)


@admin.register(FileUpload)
class FileUploadAdmin(NewestFirstAdmin):
    """Files, without the keys under which they are stored."""

    list_display = ("filename", "file_type", "size", "company", "uploaded_by", "uploaded_at")
    search_fields = ("filename",)
    exclude = ("ext_key",)


@admin.register(TimelineEvent)
class TimelineEventAdmin(NewestFirstAdmin):
    """Timeline entries."""

    list_display = ("ticket", "kind", "person", "company", "created_at")
    list_filter = (CompanyFilter, "kind")
    list_select_related = ("company", "task__task_definition")
    search_fields = ("=ticket__number",)


@admin.register(Comment)
class CommentAdmin(NewestFirstAdmin):
    """Comments on tickets."""

    list_display = ("text", "ticket", "created_by", "company", "created_at")
    search_fields = ("text",)


@admin.register(ActionCall)
class ActionCallAdmin(NewestFirstAdmin):
    """Calls of other systems, in which secrets are blacked out."""

    list_display = ("id", "kind", "outcome", "status", "connection", "company", "started_at")
    list_filter = (CompanyFilter, "kind", "outcome")
    list_select_related = ("company", "connection", "task__task_definition")
    search_fields = ("=task__workflow_instance__ticket__number", "connection__name")


@admin.register(Webhook, WebhookDelivery)
class WebhookAdmin(NewestFirstAdmin):
    """Webhooks, without their secrets, and what was sent to them."""

    list_display = ("id", "__str__", "state", "company", "created_at")
    list_filter = (CompanyFilter, "state")
    search_fields = ("=id",)


admin.site.register(
    [CommentMention, EventCursor, FormerText, IdempotentCall, NotificationChoice, TicketFollower],
    NewestFirstAdmin,
)
