"""The clock and the search behind the walls, at a million tickets: `python3 dev.py bench plans`.

The clock asks as the worker does each minute; tasks are of 1,000 companies. The search asks for words of
internal comments, as people who may read those of few tickets, of many, of a workflow and of all.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from statistics import median
from typing import Any

from bench.places import new_database, prepare, variables
from ticketflower import environment
from ticketflower.development.console import say

_EXECUTIONS = 9
_FEW, _MANY = 750, 100_000
"""In how many tickets two people had a task, apart from the 1,000 that each of them submitted."""

# Half of the unfinished tasks are of other companies. All are due, and most were recorded as overdue.
# Jobs wait, for a third of the companies that of the clock. Every tenth ticket has an internal comment.
_ROWS = (
    """
    INSERT INTO users_company SELECT (jsonb_populate_record(company, jsonb_build_object(
        'id', 100000 + number, 'name', 'Other ' || number))).*
    FROM users_company AS company, generate_series(1, 1000) AS number WHERE company.id = %(company)s
    """,
    """
    UPDATE workflow_ops_taskinstance SET due_at = created_at + interval '2 days',
        overdue_at = CASE WHEN id %% 7 > 0 THEN created_at + interval '2 days' END,
        company_id = CASE WHEN id %% 2 = 0 THEN 100001 + id / 2 %% 1000 ELSE company_id END
    WHERE status NOT IN ('COMPLETED', 'CANCELLED')
    """,
    """
    UPDATE workflow_ops_taskinstance SET overdue_at = NULL FROM workflow_ops_workflowinstance AS run
    WHERE run.id = workflow_instance_id AND run.status = 'ON_HOLD'
    """,
    """
    UPDATE workflow_ops_workflowinstance AS run SET company_id = task.company_id
    FROM workflow_ops_taskinstance AS task
    WHERE task.workflow_instance_id = run.id AND task.company_id <> run.company_id
    """,
    """
    INSERT INTO procrastinate_jobs (queue_name, task_name, lock, status, args)
    SELECT 'default', 'nothing', CASE WHEN number %% 67 = 0 THEN 'mark_overdue_tasks:' || 100000 + number / 20
        ELSE 'calls:' || number END, 'todo', '{}'
    FROM generate_series(1, 20000) AS number
    """,
    """
    INSERT INTO workflow_ops_taskholder (company_id, workflow_instance_id, person_id)
    SELECT %(company)s, id, %(first_person)s + CASE WHEN id %% 10 = 0 THEN 0 ELSE 1 END
    FROM workflow_ops_ticketinstance WHERE id %% 10 = 0 OR id %% 1333 = 1
    """,
    """
    UPDATE workflow_ops_ticketdocument SET words = words || array_to_tsvector(ARRAY['iconfidential']
        || ARRAY(SELECT DISTINCT 'iword' || (number * 31 * i + i) %% 5000 FROM generate_series(1, 5) AS i))
    WHERE number %% 10 = 0
    """,
)
_ASKED = ("confidential", "word17", "confidential word17")
"""A common word, a rare one, and both."""


def main() -> None:
    """Make the rows, and print the plans of the clock, and what the search read and how long it took."""
    parser = argparse.ArgumentParser(prog="dev.py bench plans", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="number of tickets")
    parser.add_argument(
        "--keep", action="store_true", help="keep the database, and use the one that is there"
    )
    options = parser.parse_args()
    with new_database(f"ticketflower_bench_plans_{options.rows}", keep=options.keep) as database:
        env = variables(database)
        rows = {"BENCH_TICKETS": str(options.rows), "BENCH_ONLY": "no page"}
        prepare("bench.many_tickets", env={**env, **rows})
        for asked, found in prepare("bench.plans", env={**env, "BENCH_PLANS": "ask"}).items():
            say(f"\n{asked}\n{found}")


def _ask() -> None:
    import django

    django.setup()

    from django.db import connection

    from ticketflower.tenancy.owner import database_owner

    with database_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT content FROM bench_values")
        values = json.loads(cursor.fetchone()[0])
        cursor.execute("SELECT EXISTS (SELECT FROM workflow_ops_taskholder)")
        if not cursor.fetchone()[0]:
            for statement in _ROWS:
                cursor.execute(statement, values)
            cursor.execute("VACUUM ANALYZE")
    json.dump({**dict(_clock(values["company"])), **dict(_searches(values))}, sys.stdout)


def _clock(company: int) -> Iterator[tuple[str, str]]:
    from ticketflower.tenancy.context import all_companies_scope, company_scope
    from workflow_ops.work.overdue import enqueue_overdue_checks, mark_overdue_tasks

    yield "companies with overdue tasks", _plan(enqueue_overdue_checks, all_companies_scope())
    tasks = partial(mark_overdue_tasks, company)
    yield "overdue tasks of one company", _plan(tasks, company_scope(company))


def _plan(clock: Callable[[], None], scope: AbstractContextManager[None]) -> str:
    """Return the plan of the first statement that reads due times."""
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    with transaction.atomic(), CaptureQueriesContext(connection) as sent:
        clock()
        transaction.set_rollback(True)
    question = next(each["sql"] for each in sent if '"due_at" <= ' in each["sql"])
    with scope, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {question}")
        return "\n".join(line for (line,) in cursor.fetchall())


def _searches(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    many = values["first_person"]
    people = {
        "admin": values["asking"]["admin"],
        "admin of one workflow": values["asking"]["admin of one workflow"],
        f"who had a task in {_FEW} tickets": many + 1,
        f"who had a task in {_MANY} tickets": many,
    }
    for who, person in people.items():
        for text in _ASKED:
            yield f"{who}: {text}", _search(values["company"], person, text)


def _search(company: int, person: int, text: str) -> str:
    """Search some times, and return what was found, how long that took and how much was read."""
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from ticketflower.tenancy.context import company_scope
    from users.models import CustomUser
    from users.tests.queries import work_of
    from workflow_ops.search.finding import search

    times = []
    with company_scope(company, person_id=person), transaction.atomic():
        asking = CustomUser.objects.select_related("company").get(pk=person)
        for _execution in range(_EXECUTIONS):
            with CaptureQueriesContext(connection) as sent:
                began = time.perf_counter()
                found = search(asking, text, most=50)
                times.append((time.perf_counter() - began) * 1000)
        blocks = work_of(sent[-1]["sql"]).blocks
    internal = sum(hit.reads_internal for hit in found.hits)
    return (
        f"{len(found.hits)} found, of {internal} internal comments, too; looked down to {found.searched_to};"
        f" {median(times):.1f} ms, {blocks} blocks"
    )


if __name__ == "__main__":
    _ask() if environment.text("BENCH_PLANS") else main()
