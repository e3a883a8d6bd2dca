"""Messages of actions: who gets them, what they say, and what becomes of the task."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.test import override_settings
from procrastinate.contrib.django.models import ProcrastinateJob

from users.company_roles import change_role
from users.models import CompanyRole, CustomUser
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.models import Connection, ConnectionKind
from workflow_ops.actions.secrets import encrypt_secrets
from workflow_ops.models import RunStatus, TaskInstance, TaskStatus, TicketInstance
from workflow_ops.tests.actions.action_cases import ActionHelpers, ActionTestCase, Receiver, answer, body_of
from workflow_ops.tests.engine_cases import CommittedEngineTestCase, end, form, workflow

DAY = timedelta(days=1)
PERSON = {"type": "string", "format": "user", "title": "Boss"}
ADDRESS = {"type": "string", "format": "email", "title": "Mail"}
YES_NO = {"type": "boolean"}
MONEY = {"type": "number", "format": "money"}


def telling(**action: Any) -> WorkflowFile:
    """Return a workflow whose ticket starts a message, and that ends when it is sent."""
    tell = form("Ask", "a", "sent", task_type="SYNC_ACTION", action=action)
    kinds: dict[str, Any] = {"boss": PERSON, "mail": ADDRESS, "sent": YES_NO, "price": MONEY}
    return workflow(tell, end("Done", "sent"), ticket="a boss mail price", **kinds)


def email(subject: str = "About {a}", text: str = "Costs {price}.", **to: str) -> WorkflowFile:
    return telling(email={"to": to, "subject": subject, "text": text})


class FaultyBackend(EmailBackend):
    """A mail server that refuses some addresses, or fails in between."""

    seen: ClassVar[list[str]] = []
    """The Message-ID of each mail."""

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        for message in messages:
            self.seen.append(message.extra_headers["Message-ID"])
            (address,) = message.to
            if address.startswith("refused"):
                raise smtplib.SMTPRecipientsRefused({address: (550, b"No such user")})
            if address.startswith("later"):
                raise smtplib.SMTPRecipientsRefused({address: (451, b"Try later")})
            if address.startswith("broken"):
                raise smtplib.SMTPServerDisconnected
        return super().send_messages(messages)


def sending_by(backend: type[EmailBackend]) -> override_settings:
    """Use this backend. Django 6.1 has another setting for it."""
    path = f"{backend.__module__}.{backend.__qualname__}"
    if hasattr(settings, "MAILERS"):
        return override_settings(MAILERS={"default": {"BACKEND": path}})
    return override_settings(EMAIL_BACKEND=path)


with_faults = sending_by(FaultyBackend)


class Messages(ActionTestCase):
    def recipients(self) -> list[str]:
        return sorted(address for message in mail.outbox for address in message.to)

    def people(self, *names: str, role: str = "Testers") -> None:
        for name in names:
            self.engine.person(name, roles=[role])

    def deactivate(self, person: CustomUser) -> None:
        self.engine.call(lambda: CustomUser.objects.filter(pk=person.pk).update(is_active=False))

    def assert_sent(self, ticket: TicketInstance) -> None:
        self.assertEqual(self.engine.status(ticket), RunStatus.COMPLETED)
        self.assertIs(self.engine.run(ticket).data["sent"], True)


class EmailTests(Messages):
    def test_everybody_with_a_role_gets_their_own(self) -> None:
        made = self.engine.load(email(role="Testers"))
        self.people("Xena", "Yan")
        self.deactivate(self.engine.person("Gone", roles=["Testers"]))
        self.engine.call(
            lambda: change_role(CompanyRole.objects.get(name="Testers"), name="Probers", description="")
        )
        ticket = self.engine.submit(made, a="x\nBcc: evil@example.com", price=1234.5)
        self.assertEqual(self.do_calls(), ["call_action"])
        self.assert_sent(ticket)
        self.assertEqual([len(message.to) for message in mail.outbox], [1, 1])
        first = mail.outbox[0]
        self.assertEqual(first.subject, "About x Bcc: evil@example.com")
        self.assertIn("Costs 1,234.50\u00a0EUR.\n\n-- \nSent by ", first.body)
        self.assertIn(f"for {ticket.kind_name}.", first.body)
        (call,) = self.calls(ticket)
        self.assertEqual((call.outcome, call.status), ("ANSWERED", 250))
        self.assertEqual(call.request["headers"]["To"], ", ".join(message.to[0] for message in mail.outbox))
        self.assertEqual(call.request["body"], first.body)

    def test_the_person_or_the_address_in_a_field(self) -> None:
        boss = self.engine.person("Boss")
        for to, values in (
            ({"field": "boss"}, {"boss": str(boss.pk)}),
            ({"field": "mail"}, {"mail": boss.email}),
        ):
            mail.outbox.clear()
            ticket = self.submit(email(**to), **values)
            self.do_calls()
            self.assert_sent(ticket)
            self.assertEqual(self.recipients(), [boss.email])

    def test_nobody_to_send_to(self) -> None:
        gone = self.engine.person("Gone")
        self.deactivate(gone)
        for to, values, message in (
            (
                {"role": "Nobodies"},
                {},
                "Nobody with the role “Nobodies” is active and has confirmed their e-mail address.",
            ),
            ({"field": "boss"}, {}, "“Boss” is empty, so nobody can get the e-mail."),
            (
                {"field": "boss"},
                {"boss": str(gone.pk)},
                "The person in “Boss” is not active, or has not confirmed their e-mail address.",
            ),
            ({"field": "mail"}, {}, "“Mail” is empty, so nobody can get the e-mail."),
        ):
            with self.subTest(to):
                ticket = self.submit(email(**to), **values)
                self.do_calls()
                self.assertEqual(self.only_error(ticket).error_message, message)
                self.assertEqual(self.ask(ticket).status, TaskStatus.ERROR)
        self.assertEqual(mail.outbox, [])

    @with_faults
    def test_who_got_it_does_not_get_it_again(self) -> None:
        made = self.engine.load(email(role="Testers"))
        self.people("xena", "later")
        ticket = self.engine.submit(made, a="x")
        self.do_calls()
        task = self.ask(ticket)
        self.assertEqual((task.status, task.tries), (TaskStatus.PENDING, 1))
        first = self.recipients()
        self.assertEqual(len(first), 1)
        with sending_by(EmailBackend):
            self.do_calls(until=timedelta(hours=1))
        self.assert_sent(ticket)
        self.assertEqual(len(self.recipients()), 2)
        self.assertEqual(len(set(self.recipients())), 2)

    @with_faults
    def test_a_refused_address_is_an_error_and_the_others_get_it(self) -> None:
        made = self.engine.load(email(role="Testers"))
        self.people("refused", "zoe")
        ticket = self.engine.submit(made, a="x")
        self.do_calls()
        self.assertEqual(len(mail.outbox), 1)
        error = self.only_error(ticket).error_message
        self.assertIn("The mail server refused these addresses: refused@ours.example.", error)

    @with_faults
    def test_the_same_message_id_in_each_try(self) -> None:
        made = self.engine.load(email(role="Testers"))
        self.people("broken")
        ticket = self.engine.submit(made, a="x")
        FaultyBackend.seen.clear()
        self.do_calls(until=timedelta(hours=1))
        seen = FaultyBackend.seen
        self.assertEqual((len(seen), len(set(seen))), (5, 1))
        self.assertIn("The mail server can't be reached.", self.only_error(ticket).error_message)

    def test_the_limit_of_a_company_postpones_the_rest(self) -> None:
        made = self.engine.load(email(role="Testers"))
        self.people("Xena", "Yan", "Zoe")
        with self.settings(LIMITS={"MESSAGES_OF_COMPANY": 2}):
            ticket = self.engine.submit(made, a="x")
            self.do_calls(until=timedelta(minutes=30))
        task = self.ask(ticket)
        self.assertEqual((task.status, task.tries), (TaskStatus.PENDING, 0))
        self.assertEqual(len(mail.outbox), 2)
        self.assertEqual(self.engine.errors(ticket), [])
        with self.settings(LIMITS={"MESSAGES_OF_COMPANY": 3}):
            self.do_calls(until=DAY)
        self.assert_sent(ticket)
        self.assertEqual(len(set(self.recipients())), 3)

    def test_the_limit_at_the_last_try(self) -> None:
        made = self.engine.load(email(field="mail"))
        with self.settings(LIMITS={"MESSAGES_OF_COMPANY": 0}):
            ticket = self.engine.submit(made, a="x", mail="customer@example.com")
            self.engine.call(lambda: TaskInstance.objects.update(tries=4))
            self.do_calls()
        self.assertEqual((self.ask(ticket).status, self.ask(ticket).tries), (TaskStatus.PENDING, 4))
        self.assertEqual(self.engine.errors(ticket), [])

    def test_a_company_has_one_lane(self) -> None:
        """Otherwise it could occupy all workers that send e-mails."""
        made = self.engine.load(email(field="mail"))
        for _each in range(2):
            self.engine.submit(made, a="x", mail="customer@example.com")
        jobs = ProcrastinateJob.objects.filter(queue_name="mails")
        self.assertEqual(list(jobs.values_list("lock", flat=True)), [f"mails:{self.ours.company.pk}:0"] * 2)

    def test_an_address_that_no_mail_can_have(self) -> None:
        ticket = self.submit(email(field="mail"), mail=f"a@{'ü' * 63}.example")
        self.do_calls()
        self.assertIn("The mail server refused these addresses: a@", self.only_error(ticket).error_message)

    def test_strangers_get_nothing_before_an_address_is_confirmed(self) -> None:
        self.engine.call(lambda: CustomUser.objects.update(is_email_confirmed=False))
        ticket = self.submit(email(field="mail"), mail="stranger@example.com")
        self.do_calls()
        self.assertIn("has to confirm their e-mail address", self.only_error(ticket).error_message)
        self.assertEqual(mail.outbox, [])


class ChatTests(Messages):
    def post(self, kind: str, there: Receiver, text: str = "New: {a}\nat once") -> TicketInstance:
        def add() -> None:
            secrets = encrypt_secrets(address=f"{there.url}/secret")
            Connection.objects.create(name=f"Team {kind}", kind=kind, secrets=secrets)

        self.engine.call(add)
        ticket = self.submit(telling(chat={"connection": f"Team {kind}", "text": text}), a="<b> & {a}")
        self.do_calls()
        return ticket

    def test_slack(self) -> None:
        with Receiver(answer(body=b"ok")) as there:
            ticket = self.post(ConnectionKind.SLACK, there)
        self.assert_sent(ticket)
        (request,) = there.received
        self.assertTrue(request.startswith(b"POST /secret HTTP/1.1\r\n"))
        self.assertEqual(body_of(request), {"text": "New: &lt;b&gt; &amp; {a}\nat once"})
        (call,) = self.calls(ticket)
        self.assertNotIn("secret", str(call.request))
        self.assertNotIn(b"webhook-signature", request)

    def test_teams(self) -> None:
        with Receiver(answer("202 Accepted", body=b"")) as there:
            ticket = self.post(ConnectionKind.TEAMS, there)
        self.assert_sent(ticket)
        content = body_of(there.received[0])
        self.assertEqual(content["type"], "message")
        (attachment,) = content["attachments"]
        self.assertEqual(attachment["contentType"], "application/vnd.microsoft.card.adaptive")
        self.assertEqual(attachment["content"]["body"][0]["text"], "New: <b> & {a}\n\nat once")

    def test_a_chat_that_refuses(self) -> None:
        with Receiver(answer("404 Not Found", body=b"no_service")) as there:
            ticket = self.post(ConnectionKind.SLACK, there)
        error = "The call to Team SLACK failed. The system answered 404 (Not Found)."
        self.assertEqual(self.only_error(ticket).error_message, error)


class CommittedMessages(ActionHelpers, CommittedEngineTestCase):
    """A message in real transactions: nothing is locked while the mail server is called."""

    def test_an_email(self) -> None:
        ticket = self.submit(email(field="mail"), mail="customer@example.com")
        self.do_calls()
        self.assertEqual([message.to for message in mail.outbox], [["customer@example.com"]])
        self.assertEqual(self.engine.status(ticket), RunStatus.COMPLETED)
