"""How much PostgreSQL reads for each filter and order of the desk's lists: no more than a few blocks."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from time import monotonic
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.http import QueryDict
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from ticketflower.tenancy.owner import database_owner
from users.models import CompanyRole, CompanyRoleMembership, CustomUser
from users.tests.cases import CommittedTestCase, make_person
from users.tests.queries import Work, finds_rows, work_of
from workflow_design.models import TaskDefinition, TicketDefinition, WorkflowLine
from workflow_design.persistence.importing import import_workflow
from workflow_design.versions.publishing import publish
from workflow_ops.desk.lists.saved_views import LISTS
from workflow_ops.desk.lists.tickets import TicketList
from workflow_ops.models import DeskList, TicketCounter
from workflow_ops.tests.api.cases import Program, make_secret
from workflow_ops.tests.engine_cases import form, workflow
from workflow_ops.work.submissions import submit_ticket

TICKETS, RARE = 20_000, 3
MAX_BLOCKS, MAX_THROWN_AWAY = 60, 500
_URGENCY = {"type": "string", "enum": ["low", "high"], "filterable": True}

# The rare workflow has three unfinished tickets. Of the others one in ten is unfinished, and of those nearly
# half are due: half of them are overdue, and few are due in these days. In their tables, rows lie in an order
# of no meaning, as after years. Otherwise a page could be read from a few blocks without its index.
_ROWS = (
    """
    INSERT INTO workflow_ops_workflowinstance (id, company_id, workflow_id, status, data, step,
        machine_writes, created_at, updated_at)
    SELECT n, %(company)s, CASE WHEN n %% 7000 = 10 THEN %(rare_workflow)s ELSE %(workflow)s END,
        CASE WHEN n %% 7000 = 10 OR n %% 20 = 0 THEN 'IN_PROGRESS' WHEN n %% 100 = 1 THEN 'ON_HOLD'
            WHEN n %% 100 = 2 THEN 'NOT_STARTED' WHEN n %% 100 = 3 THEN 'CANCELLED' ELSE 'COMPLETED' END,
        '{}', 1, 0, now() - (%(tickets)s - n) * interval '10 minutes',
        now() - (%(tickets)s - n) * interval '10 minutes' + n %% 50 * interval '3 minutes'
    FROM generate_series(1, %(tickets)s) AS n ORDER BY n * 7919 %% 20011
    """,
    """
    INSERT INTO workflow_ops_ticketinstance (id, company_id, number, ticket_definition_id, line_id,
        type_title, workflow_instance_id, ticket_data, form_token, created_by_id, responsible_id,
        held_until, resumes_by_itself, status, is_finished, is_stalled, priority, due_at, changed_at,
        waiting_since, created_at, updated_at)
    SELECT id, company_id, id, CASE workflow_id WHEN %(workflow)s THEN %(kind)s ELSE %(rare_kind)s END,
        CASE workflow_id WHEN %(workflow)s THEN %(line)s ELSE %(rare_line)s END, 'Ticket', id, '{}',
        gen_random_uuid(), CASE WHEN id %% 1000 < 2 OR id %% 7000 = 10 THEN %(submitter)s ELSE %(worker)s END,
        CASE WHEN id %% 1000 = 0 OR id %% 7000 = 10 THEN %(submitter)s END,
        CASE WHEN id %% 1000 = 1 THEN now() - interval '1 day' END, false, status,
        status IN ('COMPLETED', 'CANCELLED'), status = 'IN_PROGRESS' AND id %% 1000 = 20,
        CASE WHEN id %% 1000 = 40 OR id %% 7000 = 10 THEN 0 ELSE id %% 3 + 1 END,
        CASE WHEN id %% 40 = 0 AND status = 'IN_PROGRESS' THEN created_at + interval '70 days' END,
        updated_at, created_at, created_at, created_at
    FROM workflow_ops_workflowinstance ORDER BY id * 7919 %% 20011
    """,
    """
    INSERT INTO workflow_ops_taskinstance (id, company_id, workflow_instance_id, task_definition_id, line_id,
        run, status, input_data, input_version, assigned_to_id, created_at)
    SELECT id, company_id, id, CASE WHEN line_id <> %(line)s THEN %(rare_task)s
            WHEN id %% 1000 IN (5, 100) THEN %(seldom_task)s ELSE %(task)s END, line_id, 1,
        CASE WHEN status = 'CANCELLED' OR is_stalled THEN 'CANCELLED' WHEN is_finished THEN 'COMPLETED'
            ELSE 'OPEN' END,
        '{}', 1, CASE WHEN id %% 1000 IN (0, 1, 4) OR id %% 7000 = 10 THEN %(submitter)s
            WHEN id %% 1000 = 60 THEN NULL ELSE %(worker)s END, created_at
    FROM workflow_ops_ticketinstance ORDER BY id * 7919 %% 20011
    """,
    # Every tenth ticket has an error. The rare workflow has three of them.
    """
    INSERT INTO workflow_ops_ticketerror (company_id, ticket_id, line_id, error_type, reason, error_message,
        stack_trace, error_status, resolution_notes, definition_kind, definition_key, modified_fields,
        looks, created_at, updated_at)
    SELECT company_id, id, line_id, CASE WHEN id %% 4000 = 0 THEN 'TASK_CREATION'
            ELSE 'WORKFLOW_TRANSITION' END,
        CASE WHEN id %% 4000 = 0 THEN 'CREATION' ELSE 'ASSIGNMENT' END, 'Nobody.', '',
        CASE WHEN id %% 500 = 0 THEN 'NEW' WHEN id %% 1000 = 10 THEN 'REVIEWED' ELSE 'RESOLVED' END,
        '', '', '', '{}', '[]', created_at, created_at
    FROM workflow_ops_ticketinstance WHERE id %% 10 = 0 ORDER BY id * 7919 %% 20011
    """,
    """
    INSERT INTO workflow_ops_opentask (company_id, task_id, ticket_id, line_id, title, status, assignee,
        ticket_status, changed_at, waiting_since, priority, due_order, task_due_order, created_at)
    SELECT task.company_id, task.id, ticket.id, task.line_id,
        CASE WHEN task.id %% 1000 = 100 THEN 'Seldom' ELSE 'Look' END, task.status,
        coalesce(assigned_to_id, 0), ticket.status, changed_at, waiting_since, priority, due_order,
        due_order, task.created_at
    FROM workflow_ops_taskinstance AS task JOIN workflow_ops_ticketinstance AS ticket ON ticket.id = task.id
    WHERE task.status = 'OPEN' ORDER BY task.id * 7919 %% 20011
    """,
    """
    INSERT INTO workflow_ops_ticketfieldvalue (company_id, ticket_id, line_id, field, value, is_finished,
        changed_at, waiting_since, priority, due_order)
    SELECT company_id, id, line_id, 'urgency', CASE WHEN id %% 1000 = 0 OR id %% 7000 = 10 THEN 'high'
        ELSE 'low' END, is_finished, changed_at, waiting_since, priority, due_order
    FROM workflow_ops_ticketinstance ORDER BY id * 7919 %% 20011
    """,
)
_TABLES = (
    "workflowinstance",
    "ticketinstance",
    "taskinstance",
    "ticketerror",
    "opentask",
    "ticketfieldvalue",
)


def vacuum(cursor: Any) -> None:
    """Let an index alone say which rows there are, as it does in a table that has been there for a while.

    Tables and indexes are written anew, because earlier tests in this database have left them half empty.
    Then PostgreSQL has to wait until no session of this database may miss a row. One of autovacuum that
    analyses a table may: its snapshot begins with the oldest transaction of all databases, such as a test's.
    """
    tables = [f"workflow_ops_{table}" for table in _TABLES]
    names = ", ".join(tables)
    cursor.execute(f"VACUUM (FULL, ANALYZE) {names}")
    latest = monotonic() + 300
    while monotonic() < latest:
        cursor.execute(f"VACUUM {names}")
        cursor.execute("SELECT sum(relpages - relallvisible) FROM pg_class WHERE relname = ANY(%s)", [tables])
        if cursor.fetchone() == (0,):
            return
    cursor.execute(
        "SELECT pid, backend_type, state, xact_start, age(backend_xmin), age(backend_xid), query "
        "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    raise AssertionError(f"a session may still miss rows; there are {cursor.fetchall()}")


class WorkOfLists(CommittedTestCase):
    """A company with 20,000 tickets, three of which belong to a rare workflow."""

    maxDiff = None

    def setUp(self) -> None:
        super().setUp()
        self.rare_admin = make_person(self.ours.company, "Rita")
        values = {"company": self.ours.company.pk, "tickets": TICKETS}
        values |= {name: getattr(self.ours, name).pk for name in ("submitter", "worker")}
        with self.ours.scope(), transaction.atomic():
            role = CompanyRole.objects.create(name="Rare", company=self.ours.company)
            CompanyRoleMembership.objects.create(person=self.rare_admin, role=role)
            for title, prefix in (("Often", ""), ("Rare", "rare_")):
                made = self.workflow(title, admins="Rare" if prefix else "")
                values |= {f"{prefix}{name}": row for name, row in made.items()}
        self.lines = (values["line"], values["rare_line"])
        with database_owner(), connection.cursor() as cursor:
            for switch in ("DISABLE", "ENABLE"):
                for table in _TABLES:
                    cursor.execute(f"ALTER TABLE workflow_ops_{table} {switch} TRIGGER USER")
                if switch == "DISABLE":
                    for statement, table in zip(_ROWS, _TABLES, strict=True):
                        cursor.execute(statement, values)
                        # Otherwise foreign keys of the next one may be checked by reading whole tables.
                        cursor.execute(f"ANALYZE workflow_ops_{table}")

    def workflow(self, title: str, *, admins: str = "") -> dict[str, int]:
        """Publish a workflow that the role `admins` administers, and return the ids of its rows."""
        fields: dict[str, Any] = {"urgency": _URGENCY}
        tasks = form("Look", "asked"), form("Seldom", "asked")
        file = workflow(*tasks, ticket="asked urgency", title=title, **fields)
        file = replace(file, ticket_admin_roles=(admins,) if admins else ())
        made = import_workflow(file, by=None, may_make_roles=True)
        publish(made, by=None)
        return {
            "workflow": made.pk,
            "line": WorkflowLine.objects.get(title=title).pk,
            "kind": TicketDefinition.objects.get(workflow=made).pk,
            "task": TaskDefinition.objects.get(workflow=made, title="Look").pk,
            "seldom_task": TaskDefinition.objects.get(workflow=made, title="Seldom").pk,
        }

    def filters(self) -> list[str]:
        """Return each filter by itself, a rare and a frequent value of most."""
        often, rare = self.lines
        submitter, worker = self.ours.submitter.pk, self.ours.worker.pk
        return [
            "",
            *(f"status={name}" for name in ("IN_PROGRESS", "ON_HOLD", "NOT_STARTED")),
            *(f"status={name}" for name in ("COMPLETED", "CANCELLED", "finished", "all")),
            f"workflow={often}",
            f"workflow={rare}",
            f"waits_for=Look&workflow={rare}",
            f"waits_for=Look&workflow={often}",
            "waits_for=nothing",
            *(f"assigned={who}" for who in ("nobody", "gone", submitter, worker)),
            *(f"submitter={who}" for who in (submitter, worker)),
            *(f"responsible={who}" for who in ("nobody", submitter)),
            *(f"priority={place}" for place in (0, 1, "none")),
            "age=30",
            "age=90",
            "since=2020-01-01",
            "since=2020-01-01&day=changed",
            "held=past",
            "still=1",
            *(f"due={when}" for when in ("overdue", "today", "week")),
            f"due=overdue&workflow={rare}",
            f"workflow={often}&f_urgency=high",
            f"workflow={rare}&f_urgency=low",
        ]

    def task_filters(self) -> list[str]:
        """Return each filter of tasks that are not finished, and of others, with rare and frequent values."""
        often, rare = self.lines
        people = (self.ours.submitter.pk, self.ours.worker.pk)
        each = [
            "",
            *(f"workflow={line}" for line in self.lines),
            *(f"workflow={often}&task={title}" for title in ("Look", "Seldom")),
            f"workflow={rare}&task=Look",
            *(f"assigned={who}" for who in ("gone", *people)),
            "age=90",
            "since=2020-01-01",
            "until=2020-01-01",
        ]
        ended = [f"status={status}&{one}" for status in ("all", "COMPLETED", "CANCELLED") for one in each]
        own = [
            *(f"due={when}" for when in ("overdue", "today", "week")),
            "assigned=nobody",
            "status=OPEN",
            *(f"priority={place}" for place in (0, 1, "none")),
        ]
        return [*each, *own, *ended]

    def error_filters(self) -> list[str]:
        """Return each filter of unresolved errors, and of all of them, with rare and frequent values."""
        each = [
            "",
            *(f"workflow={line}" for line in self.lines),
            *(f"kind={kind}" for kind in ("TASK_CREATION", "WORKFLOW_TRANSITION", "TASK_UPDATE")),
            *(f"reason={reason}" for reason in ("CREATION", "ASSIGNMENT", "STALL")),
            "since=2020-01-01",
            "until=2020-01-01",
        ]
        return [
            f"{one}{status}"
            for one in each
            for status in ("", "&status=all", "&status=NEW", "&status=RESOLVED")
        ]

    def work(self, person: CustomUser, query: str, desk_list: DeskList = DeskList.TICKETS) -> Work:
        """Return what finding and counting the rows of a page takes."""
        with CaptureQueriesContext(connection) as sent:
            LISTS[desk_list](QueryDict(query), person).page(RequestFactory().get(f"/?{query}"))
        read = [each["sql"] for each in sent if finds_rows(each["sql"])]
        return sum(map(work_of, read), start=Work(0, 0))

    def too_much(self, pages: Sequence[tuple[DeskList, str]]) -> dict[tuple[str, str], Work]:
        """Return the pages that take more than they may, and what they take, for both people.

        There are more than a thousand, so they share a transaction, and none is a subtest.
        """
        found = {}
        for admin in (self.ours.admin, self.rare_admin):
            with admin.scope(), transaction.atomic():
                person = CustomUser.objects.get(pk=admin.pk)
                for desk_list, query in pages:
                    work = self.work(person, query, desk_list)
                    if work.blocks > MAX_BLOCKS or work.thrown_away > MAX_THROWN_AWAY:
                        found[person.first_name, f"{desk_list}?{query}"] = work
        return found

    def test_each_filter_in_each_order(self) -> None:
        with database_owner(), connection.cursor() as cursor:
            vacuum(cursor)
        orders = [
            f"{way}{name}"
            for name in ("number", "changed", "waiting", "priority", "due")
            for way in ("", "-")
        ]
        pages = [
            (DeskList.TICKETS, f"{each}&sort={order}".strip("&"))
            for each, order in product(self.filters(), orders)
        ]
        pages += [(DeskList.ERRORS, query) for query in self.error_filters()]
        for query, order in product(self.task_filters(), ("-waiting", "priority", "due")):
            # Only open tasks have a second order.
            if "status" not in query or "status=OPEN" in query or order == "-waiting":
                pages.append((DeskList.TASKS, f"{query}&sort={order}".strip("&")))
        self.assertGreaterEqual(len(pages), 500)
        self.assertEqual(self.too_much(pages), {})
        with self.ours.admin.scope(), transaction.atomic():
            for query, note in (("since=2020-01-01", "These are more than 1,000,"), ("age=90", "")):
                found = TicketList(QueryDict(f"{query}&sort=priority"), self.ours.admin)
                self.assertEqual(found.note[: len("These are more than 1,000,")], note)
        # A program would not read the note.
        program = Program(make_secret(self.ours.admin))
        refused = program.get("desk/tickets?since=2020-01-01&sort=priority")
        self.assertEqual(refused.status_code, 422)
        self.assertContains(refused, '"pointer": "/query/sort"', status_code=422)
        self.assertEqual(program.get("desk/tickets?since=2020-01-01").status_code, 200)

    def test_whether_a_list_has_any_rows_reads_no_table_from_start_to_end(self) -> None:
        """Not even in a prepared statement, which PostgreSQL plans for a workflow of the usual size."""
        with self.ours.scope(), transaction.atomic():
            role = CompanyRole.objects.create(name="Never", company=self.ours.company)
            admin = make_person(self.ours.company, "Nina")
            CompanyRoleMembership.objects.create(person=admin, role=role)
            self.workflow("Never", admins="Never")
        with admin.scope(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            for desk_list in LISTS.values():
                self.assertFalse(desk_list(QueryDict(), CustomUser.objects.get(pk=admin.pk)).form.has_rows)
            cursor.execute(
                "SELECT relname FROM pg_stat_xact_user_tables "
                "WHERE seq_tup_read > 1000 AND relname = ANY(%s)",
                [[f"workflow_ops_{table}" for table in _TABLES]],
            )
            self.assertEqual(cursor.fetchall(), [])

    def test_a_first_submission_does_not_read_the_tickets_of_others(self) -> None:
        """Not even in a prepared statement, which PostgreSQL plans for a person with thousands."""
        with database_owner(), connection.cursor() as cursor:
            for table in ("workflowinstance", "ticketinstance"):
                sequence = f"pg_get_serial_sequence('workflow_ops_{table}', 'id')"
                cursor.execute(f"SELECT setval({sequence}, greatest(nextval({sequence}), %s))", [TICKETS])
            # One person has submitted all of them, and they lie in that order: reading all seems cheap.
            cursor.execute("UPDATE workflow_ops_ticketinstance SET created_by_id = %s", [self.ours.worker.pk])
            cursor.execute("CLUSTER workflow_ops_ticketinstance USING workflow_ops_ticketinstance_pkey")
            cursor.execute("ANALYZE workflow_ops_ticketinstance")
        with self.ours.scope(), transaction.atomic():
            TicketCounter.objects.create(company=self.ours.company, last_number=TICKETS)
        with self.ours.submitter.scope(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            submit_ticket(
                TicketDefinition.objects.get(workflow__line=self.lines[0]),
                values={"asked": "Me"},
                form_token=uuid4(),
                by=CustomUser.objects.get(pk=self.ours.submitter.pk),
                may_repeat=False,
            )
            cursor.execute(
                "SELECT n_tup_ins, seq_tup_read, idx_tup_fetch < 100 FROM pg_stat_xact_user_tables "
                "WHERE relname = 'workflow_ops_ticketinstance'"
            )
            self.assertEqual(cursor.fetchone(), (1, 0, True))
            # An index counts what it passes over as no row.
            cursor.execute(
                "SELECT sum(pg_stat_get_xact_blocks_fetched(indexrelid)) < 30 FROM pg_stat_user_indexes "
                "WHERE indexrelname IN ('tickets_of_a_person_number', 'workflow_ops_ticketinstance_pkey')"
            )
            self.assertEqual(cursor.fetchone(), (True,))
