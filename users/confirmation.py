"""Confirmation of the e-mail address with which a company was signed up (`docs/access.md`, "People").

Until then, the person may do everything, but invitations wait, so that nobody gets mail from an unverified
company.
"""

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from procrastinate.contrib.django import app

from ticketflower.mail import send_mail_from_template, site_address
from ticketflower.tenancy.context import company_scope, nobody_scope
from users import limits
from users.authentication import normalize_address
from users.invitations import send_what_waited
from users.models import CustomUser

_SALT = "users.confirmation"


class InvalidConfirmationError(Exception):
    """The link has expired, belongs to another address, or was not created by this site."""


def ask_for_confirmation(person: CustomUser) -> None:
    """Enqueue the e-mail with the link. Raise LimitReachedError."""
    limits.count("LINKS_TO_ADDRESS", normalize_address(person.email))
    job = app.configure_task("users.jobs.send_confirmation")
    job.defer(company_id=person.company_id, person_id=person.pk)


def send_confirmation_mail(*, company_id: int, person_id: int) -> None:
    """Send the link, unless the address is confirmed. This is called by the job."""
    with company_scope(company_id), transaction.atomic():
        person = CustomUser.objects.filter(pk=person_id, is_email_confirmed=False).first()
    if person is not None:
        link = site_address(reverse("email_confirm", args=[token_for(person)]))
        context = {"person": person, "link": link, "days": settings.INVITATION_DAYS}
        send_mail_from_template("confirmation", to=person.email, context=context)


def token_for(person: CustomUser) -> str:
    """Return the signed token for the person's link."""
    return signing.dumps([person.company_id, person.pk, person.email], salt=_SALT)


def confirm_email(token: str) -> None:
    """Confirm the address in the link, and send waiting invitations; do nothing the second time.

    Raise InvalidConfirmationError.
    """
    company_id, person_id, email = read_token(token)
    # The browser in which the link is opened may belong to anybody.
    with nobody_scope(), company_scope(company_id, person_id=person_id), transaction.atomic():
        people = CustomUser.objects.select_for_update()
        person = people.filter(pk=person_id, email=email).first()
        if person is None:
            raise InvalidConfirmationError
        if not person.is_email_confirmed:
            person.is_email_confirmed = True
            person.save(update_fields=["is_email_confirmed"])
            send_what_waited(person)


def read_token(token: str) -> tuple[int, int, str]:
    """Return the ids of company and person, and the address. Raise InvalidConfirmationError."""
    try:
        company_id, person_id, email = signing.loads(
            token, salt=_SALT, max_age=settings.INVITATION_DAYS * 24 * 60 * 60
        )
    except signing.BadSignature:
        raise InvalidConfirmationError from None
    return company_id, person_id, email
