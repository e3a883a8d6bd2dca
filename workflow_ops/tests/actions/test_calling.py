"""Calls of actions: each answer, and what the task is then (`docs/engine.md`, "Actions")."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from standardwebhooks import Webhook

from ticketflower.encryption import decrypt
from ticketflower.tests.outgoing.receivers import Receiver, answer
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.models import Connection, SigningSecret
from workflow_ops.actions.connections.pausing import resume
from workflow_ops.actions.secrets import encrypt_secrets
from workflow_ops.actions.tries import MAX_TRIES
from workflow_ops.models import ErrorReason, ErrorStatus, ErrorType, RunStatus, TaskStatus
from workflow_ops.tests.actions.action_cases import (
    ActionTestCase,
    asking,
    body_of,
    headers_of,
    ok,
    run_call_job,
)
from workflow_ops.tests.engine_cases import end, equals, form, workflow

HOUR = timedelta(hours=1)
UNAVAILABLE = answer("503 Service Unavailable")


class SyncTests(ActionTestCase):
    """The answer of a call that is answered at once becomes the write."""

    def test_answer(self) -> None:
        with Receiver(ok(out="yes", total=3, more="ignored")) as there:
            ticket = self.submit(asking(f"{there.url}/check"))
            self.assertEqual(self.ask(ticket).status, TaskStatus.PENDING)
            self.assertEqual(self.do_calls(), ["call_action"])
        self.assertEqual(self.engine.status(ticket), RunStatus.COMPLETED)
        self.assertEqual(self.engine.run(ticket).data, {"a": "x", "out": "yes", "total": 3})
        task = self.ask(ticket)
        self.assertEqual((task.status, task.output_data), ("COMPLETED", {"out": "yes", "total": 3}))
        self.assertIsNone(task.completed_by_id)
        (request,) = there.received
        self.assertTrue(request.startswith(b"POST /check HTTP/1.1\r\n"))
        self.assertEqual(body_of(request), {"a": "x"})
        (call,) = self.calls(ticket)
        self.assertEqual((call.outcome, call.status, call.error), ("ANSWERED", 200, ""))
        self.assertEqual(call.request["url"], f"{there.url}/check")
        self.assertEqual(call.request["body"], '{"a": "x"}')
        assert call.response is not None
        self.assertEqual(call.response["body"], '{"out": "yes", "total": 3, "more": "ignored"}')

    def test_signature_and_key(self) -> None:
        with Receiver(ok(total=3)) as there:
            ticket = self.submit(asking(there.url))
            self.do_calls()
        (request,) = there.received
        headers = headers_of(request)
        self.assertEqual(headers["idempotency-key"], headers["webhook-id"])
        secret = self.engine.call(lambda: decrypt(SigningSecret.objects.get().secret))
        Webhook(secret).verify(request.partition(b"\r\n\r\n")[2], headers)
        (call,) = self.calls(ticket)
        self.assertEqual(call.request["headers"]["webhook-signature"], "●●●")
        self.assertNotIn(secret, str(call.request))

    def test_four_calls_of_a_company_at_once(self) -> None:
        """The lock of a job is one of four, so that no company occupies all workers."""
        made = self.engine.load(asking("https://example.com/"))
        tasks = [self.engine.task(self.engine.submit(made, a="x"), "Ask") for _each in range(5)]
        jobs = ProcrastinateJob.objects.filter(queue_name="calls").order_by("id")
        locks = [f"calls:{self.ours.company.pk}:{task.pk % 4}" for task in tasks]
        self.assertEqual(list(jobs.values_list("lock", flat=True)), locks)

    def test_transforms(self) -> None:
        sent = {"text": {"cat": ["Hello ", {"var": "a"}]}, "other": {"var": "b"}}
        read = {"total": {"+": [{"var": "response.body.lines.0.sum"}, 1]}, "out": {"var": "workspace.b"}}
        with Receiver(ok(lines=[{"sum": 41}])) as there:
            file = asking(there.url, input_transform=sent, output_transform=read)
            ticket = self.submit(file, b="kept")
            self.do_calls()
        self.assertEqual(body_of(there.received[0]), {"text": "Hello x", "other": "kept"})
        self.assertEqual(self.engine.run(ticket).data, {"a": "x", "b": "kept", "total": 42, "out": "kept"})

    def test_a_member_that_is_named_like_the_address_of_callbacks(self) -> None:
        with Receiver(ok(total=1)) as there:
            ticket = self.submit(asking(there.url, input_transform={"callback_url": 5}))
            self.do_calls()
        self.assertEqual(self.calls(ticket)[0].request["body"], '{"callback_url": 5}')

    def test_tries_that_fall_due_come_after_other_calls(self) -> None:
        """So that thousands of one company, which have no lane, are not done before another's call."""
        with Receiver(UNAVAILABLE) as there:
            self.submit(asking(there.url))
            self.do_calls()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
        self.submit(asking("https://example.com/"))
        with connection.cursor() as cursor:
            cursor.execute("SELECT task_name FROM procrastinate_fetch_job_v2('{calls}', NULL)")
            self.assertEqual(cursor.fetchone(), ("workflow_ops.jobs.call_action",))
            cursor.execute("SELECT task_name FROM procrastinate_fetch_job_v2('{calls}', NULL)")
            self.assertEqual(cursor.fetchone(), ("workflow_ops.jobs.call_action_later",))

    def test_a_later_try_is_answered(self) -> None:
        with Receiver(answer("500 Internal Server Error"), ok(total=3)) as there:
            ticket = self.submit(asking(there.url))
            self.do_calls()
            task = self.ask(ticket)
            self.assertEqual((task.status, task.tries), (TaskStatus.PENDING, 1))
            assert task.next_call_at is not None
            self.assertAlmostEqual((task.next_call_at - timezone.now()).total_seconds(), 10, delta=5)
            self.assertEqual(self.engine.errors(ticket), [])
            self.assertEqual(self.do_calls(), [])
            self.assertEqual(self.do_calls(until=HOUR), ["call_action_later", "call_action"])
        self.assertEqual(self.outcomes(ticket), ["FAILED", "ANSWERED"])
        self.assertEqual(self.engine.status(ticket), RunStatus.COMPLETED)
        first, second = map(headers_of, there.received)
        self.assertEqual(first["idempotency-key"], second["idempotency-key"])

    def test_five_tries(self) -> None:
        with Receiver(*[UNAVAILABLE] * 5) as there:
            ticket = self.submit(asking(there.url))
            names = self.do_calls(until=HOUR)
        self.assertEqual(names.count("call_action"), 5)
        self.assertEqual(len({headers_of(each)["idempotency-key"] for each in there.received}), 1)
        error = self.only_error(ticket)
        self.assertEqual(
            (error.error_type, error.reason, error.error_status),
            (ErrorType.TASK_UPDATE, ErrorReason.ACTION, ErrorStatus.NEW),
        )
        self.assertEqual(
            error.error_message,
            "The call to 127.0.0.1 failed 5 times, at last with this: "
            "The system answered 503 (Service Unavailable).",
        )
        self.assertEqual(self.ask(ticket).status, TaskStatus.ERROR)
        self.assertEqual(self.engine.status(ticket), RunStatus.IN_PROGRESS)
        self.assertEqual(self.engine.event_kinds(ticket)[-1], "ERROR")

    def test_the_other_system_asks_to_wait(self) -> None:
        for asked, seconds in (("120", 120), ("999999", 3600), ("1", 10)):
            with self.subTest(asked), Receiver(answer("429 Too Many Requests", Retry_After=asked)) as there:
                ticket = self.submit(asking(there.url))
                self.do_calls()
                due = self.ask(ticket).next_call_at
                assert due is not None
                self.assertAlmostEqual((due - timezone.now()).total_seconds(), seconds, delta=5)

    def test_what_fails_for_good(self) -> None:
        cases = {
            "The call to 127.0.0.1 failed. The system answered 404 (Not Found).": answer("404 Not Found"),
            "The answer of 127.0.0.1 can't be used. This is not JSON": answer(body=b"<p>Hello</p>"),
            "The answer of 127.0.0.1 can't be used. total: The answer has no value": ok(out="yes"),
            "The answer of 127.0.0.1 can't be used. total: This must be a number.": ok(total="many"),
            "The answer of 127.0.0.1 can't be used. The answer must be a JSON object": answer(body=b"[]"),
            "The call to 127.0.0.1 failed. The answer is too large": answer(body=b" " * 1_100_000),
        }
        for message, given in cases.items():
            with self.subTest(message), Receiver(given) as there:
                ticket = self.submit(asking(there.url))
                self.do_calls(until=HOUR)
                self.assertIn(message.casefold(), self.only_error(ticket).error_message.casefold())
                self.assertEqual((self.ask(ticket).status, self.outcomes(ticket)), ("ERROR", ["FAILED"]))
                self.assertEqual(self.engine.run(ticket).data, {"a": "x"})

    def test_what_can_not_be_sent(self) -> None:
        broken = {"share": {"/": [1, {"var": "total"}]}}
        ticket = self.submit(asking("https://example.com/", input_transform=broken))
        self.do_calls()
        self.assertIn("What is sent can't be computed.", self.only_error(ticket).error_message)
        self.assertEqual((self.ask(ticket).status, self.outcomes(ticket)), ("ERROR", []))

    def test_a_connection_that_was_deleted(self) -> None:
        self.engine.call(lambda: Connection.objects.create(name="CRM", secrets=b""))
        ticket = self.submit(asking("", connection="CRM", path="/x"))
        self.engine.call(lambda: Connection.objects.all().delete())
        self.do_calls()
        self.assertIn("The company has no connection “CRM”.", self.only_error(ticket).error_message)
        self.assertEqual((self.ask(ticket).status, self.outcomes(ticket)), ("ERROR", []))

    def test_people_and_files_that_are_not_there(self) -> None:
        """A system can't name somebody of another company, nor a file of another ticket."""
        theirs, ours = self.theirs.submitter, self.ours.submitter
        who, doc = {"type": "string", "format": "user"}, {"type": "string", "format": "file"}
        with Receiver(ok(who=str(theirs.pk), doc="1"), ok(who=str(ours.pk))) as there:
            ask = form("Ask", "a", "who doc", task_type="SYNC_ACTION", action_url=there.url)
            made = self.engine.load(workflow(ask, end("Done", "who"), who=who, doc=doc))
            refused, accepted = self.engine.submit(made, a="1"), self.engine.submit(made, a="2")
            self.do_calls()
        message = "Who: There is no such person in the company. Doc: This ticket has no such file."
        self.assertIn(message, self.only_error(refused).error_message)
        self.assertEqual(self.engine.run(refused).data, {"a": "1"})
        self.assertEqual(self.engine.run(accepted).data, {"a": "2", "who": str(ours.pk)})

    def test_more_files_than_can_be_looked_up(self) -> None:
        files = {"type": "array", "items": {"type": "string", "format": "file"}}
        with Receiver(ok(files=[str(number) for number in range(1, 70_000)])) as there:
            ask = form("Ask", "a", "files", task_type="SYNC_ACTION", action_url=there.url)
            ticket = self.submit(workflow(ask, files=files))
            self.do_calls()
        self.assertIn("An answer can name at most 1000 files.", self.only_error(ticket).error_message)

    def test_no_answer(self) -> None:
        with Receiver() as there:
            ticket = self.submit(asking(there.url, timeout_seconds=1))
            self.do_calls()
            self.assertEqual((self.ask(ticket).status, self.ask(ticket).tries), (TaskStatus.PENDING, 1))
            self.assertEqual(self.calls(ticket)[0].error, "No answer within 1 second.")


class OverConnectionTests(ActionTestCase):
    """Calls over a connection carry its secrets, which no log has, and end when all of them fail."""

    def connect(self, url: str) -> None:
        """Store a connection of which everything is secret but the address."""
        secrets = encrypt_secrets(headers=[("Authorization", "Bearer open-sesame")])
        self.engine.call(lambda: Connection.objects.create(name="CRM", base_address=url, secrets=secrets))

    def test_secrets(self) -> None:
        echo = answer("404 Not Found", b"no such token: open-sesame")
        with Receiver(echo) as there:
            self.connect(f"{there.url}/api")
            ticket = self.submit(asking("", connection="crm", path="/check"))
            self.do_calls()
        (request,) = there.received
        self.assertTrue(request.startswith(b"POST /api/check "))
        headers = headers_of(request)
        self.assertEqual(headers["authorization"], "Bearer open-sesame")
        self.assertNotIn("webhook-signature", headers)
        (call,) = self.calls(ticket)
        assert call.response is not None
        self.assertEqual(call.response["body"], "no such token: ●●●")
        message = self.only_error(ticket).error_message
        self.assertEqual(message, "The call to CRM failed. The system answered 404 (Not Found).")
        self.assertNotIn("sesame", f"{call.request} {call.error} {message}")

    def test_secrets_in_an_answer_that_is_refused(self) -> None:
        with Receiver(answer(body=b'{"open-sesame": 1, "open-sesame": 2}')) as there:
            self.connect(there.url)
            ticket = self.submit(asking("", connection="CRM", path="/x"))
            self.do_calls()
        text = "The name “●●●” appears twice in an object."
        self.assertEqual(self.calls(ticket)[0].error, text)
        self.assertIn(text, self.only_error(ticket).error_message)

    def test_all_calls_fail(self) -> None:
        with Receiver(*[UNAVAILABLE] * 10, ok(total=1)) as there:
            self.connect(there.url)
            made = self.engine.load(asking("", connection="CRM", path="/x"))
            tickets = [self.engine.submit(made, a=str(number)) for number in range(4)]
            self.do_calls(until=HOUR)
            self.assertEqual(len(there.received), 10)
            statuses = {(task.status, task.tries < MAX_TRIES) for task in map(self.ask, tickets)}
            self.assertEqual(statuses, {(TaskStatus.PENDING, True)})
            self.assertEqual([error for each in tickets for error in self.engine.errors(each)], [])
            found = self.engine.call(Connection.objects.get)
            self.assertIsNotNone(found.paused_at)

    def test_a_pause_is_no_time_in_which_a_callback_fails_to_come(self) -> None:
        """Between two tries, too: the time begins again with the next call."""
        with Receiver(UNAVAILABLE, UNAVAILABLE, answer("202 Accepted", b"")) as there:
            self.connect(there.url)
            action = asking("", kind="ASYNC_ACTION", connection="CRM", path="/x", timeout_seconds=50)
            ticket = self.submit(action)
            self.do_calls(until=timedelta(seconds=30))
            self.assertEqual(self.ask(ticket).tries, 2)
            self.engine.call(lambda: Connection.objects.update(paused_at=timezone.now()))
            self.assertEqual(self.do_calls(until=timedelta(seconds=55)), ["answer_overdue"])
            self.assertEqual((self.ask(ticket).status, self.ask(ticket).tries), (TaskStatus.PENDING, 2))
            self.assertEqual(self.engine.errors(ticket), [])
            self.engine.call(lambda: resume(Connection.objects.get()))
            self.do_calls(until=timedelta(seconds=30))
        task = self.ask(ticket)
        self.assertEqual((task.status, task.next_call_at), (TaskStatus.PENDING, None))
        self.assertIsNotNone(task.answer_until)


class StatementTests(ActionTestCase):
    """How many statements actions cost."""

    def statements(self, file: WorkflowFile) -> list[str]:
        """Return the statements of submitting a second ticket."""
        made = self.engine.load(file)
        self.engine.submit(made, a="1")
        with CaptureQueriesContext(connection) as captured:
            self.engine.submit(made, a="2")
        return [query["sql"] for query in captured]

    def test_a_started_action_costs_one_statement(self) -> None:
        url = "https://example.com/"
        other = form("Other", "a", "done", task_type="SYNC_ACTION", action_url=url)
        none = self.statements(asking(url, condition=equals("a", "never")))
        one, two = self.statements(asking(url)), self.statements(asking(url, other))
        enqueued = [sum("procrastinate_defer_jobs" in each for each in found) for found in (none, one, two)]
        self.assertEqual(enqueued, [0, 1, 1])
        # Without an action there is no task to insert, but a stall to report.
        self.assertEqual(len(two), len(one))

    def test_a_try(self) -> None:
        with Receiver(ok(total=1)) as there:
            self.submit(asking(there.url))
            job = self.next_job(timezone.now())
            assert job is not None
            with CaptureQueriesContext(connection) as captured:
                run_call_job(job)
        # Savepoints stand for the transactions here.
        own = [each for each in captured if "SAVEPOINT" not in each["sql"]]
        # Two of them enter the answer into the search.
        self.assertLessEqual(len(own), 20, [each["sql"][:90] for each in own])
