"""Password resets by e-mail: a link that works once and for 24 hours.

There is no log-in here. The signed ids in the link open only the person's own scope
(docs/security.md). The link also contains Django's token, which becomes invalid with the next
link, password change or log-in.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from ticketflower.mail import send_mail_from_template, site_address
from ticketflower.tenancy.context import company_scope, own_row_scope
from users import limits
from users.authentication import normalize_address
from users.models import CustomUser

_SALT = "users.password_reset"


class _Proofs(PasswordResetTokenGenerator):
    """Django's token generator, except that only the last token that was sent is valid."""

    def _make_hash_value(self, user: AbstractBaseUser, timestamp: int) -> str:
        assert isinstance(user, CustomUser)
        return f"{super()._make_hash_value(user, timestamp)}{user.reset_link_sent_at}"


_proofs = _Proofs()


class InvalidResetLinkError(Exception):
    """The link was used, has expired, or was not created by this site."""


def ask_for_reset(address: str, *, place: str) -> None:
    """Enqueue the e-mail for this address; only one at a time can be queued for an address.

    This does the same for unknown addresses, because only the job looks up the person. Raise
    LimitReachedError.
    """
    address = normalize_address(address)
    with transaction.atomic():  # so that a use refused by one limit does not count for the other
        limits.count("LINKS_TO_ADDRESS", address)
        limits.count("RESET_MAILS_FROM_PLACE", place)
    job = app.configure_task("users.jobs.send_password_reset", queueing_lock=f"password_reset:{address}")
    with suppress(AlreadyEnqueued), transaction.atomic():  # a savepoint, so that the request can continue
        job.defer(address=address)


def send_reset_link(address: str) -> None:
    """Send the link to the active person with this address, if there is one. This is called by the job."""
    try:
        person = CustomUser.objects.get_by_natural_key(address)
    except CustomUser.DoesNotExist:
        return
    if not person.is_active:
        return
    with transaction.atomic(), person.scope():
        person.reset_link_sent_at = timezone.now()
        person.save(update_fields=["reset_link_sent_at"])
    link = site_address(reverse("password_reset_confirm", args=[token_for(person)]))
    send_mail_from_template(
        "password_reset",
        to=person.email,
        context={"person": person, "link": link, "hours": settings.PASSWORD_RESET_TIMEOUT // 3600},
    )


def token_for(person: CustomUser) -> str:
    """Return the signed token of the person's link."""
    proof = _proofs.make_token(person)
    return signing.dumps([person.pk, person.company_id, proof], salt=_SALT)


def person_by_token(token: str) -> CustomUser:
    """Return the person to whom the link belongs. Raise InvalidResetLinkError."""
    with _locked_person(token) as person:
        return person


def reset_password(token: str, *, password: str) -> None:
    """Set the person's new password, which ends their sessions and makes the link invalid.

    Failed log-ins are forgotten, so that the new password works at once. Raise
    InvalidResetLinkError, also for the second of two simultaneous calls.
    """
    with _locked_person(token) as person:
        person.set_password(password)
        person.save(update_fields=["password", "password_changed_at"])
        limits.forget("FAILED_LOG_INS_OF_ACCOUNT", normalize_address(person.email))


@contextmanager
def _locked_person(token: str) -> Iterator[CustomUser]:
    """Yield the person to whom the link belongs, with a locked row, in their own scope."""
    try:
        person_id, company_id, proof = signing.loads(
            token, salt=_SALT, max_age=settings.PASSWORD_RESET_TIMEOUT
        )
    except signing.BadSignature:
        raise InvalidResetLinkError from None
    scope = company_scope(company_id, person_id=person_id) if company_id else own_row_scope(person_id)
    with transaction.atomic(), scope:
        # `objects` requires a company's scope, which staff don't have.
        people = CustomUser._base_manager.select_for_update()
        person = people.filter(pk=person_id, is_active=True).first()
        if person is None or not _proofs.check_token(person, proof):
            raise InvalidResetLinkError
        yield person
