"""The explanations show people and files in conditions by name, never by id."""

from __future__ import annotations

from functools import partial

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from users.models import CustomUser
from users.tests.cases import logged_in
from workflow_ops.desk.actions import edit_data
from workflow_ops.files import upload_file
from workflow_ops.models import FileUpload, TicketInstance
from workflow_ops.tests.engine_cases import PERSON, EngineTestCase, equals, form, workflow
from workflow_ops.tests.test_files import pdf

FILE = {"type": "string", "format": "file"}
EVIL = "<img src=x>"


class NamedValues(EngineTestCase):
    """A ticket with a person and a file, which an unfulfilled condition reads."""

    def setUp(self) -> None:
        """Create the ticket with a file whose name must be escaped."""
        super().setUp()
        rule = {"and": [{"==": [{"var": "boss"}, "987654321"]}, {"!": {"var": "paper"}}]}
        file = workflow(
            form("Never", "boss paper", condition={"or": [rule, equals("boss", "987654322")]}),
            form("Do", "a"),
            ticket="a boss paper",
            title="Names",
            boss=PERSON,
            paper=FILE,
        )
        self.made = self.engine.load(file)
        self.boss, self.paper = self.ours.designer, self.upload()
        self.ticket = self.submit()
        self.client = logged_in(self.ours.admin)
        self.pages = [
            f"/tickets/{self.ticket.number}/",
            f"/manage/tickets/{self.ticket.number}/",
            f"/manage/tickets/{self.ticket.number}/history/1/",
        ]

    def upload(self) -> FileUpload:
        """Upload a file as our submitter."""
        file: FileUpload = self.engine.as_person(
            self.ours.submitter, lambda: upload_file(pdf(f"{EVIL}.pdf"), by=self.ours.submitter)
        )
        return file

    def submit(self) -> TicketInstance:
        """Submit another ticket about the same person, with a new file."""
        file = self.paper
        ticket = self.engine.submit(self.made, a="x", boss=str(self.boss.pk), paper=str(file.pk))
        self.engine.call(lambda: FileUpload.objects.filter(pk=file.pk).update(ticket=ticket))
        return ticket

    def why(self, client: Client, page: str) -> str:
        """Return all explanations on the page."""
        context = client.get(page).context
        if "asked" in context:
            return " ".join(each["verdict"].answer for each in context["asked"])
        return " ".join(sentence for entry in context["timeline"].entries for sentence in entry.why)

    def test_shows_names_instead_of_ids(self) -> None:
        for page in self.pages:
            with self.subTest(page):
                why = self.why(self.client, page)
                self.assertIn("Boss is “Dora Tester”", why)
                self.assertIn(f"Paper is “{EVIL}.pdf”", why)
                self.assertNotIn(f"“{self.boss.pk}”", why)
                self.assertNotContains(self.client.get(page), EVIL)

    def test_names_of_deactivated_and_unknown_people(self) -> None:
        self.engine.call(lambda: CustomUser.objects.filter(pk=self.boss.pk).update(is_active=False))
        self.assertIn("Dora Tester", self.why(self.client, self.pages[0]))
        self.engine.call(lambda: FileUpload.objects.filter(pk=self.paper.pk).delete())
        self.assertIn("A file that no longer exists", self.why(self.client, self.pages[0]))

    def test_hides_names_of_other_companies(self) -> None:
        self.boss = self.theirs.designer
        ticket = self.submit()
        why = self.why(self.client, f"/manage/tickets/{ticket.number}/history/1/")
        self.assertIn("A person who is no longer here", why)
        self.assertNotIn("Dora", why)

    def test_constant_statements(self) -> None:
        for page in self.pages:
            with self.subTest(page):
                self.client.get(page)  # what is cached for each version
                before = self.statements(page)
                self.more_steps()
                self.assertEqual(self.statements(page), before)

    def statements(self, page: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            self.client.get(page)
        return len(queries)

    def more_steps(self) -> None:
        """Write the same fields again."""
        by = self.ours.admin
        for boss in (self.ours.admin, self.ours.worker):
            self.engine.as_person(by, partial(edit_data, self.ticket, values={"boss": str(boss.pk)}, by=by))
