"""The receivers under examples/: what they answer, and that the workflows of the gallery work with them."""

import json
from collections.abc import Mapping
from contextlib import closing, redirect_stdout
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPConnection
from io import StringIO
from threading import Thread, Timer
from threading import enumerate as running_threads
from typing import Any, Final, Self
from urllib.parse import urlsplit
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import SimpleTestCase
from django.utils import timezone

from examples.receivers import Answer, Json, Receivers
from ticketflower.outgoing.signing import new_signing_secret, sign
from users.models import CustomUser
from users.system_roles import SystemRoleName
from workflow_design.gallery.templates import Template
from workflow_design.models import Connection, ConnectionKind
from workflow_design.tests.gallery_files import gallery_file
from workflow_ops.actions.secrets import encrypt_secrets
from workflow_ops.files import upload_file
from workflow_ops.models import RunStatus, TicketInstance
from workflow_ops.tests.actions.action_cases import ActionTestCase
from workflow_ops.work.submissions import submit_ticket


class Running:
    """Receivers on a port of their own, which post their answers at once to `sent`."""

    def __init__(self, secret: str = "") -> None:
        self.sent: list[tuple[str, Json]] = []
        self.server = Receivers(
            0, secret=secret, seconds=0, post=lambda address, content: self.sent.append((address, content))
        )
        self.port = self.server.server_port

    def __enter__(self) -> Self:
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def call(self, path: str, body: bytes | Json, headers: Mapping[str, str] = {}) -> Answer:
        """Post a body, and return what is answered."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("POST", path, content, {"Idempotency-Key": "1", **headers})
            response = connection.getresponse()
            return HTTPStatus(response.status), json.loads(response.read())

    def wait(self) -> None:
        """Wait until the accounts that were ordered are set up. Whoever runs the tests has timers, too."""
        for thread in running_threads():
            if isinstance(thread, Timer) and thread.function.__module__ == Receivers.__module__:
                thread.join()


class ReceiverTests(SimpleTestCase):
    def test_each_answers(self) -> None:
        for path, sent, answered in (
            ("/", {"type": "test"}, {"ok": True}),
            ("/limits", {"category": "meals", "amount": 50}, {"within_limit": True, "limit": 50}),
            ("/limits", {"category": "meals", "amount": 50.01}, {"within_limit": False, "limit": 50}),
            ("/companies", {"number": "HRB 10410"}, {"found": True, "name": "Northern Timber Ltd"}),
            ("/companies", {"number": "HRB 1"}, {"found": False}),
        ):
            with self.subTest(sent), Running() as running:
                self.assertEqual(running.call(path, sent), (HTTPStatus.OK, answered))

    def test_a_call_that_is_tried_again_sets_up_one_account(self) -> None:
        order = {"name": "Noor el-Salem", "callback_url": "http://site.example/answer/1/"}
        with Running() as running:
            for _try in range(2):
                self.assertEqual(running.call("/accounts", order), (HTTPStatus.ACCEPTED, {"accepted": True}))
            running.wait()
        account = {"login_name": "nelsalem", "email": "noor.elsalem@example.com"}
        self.assertEqual(running.sent, [("http://site.example/answer/1/", account)])

    def test_what_is_not_right_is_refused(self) -> None:
        with Running() as running:
            self.assertEqual(running.call("/nowhere", {})[0], HTTPStatus.NOT_FOUND)
            for body in (b"no JSON", b"[]", b"{}"):
                self.assertEqual(running.call("/limits", body)[0], HTTPStatus.BAD_REQUEST, body)

    def test_signatures(self) -> None:
        secret, body, now = new_signing_secret(), b'{"number": "HRB 1"}', timezone.now()
        right = sign(secret, key="1", body=body, at=now)
        old = sign(secret, key="1", body=body, at=now - timedelta(minutes=6))
        other = sign(new_signing_secret(), key="1", body=body, at=now)
        with Running(secret) as running:
            self.assertEqual(running.call("/companies", body, right)[0], HTTPStatus.OK)
            for headers in ({}, old, other, right | {"webhook-id": "2"}):
                self.assertEqual(running.call("/companies", body, headers)[0], HTTPStatus.UNAUTHORIZED)
            self.assertEqual(running.call("/companies", body + b" ", right)[0], HTTPStatus.UNAUTHORIZED)


class GalleryTests(ActionTestCase):
    """The workflows of the gallery, from the ticket to the end, with the calls that their jobs make."""

    def setUp(self) -> None:
        super().setUp()
        self.running = self.enterContext(Running())
        self.engine.call(self._connect)

    def _connect(self) -> None:
        address = f"http://127.0.0.1:{self.running.port}"
        for name in ("Accounts", "Company register", "Finance system"):
            Connection.objects.create(name=name, base_address=address, secrets=encrypt_secrets())

    def begin(self, name: str, by: str, **values: Any) -> TicketInstance:
        """Publish a workflow of the gallery, with a person for each of its roles, and submit its ticket."""
        file = gallery_file(name)
        made = self.engine.load(file)
        people = {role: self._person(role) for role in Template(name, file).roles}
        submitter = people[by]

        def submit() -> TicketInstance:
            receipt = SimpleUploadedFile("receipt.txt", b"90.00", "text/plain")
            files = [str(upload_file(receipt, by=submitter).pk)] if "receipt" in values else []
            filled = values | ({"receipt": files[0]} if files else {})
            definition = made.tickets.select_related("workflow").get()
            return submit_ticket(definition, values=filled, form_token=uuid4(), by=submitter, file_ids=files)

        ticket: TicketInstance = self.engine.as_person(submitter, submit)
        return ticket

    def _person(self, role: str) -> CustomUser:
        roles = [SystemRoleName.USER, SystemRoleName.TASK_WORKER]
        return self.engine.person(role.replace(" ", ""), roles=[role], system_roles=roles)

    def assert_ended(self, ticket: TicketInstance, **values: Any) -> None:
        run = self.engine.run(ticket)
        self.assertEqual((run.status, self.engine.errors(ticket)), (RunStatus.COMPLETED, []))
        self.assertEqual({name: run.data[name] for name in values}, values)

    CLAIM: Final = {"purpose": "Fair", "category": "travel", "receipt": ""}

    def test_expense_claim_within_the_limit(self) -> None:
        ticket = self.begin("expense_limit", "Employee", **self.CLAIM, amount=500)
        self.assertEqual(self.engine.unfinished(ticket), ["Check the limit #1"])
        self.do_calls()
        self.engine.complete(ticket, "Pay", paid_on="2030-01-01")
        self.assert_ended(ticket, within_limit=True, limit=500)

    def test_expense_claim_above_the_limit(self) -> None:
        ticket = self.begin("expense_limit", "Employee", **self.CLAIM, amount=500.01)
        self.do_calls()
        self.engine.complete(ticket, "Approve", approval="approve")
        self.engine.complete(ticket, "Pay", paid_on="2030-01-01")
        self.assert_ended(ticket, within_limit=False, limit=500)

    def test_new_supplier(self) -> None:
        asked = {"supplier": "Northern Timber", "register_number": "HRB 1", "goods": "Timber"}
        ticket = self.begin("supplier_register", "Purchasing", **asked)
        self.do_calls()
        self.engine.complete(ticket, "Correct the number", register_number="HRB 10410", correction="again")
        self.do_calls()
        self.engine.complete(ticket, "Decide about the supplier", decision="accept")
        self.engine.complete(ticket, "Set the supplier up", supplier_number="70001")
        self.assert_ended(ticket, registered_name="Northern Timber Ltd", is_registered=True)

    def test_new_colleague(self) -> None:
        """The account is there later: its system posts to the callback address."""
        colleague = {"new_name": "Noor Salem", "first_day": "2030-01-07", "department": "sales"}
        ticket = self.begin("onboarding_account", "HR", **colleague)
        self.engine.complete(ticket, "Prepare a workplace", desk="Room 12")
        self.do_calls()
        self.assertEqual(self.engine.unfinished(ticket), ["Set up the account #1"])
        self.running.wait()
        ((address, account),) = self.running.sent
        with self.captureOnCommitCallbacks(execute=True):
            response = self.client.post(urlsplit(address).path, account, content_type="application/json")
        self.assertEqual(response.status_code, HTTPStatus.OK)
        self.engine.complete(ticket, "Welcome the new colleague", welcomed="done")
        self.assert_ended(ticket, login_name="nsalem", account_email="noor.salem@example.com")

    def test_incident(self) -> None:
        """The team reads of it in its chat, and the incident can be closed."""
        address = f"http://127.0.0.1:{self.running.port}/chat"
        secrets = encrypt_secrets(address=address)
        self.engine.call(
            lambda: Connection.objects.create(name="Team chat", kind=ConnectionKind.SLACK, secrets=secrets)
        )
        ticket = self.begin("incident_alert", "Employee", incident="The shop is down", details="Since 9:30")
        with redirect_stdout(StringIO()) as printed:
            self.do_calls()
        self.assertEqual(printed.getvalue(), "#team: New incident: The shop is down\nSince 9:30\n")
        self.engine.complete(ticket, "Find out how bad it is", severity="minor")
        self.engine.complete(ticket, "Write it down", summary="A cable")
        self.assert_ended(ticket, alerted=True)
