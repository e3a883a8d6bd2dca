"""A new password for somebody who forgot theirs: a link by e-mail, for 24 hours and for once.

Nobody is logged in here. The signed ids in the link open the person's own scope, no
other (docs/security.md); Django's token in it dies with the password and the last log-in.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from axes.utils import reset as forget_failures
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.db import transaction
from django.urls import reverse
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from ticketflower.mail import send_mail_from_template, site_address
from ticketflower.tenancy.context import company_scope, own_row_scope
from users.authentication import as_compared
from users.models import CustomUser

_SALT = "users.password_reset"


class LinkDeadError(Exception):
    """The link was used, has run out, or was never one of ours."""


def ask_for_reset(address: str) -> None:
    """Enqueue the mail for whoever has this address; one mail at a time for an address.

    Does the same whether or not anybody has it: looking up happens in the job.
    """
    address = as_compared(address)
    job = app.configure_task("users.jobs.send_password_reset", queueing_lock=f"password_reset:{address}")
    with suppress(AlreadyEnqueued), transaction.atomic():  # a savepoint: the request goes on
        job.defer(address=address)


def send_reset_link(address: str) -> None:
    """Send the link to the active person with this address, if there is one. For the job."""
    try:
        person = CustomUser.objects.get_by_natural_key(address)
    except CustomUser.DoesNotExist:
        return
    if not person.is_active:
        return
    link = site_address(reverse("password_reset_confirm", args=[token_for(person)]))
    send_mail_from_template(
        "password_reset",
        to=person.email,
        context={"person": person, "link": link, "hours": settings.PASSWORD_RESET_TIMEOUT // 3600},
    )


def token_for(person: CustomUser) -> str:
    """What makes the link theirs."""
    proof = default_token_generator.make_token(person)
    return signing.dumps([person.pk, person.company_id, proof], salt=_SALT)


def person_by_token(token: str) -> CustomUser:
    """The person whom the link is for. Raises LinkDeadError."""
    with _behind(token) as person:
        return person


def reset_password(token: str, *, password: str) -> None:
    """Give the person the new password; their sessions and the link end by that.

    Failed log-ins are forgotten, so that the new password works at once. Raises LinkDeadError,
    also for the second of two at once.
    """
    with _behind(token) as person:
        person.set_password(password)
        person.save(update_fields=["password", "password_changed_at"])
        forget_failures(username=as_compared(person.email))


@contextmanager
def _behind(token: str) -> Iterator[CustomUser]:
    """The person whom the link is for, locked, in their own scope."""
    try:
        person_id, company_id, proof = signing.loads(
            token, salt=_SALT, max_age=settings.PASSWORD_RESET_TIMEOUT
        )
    except signing.BadSignature:
        raise LinkDeadError from None
    scope = company_scope(company_id, person_id=person_id) if company_id else own_row_scope(person_id)
    with transaction.atomic(), scope:
        # Not `objects`: staff, who belong to no company, have no scope that it would know.
        people = CustomUser._base_manager.select_for_update()
        person = people.filter(pk=person_id, is_active=True).first()
        if person is None or not default_token_generator.check_token(person, proof):
            raise LinkDeadError
        yield person
