"""Definitions fetched for somebody who may use them, in one call."""

from collections.abc import Callable
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from users.models import CustomUser
from workflow_design import access
from workflow_design.models import (
    Part,
    TaskDefinition,
    TicketDefinition,
    WorkflowCompletion,
    WorkflowDefinition,
)

PartT = TypeVar("PartT", TaskDefinition, TicketDefinition, WorkflowCompletion)
May = Callable[[CustomUser, WorkflowDefinition], bool]


def may_design(person: CustomUser, workflow: WorkflowDefinition) -> bool:
    """May change the definition: for whoever may, it is every one of the company."""
    return access.may_design(person)


def find_workflow(
    person: CustomUser, workflow_id: int, *, may: May = access.may_see_workflow
) -> WorkflowDefinition:
    """The version of this id, for a `person` who `may`. Raises Http404 first, then PermissionDenied."""
    workflow = get_object_or_404(
        WorkflowDefinition.objects.select_related("line", "created_by", "impersonator"), pk=workflow_id
    )
    return _allowed(person, workflow, workflow, may)


def find_part(
    rows: "QuerySet[PartT]", person: CustomUser, part_id: int, *, may: May = access.may_see_workflow
) -> PartT:
    """The ticket, task or completion of this id, for a `person` who `may` its workflow; raises as above."""
    part = get_object_or_404(rows.select_related("workflow"), pk=part_id)
    return _allowed(person, part.workflow, part, may)


RowT = TypeVar("RowT", bound="WorkflowDefinition | Part")


def _allowed(person: CustomUser, workflow: WorkflowDefinition, row: RowT, may: May) -> RowT:
    if not may(person, workflow):
        raise PermissionDenied
    return row
