"""The rows of a workflow that runs: locked, read with the writes that wait, and stored after a write.

Everything in one workflow happens under its lock, one thing after the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from ticketflower.fast_sql import RowColumns
from ticketflower.tenancy.context import current_company_id
from workflow_ops.models import TaskInstance, TicketInstance, WorkflowInstance, WorkflowWrite


@contextmanager
def one_transaction() -> Iterator[None]:
    """A transaction, or the one that is open, without the two statements of a savepoint.

    For functions that refuse before they change anything: what they raise leaves nothing to undo.
    """
    if connection.in_atomic_block:
        yield
    else:
        with transaction.atomic():
            yield


def lock_run(run_id: int) -> WorkflowInstance:
    """The workflow that runs, as it stands now, locked until the transaction ends; its `ticket` comes along.

    Whatever changes a workflow, its tasks or its writes takes this lock first, and so is in one
    order with all else: the ids of writes are in the order of their commits.
    """
    runs = WorkflowInstance.objects.select_for_update(of=("self",), no_key=True).select_related("ticket")
    return runs.get(pk=run_id)


def lock_task(task: TaskInstance) -> TaskInstance:
    """The task as it stands now, with its definition, workflow and ticket; the workflow is locked."""
    run = lock_run(task.workflow_instance_id)
    fresh = TaskInstance.objects.select_related("task_definition__workflow", "assigned_to").get(pk=task.pk)
    fresh.workflow_instance = run
    return fresh


def lock_assignment() -> None:
    """Until the transaction ends, nobody else in the company chooses whom to give a task.

    Taken after the lock of a workflow, never before it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock("
            "hashtextextended('assignment ' || current_setting('app.company_id'), 0))"
        )


_WRITE = RowColumns(WorkflowWrite, of="waiting")
_RUN = RowColumns(WorkflowInstance, of="run")
_TICKET = RowColumns(TicketInstance, of="ticket")

# The workflow comes first in the last line, and so is locked first, as by everybody else: who waits
# there for another process holds none of the writes, which that process may be about to change.
_WAITING = f"""
SELECT {_WRITE.sql}, {_RUN.sql}, {_TICKET.sql}
FROM workflow_ops_workflowwrite AS waiting
JOIN workflow_ops_workflowinstance AS run ON run.id = waiting.workflow_instance_id
JOIN workflow_ops_ticketinstance AS ticket ON ticket.workflow_instance_id = run.id
WHERE waiting.workflow_instance_id = %s AND waiting.status = 'WAITING' AND waiting.company_id = %s
ORDER BY waiting.id LIMIT %s
FOR NO KEY UPDATE OF run, waiting
"""  # noqa: S608 - columns of our own models

# Both rows are locked by whoever applies the write (`workflow_ops.state_manager`).
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
    """A write whose turn it is, and its workflow, locked."""

    write: WorkflowWrite
    run: WorkflowInstance
    has_more: bool


def waiting_writes(run_id: int, *, most: int) -> list[WorkflowWrite]:
    """The first writes of a workflow that wait, locked, each with the workflow, locked, and its ticket.

    Whoever waits for the lock meets the newest rows after it, and of the writes those that still
    wait: another process may have been quicker.
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


def store_run(run: WorkflowInstance, *, applied: WorkflowWrite) -> None:
    """The workflow as it stands after `applied`, which waits no more."""
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
