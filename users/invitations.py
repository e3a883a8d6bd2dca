"""Inviting people: the link that they are sent, and what admins do with it (`product.md`, "Company admin").

The link holds the company's and the invitation's id and the invitation's `nonce`, signed
by the site. It opens that company's ordinary scope, and no way past the walls.
"""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from ticketflower.mail import send_mail_from_template, site_address
from ticketflower.tenancy.context import company_scope
from users.company_settings import lock_company
from users.models import CompanyRole, CustomUser, Invitation, InvitationRole

SALT = "users.invitation"


class AlreadyHereError(Exception):
    """Somebody of the company has this address."""

    def __init__(self, person: CustomUser) -> None:
        super().__init__(person.pk)
        self.person = person


class AlreadyInvitedError(Exception):
    """An invitation to this address is pending."""

    def __init__(self, invitation: Invitation) -> None:
        super().__init__(invitation.pk)
        self.invitation = invitation


class NotPendingError(Exception):
    """The invitation was accepted or withdrawn."""


def invite(
    inviter: CustomUser, *, email: str, system_roles: Collection[str], company_role_ids: Collection[int]
) -> Invitation:
    """Ask somebody to join the company whose scope is open, and enqueue the mail.

    Raises AlreadyHereError and AlreadyInvitedError. Whether the address belongs to
    another company is not looked at, and so not told.
    """
    with transaction.atomic():
        lock_company()
        _refuse_known(email)
        invitation = Invitation.objects.create(
            email=CustomUser.objects.normalize_email(email),
            system_roles=list(system_roles),
            nonce=_new_nonce(),
            expires_at=_new_end(),
            **inviter.as_author(),
        )
        InvitationRole.objects.bulk_create(
            InvitationRole(invitation=invitation, role=role)
            for role in CompanyRole.objects.filter(pk__in=company_role_ids)
        )
        _enqueue_mail(invitation)
    return invitation


def _refuse_known(email: str) -> None:
    # Compared by the database, as its unique constraints do.
    address = Lower(Value(email))
    person = CustomUser.objects.alias(address=Lower("email")).filter(address=address).first()
    if person is not None:
        raise AlreadyHereError(person)
    invitation = Invitation.objects.pending().alias(address=Lower("email")).filter(address=address).first()
    if invitation is not None:
        raise AlreadyInvitedError(invitation)


def resend(invitation: Invitation) -> Invitation:
    """Send a new link, valid from now on; the one that was sent before is dead. Raises NotPendingError."""
    with transaction.atomic():
        row = _lock_pending(invitation)
        row.nonce = _new_nonce()
        row.expires_at = _new_end()
        row.save(update_fields=["nonce", "expires_at"])
        _enqueue_mail(row)
    return row


def withdraw(invitation: Invitation) -> None:
    """Make its link worthless. Raises NotPendingError."""
    with transaction.atomic():
        row = _lock_pending(invitation)
        row.withdrawn_at = timezone.now()
        row.save(update_fields=["withdrawn_at"])


def _lock_pending(invitation: Invitation) -> Invitation:
    row = Invitation.objects.select_for_update().pending().filter(pk=invitation.pk).first()
    if row is None:
        raise NotPendingError
    return row


def _new_nonce() -> str:
    return secrets.token_urlsafe(16)


def _new_end() -> datetime:
    return timezone.now() + timedelta(days=settings.INVITATION_DAYS)


# --- The mail ----------------------------------------------------------------------


def _enqueue_mail(invitation: Invitation) -> None:
    job = app.configure_task("users.jobs.send_invitation")
    job.defer(company_id=invitation.company_id, invitation_id=invitation.pk)


def send_invitation_mail(*, company_id: int, invitation_id: int) -> None:
    """Send the link as it is now; nothing, if it was answered or has run out meanwhile. For the job."""
    with company_scope(company_id), transaction.atomic():
        pending: QuerySet[Invitation] = Invitation.objects.pending().select_related("company", "created_by")
        invitation = pending.filter(pk=invitation_id).first()
    if invitation is None or not invitation.is_valid(timezone.now()):
        return
    context = {
        "company": invitation.company.name,
        "inviter": invitation.created_by,
        "link": site_address(reverse("invitation_accept", args=[token_for(invitation)])),
        "days": settings.INVITATION_DAYS,
    }
    send_mail_from_template("invitation", to=invitation.email, context=context)


def token_for(invitation: Invitation) -> str:
    """What makes the link: the ids and the nonce under the site's signature."""
    values = {"c": invitation.company_id, "i": invitation.pk, "n": invitation.nonce}
    return signing.dumps(values, salt=SALT)
