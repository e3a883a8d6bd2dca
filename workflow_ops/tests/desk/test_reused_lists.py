"""What lists keep for the next person: the text of statements, and drawn filters."""

from collections.abc import Callable
from functools import partial
from gc import collect
from itertools import product
from typing import Any
from weakref import ref

from django.db import transaction
from django.http import QueryDict
from django.test import RequestFactory

from ticketflower.list_parts import Part, PreparedParts
from ticketflower.list_statements import read_page
from ticketflower.listing import Sort
from ticketflower.part_cache import clear_parts
from users.models import CustomUser
from users.tests.cases import logged_in, make_person
from workflow_ops.access import my_done_tasks, my_open_tasks, own_tickets, takeable_tasks
from workflow_ops.desk.actions import hold_workflow
from workflow_ops.desk.lists.saved_views import LISTS
from workflow_ops.models import DeskList, TaskInstance
from workflow_ops.tests.desk.desk_cases import DeskTestCase
from workflow_ops.work.own_lists import (
    DONE_SORTS,
    HELD_SORTS,
    TICKET_SORTS,
    WAITING_SORTS,
    find_own_tasks,
    find_own_tickets,
)

_ORDERS = {
    DeskList.TICKETS: ("number", "changed", "waiting", "due", "priority"),
    DeskList.TASKS: ("waiting", "priority", "due"),
}


class ReusedStatements(DeskTestCase):
    """Texts of statements that are kept for all companies and people."""

    def setUp(self) -> None:
        super().setUp()
        self.vacations.complete(self.vacations.submit(), "Decide", decision="reject")
        self.vacations.complete(self.vacations.submit(), "Decide", decision="approve")
        self.their_vacations.submit()

    def queries(self, desk_list: DeskList) -> list[str]:
        """Return each filter whose parts are kept, with each order, both ways."""
        line = self.vacations.workflow.line_id
        statuses = ("", "all", "CANCELLED", "COMPLETED")
        return [
            f"status={status}&workflow={chosen}&priority={priority}&sort={way}{order}"
            for status, chosen, priority, way, order in product(
                statuses, ("", line), ("", "none"), ("", "-"), _ORDERS[desk_list]
            )
        ]

    def page(self, desk_list: DeskList, query: str, person: CustomUser) -> tuple[list[int], str]:
        """Return the ids and the count on a page of the list."""
        page = LISTS[desk_list](QueryDict(query), person).page(RequestFactory().get(f"/?{query}"))
        return [row.id for row in page.rows], page.count_text

    def test_finds_what_each_company_has(self) -> None:
        """The second company gets the text that the first one left."""
        for desk_list in _ORDERS:
            for query in self.queries(desk_list):
                for people in (self.ours, self.theirs):
                    with people.admin.scope(), transaction.atomic():
                        found = LISTS[desk_list](QueryDict(query), people.admin)
                        ids, count = self.page(desk_list, query, people.admin)
                        self.assertEqual(ids, found.ids(100), query)
                        self.assertEqual(count.split()[0], str(len(ids)), query)
                        bare: Any = LISTS[desk_list](QueryDict(query), people.admin, is_rendered=False)  # type: ignore[call-arg]
                        page = bare.page(RequestFactory().get(f"/?{query}"))
                        self.assertEqual([row.id for row in page.rows], ids, query)

    def test_keeps_no_list_in_memory(self) -> None:
        with self.ours.admin.scope(), transaction.atomic():
            found: Any = LISTS[DeskList.TICKETS](QueryDict("status=all&sort=-number"), self.ours.admin)
            found.page(RequestFactory().get("/"))
            reference = ref(found)
            del found
            collect()
            self.assertIsNone(reference())

    def test_keeps_what_depends_on_nothing_else(self) -> None:
        with self.ours.admin.scope(), transaction.atomic():
            for query, is_reusable in (
                ("", True),
                ("status=all&sort=changed", True),
                (f"workflow={self.vacations.workflow.line_id}", True),
                ("assigned=me", False),
                ("due=overdue", False),
                ("since=2026-01-01", False),
                ("q=note", False),
            ):
                found: Any = LISTS[DeskList.TICKETS](QueryDict(query), self.ours.admin)
                self.assertEqual(isinstance(found._parts, PreparedParts), is_reusable, query)

    def test_reads_pages_of_one_part_and_of_none(self) -> None:
        with self.ours.admin.scope(), transaction.atomic():
            found: Any = LISTS[DeskList.TICKETS](QueryDict("status=all"), self.ours.admin)
            sort, rows = found._order[0], found.form.unfiltered_rows()

            def read(*parts: Part, **cursor: Any) -> tuple[list[Any], int]:
                return read_page(parts, sort, descending=True, limit=2, count_up_to=3, **cursor)

            every = sorted(rows.values_list("pk", flat=True), reverse=True)
            self.assertEqual(len(every), 3)
            self.assertEqual(read(Part(rows)), ([(pk, pk) for pk in every[:2]], 3))
            last = (every[-1], every[-1])
            self.assertEqual(read(Part(rows), cursor=last), ([], 3))
            self.assertEqual(read(Part(rows.none()), Part(rows), cursor=(every[1], every[1])), ([last], 3))
            self.assertEqual(read(), ([], 0))
            self.assertEqual(read(Part(rows.none())), ([], 0))


class ReusedStatementsOfPeople(DeskTestCase):
    """Texts of statements that people share for their own tickets and tasks."""

    def setUp(self) -> None:
        super().setUp()
        for vacations in (self.vacations, self.their_vacations):
            people = vacations.people
            others = [vacations.submit() for _ticket in range(4)]
            vacations.complete(others[0], "Decide", decision="reject")
            with people.admin.scope():
                hold_workflow(others[1], reason="Later.", by=people.admin)
                TaskInstance.objects.filter(workflow_instance__ticket=others[2]).update(assigned_to=None)

    def test_finds_what_each_person_has(self) -> None:
        """The first of several people has left the text that the others get."""
        found = set()
        for find, asked, rows, sorts in _OWN_LISTS:
            for vacations, sort, way in product((self.vacations, self.their_vacations), sorts, ("", "-")):
                for person in (*vacations.people.everybody, vacations.manager, vacations.hr):
                    query = f"{asked}&sort={way}{sort.name}"
                    with self.subTest(query=query, person=str(person)), person.scope():
                        page = find(RequestFactory().get(f"/?{query}"), person)[-1]
                        column = "number" if find is find_own_tickets else "id"
                        ordered = rows(person).order_by(f"{way}{sort.field}", f"{way}pk")
                        expected = [row[0] for row in ordered.values_list(column)]
                        self.assertEqual([getattr(row, column) for row in page.rows], expected)
                        self.assertEqual(page.count_text.split()[0], str(len(expected)))
                        bare = find(RequestFactory().get(f"/?{query}"), person, is_rendered=False)[-1]
                        self.assertEqual(bare.rows, page.rows)
                        found.add((find, asked, bool(expected)))
        # Each list is empty for some, and not for others.
        self.assertEqual(len(found), 2 * len(_OWN_LISTS))


def _own(*, is_finished: bool) -> Callable[[CustomUser], Any]:
    return lambda person: own_tickets(person).filter(is_finished=is_finished)


_OWN_LISTS: tuple[tuple[Any, str, Callable[[CustomUser], Any], tuple[Sort, ...]], ...] = (
    (find_own_tickets, "", _own(is_finished=False), TICKET_SORTS),
    (find_own_tickets, "status=archive", _own(is_finished=True), TICKET_SORTS),
    (find_own_tasks, "", my_open_tasks, WAITING_SORTS),
    (find_own_tasks, "show=take", takeable_tasks, WAITING_SORTS),
    (find_own_tasks, "show=held", partial(my_open_tasks, on_hold=True), HELD_SORTS),
    (find_own_tasks, "show=done", my_done_tasks, DONE_SORTS),
)


class ReusedFilters(DeskTestCase):
    """Filters that are drawn once for all who are offered the same."""

    def setUp(self) -> None:
        super().setUp()
        clear_parts()

    def filters(self, query: str = "", *, path: str = "/manage/tickets/") -> str:
        """Return the drawn filters of a page."""
        page = self.client.get(f"{path}?{query}").content.decode()
        return page[page.index('class="tf-filters"') : page.index("</form>", page.index("tf-filters"))]

    def test_draws_the_same_twice(self) -> None:
        for query in ("", "status=all", "status=nonsense", "sort=-changed", "assigned=me&until=never"):
            for path in ("/manage/tickets/", "/manage/tasks/"):
                first = self.filters(query, path=path)
                self.assertEqual(self.filters(query, path=path), first)
                clear_parts()
                self.assertEqual(self.filters(query, path=path), first)

    def test_shows_what_is_chosen(self) -> None:
        self.assertNotIn("selected", self.filters().replace('value="" selected', ""))
        self.assertIn('value="all" selected', self.filters("status=all"))
        self.assertIn('value="-changed" selected', self.filters("sort=-changed"))
        self.assertIn("is-invalid", self.filters("status=nonsense"))

    def test_offers_people_and_workflows_of_now(self) -> None:
        before = self.filters()
        self.assertNotIn("Zoe", before)
        make_person(self.ours.company, "Zoe")
        self.assertIn("Zoe", self.filters())
        ours, theirs = self.vacations.workflow.line_id, self.their_vacations.workflow.line_id
        self.assertIn(f'<option value="{ours}">Vacation request<', before)
        page = logged_in(self.theirs.admin).get("/manage/tickets/").content.decode()
        self.assertIn(f'<option value="{theirs}">Vacation request<', page)
        self.assertNotIn(f'<option value="{ours}">Vacation request<', page)
