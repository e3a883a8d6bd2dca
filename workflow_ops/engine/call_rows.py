"""The rows of actions and their calls, in statements whose text is built once (`ticketflower/fast_sql.py`).

Functions that store something are called with the task locked: by `lock_task_by_id`, or by `lock_task` of
`run_rows`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from ticketflower.fast_sql import RowColumns
from ticketflower.tenancy.context import current_company_id
from workflow_ops.models import TaskInstance, TicketInstance, WorkflowInstance

_TASK = RowColumns(TaskInstance, of="task")
_RUN = RowColumns(WorkflowInstance, of="run")
_TICKET = RowColumns(TicketInstance, of="ticket")

# As in `run_rows`, the workflow is locked first. The task is locked, too, so that its row is read again after
# waiting for the workflow.
_LOCK: Final = f"""
SELECT {_TASK.sql}, {_RUN.sql}, {_TICKET.sql}
FROM workflow_ops_taskinstance AS task
JOIN workflow_ops_workflowinstance AS run ON run.id = task.workflow_instance_id
JOIN workflow_ops_ticketinstance AS ticket ON ticket.workflow_instance_id = run.id
WHERE task.id = %s AND task.company_id = %s
FOR NO KEY UPDATE OF run, task
"""  # noqa: S608 - columns of our own models

_START: Final = """
WITH called AS (
    UPDATE workflow_ops_taskinstance SET
        status = 'IN_PROGRESS',
        started_at = coalesce(started_at, %(now)s::timestamptz),
        answer_until = %(until)s::timestamptz
    WHERE id = %(task)s::bigint
    RETURNING id, company_id, input_version
)
INSERT INTO workflow_ops_actioncall (
    company_id, task_id, connection_id, kind, input_version, outcome, request, error, started_at)
SELECT company_id, id, %(connection)s::bigint, 'CALL', input_version, 'RUNNING', %(request)s::jsonb, '',
    %(now)s::timestamptz
FROM called
RETURNING id
"""

_RESULT: Final = """
UPDATE workflow_ops_actioncall SET
    outcome = %(outcome)s,
    status = %(status)s::smallint,
    response = %(response)s::jsonb,
    error = %(error)s,
    finished_at = clock_timestamp()
WHERE id = %(call)s::bigint AND outcome = 'RUNNING'
"""

_COMPLETE: Final = """
WITH resolved AS (
    UPDATE workflow_ops_ticketerror SET error_status = 'RESOLVED', updated_at = clock_timestamp()
    WHERE task_id = %(task)s::bigint AND reason = 'ACTION' AND error_status <> 'RESOLVED'
)
UPDATE workflow_ops_taskinstance SET
    status = 'COMPLETED',
    output_data = %(values)s::jsonb,
    next_call_at = NULL,
    started_at = coalesce(started_at, clock_timestamp()),
    completed_at = clock_timestamp(),
    completed_by_id = %(person_id)s::bigint,
    impersonator_id = %(impersonator_id)s::bigint
WHERE id = %(task)s::bigint AND input_version = %(input_version)s::integer
    AND status NOT IN ('COMPLETED', 'CANCELLED')
"""


def lock_task_by_id(task_id: int) -> TaskInstance | None:
    """Lock a task and its workflow in one statement. Return it with workflow and ticket, or None."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [task_id, current_company_id()])
        row = cursor.fetchone()
    if row is None:
        return None
    values = list(row)
    task, run = _TASK.take(values), _RUN.take(values)
    run.ticket = _TICKET.take(values)
    run.ticket.workflow_instance = task.workflow_instance = run
    return task


def store_start(
    task: TaskInstance, *, until: datetime | None, connection_id: int | None, request: Mapping[str, Any]
) -> int:
    """Store that an action is being called, and until when its callback is awaited. Return the call's id."""
    logged = json.dumps(request)
    values: dict[str, Any] = {"task": task.pk, "until": until, "connection": connection_id, "request": logged}
    with connection.cursor() as cursor:
        cursor.execute(_START, {**values, "now": timezone.now()})
        (call_id,) = cursor.fetchone()
    return int(call_id)


def store_result(
    call_id: int, *, outcome: str, status: int | None, response: dict[str, Any], error: str
) -> bool:
    """Store the result of a call that runs. Return False if it was interrupted."""
    stored = json.dumps(response)
    return _execute(_RESULT, call=call_id, outcome=outcome, status=status, response=stored, error=error) > 0


def store_completed(task: TaskInstance, values: dict[str, Any], *, author: Mapping[str, int | None]) -> bool:
    """Complete an action and resolve the error of its call. Return False if it is finished already.

    The same if it has another input meanwhile.
    """
    columns = {"task": task.pk, "input_version": task.input_version, "values": json.dumps(values)}
    return _execute(_COMPLETE, **columns, **author) > 0


def _execute(statement: str, **values: Any) -> int:
    """Execute a statement and return how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
