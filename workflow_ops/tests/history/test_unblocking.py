"""What would move a ticket that stands still."""

from typing import Any

from workflow_ops.desk.actions import cancel_task
from workflow_ops.history.unblocking import MAX_SUGGESTIONS, find_suggestions
from workflow_ops.models import TicketInstance
from workflow_ops.tests.desk.desk_cases import DeskTestCase
from workflow_ops.tests.engine_cases import NUMBER, EngineTestCase, end, equals, form, workflow

OVER_500: dict[str, Any] = {">": [{"var": "amount"}, 500]}


class SuggestionsTests(EngineTestCase):
    def stalled(self, *parts: Any, **values: Any) -> TicketInstance:
        """Return a ticket whose only task was cancelled."""
        made = self.engine.load(workflow(form("Work", "a"), *parts, ticket="a amount", amount=NUMBER))
        ticket = self.engine.submit(made, **{"a": "x", "amount": 300, **values})
        task, admin = self.engine.task(ticket, "Work"), self.ours.admin
        self.engine.as_person(admin, lambda: cancel_task(task, reason="", by=admin))
        return ticket

    def suggestions(self, ticket: TicketInstance) -> list[tuple[str, tuple[str, ...]]]:
        found = self.engine.call(lambda: find_suggestions(TicketInstance.objects.get(pk=ticket.pk)))
        return [(suggestion.sentence, suggestion.fields) for suggestion in found]

    def test_says_which_part_of_a_condition_is_missing_with_the_values(self) -> None:
        rule = {"and": [OVER_500, equals("a", "x")]}
        ticket = self.stalled(form("Approve", "amount", condition=rule))
        self.assertEqual(
            self.suggestions(ticket),
            [
                ("“Work” would start as soon as A is changed.", ("a",)),
                ("“End” would be reached if A is “the end”. Now A is “x”.", ("a",)),
                ("“Approve” would start if Amount is more than 500. Now Amount is 300.", ("amount",)),
            ],
        )

    def test_an_empty_field_and_one_that_starts_nothing_by_itself(self) -> None:
        ticket = self.stalled(form("Approve", "a", "done", condition=OVER_500), amount=None)
        sentence = "“Approve” would start if Amount is more than 500. Now Amount is empty."
        self.assertIn(
            (f"{sentence} For that, A has to be changed, too.", ("a", "amount")), self.suggestions(ticket)
        )

    def test_is_bounded_and_says_nothing_of_a_ticket_that_has_ended(self) -> None:
        many = [form(f"Never {number}", "a", condition=equals("a", f"{number}")) for number in range(9)]
        ticket = self.stalled(*many)
        self.assertEqual(len(self.suggestions(ticket)), MAX_SUGGESTIONS)
        made = self.engine.load(workflow(end("Done", "a"), ticket="a"))
        self.assertEqual(self.suggestions(self.engine.submit(made, a="x")), [])


class PagesTests(DeskTestCase):
    def test_the_ticket_and_its_error_offer_it(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="approve")
        self.vacations.complete(self.ticket, "Book it", booked=False)
        with self.ours.scope():
            error = self.ticket.errors.get()
        for page in (f"/manage/tickets/{self.ticket.number}/", f"/manage/errors/{error.pk}/"):
            answer = self.client.get(page)
            self.assertContains(answer, "“Booked” would be reached if Booked is yes. Now Booked is no.")
            self.assertContains(answer, f"/manage/tickets/{self.ticket.number}/edit/?fields=booked")
        running = self.vacations.submit()
        self.assertNotContains(self.client.get(f"/manage/tickets/{running.number}/"), "What would move it")
