"""Plans and fields of stored definitions, cached in each process."""

from functools import lru_cache
from typing import Final

from ticketflower.tenancy.context import WallError, current_company_id
from workflow_design.definition.fields import Fields
from workflow_design.definition.schema import data_validator
from workflow_design.engine import Plan
from workflow_design.models import TicketAdminRole, WorkflowDefinition
from workflow_design.persistence.exporting import read_workflow, with_role_names

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
    workflow = with_role_names(WorkflowDefinition.objects, TicketAdminRole).get(pk=workflow_id)
    plan = read_workflow(workflow).plan()
    # Raising keeps the plan out of the cache, because a draft may still change.
    if workflow.is_draft:
        raise _DraftError(plan)
    return plan
