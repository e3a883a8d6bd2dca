"""Tasks for ticket admins: the list, one of them, assigning, restricting and cancelling it."""

from typing import Any
from urllib.parse import quote

from django.test import Client

from users.models import CustomUser
from users.people import deactivate
from users.tests.cases import logged_in
from users.tests.hostile import HOSTILE_TEXTS, hostile_posts
from users.tests.queries import at_most_queries, same_queries_as
from workflow_ops.desk.forms import MAX_PEOPLE
from workflow_ops.models import TaskInstance, TaskStatus, TimelineEvent, TimelineKind
from workflow_ops.tests.desk_cases import DeskTestCase

LIST = "/manage/tasks/"


class Tasks(DeskTestCase):
    """The list."""

    def titles(self, query: str = "") -> list[str]:
        answer = self.client.get(f"{LIST}{query}")
        self.assertEqual(answer.status_code, 200)
        return [f"{row.title} {row.ticket.split('#')[1]}" for row in answer.context["rows"]]

    def test_shows_what_waits_longest_first(self) -> None:
        self.vacations.submit()
        self.vacations.complete(self.ticket, "Decide", decision="approve")
        self.assertEqual(self.titles(), ["Decide 2", "Book it 1"])
        (first, _second) = self.client.get(LIST).context["rows"]
        self.assertEqual((first.assignee, first.status), ("Marek Tester", "OPEN"))
        self.assertEqual(self.titles("?sort=-created"), ["Book it 1", "Decide 2"])

    def test_narrows(self) -> None:
        self.vacations.submit()
        self.vacations.complete(self.ticket, "Decide", decision="approve")
        for query, expected in (
            ("?status=all", ["Decide 1", "Decide 2", "Book it 1"]),
            ("?status=COMPLETED", ["Decide 1"]),
            ("?status=CANCELLED", []),
            ("?q=1", ["Book it 1"]),
            ("?q=sam", ["Decide 2", "Book it 1"]),
            ("?q=nobody", []),
            ("?assigned=nobody", []),
            (f"?workflow={self.vacations.workflow.line_id}", ["Decide 2", "Book it 1"]),
            ("?since=2030-01-01", []),
            ("?until=2030-01-01", ["Decide 2", "Book it 1"]),
        ):
            with self.subTest(query):
                self.assertEqual(self.titles(query), expected)
        with self.ours.scope():
            TaskInstance.objects.filter(task_definition__title="Book it").update(assigned_to=None)
        self.assertEqual(self.titles("?assigned=nobody"), ["Book it 1"])
        self.assertContains(self.client.get(LIST), "nobody yet")

    def test_says_what_will_appear(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="reject")
        self.assertContains(self.client.get(LIST), "Nothing waits now")
        self.assertContains(self.client.get(f"{LIST}?q=x"), "No task fits")

    def test_costs_the_same_however_many_there_are(self) -> None:
        with at_most_queries(QUERIES) as few:
            self.client.get(LIST)
        for _number in range(50):
            self.vacations.submit()
        with same_queries_as(few):
            answer = self.client.get(LIST)
        self.assertEqual(len(answer.context["rows"]), 50)
        self.assertLess(len(answer.content), 100_000)
        older = self.client.get(LIST + answer.context["page"].older_url).context["rows"]
        self.assertEqual(len(older), 1)

    def test_bears_hostile_texts(self) -> None:
        for text in HOSTILE_TEXTS:
            for field in ("q", "status", "assigned", "workflow", "since", "until", "sort", "after", "before"):
                with self.subTest(field=field, text=text[:40]):
                    value = quote(text.encode(errors="surrogatepass"))
                    self.assertEqual(self.client.get(f"{LIST}?{field}={value}").status_code, 200)

    def test_is_for_ticket_admins(self) -> None:
        for colleague in (self.ours.submitter, self.ours.worker, self.vacations.manager):
            self.assertEqual(logged_in(colleague).get(LIST).status_code, 403)
        answer = Client().get(LIST)
        self.assertRedirects(answer, f"/users/login/?next={LIST}", fetch_redirect_response=False)
        self.assertEqual(self.client.post(LIST).status_code, 405)


class OneTask(DeskTestCase):
    """A task that is open, of a ticket of its own."""

    def setUp(self) -> None:
        super().setUp()
        self.task = self.vacations.task(self.ticket, "Decide")
        self.path = f"{LIST}{self.task.pk}/"

    def fresh(self) -> TaskInstance:
        return self.vacations.task(self.ticket, "Decide")

    def allowed(self) -> list[int]:
        with self.ours.scope():
            return list(self.task.allowed_links.order_by("pk").values_list("person_id", flat=True))

    def post(self, page: str, **data: Any) -> Any:
        return self.client.post(f"{self.path}{page}/", data, follow=True)

    def is_cancelled(self) -> bool:
        return self.fresh().status == TaskStatus.CANCELLED


class Reading(OneTask):
    """What it is about, and whose."""

    def test_shows_what_it_reads_and_whose_it_is(self) -> None:
        answer = self.client.get(self.path)
        for text in (
            "Marek Tester",
            "Please",
            "Sam Tester",
            "All who may do it",
            'href="/manage/tickets/1/"',
        ):
            self.assertContains(answer, text)
        for page in ("assign", "restrict", "cancel"):
            self.assertContains(answer, f'href="{self.path}{page}/"')

    def test_a_finished_one_shows_its_answer_and_can_only_be_read(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="change", manager_note="Too long")
        answer = self.client.get(self.path)
        self.assertContains(answer, "Too long")
        self.assertContains(answer, "by Ada Admin")
        self.assertNotContains(answer, f'href="{self.path}assign/"')

    def test_is_for_admins_of_the_ticket_only(self) -> None:
        self.assert_guarded(self.path, post=False)
        for page in ("assign", "restrict", "cancel"):
            with self.subTest(page):
                self.assert_guarded(f"{self.path}{page}/")
                answer = logged_in(self.their_vacations.hr).post(f"{self.path}{page}/")
                self.assertEqual(answer.status_code, 404)

    def test_costs(self) -> None:
        with at_most_queries(PAGE_QUERIES):
            self.client.get(self.path)


class Assigning(OneTask):
    """To somebody who may do it, or to nobody."""

    def test_offers_those_who_may_do_it(self) -> None:
        answer = self.client.get(f"{self.path}assign/")
        self.assertContains(answer, "<option", count=2)  # nobody, and the only manager
        self.assertContains(answer, f'<option value="{self.vacations.manager.pk}" selected>Marek Tester')
        self.assertContains(answer, "It is currently assigned to Marek Tester.")

    def test_says_who_is_away_and_how_much_they_have(self) -> None:
        with self.ours.scope():
            CustomUser.objects.filter(pk=self.vacations.manager.pk).update(is_away=True)
        answer = self.client.get(f"{self.path}assign/")
        self.assertContains(answer, "Marek Tester: 1 open task, away</option>")

    def test_keeps_whom_a_field_named_and_who_has_it(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="change", manager_note="Shorter")
        named = self.vacations.task(self.ticket, "Change request")
        answer = self.client.get(f"{LIST}{named.pk}/assign/")
        self.assertContains(answer, f'<option value="{self.ours.submitter.pk}" selected>Sam Tester')
        self.client.post(f"{LIST}{named.pk}/assign/", {"person": ""})
        self.client.post(f"{LIST}{named.pk}/assign/", {"person": self.ours.submitter.pk})
        again = self.vacations.task(self.ticket, "Change request")
        self.assertEqual(again.assigned_to_id, self.ours.submitter.pk)

    def test_shows_some_of_many_and_finds_the_others(self) -> None:
        with at_most_queries(CHOICE_QUERIES) as few:
            self.client.get(f"{self.path}assign/")
        many = [self.vacations._with_role(f"Nr{number}", "Manager") for number in range(MAX_PEOPLE + 2)]
        with same_queries_as(few):
            answer = self.client.get(f"{self.path}assign/")
        self.assertContains(answer, "<option", count=MAX_PEOPLE + 2)  # nobody, and who has it
        self.assertContains(answer, f'<option value="{self.vacations.manager.pk}" selected>')
        self.assertNotContains(answer, "Nr51 ")
        self.assertContains(self.client.get(f"{self.path}assign/?q=nr51"), "Nr51 Tester: 0 open tasks")
        self.post("assign", person=many[51].pk)
        self.assertEqual(self.fresh().assigned_to_id, many[51].pk)

    def test_takes_it_from_everybody_and_gives_it(self) -> None:
        self.assertContains(self.post("assign", person=""), "The task is assigned.")
        self.assertIsNone(self.fresh().assigned_to_id)
        self.post("assign", person=self.vacations.manager.pk)
        self.assertEqual(self.fresh().assigned_to_id, self.vacations.manager.pk)
        with self.ours.scope():
            event = TimelineEvent.objects.filter(ticket=self.ticket).latest("pk")
        self.assertEqual(
            (event.kind, event.about_id), (TimelineKind.TASK_ASSIGNED, self.vacations.manager.pk)
        )

    def test_refuses_who_may_not_do_it(self) -> None:
        for person in (self.ours.worker, self.theirs.worker, self.their_vacations.manager):
            answer = self.client.post(f"{self.path}assign/", {"person": person.pk})
            self.assertTrue(answer.context["form"].errors["person"], person.first_name)
        self.assertEqual(self.fresh().assigned_to_id, self.vacations.manager.pk)

    def test_refuses_who_was_deactivated(self) -> None:
        with self.ours.scope():
            deactivate(self.vacations.manager)
        answer = self.client.post(f"{self.path}assign/", {"person": self.vacations.manager.pk})
        self.assertTrue(answer.context["form"].errors["person"])

    def test_already_done(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="reject")
        self.assertContains(self.post("assign", person=""), "This task is finished already.")


class Restricting(OneTask):
    def setUp(self) -> None:
        super().setUp()
        self.other = self.vacations._with_role("Olga", "Manager")

    """To named people."""

    def test_narrows_down_and_opens_again(self) -> None:
        people = [self.vacations.manager.pk, self.other.pk]
        answer = self.post("restrict", people=people)
        self.assertContains(answer, "The restriction of the task is saved.")
        self.assertEqual(sorted(self.allowed()), sorted(people))
        self.assertContains(answer, "Olga Tester")
        self.post("restrict")
        self.assertEqual(self.allowed(), [])

    def test_offers_only_who_may_execute_it(self) -> None:
        answer = self.client.get(f"{self.path}restrict/")
        self.assertContains(answer, "Marek Tester: 1 open task")
        self.assertNotContains(answer, f'value="{self.ours.worker.pk}"')
        answer = self.client.post(f"{self.path}restrict/", {"people": [self.ours.worker.pk]})
        self.assertTrue(answer.context["form"].errors["people"])

    def test_goes_to_somebody_else_where_its_assignee_is_not_among_them(self) -> None:
        self.post("restrict", people=[self.other.pk])
        self.assertEqual(self.fresh().assigned_to_id, self.other.pk)
        with self.ours.scope():
            CustomUser.objects.filter(pk=self.vacations.manager.pk).update(is_away=True)
        self.post("restrict", people=[self.vacations.manager.pk])
        self.assertIsNone(self.fresh().assigned_to_id)

    def test_refuses_people_of_another_company(self) -> None:
        answer = self.client.post(f"{self.path}restrict/", {"people": [self.theirs.worker.pk]})
        self.assertTrue(answer.context["form"].errors["people"])
        self.assertEqual(self.allowed(), [])

    def test_already_done(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="reject")
        self.assertContains(self.post("restrict"), "This task is finished already.")


class Cancelling(OneTask):
    """With a reason."""

    def test_cancels_and_the_ticket_stands_still(self) -> None:
        self.assertContains(self.client.get(f"{self.path}cancel/"), "the ticket stands still")
        self.assertFalse(self.is_cancelled())
        answer = self.post("cancel", reason="Decided by phone")
        self.assertContains(answer, "The task is cancelled.")
        self.assertTrue(self.is_cancelled())
        self.now()
        self.assertContains(self.client.get("/manage/tickets/1/"), "Decided by phone")
        self.assertContains(self.client.get("/manage/errors/"), "The workflow has stalled")

    def test_needs_a_reason(self) -> None:
        self.assertTrue(self.post("cancel").context["form"].errors["reason"])
        self.assertFalse(self.is_cancelled())

    def test_already_done(self) -> None:
        self.post("cancel", reason="x")
        self.assertContains(self.post("cancel", reason="x"), "This task is finished already.")

    def test_bears_hostile_texts(self) -> None:
        for page, valid in (
            ("assign", {"person": str(self.vacations.manager.pk)}),
            ("restrict", {"people": str(self.vacations.manager.pk)}),
            ("cancel", {"reason": "x"}),
        ):
            path = f"{self.path}{page}/"
            for field, text, answer in hostile_posts(path, valid, browser=lambda: self.client):
                with self.subTest(page=page, field=field, text=text[:40]):
                    self.assertIn(answer.status_code, {200, 302})


# as of the list of tickets, whose waiting tasks are the rows here
QUERIES = 10
# session, wall, savepoint, task, roles of the workflow, allowed people; what waits for me, the menu; and back
PAGE_QUERIES = 9
# session, wall, savepoint, task, roles of the workflow, allowed people, who has it, whom the search finds;
# the menu; and back
CHOICE_QUERIES = 11
