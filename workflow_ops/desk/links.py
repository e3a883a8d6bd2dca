"""Functions that link and unlink tickets, and find other tickets of the same requester."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from ticketflower.prepared_queries import PreparedQuery
from users.access import is_company_admin
from users.models import CustomUser
from workflow_design.access import may_administer_workflow
from workflow_ops.access import administered_tickets, may_see_ticket
from workflow_ops.engine.run_rows import one_transaction
from workflow_ops.engine.timeline import record
from workflow_ops.history.links import HAS_DUPLICATE
from workflow_ops.models import LinkKind, TicketInstance, TicketLink, TimelineKind
from workflow_ops.refusals import NotAllowedError, WrongStatusError

MAX_OTHERS = 5
REVERSED = {LinkKind.RELATES: "RELATES", LinkKind.DUPLICATE: HAS_DUPLICATE}
"""How the page of the other ticket describes a link."""


def link_tickets(ticket: TicketInstance, other: TicketInstance, *, kind: LinkKind, by: CustomUser) -> None:
    """Link a ticket to another: they relate, or it is a duplicate of the other.

    Raise NotAllowedError unless the person administers the ticket and may see the other, and WrongStatusError
    if both are the same ticket or already linked.
    """
    with one_transaction():
        if not _administers(by, ticket) or not may_see_ticket(by, other):
            raise NotAllowedError
        if ticket.pk == other.pk:
            raise WrongStatusError(_("A ticket can't be linked to itself."))
        try:
            with transaction.atomic():  # a savepoint, so that the refusal can be shown
                TicketLink.objects.create(kind=kind, ticket=ticket, other=other, **by.as_author())
        except IntegrityError as error:
            text = _("The ticket is linked to #%(number)d already.")
            raise WrongStatusError(text % {"number": other.number}) from error
        record(ticket, TimelineKind.LINKED, by=by, link=kind, other=other.number)
        record(other, TimelineKind.LINKED, by=by, link=REVERSED[kind], other=ticket.number)


def find_links() -> QuerySet[TicketLink]:
    """Return the links, with the related rows that `unlink_tickets` needs."""
    return TicketLink.objects.select_related(
        "ticket__workflow_instance__workflow", "other__workflow_instance__workflow"
    )


def unlink_tickets(link: TicketLink, *, by: CustomUser) -> None:
    """Remove a link. Raise NotAllowedError unless the person administers one of its tickets."""
    with one_transaction():
        if not _administers(by, link.ticket) and not _administers(by, link.other):
            raise NotAllowedError
        if TicketLink.objects.filter(pk=link.pk).delete()[0]:  # nothing if it was already removed
            kind = LinkKind(link.kind)
            record(link.ticket, TimelineKind.UNLINKED, by=by, link=kind, other=link.other.number)
            record(link.other, TimelineKind.UNLINKED, by=by, link=REVERSED[kind], other=link.ticket.number)


def _administers(person: CustomUser, ticket: TicketInstance) -> bool:
    return may_administer_workflow(person, ticket.workflow_instance.workflow)


def _of_person(*, submitter: int, ticket: int) -> QuerySet[TicketInstance]:
    return TicketInstance.objects.filter(created_by=submitter).exclude(pk=ticket)


_NEWEST_OF_PERSON = PreparedQuery(
    lambda **theirs: _of_person(**theirs).order_by("-number")[:MAX_OTHERS],
    *("id", "number", "subject", "type_title", "status"),
)


def other_tickets_of_requester(ticket: TicketInstance, *, reader: CustomUser) -> dict[str, Any] | None:
    """Return the requester's newest other tickets that the reader administers, and the URL of all of them."""
    if ticket.created_by_id is None:
        return None
    theirs = {"submitter": ticket.created_by_id, "ticket": ticket.pk}
    if is_company_admin(reader):  # may administer all tickets
        others = _NEWEST_OF_PERSON.rows(**theirs)
    else:
        mine = administered_tickets(reader).filter(pk__in=_of_person(**theirs).values("pk"))
        others = list(mine.order_by("-number")[:MAX_OTHERS])
    return {
        "tickets": others,
        "url": f"{reverse('manage_tickets')}?status=all&submitter={ticket.created_by_id}",
    }
