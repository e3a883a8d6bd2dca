"""Bulk actions: the question, the job that does it, and the report."""

from collections import Counter
from datetime import timedelta
from typing import Any, ClassVar
from unittest import mock
from urllib.parse import urlencode
from uuid import uuid4

from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from ticketflower.jobs import MAX_ATTEMPTS
from ticketflower.tenancy.context import company_scope
from users.models import CompanyRoleMembership, CustomUser
from users.tests.at_once import at_once
from users.tests.cases import CommittedTestCase, logged_in
from workflow_ops.desk.bulk import selection
from workflow_ops.desk.bulk.running import STORED_FOR, perform_bulk_action, start_bulk_action
from workflow_ops.jobs import remove_unused
from workflow_ops.models import (
    BulkAction,
    BulkOperation,
    BulkResult,
    ErrorReason,
    TaskInstance,
    TicketError,
    TicketInstance,
    TimelineEvent,
    TimelineKind,
)
from workflow_ops.tests.desk.desk_cases import DeskTestCase, Vacations
from workflow_ops.tests.engine.failing_storage import TRANSIENT_ERROR, RefusingDatabase

LIST = "/manage/bulk/"


class BulkCase(DeskTestCase):
    """A test case with three tickets, each with the open task “Decide” of Marek."""

    tickets: ClassVar[list[TicketInstance]]

    @classmethod
    def setUpTestData(cls) -> None:
        """Submit two more tickets."""
        super().setUpTestData()
        cls.tickets = [cls.ticket, cls.vacations.submit(), cls.vacations.submit()]

    def address(self, of: str, what: str, *rows: int, **more: Any) -> str:
        return f"/manage/{of}/bulk/?{urlencode({'what': what, 'row': rows, **more}, doseq=True)}"

    def confirm(self, address: str, client: Client | None = None, **data: Any) -> Any:
        """Ask, and answer with these values."""
        asked = (client or self.client).get(address)
        self.assertEqual(asked.status_code, 200)
        form = asked.context["form"]
        return (client or self.client).post(address, {**form.initial, **data})

    def start(self, address: str, **data: Any) -> BulkAction:
        response = self.confirm(address, **data)
        self.assertEqual(response.status_code, 302, response)
        with self.ours.scope():
            return BulkAction.objects.get(pk=response.url.rstrip("/").rpartition("/")[2])

    def work(self, bulk: BulkAction, *, most: int = 50) -> list[tuple[str, str]]:
        """Run the job once, and return what became of the rows."""
        perform_bulk_action(self.ours.company.pk, bulk.pk, most=most)
        for ticket in self.tickets:
            self.now(ticket)
        with self.ours.scope():
            results = BulkResult.objects.filter(bulk_action=bulk).order_by("position")
            return [(result.outcome, result.message) for result in results]

    def outcomes(self, address: str, **data: Any) -> list[str]:
        return [outcome for outcome, _why in self.work(self.start(address, **data))]

    def said(self, kind: TimelineKind) -> list[tuple[int, str]]:
        """Return who did this, and the reason in the timeline."""
        with self.ours.scope():
            events = TimelineEvent.objects.filter(kind=kind).order_by("pk")
            return list(events.values_list("person", "details__reason"))

    def statuses(self) -> list[str]:
        return [self.now(ticket).status for ticket in self.tickets]

    def task(self, place: int, title: str = "Decide") -> TaskInstance:
        return self.vacations.task(self.tickets[place], title)


class OperationTests(BulkCase):
    """What each operation does, and with what it refuses or skips."""

    def test_hold_resume_and_cancel(self) -> None:
        ids = [ticket.pk for ticket in self.tickets]
        hold = self.address("tickets", "hold", *ids)
        self.assertEqual(self.outcomes(hold, reason="Stocktaking"), ["DONE"] * 3)
        self.assertEqual(self.statuses(), ["ON_HOLD"] * 3)
        self.assertEqual(self.said(TimelineKind.HELD), [(self.admin.pk, "Stocktaking")] * 3)
        self.assertEqual(self.outcomes(hold, reason="Stocktaking"), ["SKIPPED"] * 3)
        resume = self.address("tickets", "resume", ids[0])
        self.assertEqual(self.outcomes(resume, note="Counted"), ["DONE"])
        self.assertEqual(self.said(TimelineKind.RESUMED), [(self.admin.pk, "Counted")])
        self.assertEqual(self.outcomes(self.address("tickets", "resume", *ids)), ["DONE", "DONE", "SKIPPED"])
        cancel = self.address("tickets", "cancel", *ids)
        self.assertEqual(self.outcomes(cancel, reason="Not needed"), ["DONE"] * 3)
        self.assertEqual(self.statuses(), ["CANCELLED"] * 3)
        self.assertEqual(self.outcomes(cancel, reason="Not needed"), ["SKIPPED"] * 3)
        refused = self.work(self.start(hold, reason="Too late"))
        self.assertEqual(refused, [("REFUSED", "Only a ticket in progress can be put on hold.")] * 3)

    def test_hold_until_a_day(self) -> None:
        address = self.address("tickets", "hold", *(ticket.pk for ticket in self.tickets))
        past = self.confirm(address, reason="Stocktaking", until="2020-01-31")
        self.assertContains(past, "This day has begun already.")
        day = {"until": "2030-01-31", "resumes_by_itself": "on"}
        self.assertEqual(self.outcomes(address, reason="Stocktaking", **day), ["DONE"] * 3)
        with self.ours.scope():
            ticket = TicketInstance.objects.get(pk=self.ticket.pk)
            event = TimelineEvent.objects.get(ticket=ticket, kind=TimelineKind.HELD)
        self.assertTrue(ticket.resumes_by_itself)
        self.assertEqual(event.details["until"], "2030-01-31")

    def test_assign_the_open_tasks_of_tickets(self) -> None:
        other = self.vacations.person_with_role("Mia", "Manager")
        ids = [ticket.pk for ticket in self.tickets]
        address = self.address("tickets", "assign_open", *ids)
        self.assertEqual(self.outcomes(address, person=other.pk, note="While Marek is ill"), ["DONE"] * 3)
        with self.ours.scope():
            event = TimelineEvent.objects.filter(kind=TimelineKind.TASK_ASSIGNED, about=other).latest("pk")
        self.assertEqual(event.details["reason"], "While Marek is ill")
        self.assertEqual([self.task(place).assigned_to_id for place in range(3)], [other.pk] * 3)
        self.assertEqual(self.outcomes(address, person=""), ["DONE"] * 3)
        self.assertIsNone(self.task(0).assigned_to_id)
        self.vacations.complete(self.tickets[0], "Decide", decision="reject")
        self.assertEqual(
            self.work(self.start(address, person=other.pk))[2],
            ("SKIPPED", "No person has an open task in it."),
        )
        self.vacations.complete(self.tickets[1], "Decide", decision="approve")
        ((outcome, why),) = self.work(self.start(self.address("tickets", "assign_open", ids[1]), person=""))
        self.assertEqual((outcome, why), ("DONE", ""))

    def test_set_the_responsible_person(self) -> None:
        address = self.address("tickets", "responsible", *(ticket.pk for ticket in self.tickets))
        choices = self.client.get(address).context["form"].fields["responsible"].choices
        self.assertEqual([str(label) for _value, label in choices], ["Nobody", "Ada Admin", "Hanna Tester"])
        for person in (self.vacations.manager, self.theirs.admin):
            self.assertTrue(self.confirm(address, responsible=person.pk).context["form"].errors)
        chosen = {"responsible": self.admin.pk, "note": "By turn"}
        self.assertEqual(self.outcomes(address, **chosen), ["DONE"] * 3)
        self.assertEqual(self.said(TimelineKind.RESPONSIBLE), [(self.admin.pk, "By turn")] * 3)
        with self.ours.scope():
            self.assertEqual(TicketInstance.objects.filter(responsible=self.admin).count(), 3)
        self.client.post(f"/manage/tickets/{self.tickets[0].number}/cancel/", {"reason": "x"})
        again = self.start(address, responsible=self.admin.pk)
        skipped = ("SKIPPED", "It is like this already.")
        self.assertEqual(self.work(again), [skipped, skipped, ("REFUSED", "This ticket has ended already.")])
        self.assertEqual(self.outcomes(address, responsible=""), ["DONE", "DONE", "REFUSED"])

    def test_one_task_that_is_refused_is_reported(self) -> None:
        address = self.address("tickets", "assign_open", *(ticket.pk for ticket in self.tickets))
        asked = self.client.get(address)
        bulk = self.start(address, person=self.vacations.manager.pk)
        self.assertContains(asked, "Marek")
        with self.ours.scope():
            CompanyRoleMembership.objects.filter(person=self.vacations.manager).delete()
            TaskInstance.objects.update(assigned_to=None)
        self.assertEqual(self.work(bulk)[0][0], "REFUSED")
        self.assertIn("“Decide”: Marek", self.work(bulk)[0][1])

    def test_tasks(self) -> None:
        other = self.vacations.person_with_role("Mia", "Manager")
        ids = [self.task(place).pk for place in range(3)]
        assign = self.address("tasks", "assign", *ids)
        self.assertEqual(self.outcomes(assign, person=other.pk), ["DONE"] * 3)
        self.assertEqual(self.outcomes(assign, person=other.pk), ["SKIPPED"] * 3)
        self.assertEqual(self.outcomes(self.address("tasks", "hand_over", *ids)), ["DONE"] * 3)
        self.assertEqual(self.task(0).assigned_to_id, self.vacations.manager.pk)
        restrict = self.address("tasks", "restrict", *ids)
        self.assertEqual(self.outcomes(restrict, people=[other.pk], note="She knows it"), ["DONE"] * 3)
        self.assertEqual(self.outcomes(restrict, people=[other.pk]), ["DONE"] * 3)  # which changes nothing
        self.assertEqual(self.said(TimelineKind.TASK_RESTRICTED), [(self.admin.pk, "She knows it")] * 3)
        self.assertEqual(self.task(0).assigned_to_id, other.pk)
        nobody_else = self.work(self.start(self.address("tasks", "hand_over", ids[0])))
        self.assertEqual(nobody_else, [("REFUSED", "Nobody else gets this task by turn at present.")])
        call = self.work(self.start(self.address("tasks", "call_again", ids[0])))
        self.assertEqual(call, [("REFUSED", "A person does this task; nothing is called.")])
        cancel = self.address("tasks", "cancel_task", *ids)
        self.assertEqual(self.outcomes(cancel, reason="Doubled"), ["DONE"] * 3)
        self.assertEqual(self.outcomes(cancel, reason="Doubled"), ["SKIPPED"] * 3)
        self.assertEqual(
            self.work(self.start(assign, person=""))[0], ("REFUSED", "This task is finished already.")
        )

    def test_all_errors_of_a_kind(self) -> None:
        for ticket in self.tickets:
            self.vacations.complete(ticket, "Decide", decision="approve")
            self.vacations.complete(ticket, "Book it", booked=False)
        with self.ours.scope():
            errors = list(TicketError.objects.filter(reason=ErrorReason.STALL))
            for ticket in self.tickets[:2]:
                run = self.now(ticket).workflow_instance
                run.data["booked"] = True
                run.save(update_fields=["data"])
        page = self.client.get(f"/manage/errors/{errors[0].pk}/")
        self.assertTrue(page.context["like"])
        address = f"/manage/errors/bulk/?what=retry&like={errors[0].pk}"
        self.assertContains(page, address.replace("&", "&amp;"))
        bulk = self.start(address, note="It was booked")
        self.assertEqual(self.work(bulk), [("DONE", "")] * 3)
        self.assertEqual(self.said(TimelineKind.RETRIED), [(self.admin.pk, "It was booked")] * 3)
        self.assertEqual(Counter(self.statuses()), {"COMPLETED": 2, "IN_PROGRESS": 1})
        report = self.client.get(f"{LIST}{bulk.pk}/")
        self.assertEqual(
            Counter(row["named"].status for row in report.context["rows"]), {"RESOLVED": 2, "NEW": 1}
        )
        again = self.client.get(address, follow=True)  # only an unresolved error has others like it
        self.assertIn(again.status_code, (200,))


class QuestionTests(BulkCase):
    """The page that asks."""

    def test_says_what_would_be_done_with_which(self) -> None:
        self.vacations.complete(self.tickets[0], "Decide", decision="reject")
        address = self.address("tickets", "hold", *(ticket.pk for ticket in self.tickets))
        page = self.client.get(address)
        self.assertContains(page, "<h1>Put on hold: 3 selected tickets</h1>", html=True)
        self.assertContains(page, "Put on hold: 2 tickets")
        self.assertContains(page, "Left out: 1 of them, not in progress.")
        self.assertContains(page, self.tickets[2].name)
        self.assertNotContains(page, self.tickets[0].name)
        refused = self.confirm(address, reason="")
        self.assertTrue(refused.context["form"].errors["reason"])
        bulk = self.start(address, reason="Stocktaking")
        self.assertEqual(Counter(outcome for outcome, _why in self.work(bulk)), {"DONE": 2, "REFUSED": 1})
        for report in (LIST, f"{LIST}{bulk.pk}/"):  # it counts the same rows as the question
            self.assertContains(self.client.get(report), "Put on hold: 3 selected tickets")

    def test_all_that_match_the_filters(self) -> None:
        self.vacations.complete(self.tickets[0], "Decide", decision="reject")
        page = self.client.get("/manage/tickets/?status=CANCELLED")
        self.assertContains(page, 'name="status" value="CANCELLED"')
        address = self.address("tickets", "cancel", status="CANCELLED", which="all")
        self.assertEqual(self.outcomes(address, reason="Again"), ["SKIPPED"])
        everything = self.address("tickets", "hold", which="all")
        with mock.patch.object(selection, "MOST_ROWS", 1):
            page = self.client.get(everything)
            self.assertContains(page, "Put on hold: 1 selected ticket")
            self.assertContains(page, "More than 1,000 match.")
        not_valid = self.client.get(self.address("tickets", "hold", which="all", workflow="0"), follow=True)
        self.assertContains(not_valid, "Nothing is selected")
        for of, what in (("tasks", "hand_over"), ("errors", "retry")):
            address = self.address(of, what, which="all")
            self.assertEqual(self.client.get(address).status_code, 200 if of == "tasks" else 302)

    def test_asks_again_if_other_rows_match_by_now(self) -> None:
        address = self.address("tickets", "hold", which="all")
        seen = self.client.get(address).context["form"].initial
        self.vacations.submit()
        page = self.client.post(address, {**seen, "reason": "Stocktaking"})
        self.assertContains(page, "Other rows match now")
        self.assertContains(page, "Stocktaking")
        again = {**seen, "seen": page.context["form"].data["seen"], "reason": "Stocktaking"}
        self.assertEqual(self.client.post(address, again).status_code, 302)

    def test_a_form_sent_twice_starts_one(self) -> None:
        address = self.address("tickets", "cancel", which="all")
        data = {**self.client.get(address).context["form"].initial, "reason": "Over"}
        first = self.client.post(address, data)
        with self.ours.scope():
            self.work(BulkAction.objects.get())
        second = self.client.post(address, data)  # none of them matches any more
        self.assertEqual(first["Location"], second["Location"])
        with self.ours.scope():
            self.assertEqual(BulkAction.objects.count(), 1)

    def test_rows_of_others_are_not_selected(self) -> None:
        with self.theirs.scope():
            theirs = TicketInstance.objects.get()
        address = self.address("tickets", "hold", theirs.pk)
        self.assertRedirects(self.client.get(address), "/manage/tickets/?")
        for colleague in (self.ours.submitter, self.ours.worker):
            self.assertEqual(logged_in(colleague).get(address).status_code, 403)
        for wrong in (
            self.address("tickets", "retry", 1),
            "/manage/tasks/bulk/?what=hold",
            "/manage/errors/bulk/?what=x",
        ):
            self.assertEqual(self.client.get(wrong).status_code, 404, wrong)
        self.assertEqual(self.client.put(address).status_code, 405)

    def test_statements_do_not_grow_with_the_rows(self) -> None:
        counts = []
        for number in (1, 3):
            ids = [ticket.pk for ticket in self.tickets[:number]]
            with CaptureQueriesContext(connection) as sent:
                self.client.get(self.address("tickets", "assign_open", *ids))
            counts.append(len(sent))
        self.assertEqual(counts[0], counts[1])


class RunningTests(BulkCase):
    """The job."""

    def begin(self, **more: Any) -> BulkAction:
        return self.start(
            self.address("tickets", "hold", *(ticket.pk for ticket in self.tickets)), reason="Stop"
        )

    def test_a_right_that_is_lost_ends_it_for_each_row(self) -> None:
        bulk = self.begin()
        self.work(bulk, most=1)
        with self.ours.scope():
            CompanyRoleMembership.objects.filter(person=self.admin).delete()
        lost = ("REFUSED", "You may not administer this any more.")
        self.assertEqual(self.work(bulk), [("DONE", ""), lost, lost])
        report = self.client.get(f"{LIST}{bulk.pk}/")
        self.assertContains(report, "You may not administer this any more.")
        self.assertNotContains(report, self.tickets[0].name)

    def test_it_stops_when_the_person_is_deactivated(self) -> None:
        bulk = self.begin()
        self.work(bulk, most=1)
        with self.ours.scope():
            CustomUser.objects.filter(pk=self.admin.pk).update(is_active=False)
        self.assertEqual(len(self.work(bulk)), 1)
        self.assertEqual(len(self.work(bulk)), 1)
        with self.ours.scope():
            self.assertTrue(BulkAction.objects.get(pk=bulk.pk).was_stopped)
        self.assertEqual(Counter(self.statuses()), {"ON_HOLD": 1, "IN_PROGRESS": 2})

    def test_it_is_done_once_even_if_the_job_runs_again(self) -> None:
        bulk = self.begin()
        for _run in range(3):
            self.work(bulk, most=2)
        with self.ours.scope():
            held = TimelineEvent.objects.filter(kind=TimelineKind.HELD)
            self.assertEqual(
                sorted(held.values_list("ticket", flat=True)), [ticket.pk for ticket in self.tickets]
            )
            self.assertIsNotNone(BulkAction.objects.get(pk=bulk.pk).ended_at)

    def test_statements_for_each_row(self) -> None:
        bulk, sent = self.begin(), []
        for _row in range(2):
            with CaptureQueriesContext(connection) as captured:
                perform_bulk_action(self.ours.company.pk, bulk.pk, most=1)
            sent.append(len(captured))
        self.assertEqual(sent[0], sent[1])
        self.assertLessEqual(sent[0], STATEMENTS)

    def test_staff_act_as_themselves(self) -> None:
        client = logged_in(self.staff)
        client.post(f"/users/companies/{self.ours.company.pk}/enter/")
        response = self.confirm(self.address("tickets", "hold", self.ticket.pk), client, reason="Stop")
        with self.ours.scope():
            bulk = BulkAction.objects.get()
        self.assertEqual(self.work(bulk), [("DONE", "")])
        with self.ours.scope():
            event = TimelineEvent.objects.get(kind=TimelineKind.HELD)
        self.assertEqual((event.person_id, event.impersonator_id), (None, self.staff.pk))
        self.assertEqual(client.get(response.url).status_code, 200)
        self.assertEqual(self.client.get(response.url).status_code, 403)


class ReportTests(BulkCase):
    """Progress, report and the list of one's last bulk actions."""

    def test_progress_and_report(self) -> None:
        empty = self.client.get(LIST)
        self.assertContains(empty, "the reports appear here")
        address = self.address("tickets", "hold", *(ticket.pk for ticket in self.tickets), status="all")
        bulk = self.start(address, reason="Stocktaking")
        path = f"{LIST}{bulk.pk}/"
        self.vacations.complete(self.tickets[2], "Decide", decision="reject")
        self.assertContains(self.client.get(path), "0 of 3")
        self.work(bulk, most=1)
        page = self.client.get(path)
        self.assertContains(page, "1 of 3")
        self.assertContains(page, 'hx-select="#progress"')
        self.assertNotIn("sessionid", page.cookies)  # looking again prolongs no session
        self.work(bulk)
        page = self.client.get(path)
        self.assertNotContains(page, 'hx-select="#progress"')
        ((row,),) = [page.context["rows"]]
        self.assertEqual(row["result"].message, "Only a ticket in progress can be put on hold.")
        self.assertContains(page, f"/manage/tickets/{self.tickets[2].number}/")
        self.assertContains(page, "/manage/tickets/?status=all")
        self.assertEqual(len(self.client.get(f"{path}?show=DONE").context["rows"]), 2)
        self.assertContains(self.client.get(f"{path}?show=SKIPPED"), "There are none.")
        self.assertContains(self.client.get(LIST), "Put on hold: 3 selected tickets")

    def test_large_numbers(self) -> None:
        with self.ours.scope(), transaction.atomic():
            bulk = start_bulk_action(BulkOperation.HOLD, range(1000), by=self.admin, form_token=uuid4())
        page = self.client.get(f"{LIST}{bulk.pk}/")
        self.assertContains(page, "Put on hold: 1,000 selected tickets")
        self.assertContains(page, "0 of 1,000")

    def test_is_for_who_started_it(self) -> None:
        path = f"{LIST}{self.start(self.address('tickets', 'resume', self.ticket.pk)).pk}/"
        for colleague in (self.ours.admin, self.ours.worker):
            self.assertEqual(logged_in(colleague).get(path).status_code, 403)
        self.assertEqual(logged_in(self.their_vacations.hr).get(path).status_code, 404)
        self.assertEqual(self.client.get(f"{LIST}0/").status_code, 404)
        self.assertEqual(self.client.post(path).status_code, 405)
        self.assertEqual(len(logged_in(self.ours.admin).get(LIST).context["rows"]), 0)

    def test_is_removed_after_30_days(self) -> None:
        bulks = [self.start(self.address("tickets", "resume", self.ticket.pk)) for _number in range(2)]
        self.work(bulks[0])
        with self.ours.scope():
            BulkAction.objects.filter(pk=bulks[0].pk).update(
                created_at=timezone.now() - STORED_FOR - timedelta(hours=1)
            )
        remove_unused.func(0)
        with self.ours.scope():
            self.assertEqual(list(BulkAction.objects.values_list("pk", flat=True)), [bulks[1].pk])
            self.assertFalse(BulkResult.objects.exists())


class AtOnceTests(CommittedTestCase, RefusingDatabase):
    """Two jobs at once, and a worker that is killed, with real commits."""

    def setUp(self) -> None:
        super().setUp()
        self.vacations = Vacations(self.ours)
        self.tickets = [self.vacations.submit() for _number in range(3)]
        with self.ours.admin.scope(), transaction.atomic():
            self.bulk = start_bulk_action(
                BulkOperation.HOLD,
                [ticket.pk for ticket in self.tickets],
                by=self.ours.admin,
                form_token=uuid4(),
                reason="Stop",
            )

    def work(self, *, attempts: int = 0) -> None:
        perform_bulk_action(self.ours.company.pk, self.bulk.pk, attempts=attempts)

    def results(self) -> list[tuple[str, str]]:
        with company_scope(self.ours.company.pk), transaction.atomic():
            rows = BulkResult.objects.order_by("position")
            return list(rows.values_list("outcome", "message"))

    def held(self) -> list[int]:
        with company_scope(self.ours.company.pk), transaction.atomic():
            events = TimelineEvent.objects.filter(kind=TimelineKind.HELD)
            return sorted(events.values_list("ticket", flat=True))

    def test_two_jobs(self) -> None:
        at_once(self.work, self.work)
        self.assertEqual(self.held(), [ticket.pk for ticket in self.tickets])

    def test_a_worker_that_is_killed(self) -> None:
        self.refuse("INSERT ON workflow_ops_bulkresult", code=TRANSIENT_ERROR)
        with self.assertRaises(DatabaseError):
            self.work()
        self.assertEqual(self.held(), [])  # undone with its result
        self.allow()
        self.work()
        self.assertEqual(self.held(), [ticket.pk for ticket in self.tickets])

    def test_a_row_that_fails_until_the_last_attempt(self) -> None:
        """It is reported, and the others have attempts of their own."""
        self.refuse("INSERT ON workflow_ops_timelineevent", code=TRANSIENT_ERROR)
        with self.assertRaises(DatabaseError):
            self.work(attempts=MAX_ATTEMPTS - 1)
        self.assertEqual(self.results(), [])
        self.work(attempts=MAX_ATTEMPTS)
        busy = ("REFUSED", "The database was busy each time. Try it again later.")
        self.assertEqual(self.results(), [busy])
        self.allow()
        self.work(attempts=MAX_ATTEMPTS + 1)
        ended = ("REFUSED", "The worker ended each time before this was done.")
        self.assertEqual(self.results(), [busy, ended])
        self.work()
        self.assertEqual(self.results(), [busy, ended, ("DONE", "")])
        self.assertEqual(self.held(), [self.tickets[2].pk])
        with company_scope(self.ours.company.pk), transaction.atomic():
            jobs = ProcrastinateJob.objects.filter(task_name="workflow_ops.jobs.perform_bulk_action")
            self.assertEqual(jobs.count(), 3)  # that of the start, and one after each report
            self.assertIsNotNone(BulkAction.objects.get().ended_at)


# of a whole run: finding it, a transaction with its setting, lock, person with roles, ticket and its right,
# the hold with its event, result, position; and the next job
STATEMENTS = 40
