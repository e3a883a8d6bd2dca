"""The page of results, and the box that leads there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.test import Client

from users.models import CustomUser
from users.tests.cases import logged_in
from users.tests.queries import at_most_queries, same_queries_as
from workflow_ops.models import TicketInstance
from workflow_ops.search.documents import store_documents
from workflow_ops.search.finding import RESULTS
from workflow_ops.tests.engine_cases import form, workflow
from workflow_ops.tests.search.cases import SearchTestCase

PATH = "/search/"


class SearchPageTests(SearchTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.made = self.engine.load(workflow(form("Look", "a")))
        self.ticket = self.engine.submit(self.made, a="<b>Broken</b> printer")

    def ask(self, text: str, by: CustomUser | None = None, before: str = "") -> Any:
        """Return the page that answers a search."""
        return logged_in(by or self.ours.admin).get(PATH, {"q": text, "before": before})

    def test_the_box_is_on_every_page_of_a_company(self) -> None:
        client = logged_in(self.ours.submitter)
        for path in ("/users/dashboard/", "/users/profile/", PATH):
            self.assertContains(client.get(path), 'action="/search/"')
        self.assertNotContains(Client().get("/users/login/"), PATH)
        self.assertNotContains(logged_in(self.staff).get("/users/companies/"), PATH)

    def test_what_was_found_is_marked_and_escaped(self) -> None:
        answer = self.ask("printers")
        self.assertContains(answer, "&lt;b&gt;Broken&lt;/b&gt; <mark>printer</mark>")
        self.assertNotContains(answer, "<b>Broken")

    def test_a_subject_that_is_one_of_the_fields_is_shown_once(self) -> None:
        file = workflow(form("Look", "a"), ticket="a b")
        made = self.engine.load(replace(file, tickets=(replace(file.tickets[0], subject="{a}"),)))
        self.engine.submit(made, a="A lamp", b="Green, not blue")
        self.assertContains(self.ask("lamp"), "A <mark>lamp</mark>", count=1)
        self.assertContains(self.ask("lamp green"), "<mark>Green</mark>, not blue", count=1)

    def test_what_is_typed_is_escaped(self) -> None:
        answer = self.ask("<script>x</script>")
        self.assertContains(answer, "&lt;script&gt;x&lt;/script&gt;")
        self.assertNotContains(answer, "<script>x")
        self.assertContains(self.ask("printer\x00"), "<mark>printer</mark>")

    def test_a_result_leads_to_the_page_that_the_person_uses(self) -> None:
        number = self.ticket.number
        holder = self.engine.task(self.ticket, "Look").assigned_to
        assert holder is not None
        for person, page in (
            (self.ours.submitter, f"/tickets/{number}/"),
            (self.ours.ticket_admin, f"/manage/tickets/{number}/"),
        ):
            self.assertContains(self.ask("printer", person), f'href="{page}"')
        self.assertContains(self.ask("printer", holder), "Your task: Look")
        self.assertNotContains(self.ask("printer", self.ours.submitter), "Your task")

    def test_a_number_leads_straight_to_its_ticket(self) -> None:
        number = self.ticket.number
        self.assertRedirects(self.ask(f"#{number}"), f"/manage/tickets/{number}/")
        self.assertRedirects(self.ask(f" {number} ", self.ours.submitter), f"/tickets/{number}/")

    def test_a_number_that_leads_nowhere(self) -> None:
        """Of another person's ticket, of none, and beyond any number: all say the same."""
        for text in (f"#{self.ticket.number}", "#99999", "9" * 30):
            self.assertContains(self.ask(text, self.ours.designer), "No ticket that you may see")

    def test_nothing_typed_and_nothing_found(self) -> None:
        self.assertContains(self.ask(""), "A number, such as #215")
        self.assertContains(self.ask("unheard"), "Try fewer words")

    def test_people_for_company_admins(self) -> None:
        self.assertContains(self.ask("wanda"), f"/users/people/{self.ours.worker.pk}/")
        self.assertNotContains(self.ask("wanda", self.ours.ticket_admin), "/users/people/")

    def test_older_results_and_the_number_of_statements(self) -> None:
        client = logged_in(self.ours.submitter)
        client.get(PATH, {"q": "printer"})
        with at_most_queries(12) as with_one:
            client.get(PATH, {"q": "printer"})
        for _each in range(RESULTS):
            self.engine.submit(self.made, a="Another printer")
        self.engine.call(lambda: store_documents(TicketInstance.objects.all()))
        with same_queries_as(with_one):
            newest = client.get(PATH, {"q": "printer"})
        self.assertContains(newest, f"?q=printer&amp;before={self.ticket.number + 1}")
        oldest = self.ask("printer", self.ours.submitter, before=str(self.ticket.number + 1))
        self.assertContains(oldest, f'href="/tickets/{self.ticket.number}/"')
        self.assertNotContains(oldest, "Older")

    def test_wrong_method(self) -> None:
        self.assertEqual(logged_in(self.ours.admin).post(PATH).status_code, 405)
