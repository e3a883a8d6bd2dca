"""Following tickets: followers are notified of what happens, for as long as they may see the ticket."""

from __future__ import annotations

from dataclasses import dataclass

from users.filters import NAME_IN_ORDER
from users.models import CustomUser, PersonQuerySet
from workflow_design.access import may_administer_workflow
from workflow_ops.access import may_see_ticket, submitted
from workflow_ops.comments.audience import people_who_may_read
from workflow_ops.engine.run_rows import one_transaction
from workflow_ops.models import Comment, TicketFollower, TicketInstance
from workflow_ops.refusals import NotAllowedError

MAX_SHOWN = 20


def follow(ticket: TicketInstance, person: CustomUser) -> None:
    """Let the person get notifications about the ticket, while they may see it. Raise NotAllowedError."""
    with one_transaction():
        # TicketFlower's staff don't belong to the company, and service accounts get no notifications.
        if person.impersonating or person.is_service_account or not may_see_ticket(person, ticket):
            raise NotAllowedError
        row = TicketFollower(ticket=ticket, person=person)
        TicketFollower.objects.bulk_create([row], ignore_conflicts=True)


def unfollow(ticket: TicketInstance, person: CustomUser) -> None:
    """Stop notifications about the ticket that the person gets only as a follower."""
    with one_transaction():
        TicketFollower.objects.filter(ticket=ticket, person=person.pk).delete()


def followers_of(ticket: TicketInstance) -> PersonQuerySet:
    """Return the people who follow the ticket and may still see it."""
    return people_who_may_read(Comment(ticket=ticket)).filter(
        pk__in=TicketFollower.objects.filter(ticket=ticket).values("person")
    )


@dataclass(frozen=True, slots=True)
class Following:
    """Whether the reader follows the ticket and may begin to; for its admins also the names of all who do."""

    is_own: bool
    """The reader is the requester, who gets the same notifications as followers."""
    is_following: bool
    may_follow: bool
    names: list[str]


def following(ticket: TicketInstance, reader: CustomUser) -> Following:
    """Return what the ticket's page shows about following, in at most one statement.

    `ticket` is as `workflow_ops.work.ticket_rows.read_ticket` returns it for the reader.
    """
    people: list[CustomUser] = []
    has_followers, is_followed = (getattr(ticket, name) for name in ("has_followers", "is_followed"))
    if has_followers and may_administer_workflow(reader, ticket.workflow_instance.workflow):
        people = list(followers_of(ticket).order_by(NAME_IN_ORDER)[:MAX_SHOWN])
    return Following(
        is_own=submitted(reader, ticket),
        is_following=is_followed,
        may_follow=not reader.impersonating,
        names=[person.get_name_and_state() for person in people],
    )
