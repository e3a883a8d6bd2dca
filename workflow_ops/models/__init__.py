"""Models of running workflows: tickets, workspaces, tasks, errors and timelines (`docs/data-model.md`)."""

from workflow_ops.models.api import IdempotentCall
from workflow_ops.models.bulk import BulkAction, BulkOperation, BulkOutcome, BulkResult
from workflow_ops.models.calls import ActionCall, CallKind, CallOutcome
from workflow_ops.models.comments import Comment, CommentMention, FormerText, TicketFollower
from workflow_ops.models.errors import ErrorReason, ErrorStatus, ErrorType, TicketError
from workflow_ops.models.files import FileUpload
from workflow_ops.models.links import LinkKind, TicketLink
from workflow_ops.models.list_files import ListFile
from workflow_ops.models.lists import OpenTask, TicketFieldValue
from workflow_ops.models.notifications import (
    EventCursor,
    Notification,
    NotificationChoice,
    NotificationKind,
    NotificationMail,
    NotificationWay,
)
from workflow_ops.models.reports import Report, ReportState
from workflow_ops.models.runs import (
    CompletionInstance,
    RunStatus,
    WorkflowData,
    WorkflowInstance,
    WorkflowWrite,
    WriteSource,
    WriteStatus,
)
from workflow_ops.models.saved_views import DeskList, SavedView
from workflow_ops.models.search import Audience, TicketDocument
from workflow_ops.models.tasks import TaskAllowedUser, TaskHolder, TaskInstance, TaskStatus
from workflow_ops.models.tickets import TicketCounter, TicketInstance
from workflow_ops.models.timeline import TimelineEvent, TimelineKind
from workflow_ops.models.webhooks import DeliveryState, Webhook, WebhookDelivery, WebhookEvent, WebhookState

__all__ = [
    "ActionCall",
    "Audience",
    "BulkAction",
    "BulkOperation",
    "BulkOutcome",
    "BulkResult",
    "CallKind",
    "CallOutcome",
    "Comment",
    "CommentMention",
    "CompletionInstance",
    "DeliveryState",
    "DeskList",
    "ErrorReason",
    "ErrorStatus",
    "ErrorType",
    "EventCursor",
    "FileUpload",
    "FormerText",
    "IdempotentCall",
    "LinkKind",
    "ListFile",
    "Notification",
    "NotificationChoice",
    "NotificationKind",
    "NotificationMail",
    "NotificationWay",
    "OpenTask",
    "Report",
    "ReportState",
    "RunStatus",
    "SavedView",
    "TaskAllowedUser",
    "TaskHolder",
    "TaskInstance",
    "TaskStatus",
    "TicketCounter",
    "TicketDocument",
    "TicketError",
    "TicketFieldValue",
    "TicketFollower",
    "TicketInstance",
    "TicketLink",
    "TimelineEvent",
    "TimelineKind",
    "Webhook",
    "WebhookDelivery",
    "WebhookEvent",
    "WebhookState",
    "WorkflowData",
    "WorkflowInstance",
    "WorkflowWrite",
    "WriteSource",
    "WriteStatus",
]
