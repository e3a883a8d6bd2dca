"""Accepting an invitation: a link becomes a person (`users.invitations` makes the link)."""

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


class WhyDead(TextChoices):
    """Why a link that was once good opens nothing; the labels are headings."""

    USED = "used", _("This invitation was accepted already")
    WITHDRAWN = "withdrawn", _("This invitation was withdrawn")
    REPLACED = "replaced", _("A newer invitation was sent to you")
    EXPIRED = "expired", _("This invitation has run out")


class UnknownLinkError(Exception):
    """The link is not one of ours, or not all of it."""


class DeadLinkError(Exception):
    """The link was good once."""

    def __init__(self, why: WhyDead) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says, its signature checked."""

    company_id: int
    invitation_id: int
    nonce: str


def read_link(token: str) -> Link:
    """What the token says. Raises UnknownLinkError unless the site has signed it."""
    try:
        values = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise UnknownLinkError from None
    return Link(values["c"], values["i"], values["n"])


def invitation_of(link: Link, *, lock: bool = False) -> Invitation:
    """The invitation that the link is for, in the scope of its company.

    Raises UnknownLinkError and DeadLinkError.
    """
    rows = Invitation.objects.select_for_update() if lock else Invitation.objects.select_related("company")
    invitation = rows.filter(pk=link.invitation_id).first()
    if invitation is None:
        raise UnknownLinkError
    why = _why_dead(invitation, link)
    if why is not None:
        raise DeadLinkError(why)
    return invitation


def _why_dead(invitation: Invitation, link: Link) -> WhyDead | None:
    if invitation.accepted_at is not None:
        return WhyDead.USED
    if invitation.withdrawn_at is not None:
        return WhyDead.WITHDRAWN
    if not constant_time_compare(invitation.nonce, link.nonce):
        return WhyDead.REPLACED
    return None if invitation.is_valid(timezone.now()) else WhyDead.EXPIRED


def accept(link: Link, *, first_name: str, last_name: str, password: str) -> CustomUser:
    """Make the person, with the roles of the invitation that still exist; the link is used up.

    In the scope of the link's company. Raises UnknownLinkError, DeadLinkError (also for the
    second of two at once) and AddressTakenError.
    """
    with transaction.atomic():
        company = lock_company()
        invitation = invitation_of(link, lock=True)
        person = create_person(
            company=company,
            first_name=first_name,
            last_name=last_name,
            email=invitation.email,
            password=password,
        )
        with company_scope(company.pk, person_id=person.pk):  # from here on it is they who act
            _take_up(invitation, person)
    return person


def _take_up(invitation: Invitation, person: CustomUser) -> None:
    give_system_roles(person, [role for role in SystemRoleName if role in invitation.system_roles])
    give_company_roles(person, list(invitation.role_rows.values_list("role_id", flat=True)))
    invitation.accepted_at = timezone.now()
    invitation.accepted_by = person
    invitation.save(update_fields=["accepted_at", "accepted_by"])
