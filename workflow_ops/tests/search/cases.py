"""Tests of the search: find as a person, in a transaction of their own as in a request."""

from collections.abc import Mapping
from typing import Any

from users.models import CustomUser
from workflow_ops.desk.actions import edit_data
from workflow_ops.models import TicketInstance
from workflow_ops.search.finding import find_tickets
from workflow_ops.tests.engine_cases import EngineTestCase


class SearchTestCase(EngineTestCase):
    """Tests with tickets that people find."""

    def found(self, text: str, by: CustomUser | None = None, *, most: int = 50) -> list[int]:
        """Return the numbers of the tickets that a person, by default the admin, finds, in their order."""
        person = by or self.ours.admin

        def find() -> list[int]:
            ids = find_tickets(person, text, most=most)
            numbers = dict(TicketInstance.objects.values_list("pk", "number"))
            return [numbers[key] for key in ids]

        numbers: list[int] = self.engine.as_person(person, find)
        return numbers

    def edit(self, ticket: TicketInstance, values: Mapping[str, Any]) -> None:
        """Change these fields of the ticket's data."""
        admin = self.ours.admin
        self.engine.as_person(admin, lambda: edit_data(ticket, values=values, by=admin))
