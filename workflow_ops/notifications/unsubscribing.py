"""Unsubscribe links in e-mails (RFC 8058), without a log-in (`docs/security.md`, "Unsubscribing").

The signed link names the person and the kinds, and works only for these. It never expires, because e-mails
are kept for years, and all that it can do is to end e-mails.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from django.core import signing
from django.db import transaction
from django.urls import reverse

from ticketflower.tenancy.context import company_scope, nobody_scope
from users.models import CustomUser
from workflow_ops.models import Notification, NotificationKind, NotificationWay
from workflow_ops.notifications.forms import choose
from workflow_ops.notifications.recipients import ways_of

SALT: Final = "workflow_ops.unsubscribe"
_BY_MAIL: Final = (NotificationWay.MAIL, NotificationWay.DAILY)


class InvalidLinkError(Exception):
    """The link was not created by this site, or its person is gone."""


@dataclass(frozen=True, slots=True)
class Unsubscription:
    """The content of a link."""

    company_id: int
    person_id: int
    kinds: list[NotificationKind]


def unsubscribe_path(person: CustomUser, kinds: Sequence[NotificationKind]) -> str:
    """Return the path of the link that unsubscribes the person from e-mails of these kinds."""
    signer = signing.Signer(salt=SALT)
    token = signer.sign_object([person.company_id, person.pk, [kind.value for kind in kinds]])
    return reverse("notifications_unsubscribe", args=[token])


def read_link(token: str) -> Unsubscription:
    """Return the content of a link, without kinds that no longer exist. Raise InvalidLinkError."""
    try:
        company_id, person_id, kinds = signing.Signer(salt=SALT).unsign_object(token)
    except signing.BadSignature:
        raise InvalidLinkError from None
    known = [NotificationKind(kind) for kind in kinds if kind in NotificationKind.values]
    return Unsubscription(company_id, person_id, known)


def unsubscribe(link: Unsubscription, kinds: Collection[NotificationKind]) -> None:
    """End e-mails of these kinds for the link's person, who is notified only on the site from then on.

    Notifications that already wait for an e-mail are not sent either. Kinds without e-mails are not changed.
    Raise InvalidLinkError if there is no such person.
    """
    # The browser in which the link is opened may belong to anybody.
    scope = company_scope(link.company_id, person_id=link.person_id)
    with nobody_scope(), scope, transaction.atomic():
        if not CustomUser.objects.filter(pk=link.person_id).exists():
            raise InvalidLinkError
        ways = ways_of([link.person_id])
        wanted = [kind for kind in link.kinds if kind in kinds]
        for kind in wanted:
            if ways[link.person_id, kind] in _BY_MAIL:
                choose(link.person_id, kind, NotificationWay.SITE)
        mailed = Notification.objects.filter(person=link.person_id, kind__in=wanted, way__in=_BY_MAIL)
        mailed.filter(mail__sent_at=None).update(way=NotificationWay.SITE)
