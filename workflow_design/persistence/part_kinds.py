"""The three kinds of part that a workflow has: what each is called in files, rows and addresses."""

from dataclasses import dataclass
from typing import Any, Final

from workflow_design.definition.workflow import CompletionFile, TaskFile, TicketFile
from workflow_design.models import (
    ExecutorRole,
    Part,
    RoleLink,
    SubmitterRole,
    TaskDefinition,
    TicketDefinition,
    WorkflowCompletion,
)


@dataclass(frozen=True, slots=True)
class PartKind:
    """One kind: its list in a workflow file, and its rows."""

    members: str
    """The member of a workflow file that lists them, and the related name of the rows."""

    model: type[Part]
    file: type[Any]
    links: type[RoleLink] | None = None
    roles: str = ""
    """The member that names roles."""


TICKETS: Final = PartKind("tickets", TicketDefinition, TicketFile, SubmitterRole, "submitter_roles")
TASKS: Final = PartKind("tasks", TaskDefinition, TaskFile, ExecutorRole, "executor_roles")
COMPLETIONS: Final = PartKind("completions", WorkflowCompletion, CompletionFile)
ALL_KINDS: Final = (TICKETS, TASKS, COMPLETIONS)


def kind_of(part: Any) -> PartKind:
    """The kind of a row, or of what a file says of a part."""
    return next(kind for kind in ALL_KINDS if isinstance(part, (kind.model, kind.file)))
