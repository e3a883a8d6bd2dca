"""Definitions in versions, the roles they name, and what the check said of them."""

from workflow_design.models.checks import CheckStatus, DefinitionCheck
from workflow_design.models.definitions import (
    FIELD_NAME_LENGTH,
    TITLE_LENGTH,
    CompletionStatus,
    Definition,
    Part,
    TaskDefinition,
    TaskType,
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
    "FIELD_NAME_LENGTH",
    "TITLE_LENGTH",
    "CheckStatus",
    "CompletionStatus",
    "Definition",
    "DefinitionCheck",
    "ExecutorRole",
    "Part",
    "RoleLink",
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
