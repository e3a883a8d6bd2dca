"""What a finished ticket says on top, the references on forms, and the way to the definitions."""

from dataclasses import replace
from typing import Any

from users.tests.cases import logged_in
from workflow_design.models import TicketAdminRole
from workflow_ops.models import TicketInstance
from workflow_ops.tests.engine_cases import EngineTestCase, end, form, workflow

POLICY = ({"Label": "Travel policy", "Desc": "What is paid", "URI": "https://example.com/policy"},)


class ResultTests(EngineTestCase):
    """The completion that was reached: its title, its description and its layout."""

    def finished(self, **more: Any) -> TicketInstance:
        """Return a ticket that was completed with out = "yes", after a hold."""
        layout = ("out",)
        file = workflow(
            form("First", "a"),
            end("Paid", "out", description="The money is on its way.", display_layout=layout, **more),
        )
        ticket = self.engine.submit(self.engine.load(file), a="x")
        self.engine.complete(ticket, "First", out="yes")
        return ticket

    def test_it_stands_on_top_of_a_finished_ticket(self) -> None:
        ticket = self.finished()
        for person, path in (
            (self.ours.submitter, f"/tickets/{ticket.number}/"),
            (self.ours.admin, f"/manage/tickets/{ticket.number}/"),
        ):
            with self.subTest(path=path):
                text = logged_in(person).get(path).content.decode()
                result = text[text.index('id="result"') :]
                result = result[: result.index("</section>")]
                for expected in ("Paid", "The money is on its way.", "yes"):
                    self.assertIn(expected, result)
                self.assertLess(text.index('id="result"'), text.index('id="timeline"'))

    def test_it_is_not_there_before_the_end(self) -> None:
        made = self.engine.load(workflow(form("First", "a"), end("Paid", "out", description="Soon.")))
        ticket = self.engine.submit(made, a="x")
        page = logged_in(self.ours.submitter).get(f"/tickets/{ticket.number}/")
        self.assertNotContains(page, 'id="result"')


class ReferencesTests(EngineTestCase):
    def test_they_are_on_the_forms_of_tickets_and_tasks(self) -> None:
        file = workflow(form("First", "a", ext_ref=POLICY))
        loaded = self.engine.load(replace(file, tickets=(replace(file.tickets[0], ext_ref=POLICY),)))
        definition = self.engine.call(loaded.tickets.get)
        ticket = self.engine.submit(loaded, a="x")
        task = self.engine.task(ticket, "First")
        page = logged_in(self.ours.admin).get(f"/tasks/{task.pk}/")
        self.assertContains(page, '<a href="https://example.com/policy"')
        self.assertContains(page, "What is paid")
        page = logged_in(self.ours.submitter).get(f"/tickets/new/{definition.pk}/", follow=True)
        self.assertContains(page, '<a href="https://example.com/policy"')


class MenuTests(EngineTestCase):
    def test_who_administers_by_a_company_role_finds_the_definitions(self) -> None:
        loaded = self.engine.load(workflow(form("First", "a")))
        role = self.ours.employee_role
        client = logged_in(self.engine.person("Erin", roles=[role.name]))
        self.assertNotContains(client.get("/tickets/"), 'href="/design/"')
        self.engine.call(lambda: TicketAdminRole.objects.create(workflow=loaded, role=role))
        self.assertContains(client.get("/tickets/"), 'href="/design/"')
        self.assertEqual(client.get("/design/").status_code, 200)
