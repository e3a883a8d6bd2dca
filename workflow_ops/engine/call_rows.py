"""The rows of calls of actions, in statements whose text is built once (`ticketflower/fast_sql.py`).

The caller must have locked the task (`task_rows`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from workflow_ops.models import TaskInstance

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
    """Store the result of a running call. Return False if the call was marked as interrupted."""
    stored = json.dumps(response)
    return _execute(_RESULT, call=call_id, outcome=outcome, status=status, response=stored, error=error) > 0


def store_completed(task: TaskInstance, values: dict[str, Any], *, author: Mapping[str, int | None]) -> bool:
    """Complete an action and resolve the error of its call. Return False if it is finished already.

    Also return False if its input has changed in the meantime.
    """
    columns = {"task": task.pk, "input_version": task.input_version, "values": json.dumps(values)}
    return _execute(_COMPLETE, **columns, **author) > 0


def _execute(statement: str, **values: Any) -> int:
    """Execute a statement and return how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
