"""Invitations: creating, sending, resending and withdrawing them (`docs/access.md`, "Who may do what").

The link contains the ids of the company and the invitation and the invitation's `nonce`, signed by
the site. It opens the ordinary scope of that company, so it does not bypass the walls.
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


class AlreadyMemberError(Exception):
    """A person of the company has this address."""

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
    """Invite a person to the company whose scope is open, and enqueue the e-mail.

    Raise AlreadyMemberError or AlreadyInvitedError. Other companies are not searched for the
    address, so nothing about them is revealed.
    """
    with transaction.atomic():
        lock_company()
        _refuse_duplicate(email)
        invitation = Invitation.objects.create(
            email=CustomUser.objects.normalize_email(email),
            system_roles=list(system_roles),
            nonce=_new_nonce(),
            expires_at=_new_expiry(),
            **inviter.as_author(),
        )
        InvitationRole.objects.bulk_create(
            InvitationRole(invitation=invitation, role=role)
            for role in CompanyRole.objects.filter(pk__in=company_role_ids)
        )
        _enqueue_mail(invitation)  # in the transaction, so that a rollback also removes the job
    return invitation


def _refuse_duplicate(email: str) -> None:
    # The database compares the addresses, so that the result agrees with its unique constraints.
    address = Lower(Value(email))
    person = CustomUser.objects.alias(address=Lower("email")).filter(address=address).first()
    if person is not None:
        raise AlreadyMemberError(person)
    invitation = Invitation.objects.pending().alias(address=Lower("email")).filter(address=address).first()
    if invitation is not None:
        raise AlreadyInvitedError(invitation)


def resend(invitation: Invitation) -> Invitation:
    """Send a new link with a new expiry date, which makes the old link invalid. Raise NotPendingError."""
    with transaction.atomic():
        row = _lock_pending(invitation)
        row.nonce = _new_nonce()
        row.expires_at = _new_expiry()
        row.save(update_fields=["nonce", "expires_at"])
        _enqueue_mail(row)
    return row


def withdraw(invitation: Invitation) -> None:
    """Make the link of an invitation invalid. Raise NotPendingError."""
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


def _new_expiry() -> datetime:
    return timezone.now() + timedelta(days=settings.INVITATION_DAYS)


# --- The mail ----------------------------------------------------------------------


def _enqueue_mail(invitation: Invitation) -> None:
    job = app.configure_task("users.jobs.send_invitation")
    job.defer(company_id=invitation.company_id, invitation_id=invitation.pk)


def send_invitation_mail(*, company_id: int, invitation_id: int) -> None:
    """Send the current link, unless the invitation was answered or has expired. This is called by the job."""
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
    """Return the signed token of the link, which contains the ids and the nonce."""
    values = {"c": invitation.company_id, "i": invitation.pk, "n": invitation.nonce}
    return signing.dumps(values, salt=SALT)
