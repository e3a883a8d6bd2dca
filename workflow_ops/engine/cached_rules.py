"""The rules of published workflow versions, read once in each process and then cached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q

from ticketflower.tenancy.context import WallError, current_company_id
from users.sessions import use_own_words_of_company
from workflow_design.definition.schema import DataValidator, data_validator
from workflow_design.definition.subjects import Naming, naming_of
from workflow_design.definition.workflow import TaskFile
from workflow_design.engine import Plan
from workflow_design.models import TaskDefinition, TicketDefinition, WorkflowDefinition, WorkflowStatus
from workflow_design.persistence.plans import load_plan
from workflow_ops.models.tickets import NO_PRIORITY, TicketInstance

CACHED_VERSIONS = 500


@dataclass(frozen=True, slots=True)
class AssignmentRule:
    """The assignment rule of a task definition (`docs/engine.md`, "Assignment")."""

    role_ids: frozenset[int]
    assignee_field: str
    not_submitter: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one workflow version: transitions, valid values, assignees and submitters."""

    plan: Plan
    validator: DataValidator
    schema: Mapping[str, Any]
    """The fields as the definition has them, for programs."""
    assignment: Mapping[str, AssignmentRule]
    """Keyed by the task definition."""
    submitter_role_ids: Mapping[int, frozenset[int]]
    """Keyed by the id of the ticket definition."""
    tasks: Mapping[int, TaskFile]
    """Keyed by the id of the task definition."""
    filterable: tuple[str, ...]
    """The names of the fields by which lists can be filtered."""
    naming: Mapping[int, Naming]
    """How tickets are named, by the id of the ticket definition."""


def get_rules(workflow_id: int) -> Rules:
    """Return the rules of a published or archived version, cached because such a version never changes.

    The company of the scope is part of the cache key. Rules hold ids of roles: a role may be renamed, and
    one that a version names can't be deleted. Raise WallError outside a company's scope, and ValueError
    for a draft, whose rules may still change.
    """
    company_id = current_company_id()
    if company_id is None:
        raise WallError("rules can only be read in a company's scope")
    return _cached_rules(company_id, workflow_id)


@lru_cache(maxsize=CACHED_VERSIONS)
def _cached_rules(company_id: int, workflow_id: int) -> Rules:
    versions = WorkflowDefinition.objects.values_list("status", "fields_schema")
    status, schema = versions.get(pk=workflow_id)
    if status == WorkflowStatus.DRAFT:
        raise ValueError("the rules of a draft can't be cached")
    tasks = TaskDefinition.objects.filter(workflow=workflow_id).annotate(role_ids=_roles("executor_links"))
    assignment = {
        str(task.pk): AssignmentRule(frozenset(task.role_ids), task.assignee_field or "", task.not_submitter)
        for task in tasks
    }
    tickets = TicketDefinition.objects.filter(workflow=workflow_id).annotate(
        role_ids=_roles("submitter_links")
    )
    submitters = {pk: frozenset(role_ids) for pk, role_ids in tickets.values_list("pk", "role_ids")}
    plan = load_plan(workflow_id)
    files = {int(plan.key(task).key): task for task in plan.tasks}
    filterable = tuple(name for name, field in plan.fields.items() if field.is_filterable)
    naming = {
        int(plan.key(each).key): naming_of(each.subject, each.priority_field, each.fields, plan.fields)
        for each in plan.tickets
    }
    return Rules(plan, data_validator(schema), schema, assignment, submitters, files, filterable, naming)


def make_subject(naming: Naming, data: Mapping[str, Any]) -> str:
    """Return the subject of a ticket with this data, in the format of the company."""
    with use_own_words_of_company():
        return naming.subject(data)


def find_priority(naming: Naming, data: Mapping[str, Any]) -> int:
    """Return the priority of a ticket with this data, as it is stored."""
    place = naming.priority(data)
    return NO_PRIORITY if place is None else place


def priority_title(ticket: TicketInstance) -> str:
    """Return the title of a ticket's priority, cached for each kind of ticket; "" if it has none."""
    return title_of_priority(ticket.ticket_definition_id, ticket.priority)


def title_of_priority(ticket_definition_id: int, priority: int) -> str:
    """Return the title of a priority for this kind of ticket, cached for each kind; "" for no priority."""
    company_id = current_company_id()
    if priority == NO_PRIORITY or company_id is None:
        return ""
    titles = _cached_priorities(company_id, ticket_definition_id)
    return titles[priority] if priority < len(titles) else ""


@lru_cache(maxsize=CACHED_VERSIONS)
def _cached_priorities(_company_id: int, ticket_definition_id: int) -> tuple[str, ...]:
    columns = TicketDefinition.objects.values_list("priority_field", "workflow__fields_schema")
    name, schema = columns.get(pk=ticket_definition_id)
    field = data_validator(schema).fields.get(name or "")
    return tuple(choice.label for choice in field.choices) if field else ()


def _roles(links: str) -> ArrayAgg:
    return ArrayAgg(f"{links}__role_id", filter=Q(**{f"{links}__isnull": False}), default=[], distinct=True)
