"""Pages of tickets by their addresses: from first to last and back, marked values, rights by version."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from django.db import transaction
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.utils import timezone

from ticketflower.listing import ListPage
from users.models import CustomUser
from users.tests.cases import logged_in
from workflow_ops.desk.lists.tickets import TicketList
from workflow_ops.models import RunStatus, TicketInstance, WorkflowInstance
from workflow_ops.models.runs import FINAL_STATUSES
from workflow_ops.tests.engine_cases import EngineTestCase, form, workflow

URGENCY = {"type": "string", "enum": ["low", "high"], "filterable": True}
COPIES = 130


class Pages(EngineTestCase):
    """Two versions of a workflow, each with an admin of its own, and a ticket of each."""

    def setUp(self) -> None:
        super().setUp()
        file = workflow(form("Look", "note"), ticket="note urgency", title="Alpha", urgency=URGENCY)
        self.tickets = []
        for role, urgency in (("First", "low"), ("Second", "high")):
            made = self.engine.load(replace(file, ticket_admin_roles=(role,)))
            self.tickets.append(self.engine.submit(made, note="x", urgency=urgency))
        self.line = made.line_id

    def test_rights_are_those_of_the_version(self) -> None:
        first, second = (self.engine.person(name, roles=[name]) for name in ("First", "Second"))
        both = self.engine.person("Both", roles=["First", "Second"])
        for query in (
            "",
            "status=all&sort=priority",
            "status=IN_PROGRESS&sort=-changed",
            f"workflow={self.line}&sort=waiting",
            f"workflow={self.line}&waits_for=Look",
            f"workflow={self.line}&f_urgency=high&status=all",
            "waits_for=Look&sort=priority",
            "responsible=nobody",
            f"submitter={self.ours.submitter.pk}",
            "q=Sam",
        ):
            for person, numbers in ((first, [1]), (second, [2]), (both, [2, 1]), (self.ours.admin, [2, 1])):
                expected = [number for number in numbers if number > 1 or "high" not in query]
                with self.subTest(query, person=person.first_name), person.scope(), transaction.atomic():
                    asking = CustomUser.objects.get(pk=person.pk)
                    page = TicketList(QueryDict(query), asking).page(RequestFactory().get(f"/?{query}"))
                    self.assertCountEqual([row.number for row in page.rows], expected)
                    self.assertEqual(page.count_text.split()[0], str(len(expected)))

    def test_marked_values(self) -> None:
        first = self.engine.person("First", roles=["First"])
        for person, value, expected in (
            (self.ours.admin, "low", [1]),
            (self.ours.admin, "high&sort=-changed", [2]),
            (self.ours.admin, "unheard", [2, 1]),
            (first, "low&sort=priority", [1]),
            (first, "high", []),
        ):
            with self.subTest(value, person=person.first_name):
                found = self.page(logged_in(person), f"?workflow={self.line}&f_urgency={value}")
                self.assertEqual(found[1], expected)

    def page(self, client: Client, address: str) -> tuple[ListPage, list[int]]:
        """Return the page at this address, and the numbers of its tickets."""
        response = client.get(f"/manage/tickets/{address}")
        return response.context["page"], [row.number for row in response.context["rows"]]

    def test_from_the_first_page_to_the_last_and_back(self) -> None:
        with self.ours.scope(), transaction.atomic():
            self.copy_tickets()
            rows = {each.number: each for each in TicketInstance.objects.all()}
        client = logged_in(self.ours.admin)
        for query, field in (
            ("status=all", "priority"),
            ("status=finished", "changed_at"),
            (f"workflow={self.line}&status=all", "id"),
            ("", "waiting_since"),
            ("", "due_order"),
            ("responsible=nobody", "due_order"),  # sorted here
        ):
            keys = {
                number: (getattr(each, field), each.pk)
                for number, each in rows.items()
                if "all" in query or each.is_finished == (query == "status=finished")
            }
            names = {
                "changed_at": "-changed",
                "id": "-number",
                "waiting_since": "waiting",
                "due_order": "due",
            }
            order = names.get(field, field)
            with self.subTest(query, order=order):
                expected = sorted(keys, key=keys.__getitem__, reverse=order.startswith("-"))
                self.assertEqual(self.walk(client, f"?{query}&sort={order}"), expected)

    def walk(self, client: Client, address: str) -> list[int]:
        """Return the numbers of all pages; assert that the way back leads over the same pages."""
        page, numbers = self.page(client, address)
        pages = [numbers]
        while page.older_url:
            page, numbers = self.page(client, page.older_url)
            pages.append(numbers)
        back = [numbers]
        while page.newer_url:
            page, numbers = self.page(client, page.newer_url)
            back.append(numbers)
        self.assertEqual(back[::-1], pages)
        return [number for each in pages for number in each]

    def copy_tickets(self) -> None:
        """Make tickets of all statuses with many ties of priority and time."""
        ticket, now = self.tickets[0], timezone.now()
        runs = WorkflowInstance.objects.bulk_create(
            WorkflowInstance(workflow_id=ticket.workflow_instance.workflow_id) for _number in range(COPIES)
        )
        for number, run in enumerate(runs):
            ticket.pk, ticket.number, ticket.form_token = None, 3 + number, uuid4()
            ticket.workflow_instance, ticket.status = run, list(RunStatus)[number % 5]
            ticket.is_finished = ticket.status in FINAL_STATUSES
            ticket.priority, ticket.changed_at = number % 3, now - timedelta(days=number % 4)
            ticket.due_at = now - timedelta(days=number % 5) if number % 2 else None
            ticket.waiting_since = now - timedelta(days=number % 7)
            ticket.save(force_insert=True)
