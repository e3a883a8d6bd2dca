"""Kinds of tickets as they are offered: the one of an address, and what has taken its place."""

from __future__ import annotations

from typing import Final

from django.db import connection

from ticketflower.fast_sql import RowColumns
from ticketflower.tenancy.context import current_company_id
from users.models import CustomUser
from workflow_design.models import TicketDefinition, WorkflowDefinition
from workflow_ops.access import submittable_by

LARGEST_ID: Final = 2**63 - 1

_KIND = RowColumns(TicketDefinition, of="kind")
_WORKFLOW = RowColumns(WorkflowDefinition, of="workflow")
_FIND = f"""
SELECT {_KIND.sql}, {_WORKFLOW.sql}
FROM workflow_design_ticketdefinition AS kind
JOIN workflow_design_workflowdefinition AS workflow ON workflow.id = kind.workflow_id
WHERE kind.id = %s::bigint AND kind.company_id = %s::bigint
"""  # noqa: S608 - columns of our own models


def kind_of_ticket(definition_id: int) -> TicketDefinition | None:
    """The company's kind of ticket with this id, of whatever version, with its workflow."""
    if definition_id > LARGEST_ID:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [definition_id, current_company_id()])
        row = cursor.fetchone()
    if row is None:
        return None
    values = list(row)
    kind = _KIND.take(values)
    kind.workflow = _WORKFLOW.take(values)
    return kind


def successor_of(kind: TicketDefinition, *, by: CustomUser) -> TicketDefinition | None:
    """The kind of the same title in the version that takes tickets now, if the person may submit it."""
    offered = submittable_by(by).filter(workflow__line=kind.workflow.line_id, title=kind.title)
    return offered.select_related("workflow").first()
