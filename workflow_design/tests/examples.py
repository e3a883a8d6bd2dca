"""Plans for several tests."""

from typing import Any

from workflow_design.definition.workflow import CompletionStatus, TaskType
from workflow_design.engine import CompletionPlan, Plan, TaskPlan, TicketPlan


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
) -> TaskPlan:
    """Return a task definition; its fields are space-separated words."""
    return TaskPlan(
        title,
        title,
        task_type,
        tuple(reads.split()),
        tuple(writes.split()),
        condition,
        tuple(resets.split()),
    )


def completion(
    title: str,
    reads: str,
    *,
    condition: Any = None,
    status: CompletionStatus = CompletionStatus.COMPLETED,
) -> CompletionPlan:
    """Return a completion; its fields are space-separated words."""
    return CompletionPlan(title, title, tuple(reads.split()), condition, status)


def ticket(title: str, writes: str) -> TicketPlan:
    """Return a ticket definition; its fields are space-separated words."""
    return TicketPlan(title, title, tuple(writes.split()))


def plan(*definitions: TaskPlan | CompletionPlan | TicketPlan) -> Plan:
    """Return the plan of these definitions, each kind in the given order."""
    return Plan(
        tasks=tuple(each for each in definitions if isinstance(each, TaskPlan)),
        completions=tuple(each for each in definitions if isinstance(each, CompletionPlan)),
        tickets=tuple(each for each in definitions if isinstance(each, TicketPlan)),
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
