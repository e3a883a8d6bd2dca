"""Export of rows as workflow files, to download, check, compare and copy them."""

from collections.abc import Iterator
from typing import Any, Final

from workflow_design.definition.problems import pointer
from workflow_design.definition.workflow import CompletionFile, TaskFile, TicketFile, WorkflowFile, members_of
from workflow_design.models import (
    ExecutorRole,
    Part,
    RoleLink,
    SubmitterRole,
    TicketAdminRole,
    WorkflowDefinition,
)

ROLES: Final = frozenset({"ticket_admin_roles", "submitter_roles", "executor_roles"})
PARTS: Final = frozenset({"tickets", "tasks", "completions"})
"""Members of a file that are stored as rows of other tables; all others are columns of the same names."""


def named_roles(file: WorkflowFile) -> Iterator[tuple[str, str]]:
    """Yield a JSON pointer and the name for each place where the file names a role."""
    for number, name in enumerate(file.ticket_admin_roles):
        yield pointer("ticket_admin_roles", number), name
    for position, ticket in enumerate(file.tickets):
        for number, name in enumerate(ticket.submitter_roles):
            yield pointer("tickets", position, "submitter_roles", number), name
    for position, task in enumerate(file.tasks):
        for number, name in enumerate(task.executor_roles):
            yield pointer("tasks", position, "executor_roles", number), name


def export_workflow(workflow: WorkflowDefinition) -> WorkflowFile:
    """Return the workflow file of a version: importing it again gives an equal version. Six queries."""
    submitters = _role_names(SubmitterRole, ticket_definition__workflow=workflow)
    executors = _role_names(ExecutorRole, task_definition__workflow=workflow)
    admins = _role_names(TicketAdminRole, workflow=workflow)
    return WorkflowFile(
        **_members(WorkflowFile, workflow),
        ticket_admin_roles=admins.get(workflow.pk, ()),
        tickets=tuple(
            TicketFile(**_members(TicketFile, row), submitter_roles=submitters.get(row.pk, ()))
            for row in workflow.tickets.order_by("position", "pk")
        ),
        tasks=tuple(
            TaskFile(**_members(TaskFile, row), executor_roles=executors.get(row.pk, ()))
            for row in workflow.tasks.order_by("position", "pk")
        ),
        completions=tuple(
            CompletionFile(**_members(CompletionFile, row))
            for row in workflow.completions.order_by("position", "pk")
        ),
    )


def _role_names(model: type[RoleLink], **lookup: WorkflowDefinition) -> dict[int, tuple[str, ...]]:
    """Return the names of the roles by the id of the part that names them, in the order of the file."""
    names: dict[int, tuple[str, ...]] = {}
    # Links are inserted in the order of the file, so sorting by id restores that order.
    links = model._default_manager.filter(**lookup).order_by("pk")
    for part_id, name in links.values_list(f"{model.part}_id", "role__name"):
        names[part_id] = (*names.get(part_id, ()), name)
    return names


def _members(kind: type, row: WorkflowDefinition | Part) -> dict[str, Any]:
    """Return the members of a part of a file that are columns of its row."""
    values = {}
    for member in members_of(kind):
        if member.name not in ROLES | PARTS:
            value = getattr(row, member.name)
            # Parsed files have tuples, and exported ones must equal them.
            values[member.name] = tuple(value) if isinstance(value, list) else value
    return values
