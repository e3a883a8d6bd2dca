"""From a workflow file to the plan that `decide` is asked about."""

from workflow_design.dataflow import CompletionPlan, Plan, TaskPlan, TicketPlan
from workflow_design.definition.kinds import CompletionStatus, TaskType
from workflow_design.definition.workflow import WorkflowFile


def plan_of(file: WorkflowFile) -> Plan:
    """The plan of a workflow file, whose keys are titles.

    Raises ValueError if a title stands twice in its list, or for a type or status that there is not;
    files that were parsed have neither.
    """
    return Plan(
        tasks=tuple(
            TaskPlan(
                key=task.title,
                title=task.title,
                task_type=TaskType(task.task_type),
                input_fields=task.input_fields,
                output_fields=task.output_fields,
                condition=task.condition,
                reset_fields=task.reset_fields,
            )
            for task in file.tasks
        ),
        completions=tuple(
            CompletionPlan(
                key=completion.title,
                title=completion.title,
                fields=completion.fields,
                condition=completion.condition,
                status=CompletionStatus(completion.completion_status),
            )
            for completion in file.completions
        ),
        tickets=tuple(TicketPlan(ticket.title, ticket.title, ticket.fields) for ticket in file.tickets),
    )
