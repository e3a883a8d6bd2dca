"""The stages of a ticket: what is done, what is open, and what may follow."""

from django.urls import reverse

from users.tests.cases import logged_in
from workflow_ops.history.stages import Stages
from workflow_ops.models import TicketInstance
from workflow_ops.tests.engine_cases import EngineTestCase, end, equals, form, workflow


class StagesTests(EngineTestCase):
    """The stages on the submitter's page."""

    def stages(self, ticket: TicketInstance) -> tuple[list[str], list[str], list[str]]:
        """Return the titles of what is done, open and may follow."""
        page = logged_in(self.ours.submitter).get(reverse("ticket_detail", args=[ticket.number]))
        stages = page.context["stages"]
        assert isinstance(stages, Stages)
        for stage in [*stages.done, *stages.now]:
            self.assertContains(page, stage.who)
        return [stage.title for stage in stages.done], [stage.title for stage in stages.now], stages.later

    def test_from_the_first_to_the_last(self) -> None:
        tasks = (form("One", "a"), form("Two", "out", "done"), form("Three", "done", "last"))
        ends = end("End", "last", condition=equals("last", "the end"))
        made = self.engine.load(workflow(*tasks, ends, last={"type": "string"}))
        ticket = self.engine.submit(made, a="x")
        self.assertEqual(self.stages(ticket), (["Submitted"], ["One"], ["Two", "Three"]))
        self.engine.complete(ticket, "One", out="y")
        self.assertEqual(self.stages(ticket), (["Submitted", "One"], ["Two"], ["Three"]))
        self.engine.complete(ticket, "Two", done="z")
        self.engine.complete(ticket, "Three", last="the end")
        self.assertEqual(self.stages(ticket), (["Submitted", "One", "Two", "Three"], [], []))

    def test_what_is_done_again_is_open(self) -> None:
        again = form("Again", "out", "a", condition=equals("out", "no"))
        ticket = self.engine.submit(self.engine.load(workflow(form("Do", "a"), again)), a="x")
        self.engine.complete(ticket, "Do", out="no")
        self.assertEqual(self.stages(ticket), (["Submitted", "Do"], ["Again"], []))
        self.engine.complete(ticket, "Again", a="y")
        self.assertEqual(self.stages(ticket), (["Submitted", "Again"], ["Do"], []))

    def test_what_follows_from_what_is_done_again(self) -> None:
        again = form("Again", "out", "a", condition=equals("out", "no"))
        publish = form("Publish", "out", "done", condition=equals("out", "yes"))
        ticket = self.engine.submit(self.engine.load(workflow(form("Do", "a"), again, publish)), a="x")
        self.engine.complete(ticket, "Do", out="no")
        self.assertEqual(self.stages(ticket), (["Submitted", "Do"], ["Again"], ["Publish"]))
