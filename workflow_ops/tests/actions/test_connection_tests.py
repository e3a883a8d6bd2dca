"""The test of a connection, and secrets that turn up nowhere, whatever other systems answer."""

import json
import logging
from datetime import timedelta
from typing import Any

from cryptography.fernet import Fernet
from django.apps import apps
from django.db import transaction
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from ticketflower.tenancy.context import all_companies_scope
from ticketflower.tests.outgoing.receivers import Answer, Receiver, answer
from users.tests.cases import logged_in
from workflow_design.models import Connection, ConnectionKind
from workflow_ops.actions.conflicts import edition
from workflow_ops.actions.connections.actions import Content, change_connection, create_connection
from workflow_ops.actions.connections.testing import LONGEST
from workflow_ops.jobs import test_connection as run_test_job
from workflow_ops.models import ActionCall, CallOutcome, TaskInstance, TicketError
from workflow_ops.tests.actions.action_cases import ActionTestCase, asking, body_of, headers_of, ok
from workflow_ops.tests.engine_cases import YES_NO, form, workflow

MARKER = "marker-5e3c"
SIGNING = "whsec_bWFya2VyLTVlM2NtYXJrZXItNWUzYw=="


class ConnectionTestCase(ActionTestCase):
    """Connections to receivers on loopback."""

    def connect(self, url: str, kind: ConnectionKind = ConnectionKind.HTTP) -> Connection:
        """Create a connection full of secrets."""
        address = {"address": f"{url}/hooks/{MARKER}/1"} if kind.is_chat else {"base_address": f"{url}/api"}
        headers = {} if kind.is_chat else {"Authorization": f"Bearer {MARKER}", "X-Tenant": f"t-{MARKER}"}
        signing = "" if kind.is_chat else SIGNING
        content = Content(f"To {kind}", kind, headers, signing_secret=signing, **address)
        with self.ours.admin.scope(), transaction.atomic():
            return create_connection(content, by=self.ours.admin)

    def run_test(
        self, *answers: Answer, kind: ConnectionKind = ConnectionKind.HTTP, path: str = ""
    ) -> tuple[Any, bytes]:
        """Press the button, run the job; return the page afterwards, and the request."""
        with Receiver(*answers) as receiver:
            self.connection = self.connect(receiver.url, kind)
            self.press(path)
            self.do_calls()
            (received,) = receiver.received
        return self.page(), received

    def press(self, path: str = "") -> Any:
        url = reverse("connection_test", args=[self.connection.pk])
        return logged_in(self.ours.admin).post(url, {"path": path})

    def page(self) -> Any:
        return logged_in(self.ours.admin).get(reverse("connection_detail", args=[self.connection.pk]))


class Testing(ConnectionTestCase):
    """What the page shows of a test."""

    def test_an_answer(self) -> None:
        page, received = self.run_test(ok(hello="there"))
        self.assertContains(page, "It works")
        self.assertContains(page, "{&quot;hello&quot;: &quot;there&quot;}")
        headers = headers_of(received)
        self.assertTrue(received.startswith(b"POST /api HTTP/1.1"))
        self.assertEqual(body_of(received), {"type": "test"})
        self.assertEqual(headers["authorization"], f"Bearer {MARKER}")
        self.assertIn("webhook-signature", headers)
        self.assertNotContains(page, "load delay:2s")

    def test_a_failure(self) -> None:
        page, _received = self.run_test(answer("403 Forbidden", b"x" * 5_000))
        self.assertContains(page, "It was reached")
        self.assertNotContains(page, "It failed")
        self.assertContains(page, "403 (Forbidden)")
        self.assertContains(page, f"<pre>{'x' * 2_000}</pre>")
        self.assertContains(page, "It did not accept the headers or the signature.")
        self.assertNotContains(page, "changed since")
        with self.ours.admin.scope(), transaction.atomic():
            self.connection.save()
        self.assertContains(self.page(), "The connection has been changed since.")

    def test_an_address_that_needs_a_path(self) -> None:
        page, _received = self.run_test(answer("404 Not Found"))
        self.assertContains(page, "It was reached")
        self.assertContains(page, "The system answered 404 (Not Found).")
        self.assertContains(page, "Test it with the path of an action.")

    def test_a_path(self) -> None:
        page, received = self.run_test(answer("404 Not Found"), path="/accounts?all=1")
        self.assertTrue(received.startswith(b"POST /api/accounts?all=1 HTTP/1.1"))
        self.assertContains(page, "<dd>/accounts?all=1</dd>", html=True)
        self.assertContains(page, 'value="/accounts?all=1"')
        self.assertNotContains(page, "Test it with the path")

    def test_a_path_that_is_refused(self) -> None:
        self.connection = self.connect("http://127.0.0.1:9")
        page = self.press("/../admin")
        self.assertContains(page, "“..” as one of its parts.")
        self.assertContains(page, 'value="/../admin"')
        self.assertFalse(ProcrastinateJob.objects.filter(task_name__endswith="test_connection").exists())

    def test_a_chat_that_does_not_answer(self) -> None:
        """The address of a chat is whole, so that its answer says whether it is right."""
        page, received = self.run_test(answer("404 Not Found"), kind=ConnectionKind.SLACK, path="/ignored")
        self.assertNotIn(b"ignored", received)
        self.assertContains(page, "It failed")
        self.assertNotContains(page, "Test it with the path")

    def test_messages(self) -> None:
        for kind, member in ((ConnectionKind.SLACK, "text"), (ConnectionKind.TEAMS, "attachments")):
            with self.subTest(kind):
                page, received = self.run_test(answer(body=b"ok"), kind=kind)
                self.assertIn(member, body_of(received))
                self.assertIn("This is a test of TicketFlower.", received.decode())
                self.assertNotContains(page, MARKER)

    def test_while_it_runs(self) -> None:
        self.connection = self.connect("http://127.0.0.1:9")
        self.press()
        self.press()
        page = self.page()
        self.assertContains(page, 'hx-trigger="load delay:2s"')
        self.assertContains(page, "Look again")
        self.assertEqual(ProcrastinateJob.objects.filter(task_name__endswith="test_connection").count(), 1)
        for age, text in ((timedelta(minutes=1), "is being sent"), (LONGEST, "still waits to be sent")):
            with self.ours.scope():
                ActionCall.objects.update(started_at=timezone.now() - age)
            self.assertContains(self.page(), text)
            self.assertNotContains(self.page(), "load delay:2s")

    def test_the_job_twice_and_without_its_connection(self) -> None:
        self.run_test(ok(), ok())
        with self.ours.scope():
            call = ActionCall.objects.get()
        run_test_job(self.ours.company.pk, call.pk)  # nothing is sent: the receiver is gone
        with self.ours.scope():
            self.assertEqual(ActionCall.objects.get().outcome, CallOutcome.ANSWERED)
            ActionCall.objects.update(outcome=CallOutcome.RUNNING)
            Connection.objects.all().delete()
        run_test_job(self.ours.company.pk, call.pk)
        with self.ours.scope():
            self.assertEqual(ActionCall.objects.get().outcome, CallOutcome.RUNNING)

    def test_without_the_key(self) -> None:
        self.connection = self.connect("http://127.0.0.1:9")
        self.press()
        with override_settings(ENCRYPTION_KEYS=[Fernet.generate_key().decode()]):
            self.do_calls()
            self.assertContains(self.page(), "can&#x27;t be read, because this site does not have the key")

    def test_it_ends_a_pause(self) -> None:
        for given, is_paused in ((answer("500 Error"), True), (ok(), False)):
            with Receiver(given) as receiver:
                self.connection = self.connect(receiver.url)
                with self.ours.scope():
                    Connection.objects.update(paused_at=timezone.now())
                self.assertContains(self.page(), "Try all again")
                self.press()
                self.do_calls()
            with self.ours.scope():
                self.assertEqual(Connection.objects.get().paused_at is not None, is_paused)
                Connection.objects.all().delete()

    def test_so_does_another_secret(self) -> None:
        self.connection = self.connect("https://a.example")
        with self.ours.admin.scope():
            Connection.objects.update(paused_at=timezone.now())
            for headers, is_paused in (
                ({"Authorization": f"Bearer {MARKER}", "X-Tenant": f"t-{MARKER}"}, True),
                ({}, False),
            ):
                row = Connection.objects.get()
                content = Content(
                    row.name,
                    ConnectionKind.HTTP,
                    headers,
                    base_address=row.base_address,
                    signing_secret=SIGNING,
                )
                change_connection(row, content, seen=edition(row))
                self.assertEqual(Connection.objects.get().paused_at is not None, is_paused)


class Secrets(ConnectionTestCase):
    """Secrets go to the other system, and nowhere else."""

    def test_nowhere(self) -> None:
        echoes = (
            lambda request: answer(body=b'{"total": "you sent: ' + request.replace(b'"', b"'") + b'"}'),
            lambda request: answer("400 Bad Request", b"Wrong: " + request),
            lambda request: answer("500 Error", b"x" * (4_096 - 700) + request, X_Seen=MARKER),
            lambda request: answer("302 Found", request, Location=f"https://elsewhere.example/{MARKER}"),
            lambda request: answer("200 OK", request, Content_Encoding="gzip"),
            lambda request: request,
        )
        with self.assertLogs(level=logging.DEBUG) as logs:
            logging.getLogger("tests").debug("at least this")
            for echo in echoes:
                for kind in (ConnectionKind.HTTP, ConnectionKind.SLACK):
                    self.exercise(echo, kind)
            pages = self.read_pages()
        self.assertIn(
            "Authorization: ●●●", json.dumps(self.all_rows(ActionCall), ensure_ascii=False, default=str)
        )
        for place, text in (("logs", "\n".join(logs.output)), *pages, *self.read_tables()):
            with self.subTest(place):
                self.assertNotIn(MARKER, text)
                self.assertNotIn(SIGNING, text)

    def exercise(self, echo: Any, kind: ConnectionKind) -> None:
        """Test a connection to a system that repeats what it gets, and call it in a workflow."""
        with Receiver() as receiver:
            receiver.answers = [self.echoed(receiver, echo), self.echoed(receiver, echo)]
            self.connection = self.connect(receiver.url, kind)
            self.press()
            chat = {"chat": {"connection": self.connection.name, "text": "{a}"}}
            post = form("Post", "a", "done", task_type="SYNC_ACTION", action=chat)
            file = (
                workflow(post, done=YES_NO) if kind.is_chat else asking("", connection=self.connection.name)
            )
            self.submit(file)
            self.do_calls()
            self.assertIn(MARKER.encode(), b"".join(receiver.received))
        with self.ours.scope():
            Connection.objects.filter(pk=self.connection.pk).update(name=f"Older {self.connection.pk}")

    def echoed(self, receiver: Receiver, echo: Any) -> Any:
        """Yield the answer that repeats the request, once it is there."""
        yield echo(receiver.received[-1])

    def read_pages(self) -> list[tuple[str, str]]:
        """Return the pages that tell of connections and calls."""
        with self.ours.scope():
            tasks = list(TaskInstance.objects.select_related("task_definition"))
            errors = list(TicketError.objects.all())
        self.assertTrue(errors)
        paths = [
            reverse(name) for name in ("connection_list", "manage_errors", "audit_log", "audit_download")
        ]
        paths += [reverse("connection_detail", args=[self.connection.pk])]
        paths += [reverse("connection_edit", args=[self.connection.pk])]
        paths += [reverse("manage_task", args=[task.pk]) for task in tasks[:3]]
        paths += [reverse("manage_error", args=[error.pk]) for error in errors[:3]]
        version = tasks[0].task_definition.workflow_id
        paths += [reverse("workflow_definition_download", args=[version])]
        admin, staff = logged_in(self.ours.admin), logged_in(self.staff)
        read = [(path, self.content(admin.get(path))) for path in paths]
        for model in ("workflow_design_connection", "workflow_ops_actioncall", "workflow_ops_ticketerror"):
            listing = reverse(f"admin:{model}_changelist")
            rows = staff.get(listing).context["cl"].result_list
            changes = [reverse(f"admin:{model}_change", args=[row.pk]) for row in rows[:3]]
            read += [(path, self.content(staff.get(path))) for path in (listing, *changes)]
        return read

    def content(self, response: Any) -> str:
        self.assertEqual(response.status_code, 200)
        return str(b"".join(response), "utf-8") if response.streaming else response.content.decode()

    def all_rows(self, model: Any) -> list[dict[str, Any]]:
        with all_companies_scope(), transaction.atomic():
            return list(model._base_manager.values())

    def read_tables(self) -> list[tuple[str, str]]:
        """Return the rows of all tables that the site can read."""
        closed = ("Session", "LimitedUse")
        models = [model for model in apps.get_models() if model.__name__ not in closed]
        return [(model.__name__, repr(self.all_rows(model))) for model in models]
