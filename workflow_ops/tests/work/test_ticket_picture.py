"""The picture that a ticket's page loads: done, open and waiting parts, each with its own icon and word."""

from django.urls import reverse

from users.tests.cases import logged_in
from workflow_design.picture.model import Picture
from workflow_ops.models import RunStatus, TaskInstance, TaskStatus, TicketInstance
from workflow_ops.tests.engine_cases import EngineTestCase, end, equals, form, workflow


class TicketPictureTests(EngineTestCase):
    def picture(self, ticket: TicketInstance) -> Picture:
        """Return the picture that the submitter's page loads."""
        path = reverse("ticket_picture", args=[ticket.number])
        browser = logged_in(self.ours.submitter)
        self.assertContains(browser.get(reverse("ticket_detail", args=[ticket.number])), f'hx-get="{path}"')
        answer = browser.get(path)
        picture = answer.context["picture"]
        assert isinstance(picture, Picture)
        for node in picture.nodes:
            if node.mark is not None:
                self.assertContains(answer, node.mark.text.text)
        return picture

    def marks(self, ticket: TicketInstance) -> dict[str, str]:
        """Return the text of each mark by part."""
        nodes = self.picture(ticket).nodes
        return {node.title: node.mark.text.text for node in nodes if node.mark is not None}

    def test_done_and_open(self) -> None:
        made = self.engine.load(workflow(form("Work", "a", "out"), form("Next", "out", "done")))
        ticket = self.engine.submit(made, a="x")
        self.assertEqual(self.marks(ticket), {"Ticket": "✓ Submitted", "Work": "● Open"})
        self.engine.complete(ticket, "Work", out="y")
        self.assertEqual(self.marks(ticket), {"Ticket": "✓ Submitted", "Work": "✓ Done", "Next": "● Open"})

    def test_an_action_waits_and_may_fail(self) -> None:
        action = form("Call", "a", task_type="ASYNC_ACTION", action_url="https://example.com/hook")
        ticket = self.engine.submit(self.engine.load(workflow(action)), a="x")
        self.assertEqual(self.marks(ticket)["Call"], "‖ Waiting")
        self.engine.call(lambda: TaskInstance.objects.update(status=TaskStatus.ERROR))
        self.assertEqual(self.marks(ticket)["Call"], "✗ Failed")

    def test_on_hold_nothing_is_open(self) -> None:
        hold = end("Wait", "out", status="ON_HOLD", condition=equals("out", "wait"))
        made = self.engine.load(workflow(form("Work", "a", "out"), form("Other", "a", "done"), hold))
        ticket = self.engine.submit(made, a="x")
        self.engine.complete(ticket, "Work", out="wait")
        self.assertEqual(self.engine.status(ticket), RunStatus.ON_HOLD)
        marks = {"Ticket": "✓ Submitted", "Work": "✓ Done", "Other": "‖ On hold", "Wait": "‖ On hold"}
        self.assertEqual(self.marks(ticket), marks)

    def test_every_state_has_its_own_icon_tone_and_word(self) -> None:
        action = form("Call", "a", task_type="ASYNC_ACTION", action_url="https://example.com/hook")
        made = self.engine.load(workflow(action, form("Work", "a", "out"), form("Next", "out", "done")))
        ticket = self.engine.submit(made, a="x")
        self.engine.complete(ticket, "Work", out="y")
        marks = {
            node.mark.mark for node in self.picture(ticket).nodes if node.mark and node.title != "Ticket"
        }
        for values in ({mark.tone for mark in marks}, {mark.word for mark in marks}):
            self.assertEqual(len(values), 3)
