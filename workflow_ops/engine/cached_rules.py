"""What the engine needs to know of a definition, read once for each process and published version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q

from ticketflower.tenancy.context import WallError, current_company_id
from workflow_design.definition.schema import DataValidator, data_validator
from workflow_design.engine import Plan
from workflow_design.models import TaskDefinition, TicketDefinition, WorkflowDefinition, WorkflowStatus
from workflow_design.persistence.plans import plan_of

KEPT_VERSIONS = 500
SUBMITTER = "$submitter"


@dataclass(frozen=True, slots=True)
class AssignmentRule:
    """Who is given the tasks of a definition (`docs/engine.md`, "Assignment")."""

    role_ids: frozenset[int]
    assignee_field: str
    not_submitter: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """One version of a workflow: what starts when, which values fit, who is given what."""

    plan: Plan
    validator: DataValidator
    assignment: Mapping[str, AssignmentRule]
    """By the key of the task definition."""
    submitter_role_ids: Mapping[int, frozenset[int]]
    """By the id of the ticket definition."""


def rules_of(workflow_id: int) -> Rules:
    """The rules of a version that runs or may run: it is no draft, and so never changes.

    Asked in the company's scope, which is part of what kept rules are found by. A role that a
    version names can be renamed, which is no matter here, and not deleted. Raises WallError
    outside a company's scope, and ValueError for a draft, whose rules may change.
    """
    company_id = current_company_id()
    if company_id is None:
        raise WallError("rules are asked for in a company's scope")
    return _kept(company_id, workflow_id)


@lru_cache(maxsize=KEPT_VERSIONS)
def _kept(company_id: int, workflow_id: int) -> Rules:
    versions = WorkflowDefinition.objects.values_list("status", "fields_schema")
    status, schema = versions.get(pk=workflow_id)
    if status == WorkflowStatus.DRAFT:
        raise ValueError("the rules of a draft can't be kept")
    tasks = TaskDefinition.objects.filter(workflow=workflow_id).annotate(role_ids=_roles("executor_links"))
    assignment = {
        str(task.pk): AssignmentRule(frozenset(task.role_ids), task.assignee_field or "", task.not_submitter)
        for task in tasks
    }
    tickets = TicketDefinition.objects.filter(workflow=workflow_id).annotate(
        role_ids=_roles("submitter_links")
    )
    submitters = {pk: frozenset(role_ids) for pk, role_ids in tickets.values_list("pk", "role_ids")}
    return Rules(plan_of(workflow_id), data_validator(schema), assignment, submitters)


def _roles(links: str) -> ArrayAgg:
    return ArrayAgg(f"{links}__role_id", filter=Q(**{f"{links}__isnull": False}), default=[], distinct=True)
