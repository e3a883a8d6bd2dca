"""The ticket admins' pages of a ticket: reading, editing, holding, resuming, cancelling, history."""

from typing import Any

from users.tests.cases import logged_in
from users.tests.hostile import hostile_posts
from users.tests.queries import at_most_queries, same_queries_as
from workflow_ops.models import RunStatus, TaskStatus, TimelineEvent, TimelineKind, WorkflowInstance
from workflow_ops.tests.desk.desk_cases import VACATION, DeskTestCase


class TicketPage(DeskTestCase):
    """A test case with a ticket and its page."""

    def setUp(self) -> None:
        super().setUp()
        self.vacations.submit()  # the other company has no ticket of this number
        self.ticket = self.vacations.submit(employee_note="By the sea")
        self.path = f"/manage/tickets/{self.ticket.number}/"

    def run_now(self) -> WorkflowInstance:
        return self.now(self.ticket).workflow_instance

    def newest_event(self) -> TimelineEvent:
        with self.ours.scope():
            return TimelineEvent.objects.filter(ticket=self.ticket).latest("pk")

    def edit(self, **changes: Any) -> Any:
        sent = {**VACATION, "employee_note": "By the sea", "_step": str(self.run_now().step)}
        data = {**sent, "_save": "all", **changes}
        return self.client.post(f"{self.path}edit/", data, follow=True)


class Reading(TicketPage):
    """The page with all data of the ticket."""

    def test_shows_state_data_tasks_and_timeline(self) -> None:
        response = self.client.get(self.path)
        self.assertContains(response, "<strong>Decide</strong> by Marek Tester")
        self.assertContains(response, "By the sea")
        self.assertContains(response, "submitted the ticket")
        self.assertContains(response, "“Decide” started, since Days, Note and First day were written.")
        task = self.vacations.task(self.ticket, "Decide")
        self.assertContains(response, f'href="/manage/tasks/{task.pk}/"')
        for action in ("edit", "hold", "cancel", "history"):
            self.assertContains(response, f'href="{self.path}{action}/"')
        self.assertNotContains(response, f'href="{self.path}resume/"')

    def test_adds_a_comment(self) -> None:
        response = self.client.post(f"{self.path}comment/", {"text": "Sounds good"}, follow=True)
        self.assertRedirects(response, self.path)
        self.assertContains(response, "Sounds good")

    def test_shows_a_refused_comment_on_this_page(self) -> None:
        response = self.client.post(f"{self.path}comment/", {"text": "x" * 5001})
        self.assertTemplateUsed(response, "workflow_ops/manage_ticket.html")
        self.assertContains(response, "x" * 5001)
        self.assertTrue(response.context["comment_form"].errors["text"])

    def test_comments_are_guarded(self) -> None:
        self.assert_guarded(f"{self.path}comment/", get=False)

    def test_a_finished_ticket_is_read_only(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="reject")
        response = self.client.get(self.path)
        self.assertContains(response, "Rejected")
        for action in ("edit", "hold", "cancel", "resume"):
            self.assertNotContains(response, f'href="{self.path}{action}/"')

    def test_shows_its_unresolved_errors(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="approve")
        self.vacations.complete(self.ticket, "Book it", booked=False)
        response = self.client.get(self.path)
        self.assertContains(response, "The workflow has stalled")
        self.assertContains(response, "Stopped")

    def test_is_for_its_admins_only(self) -> None:
        self.assert_guarded(self.path, post=False)
        for page in ("edit", "hold", "resume", "cancel"):
            with self.subTest(page):
                self.assert_guarded(f"{self.path}{page}/")
        self.assert_guarded(f"{self.path}history/", post=False)

    def test_another_companys_does_not_exist(self) -> None:
        for page in ("", "edit/", "hold/", "resume/", "cancel/", "history/"):
            response = logged_in(self.their_vacations.hr).get(f"{self.path}{page}")
            self.assertEqual(response.status_code, 404, page)

    def test_constant_statements(self) -> None:
        with at_most_queries(PAGE_QUERIES) as few:
            self.client.get(self.path)
        for _round in range(20):
            self.vacations.complete(self.ticket, "Decide", decision="change")
            self.vacations.complete(self.ticket, "Change request", days=2, first_day="2026-08-01")
        with same_queries_as(few):
            response = self.client.get(self.path)
        self.assertLess(len(response.content), 100_000)

    def test_paginates_the_timeline_completely(self) -> None:
        for _round in range(15):
            self.vacations.complete(self.ticket, "Decide", decision="change")
            self.vacations.complete(self.ticket, "Change request", days=2, first_day="2026-08-01")
        with self.ours.scope():
            everything = TimelineEvent.objects.filter(ticket=self.ticket).count()
        before, seen = "", 0
        while True:
            timeline = self.client.get(f"{self.path}?before={before}").context["timeline"]
            seen += len(timeline.entries)
            before = timeline.older
            if not before:
                break
        self.assertGreater(everything, 40)
        self.assertEqual(seen, everything)


class Editing(TicketPage):
    """Editing the data."""

    def test_shows_the_current_data(self) -> None:
        response = self.client.get(f"{self.path}edit/")
        self.assertContains(response, "By the sea")
        self.assertContains(response, 'name="_step" value="1"')

    def test_writes_changed_fields_and_triggers_tasks(self) -> None:
        self.edit(days="6")
        run = self.run_now()
        self.assertEqual(run.data, {**VACATION, "employee_note": "By the sea", "days": 6})
        self.assertEqual(self.vacations.task(self.ticket, "Decide").input_data["days"], 6)
        with self.ours.scope():
            edited = TimelineEvent.objects.get(ticket=self.ticket, kind=TimelineKind.DATA_EDITED)
        self.assertEqual((edited.person_id, edited.details["fields"]), (self.admin.pk, ["days"]))

    def test_may_empty_required_fields(self) -> None:
        self.edit(days="", decision="approve")
        run = self.run_now()
        self.assertNotIn("days", run.data)
        self.assertEqual(run.data["decision"], "approve")

    def test_the_same_data_changes_nothing(self) -> None:
        self.edit()
        self.assertEqual(self.run_now().step, 1)

    def test_refuses_invalid_values_and_shows_them_again(self) -> None:
        response = self.edit(days="61", employee_note="Typed")
        self.assertEqual(response.status_code, 200)
        self.assertTrue(response.context["form"].errors["days"])
        self.assertContains(response, "Typed")
        self.assertEqual(self.run_now().data["days"], 5)

    def test_refuses_once_if_the_data_has_changed(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="change", manager_note="Too long")
        response = self.edit(days="6", _step="1")
        self.assertContains(response, "The data has changed since you opened this page")
        self.assertContains(response, 'name="_step" value="2"')
        self.assertEqual(self.run_now().data["days"], 5)
        self.edit(days="6", decision="change", manager_note="Too long")
        self.assertEqual(self.run_now().data["days"], 6)

    def test_on_hold_it_waits(self) -> None:
        self.client.post(f"{self.path}hold/", {"reason": "Wait"})
        self.assertContains(self.edit(days="6"), "takes effect when the ticket is resumed")
        self.assertEqual(self.run_now().data["days"], 5)
        self.client.post(f"{self.path}resume/")
        self.assertEqual(self.run_now().data["days"], 6)

    def test_a_finished_ticket_does_not_change(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="reject")
        self.assertContains(self.edit(days="6"), "The ticket is finished")
        self.assertEqual(self.run_now().data["days"], 5)

    def test_survives_hostile_texts(self) -> None:
        valid = {"days": "5", "first_day": "2026-07-01", "employee_note": "x", "decision": "", "_step": "1"}
        path = f"{self.path}edit/"
        for field, text, response in hostile_posts(path, valid, browser=lambda: self.client):
            with self.subTest(field=field, text=ascii(text[:40])):
                self.assertIn(response.status_code, {200, 302})


class HoldingAndEnding(TicketPage):
    """Holding, resuming and cancelling."""

    def test_asks_first(self) -> None:
        for page, words in (("hold", "Put on hold"), ("resume", "Resume"), ("cancel", "Cancel the ticket")):
            asked = self.client.get(f"{self.path}{page}/")
            self.assertContains(asked, words)
            # It says above which ticket is meant, and leads back to it.
            self.assertContains(asked, f'<a href="{self.path}">{self.ticket.name}</a>')
        self.assertEqual(self.run_now().status, RunStatus.IN_PROGRESS)

    def test_hold_and_resume(self) -> None:
        response = self.client.post(f"{self.path}hold/", {"reason": "New calendar"}, follow=True)
        self.assertContains(response, "The ticket has been put on hold.")
        task = self.vacations.task(self.ticket, "Decide")
        worker = logged_in(self.vacations.manager).get(f"/tasks/{task.pk}/")
        for page in (response, worker):  # who, and why, beside the state
            held = page.context["held"]
            self.assertEqual((held.who, held.comment), (str(self.admin), "New calendar"))
            self.assertContains(page, "put the ticket on hold")
            self.assertContains(page, "New calendar")
        self.assertContains(response, '<p class="tf-print-head">')
        self.assertContains(response, f'href="{self.path}resume/"')
        self.assertEqual(self.run_now().status, RunStatus.ON_HOLD)
        response = self.client.post(f"{self.path}resume/", follow=True)
        self.assertContains(response, "The ticket has been resumed.")
        self.assertEqual(self.run_now().status, RunStatus.IN_PROGRESS)

    def test_cancel(self) -> None:
        response = self.client.post(f"{self.path}cancel/", {"reason": "Not needed"}, follow=True)
        self.assertContains(response, "The ticket has been cancelled.")
        self.assertEqual(self.run_now().status, RunStatus.CANCELLED)
        self.assertEqual(self.vacations.task(self.ticket, "Decide").status, TaskStatus.CANCELLED)
        event = self.newest_event()
        self.assertEqual((event.kind, event.details["reason"]), (TimelineKind.CANCELLED, "Not needed"))

    def test_needs_a_reason(self) -> None:
        for page in ("hold", "cancel"):
            response = self.client.post(f"{self.path}{page}/", {"reason": " "})
            self.assertEqual(response.status_code, 200)
            self.assertTrue(response.context["form"].errors["reason"])
        self.assertEqual(self.run_now().status, RunStatus.IN_PROGRESS)

    def test_already_done(self) -> None:
        self.client.post(f"{self.path}hold/", {"reason": "x"})
        response = self.client.post(f"{self.path}hold/", {"reason": "x"}, follow=True)
        self.assertContains(response, "Only a ticket in progress can be put on hold.")
        self.client.post(f"{self.path}cancel/", {"reason": "x"})
        response = self.client.post(f"{self.path}cancel/", {"reason": "x"}, follow=True)
        self.assertContains(response, "This ticket has ended already.")
        response = self.client.post(f"{self.path}resume/", follow=True)
        self.assertContains(response, "This ticket is not on hold.")


# session, wall, savepoint, ticket, roles of the workflow; its tasks, timeline (events, steps); errors,
# tickets of the requester; people to mention; the menu; and back.
PAGE_QUERIES = 13
