"""Actions in the hands of ticket admins: retried, filled in, refreshed, cancelled, on hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse

from ticketflower.tests.outgoing.receivers import Receiver, answer
from users.tests.cases import logged_in
from workflow_ops.actions.by_hand import fill_in_by_hand, retry_action
from workflow_ops.desk.actions import cancel_task, cancel_workflow, edit_data, hold_workflow, resume_workflow
from workflow_ops.desk.errors.retries import retry_error
from workflow_ops.models import ErrorStatus, RunStatus, TaskStatus, TicketInstance
from workflow_ops.refusals import AlreadyDoneError, InputChangedError, NotAllowedError
from workflow_ops.tests.actions.action_cases import ActionTestCase, asking, body_of, headers_of, ok
from workflow_ops.tests.engine_cases import end, equals, form

HOUR = timedelta(hours=1)
NOT_FOUND = answer("404 Not Found")
UNAVAILABLE = answer("503 Service Unavailable")


class ByHandTestCase(ActionTestCase):
    """A ticket admin at work."""

    def setUp(self) -> None:
        super().setUp()
        self.admin = self.ours.ticket_admin

    def act(self, function: Any, *arguments: Any, **more: Any) -> None:
        """Call a function as the ticket admin."""
        self.engine.as_person(self.admin, lambda: function(*arguments, **more, by=self.admin))

    def fill_in(self, ticket: TicketInstance, *, version: int = 1, **values: Any) -> None:
        """Fill in the output of the action by hand."""
        self.act(fill_in_by_hand, self.ask(ticket), values=values, input_version=version)

    def states(self, ticket: TicketInstance) -> tuple[str, list[str], str]:
        """Return the status of the task, those of the errors, and that of the workflow."""
        errors = [error.error_status for error in self.engine.errors(ticket)]
        return self.ask(ticket).status, errors, self.engine.status(ticket)


class RetryTests(ByHandTestCase):
    """A failed call is made again: the same key, from its first try."""

    def test_a_retry_that_succeeds(self) -> None:
        for how in ("task", "error"):
            with self.subTest(how), Receiver(NOT_FOUND, ok(total=1)) as there:
                ticket = self.submit(asking(there.url))
                self.do_calls()
                self.assertEqual(self.states(ticket), ("ERROR", ["NEW"], "IN_PROGRESS"))
                if how == "task":
                    self.act(retry_action, self.ask(ticket))
                else:
                    self.act(retry_error, self.only_error(ticket))
                self.assertEqual(self.states(ticket), ("PENDING", ["NEW"], "IN_PROGRESS"))
                self.assertEqual(self.engine.event_kinds(ticket)[-1], "RETRIED")
                self.do_calls()
                self.assertEqual(self.states(ticket), ("COMPLETED", ["RESOLVED"], "COMPLETED"))
                first, second = map(headers_of, there.received)
                self.assertEqual(first["idempotency-key"], second["idempotency-key"])

    def test_what_the_page_of_the_error_says(self) -> None:
        with Receiver(NOT_FOUND) as there:
            ticket = self.submit(asking(there.url))
            self.do_calls()
        address = reverse("manage_error_retry", args=[self.only_error(ticket).pk])
        page = logged_in(self.admin).post(address, follow=True)
        self.assertEqual(self.ask(ticket).status, TaskStatus.PENDING)
        self.assertContains(page, "It is tried again in a moment.")

    def test_a_retry_that_fails_has_one_error(self) -> None:
        with Receiver(NOT_FOUND, answer("410 Gone")) as there:
            ticket = self.submit(asking(there.url))
            self.do_calls()
            self.act(retry_action, self.ask(ticket))
            self.do_calls()
        self.assertEqual(self.states(ticket), ("ERROR", ["NEW"], "IN_PROGRESS"))
        self.assertIn("410 (Gone)", self.only_error(ticket).error_message)

    def test_not_waiting_for_the_next_try(self) -> None:
        with Receiver(UNAVAILABLE, UNAVAILABLE, ok(total=1)) as there:
            ticket = self.submit(asking(there.url))
            self.do_calls(until=timedelta(seconds=30))
            self.assertEqual(self.ask(ticket).tries, 2)
            self.act(retry_action, self.ask(ticket))
            self.assertEqual(self.ask(ticket).tries, 0)
            # The job of the next try is still there, and comes too late.
            self.assertEqual(self.do_calls(until=HOUR), ["call_action_later", "call_action"])
        self.assertEqual(self.states(ticket), ("COMPLETED", [], "COMPLETED"))

    def test_twice(self) -> None:
        with Receiver(NOT_FOUND, ok(total=1)) as there:
            ticket = self.submit(asking(there.url))
            self.do_calls()
            for _time in range(2):
                self.act(retry_action, self.ask(ticket))
            self.assertEqual(self.do_calls(), ["call_action", "call_action"])
            self.assertEqual(len(there.received), 2)
            with self.assertRaises(AlreadyDoneError):
                self.act(retry_action, self.ask(ticket))

    def test_who(self) -> None:
        ticket = self.submit(asking("https://example.com/"))
        person = self.ours.submitter
        with self.assertRaises(NotAllowedError), person.scope(), transaction.atomic():
            retry_action(self.ask(ticket), by=person)
        with self.assertRaises(NotAllowedError), person.scope(), transaction.atomic():
            fill_in_by_hand(self.ask(ticket), values={}, input_version=1, by=person)

    def test_forms_are_none(self) -> None:
        ticket = self.submit(asking("https://example.com/", form("Work", "a", "out")))
        work = self.engine.task(ticket, "Work")
        with self.assertRaises(NotAllowedError):
            self.act(retry_action, work)
        with self.assertRaises(NotAllowedError):
            self.act(fill_in_by_hand, work, values={}, input_version=1)


class FillInTests(ByHandTestCase):
    """A ticket admin answers for the other system, whatever the state of the call."""

    def test_in_each_state(self) -> None:
        for given in (None, UNAVAILABLE, NOT_FOUND):
            with self.subTest(given), Receiver(*[given] if given else []) as there:
                ticket = self.submit(asking(there.url))
                if given:
                    self.do_calls()
                self.fill_in(ticket, total=7)
                self.do_calls(until=HOUR)
                self.assertEqual(len(there.received), 1 if given else 0)
                status, errors, run = self.states(ticket)
                self.assertEqual((status, run), ("COMPLETED", "COMPLETED"))
                self.assertEqual(set(errors) - {"RESOLVED"}, set())
                task = self.ask(ticket)
                self.assertEqual((task.completed_by_id, task.output_data), (self.admin.pk, {"total": 7}))

    def test_it_is_the_write_of_a_form(self) -> None:
        ticket = self.submit(asking("https://example.com/"))
        self.fill_in(ticket, total=7)
        step = self.engine.steps(ticket)[-1]
        self.assertEqual((step.modified_fields, step.emptied_fields), (["out", "total"], ["out"]))
        self.assertEqual(step.person_id, self.admin.pk)

    def test_refused(self) -> None:
        ticket = self.submit(asking("https://example.com/"))
        with self.assertRaises(InputChangedError):
            self.fill_in(ticket, version=2, total=1)
        with self.assertRaises(ValueError):
            self.fill_in(ticket, b="no output")
        self.fill_in(ticket, total=1)
        with self.assertRaises(AlreadyDoneError):
            self.fill_in(ticket, total=2)
        self.assertEqual(self.engine.run(ticket).data["total"], 1)


class RefreshTests(ByHandTestCase):
    """An action whose input changes is called again, from its first try and with another key."""

    def test_out_of_each_state(self) -> None:
        for given, before in ((UNAVAILABLE, "PENDING"), (NOT_FOUND, "ERROR")):
            with self.subTest(before), Receiver(given, ok(total=1)) as there:
                ticket = self.submit(asking(there.url))
                self.do_calls()
                self.assertEqual(self.ask(ticket).status, before)
                self.act(edit_data, ticket, values={"a": "y"})
                task = self.ask(ticket)
                self.assertEqual((task.status, task.tries, task.input_version), ("PENDING", 0, 2))
                self.assertEqual(
                    {each.error_status for each in self.engine.errors(ticket)} - {"RESOLVED"}, set()
                )
                self.do_calls(until=HOUR)
                self.assertEqual([body_of(each) for each in there.received], [{"a": "x"}, {"a": "y"}])
                self.assertEqual(len({headers_of(each)["idempotency-key"] for each in there.received}), 2)
                self.assertEqual(self.engine.status(ticket), RunStatus.COMPLETED)

    def test_before_the_call(self) -> None:
        with Receiver(ok(total=1)) as there:
            ticket = self.submit(asking(there.url))
            self.act(edit_data, ticket, values={"a": "y"})
            self.assertEqual(self.do_calls(), ["call_action", "call_action"])
            self.assertEqual([body_of(each) for each in there.received], [{"a": "y"}])


class EndTests(ByHandTestCase):
    """Nothing is sent for a task that nobody waits for."""

    def test_cancelled(self) -> None:
        ways: list[Callable[[TicketInstance], None]] = [
            lambda ticket: self.act(cancel_task, self.ask(ticket), reason=""),
            lambda ticket: self.act(cancel_workflow, ticket, reason=""),
            lambda ticket: self.act(edit_data, ticket, values={"b": "end"}),
        ]
        for number, way in enumerate(ways):
            with self.subTest(number), Receiver(UNAVAILABLE, NOT_FOUND) as there:
                stop = end("Stop", "b", status="CANCELLED", condition=equals("b", "end"))
                ticket = self.submit(asking(there.url, stop))
                self.do_calls()
                way(ticket)
                self.assertIn("call_action_later", self.do_calls(until=HOUR))
                self.assertEqual((len(there.received), self.ask(ticket).status), (1, TaskStatus.CANCELLED))
                # The error of a call that had failed for good is resolved, too.
                ticket = self.submit(asking(there.url, stop))
                self.do_calls()
                self.assertEqual(self.states(ticket)[:2], ("ERROR", ["NEW"]))
                way(ticket)
                self.assertEqual(self.engine.errors(ticket)[0].error_status, ErrorStatus.RESOLVED)


class HoldTests(ByHandTestCase):
    """On hold, calls are made, and what they are answered waits for the resume."""

    def test_the_answer_waits(self) -> None:
        with Receiver(ok(total=1)) as there:
            ticket = self.submit(asking(there.url))
            self.act(hold_workflow, ticket, reason="")
            self.do_calls()
        self.assertEqual(self.states(ticket), ("COMPLETED", [], "ON_HOLD"))
        self.assertNotIn("total", self.engine.run(ticket).data)
        self.act(resume_workflow, ticket)
        self.assertEqual(self.engine.run(ticket).data["total"], 1)
        self.assertEqual(self.engine.status(ticket), RunStatus.COMPLETED)

    def test_filled_in_on_hold(self) -> None:
        ticket = self.submit(asking("https://example.com/"))
        self.act(hold_workflow, ticket, reason="")
        self.fill_in(ticket, total=2)
        self.assertNotIn("total", self.engine.run(ticket).data)
        self.act(resume_workflow, ticket)
        self.assertEqual(self.engine.run(ticket).data["total"], 2)
