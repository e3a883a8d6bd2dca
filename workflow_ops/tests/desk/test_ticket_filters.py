"""The filters and orders of the list of tickets: what each lets through, and for whom."""

import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.db import transaction
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import timezone

from users.models import CustomUser
from workflow_ops.desk.lists import people
from workflow_ops.desk.lists.tickets import TicketList
from workflow_ops.models import RunStatus, TaskInstance, TicketInstance, WorkflowInstance
from workflow_ops.tests.desk.desk_cases import DeskTestCase


class Filters(DeskTestCase):
    """Four tickets: the first waits for booking, the others for a decision."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.vacations.complete(cls.ticket, "Decide", decision="approve")
        for _number in range(3):
            cls.vacations.submit()

    def set(self, number: int, **values: Any) -> None:
        """Change columns of a ticket."""
        with self.ours.scope(), transaction.atomic():
            TicketInstance.objects.filter(number=number).update(**values)

    def numbers(self, query: str, person: CustomUser | None = None) -> list[int]:
        """Return the numbers of the tickets, in the order of the list."""
        asking = person or self.admin
        with asking.scope(), transaction.atomic():
            found = TicketList(QueryDict(query), CustomUser.objects.get(pk=asking.pk))
            return [row.number for row in found.page(RequestFactory().get("/", QueryDict(query).dict())).rows]

    def test_each_lets_through(self) -> None:
        hanna, marek, sam = self.admin, self.vacations.manager, self.ours.submitter
        line, day = self.vacations.workflow.line_id, timedelta(days=1)
        self.set(1, created_at=timezone.now() - 40 * day, changed_at=timezone.now() - 30 * day, priority=0)
        held = {"status": RunStatus.ON_HOLD, "held_until": timezone.now() - day}
        self.set(2, responsible=hanna, changed_at=timezone.now() - 30 * day, **held)
        with self.ours.scope(), transaction.atomic():
            TaskInstance.objects.filter(workflow_instance__ticket__number=3).update(assigned_to=None)
        today = timezone.localdate()
        for query, expected in (
            ("waits_for=Book it", [1]),
            (f"waits_for=Decide&workflow={line}", [4, 3, 2]),
            ("waits_for=nothing", []),
            ("assigned=nobody", [3]),
            ("assigned=me", [1]),
            (f"assigned={marek.pk}", [4, 2]),
            (f"assigned={marek.pk}&waits_for=Book it", []),
            ("assigned=gone", []),
            (f"submitter={sam.pk}", [4, 3, 2, 1]),
            (f"submitter={marek.pk}", []),
            ("responsible=me", [2]),
            ("responsible=nobody", [4, 3, 1]),
            ("priority=0", [1]),
            ("priority=none", [4, 3, 2]),
            ("age=30", [1]),
            ("age=90", []),
            ("age=30&sort=priority", [1]),
            (f"since={today - 2 * day}", [4, 3, 2]),
            (f"until={today - 2 * day}", [1]),
            (f"until={today - 2 * day}&day=changed", [2, 1]),
            (f"since={today - 35 * day}&day=changed&sort=priority", [1, 2, 3, 4]),
            ("held=past", [2]),
            ("held=past&status=finished", []),
            (f"held=past&assigned={marek.pk}&waits_for=Decide&submitter={sam.pk}", [2]),
            ("held=past&assigned=me", []),
            ("assigned=me&status=finished", []),
            ("still=1", [1]),  # what is on hold does not stand still
            ("still=1&status=ON_HOLD", []),
            ("q=Sam", [4, 3, 2, 1]),
            ("q=Sam&assigned=me", [1]),
            ("q=Sam&waits_for=Decide&sort=waiting", [2, 3, 4]),
            (f"q=Sam&submitter={marek.pk}", []),
            ("q=Sam&waits_for=nothing", []),
            ("q=Sam&held=past", [2]),
            ("still=1&sort=priority", [1]),
            ("sort=priority", [1, 2, 3, 4]),
            ("sort=-waiting", [4, 3, 2, 1]),
            ("status=nonsense&age=x&priority=x&sort=x&since=x&f_x=1&type=x", [4, 3, 2, 1]),
        ):
            for person in (self.admin, self.ours.admin):
                if "=me" not in query or person == self.admin:
                    with self.subTest(query, person=person.first_name):
                        self.assertEqual(self.numbers(query, person), expected)
        self.assertEqual(self.numbers("", self.ours.ticket_admin), [])
        # A person of another company is no choice, so it filters nothing: they see their own ticket.
        self.assertEqual(self.numbers(f"submitter={sam.pk}", self.their_vacations.hr), [1])

    def test_each_counts_beside_others(self) -> None:
        hanna, sam = self.admin, self.ours.submitter
        line, day = self.vacations.workflow.line_id, timedelta(days=1)
        self.set(1, changed_at=timezone.now() - 30 * day)
        self.set(2, held_until=timezone.now() - day, changed_at=timezone.now() - 30 * day)
        with self.ours.scope(), transaction.atomic():
            for number, status in ((2, "ON_HOLD"), (4, "IN_PROGRESS")):
                WorkflowInstance.objects.filter(ticket__number=number).update(status=status)
            self.set(2, status="ON_HOLD")
            self.set(4, is_stalled=True)
        for query, expected in (
            ("assigned=me&status=finished", []),
            ("waits_for=Decide&status=COMPLETED", []),
            ("waits_for=nothing&status=finished", []),
            ("waits_for=nothing&assigned=me", []),
            ("held=past&status=finished", []),
            ("held=past&waits_for=nothing", []),
            ("held=past&assigned=me", []),
            (f"held=past&submitter={hanna.pk}", []),
            (f"held=past&submitter={sam.pk}&waits_for=Decide", [2]),
            ("still=1&assigned=me", [1]),
            (f"still=1&workflow={line}", [1]),
            ("still=1&status=ON_HOLD", []),
            ("still=1&status=finished", []),
            ("q=Sam&assigned=me", [1]),
            ("q=Sam&held=past", [2]),
            ("q=Sam&waits_for=nothing", [4]),
            (f"q=Sam&submitter={hanna.pk}", []),
            ("since=2020-01-01&assigned=me&sort=priority", [1]),
            (f"since=2020-01-01&submitter={hanna.pk}&sort=changed", []),
        ):
            for person in (self.admin, self.ours.admin):
                if "=me" not in query or person == self.admin:
                    with self.subTest(query, person=person.first_name):
                        self.assertEqual(self.numbers(query, person), expected)

    def test_cursors_without_a_time_zone_are_ignored(self) -> None:
        for value in ("2020-01-01", "2020-01-01T00:00:00"):
            cursor = urlsafe_b64encode(json.dumps([value, 1]).encode()).decode()
            for query in ("", "since=2020-01-01"):  # sorted by PostgreSQL, and by us
                with self.subTest(query, value=value):
                    found = self.numbers(f"{query}&sort=changed&before={cursor}")
                    self.assertEqual(found, [1, 2, 3, 4])

    def test_names_that_are_typed(self) -> None:
        with patch.object(people, "MAX_CHOICES", 1):
            for query, expected in (
                ("submitter=sam", [4, 3, 2, 1]),
                ("assigned=hanna", [1]),
                ("assigned=hanna&q=Sam", [1]),
                ("assigned=unheard", []),
                ("assigned=unheard&q=Sam", []),
                ("submitter=unheard&q=Sam", []),
                ("responsible=unheard&q=Sam", []),
            ):
                with self.subTest(query):
                    self.assertEqual(self.numbers(query), expected)

    def test_pages_of_parts_lose_and_double_nothing(self) -> None:
        for _number in range(10):
            self.vacations.submit()
        now = timezone.now()
        for number in range(1, 15):  # many ties
            self.set(number, changed_at=now - timedelta(days=number % 3), priority=number % 2)
        with self.admin.scope(), transaction.atomic():
            every = {ticket.pk: ticket for ticket in TicketInstance.objects.all()}
            for order in ("number", "changed", "-changed", "waiting", "priority", "-priority"):
                found = TicketList(QueryDict(f"sort={order}"), self.admin)
                ids = found.ids(100)
                with self.subTest(order):
                    self.assertEqual((len(ids), set(ids)), (14, set(every)))
                    expected = [every[pk].number for pk in ids]
                    self.assertEqual([found.neighbours(every[pk])[1] for pk in ids], [*expected[1:], None])
                    back = [found.neighbours(every[pk])[0] for pk in ids]
                    self.assertEqual(back, [None, *expected[:-1]])
