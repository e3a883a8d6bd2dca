"""The ticket admins' pages of tasks: the list, the detail page, assigning, restricting and cancelling."""

from typing import Any

from django.db import transaction
from django.test import Client

from users.models import CustomUser
from users.people import deactivate
from users.tests.cases import logged_in
from users.tests.queries import at_most_queries, same_queries_as
from workflow_ops.desk.forms import MAX_PEOPLE
from workflow_ops.models import TaskInstance, TaskStatus, TimelineEvent, TimelineKind
from workflow_ops.tests.desk.desk_cases import DeskTestCase
from workflow_ops.work.submissions import give_back_task

LIST = "/manage/tasks/"


class Tasks(DeskTestCase):
    """The list of tasks."""

    def titles(self, query: str = "") -> list[str]:
        response = self.client.get(f"{LIST}{query}")
        self.assertEqual(response.status_code, 200)
        return [f"{row.title} {row.below.split('#')[1]}" for row in response.context["rows"]]

    def test_shows_the_oldest_first(self) -> None:
        self.vacations.submit()
        self.vacations.complete(self.ticket, "Decide", decision="approve")
        self.assertEqual(self.titles(), ["Decide 2", "Book it 1"])
        (first, _second) = self.client.get(LIST).context["rows"]
        self.assertEqual((first.assignee, first.status), ("Marek Tester", "OPEN"))
        self.assertEqual(self.titles("?sort=-waiting"), ["Book it 1", "Decide 2"])

    def test_filters(self) -> None:
        self.vacations.submit()
        self.vacations.complete(self.ticket, "Decide", decision="approve")
        for query, expected in (
            ("?status=all", ["Decide 1", "Decide 2", "Book it 1"]),
            ("?status=COMPLETED", ["Decide 1"]),
            ("?status=CANCELLED", []),
            ("?q=1", ["Book it 1"]),
            ("?q=sam", ["Decide 2", "Book it 1"]),
            ("?q=1 july", ["Decide 2", "Book it 1"]),
            ("?q=nobody", []),
            ("?assigned=nobody", []),
            ("?assigned=gone", []),
            ("?assigned=me", ["Book it 1"]),
            (f"?assigned={self.vacations.manager.pk}", ["Decide 2"]),
            (f"?assigned={self.vacations.manager.pk}&q=1", []),
            (f"?assigned={self.vacations.manager.pk}&status=all", ["Decide 1", "Decide 2"]),
            ("?task=Decide", ["Decide 2"]),
            (f"?workflow={self.vacations.workflow.line_id}&task=Decide", ["Decide 2"]),
            ("?task=Decide&status=all", ["Decide 1", "Decide 2"]),
            ("?task=%00", ["Decide 2", "Book it 1"]),  # is no title, so it filters nothing
            ("?status=OPEN", ["Decide 2", "Book it 1"]),
            ("?status=ERROR", []),
            ("?priority=none", ["Decide 2", "Book it 1"]),
            ("?priority=0", []),
            ("?age=7", []),
            ("?sort=priority", ["Decide 2", "Book it 1"]),
            ("?sort=-priority", ["Book it 1", "Decide 2"]),
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

    def test_says_why_a_task_was_given_back(self) -> None:
        with self.vacations.manager.scope(), transaction.atomic():
            task = self.vacations.task(self.ticket, "Decide")
            give_back_task(task, reason="I know him too well.", by=self.vacations.manager)
        page = self.client.get(f"{LIST}?assigned=nobody")
        self.assertContains(page, "Marek Tester gave “Decide” back")
        self.assertContains(page, "I know him too well.", count=1)
        logged_in(self.vacations.manager).post(f"/tasks/{task.pk}/take/")
        self.assertNotContains(self.client.get(LIST), "I know him too well.")

    def test_empty_list_explains_what_will_appear(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="reject")
        self.assertContains(self.client.get(LIST), "Open tasks appear here")
        self.assertContains(self.client.get(f"{LIST}?q=x"), "No task matches")

    def test_constant_statements(self) -> None:
        with at_most_queries(QUERIES) as few:
            self.client.get(LIST)
        for _number in range(50):
            self.vacations.submit()
        with same_queries_as(few):
            response = self.client.get(LIST)
        self.assertEqual(len(response.context["rows"]), 50)
        self.assertLess(len(response.content), 100_000)
        older = self.client.get(LIST + response.context["page"].older_url).context["rows"]
        self.assertEqual(len(older), 1)

    def test_is_for_ticket_admins(self) -> None:
        for colleague in (self.ours.submitter, self.ours.worker, self.vacations.manager):
            self.assertEqual(logged_in(colleague).get(LIST).status_code, 403)
        response = Client().get(LIST)
        self.assertRedirects(response, f"/users/login/?next={LIST}", fetch_redirect_response=False)
        self.assertEqual(self.client.post(LIST).status_code, 405)


class OneTask(DeskTestCase):
    """A test case with an open task of a new ticket."""

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
    """The detail page of a task."""

    def test_shows_input_and_assignee(self) -> None:
        response = self.client.get(self.path)
        for text in (
            "Marek Tester",
            "Please",
            "Sam Tester",
            "Everyone who may do it",
            'href="/manage/tickets/1/"',
        ):
            self.assertContains(response, text)
        for page in ("assign", "restrict", "cancel"):
            self.assertContains(response, f'href="{self.path}{page}/"')
        for page in ("assign", "restrict"):
            with self.subTest(page):
                self.assertContains(self.client.get(f"{self.path}{page}/"), ">Please</div>")

    def test_a_finished_task_shows_its_output_and_is_read_only(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="change", manager_note="Too long")
        response = self.client.get(self.path)
        self.assertContains(response, "Too long")
        self.assertContains(response, "by Ada Admin")
        self.assertNotContains(response, f'href="{self.path}assign/"')

    def test_is_for_admins_of_the_ticket_only(self) -> None:
        self.assert_guarded(self.path, post=False)
        for page in ("assign", "restrict", "cancel"):
            with self.subTest(page):
                self.assert_guarded(f"{self.path}{page}/")
                response = logged_in(self.their_vacations.hr).post(f"{self.path}{page}/")
                self.assertEqual(response.status_code, 404)

    def test_statements(self) -> None:
        with at_most_queries(PAGE_QUERIES):
            self.client.get(self.path)


class Assigning(OneTask):
    """Assigning a task to a person who may do it, or to nobody."""

    def test_offers_people_who_may_do_it(self) -> None:
        response = self.client.get(f"{self.path}assign/")
        self.assertContains(response, "<option", count=2)  # nobody, and the only manager
        self.assertContains(response, f'<option value="{self.vacations.manager.pk}" selected>Marek Tester')
        self.assertContains(response, "Marek Tester has had it since ")

    def test_shows_absence_and_workload(self) -> None:
        with self.ours.scope():
            CustomUser.objects.filter(pk=self.vacations.manager.pk).update(away_from="2020-01-01")
        response = self.client.get(f"{self.path}assign/")
        self.assertContains(response, "Marek Tester (away): 1 open task (has it now)</option>")

    def test_lists_assignee_and_person_of_the_field_first(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="change", manager_note="Shorter")
        named = self.vacations.task(self.ticket, "Change request")
        response = self.client.get(f"{LIST}{named.pk}/assign/")
        self.assertContains(response, f'<option value="{self.ours.submitter.pk}" selected>Sam Tester')
        self.client.post(f"{LIST}{named.pk}/assign/", {"person": ""})
        self.client.post(f"{LIST}{named.pk}/assign/", {"person": self.ours.submitter.pk})
        again = self.vacations.task(self.ticket, "Change request")
        self.assertEqual(again.assigned_to_id, self.ours.submitter.pk)

    def test_lists_some_of_many_people_and_finds_the_others(self) -> None:
        with at_most_queries(CHOICE_QUERIES) as few:
            self.client.get(f"{self.path}assign/")
        many = [self.vacations.person_with_role(f"Nr{number}", "Manager") for number in range(MAX_PEOPLE + 2)]
        with same_queries_as(few):
            response = self.client.get(f"{self.path}assign/")
        self.assertContains(response, "<option", count=MAX_PEOPLE + 2)  # nobody, and who has it
        self.assertContains(response, f'<option value="{self.vacations.manager.pk}" selected>')
        self.assertNotContains(response, "Nr51 ")
        self.assertContains(self.client.get(f"{self.path}assign/?q=nr51"), "Nr51 Tester: 0 open tasks")
        self.post("assign", person=many[51].pk)
        self.assertEqual(self.fresh().assigned_to_id, many[51].pk)

    def test_unassigns_and_assigns(self) -> None:
        self.assertContains(self.post("assign", person=""), "Nobody has the task now.")
        self.assertIsNone(self.fresh().assigned_to_id)
        self.post("assign", person=self.vacations.manager.pk)
        self.assertEqual(self.fresh().assigned_to_id, self.vacations.manager.pk)
        with self.ours.scope():
            event = TimelineEvent.objects.filter(ticket=self.ticket).latest("pk")
        self.assertEqual(
            (event.kind, event.about_id), (TimelineKind.TASK_ASSIGNED, self.vacations.manager.pk)
        )

    def test_note_to_the_new_person(self) -> None:
        new = self.vacations.person_with_role("Nina", "Manager")
        self.post("assign", person=new.pk, note="Please call them first.")
        for client, path in ((logged_in(new), f"/tasks/{self.task.pk}/"), (self.client, self.path)):
            with self.subTest(path):
                page = client.get(path)
                self.assertContains(page, "assigned “Decide” to Nina Tester")
                self.assertContains(page, "Please call them first.")
        timeline = self.client.get(f"/manage/tickets/{self.ticket.number}/")
        self.assertContains(timeline, "Please call them first.", count=1)
        self.post("assign", person="")
        self.assertNotContains(self.client.get(self.path), "Please call them first.")

    def test_reason_of_who_gave_it_back(self) -> None:
        client = logged_in(self.vacations.manager)
        path = f"/tasks/{self.task.pk}/give-back/"
        self.assertContains(client.get(path), "Give “Decide” back?")
        self.assertContains(client.post(path, {"reason": "x" * 1001}), "at most 1000 characters")
        client.post(path, {"reason": "I am on the board of that supplier."})
        page = self.client.get(self.path)
        self.assertContains(page, "gave “Decide” back")
        self.assertContains(page, "I am on the board of that supplier.")
        self.assertContains(client.get(f"/tasks/{self.task.pk}/"), "I am on the board of that supplier.")

    def test_refuses_people_who_may_not_do_it(self) -> None:
        for person in (self.ours.worker, self.theirs.worker, self.their_vacations.manager):
            response = self.client.post(f"{self.path}assign/", {"person": person.pk})
            self.assertTrue(response.context["form"].errors["person"], person.first_name)
        self.assertEqual(self.fresh().assigned_to_id, self.vacations.manager.pk)

    def test_refuses_deactivated_people(self) -> None:
        with self.ours.scope():
            deactivate(self.vacations.manager)
        response = self.client.post(f"{self.path}assign/", {"person": self.vacations.manager.pk})
        self.assertTrue(response.context["form"].errors["person"])

    def test_already_done(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="reject")
        self.assertContains(self.post("assign", person=""), "This task is finished already.")


class Restricting(OneTask):
    def setUp(self) -> None:
        super().setUp()
        self.other = self.vacations.person_with_role("Olga", "Manager")

    """To named people."""

    def test_restricts_and_removes_the_restriction(self) -> None:
        people = [self.vacations.manager.pk, self.other.pk]
        response = self.post("restrict", people=people)
        self.assertContains(response, "The restriction of the task has been saved.")
        self.assertEqual(sorted(self.allowed()), sorted(people))
        self.assertContains(response, "Olga Tester")
        self.post("restrict")
        self.assertEqual(self.allowed(), [])

    def test_offers_only_people_who_may_execute_it(self) -> None:
        response = self.client.get(f"{self.path}restrict/")
        self.assertContains(response, "Marek Tester: 1 open task")
        self.assertNotContains(response, f'value="{self.ours.worker.pk}"')
        response = self.client.post(f"{self.path}restrict/", {"people": [self.ours.worker.pk]})
        self.assertTrue(response.context["form"].errors["people"])

    def test_reassigns_if_the_assignee_is_excluded(self) -> None:
        self.post("restrict", people=[self.other.pk])
        self.assertEqual(self.fresh().assigned_to_id, self.other.pk)
        with self.ours.scope():
            CustomUser.objects.filter(pk=self.vacations.manager.pk).update(away_from="2020-01-01")
        self.post("restrict", people=[self.vacations.manager.pk])
        self.assertIsNone(self.fresh().assigned_to_id)

    def test_refuses_people_of_another_company(self) -> None:
        response = self.client.post(f"{self.path}restrict/", {"people": [self.theirs.worker.pk]})
        self.assertTrue(response.context["form"].errors["people"])
        self.assertEqual(self.allowed(), [])

    def test_already_done(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="reject")
        self.assertContains(self.post("restrict"), "This task is finished already.")


class Cancelling(OneTask):
    """Cancelling a task with a reason."""

    def test_cancels_and_the_ticket_stalls(self) -> None:
        self.assertContains(self.client.get(f"{self.path}cancel/"), "the ticket stops until you act")
        self.assertFalse(self.is_cancelled())
        response = self.post("cancel", reason="Decided by phone")
        self.assertContains(response, "The task has been cancelled.")
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


# session, wall, savepoint, workflows (2), people to choose from, ids and rows of the tasks, their number,
# saved views, may they administer (2); and back
QUERIES = 14
# session, wall, savepoint, task, roles of the workflow, allowed people; what waits for me, the menu; and back
PAGE_QUERIES = 10
# session, wall, savepoint, task, roles of the workflow, allowed people, who has it, whom the search finds,
# the allowed people beside the form; the menu; and back
CHOICE_QUERIES = 13
