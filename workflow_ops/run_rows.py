"""What a write has made of its workflow, stored together with the write, in one statement."""

from __future__ import annotations

import json

from django.db import connection

from workflow_ops.models import WorkflowInstance, WorkflowWrite

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
