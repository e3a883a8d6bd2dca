"""The messages of ready-made actions: posts to chats, and e-mails to people (docs/engine.md, "Messages")."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils.translation import gettext as _

from ticketflower.clean_json import parse_number
from ticketflower.mail import mail_server
from ticketflower.outgoing.call import Answer, CallFailedError
from users import limits
from users.models import Company, CompanyRoleMembership, CustomUser
from users.sessions import use_format_of
from workflow_design.definition.field_types import USER, is_email
from workflow_design.definition.ready_made import recipient_field, recipient_role
from workflow_design.workspace.messages import fill_subject, fill_text
from workflow_ops.actions.chats import post_of
from workflow_ops.engine.assignment import rule_of
from workflow_ops.engine.cached_rules import get_rules
from workflow_ops.engine.calls import definition_of
from workflow_ops.engine.errors import storable_text
from workflow_ops.history.names import names_in
from workflow_ops.models import ActionCall, TaskInstance
from workflow_ops.models.calls import MAX_LOGGED

MAX_RECIPIENTS: Final = 200
_DELIVERED: Final = 250
"""The status with which a mail server accepts an e-mail."""
_TEMPORARY: Final = 500
"""Mail servers answer with a status below this if a later try may succeed."""


class MessageError(Exception):
    """A message can't be sent as it is; the text says why, for ticket admins."""


class PostponedError(CallFailedError):
    """The remaining recipients of an e-mail have to wait; this does not count as a failed try."""


# --- Texts ------------------------------------------------------------------------------


def chat_content(task: TaskInstance, data: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return the JSON of a message in the format of a chat of this kind."""
    with _as_people_see_it(task) as about:
        text = fill_text(definition_of(task).action, data, *about)
    return post_of(text, kind)


@contextmanager
def _as_people_see_it(task: TaskInstance) -> Iterator[tuple[Any, Any]]:
    """Use the company's format and time zone inside; yield the fields and the display names."""
    run = task.workflow_instance
    fields = get_rules(run.workflow_id).validator.fields
    company = Company.objects.get(pk=task.company_id)
    with use_format_of(company):
        yield fields, names_in(fields, run.ticket, run.data, task.input_data)


# --- E-mails ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EmailRequest:
    """An e-mail to several people, each of whom gets their own and sees nobody else's address."""

    company_id: int | None
    recipients: tuple[str, ...]
    subject: str
    text: str
    key: str

    @property
    def host(self) -> str:
        """The name of the recipient in sentences about failed calls."""
        return _("the mail server")

    @property
    def logged(self) -> dict[str, Any]:
        """The e-mail as the log of calls stores it."""
        headers = {"To": ", ".join(self.recipients), "Subject": storable_text(self.subject)}
        return {"url": "", "headers": headers, "body": storable_text(self.text[:MAX_LOGGED])}

    def logged_answer(self, body: bytes) -> dict[str, Any]:
        """Return the result as the log of calls stores it: the addresses to which the e-mail was sent."""
        sent = json.loads(body or b"[]")
        return {"body": ", ".join(sent), "sent": sent}

    def black_out(self, text: str) -> str:
        """Return the text unchanged, because an e-mail contains no secrets."""
        return text

    def send(self) -> Answer:
        """Send the e-mail to each recipient. Raise CallFailedError unless it was sent to all of them."""
        sent: list[str] = []
        refused: list[str] = []
        try:
            with mail_server() as server:
                for address in self.recipients:
                    with transaction.atomic():
                        limits.count("MESSAGES_OF_COMPANY", self.company_id)
                    (sent if self._is_taken(server, address) else refused).append(address)
        except limits.LimitReachedError as error:
            raise self._failed(sent, str(error), wait=error.seconds) from error
        except smtplib.SMTPResponseException as error:
            is_temporary = error.smtp_code < _TEMPORARY
            message = _("The mail server refused it with the status %(status)d.")
            message %= {"status": error.smtp_code}
            raise self._failed(sent, message, is_temporary=is_temporary) from error
        except (OSError, smtplib.SMTPException) as error:
            raise self._failed(sent, _("The mail server can't be reached.")) from error
        if refused:
            message = _("The mail server refused these addresses: %(addresses)s.")
            message %= {"addresses": ", ".join(refused)}
            raise self._failed(sent, message, is_temporary=False)
        return Answer(_DELIVERED, json.dumps(sent).encode())

    def _is_taken(self, server: Any, address: str) -> bool:
        """Send the e-mail to one recipient. Return False if the mail server does not accept the address."""
        # Each try has the same Message-ID, because mail programs show mails with the same one only once.
        name = f"{uuid5(NAMESPACE_URL, f'{self.key}/{address}')}@{urlsplit(settings.SITE_URL).hostname}"
        headers = {"Message-ID": f"<{name}>", "Auto-Submitted": "auto-generated"}
        mail = EmailMessage(self.subject, self.text, to=[address], headers=headers)
        try:
            server.send_messages([mail])
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _message in error.recipients.values()]
            if any(code < _TEMPORARY for code in codes):
                raise smtplib.SMTPResponseException(min(codes), "") from error
            return False
        except ValueError:  # an address that can't be encoded in ASCII
            return False
        return True

    def _failed(
        self, sent: list[str], message: str, *, is_temporary: bool = True, wait: float | None = None
    ) -> CallFailedError:
        kind = CallFailedError if wait is None else PostponedError
        body = json.dumps(sent).encode()
        return kind(message, is_temporary=is_temporary, body=body, retry_after=wait)


def build_email(task: TaskInstance, data: Mapping[str, Any], key: str) -> EmailRequest:
    """Return the e-mail of a task, for the recipients who have not received it yet. Raise MessageError."""
    action = definition_of(task).action
    recipients = _find_recipients(task, data)
    with _as_people_see_it(task) as about:
        subject, text = fill_subject(action, data, *about), fill_text(action, data, *about)
    company, ticket = Company.objects.get(pk=task.company_id), task.workflow_instance.ticket
    words = {"company": company.name, "ticket": ticket.kind_name}
    footer = _("Sent by %(company)s with TicketFlower, for %(ticket)s.") % words
    done = _already_sent(task)
    left = tuple(address for address in recipients if address not in done)
    return EmailRequest(task.company_id, left, subject, f"{text}\n\n-- \n{footer}\n", key)


def _already_sent(task: TaskInstance) -> set[str]:
    """Return the addresses to which an earlier try for the same input sent the e-mail."""
    calls = ActionCall.objects.filter(task=task, input_version=task.input_version)
    found = calls.values_list("response", flat=True)
    return {address for response in found if response for address in response.get("sent", ())}


def _find_recipients(task: TaskInstance, data: Mapping[str, Any]) -> Collection[str]:
    """Return the addresses that get an e-mail. Raise MessageError if there are none, or too many."""
    action = definition_of(task).action
    confirmed = CustomUser.objects.active().without_programs().filter(is_email_confirmed=True)
    if role := recipient_role(action):
        members = CompanyRoleMembership.objects.filter(role__in=rule_of(task).role_ids)
        people = confirmed.filter(pk__in=members.values("person")).order_by("pk")
        found = list(people.values_list("email", flat=True)[: MAX_RECIPIENTS + 1])
        if not found:
            text = _("Nobody with the role “%(role)s” is active and has confirmed their e-mail address.")
            raise MessageError(text % {"role": role})
        if len(found) > MAX_RECIPIENTS:
            text = _("More than %(number)d people have the role “%(role)s”.")
            raise MessageError(text % {"number": MAX_RECIPIENTS, "role": role})
        return found
    name = recipient_field(action)
    field = get_rules(task.workflow_instance.workflow_id).validator.fields[name]
    value, words = data.get(name), {"field": field.title}
    if value is None:
        raise MessageError(_("“%(field)s” is empty, so nobody can get the e-mail.") % words)
    if field.type is USER:
        found = list(confirmed.filter(pk=parse_number(value) or 0).values_list("email", flat=True))
        if not found:
            text = _("The person in “%(field)s” is not active, or has not confirmed their e-mail address.")
            raise MessageError(text % words)
        return found
    if not is_email(value):
        raise MessageError(_("“%(field)s” does not hold an e-mail address.") % words)
    if not confirmed.exists():
        text = _("A company admin has to confirm their e-mail address before workflows write to others.")
        raise MessageError(text)
    return [value]
