"""Plans and fields of stored definitions, cached in each process."""

from functools import lru_cache
from typing import Final

from ticketflower.tenancy.context import WallError, current_company_id
from workflow_design.definition.fields import Fields
from workflow_design.definition.schema import data_validator
from workflow_design.definition.workflow import CompletionStatus, TaskType
from workflow_design.engine import CompletionPlan, Plan, TaskPlan, TicketPlan
from workflow_design.models import TaskDefinition, WorkflowDefinition

CACHED_PLANS: Final = 500


def load_plan(workflow_id: int) -> Plan:
    """Return the plan of a version; its keys are the ids of the definitions' rows as strings.

    Must be called in the company's scope. The plan of a draft is loaded each time (four queries).
    The plan of any other version is cached and then needs no query, because such a version never
    changes (`docs/engine.md`, "Versions"). The company is part of the cache key: a cached plan is
    returned only in the company that loaded it, using managers that see no other company's rows.
    Raise WorkflowDefinition.DoesNotExist, or WallError outside a company's scope.
    """
    company_id = current_company_id()
    if company_id is None:
        raise WallError("a plan can only be loaded in a company's scope")
    try:
        return _cached_plan(company_id, workflow_id)
    except _DraftError as draft:
        return draft.plan


def load_fields(workflow: WorkflowDefinition) -> Fields:
    """Return the fields that the version declares, in the order of its schema; cached by the schema."""
    return data_validator(workflow.fields_schema).fields


class _DraftError(Exception):
    """Carries the plan of a draft out of `lru_cache`, which does not cache exceptions."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan


@lru_cache(maxsize=CACHED_PLANS)
def _cached_plan(company_id: int, workflow_id: int) -> Plan:
    workflow = WorkflowDefinition.objects.only("status").get(pk=workflow_id)
    plan = _load(workflow)
    # Raising keeps the plan out of the cache, because a draft may still change.
    if workflow.is_draft:
        raise _DraftError(plan)
    return plan


def _load(workflow: WorkflowDefinition) -> Plan:
    tickets = workflow.tickets.order_by("position", "pk").only("workflow", "title", "fields")
    completions = workflow.completions.order_by("position", "pk").only(
        "workflow", "title", "fields", "condition", "completion_status"
    )
    return Plan(
        tickets=tuple(TicketPlan(str(row.pk), row.title, tuple(row.fields)) for row in tickets),
        tasks=tuple(_task(row) for row in workflow.tasks.order_by("position", "pk")),
        completions=tuple(
            CompletionPlan(
                str(row.pk),
                row.title,
                tuple(row.fields),
                row.condition,
                CompletionStatus(row.completion_status),
            )
            for row in completions
        ),
    )


def _task(row: TaskDefinition) -> TaskPlan:
    return TaskPlan(
        str(row.pk),
        row.title,
        TaskType(row.task_type),
        tuple(row.input_fields),
        tuple(row.output_fields),
        row.condition,
        tuple(row.reset_fields),
    )
