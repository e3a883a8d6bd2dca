"""The journey of a company admin who registers a webhook, tests it and reads its log."""

from __future__ import annotations

from django.test import override_settings

from tests.browser.path_cases import OnAPhone, PathTestCase
from ticketflower.tests.outgoing.receivers import Receiver, answer
from workflow_ops.notifications.webhooks.announcing import READER
from workflow_ops.tests.actions.action_cases import body_of, headers_of
from workflow_ops.tests.engine_cases import form, workflow


@override_settings(ACTIONS_ALLOW_LOOPBACK=True)
class WebhookPath(PathTestCase):
    def test_register_test_read_and_send_again(self) -> None:
        refused, taken = answer("422 Unprocessable Entity", b"unknown ticket"), answer(body=b"thanks")
        with Receiver(taken, refused, taken) as receiver, self.walker(self.ours.admin) as page:
            self.go(page, "/users/webhooks/", "Addresses of other systems appear here")
            self.follow(page, "Register a webhook", "Only numbers and ids are sent.")
            self.fill(page, name="Reader", address="ftp://reader.example")
            self.press(page, "Save", "Please check what you entered", "Choose at least one.")
            self.fill(page, address=f"{receiver.url}/in")
            page.get_by_label("A ticket is submitted").check()
            self.press(page, "Save", "It is not shown again.", "whsec_")
            self.follow(page, "I have copied it", "What is sent appears here for 30 days", "Active")
            self.press(page, "Send a test", "Waiting")
            self.do_jobs()
            self.follow(page, "Look again", "Delivered", "thanks")
            self.is_told_of_a_ticket()
            self.go(page, "/users/webhooks/", "Reader", "Fails")
            self.follow(page, "Reader", "Deliveries fail", "422", "Ticket #1")
            self.follow(page, "Failed", "A ticket is submitted")
            self.follow(page, "A ticket is submitted", "unknown ticket", "What is sent", "ticket.submitted")
            self.press(page, "Send again", "It is being sent again to “Reader”.")
            self.do_jobs()
            self.follow(page, "Look again", "Delivered", "thanks")
        _test, first, again = receiver.received
        self.assertEqual(body_of(first)["event"], "ticket.submitted")
        self.assertEqual(headers_of(first)["webhook-id"], headers_of(again)["webhook-id"])

    def is_told_of_a_ticket(self) -> None:
        """Let a ticket be submitted, and a worker announce and send it."""
        self.engine.submit(self.engine.load(workflow(form("Do", "a"))), a="x")
        READER.read_next(self.ours.company.pk)
        self.do_jobs()


class WebhookPathOnAPhone(OnAPhone, WebhookPath):
    """The same journey without JavaScript."""
