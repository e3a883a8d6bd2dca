"""One ticket for its admins: reading it, editing, holding, resuming, cancelling, its history."""

from typing import Any
from urllib.parse import quote

from users.tests.cases import logged_in
from users.tests.hostile import HOSTILE_TEXTS, hostile_posts
from users.tests.queries import at_most_queries, same_queries_as
from workflow_ops.models import RunStatus, TaskStatus, TimelineEvent, TimelineKind, WorkflowInstance
from workflow_ops.tests.desk_cases import VACATION, DeskTestCase


class TicketPage(DeskTestCase):
    """The page, and what each button does."""

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
        data = {**VACATION, "employee_note": "By the sea", "_step": str(self.run_now().step), **changes}
        return self.client.post(f"{self.path}edit/", data, follow=True)


class Reading(TicketPage):
    """Everything about it on one page."""

    def test_shows_where_it_stands_its_data_tasks_and_timeline(self) -> None:
        answer = self.client.get(self.path)
        self.assertContains(answer, "<strong>Decide</strong> by Marek Tester")
        self.assertContains(answer, "By the sea")
        self.assertContains(answer, "submitted the ticket")
        self.assertContains(answer, "“Decide” started, since Days, Note and First day were written.")
        task = self.vacations.task(self.ticket, "Decide")
        self.assertContains(answer, f'href="/manage/tasks/{task.pk}/"')
        for action in ("edit", "hold", "cancel", "history"):
            self.assertContains(answer, f'href="{self.path}{action}/"')
        self.assertNotContains(answer, f'href="{self.path}resume/"')

    def test_takes_a_comment(self) -> None:
        answer = self.client.post(f"{self.path}comment/", {"text": "Sounds good"}, follow=True)
        self.assertRedirects(answer, self.path)
        self.assertContains(answer, "Sounds good")

    def test_shows_a_refused_comment_on_this_page(self) -> None:
        answer = self.client.post(f"{self.path}comment/", {"text": "x" * 5001})
        self.assertTemplateUsed(answer, "workflow_ops/manage_ticket.html")
        self.assertContains(answer, "x" * 5001)
        self.assertTrue(answer.context["comment_form"].errors["text"])

    def test_comments_are_guarded(self) -> None:
        self.assert_guarded(f"{self.path}comment/", get=False)

    def test_a_finished_one_can_only_be_read(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="reject")
        answer = self.client.get(self.path)
        self.assertContains(answer, "Rejected")
        for action in ("edit", "hold", "cancel", "resume"):
            self.assertNotContains(answer, f'href="{self.path}{action}/"')

    def test_shows_its_unresolved_errors(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="approve")
        self.vacations.complete(self.ticket, "Book it", booked=False)
        answer = self.client.get(self.path)
        self.assertContains(answer, "The workflow has stalled")
        self.assertContains(answer, "Stopped")

    def test_is_for_its_admins_only(self) -> None:
        self.assert_guarded(self.path, post=False)
        for page in ("edit", "hold", "resume", "cancel"):
            with self.subTest(page):
                self.assert_guarded(f"{self.path}{page}/")
        self.assert_guarded(f"{self.path}history/", post=False)

    def test_another_companys_does_not_exist(self) -> None:
        for page in ("", "edit/", "hold/", "resume/", "cancel/", "history/"):
            answer = logged_in(self.their_vacations.hr).get(f"{self.path}{page}")
            self.assertEqual(answer.status_code, 404, page)

    def test_costs_the_same_however_long_it_has_run(self) -> None:
        with at_most_queries(PAGE_QUERIES) as few:
            self.client.get(self.path)
        for _round in range(20):
            self.vacations.complete(self.ticket, "Decide", decision="change")
            self.vacations.complete(self.ticket, "Change request", days=2, first_day="2026-08-01")
        with same_queries_as(few):
            answer = self.client.get(self.path)
        self.assertLess(len(answer.content), 100_000)

    def test_pages_its_timeline_without_losing_an_entry(self) -> None:
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

    def test_bears_hostile_places_in_the_timeline(self) -> None:
        for text in HOSTILE_TEXTS:
            with self.subTest(ascii(text[:40])):
                value = quote(text.encode(errors="surrogatepass"))
                self.assertEqual(self.client.get(f"{self.path}?before={value}").status_code, 200)


class Editing(TicketPage):
    """The data."""

    def test_shows_the_data_of_now(self) -> None:
        answer = self.client.get(f"{self.path}edit/")
        self.assertContains(answer, "By the sea")
        self.assertContains(answer, 'name="_step" value="1"')

    def test_changes_what_differs_and_starts_what_reads_it(self) -> None:
        answer = self.edit(days="6")
        self.assertContains(answer, "The data is saved.")
        run = self.run_now()
        self.assertEqual(run.data, {**VACATION, "employee_note": "By the sea", "days": 6})
        self.assertEqual(self.vacations.task(self.ticket, "Decide").input_data["days"], 6)
        with self.ours.scope():
            edited = TimelineEvent.objects.get(ticket=self.ticket, kind=TimelineKind.DATA_EDITED)
        self.assertEqual((edited.person_id, edited.details["fields"]), (self.admin.pk, ["days"]))

    def test_may_empty_what_a_form_must_ask_for(self) -> None:
        self.edit(days="", decision="approve")
        run = self.run_now()
        self.assertNotIn("days", run.data)
        self.assertEqual(run.data["decision"], "approve")

    def test_the_same_data_changes_nothing(self) -> None:
        self.edit()
        self.assertEqual(self.run_now().step, 1)

    def test_refuses_what_does_not_fit_and_keeps_what_was_typed(self) -> None:
        answer = self.edit(days="61", employee_note="Typed")
        self.assertEqual(answer.status_code, 200)
        self.assertTrue(answer.context["form"].errors["days"])
        self.assertContains(answer, "Typed")
        self.assertEqual(self.run_now().data["days"], 5)

    def test_refuses_once_where_the_data_has_changed_since(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="change", manager_note="Too long")
        answer = self.edit(days="6", _step="1")
        self.assertContains(answer, "The data has changed since you opened this page")
        self.assertContains(answer, 'name="_step" value="2"')
        self.assertEqual(self.run_now().data["days"], 5)
        self.edit(days="6", decision="change", manager_note="Too long")
        self.assertEqual(self.run_now().data["days"], 6)

    def test_on_hold_it_waits(self) -> None:
        self.client.post(f"{self.path}hold/", {"reason": "Wait"})
        self.assertContains(self.edit(days="6"), "takes effect when the ticket is resumed")
        self.assertEqual(self.run_now().data["days"], 5)
        self.client.post(f"{self.path}resume/")
        self.assertEqual(self.run_now().data["days"], 6)

    def test_a_finished_ticket_stays_as_it_is(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="reject")
        self.assertContains(self.edit(days="6"), "The ticket is finished")
        self.assertEqual(self.run_now().data["days"], 5)

    def test_bears_hostile_texts(self) -> None:
        valid = {"days": "5", "first_day": "2026-07-01", "employee_note": "x", "decision": "", "_step": "1"}
        path = f"{self.path}edit/"
        for field, text, answer in hostile_posts(path, valid, browser=lambda: self.client):
            with self.subTest(field=field, text=ascii(text[:40])):
                self.assertIn(answer.status_code, {200, 302})


class HoldingAndEnding(TicketPage):
    """Hold, resume, cancel."""

    def test_asks_first(self) -> None:
        for page, words in (("hold", "Put on hold"), ("resume", "Resume"), ("cancel", "Cancel the ticket")):
            self.assertContains(self.client.get(f"{self.path}{page}/"), words)
        self.assertEqual(self.run_now().status, RunStatus.IN_PROGRESS)

    def test_hold_and_resume(self) -> None:
        answer = self.client.post(f"{self.path}hold/", {"reason": "New calendar"}, follow=True)
        self.assertContains(answer, "The ticket is on hold.")
        self.assertContains(answer, "New calendar")
        self.assertContains(answer, f'href="{self.path}resume/"')
        self.assertEqual(self.run_now().status, RunStatus.ON_HOLD)
        answer = self.client.post(f"{self.path}resume/", follow=True)
        self.assertContains(answer, "The ticket is resumed.")
        self.assertEqual(self.run_now().status, RunStatus.IN_PROGRESS)

    def test_cancel(self) -> None:
        answer = self.client.post(f"{self.path}cancel/", {"reason": "Not needed"}, follow=True)
        self.assertContains(answer, "The ticket is cancelled.")
        self.assertEqual(self.run_now().status, RunStatus.CANCELLED)
        self.assertEqual(self.vacations.task(self.ticket, "Decide").status, TaskStatus.CANCELLED)
        event = self.newest_event()
        self.assertEqual((event.kind, event.details["reason"]), (TimelineKind.CANCELLED, "Not needed"))

    def test_needs_a_reason(self) -> None:
        for page in ("hold", "cancel"):
            answer = self.client.post(f"{self.path}{page}/", {"reason": " "})
            self.assertEqual(answer.status_code, 200)
            self.assertTrue(answer.context["form"].errors["reason"])
        self.assertEqual(self.run_now().status, RunStatus.IN_PROGRESS)

    def test_already_done(self) -> None:
        self.client.post(f"{self.path}hold/", {"reason": "x"})
        answer = self.client.post(f"{self.path}hold/", {"reason": "x"}, follow=True)
        self.assertContains(answer, "Only a ticket in progress can be put on hold.")
        self.client.post(f"{self.path}cancel/", {"reason": "x"})
        answer = self.client.post(f"{self.path}cancel/", {"reason": "x"}, follow=True)
        self.assertContains(answer, "This ticket has ended already.")
        answer = self.client.post(f"{self.path}resume/", follow=True)
        self.assertContains(answer, "This ticket is not on hold.")

    def test_bears_hostile_reasons(self) -> None:
        for page in ("hold", "cancel"):
            path = f"{self.path}{page}/"
            for field, text, answer in hostile_posts(path, {"reason": "x"}, browser=lambda: self.client):
                with self.subTest(page=page, field=field, text=ascii(text[:40])):
                    self.assertIn(answer.status_code, {200, 302})


class History(TicketPage):
    """The workspace, step by step."""

    def test_tells_what_each_step_changed(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="change", manager_note="Too long")
        self.vacations.complete(self.ticket, "Change request", days=3, first_day="2026-07-01")
        answer = self.client.get(f"{self.path}history/")
        third, second, first = answer.context["steps"]
        self.assertEqual((third.number, third.what, third.who), (3, "“Change request”", "Ada Admin"))
        changes = {change.label: (change.before, change.after) for change in third.changes}
        self.assertEqual(
            changes, {"Days": ("5", "3"), "Note": ('<div class="tf-lines-kept">By the sea</div>', "")}
        )
        self.assertEqual(third.same, ["First day"])
        self.assertEqual({change.label for change in second.changes}, {"Decision", "Note of the manager"})
        self.assertEqual((first.what, len(first.changes)), ("Ticket", 3))
        self.assertIn("“Decide” started", first.why[0])

    def test_pages_and_costs_the_same(self) -> None:
        path = f"{self.path}history/"
        with at_most_queries(HISTORY_QUERIES) as few:
            self.client.get(path)
        for _round in range(15):
            self.vacations.complete(self.ticket, "Decide", decision="change")
            self.vacations.complete(self.ticket, "Change request", days=2, first_day="2026-08-01")
        with same_queries_as(few):
            answer = self.client.get(path)
        self.assertLess(len(answer.content), 100_000)
        newest = [step.number for step in answer.context["steps"]]
        older = self.client.get(path + answer.context["page"].older_url).context["steps"]
        self.assertEqual(newest + [step.number for step in older], list(range(31, 0, -1)))
        # The oldest step of the first page is compared with the one before it, on the next page.
        self.assertNotIn("Days", {change.label for change in answer.context["steps"][-1].changes})


# session, wall, savepoint, ticket, roles of the workflow; its unfinished tasks, files, timeline (places,
# events, steps), the picture's tasks and completions; tasks, errors; what waits for me, the menu; and back
PAGE_QUERIES = 17
HISTORY_QUERIES = 11
