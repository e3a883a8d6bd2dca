"""The rows of a running workflow: locking them, reading waiting writes, storing the result.

All changes in one workflow are made under its lock, one after the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from ticketflower.fast_sql import RowColumns, insert_select, rows_as_json, set_ids
from ticketflower.tenancy.context import current_company_id
from workflow_ops.models import (
    TaskInstance,
    TicketInstance,
    WorkflowData,
    WorkflowInstance,
    WorkflowWrite,
)
from workflow_ops.models.lists import MAX_VALUE_LENGTH


@contextmanager
def one_transaction() -> Iterator[None]:
    """Open a transaction, or join the open one without a savepoint, which saves two statements.

    Use this for functions that raise refusals before they change anything, so that nothing must be rolled
    back.
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

# The partial index `one_unfinished_task` contains only these tasks, so a long history costs nothing.
_UNFINISHED = f"""
SELECT {_TASK.sql} FROM workflow_ops_taskinstance AS task
WHERE task.workflow_instance_id = %s AND task.company_id = %s
    AND task.status IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR')
"""  # noqa: S608 - columns of our own models

# When a task is inserted, the index `newest_tasks` gives the number of its definition's earlier runs.
NEXT_RUN = """1 + coalesce((
    SELECT max(earlier.run) FROM workflow_ops_taskinstance AS earlier
    WHERE earlier.workflow_instance_id = jsonb_populate_recordset.workflow_instance_id
        AND earlier.task_definition_id = jsonb_populate_recordset.task_definition_id), 0)"""

_STEP_OF_RUN = {
    "company_id": "%(company)s::bigint",
    "workflow_instance_id": "%(run)s::bigint",
    "write_id": "%(write)s::bigint",
    "step": "%(number)s::integer",
    "data": "%(data)s::jsonb",
    "created_at": "%(now)s::timestamptz",
}
# The caller (`workflow_ops.state_manager`) has locked both rows. One statement saves round trips. Its
# triggers run at its end, so the row of a new task for lists is written once, with the ticket as it is then.
# The timeline entry of a new task finds it by its definition, which starts at most once in a step.
_STORE = f"""
WITH step AS (
    {insert_select(WorkflowData, "%(step)s", **_STEP_OF_RUN)}
    RETURNING id, company_id, workflow_instance_id
), started AS (
    {insert_select(TaskInstance, "%(tasks)s", run=NEXT_RUN)}
    RETURNING id, task_definition_id
), reached AS (
    INSERT INTO workflow_ops_completioninstance (
        company_id, workflow_instance_id, completion_id, workflow_data_id, created_at)
    SELECT company_id, workflow_instance_id, %(completion)s::bigint, id, clock_timestamp()
    FROM step WHERE %(completion)s::bigint IS NOT NULL
), recorded AS (
    INSERT INTO workflow_ops_timelineevent (
        company_id, ticket_id, kind, task_id, workflow_data_id, about_id, details, person_id,
        impersonator_id, created_at)
    SELECT %(company)s::bigint, ticket_id, kind,
        coalesce(task_id, (SELECT id FROM started WHERE started.task_definition_id = definition_id)),
        (SELECT id FROM step), about_id, details, person_id, impersonator_id, %(now)s::timestamptz
    FROM jsonb_to_recordset(%(events)s::jsonb) AS event (
        ticket_id bigint, kind text, task_id bigint, definition_id bigint, about_id bigint, details jsonb,
        person_id bigint, impersonator_id bigint)
), applied AS (
    UPDATE workflow_ops_workflowwrite SET status = 'APPLIED', applied_at = clock_timestamp()
    WHERE id = %(write)s::bigint
), named AS (
    UPDATE workflow_ops_ticketinstance SET subject = %(subject)s, priority = %(priority)s::smallint
    WHERE id = %(renamed)s::bigint
)
UPDATE workflow_ops_workflowinstance SET
    data = %(data)s::jsonb,
    step = %(number)s::integer,
    status = %(status)s,
    waiting_modified = %(waiting_modified)s::varchar(100)[],
    machine_writes = %(machine_writes)s::integer,
    ended_at = %(ended_at)s::timestamptz,
    updated_at = clock_timestamp()
WHERE id = %(run)s::bigint
RETURNING ARRAY(SELECT id FROM started ORDER BY id)
"""  # noqa: S608 - columns of our own models


@dataclass(frozen=True, slots=True)
class Turn:
    """The next write to apply and its workflow, both locked."""

    write: WorkflowWrite
    run: WorkflowInstance
    has_more: bool


def waiting_writes(run_id: int, *, most: int) -> list[WorkflowWrite]:
    """Lock a workflow and its first waiting writes. Return the writes, each with the workflow and ticket.

    After waiting for the lock, PostgreSQL reads the rows again, so no other process has applied one of them.
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


def unfinished_tasks(run: WorkflowInstance) -> dict[str, TaskInstance]:
    """Return the unfinished tasks, with the workflow, by the keys of their definitions."""
    with connection.cursor() as cursor:
        cursor.execute(_UNFINISHED, [run.pk, current_company_id()])
        tasks = [_TASK.take(list(row)) for row in cursor.fetchall()]
    for task in tasks:
        task.workflow_instance = run
    return {str(task.task_definition_id): task for task in tasks}


def store_run(
    run: WorkflowInstance,
    *,
    applied: WorkflowWrite,
    step: Mapping[str, Any] | None,
    completion_id: int | None,
    tasks: Sequence[TaskInstance],
    events: Sequence[Mapping[str, Any]],
    renamed: TicketInstance | None = None,
) -> None:
    """Store the workflow after the write `applied`, with its step and timeline; mark the write as applied.

    `step` and `events` are columns by their names. The new `tasks` get their ids; an event about one of them
    names its `definition_id`. `completion_id` is the definition of the completion that the step has reached.
    `renamed` is the ticket, if the write has changed the subject or the priority.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _STORE,
            {
                "company": run.company_id,
                "now": timezone.now(),
                "step": json.dumps([step] if step else []),
                "completion": completion_id,
                "tasks": rows_as_json(tasks),
                "events": json.dumps(events),
                "write": applied.pk,
                "data": json.dumps(run.data),
                "number": run.step,
                "status": str(run.status),
                "waiting_modified": run.waiting_modified,
                "machine_writes": run.machine_writes,
                "ended_at": run.ended_at,
                "run": run.pk,
                "renamed": renamed.pk if renamed else None,
                "subject": renamed.subject if renamed else "",
                "priority": renamed.priority if renamed else 0,
            },
        )
        (ids,) = cursor.fetchone()
    set_ids(tasks, ids)


# Empty values have no row. A trigger maintains the copies of the ticket's columns.
_STORE_VALUES = """
WITH emptied AS (
    DELETE FROM workflow_ops_ticketfieldvalue WHERE ticket_id = %(ticket)s::bigint
        AND field IN (SELECT key FROM jsonb_each(%(values)s::jsonb) WHERE value = 'null'::jsonb)
)
INSERT INTO workflow_ops_ticketfieldvalue (
    company_id, ticket_id, line_id, field, value, is_finished, changed_at, waiting_since, priority,
    due_order)
SELECT ticket.company_id, ticket.id, ticket.line_id, item.key, left(item.value, %(most)s::integer),
    ticket.is_finished, ticket.changed_at, ticket.waiting_since, ticket.priority, ticket.due_order
FROM workflow_ops_ticketinstance AS ticket, jsonb_each_text(%(values)s::jsonb) AS item
WHERE ticket.id = %(ticket)s::bigint AND ticket.company_id = %(company)s::bigint AND item.value IS NOT NULL
ON CONFLICT (ticket_id, field) DO UPDATE SET value = excluded.value
"""


def store_field_values(
    ticket: TicketInstance, names: Iterable[str], *, before: Mapping[str, Any], now: Mapping[str, Any]
) -> None:
    """Store the values by which lists filter, in one statement; do nothing if none of `names` changed."""
    changed = {name: now.get(name) for name in names if before.get(name) != now.get(name)}
    if changed:
        values = {"ticket": ticket.pk, "company": ticket.company_id, "most": MAX_VALUE_LENGTH}
        with connection.cursor() as cursor:
            cursor.execute(_STORE_VALUES, {**values, "values": json.dumps(changed)})
