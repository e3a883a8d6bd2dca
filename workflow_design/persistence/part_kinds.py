"""The three kinds of parts of a workflow, with their names in files, rows and URLs."""

from dataclasses import dataclass
from typing import Any, Final

from workflow_design.definition.workflow import CompletionFile, Kind, TaskFile, TicketFile
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
    """One kind of part: its list in a workflow file, and its rows."""

    key: Kind
    address: str
    """The beginning of the names of its URLs."""

    model: type[Part]
    file: type[Any]
    links: type[RoleLink] | None = None
    roles: str = ""
    """The member of a part that names roles, or an empty string."""

    @property
    def members(self) -> str:
        """The member of a workflow file that lists the parts, and the related name of the rows."""
        return self.key.members


TICKETS: Final = PartKind(
    Kind.TICKET, "ticket_definition", TicketDefinition, TicketFile, SubmitterRole, "submitter_roles"
)
TASKS: Final = PartKind(
    Kind.TASK, "task_definition", TaskDefinition, TaskFile, ExecutorRole, "executor_roles"
)
COMPLETIONS: Final = PartKind(Kind.COMPLETION, "completion", WorkflowCompletion, CompletionFile)
ALL_KINDS: Final = (TICKETS, TASKS, COMPLETIONS)


def kind_for(part: Any) -> PartKind:
    """Return the kind of a row or of a part of a file."""
    return next(kind for kind in ALL_KINDS if isinstance(part, (kind.model, kind.file)))
