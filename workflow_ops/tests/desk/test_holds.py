"""Holds with a reason, a date, and tickets that resume by themselves."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from users.models import Company
from users.tests.cases import logged_in
from workflow_ops.desk.actions import cancel_workflow, hold_workflow, resume_held_ticket, resume_workflow
from workflow_ops.history.remarks import held_entries
from workflow_ops.jobs import MAX_RETRIES
from workflow_ops.models import TicketInstance, TimelineEvent, TimelineKind
from workflow_ops.refusals import WrongStatusError
from workflow_ops.tests.actions.action_cases import run_call_job
from workflow_ops.tests.desk.desk_cases import DeskTestCase

TOMORROW = timedelta(days=1)


class HoldTests(DeskTestCase):
    """Each test begins with a ticket in progress in a company of Auckland, which is far ahead of UTC."""

    def setUp(self) -> None:
        super().setUp()
        with self.ours.scope():
            Company.objects.filter(pk=self.ours.company.pk).update(time_zone="Pacific/Auckland")
        assert self.admin.company is not None
        self.admin.company.time_zone = "Pacific/Auckland"
        self.today = datetime.now(ZoneInfo("Pacific/Auckland")).date()
        self.path = f"/manage/tickets/{self.ticket.number}/hold/"

    def hold(self, *, days: int = 3, by_itself: bool = True) -> datetime:
        """Put the ticket on hold for some days, and return when the hold is to end."""
        with self.admin.scope(), transaction.atomic():
            hold_workflow(
                self.ticket,
                reason="The supplier is slow.",
                by=self.admin,
                until=self.today + timedelta(days=days),
                resumes_by_itself=by_itself,
            )
        held_until = self.now().held_until
        assert held_until is not None
        return held_until

    def resume_due(self, until: datetime) -> TicketInstance:
        """Do what the job does at this time."""
        with self.ours.scope(), transaction.atomic():
            resume_held_ticket(self.ticket.pk, until=until)
        return self.now()

    def test_until_the_start_of_a_day_where_the_company_is(self) -> None:
        day = self.today + timedelta(days=3)
        values = {"reason": "The supplier is slow.", "until": day.isoformat(), "resumes_by_itself": "on"}
        self.assertRedirects(self.client.post(self.path, values), f"/manage/tickets/{self.ticket.number}/")
        ticket = self.now()
        begin = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Pacific/Auckland"))
        self.assertEqual((ticket.held_until, ticket.resumes_by_itself), (begin, True))
        job = ProcrastinateJob.objects.get(task_name="workflow_ops.jobs.resume_held_ticket")
        self.assertEqual(job.scheduled_at, begin)
        expected = f"put the ticket on hold, until {day.day} {day:%B %Y}, when it resumes by itself"
        for path in (
            f"/manage/tickets/{self.ticket.number}/",
            f"/tasks/{self.vacations.task(self.ticket, 'Decide').pk}/",
            "/tasks/?show=held",
        ):
            page = logged_in(self.vacations.manager).get(path) if "tasks" in path else self.client.get(path)
            with self.subTest(path):
                self.assertContains(page, expected)
                self.assertContains(page, "The supplier is slow.")

    def test_what_the_form_refuses(self) -> None:
        for values, field, message in (
            ({"reason": "", "until": ""}, "reason", "Please fill this in."),
            ({"until": str(self.today)}, "until", "This day has begun already. Choose a day to come."),
            ({"until": "2020-01-31"}, "until", "This day has begun already. Choose a day to come."),
            ({"resumes_by_itself": "on"}, "until", "Say on which day it resumes."),
        ):
            with self.subTest(message, **values):
                page = self.client.post(self.path, {"reason": "Why", **values})
                self.assertEqual(page.context["form"].errors, {field: [message]})
        with self.assertRaises(WrongStatusError), self.admin.scope():
            hold_workflow(self.ticket, reason="Why", by=self.admin, until=self.today)
        self.assertEqual(self.now().status, "IN_PROGRESS")

    def test_resumed_by_itself_once(self) -> None:
        until = self.hold()
        ticket = self.resume_due(until)
        self.assertEqual(
            (ticket.status, ticket.held_until, ticket.resumes_by_itself), ("IN_PROGRESS", None, False)
        )
        self.assertEqual(self.resume_due(until).status, "IN_PROGRESS")
        with self.ours.scope():
            event = TimelineEvent.objects.get(ticket=self.ticket, kind=TimelineKind.RESUMED)
        self.assertEqual((event.person_id, event.impersonator_id), (None, None))
        self.assertContains(self.client.get(f"/manage/tickets/{self.ticket.number}/"), "Resumed by itself")

    def test_the_job_of_a_hold_that_was_replaced_does_nothing(self) -> None:
        first = self.hold(days=2)
        with self.admin.scope(), transaction.atomic():
            resume_workflow(self.ticket, by=self.admin)
        self.assertIsNone(self.now().held_until)
        second = self.hold(days=5)
        self.assertEqual(self.resume_due(first).status, "ON_HOLD")
        self.assertEqual(self.resume_due(second).status, "IN_PROGRESS")

    def test_without_the_tick_it_stays_on_hold(self) -> None:
        until = self.hold(by_itself=False)
        ticket = self.resume_due(until)
        self.assertEqual((ticket.status, ticket.held_until), ("ON_HOLD", until))
        self.assertFalse(ProcrastinateJob.objects.filter(task_name__endswith="resume_held_ticket").exists())

    def test_what_no_try_could_resume_needs_an_admin(self) -> None:
        until = self.hold()
        past = timezone.now() - timedelta(minutes=1)
        with self.ours.scope():
            TicketInstance.objects.filter(pk=self.ticket.pk).update(held_until=past)
        stored = ProcrastinateJob.objects.get(task_name__endswith="resume_held_ticket")
        needs = "Tickets on hold past their date"

        def run_last_try(of: datetime) -> None:
            values = {**stored.args, "until": of.isoformat()}
            job = Job(
                queue="default",
                lock=None,
                queueing_lock=None,
                task_name=stored.task_name,
                task_kwargs=values,
            )
            run_call_job(job, attempts=MAX_RETRIES)

        run_last_try(until)  # the hold has another date now
        self.assertNotContains(self.client.get("/users/dashboard/"), needs)
        run_last_try(past)
        self.assertEqual((self.now().status, self.now().resumes_by_itself), ("ON_HOLD", False))
        self.assertContains(self.client.get("/users/dashboard/"), needs)

    def test_an_end_clears_the_date(self) -> None:
        until = self.hold()
        with self.admin.scope(), transaction.atomic():
            cancel_workflow(self.ticket, reason="Not needed", by=self.admin)
        ticket = self.resume_due(until)
        self.assertEqual((ticket.status, ticket.held_until), ("CANCELLED", None))

    def test_what_is_said_of_a_hold(self) -> None:
        self.hold(by_itself=False)
        with self.ours.scope(), transaction.atomic():
            entry = held_entries([self.now()])[self.ticket.pk]
        self.assertEqual(entry.who, "Hanna Tester")
        self.assertNotIn("resumes by itself", entry.text)
        self.assertLess(entry.at, timezone.now())
