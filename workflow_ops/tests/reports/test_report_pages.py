"""The pages of reports: asked for, made, read by whoever administers all that they count, and downloaded."""

from datetime import date, timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from users.models import CompanyRole, CustomUser
from users.tests.cases import logged_in
from users.tests.queries import at_most_queries
from workflow_design.models import TicketAdminRole
from workflow_design.persistence.importing import import_workflow
from workflow_design.versions.publishing import publish
from workflow_ops.models import Report
from workflow_ops.reports import making
from workflow_ops.reports.periods import Period, is_too_long, unit_of
from workflow_ops.reports.statements import STATEMENTS
from workflow_ops.reports.tables import write_duration
from workflow_ops.tests.desk.desk_cases import DeskTestCase
from workflow_ops.tests.engine_cases import form, workflow

PATH = "/manage/reports/"


class ReportTestCase(DeskTestCase):
    """Hanna administers the vacation workflow, of which a ticket was just submitted."""

    def ask(self, by: CustomUser | None = None, **values: Any) -> Any:
        """Send the form, as Hanna unless `by` is given."""
        data = {"workflow": "", "period": "this-month", "token": str(uuid4()), **values}
        return (logged_in(by) if by else self.client).post(f"{PATH}new/", data)

    def made(self, response: Any) -> str:
        """Have the job make the report that the answer leads to; return its address."""
        address = str(response["Location"])
        for _table in STATEMENTS:
            making.compute_next_table(self.ours.company.pk, int(address.split("/")[-2]))
        return address

    def reports(self) -> list[Report]:
        """Return all reports of our company."""
        with self.ours.scope():
            return list(Report.objects.order_by("pk"))


class Pages(ReportTestCase):
    """From the empty list to the numbers."""

    def test_from_the_empty_list_to_the_numbers(self) -> None:
        self.assertContains(
            self.client.get(PATH), "Reports on the workflows that you administer appear here."
        )
        self.vacations.complete(self.ticket, "Decide", decision="change")
        self.vacations.complete(self.ticket, "Change request", days=3, first_day="2026-07-01")
        self.vacations.complete(self.ticket, "Decide", decision="approve")
        self.vacations.complete(self.ticket, "Book it", booked=True)
        self.vacations.submit()
        response = self.ask(workflow=str(self.vacations.workflow.line_id))
        waiting = self.client.get(response["Location"])
        self.assertContains(waiting, "0 of 8 tables")
        self.assertContains(waiting, 'hx-trigger="load delay:2s"')
        self.assertNotContains(waiting, "worker for reports")
        with self.ours.scope():
            Report.objects.update(created_at=timezone.now() - timedelta(minutes=2))
        self.assertContains(self.client.get(response["Location"]), "worker for reports is not running")
        with self.ours.scope():
            Report.objects.update(created_at=timezone.now())
        address = self.made(response)
        with at_most_queries(14):
            page = self.client.get(address)
        self.assertNotContains(page, "load delay:2s")
        for text in ("Submitted 2, Finished 1", "Change request", "Ada Admin", "\u00d7 2 \u00b7 "):
            self.assertContains(page, text)
        self.assertContains(self.client.get(PATH), address)
        csv = self.client.get(f"{address}csv/returns/")
        self.assertEqual(
            b"".join(csv).decode(),
            "Task,Led back by,After the answer,Tickets,Times\r\n"
            "Decide,Change request,Decision: Ask for a change,1,1\r\n",
        )
        self.assertIn("-returns.csv", csv["Content-Disposition"])
        self.assertEqual(self.client.get(f"{address}csv/nothing/").status_code, 404)

    def test_what_was_typed_is_refused_beside_its_field(self) -> None:
        cases = {
            ("", ""): ("Say with which day the period begins.", "Say with which day the period ends."),
            ("2025-01-01", "2026-02-01"): ("more than 13 months after the first day",),
            ("2026-02-02", "2026-02-01"): ("This day is before the first one.",),
            ("2999-01-01", "2999-02-01"): ("This day is still to come.",),
        }
        for (since, until), texts in cases.items():
            with self.subTest(since=since, until=until):
                response = self.ask(period="days", since=since, until=until)
                for text in texts:
                    self.assertContains(response, text)
        self.assertContains(
            self.ask(workflow=str(self.their_vacations.workflow.line_id)), "Select a valid choice"
        )
        self.assertEqual(self.ask(since="nonsense").status_code, 302)  # not asked for with this period
        self.assertEqual(len(self.reports()), 1)

    def test_it_is_filled_in_again(self) -> None:
        page = self.client.get(f"{PATH}new/?period=days&since=2026-01-02&until=2026-01-31&workflow=nonsense")
        self.assertContains(page, 'value="2026-01-02"')

    def test_what_is_still_to_come_is_left_out(self) -> None:
        today = timezone.localdate(timezone=ZoneInfo(self.ours.company.time_zone))
        days = timedelta(days=3)
        response = self.ask(period="days", since=str(today - days), until=str(today + days))
        self.assertEqual(self.client.get(self.made(response)).status_code, 200)
        (report,) = self.reports()
        self.assertEqual((report.first_day, report.last_day), (today - days, today))
        self.assertEqual(report.ends_at, report.created_at)


class Rights(ReportTestCase):
    """A report is open to whoever administers all versions that it counts, at the moment of reading."""

    def test_who_may_read(self) -> None:
        own, colleague = self.made(self.ask()), self.vacations.person_with_role("Ida", "HR")
        for path in (own, f"{own}csv/load/"):
            self.assert_guarded(path, post=False)
            self.assertEqual(logged_in(self.theirs.admin).get(path).status_code, 404)
            self.assertEqual(logged_in(self.ours.admin).get(path).status_code, 200)
            self.assertEqual(logged_in(colleague).get(path).status_code, 200)
        self.assertEqual(logged_in(self.ours.ticket_admin).get(own).status_code, 403)  # the workflow names HR
        self.assertNotContains(logged_in(self.ours.ticket_admin).get(PATH), own)
        self.assertEqual(logged_in(self.ours.submitter).get(PATH).status_code, 403)
        with self.ours.scope():
            TicketAdminRole.objects.update(role=CompanyRole.objects.create(name="Others"))
        self.assertEqual(self.client.get(own).status_code, 403)
        self.assertEqual(logged_in(self.ours.admin).get(own).status_code, 200)

    def test_who_administers_only_some_of_what_it_counts_may_not_read_it(self) -> None:
        with self.ours.designer.scope(), transaction.atomic():
            other, _draft = (
                import_workflow(workflow(form("Do", "a"), title=title), by=self.ours.designer)
                for title in ("Other", "Draft")
            )
            publish(other, by=self.ours.designer)
        page = logged_in(self.ours.admin).get(f"{PATH}new/")
        self.assertEqual(
            [label for _key, label in page.context["form"].fields["workflow"].choices],
            ["All that you administer", "Other", self.vacations.workflow.title],
        )
        whole = self.ask(by=self.ours.admin)["Location"]
        self.assertEqual(self.reports()[0].workflow_ids, [self.vacations.workflow.pk, other.pk])
        for person, status in ((self.admin, 403), (self.ours.ticket_admin, 403), (self.ours.admin, 200)):
            self.assertEqual(logged_in(person).get(whole).status_code, status, person.first_name)

    def test_it_counts_what_its_maker_administers(self) -> None:
        made = self.ask()
        self.assertEqual(made.status_code, 302)
        self.assertEqual(self.reports()[0].workflow_ids, [self.vacations.workflow.pk])
        nothing = self.ask(by=self.ours.ticket_admin)
        self.assertEqual(self.reports()[1].workflow_ids, [])
        self.assertEqual(logged_in(self.ours.ticket_admin).get(nothing["Location"]).status_code, 200)
        # Nothing that it counts says who may read it, so nobody else may but company admins.
        for person in (self.admin, self.ours.submitter, self.ours.worker, self.ours.designer):
            self.assertEqual(logged_in(person).get(nothing["Location"]).status_code, 403, person.first_name)
        self.assertEqual(logged_in(self.ours.admin).get(nothing["Location"]).status_code, 200)


class Making(ReportTestCase):
    """The job: one at a time for a company, bounded, safe to run twice."""

    def test_sent_twice_it_is_made_once(self) -> None:
        token = str(uuid4())
        first, second = (self.ask(token=token) for _each in range(2))
        self.assertEqual(first["Location"], second["Location"])
        jobs = ProcrastinateJob.objects.filter(task_name="workflow_ops.jobs.make_report")
        self.assertEqual(
            list(jobs.values_list("queue_name", "lock")), [("reports", f"reports:{self.ours.company.pk}")]
        )

    def test_only_so_many_wait(self) -> None:
        for _each in range(making.MOST_WAITING):
            self.ask()
        self.assertContains(self.ask(), "5 reports are being made already.")
        self.assertEqual(len(self.reports()), making.MOST_WAITING)

    def test_each_statement_is_bounded_and_only_reads(self) -> None:
        self.ask()
        report = self.reports()[0]
        with CaptureQueriesContext(connection) as sent:
            making.compute_next_table(self.ours.company.pk, report.pk)
        statements = [each["sql"] for each in sent]
        place = next(number for number, sql in enumerate(statements) if "statement_timeout" in sql)
        self.assertIn("'60000'", statements[place])
        self.assertTrue(statements[place + 1].lstrip().startswith("WITH"))
        self.assertTrue(statements[place + 2].startswith("RELEASE"))  # nothing is written in its transaction

    def test_done_twice_it_counts_once(self) -> None:
        address = self.made(self.ask())
        before = self.reports()[0].result
        making.compute_next_table(self.ours.company.pk, int(address.split("/")[-2]))
        self.assertEqual(self.reports()[0].result, before)

    def test_what_takes_too_long_fails_with_words(self) -> None:
        response = self.ask()
        report = self.reports()[0]
        with self.ours.scope():
            Report.objects.update(seconds=making.MOST_SECONDS - 0.001)
        with patch.dict(STATEMENTS, flow="SELECT pg_sleep(5)"):
            making.compute_next_table(self.ours.company.pk, report.pk)
        page = self.client.get(response["Location"])
        self.assertContains(page, "This took longer than a minute.")
        self.assertNotContains(page, "load delay:2s")
        self.assertEqual(self.client.get(f"{response['Location']}csv/flow/").status_code, 404)

    def test_what_fails_is_tried_again_and_given_up_in_the_end(self) -> None:
        page = self.ask()["Location"]
        report = self.reports()[0]
        with patch.dict(STATEMENTS, flow="SELECT 1 / 0"):
            for tries in range(making.MAX_RETRIES):
                with self.assertRaises(DataError):
                    making.compute_next_table(self.ours.company.pk, report.pk, tries=tries)
                self.assertContains(self.client.get(page), "0 of 8 tables")
            making.compute_next_table(self.ours.company.pk, report.pk, tries=making.MAX_RETRIES)
        self.assertContains(self.client.get(page), "This failed unexpectedly.")

    def test_a_job_that_always_ends_its_worker_gives_up(self) -> None:
        response = self.ask()
        making.compute_next_table(self.ours.company.pk, self.reports()[0].pk, tries=making.MAX_RETRIES + 1)
        self.assertContains(self.client.get(response["Location"]), "This failed unexpectedly.")

    def test_old_ones_are_removed(self) -> None:
        self.ask()
        self.ask()
        with self.ours.scope():
            old = timezone.now() - making.STORED_FOR - timedelta(hours=1)
            Report.objects.filter(pk=self.reports()[0].pk).update(created_at=old)
            newer = self.reports()[1]
        making.remove_old_reports()
        self.assertEqual(self.reports(), [newer])


class Periods(ReportTestCase):
    """Periods by name, their units, and lengths of time in words."""

    def test_periods(self) -> None:
        cases = {
            (Period.THIS_MONTH, date(2026, 11, 29)): ("2026-11-01", "2026-11-29"),
            (Period.LAST_MONTH, date(2026, 3, 31)): ("2026-02-01", "2026-02-28"),
            (Period.LAST_MONTH, date(2026, 1, 1)): ("2025-12-01", "2025-12-31"),
            (Period.LAST_QUARTER, date(2026, 3, 31)): ("2025-10-01", "2025-12-31"),
            (Period.LAST_QUARTER, date(2026, 11, 29)): ("2026-07-01", "2026-09-30"),
            (Period.LAST_YEAR, date(2026, 11, 29)): ("2025-11-01", "2026-10-31"),
        }
        for (period, today), days in cases.items():
            with self.subTest(period, today=today):
                self.assertEqual(tuple(map(str, period.days(today))), days)

    def test_lengths(self) -> None:
        self.assertFalse(is_too_long(date(2025, 1, 1), date(2026, 1, 31)))
        self.assertTrue(is_too_long(date(2025, 1, 1), date(2026, 2, 1)))
        self.assertFalse(is_too_long(date(2025, 1, 31), date(2026, 2, 27)))
        self.assertTrue(is_too_long(date(2025, 1, 31), date(2026, 2, 28)))
        units = [
            unit_of(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=days - 1))
            for days in (31, 32, 182, 183)
        ]
        self.assertEqual(units, ["day", "week", "week", "month"])

    def test_lengths_of_time(self) -> None:
        cases = {
            0: "0 s",
            59.9: "59 s",
            60: "1 min",
            3599: "59 min",
            3600: "1 h 0 min",
            86399: "23 h 59 min",
            187200: "2 d 4 h",
        }
        for seconds, text in cases.items():
            with self.subTest(seconds):
                self.assertEqual(write_duration(seconds), text)
