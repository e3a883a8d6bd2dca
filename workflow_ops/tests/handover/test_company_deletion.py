"""Deleting a company: what staff are asked, and what the job leaves."""

from hashlib import sha256
from uuid import uuid4

from django.core.files.storage import default_storage
from django.db import ProgrammingError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from ticketflower.tenancy.context import all_companies_scope
from users.models import AuditEvent, Company
from users.tests.cases import logged_in
from workflow_ops.files import upload_file
from workflow_ops.jobs import remove_company
from workflow_ops.tests.engine_cases import Engine, EngineTestCase, form, workflow
from workflow_ops.tests.test_files import pdf


class CompanyDeletionTests(EngineTestCase):
    """`self.theirs` is deleted; it has a ticket, a task and a file."""

    def setUp(self) -> None:
        super().setUp()
        for people in (self.ours, self.theirs):
            engine = Engine(people, self._commit)
            engine.submit(engine.load(workflow(form("First", "a"))), a="x", token=uuid4())
        their = Engine(self.theirs, self._commit)
        self.key = their.as_person(
            self.theirs.submitter, lambda: upload_file(pdf(), by=self.theirs.submitter).ext_key
        )
        self.path = f"/users/companies/{self.theirs.company.pk}/delete/"

    def rows(self, company: Company) -> dict[str, list[str]]:
        """Return a digest of each row that has the company's id, by table."""
        found = {}
        with all_companies_scope(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT table_name FROM information_schema.columns "
                "WHERE column_name = 'company_id' AND table_schema = 'public' ORDER BY 1"
            )
            for (table,) in cursor.fetchall():
                cursor.execute(f"SELECT t::text FROM {table} AS t WHERE company_id = %s", [company.pk])  # noqa: S608
                found[table] = sorted(sha256(row.encode()).hexdigest() for (row,) in cursor.fetchall())
        return found

    def delete(self) -> None:
        remove_company.func(company_id=self.theirs.company.pk, impersonator_id=self.staff.pk)

    def test_staff_type_the_name_and_a_job_is_made(self) -> None:
        staff = logged_in(self.staff)
        self.assertContains(staff.get(self.path), "type the name of the company")
        refused = staff.post(self.path, {"name": "Something else"})
        self.assertContains(refused, "This is not the name of the company.")
        self.assertFalse(
            ProcrastinateJob.objects.filter(task_name="workflow_ops.jobs.remove_company").exists()
        )
        response = staff.post(self.path, {"name": self.theirs.company.name}, follow=True)
        self.assertContains(response, "is being deleted")
        job = ProcrastinateJob.objects.get(task_name="workflow_ops.jobs.remove_company")
        self.assertEqual(job.args, {"company_id": self.theirs.company.pk, "impersonator_id": self.staff.pk})

    def test_nobody_else_may_ask(self) -> None:
        for person in (self.theirs.admin, self.ours.admin):
            self.assertEqual(logged_in(person).post(self.path, {"name": "x"}).status_code, 404)

    def test_everything_of_it_goes_and_nothing_else(self) -> None:
        client = logged_in(self.theirs.admin)
        before = self.rows(self.ours.company)
        self.assertGreater(sum(map(bool, self.rows(self.theirs.company).values())), 12)
        self.delete()
        self.assertEqual({t: rows for t, rows in self.rows(self.theirs.company).items() if rows}, {})
        self.assertEqual(self.rows(self.ours.company), before)
        self.assertFalse(default_storage.exists(self.key))
        self.assertEqual(client.get("/users/dashboard/").status_code, 302)
        with all_companies_scope(), transaction.atomic():
            self.assertFalse(Company.objects.filter(pk=self.theirs.company.pk).exists())

    def test_one_line_stays_and_a_second_run_adds_none(self) -> None:
        self.delete()
        self.delete()
        with all_companies_scope(), transaction.atomic():
            line = AuditEvent.objects.get(company=None, operation="delete", table="users_company")
        self.assertEqual((line.row_id, line.label), (self.theirs.company.pk, self.theirs.company.name))
        self.assertEqual(line.impersonator_id, self.staff.pk)

    def test_the_function_refuses_everybody_but_staff_outside_of_companies(self) -> None:
        statement = "SELECT company_delete(%s)"
        with (
            self.assertRaisesMessage(ProgrammingError, "only staff"),
            self.theirs.admin.scope(),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [self.theirs.company.pk])
        with (
            self.assertRaisesMessage(ProgrammingError, "only staff"),
            all_companies_scope(impersonator_id=self.theirs.admin.pk),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [self.theirs.company.pk])
