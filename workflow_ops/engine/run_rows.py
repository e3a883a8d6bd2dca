"""The rows of a running workflow: inserting and locking them, reading waiting writes, storing the result.

All changes in one workflow are made under its lock, one after the other.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from ticketflower.fast_sql import RowColumns
from ticketflower.tenancy.context import current_company_id
from users.models import CustomUser
from workflow_design.engine import Write
from workflow_design.models import TicketDefinition, WorkflowDefinition
from workflow_ops.models import TaskInstance, TicketCounter, TicketInstance, WorkflowInstance, WorkflowWrite


@contextmanager
def one_transaction() -> Iterator[None]:
    """Open a transaction, or join the open one without a savepoint, which saves two statements.

    For functions that raise refusals before they change anything, so that there is nothing to undo.
    """
    if connection.in_atomic_block:
        yield
    else:
        with transaction.atomic():
            yield


def lock_run(run_id: int) -> WorkflowInstance:
    """Return the current row of a running workflow with its `ticket`, locked until the transaction ends.

    Take this lock before changing a workflow, its tasks or its writes. All changes are then made one after
    the other, and the ids of writes are in the order of their commits.
    """
    runs = WorkflowInstance.objects.select_for_update(of=("self",), no_key=True).select_related("ticket")
    return runs.get(pk=run_id)


def lock_task(task: TaskInstance) -> TaskInstance:
    """Lock the task's workflow. Return the task's current row with its definition, workflow and ticket."""
    run = lock_run(task.workflow_instance_id)
    fresh = TaskInstance.objects.select_related("task_definition__workflow", "assigned_to").get(pk=task.pk)
    fresh.workflow_instance = run
    return fresh


def lock_assignment() -> None:
    """Lock the choice of assignees in this company until the transaction ends.

    Take this lock after the lock of a workflow, never before it: a fixed order avoids deadlocks.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock("
            "hashtextextended('assignment ' || current_setting('app.company_id'), 0))"
        )


_WRITE = RowColumns(WorkflowWrite, of="waiting")
_RUN = RowColumns(WorkflowInstance, of="run")
_TICKET = RowColumns(TicketInstance, of="ticket")
_TASK = RowColumns(TaskInstance, of="task")

# Lock order: "OF run, waiting" locks the workflow first, as all other code does. A process that waits for
# the workflow then holds none of its writes, which the process with the lock may be about to change.
_WAITING = f"""
SELECT {_WRITE.sql}, {_RUN.sql}, {_TICKET.sql}
FROM workflow_ops_workflowwrite AS waiting
JOIN workflow_ops_workflowinstance AS run ON run.id = waiting.workflow_instance_id
JOIN workflow_ops_ticketinstance AS ticket ON ticket.workflow_instance_id = run.id
WHERE waiting.workflow_instance_id = %s AND waiting.status = 'WAITING' AND waiting.company_id = %s
ORDER BY waiting.id LIMIT %s
FOR NO KEY UPDATE OF run, waiting
"""  # noqa: S608 - columns of our own models

# No older task of a definition can be unfinished.
_NEWEST = f"""
SELECT DISTINCT ON (task.task_definition_id) {_TASK.sql} FROM workflow_ops_taskinstance AS task
WHERE task.workflow_instance_id = %s AND task.company_id = %s
ORDER BY task.task_definition_id, task.run DESC
"""  # noqa: S608 - columns of our own models

# The caller (`workflow_ops.state_manager`) has locked both rows. One statement saves a round trip.
_STORE = """
WITH applied AS (
    UPDATE workflow_ops_workflowwrite SET status = 'APPLIED', applied_at = clock_timestamp()
    WHERE id = %(write)s::bigint
)
UPDATE workflow_ops_workflowinstance SET
    data = %(data)s::jsonb,
    step = %(step)s::integer,
    status = %(status)s,
    waiting_modified = %(waiting_modified)s::varchar(100)[],
    machine_writes = %(machine_writes)s::integer,
    ended_at = %(ended_at)s::timestamptz,
    updated_at = clock_timestamp()
WHERE id = %(run)s::bigint
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """The next write to apply and its workflow, both locked."""

    write: WorkflowWrite
    run: WorkflowInstance
    has_more: bool


def waiting_writes(run_id: int, *, most: int) -> list[WorkflowWrite]:
    """Lock a workflow and its first waiting writes. Return the writes, each with the workflow and ticket.

    After waiting for the lock, PostgreSQL reads the rows again, so none was applied meanwhile by others.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [run_id, current_company_id(), most])
        return [_write_with_run(list(row)) for row in cursor.fetchall()]


def _write_with_run(values: list[Any]) -> WorkflowWrite:
    write, run = _WRITE.take(values), _RUN.take(values)
    run.ticket = _TICKET.take(values)
    run.ticket.workflow_instance = run
    write.workflow_instance = run
    return write


def newest_tasks(run: WorkflowInstance) -> list[TaskInstance]:
    """Return the newest task of each definition, with the workflow."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [run.pk, current_company_id()])
        tasks = [_TASK.take(list(row)) for row in cursor.fetchall()]
    for task in tasks:
        task.workflow_instance = run
    return tasks


def store_run(run: WorkflowInstance, *, applied: WorkflowWrite) -> None:
    """Store the workflow after the write `applied`, and mark that write as applied."""
    with connection.cursor() as cursor:
        cursor.execute(
            _STORE,
            {
                "write": applied.pk,
                "data": json.dumps(run.data),
                "step": run.step,
                "status": str(run.status),
                "waiting_modified": run.waiting_modified,
                "machine_writes": run.machine_writes,
                "ended_at": run.ended_at,
                "run": run.pk,
            },
        )


# The counter is the only row that all tickets of a company share. It is locked from here to the end of the
# transaction. If a form is submitted twice, the second request waits here for the first, and then inserts
# nothing.
_INSERT = """
WITH counted AS (
    INSERT INTO workflow_ops_ticketcounter AS counter (company_id, last_number)
    VALUES (%(company)s::bigint, 1)
    ON CONFLICT (company_id) DO UPDATE SET last_number = counter.last_number + 1
    RETURNING last_number
), ticket AS (
    INSERT INTO workflow_ops_ticketinstance (
        company_id, number, ticket_definition_id, workflow_instance_id, ticket_data, form_token,
        created_by_id, impersonator_id, status, is_finished, changed_at, created_at, updated_at)
    SELECT %(company)s::bigint, last_number, %(definition)s::bigint,
        nextval(pg_get_serial_sequence('workflow_ops_workflowinstance', 'id')),
        %(data)s::jsonb, %(token)s::uuid, %(person)s::bigint, %(impersonator)s::bigint,
        'NOT_STARTED', false, clock_timestamp(), clock_timestamp(), clock_timestamp()
    FROM counted
    WHERE %(may_repeat)s::boolean OR NOT EXISTS (
        SELECT FROM workflow_ops_ticketinstance AS earlier
        WHERE earlier.company_id = %(company)s::bigint
            AND earlier.ticket_definition_id = %(definition)s::bigint
            AND earlier.created_by_id IS NOT DISTINCT FROM %(person)s::bigint
            AND earlier.impersonator_id IS NOT DISTINCT FROM %(impersonator)s::bigint
            AND earlier.created_at > now() - make_interval(mins => %(repeated_minutes)s::integer)
            AND earlier.ticket_data - %(file_fields)s::text[] = %(data)s::jsonb - %(file_fields)s::text[])
    ON CONFLICT (company_id, form_token) DO NOTHING
    RETURNING id, number, workflow_instance_id, created_at, updated_at
), run AS (
    INSERT INTO workflow_ops_workflowinstance (
        id, company_id, workflow_id, status, data, step, machine_writes, created_at, updated_at)
    SELECT workflow_instance_id, %(company)s::bigint, %(workflow)s::bigint, 'NOT_STARTED',
        '{}'::jsonb, 0, 0, clock_timestamp(), clock_timestamp()
    FROM ticket
), waiting AS (
    INSERT INTO workflow_ops_workflowwrite (
        company_id, workflow_instance_id, source, ticket_id, content, status, person_id,
        impersonator_id, created_at)
    SELECT %(company)s::bigint, workflow_instance_id, 'ticket', id, %(content)s::jsonb, 'WAITING',
        %(person)s::bigint, %(impersonator)s::bigint, clock_timestamp()
    FROM ticket
)
SELECT id, number, workflow_instance_id, created_at, updated_at FROM ticket
"""


REPEATED_MINUTES: Final = 10


def insert_ticket(
    definition: TicketDefinition,
    *,
    write: Write,
    form_token: UUID,
    by: CustomUser,
    may_repeat: bool = True,
    file_fields: Collection[str] = (),
) -> TicketInstance | None:
    """Insert a ticket and return it. Return None and change nothing if the form has made a ticket already.

    The same without `may_repeat`, if the person has just submitted the same values; those of `file_fields`
    are not compared.
    """
    author = by.as_author()
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            {
                "company": current_company_id(),
                "definition": definition.pk,
                "workflow": definition.workflow_id,
                "data": json.dumps(dict(write.values)),
                "token": str(form_token),
                "content": json.dumps(write.as_json()),
                "person": author["created_by_id"],
                "impersonator": author["impersonator_id"],
                "may_repeat": may_repeat,
                "repeated_minutes": REPEATED_MINUTES,
                "file_fields": list(file_fields),
            },
        )
        row = cursor.fetchone()
    if row is None:  # the counter went up all the same
        _give_number_back()
        return None
    return _inserted_ticket(
        row, ticket_definition=definition, ticket_data=dict(write.values), form_token=form_token, **author
    )


def _inserted_ticket(row: tuple[Any, ...], **values: Any) -> TicketInstance:
    """Return the ticket of a row that _INSERT returned, with the values that were inserted."""
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
    """Count down again. The counter is still locked, so no other ticket has got the next number."""
    TicketCounter.objects.update(last_number=F("last_number") - 1)


MAX_ID: Final = 2**63 - 1
_DEFINITION = RowColumns(TicketDefinition, of="definition")
_WORKFLOW = RowColumns(WorkflowDefinition, of="workflow")
_FIND = f"""
SELECT {_DEFINITION.sql}, {_WORKFLOW.sql}
FROM workflow_design_ticketdefinition AS definition
JOIN workflow_design_workflowdefinition AS workflow ON workflow.id = definition.workflow_id
WHERE definition.id = %s::bigint AND definition.company_id = %s::bigint
"""  # noqa: S608 - columns of our own models


def find_ticket_definition(definition_id: int) -> TicketDefinition | None:
    """Return the company's ticket definition with this id, of any version, with its workflow; or None."""
    # A larger number in the address would be a database error instead of a missing page.
    if definition_id > MAX_ID:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [definition_id, current_company_id()])
        row = cursor.fetchone()
    if row is None:
        return None
    values = list(row)
    definition = _DEFINITION.take(values)
    definition.workflow = _WORKFLOW.take(values)
    return definition
