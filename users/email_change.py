"""Changing an e-mail address: the new one confirms it, the old one is notified (`docs/access.md`, "People").

The signed link names the person, the old and the new address. It works until the address changes. Then a
database trigger ends the person's sessions.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from procrastinate.contrib.django import app

from ticketflower.mail import send_mail_from_template, site_address
from ticketflower.tenancy.context import company_scope, nobody_scope
from users import limits
from users.authentication import normalize_address
from users.invitations import send_what_waited
from users.models import CustomUser
from users.signup import AddressTakenError

_SALT = "users.email_change"


class InvalidEmailLinkError(Exception):
    """The link was used, has expired, or was not created by this site."""


@dataclass(frozen=True, slots=True)
class EmailChange:
    """The content of a link."""

    company_id: int
    person_id: int
    old: str
    new: str


def ask_for_change(person: CustomUser, *, email: str) -> None:
    """Enqueue the e-mail with the link to the new address. Raise AddressTakenError or LimitReachedError.

    Only the person's company is searched for the address, so nothing about others is revealed.
    """
    if CustomUser.objects.filter(email__iexact=email).exists():
        raise AddressTakenError
    with transaction.atomic():  # so that a use refused by one limit does not count for the other
        limits.count("ADDRESS_CHANGES_OF_COMPANY", person.company_id)
        limits.count("LINKS_TO_ADDRESS", normalize_address(email))
    token = signing.dumps(
        [person.company_id, person.pk, person.email, CustomUser.objects.normalize_email(email)], salt=_SALT
    )
    app.configure_task("users.jobs.send_email_change").defer(token=token)


def send_change_mail(token: str) -> None:
    """Send the link to the new address. This is called by the job."""
    context = {
        "old": read_token(token).old,
        "link": site_address(reverse("email_change_confirm", args=[token])),
        "days": settings.INVITATION_DAYS,
    }
    send_mail_from_template("email_change", to=read_token(token).new, context=context)


def send_changed_mail(*, old: str, new: str) -> None:
    """Tell the old address that it was changed. This is called by the job."""
    send_mail_from_template("email_changed", to=old, context={"new": new})


def read_token(token: str) -> EmailChange:
    """Return the content of the link. Raise InvalidEmailLinkError."""
    try:
        values = signing.loads(token, salt=_SALT, max_age=settings.INVITATION_DAYS * 24 * 60 * 60)
    except signing.BadSignature:
        raise InvalidEmailLinkError from None
    return EmailChange(*values)


def change_email(token: str) -> None:
    """Give the person the new address, which ends all of their sessions, and tell the old address.

    This confirms the new address, so waiting invitations are sent. Raise InvalidEmailLinkError (also for a
    second use) or AddressTakenError.
    """
    change = read_token(token)
    # The browser in which the link is opened may belong to anybody.
    with (
        nobody_scope(),
        company_scope(change.company_id, person_id=change.person_id),
        transaction.atomic(),
    ):
        people = CustomUser.objects.active().select_for_update()
        person = people.filter(pk=change.person_id, email=change.old).first()
        if person is None:
            raise InvalidEmailLinkError
        waited = not person.is_email_confirmed
        person.email, person.is_email_confirmed = change.new, True
        try:
            with transaction.atomic():  # a savepoint, so that the caller's transaction can continue
                person.save(update_fields=["email", "is_email_confirmed"])
        except IntegrityError:
            raise AddressTakenError from None
        if waited:
            send_what_waited(person)
        app.configure_task("users.jobs.send_email_changed").defer(old=change.old, new=change.new)
