"""Who may read comments and their files (`docs/access.md`, "Comments"), as predicates and querysets.

All code that shows a comment uses this module; the search has the same rule in the database
(`workflow_ops/migrations/0005_search.py`).
"""

from __future__ import annotations

from typing import Final, TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from ticketflower.prepared_queries import PreparedQuery
from users.filters import NAME_IN_ORDER
from users.models import CustomUser, PersonQuerySet
from workflow_design.access import may_administer_workflow, people_who_may_administer
from workflow_ops.access import (
    administered_tickets,
    executable_tasks,
    may_see_ticket,
    requested_or_entered,
    submitted,
)
from workflow_ops.models import (
    Comment,
    FileUpload,
    TaskHolder,
    TicketInstance,
    TimelineEvent,
    WorkflowInstance,
)

RowT = TypeVar("RowT", FileUpload, TimelineEvent)

MAX_OFFERED: Final = 40
"""Maximum number of people that a comment's form offers; others can be mentioned by name in the text."""


def may_read_internal(person: CustomUser, ticket: TicketInstance) -> bool:
    """Return whether the person may read and write internal comments on this ticket.

    They administer it, or have or had a task in it and are neither its requester nor the person who entered
    it.
    """
    if may_administer_workflow(person, ticket.workflow_instance.workflow):
        return True
    if requested_or_entered(person, ticket):
        return False
    holder_ids = ticket.workflow_instance.read_holder_ids
    if holder_ids is not None:
        return person.pk in holder_ids
    return TaskHolder.objects.filter(workflow_instance=ticket.workflow_instance_id, person=person.pk).exists()


def is_internal_at_first(
    person: CustomUser, ticket: TicketInstance, *, reads_internal: bool | None = None
) -> bool:
    """Return whether a new comment of this person is internal unless they choose otherwise.

    `reads_internal` is what `may_read_internal` says, if it is known already.
    """
    # An internal comment can still be made public, but a comment that the requester has read can't be taken
    # back.
    if submitted(person, ticket):
        return False
    return may_read_internal(person, ticket) if reads_internal is None else reads_internal


def tickets_with_internal(person: CustomUser) -> QuerySet[TicketInstance]:
    """Return the tickets whose internal comments the person may read, as `may_read_internal` decides."""
    held = Exists(
        TaskHolder.objects.filter(workflow_instance=OuterRef("workflow_instance"), person=person.pk)
    )
    own = Q(created_by=person.pk) | Q(entered_by=person.pk)
    return administered_tickets(person) | TicketInstance.objects.filter(Q(held) & ~own)


def readable_comments(
    person: CustomUser, ticket: TicketInstance, *, reads_internal: bool | None = None
) -> QuerySet[Comment]:
    """Return the comments of the ticket that the person may read.

    A person who may only do one of the ticket's tasks can read the public ones, on the page of that task.
    `reads_internal` is the result of `may_read_internal`, if it is already known.
    """
    comments = Comment.objects.filter(ticket=ticket)
    if reads_internal is None:
        reads_internal = may_read_internal(person, ticket)
    if reads_internal:
        return comments
    could_do = executable_tasks(person).filter(workflow_instance=ticket.workflow_instance_id)
    may_read_public = may_see_ticket(person, ticket) or could_do.exists()
    return comments.filter(is_internal=False) if may_read_public else comments.none()


def may_read(person: CustomUser, comment: Comment) -> bool:
    """Return whether the person may read this comment, and download its files."""
    return readable_comments(person, comment.ticket).filter(pk=comment.pk).exists()


def wrote(person: CustomUser, comment: Comment) -> bool:
    """Return whether the person wrote this comment; for staff, whether it was the same member of staff."""
    author = {"created_by_id": comment.created_by_id, "impersonator_id": comment.impersonator_id}
    return author == person.as_author()


def without_internal(rows: QuerySet[RowT]) -> QuerySet[RowT]:
    """Exclude rows (of a timeline or of a ticket's files) that belong to an internal comment."""
    return rows.exclude(comment__is_internal=True)


def offered_people(ticket: TicketInstance, *, reader: CustomUser) -> list[CustomUser]:
    """Return the first people, except the reader, who may read a public comment on the ticket, with names.

    The ticket's workflow must be loaded.
    """
    run = ticket.workflow_instance
    return _OFFERED.rows(
        run=run.pk, version=run.workflow_id, requester=ticket.created_by_id, reader=reader.pk
    )


def _offered(*, run: int, version: int, requester: int, reader: int) -> PersonQuerySet:
    ticket = TicketInstance(
        workflow_instance=WorkflowInstance(pk=run, workflow_id=version), created_by_id=requester
    )
    people = people_who_may_read(Comment(ticket=ticket)).exclude(pk=reader)
    return people.order_by(NAME_IN_ORDER)[:MAX_OFFERED]


_OFFERED: Final = PreparedQuery(_offered, "id", "first_name", "last_name", "email")


def people_who_may_read(comment: Comment) -> PersonQuerySet:
    """Return the active people who may see the ticket and read the comment, which need not be stored yet.

    Service accounts are left out, because they get no notifications.
    """
    ticket = comment.ticket
    holders = TaskHolder.objects.filter(workflow_instance=ticket.workflow_instance_id, person=OuterRef("pk"))
    administer = people_who_may_administer([ticket.workflow_instance.workflow_id])
    if comment.is_internal:
        own = [key for key in (ticket.created_by_id, ticket.entered_by_id) if key is not None]
        others = Q(Exists(holders)) & ~Q(pk__in=own)
    else:
        others = Q(Exists(holders)) | Q(pk=ticket.created_by_id)
    people = CustomUser.objects.active().without_programs()
    return people.filter(Q(pk__in=administer.values("pk")) | others)
