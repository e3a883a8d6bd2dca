"""Plans for several tests."""

from typing import Any

from workflow_design.definition.workflow import (
    CompletionFile,
    CompletionStatus,
    TaskFile,
    TaskType,
    TicketFile,
)
from workflow_design.engine import Plan


def equals(field: str, value: Any) -> dict[str, Any]:
    """Return the condition that a field has this value."""
    return {"==": [{"var": field}, value]}


def task(
    title: str,
    reads: str,
    writes: str = "",
    *,
    condition: Any = None,
    resets: str = "",
    task_type: TaskType = TaskType.FORM,
) -> TaskFile:
    """Return a task definition; its fields are space-separated words."""
    return TaskFile(
        title=title,
        task_type=task_type,
        input_fields=tuple(reads.split()),
        output_fields=tuple(writes.split()),
        condition=condition,
        reset_fields=tuple(resets.split()),
    )


def completion(
    title: str,
    reads: str,
    *,
    condition: Any = None,
    status: CompletionStatus = CompletionStatus.COMPLETED,
) -> CompletionFile:
    """Return a completion; its fields are space-separated words."""
    fields = tuple(reads.split())
    return CompletionFile(title=title, fields=fields, condition=condition, completion_status=status)


def ticket(title: str, writes: str) -> TicketFile:
    """Return a ticket definition; its fields are space-separated words."""
    return TicketFile(title=title, fields=tuple(writes.split()))


def plan(*definitions: TaskFile | CompletionFile | TicketFile) -> Plan:
    """Return the plan of these definitions, each kind in the given order."""
    return Plan(
        tasks=tuple(each for each in definitions if isinstance(each, TaskFile)),
        completions=tuple(each for each in definitions if isinstance(each, CompletionFile)),
        tickets=tuple(each for each in definitions if isinstance(each, TicketFile)),
    )


VACATION = plan(
    ticket("Vacation request", "days first_day employee_note"),
    task("Decide", "days first_day employee_note", "decision manager_note"),
    task(
        "Change request",
        "decision manager_note",
        "days first_day employee_note",
        condition=equals("decision", "change"),
    ),
    task("Book it", "decision days first_day", "booked", condition=equals("decision", "approve")),
    completion("Booked", "booked", condition={"var": "booked"}),
    completion(
        "Rejected",
        "decision",
        condition=equals("decision", "reject"),
        status=CompletionStatus.CANCELLED,
    ),
)
