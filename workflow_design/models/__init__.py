"""Versioned definitions, the roles they name, and the stored reports of the check."""

from workflow_design.definition.workflow import CompletionStatus, TaskType
from workflow_design.models.checks import CheckStatus, DefinitionCheck
from workflow_design.models.connections import Connection, ConnectionKind, SigningSecret
from workflow_design.models.definitions import (
    Definition,
    Part,
    TaskDefinition,
    TicketDefinition,
    WorkflowCompletion,
    WorkflowDefinition,
    WorkflowLine,
    WorkflowManager,
    WorkflowQuerySet,
    WorkflowStatus,
    field_names,
)
from workflow_design.models.role_links import (
    ExecutorRole,
    RoleLink,
    SubmitterRole,
    TicketAdminRole,
)

__all__ = [
    "CheckStatus",
    "CompletionStatus",
    "Connection",
    "ConnectionKind",
    "Definition",
    "DefinitionCheck",
    "ExecutorRole",
    "Part",
    "RoleLink",
    "SigningSecret",
    "SubmitterRole",
    "TaskDefinition",
    "TaskType",
    "TicketAdminRole",
    "TicketDefinition",
    "WorkflowCompletion",
    "WorkflowDefinition",
    "WorkflowLine",
    "WorkflowManager",
    "WorkflowQuerySet",
    "WorkflowStatus",
    "field_names",
]
