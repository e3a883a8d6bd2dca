"""Reports in the company of `bench.many_tickets`, whose tickets get more tasks and holds; prints times."""

import json
import sys
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.many_tickets import _INDEXES as INDEXES  # noqa: E402
from ticketflower.tenancy.context import company_scope  # noqa: E402
from ticketflower.tenancy.owner import database_owner  # noqa: E402
from users.models import CustomUser  # noqa: E402
from workflow_design.models import WorkflowLine  # noqa: E402
from workflow_ops.models import Report, ReportState  # noqa: E402
from workflow_ops.reports import making  # noqa: E402
from workflow_ops.reports.statements import STATEMENTS  # noqa: E402

# Three tasks for a ticket, of which each fifth ran before; a quarter are due; each twentieth ticket was held.
_ROWS = (
    """
    INSERT INTO workflow_ops_taskinstance (id, company_id, workflow_instance_id, task_definition_id, line_id,
        run, status, input_data, input_version, output_data, assigned_to_id, created_at, completed_at,
        completed_by_id, due_at)
    SELECT 10000000 + task.id * 2 + more, company_id, workflow_instance_id, task_definition_id, line_id,
        CASE WHEN task.id %% 5 = 0 THEN more + 1 ELSE 1 END, 'COMPLETED',
        jsonb_build_object('asked', repeat('words ', 40)), 1, '{"out": "done"}', worker, created_at,
        created_at + random() * interval '5 days', worker,
        CASE WHEN task.id %% 4 = 0 THEN created_at + interval '3 days' END
    FROM workflow_ops_taskinstance AS task, generate_series(1, 2) AS more,
        LATERAL (SELECT coalesce(assigned_to_id, %(person)s) AS worker) AS its
    """,
    """
    INSERT INTO workflow_ops_workflowdata (id, company_id, workflow_instance_id, step, data, modified_fields,
        emptied_fields, reset_fields, source, task_id, looks, created_at)
    SELECT id, company_id, workflow_instance_id, id, '{}', '{}', '{}', '{}', 'task', id - 1, '[]', created_at
    FROM workflow_ops_taskinstance WHERE run > 1
    """,
    """
    INSERT INTO workflow_ops_completioninstance (company_id, workflow_instance_id, completion_id,
        workflow_data_id, created_at)
    SELECT run.company_id, run.id, completion.id, run.id, run.ended_at
    FROM workflow_ops_workflowinstance AS run
    JOIN workflow_design_workflowcompletion AS completion ON completion.workflow_id = run.workflow_id
    WHERE run.status = 'COMPLETED'
    """,
    """
    INSERT INTO workflow_ops_timelineevent (company_id, ticket_id, kind, task_id, workflow_data_id, details,
        created_at)
    SELECT company_id, workflow_instance_id, 'TASK_STARTED', id, CASE WHEN run > 1 THEN id END, '{}',
        created_at
    FROM workflow_ops_taskinstance
    """,
    """
    INSERT INTO workflow_ops_timelineevent (company_id, ticket_id, kind, details, created_at)
    SELECT company_id, id, kind, '{}', created_at + after
    FROM workflow_ops_ticketinstance,
        unnest(ARRAY['HELD', 'RESUMED'], ARRAY[interval '1 hour', '1 day']) AS its (kind, after)
    WHERE id %% 20 = 0 ORDER BY id, after
    """,
)


def main() -> None:
    """Add the rows, unless that was done before, and print the times and plans as JSON."""
    with database_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT content FROM bench_values")
        values = json.loads(cursor.fetchone()[0])
        cursor.execute("SELECT EXISTS (SELECT FROM workflow_ops_timelineevent)")
        if not cursor.fetchone()[0]:
            _add_rows(cursor, values["worker"])
    reports = [
        _measure(values, name, line=line, days=days)
        for days, words in ((364, "a year"), (30, "a month"))
        for name, line in ((f"all workflows, {words}", None), (f"one of them, {words}", values["often"]))
    ]
    json.dump({"reports": json.dumps(reports)}, sys.stdout)


def _add_rows(cursor: Any, person: int) -> None:
    cursor.execute(INDEXES)
    indexes = [(name, text) for name, text in cursor.fetchall() if "auditevent" not in text]
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    for statement in _ROWS:
        cursor.execute(statement, {"person": person})
    cursor.execute("SET maintenance_work_mem = '1GB'")
    for _name, definition in indexes:
        cursor.execute(definition)
    cursor.execute("VACUUM ANALYZE")


def _measure(values: dict[str, Any], name: str, *, line: int | None, days: int) -> dict[str, Any]:
    """Make a report twice, and return how long each statement took at the second time, with its plan."""
    for _time in range(2):
        with company_scope(values["company"]), transaction.atomic():
            report = making.ask_for_report(
                line=WorkflowLine.objects.get(pk=line) if line else None,
                first_day=timezone.localdate() - timedelta(days=days),
                last_day=timezone.localdate(),
                by=CustomUser.objects.get(pk=values["asking"]["admin"]),
                form_token=uuid4(),
            )
        seconds = {}
        for table in STATEMENTS:
            begun = time.perf_counter()
            making.compute_next_table(values["company"], report.pk)
            seconds[table] = time.perf_counter() - begun
    with company_scope(values["company"]), transaction.atomic(), connection.cursor() as cursor:
        report = Report.objects.get(pk=report.pk)
        assert report.state == ReportState.READY, report.failure
        plans = {}
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        for table, statement in STATEMENTS.items():
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {statement}", making.values_of(report))
            plans[table] = "\n".join(row[0] for row in cursor.fetchall())
    return {"name": name, "seconds": seconds, "plans": plans}


if __name__ == "__main__":
    main()
