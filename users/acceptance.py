"""Accepting an invitation: a link becomes an account (`users.invitations` creates the link)."""

from dataclasses import dataclass

from django.core import signing
from django.db import transaction
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.context import company_scope
from users.company_settings import lock_company
from users.invitations import SALT
from users.models import CustomUser, Invitation
from users.people import give_company_roles
from users.signup import create_person, give_system_roles
from users.system_roles import SystemRoleName


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
        )
        with company_scope(company.pk, person_id=person.pk):  # from here on, the new person is the actor
            _apply_invitation(invitation, person)
    return person


def _apply_invitation(invitation: Invitation, person: CustomUser) -> None:
    give_system_roles(person, [role for role in SystemRoleName if role in invitation.system_roles])
    give_company_roles(person, list(invitation.role_rows.values_list("role_id", flat=True)))
    invitation.accepted_at = timezone.now()
    invitation.accepted_by = person
    invitation.save(update_fields=["accepted_at", "accepted_by"])
