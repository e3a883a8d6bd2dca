"""A company with BENCH_TICKETS tickets, tasks and errors; prints the URLs of its lists as JSON.

BENCH_COMPANIES, if it is given, says how many companies the database has, all like this one.
"""

import base64
import json
import os
import re
import sys
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from bench import list_pages  # noqa: E402
from bench.many_companies import copy_company  # noqa: E402
from ticketflower import environment  # noqa: E402
from ticketflower.tenancy.context import company_scope  # noqa: E402
from ticketflower.tenancy.owner import database_owner  # noqa: E402
from users.models import CompanyRole, CompanyRoleMembership, CustomUser  # noqa: E402
from users.tests.cases import People, logged_in, make_person  # noqa: E402
from workflow_design.definition.workflow import CompletionFile, TaskFile, TicketFile, WorkflowFile  # noqa: E402
from workflow_design.models import TaskDefinition, TicketDefinition  # noqa: E402
from workflow_design.persistence.importing import import_workflow  # noqa: E402
from workflow_design.versions.publishing import publish  # noqa: E402

LINES = 12
PEOPLE = 1000
"""The number of people, equal in all databases: what grows is the number of tickets."""
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

# Indexes are made after the rows, which takes a tenth of the time.
_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE (starts_with(tablename, 'workflow_ops_') OR tablename = 'users_auditevent')
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexname::regclass)
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
        WHEN 5 THEN (ARRAY['NOT_STARTED', 'IN_PROGRESS', 'ON_HOLD', 'COMPLETED', 'CANCELLED'])[1 + n / 5 %% 5]
        WHEN 6 THEN 'IN_PROGRESS' WHEN 7 THEN 'IN_PROGRESS'
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
        WHEN n %% (%(tickets)s / %(rare)s) = 6 THEN %(gone)s
        ELSE %(first_person)s + (n + 7) %% %(people)s END AS worker,
    CASE n %% (%(tickets)s / %(rare)s) WHEN 4 THEN 'NEW' WHEN 8 THEN 'REVIEWED' ELSE 'RESOLVED'
        END AS error_status,
    now() - (%(tickets)s - n) * (interval '347 days' / %(tickets)s) AS created_at,
    now() - (%(tickets)s - n) * (interval '347 days' / %(tickets)s) + random() * interval '9 days'
        AS changed_at,
    now() - (%(tickets)s - n) * (interval '347 days' / %(tickets)s) + (10 + n %% 20) * interval '1 day'
        AS due_at
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
    # The seventh of each hundred or so has stalled; priority 8 is rare. Two in three unfinished ones are due.
    """
    INSERT INTO workflow_ops_ticketinstance (id, company_id, number, ticket_definition_id, line_id,
        type_title, workflow_instance_id, ticket_data, form_token, created_by_id, responsible_id, held_until,
        resumes_by_itself, status, is_finished, is_stalled, priority, changed_at, waiting_since, due_at,
        created_at, updated_at)
    SELECT n, %(company)s, n, (%(kinds)s::bigint[])[line], (%(line_ids)s::bigint[])[line],
        'Ticket', n, '{}', gen_random_uuid(), submitter,
        CASE n %% (%(tickets)s / %(rare)s) WHEN 3 THEN %(worker)s END,
        CASE WHEN status = 'ON_HOLD' THEN created_at + interval '1 day' END, false, status,
        status IN ('COMPLETED', 'CANCELLED'), n %% (%(tickets)s / %(rare)s) = 7,
        CASE WHEN n %% (%(tickets)s / %(rare)s) = 6 THEN 8 WHEN n %% 7 = 0 THEN 32767 ELSE n %% 5 END,
        changed_at, created_at + (changed_at - created_at) / 2,
        CASE WHEN status IN ('NOT_STARTED', 'IN_PROGRESS') AND n %% 3 > 0 THEN due_at END,
        created_at, created_at
    FROM plan
    """,
    """
    INSERT INTO workflow_ops_taskinstance (id, company_id, workflow_instance_id, task_definition_id,
        line_id, run, status, input_data, input_version, assigned_to_id, assigned_at, created_at, due_at,
        completed_at, completed_by_id)
    SELECT n, %(company)s, n, (%(tasks)s::bigint[])[line], (%(line_ids)s::bigint[])[line], 1, task_status,
        '{}', 1, worker, created_at, created_at, CASE WHEN n %% 3 > 0 THEN due_at END,
        CASE WHEN task_status = 'COMPLETED' THEN changed_at END,
        CASE WHEN task_status = 'COMPLETED' THEN coalesce(worker, submitter) END
    FROM plan, LATERAL (SELECT CASE WHEN n %% (%(tickets)s / %(rare)s) = 7 THEN 'CANCELLED'
        ELSE CASE status WHEN 'ON_HOLD' THEN 'OPEN' WHEN 'NOT_STARTED' THEN 'ERROR'
        WHEN 'IN_PROGRESS' THEN 'IN_PROGRESS' ELSE status END END AS task_status) AS its
    """,
    """
    INSERT INTO workflow_ops_ticketerror (company_id, ticket_id, line_id, error_type, reason, error_message,
        stack_trace, error_status, resolution_notes, definition_kind, definition_key, modified_fields,
        looks, created_at, updated_at)
    SELECT %(company)s, n, (%(line_ids)s::bigint[])[line],
        CASE WHEN n %% 8 = 0 THEN 'WORKFLOW_CREATION' ELSE 'WORKFLOW_TRANSITION' END,
        CASE n %% (%(tickets)s / %(rare)s) WHEN 8 THEN 'STALL' ELSE 'ASSIGNMENT' END,
        'Nobody was assigned.', '', error_status, '', '', '', '{}', '[]', created_at, created_at
    FROM plan WHERE n %% 4 = 0 OR error_status <> 'RESOLVED'
    """,
    """
    INSERT INTO workflow_ops_opentask (company_id, task_id, ticket_id, line_id, title, status, assignee,
        ticket_status, changed_at, waiting_since, priority, due_order, task_due_order, created_at)
    SELECT task.company_id, task.id, ticket.id, ticket.line_id, 'Look', task.status,
        coalesce(assigned_to_id, 0), ticket.status, changed_at, waiting_since, priority, due_order,
        coalesce(CASE WHEN ticket.status <> 'ON_HOLD' THEN task.due_at END, '9000-01-01+00'), task.created_at
    FROM workflow_ops_taskinstance AS task JOIN workflow_ops_ticketinstance AS ticket ON ticket.id = task.id
    WHERE task.status NOT IN ('COMPLETED', 'CANCELLED')
    """,
    """
    INSERT INTO workflow_ops_ticketfieldvalue (company_id, ticket_id, line_id, field, value, is_finished,
        changed_at, waiting_since, priority, due_order)
    SELECT company_id, id, line_id, 'urgency',
        CASE WHEN id %% (%(tickets)s / %(rare)s) IN (1, 3) THEN 'high' ELSE 'low' END, is_finished,
        changed_at, waiting_since, priority, due_order
    FROM workflow_ops_ticketinstance
    """,
    # An act has four changes, as when a task is completed. A few are those of staff and of the system.
    """
    INSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,
        operation, "table", row_id, label, ticket, workflow_id, subject, changes)
    SELECT %(company)s, first.created_at, (extract(epoch FROM first.created_at) * 1000000)::bigint << 10,
        'page', '',
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
_DUE_TICKETS = """
(SELECT * FROM workflow_ops_ticketinstance WHERE NOT is_finished AND due_at IS NOT NULL) AS due_tickets
"""
_DUE_TASKS = """
(SELECT company_id, task_id AS id, task_due_order FROM workflow_ops_opentask
 WHERE task_due_order < '9000-01-01') AS due_tasks
"""
_DEEP = {
    "manage/tickets": (
        _TICKETS,
        {
            "": "id",
            "number": "id",
            "changed": "changed_at",
            "waiting": "waiting_since",
            "priority": "priority",
        },
    ),
    "manage/tasks": (_TASKS, {"": "id"}),
    "manage/errors": (_ERRORS, {"": "id"}),
    "users/audit": ("users_auditevent", {"": "act"}),
}
"""The table and column that each order of these lists sorts by."""


def main() -> None:
    """Fill the configured database, unless that was done before, and print the pages to measure."""
    call_command("collectstatic", verbosity=0, interactive=False)
    call_command("migrate", verbosity=0)
    with database_owner(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_values (content jsonb)")
        cursor.execute("SELECT content FROM bench_values")
        row = cursor.fetchone()
        if row is None:
            companies = int(environment.text("BENCH_COMPANIES") or 1)
            values = _build(int(os.environ["BENCH_TICKETS"]), companies)
            cursor.execute("INSERT INTO bench_values VALUES (%s)", [json.dumps(values)])
        else:
            values = json.loads(row[0])
        middles = {
            (path, order): _middle(table, column, values["company"])
            for path, (table, columns) in _DEEP.items()
            for order, column in columns.items()
        }
        middles |= {
            ("manage/tickets", "due"): _middle(_DUE_TICKETS, "due_order", values["company"]),
            ("manage/tasks", "due"): _middle(_DUE_TASKS, "task_due_order", values["company"]),
        }
    with company_scope(values["company"]), transaction.atomic():
        people = {who: CustomUser.objects.get(pk=pk) for who, pk in values["asking"].items()}
    sessions = {who: logged_in(person).cookies["sessionid"].value for who, person in people.items()}
    pages = [
        (f"{who}: {address}", sessions[who], address)
        for who, first in list_pages.pages(values)
        for address in list_pages.first_and_deep(first, middles)
        if re.search(os.environ["BENCH_ONLY"], f"{who}: {address}")
    ]
    work = (list_pages.work_of_page(people["admin"], page) for page in pages)
    json.dump(
        {"pages": json.dumps([(*page, *its) for page, its in zip(pages, work, strict=True)])}, sys.stdout
    )


def _build(tickets: int, companies: int) -> dict[str, Any]:
    """Create the companies and their rows; return what the addresses of pages need."""
    people = People("Many")
    rare_admin = make_person(people.company, "Rita")
    few, gone = make_person(people.company, "Thea"), make_person(people.company, "Gus")
    values = {
        "company": people.company.pk,
        "submitter": people.submitter.pk,
        "submitter_email": people.submitter.email,
        "worker": people.worker.pk,
        "few": few.pk,
        "gone": gone.pk,
        "tickets": tickets,
        "rare": RARE_ROWS,
        "people": PEOPLE,
        "lines": LINES,
        **_workflows(people, rare_admin),
    }
    with database_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(_DROP_CHECKS)
        cursor.execute("ALTER TABLE users_customuser DISABLE TRIGGER USER")
        cursor.execute(_PEOPLE, values)
        cursor.execute("UPDATE users_customuser SET is_active = false WHERE id = %(gone)s", values)
        cursor.execute("ALTER TABLE users_customuser ENABLE TRIGGER USER")
        cursor.execute("SELECT min(id) FROM users_customuser WHERE email LIKE 'person%'")
        values["first_person"] = cursor.fetchone()[0]
        cursor.execute(_INDEXES)
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        for statement in (_PLAN, *_ROWS):
            cursor.execute(statement, values)
        if companies > 1:
            copy_company(companies)
        cursor.execute("SET maintenance_work_mem = '1GB'")
        for _name, definition in indexes:
            cursor.execute(definition)
        cursor.execute("VACUUM ANALYZE")
    asking = {
        "admin": people.admin,
        "admin of one workflow": rare_admin,
        "submitter": people.submitter,
        "worker": people.worker,
        "who has three": few,
    }
    return values | {"asking": {who: person.pk for who, person in asking.items()}}


def _middle(table: str, column: str, company: int) -> str:
    """Return the cursor of the page that starts at the company's middle row, ordered by this column."""
    own = f"FROM {table} WHERE company_id = %(company)s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT to_json({column}), id {own} ORDER BY {column}, id"
            f" OFFSET (SELECT count(*) / 2 {own}) LIMIT 1",
            {"company": company},
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
            "often": kinds[0].workflow.line_id,
            "rare_line": kinds[LINES - 1].workflow.line_id,
            "line_ids": [kind.workflow.line_id for kind in kinds.select_related("workflow")],
            "tasks": [task.pk for task in tasks],
        }


def _workflow(line: int) -> WorkflowFile:
    text = {"type": "string"}
    urgency = {"type": "string", "enum": ["low", "high"], "filterable": True}
    return WorkflowFile(
        title=f"Bench {line}",
        fields_schema={"type": "object", "properties": {"asked": text, "out": text, "urgency": urgency}},
        ticket_admin_roles=("Rare",) if line == LINES else (),
        tickets=(TicketFile(title="Ticket", fields=("asked", "urgency")),),
        tasks=(TaskFile(title="Look", task_type="FORM", input_fields=("asked",), output_fields=("out",)),),
        completions=(CompletionFile(title="End", completion_status="COMPLETED", fields=("out",)),),
    )


if __name__ == "__main__":
    main()
