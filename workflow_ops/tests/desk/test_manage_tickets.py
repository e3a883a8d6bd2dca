"""The ticket admins' list of tickets: contents, filters and statements."""

from datetime import timedelta
from urllib.parse import quote

from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from users.tests.cases import People, logged_in, make_person
from users.tests.queries import at_most_queries, same_queries_as
from workflow_ops.desk.lists.tickets import TicketList
from workflow_ops.models import TicketInstance
from workflow_ops.tests.desk.desk_cases import DeskTestCase

PATH = "/manage/tickets/"


class Tickets(DeskTestCase):
    """The list for people who administer a workflow."""

    def numbers(self, query: str = "") -> list[int]:
        response = self.client.get(f"{PATH}{query}")
        self.assertEqual(response.status_code, 200)
        return [row.number for row in response.context["rows"]]

    def test_shows_status_and_waiting_tasks(self) -> None:
        response = self.client.get(PATH)
        (row,) = response.context["rows"]
        self.assertEqual(
            (row.number, row.heading, row.status, row.submitter, row.waits_for),
            (1, "From 1 July 2026, days off: 5", "IN_PROGRESS", "Sam Tester", ["Decide: Marek Tester"]),
        )
        self.assertContains(response, 'href="/manage/tickets/1/?in="')
        self.assertContains(response, "1 ticket")

    def test_shows_the_newest_first_and_sorts(self) -> None:
        self.vacations.submit()
        third = self.vacations.submit()
        self.assertEqual(self.numbers(), [3, 2, 1])
        self.assertEqual(self.numbers("?sort=number"), [1, 2, 3])
        self.vacations.complete(self.ticket, "Decide", decision="approve")
        self.assertEqual(self.numbers("?sort=-changed"), [1, third.number, 2])

    def test_searches_numbers_and_submitters(self) -> None:
        zoe = make_person(self.ours.company, "Zoe", system_roles=["user"])  # type: ignore[list-item]
        self.vacations.submit(by=zoe)
        for text, expected in (
            ("1", [1]),
            ("#2", [2]),
            ("# 2", [2]),
            ("zoe", [2]),
            ("Zoe TESTER", [2]),
            ("tester", [2, 1]),
            ("theirs", []),
            ("3", []),
            ("9" * 40, []),
            ("٢", []),
        ):
            with self.subTest(text):
                self.assertEqual(self.numbers(f"?q={quote(text)}"), expected)

    def test_filters_by_status(self) -> None:
        self.vacations.submit()
        self.vacations.complete(self.ticket, "Decide", decision="reject")
        self.assertEqual(self.numbers("?status=CANCELLED"), [1])
        self.assertEqual(self.numbers("?status=finished"), [1])
        self.assertEqual(self.numbers("?status=all"), [2, 1])
        self.assertEqual(self.numbers("?status=IN_PROGRESS"), [2])
        self.assertEqual(self.numbers(), [2])
        self.assertEqual(self.numbers("?status=ON_HOLD"), [])
        self.assertContains(self.client.get(f"{PATH}?status=ON_HOLD"), "No ticket matches")

    def test_filters_by_workflow(self) -> None:
        line = self.vacations.workflow.line_id
        self.assertEqual(self.numbers(f"?workflow={line}"), [1])
        self.assertEqual(self.numbers(f"?workflow={self.their_vacations.workflow.line_id}"), [1])  # no choice
        self.assertContains(self.client.get(f"{PATH}?workflow={line}"), "Vacation request")

    def test_filters_by_period(self) -> None:
        today = timezone.localdate()
        for since, until, expected in (
            (0, 0, [1]),
            (-1, None, [1]),
            (1, None, []),
            (None, -1, []),
            (None, 1, [1]),
        ):
            days = {"since": since, "until": until}
            query = "&".join(
                f"{name}={today + timedelta(days=n)}" for name, n in days.items() if n is not None
            )
            with self.subTest(query):
                self.assertEqual(self.numbers(f"?{query}"), expected)

    def test_reads_days_as_forms_do(self) -> None:
        today = timezone.localdate()
        for typed in (
            f"{today:%d.%m.%Y}",
            f"{today.day} {today:%B %Y}",
            f"{today:%B} {today.day}, {today.year}",
        ):
            with self.subTest(typed):
                page = self.client.get(PATH, {"since": typed, "until": typed})
                self.assertEqual(len(page.context["rows"]), 1)
                self.assertContains(page, f'name="until" value="{typed}"')
        page = self.client.get(PATH, {"since": "1.1.1900", "until": "31.12.2999"})
        self.assertEqual(len(page.context["rows"]), 1)
        self.assertContains(page, 'data-calendar="date"', count=2)
        self.assertNotContains(page, 'type="date"')

    def test_empty_list_explains_what_will_appear(self) -> None:
        fresh = logged_in(People("Fresh").admin)
        self.assertContains(fresh.get(PATH), "Submitted tickets that you administer")

    def test_shows_only_administered_tickets(self) -> None:
        self.assertEqual(len(logged_in(self.ours.admin).get(PATH).context["rows"]), 1)
        # The workflow names a role, so that the system role alone opens the list, but not its tickets.
        self.assertEqual(logged_in(self.ours.ticket_admin).get(PATH).context["rows"], [])

    def test_is_for_ticket_admins(self) -> None:
        for colleague in (self.ours.submitter, self.ours.worker, self.ours.designer, self.vacations.manager):
            self.assertEqual(logged_in(colleague).get(PATH).status_code, 403, colleague.first_name)
        response = Client().get(PATH)
        self.assertRedirects(response, f"/users/login/?next={PATH}", fetch_redirect_response=False)
        for method in ("post", "put", "delete"):
            self.assertEqual(getattr(self.client, method)(PATH).status_code, 405)

    def test_the_menu_offers_it_to_the_same_people(self) -> None:
        for person, is_offered in (
            (self.vacations.hr, True),
            (self.ours.admin, True),
            (self.ours.ticket_admin, True),
            (self.vacations.manager, False),
            (self.ours.submitter, False),
        ):
            text = logged_in(person).get("/users/profile/").content.decode()
            self.assertEqual('href="/manage/tickets/"' in text, is_offered, person.first_name)

    def test_paginates_completely(self) -> None:
        for _number in range(54):
            self.vacations.submit()
        first = self.client.get(PATH)
        second = self.client.get(PATH + first.context["page"].older_url)
        found = [row.number for response in (first, second) for row in response.context["rows"]]
        self.assertEqual(found, list(range(55, 0, -1)))

    def test_constant_statements(self) -> None:
        with at_most_queries(QUERIES) as few:
            self.client.get(PATH)
        for _number in range(50):
            self.vacations.submit()
        with same_queries_as(few):
            response = self.client.get(PATH)
        self.assertEqual(len(response.context["rows"]), 50)
        self.assertLess(len(response.content), 100_000)


class TicketLists(DeskTestCase):
    """What pages of tickets and actions on many of them ask a list for."""

    def of(self, query: str) -> TicketList:
        return TicketList(QueryDict(query), self.admin)

    def test_gives_ids_and_neighbours_in_its_order(self) -> None:
        second, third = self.vacations.submit(), self.vacations.submit()
        self.vacations.complete(self.ticket, "Decide", decision="approve")
        with self.admin.scope(), transaction.atomic():
            first = TicketInstance.objects.get(number=1)
            self.assertEqual(self.of("").ids(10), [third.pk, second.pk, first.pk])
            self.assertEqual(self.of("sort=-changed").ids(2), [first.pk, third.pk])
            self.assertEqual(self.of("").neighbours(second), (3, 1))
            self.assertEqual(self.of("sort=number").neighbours(second), (1, 3))
            self.assertEqual(self.of("sort=-changed").neighbours(first), (None, 3))
            self.assertEqual(self.of("q=2").neighbours(first), (2, None))
            self.assertEqual(self.of("status=COMPLETED").ids(10), [])


# session, wall, savepoint; whether there is anything to administer, workflows of the person, their versions,
# people and types to choose, ids, rows, their tasks and who has them, count, saved views; the menu; and back
QUERIES = 17
