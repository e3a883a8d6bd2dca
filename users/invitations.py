"""Invitations: sending, resending, withdrawing and accepting them (`docs/access.md`, "Who may do what").

The link contains the ids of the company and the invitation and the invitation's `nonce`, signed by
the site. It opens the ordinary scope of that company, so it does not bypass the walls.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet, TextChoices, Value
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from ticketflower.mail import send_mail_from_template, site_address
from ticketflower.tenancy.context import company_scope, current_company_id
from users import limits
from users.authentication import normalize_address
from users.company_settings import lock_company
from users.models import CompanyRole, CustomUser, Invitation, InvitationRole
from users.people import give_company_roles, people_changed
from users.signup import create_person, give_system_roles
from users.system_roles import SystemRoleName

SALT = "users.invitation"
MAX_SMALL_COMPANY = 20
"""A company with more people than this may send more invitations a day."""


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

    Raise AlreadyMemberError, AlreadyInvitedError or LimitReachedError. Other companies are not
    searched for the address, so nothing about them is revealed.
    """
    with transaction.atomic():
        lock_company()
        _refuse_duplicate(email)
        _count_mail(email)
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
        enqueue_mail(invitation)  # in the transaction, so that a rollback also removes the job
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
    """Send a new link with a new expiry date, which makes the old link invalid.

    Raise NotPendingError or LimitReachedError.
    """
    with transaction.atomic():
        row = _lock_pending(invitation)
        _count_mail(row.email)
        row.nonce = _new_nonce()
        row.expires_at = _new_expiry()
        row.save(update_fields=["nonce", "expires_at"])
        enqueue_mail(row)
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


def _count_mail(email: str) -> None:
    """Count an e-mail to a stranger, sent by the company whose scope is open. Raise LimitReachedError."""
    company_id = current_company_id()
    if CustomUser.objects.active()[: MAX_SMALL_COMPANY + 1].count() <= MAX_SMALL_COMPANY:
        limits.count("INVITATIONS_OF_SMALL_COMPANY", company_id)
    limits.count("INVITATIONS_OF_COMPANY", company_id)
    limits.count("INVITATIONS_TO_ADDRESS", normalize_address(email))


# --- The mail ----------------------------------------------------------------------


def enqueue_mail(invitation: Invitation) -> None:
    """Enqueue the e-mail with the current link."""
    job = app.configure_task("users.jobs.send_invitation")
    job.defer(company_id=invitation.company_id, invitation_id=invitation.pk)


def send_what_waited(person: CustomUser) -> None:
    """Enqueue the invitations that waited until the person's address was confirmed."""
    for invitation in Invitation.objects.pending().filter(created_by=person):
        enqueue_mail(invitation)


def send_invitation_mail(*, company_id: int, invitation_id: int) -> None:
    """Send the current link, unless the invitation was answered or has expired. This is called by the job.

    It waits until the inviter has confirmed their own address (`users/confirmation.py`).
    """
    with company_scope(company_id), transaction.atomic():
        pending: QuerySet[Invitation] = Invitation.objects.pending().select_related("company", "created_by")
        invitation = pending.filter(pk=invitation_id).first()
    if invitation is None or not invitation.is_valid(timezone.now()):
        return
    if not _was_mailed(invitation):
        return
    context = {
        "company": invitation.company.name,
        "inviter": invitation.created_by,
        "link": link_of(invitation),
        "days": settings.INVITATION_DAYS,
    }
    send_mail_from_template("invitation", to=invitation.email, context=context)


def link_of(invitation: Invitation) -> str:
    """Return the address at which the invitation is accepted."""
    return site_address(reverse("invitation_accept", args=[token_for(invitation)]))


def token_for(invitation: Invitation) -> str:
    """Return the signed token of the link, which contains the ids and the nonce."""
    values = {"c": invitation.company_id, "i": invitation.pk, "n": invitation.nonce}
    return signing.dumps(values, salt=SALT)


class DeadLinkReason(TextChoices):
    """Reasons why a genuine link no longer works; the labels are headings."""

    USED = "used", _("This invitation has already been accepted")
    WITHDRAWN = "withdrawn", _("This invitation was withdrawn")
    REPLACED = "replaced", _("A newer invitation was sent to you")
    EXPIRED = "expired", _("This invitation has expired")


class UnknownLinkError(Exception):
    """The link was not created by this site, or is incomplete."""


class DeadLinkError(Exception):
    """The link is genuine but no longer valid."""

    def __init__(self, why: DeadLinkReason) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Link:
    """The content of a link whose signature was verified."""

    company_id: int
    invitation_id: int
    nonce: str


def read_link(token: str) -> Link:
    """Return the content of the token. Raise UnknownLinkError unless this site signed it."""
    try:
        values = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise UnknownLinkError from None
    return Link(values["c"], values["i"], values["n"])


def find_invitation(link: Link, *, lock: bool = False) -> Invitation:
    """Return the invitation that belongs to the link, in the scope of its company.

    Raise UnknownLinkError or DeadLinkError if it can't be accepted.
    """
    rows = Invitation.objects.select_for_update() if lock else Invitation.objects.select_related("company")
    invitation = rows.filter(pk=link.invitation_id).first()
    if invitation is None:
        raise UnknownLinkError
    why = _dead_link_reason(invitation, link)
    if why is not None:
        raise DeadLinkError(why)
    return invitation


def _dead_link_reason(invitation: Invitation, link: Link) -> DeadLinkReason | None:
    if invitation.accepted_at is not None:
        return DeadLinkReason.USED
    if invitation.withdrawn_at is not None:
        return DeadLinkReason.WITHDRAWN
    if not constant_time_compare(invitation.nonce, link.nonce):
        return DeadLinkReason.REPLACED
    return None if invitation.is_valid(timezone.now()) else DeadLinkReason.EXPIRED


def accept(link: Link, *, first_name: str, last_name: str, password: str) -> CustomUser:
    """Create the account, with those roles of the invitation that still exist, and use up the link.

    Call this in the scope of the link's company. Raise UnknownLinkError, DeadLinkError (also for
    the second of two simultaneous calls) or AddressTakenError.
    """
    with transaction.atomic():
        company = lock_company()  # always locked before the invitation, to avoid deadlocks
        invitation = find_invitation(link, lock=True)
        person = create_person(
            company=company,
            first_name=first_name,
            last_name=last_name,
            email=invitation.email,
            password=password,
            is_email_confirmed=_was_mailed(invitation),
        )
        with company_scope(company.pk, person_id=person.pk):  # from here on, the new person is the actor
            _apply_invitation(invitation, person)
    return person


def _was_mailed(invitation: Invitation) -> bool:
    """Return False if the link was not mailed yet, because the inviter has not confirmed their address."""
    return invitation.created_by is None or invitation.created_by.is_email_confirmed


def _apply_invitation(invitation: Invitation, person: CustomUser) -> None:
    give_system_roles(person, [role for role in SystemRoleName if role in invitation.system_roles])
    give_company_roles(person, list(invitation.role_rows.values_list("role_id", flat=True)))
    invitation.accepted_at = timezone.now()
    invitation.accepted_by = person
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    people_changed.send(CustomUser)
