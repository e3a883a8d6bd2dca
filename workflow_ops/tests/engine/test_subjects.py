"""The subject and the priority of a ticket: stored as it is submitted, and as a write changes them."""

from dataclasses import replace
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from users.models import Company
from workflow_ops.desk.actions import edit_data
from workflow_ops.models import TicketInstance
from workflow_ops.models.tickets import NO_PRIORITY
from workflow_ops.tests.engine_cases import EngineTestCase, form, workflow

FIELDS: dict[str, Any] = {
    "what": {"type": "string"},
    "day": {"type": "string", "format": "date"},
    "level": {"enum": ["high", "low"]},
}


class StoredSubjects(EngineTestCase):
    def setUp(self) -> None:
        super().setUp()
        file = workflow(form("Work", "what", "out day level"), ticket="what day", **FIELDS)
        ticket = replace(file.tickets[0], subject="{what}, {day}", priority_field="level")
        self.made = self.engine.load(replace(file, tickets=(ticket,)))

    def stored(self, ticket: TicketInstance) -> tuple[str, int]:
        found = self.engine.call(lambda: TicketInstance.objects.get(pk=ticket.pk))
        return found.subject, found.priority

    def edit(self, ticket: TicketInstance, **values: Any) -> None:
        by = self.ours.admin
        self.engine.as_person(by, lambda: edit_data(ticket, values=values, by=by))

    def test_each_write_keeps_them_up_to_date(self) -> None:
        ticket = self.engine.submit(self.made, what="A drum")
        self.assertEqual((ticket.subject, ticket.name), ("A drum", "A drum · Ticket #1"))
        self.assertEqual(self.stored(ticket), ("A drum", NO_PRIORITY))
        self.engine.complete(ticket, "Work", out="x", day="2026-12-05", level="low")
        self.assertEqual(self.stored(ticket), ("A drum, 5 December 2026", 1))
        self.edit(ticket, what="A horn", level="high")
        self.assertEqual(self.stored(ticket), ("A horn, 5 December 2026", 0))
        self.edit(ticket, what=None, day=None, level=None)
        self.assertEqual(self.stored(ticket), ("", NO_PRIORITY))

    def test_another_language_counts_from_the_next_write_on(self) -> None:
        ticket = self.engine.submit(self.made, what="A drum", day="2026-12-05")
        self.engine.call(lambda: Company.objects.filter(pk=self.ours.company.pk).update(language="de"))
        self.engine.complete(ticket, "Work", out="x", day="2026-12-05", level="low")
        self.assertEqual(self.stored(ticket), ("A drum, 5 December 2026", 1))
        self.edit(ticket, what="A horn")
        self.assertEqual(self.stored(ticket), ("A horn, 5. Dezember 2026", 1))

    def test_a_write_of_other_fields_stores_nothing_more(self) -> None:
        ticket = self.engine.submit(self.made, what="A drum", day="2026-12-05")
        with CaptureQueriesContext(connection) as sent:
            self.engine.complete(ticket, "Work", out="x", day="2026-12-05")
        self.assertEqual([each for each in sent if 'FROM "users_company"' in each["sql"]], [])

    def test_a_ticket_without_a_subject_of_its_own(self) -> None:
        required = workflow(form("Work", "what", "out"), ticket="note what", **FIELDS)
        required = replace(required, fields_schema={**required.fields_schema, "required": ["what"]})
        self.assertEqual(self.engine.submit(self.engine.load(required), what="A bell").subject, "A bell")
        plain = self.engine.load(
            workflow(form("Work", "what", "out"), ticket="what", title="Plain", **FIELDS)
        )
        ticket = self.engine.submit(plain, what="A bell")
        self.assertEqual((ticket.subject, ticket.name), ("", "Ticket #2"))
