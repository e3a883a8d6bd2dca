"""The statements of a report, one for each table.

`docs/data-model.md`, "What a report counts", says what they count, and `docs/speed.md`, "Reports", how they
run.

Each counts rows of the versions `workflows` in the period from `begins` (inclusive) to `ends` (exclusive).
Numbers are as of `ends`, whenever the statement runs; only the tasks that people have are current. Times are
in seconds. Rows are in the order in which they are shown.
"""
# ruff: noqa: S608 - they are made of our own parts only

from typing import Final

# Every run that was open at any time in the period. There are two branches, because each has its own index.
_RUNS: Final = """
runs AS (
    SELECT id, workflow_id, created_at AS begun_at, NULL::timestamptz AS ended_at, 'OPEN' AS status
    FROM workflow_ops_workflowinstance
    WHERE company_id = %(company)s AND workflow_id = ANY(%(workflows)s::bigint[])
        AND ended_at IS NULL AND created_at < %(ends)s
    UNION ALL
    SELECT id, workflow_id, created_at AS begun_at, ended_at, status
    FROM workflow_ops_workflowinstance
    WHERE company_id = %(company)s AND workflow_id = ANY(%(workflows)s::bigint[])
        AND ended_at >= %(begins)s AND created_at < %(ends)s
)"""
_WAS_SUBMITTED: Final = "begun_at >= %(begins)s"
_HAS_ENDED: Final = "ended_at >= %(begins)s AND ended_at < %(ends)s"
_IS_OPEN: Final = "(ended_at IS NULL OR ended_at >= %(ends)s)"
_QUANTILES: Final = "percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY ({})::float8)"
_TIMES_TO_FINISH: Final = _QUANTILES.format("extract(epoch FROM ended_at - begun_at)")

# Weeks begin on Monday. Days are those of the company's time zone, so they may have 23 or 25 hours.
_FLOW: Final = f"""
WITH {_RUNS},
units AS (
    SELECT generate_series(
        date_trunc(%(unit)s, %(begins)s AT TIME ZONE %(zone)s),
        (%(ends)s AT TIME ZONE %(zone)s) - interval '1 microsecond',
        ('1 ' || %(unit)s)::interval) AS unit
),
submitted AS (
    SELECT date_trunc(%(unit)s, begun_at AT TIME ZONE %(zone)s) AS unit, count(*) AS number
    FROM runs WHERE {_WAS_SUBMITTED} GROUP BY 1
),
ended AS (
    SELECT date_trunc(%(unit)s, ended_at AT TIME ZONE %(zone)s) AS unit, count(*) AS number
    FROM runs WHERE {_HAS_ENDED} GROUP BY 1
)
SELECT unit::date::text, coalesce(submitted.number, 0), coalesce(ended.number, 0),
    ((SELECT count(*) FROM runs WHERE begun_at < %(begins)s)
        + sum(coalesce(submitted.number, 0) - coalesce(ended.number, 0)) OVER (ORDER BY unit))::bigint
FROM units LEFT JOIN submitted USING (unit) LEFT JOIN ended USING (unit)
ORDER BY unit
"""

_AGES: Final = f"""
WITH {_RUNS}
SELECT width_bucket(extract(epoch FROM %(ends)s - begun_at)::float8, %(ages)s::float8[]) AS age, count(*)
FROM runs WHERE {_IS_OPEN} GROUP BY age ORDER BY age
"""

_TYPES: Final = f"""
WITH {_RUNS}
SELECT line.title, ticket.type_title, count(*) FILTER (WHERE {_WAS_SUBMITTED}),
    count(*) FILTER (WHERE {_HAS_ENDED}), count(*) FILTER (WHERE {_IS_OPEN}),
    {_TIMES_TO_FINISH} FILTER (WHERE {_HAS_ENDED} AND runs.status = 'COMPLETED')
FROM runs
JOIN workflow_ops_ticketinstance AS ticket ON ticket.workflow_instance_id = runs.id
JOIN workflow_design_workflowline AS line ON line.id = ticket.line_id
GROUP BY line.title, ticket.type_title
ORDER BY 3 DESC, 1, 2
"""

# A workflow reaches at most one completion that ends it. Workflows that ended without one were ended by hand.
# The row without titles is the total of all tickets with its status.
_ENDS: Final = f"""
WITH ended AS (
    SELECT id, workflow_id, created_at AS begun_at, ended_at, status FROM workflow_ops_workflowinstance
    WHERE company_id = %(company)s AND workflow_id = ANY(%(workflows)s::bigint[]) AND {_HAS_ENDED}
),
reached AS (
    SELECT instance.workflow_instance_id AS id, completion.title
    FROM workflow_ops_completioninstance AS instance
    JOIN workflow_design_workflowcompletion AS completion ON completion.id = instance.completion_id
    WHERE instance.company_id = %(company)s AND completion.workflow_id = ANY(%(workflows)s::bigint[])
        AND completion.completion_status <> 'ON_HOLD'
),
withdrawn AS (
    SELECT ticket.workflow_instance_id AS id
    FROM workflow_ops_timelineevent AS event
    JOIN workflow_ops_ticketinstance AS ticket ON ticket.id = event.ticket_id
    WHERE event.company_id = %(company)s AND event.kind = 'WITHDRAWN'
)
SELECT line.title, coalesce(reached.title, ''),
    CASE WHEN withdrawn.id IS NULL THEN ended.status ELSE 'WITHDRAWN' END, count(*), {_TIMES_TO_FINISH}
FROM ended
JOIN workflow_design_workflowdefinition AS version ON version.id = ended.workflow_id
JOIN workflow_design_workflowline AS line ON line.id = version.line_id
LEFT JOIN reached ON reached.id = ended.id
LEFT JOIN withdrawn ON withdrawn.id = ended.id
GROUP BY GROUPING SETS ((1, 2, 3), (3))
ORDER BY 4 DESC, 1, 2, 3
"""

_OF_TASK: Final = """
JOIN workflow_design_taskdefinition AS kind ON kind.id = task.task_definition_id
JOIN workflow_design_workflowdefinition AS version ON version.id = kind.workflow_id
JOIN workflow_design_workflowline AS line ON line.id = version.line_id"""
_ARE_COUNTED: Final = "task.company_id = %(company)s AND kind.workflow_id = ANY(%(workflows)s::bigint[])"

# A hold lasts until the next timeline entry about holds; without one, it has not ended.
_TASKS: Final = f"""
WITH done AS MATERIALIZED (
    SELECT task.id, line.title AS workflow, kind.title, task.workflow_instance_id,
        task.created_at, task.completed_at
    FROM workflow_ops_taskinstance AS task {_OF_TASK}
    WHERE {_ARE_COUNTED} AND task.status = 'COMPLETED'
        AND task.completed_at >= %(begins)s AND task.completed_at < %(ends)s
),
holds AS (
    SELECT ticket_id, kind, created_at AS begins,
        coalesce(lead(created_at) OVER (PARTITION BY ticket_id ORDER BY id), 'infinity') AS ends
    FROM workflow_ops_timelineevent
    WHERE company_id = %(company)s AND kind IN ('HELD', 'RESUMED')
),
held AS (
    SELECT done.id,
        sum(extract(epoch FROM
            least(done.completed_at, holds.ends) - greatest(done.created_at, holds.begins))) AS seconds
    FROM holds
    JOIN workflow_ops_ticketinstance AS ticket ON ticket.id = holds.ticket_id
    JOIN done ON done.workflow_instance_id = ticket.workflow_instance_id
        AND done.completed_at > holds.begins AND done.created_at < holds.ends
    WHERE holds.kind = 'HELD'
    GROUP BY done.id
)
SELECT workflow, title, count(*),
    {_QUANTILES.format("extract(epoch FROM completed_at - created_at) - coalesce(held.seconds, 0)")}
FROM done LEFT JOIN held USING (id)
GROUP BY workflow, title
ORDER BY 3 DESC, 1, 2
"""

# `answers` has, for each task definition, the choice fields that decide whether it starts, with titles and
# labels.
_FIELDS: Final = "%(answers)s::jsonb -> {}::text"
_DECIDES: Final = "(field.value -> 'decides')::boolean"
_GIVEN: Final = """
SELECT string_agg(
    concat(field.value ->> 'title', ': ', field.value -> 'words' ->> given.value), ', ') AS words
FROM jsonb_each({fields}) AS field
JOIN LATERAL (SELECT {data} ->> field.key AS value) AS given ON field.value -> 'words' ? given.value
WHERE {which}"""

_DECIDED: Final = _GIVEN.format(fields=_FIELDS.format("again.kind_id"), data="task.output_data", which="true")
_DECIDED_BEFORE: Final = _GIVEN.format(
    fields=_FIELDS.format("kind.id"), data="task.input_data", which=_DECIDES
)

# A repeated run was caused by the task of the step in which it started. If that task's answers did not decide
# about the run, count the answers in that task's input that did, as for a requested change.
_RETURNS: Final = f"""
WITH again AS MATERIALIZED (
    SELECT task.id, line.title AS workflow, kind.title, task.workflow_instance_id, kind.id AS kind_id
    FROM workflow_ops_taskinstance AS task {_OF_TASK}
    WHERE {_ARE_COUNTED} AND task.run > 1 AND task.created_at >= %(begins)s AND task.created_at < %(ends)s
)
SELECT workflow, again.title, coalesce(kind.title, ''), coalesce(step.source, ''),
    coalesce(decided.words, before.words, ''), count(DISTINCT again.workflow_instance_id), count(*)
FROM again
LEFT JOIN workflow_ops_timelineevent AS event ON event.task_id = again.id AND event.kind = 'TASK_STARTED'
LEFT JOIN workflow_ops_workflowdata AS step ON step.id = event.workflow_data_id
LEFT JOIN workflow_ops_taskinstance AS task ON task.id = step.task_id
LEFT JOIN workflow_design_taskdefinition AS kind ON kind.id = task.task_definition_id
LEFT JOIN LATERAL ({_DECIDED}
) AS decided ON true
LEFT JOIN LATERAL ({_DECIDED_BEFORE}
) AS before ON true
GROUP BY 1, 2, 3, 4, 5
ORDER BY 7 DESC, 1, 2, 3, 4, 5
"""

_OVERDUE: Final = f"""
SELECT line.title, kind.title, count(*),
    count(*) FILTER (WHERE task.completed_at <= task.due_at),
    count(*) FILTER (WHERE task.completed_at > task.due_at AND task.completed_at < %(ends)s),
    count(*) FILTER (WHERE task.completed_at IS NULL OR task.completed_at >= %(ends)s)
FROM workflow_ops_taskinstance AS task {_OF_TASK}
WHERE {_ARE_COUNTED} AND task.due_at >= %(begins)s AND task.due_at < %(ends)s AND task.status <> 'CANCELLED'
GROUP BY 1, 2
ORDER BY 5 DESC, 6 DESC, 1, 2
"""

_LOAD: Final = f"""
WITH load AS (
    SELECT assigned_to_id AS person, count(*) AS open, 0 AS done
    FROM workflow_ops_taskinstance AS task {_OF_TASK}
    WHERE {_ARE_COUNTED} AND task.status IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR')
        AND assigned_to_id IS NOT NULL
    GROUP BY 1
    UNION ALL
    SELECT completed_by_id, 0, count(*)
    FROM workflow_ops_taskinstance AS task {_OF_TASK}
    WHERE {_ARE_COUNTED} AND task.status = 'COMPLETED' AND completed_by_id IS NOT NULL
        AND task.completed_at >= %(begins)s AND task.completed_at < %(ends)s
    GROUP BY 1
)
SELECT person, sum(open)::bigint, sum(done)::bigint FROM load GROUP BY person ORDER BY 3 DESC, 2 DESC, 1
"""

STATEMENTS: Final = {
    "flow": _FLOW,
    "types": _TYPES,
    "ages": _AGES,
    "ends": _ENDS,
    "tasks": _TASKS,
    "returns": _RETURNS,
    "overdue": _OVERDUE,
    "load": _LOAD,
}
"""The statement of each table, by its name."""
