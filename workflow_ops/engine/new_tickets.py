"""New tickets: finding the definition, and inserting a ticket with its workflow."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import F

from ticketflower.fast_sql import RowColumns
from ticketflower.tenancy.context import current_company_id
from users.models import CustomUser
from workflow_design.engine import Write
from workflow_design.models import TicketDefinition, WorkflowDefinition
from workflow_ops.engine.cached_rules import find_priority, get_rules, make_subject
from workflow_ops.engine.timeline import content_of
from workflow_ops.models import TicketCounter, TicketInstance

# The counter is the only row that all tickets of a company share. It is locked from here to the end of the
# transaction. If a form is submitted twice, the second request waits here for the first, and then inserts
# nothing. A ticket is inserted with the status IN_PROGRESS for lists: nearly every ticket has it within
# milliseconds, and so the many indexes of lists are written once (`models/copies.py`). If starting the
# workflow fails, lists say so. A person's newest tickets are selected by a row comparison, as a range of an
# index. With separate comparisons of columns, PostgreSQL might read everybody's tickets to find twenty of one
# person.
_INSERT = """
WITH newest AS (
    SELECT earlier.* FROM (VALUES (false), (true)) AS ended (is_finished), LATERAL (
        SELECT ticket_definition_id, impersonator_id, created_at, ticket_data
        FROM workflow_ops_ticketinstance AS theirs
        WHERE (company_id, created_by_id, theirs.is_finished, id) > (
                %(company)s::bigint, %(created_by_id)s::bigint, ended.is_finished, 0)
            AND (company_id, created_by_id, theirs.is_finished, id) < (
                %(company)s::bigint, %(created_by_id)s::bigint, ended.is_finished, %(max_id)s::bigint)
            AND %(created_by_id)s::bigint IS NOT NULL
        ORDER BY company_id DESC, created_by_id DESC, theirs.is_finished DESC, id DESC
        LIMIT %(most_repeated)s::integer
    ) AS earlier
    UNION ALL (
        SELECT ticket_definition_id, impersonator_id, created_at, ticket_data
        FROM workflow_ops_ticketinstance
        WHERE company_id = %(company)s::bigint AND impersonator_id = %(impersonator_id)s::bigint
            AND created_by_id IS NULL AND %(created_by_id)s::bigint IS NULL
        ORDER BY id DESC LIMIT %(most_repeated)s::integer
    )
), counted AS (
    INSERT INTO workflow_ops_ticketcounter AS counter (company_id, last_number)
    VALUES (%(company)s::bigint, 1)
    ON CONFLICT (company_id) DO UPDATE SET last_number = counter.last_number + 1
    RETURNING last_number, clock_timestamp() AS moment
), ticket AS (
    INSERT INTO workflow_ops_ticketinstance (
        company_id, number, ticket_definition_id, line_id, type_title, subject, priority,
        workflow_instance_id, ticket_data, form_token, created_by_id, entered_by_id, impersonator_id,
        resumes_by_itself, status, is_finished, is_stalled, changed_at, waiting_since, created_at, updated_at)
    SELECT %(company)s::bigint, last_number, %(definition)s::bigint, %(line_id)s::bigint, %(type_title)s,
        %(subject)s, %(priority)s::smallint,
        nextval('workflow_ops_workflowinstance_id_seq'),
        %(data)s::jsonb, %(form_token)s::uuid, %(created_by_id)s::bigint, %(entered_by_id)s::bigint,
        %(impersonator_id)s::bigint, false, 'IN_PROGRESS', false, false,
        moment, moment, moment, moment
    FROM counted
    WHERE %(may_repeat)s::boolean OR NOT EXISTS (
        SELECT FROM newest
        WHERE ticket_definition_id = %(definition)s::bigint
            AND impersonator_id IS NOT DISTINCT FROM %(impersonator_id)s::bigint
            AND created_at > now() - make_interval(mins => %(repeated_minutes)s::integer)
            AND ticket_data - %(file_fields)s::text[] = %(data)s::jsonb - %(file_fields)s::text[])
    ON CONFLICT (company_id, form_token) DO NOTHING
    RETURNING id, number, workflow_instance_id, created_at, updated_at
), run AS (
    INSERT INTO workflow_ops_workflowinstance (
        id, company_id, workflow_id, status, data, step, machine_writes, created_at, updated_at)
    SELECT workflow_instance_id, %(company)s::bigint, %(workflow)s::bigint, 'NOT_STARTED',
        '{}'::jsonb, 0, 0, created_at, created_at
    FROM ticket
), waiting AS (
    INSERT INTO workflow_ops_workflowwrite (
        company_id, workflow_instance_id, source, ticket_id, content, status, person_id,
        impersonator_id, created_at)
    SELECT %(company)s::bigint, workflow_instance_id, 'ticket', id, %(content)s::jsonb, 'WAITING',
        %(person)s::bigint, %(impersonator_id)s::bigint, created_at
    FROM ticket
)
SELECT id, number, workflow_instance_id, created_at, updated_at FROM ticket
"""


REPEATED_MINUTES: Final = 10
_MOST_REPEATED: Final = 20
"""How many of a person's newest tickets are checked for the same values."""


def insert_ticket(
    definition: TicketDefinition,
    *,
    write: Write,
    form_token: UUID,
    by: CustomUser,
    entered_by: CustomUser | None = None,
    may_repeat: bool = True,
    file_fields: Collection[str] = (),
) -> TicketInstance | None:
    """Insert a ticket of the requester `by`, and return it; `entered_by` has submitted it for them.

    Return None and change nothing if the form has already created a ticket or, without `may_repeat`, if the
    requester has just submitted the same values (except those of `file_fields`, which are not compared).
    """
    naming = get_rules(definition.workflow_id).naming[definition.pk]
    columns = {
        "line_id": definition.workflow.line_id,
        "type_title": definition.title,
        "subject": make_subject(naming, write.values),
        "priority": find_priority(naming, write.values),
        "form_token": form_token,
        **authors_of(by, entered_by),
    }
    values = {
        **columns,
        "company": current_company_id(),
        "definition": definition.pk,
        "workflow": definition.workflow_id,
        "data": json.dumps(dict(write.values)),
        "content": json.dumps(content_of(write)),
        "person": columns["entered_by_id"] if entered_by else columns["created_by_id"],
        "may_repeat": may_repeat,
        "repeated_minutes": REPEATED_MINUTES,
        "most_repeated": _MOST_REPEATED,
        "max_id": MAX_ID,
        "file_fields": list(file_fields),
    }
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        row = cursor.fetchone()
    if row is None:  # the counter was incremented nevertheless
        _give_number_back()
        return None
    return _inserted_ticket(row, ticket_definition=definition, ticket_data=dict(write.values), **columns)


def authors_of(requester: CustomUser, entered_by: CustomUser | None) -> dict[str, int | None]:
    """Return a ticket's author columns: its requester, and who submitted it."""
    if entered_by is None:
        return {**requester.as_author(), "entered_by_id": None}
    return {**entered_by.as_author("entered_by"), "created_by_id": requester.pk}


def _inserted_ticket(row: tuple[Any, ...], **values: Any) -> TicketInstance:
    """Return the ticket for a row returned by _INSERT, with the values that were inserted."""
    ticket_id, number, run_id, created_at, updated_at = row
    ticket = TicketInstance(
        pk=ticket_id,
        number=number,
        workflow_instance_id=run_id,
        created_at=created_at,
        updated_at=updated_at,
        **values,
    )
    ticket._state.adding = False
    return ticket


def _give_number_back() -> None:
    """Decrement the counter. It is still locked, so no other ticket can have got the next number."""
    TicketCounter.objects.update(last_number=F("last_number") - 1)


MAX_ID: Final = 2**63 - 1
ADMIN_ROLES: Final = """
ARRAY(SELECT role_id FROM workflow_design_ticketadminrole WHERE workflow_id = workflow.id)
"""
_DEFINITION = RowColumns(TicketDefinition, of="definition")
# The fields are cached with the rules (`get_rules`); what else it has is for designers.
WORKFLOW: Final = RowColumns(
    WorkflowDefinition,
    of="workflow",
    only=("id", "company_id", "title", "line_id", "status"),
)
_FIND = f"""
SELECT {_DEFINITION.sql}, {WORKFLOW.sql}, {ADMIN_ROLES}
FROM workflow_design_ticketdefinition AS definition
JOIN workflow_design_workflowdefinition AS workflow ON workflow.id = definition.workflow_id
WHERE definition.id = %s::bigint AND definition.company_id = %s::bigint
"""  # noqa: S608 - columns of our own models


def find_ticket_definition(definition_id: int) -> TicketDefinition | None:
    """Return the company's ticket definition with this id, of any version, with its workflow; or None."""
    # A larger number in the URL would cause a database error instead of a 404.
    if definition_id > MAX_ID:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [definition_id, current_company_id()])
        row = cursor.fetchone()
    if row is None:
        return None
    values = list(row)
    definition = _DEFINITION.take(values)
    definition.workflow = WORKFLOW.take(values)
    definition.workflow.read_admin_role_ids = frozenset(values.pop(0))
    return definition


_MADE = RowColumns(TicketInstance, of="ticket")
_FIND_MADE = f"""
SELECT {_MADE.sql} FROM workflow_ops_ticketinstance AS ticket
WHERE ticket.company_id = %s::bigint AND ticket.form_token = %s::uuid
"""  # noqa: S608 - columns of our own models


def find_ticket_of_form(form_token: UUID) -> TicketInstance | None:
    """Return the ticket of the company that was created by this form, whoever submitted it, or None."""
    with connection.cursor() as cursor:
        cursor.execute(_FIND_MADE, [current_company_id(), str(form_token)])
        row = cursor.fetchone()
    return None if row is None else _MADE.take(list(row))
