"""A company with BENCH_TICKETS tickets, tasks and errors; prints the URLs of its lists as JSON."""

import base64
import json
import os
import sys
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import django

django.setup()

from django.conf import settings  # noqa: E402 - after django.setup()
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from ticketflower.tenancy.owner import database_owner  # noqa: E402
from users.models import CompanyRole, CompanyRoleMembership, CustomUser  # noqa: E402
from users.tests.cases import People, logged_in, make_person  # noqa: E402
from workflow_design.definition.workflow import CompletionFile, TaskFile, TicketFile, WorkflowFile  # noqa: E402
from workflow_design.models import TaskDefinition, TicketDefinition, WorkflowLine  # noqa: E402
from workflow_design.persistence.importing import import_workflow  # noqa: E402
from workflow_design.versions.publishing import publish  # noqa: E402

LINES = 12
RARE_ROWS = 60
"""The number of rare rows, equal in all databases so that their pages show the same number of rows."""

# Triggers and foreign keys would take hours for a million rows, and lists don't use them.
_DROP_CHECKS = """
DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT conrelid::regclass AS name, conname FROM pg_constraint
        WHERE contype = 'f' AND starts_with(conrelid::regclass::text, 'workflow_ops_')
    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.name, one.conname); END LOOP;
    FOR one IN SELECT oid::regclass AS name FROM pg_class
        WHERE relkind = 'r' AND starts_with(relname, 'workflow_ops_')
    LOOP EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', one.name); END LOOP;
END $$
"""

_PEOPLE = """
INSERT INTO users_customuser (company_id, password, is_superuser, email, first_name, last_name, is_active,
    is_staff, time_zone, date_joined)
SELECT %(company)s, '!', false, 'person' || n || '@many.example', 'First' || n, 'Last' || n, true,
    false, '', now()
FROM generate_series(1, %(people)s) AS n
"""

# Each row of `plan` is a ticket with its workflow, its task and, for every fourth, its error.
_PLAN = """
CREATE UNLOGGED TABLE plan AS
SELECT n,
    CASE n %% (%(tickets)s / %(rare)s)
        WHEN 1 THEN 'ON_HOLD' WHEN 2 THEN 'NOT_STARTED' WHEN 3 THEN 'IN_PROGRESS' WHEN 4 THEN 'CANCELLED'
        ELSE CASE WHEN random() < 0.03 THEN 'IN_PROGRESS' WHEN random() < 0.05 THEN 'CANCELLED'
            ELSE 'COMPLETED' END
    END AS status,
    CASE n %% (%(tickets)s / %(rare)s) WHEN 5 THEN %(lines)s
        ELSE least(%(lines)s - 1, 1 + floor(-ln(1 - random()) / ln(2)))::int END AS line,
    CASE WHEN n %% (%(tickets)s / %(rare)s / 3) IN (1, 3, 5) THEN %(submitter)s
        ELSE %(first_person)s + n %% %(people)s END AS submitter,
    CASE WHEN n %% (%(tickets)s / %(rare)s / 2) IN (0, 3) THEN %(worker)s
        WHEN n %% (%(tickets)s / %(rare)s) = 1 THEN NULL
        ELSE %(first_person)s + (n + 7) %% %(people)s END AS worker,
    CASE n %% (%(tickets)s / %(rare)s) WHEN 4 THEN 'NEW' WHEN 8 THEN 'REVIEWED' ELSE 'RESOLVED'
        END AS error_status,
    now() - (%(tickets)s - n) * interval '30 seconds' AS created_at,
    now() - (%(tickets)s - n) * interval '30 seconds' + random() * interval '9 days' AS changed_at
FROM generate_series(1, %(tickets)s) AS n
"""

_ROWS = (
    """
    INSERT INTO workflow_ops_workflowinstance (id, company_id, workflow_id, status, data, step,
        machine_writes, created_at, updated_at, ended_at)
    SELECT n, %(company)s, (%(workflows)s::bigint[])[line], status, '{}', 1, 0, created_at, changed_at,
        CASE WHEN status IN ('COMPLETED', 'CANCELLED') THEN changed_at END
    FROM plan
    """,
    """
    INSERT INTO workflow_ops_ticketinstance (id, company_id, number, ticket_definition_id, line_id,
        type_title, workflow_instance_id, ticket_data, form_token, created_by_id, status, is_finished,
        is_stalled, changed_at, created_at, updated_at)
    SELECT n, %(company)s, n, (%(kinds)s::bigint[])[line], (%(line_ids)s::bigint[])[line],
        'Ticket', n, '{}', gen_random_uuid(), submitter, status,
        status IN ('COMPLETED', 'CANCELLED'), false, changed_at, created_at, created_at
    FROM plan
    """,
    """
    INSERT INTO workflow_ops_taskinstance (id, company_id, workflow_instance_id, task_definition_id, run,
        status, input_data, input_version, assigned_to_id, assigned_at, created_at, completed_at,
        completed_by_id)
    SELECT n, %(company)s, n, (%(tasks)s::bigint[])[line], 1, task_status, '{}', 1, worker, created_at,
        created_at, CASE WHEN task_status = 'COMPLETED' THEN changed_at END,
        CASE WHEN task_status = 'COMPLETED' THEN coalesce(worker, submitter) END
    FROM plan, LATERAL (SELECT CASE status WHEN 'ON_HOLD' THEN 'OPEN' WHEN 'NOT_STARTED' THEN 'ERROR'
        WHEN 'IN_PROGRESS' THEN 'IN_PROGRESS' ELSE status END AS task_status) AS its
    """,
    """
    INSERT INTO workflow_ops_ticketerror (company_id, ticket_id, error_type, reason, error_message,
        stack_trace, error_status, resolution_notes, definition_kind, definition_key, modified_fields,
        looks, created_at, updated_at)
    SELECT %(company)s, n, CASE WHEN n %% 8 = 0 THEN 'WORKFLOW_CREATION' ELSE 'WORKFLOW_TRANSITION' END,
        'ASSIGNMENT', 'Nobody was assigned.', '', error_status, '', '', '', '{}', '[]', created_at,
        created_at
    FROM plan WHERE n %% 4 = 0 OR error_status <> 'RESOLVED'
    """,
    # An act has four changes, as when a task is completed. A few are those of staff and of the system.
    """
    INSERT INTO users_auditevent (company_id, at, act, way, person_id, impersonator_id, actor, kind,
        operation, "table", row_id, label, ticket, workflow_id, subject, changes)
    SELECT %(company)s, first.created_at, (extract(epoch FROM first.created_at) * 1000000)::bigint << 10,
        'page',
        CASE WHEN first.n %% (%(tickets)s / %(rare)s) NOT IN (4, 8) THEN first.submitter END,
        CASE first.n %% (%(tickets)s / %(rare)s) WHEN 4 THEN %(submitter)s END, 'Somebody',
        CASE plan.n %% (%(tickets)s / %(rare)s) WHEN 9 THEN 'ERROR'
            ELSE (ARRAY['TASK', 'TICKET'])[1 + plan.n %% 2] END,
        'update', (ARRAY['workflow_ops_taskinstance', 'workflow_ops_workflowinstance'])[1 + plan.n %% 2],
        plan.n, 'Look', first.n, (%(workflows)s::bigint[])[first.line], 'Ticket',
        '{"status": ["OPEN", "COMPLETED"]}'
    FROM plan JOIN plan AS first ON first.n = greatest(plan.n / 4 * 4, 1)
    ORDER BY plan.n
    """,
    # Every other ticket has one of two words, which never meet; ten more are of a vocabulary of 5,000.
    """
    INSERT INTO workflow_ops_ticketdocument (company_id, ticket_id, number, parts, words, people, built_for)
    SELECT %(company)s, n, n, jsonb_build_object('a', jsonb_build_array(ARRAY['', ''], ARRAY['', 'Ticket'],
            ARRAY['', n::text], ARRAY['', ''], ARRAY['Asked', 'The ' || word || ' is out of order again'])),
        array_to_tsvector(ARRAY['aticket', 'a' || n, 'a' || word, '*' || (%(line_ids)s::bigint[])[line]]
            || ARRAY(SELECT DISTINCT 'aword' || (n::bigint * 7919 * i + i) %% 5000
                     FROM generate_series(1, 10) AS i)),
        ARRAY[submitter], changed_at
    FROM plan, LATERAL (SELECT (ARRAY['printer', 'toner'])[1 + n %% 2] AS word) AS its
    """,
    """
    UPDATE workflow_ops_ticketinstance SET created_by_id = %(few)s
    WHERE number IN (%(tickets)s / 4, %(tickets)s / 2, %(tickets)s * 3 / 4)
    """,
    "INSERT INTO workflow_ops_ticketcounter (company_id, last_number) VALUES (%(company)s, %(tickets)s)",
    "DROP TABLE plan",
)


_TICKETS, _TASKS, _ERRORS = (
    f"workflow_ops_{name}" for name in ("ticketinstance", "taskinstance", "ticketerror")
)
_DEEP = {
    "users/audit/?": ("users_auditevent", "act"),
    "users/audit/?kind=TASK&": ("users_auditevent", "act"),
    "manage/tickets/?": (_TICKETS, "number"),
    "manage/tickets/?sort=changed&": (_TICKETS, "changed_at"),
    "manage/tickets/?sort=-changed&status=COMPLETED&": (_TICKETS, "changed_at"),
    "manage/tickets/?status=&": (_TICKETS, "number"),
    "manage/tasks/?": (_TASKS, "created_at"),
    "manage/tasks/?status=COMPLETED&": (_TASKS, "created_at"),
    "manage/errors/?status=all&": (_ERRORS, "created_at"),
}


def main() -> None:
    """Create the tables, the company and its rows in the configured database, and the static files."""
    tickets = int(os.environ["BENCH_TICKETS"])
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    people = People("Many")
    rare_admin = make_person(people.company, "Rita")
    few = make_person(people.company, "Thea")
    values = {
        "company": people.company.pk,
        "submitter": people.submitter.pk,
        "worker": people.worker.pk,
        "few": few.pk,
        "tickets": tickets,
        "rare": RARE_ROWS,
        "people": max(tickets // 100, 20),
        "lines": LINES,
        **_workflows(people, rare_admin),
    }
    with database_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(_DROP_CHECKS)
        cursor.execute("ALTER TABLE users_customuser DISABLE TRIGGER USER")
        cursor.execute(_PEOPLE, values)
        cursor.execute("ALTER TABLE users_customuser ENABLE TRIGGER USER")
        cursor.execute("SELECT min(id) FROM users_customuser WHERE email LIKE 'person%'")
        values["first_person"] = cursor.fetchone()[0]
        for statement in (_PLAN, *_ROWS):
            cursor.execute(statement, values)
        cursor.execute("VACUUM ANALYZE")
        deep = [f"/{address}after={_middle(*row)}" for address, row in _DEEP.items()]
    pages = _pages(people, rare_admin, values)
    pages += _searches({"admin": people.admin, "admin of one workflow": rare_admin, "who has three": few})
    admin = logged_in(people.admin).cookies["sessionid"].value
    pages += [(f"admin, in the middle: {path.partition('after')[0]}", admin, path) for path in deep]
    pages = [page for page in pages if os.environ["BENCH_ONLY"] in page[0]]
    json.dump({"pages": json.dumps([(*page, _buffers(people, page)) for page in pages])}, sys.stdout)


def _buffers(people: People, page: tuple[str, str, str]) -> int:
    """Return how many blocks of the database the statements of a page read."""
    name, session, address = page
    client = Client(headers={"host": urlsplit(settings.SITE_URL).netloc, "x-forwarded-proto": "https"})
    client.cookies["sessionid"] = session
    with CaptureQueriesContext(connection) as sent:
        assert client.get(address).status_code == HTTPStatus.OK, name
    read = 0
    with people.admin.scope(), transaction.atomic(), connection.cursor() as cursor:
        for query in sent:
            if query["sql"].startswith("SELECT ") and "set_config" not in query["sql"]:
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query['sql']}")
                plan = cursor.fetchone()[0][0]["Plan"]
                read += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return read


def _middle(table: str, column: str) -> str:
    """Return the cursor of the page that starts at the middle row, ordered by this column."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT to_json({column}), id FROM {table} ORDER BY {column}, id"  # noqa: S608 - our own names
            f" OFFSET (SELECT count(*) / 2 FROM {table}) LIMIT 1"
        )
        if column == "act":  # its cursor is the act itself
            return str(cursor.fetchone()[0])
        return base64.urlsafe_b64encode(json.dumps(cursor.fetchone()).encode()).decode()


def _workflows(people: People, rare_admin: CustomUser) -> dict[str, Any]:
    """Create workflows whose numbers of tickets halve each time; the last one is rare and has an admin."""
    with people.scope(), transaction.atomic():
        CompanyRoleMembership.objects.create(
            person=rare_admin, role=CompanyRole.objects.create(name="Rare", company=people.company)
        )
        for line in range(1, LINES + 1):
            publish(import_workflow(_workflow(line), by=None, may_make_roles=True), by=None)
        kinds = TicketDefinition.objects.order_by("pk")
        tasks = TaskDefinition.objects.filter(title="Look").order_by("pk")
        return {
            "workflows": [kind.workflow_id for kind in kinds],
            "kinds": [kind.pk for kind in kinds],
            "line_ids": [kind.workflow.line_id for kind in kinds.select_related("workflow")],
            "tasks": [task.pk for task in tasks],
        }


def _workflow(line: int) -> WorkflowFile:
    text = {"type": "string"}
    return WorkflowFile(
        title=f"Bench {line}",
        fields_schema={"type": "object", "properties": {"asked": text, "out": text}},
        ticket_admin_roles=("Rare",) if line == LINES else (),
        tickets=(TicketFile(title="Ticket", fields=("asked",)),),
        tasks=(TaskFile(title="Look", task_type="FORM", input_fields=("asked",), output_fields=("out",)),),
        completions=(CompletionFile(title="End", completion_status="COMPLETED", fields=("out",)),),
    )


def _pages(people: People, rare_admin: CustomUser, values: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return name, session and URL of each page: first pages, and some from the middle."""
    with people.scope(), transaction.atomic():
        often, rare = (str(WorkflowLine.objects.get(title=f"Bench {line}").pk) for line in (1, LINES))
    found = []
    for who, person, lists in (
        ("admin", people.admin, {**_desk(often, rare), "users/audit": _audit(people, values)}),
        (
            "admin of one workflow",
            rare_admin,
            {
                "manage/tickets": [""],
                "manage/tasks": ["", "status=all"],
                "manage/errors": ["status=all"],
                "users/audit": [f"workflow={values['workflows'][-1]}"],
            },
        ),
        ("submitter", people.submitter, _MINE),
        ("worker", people.worker, {"tasks": _MY_TASKS}),
    ):
        session = logged_in(person).cookies["sessionid"].value
        for path, queries in lists.items():
            for query in queries:
                found.append((f"{who}: /{path}/?{query}", session, f"/{path}/?{query}"))
    return found


def _searches(people: dict[str, CustomUser]) -> list[tuple[str, str, str]]:
    """Return name, session and URL of searches: common and rare words, and two that never meet."""
    words = ("printer", "printer+toner", "word17", "word17+word4711", "printer+wor", "unheard")
    sessions = {who: logged_in(person).cookies["sessionid"].value for who, person in people.items()}
    return [
        (f"search: {who}: {text}", session, f"/search/?q={text}")
        for who, session in sessions.items()
        for text in words
    ]


_MINE = {"tickets": ["", "status=archive", "sort=title", "status=archive&sort=-title", "q=Ticket"]}
_MY_TASKS = ["", "sort=task", "show=take", "show=done", "show=done&sort=task"]


def _audit(people: People, values: dict[str, Any]) -> list[str]:
    often, rare = values["workflows"][0], values["workflows"][-1]
    filters = [
        "kind=TASK",
        "kind=ERROR",
        "kind=PEOPLE",
        f"q={people.submitter.email}",
        "q=person7@many.example",
    ]
    days = [f"{day}=2020-01-02" for day in ("since", "until")]
    return [
        "",
        *filters,
        "who=staff",
        "who=system",
        "ticket=500",
        f"workflow={often}",
        f"workflow={rare}",
        *days,
    ]


def _desk(often: str, rare: str) -> dict[str, list[str]]:
    some = [
        f"workflow={often}",
        f"workflow={rare}",
        "q=Last7",
        "q=%23500",
        "since=2020-01-01&until=2020-01-02",
    ]
    statuses = [
        "",
        *(
            f"status={name}"
            for name in ("unfinished", "NOT_STARTED", "IN_PROGRESS", "ON_HOLD", "COMPLETED", "CANCELLED")
        ),
    ]
    orders = ["", "sort=number", "sort=changed", "sort=-changed"]
    tickets = [f"{one}&{two}".strip("&") for one in statuses for two in orders]
    task_statuses = ["", *(f"status={name}" for name in ("all", "OPEN", "ERROR", "COMPLETED", "CANCELLED"))]
    tasks = [f"{one}&{two}".strip("&") for one in task_statuses for two in ("", "sort=-created")]
    errors = [
        "",
        *(f"status={name}" for name in ("all", "NEW", "REVIEWED", "RESOLVED")),
        "kind=WORKFLOW_CREATION&status=all",
        "status=all&sort=happened",
    ]
    return {
        "manage/tickets": [*tickets, *some, *(f"{one}&sort=-changed" for one in some)],
        "manage/tasks": [*tasks, "assigned=nobody", *(f"{one}&status=all" for one in some)],
        "manage/errors": [*errors, *(f"{one}&status=all" for one in some)],
    }


if __name__ == "__main__":
    main()
