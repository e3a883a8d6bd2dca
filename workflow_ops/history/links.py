"""The links of a ticket to others, as pages show them."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from users.models import CustomUser
from workflow_ops.access import visible_tickets
from workflow_ops.models import LinkKind, TicketInstance, TicketLink

MAX_LINKS = 20
HAS_DUPLICATE = "HAS_DUPLICATE"
"""The kind of a link as seen from the ticket of which the other one is a duplicate."""


def links_of(ticket: TicketInstance, *, reader: CustomUser) -> list[dict[str, Any]]:
    """Return the links of the ticket to others that the reader may see, newest first."""
    links = TicketLink.objects.filter(Q(ticket=ticket) | Q(other=ticket)).select_related("ticket", "other")
    found = list(links.order_by("-pk")[:MAX_LINKS])
    pairs = [(link, link.other if link.ticket_id == ticket.pk else link.ticket) for link in found]
    ids = [other.pk for _link, other in pairs]
    visible = set(visible_tickets(reader).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    return [
        {
            "pk": link.pk,
            "kind": _kind(link, ticket),
            "words": _words(link, ticket),
            "name": other.name,
            "status": other.status,
            "number": other.number,
        }
        for link, other in pairs
        if other.pk in visible
    ]


def _words(link: TicketLink, ticket: TicketInstance) -> str:
    if _kind(link, ticket) == HAS_DUPLICATE:
        return _("Has the duplicate")
    return str(LinkKind(link.kind).label)


def _kind(link: TicketLink, ticket: TicketInstance) -> str:
    """Return the kind of the link as seen from this ticket."""
    return HAS_DUPLICATE if link.kind == LinkKind.DUPLICATE and link.other_id == ticket.pk else link.kind
