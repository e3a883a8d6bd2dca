"""The rows of one's own tickets, each with a sentence that says where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.safestring import SafeString

from ticketflower.fast_sql import read_in_order
from users.models import CustomUser
from workflow_ops.history.list_rows import read_people, read_systems, read_waits
from workflow_ops.history.names import end_titles
from workflow_ops.history.standing import Waiting, name_of, say_end, say_standing
from workflow_ops.models.runs import FINAL_STATUSES
from workflow_ops.models.tickets import two_lines

# The class has the columns of the statement, in their order. Only the run says that it has not started yet.
_TICKETS = """
    SELECT ticket.id, ticket.number, ticket.subject, ticket.type_title, run.status, run.id, run.ended_at,
        CASE WHEN NOT ticket.is_finished THEN ticket.due_at END, ticket.created_at
    FROM workflow_ops_ticketinstance AS ticket
    JOIN workflow_ops_workflowinstance AS run ON run.id = ticket.workflow_instance_id
    WHERE ticket.id = ANY(%s::bigint[])
"""


class _Ticket(NamedTuple):
    id: int
    number: int
    subject: str
    type_title: str
    status: str
    run: int
    ended_at: datetime | None
    due_at: datetime | None
    created_at: datetime


class OwnTicket(NamedTuple):
    """A ticket with the two lines that name it, and what it waits for, or how it has ended."""

    number: int
    type_title: str
    status: str
    heading: str
    below: str
    waits_for: Sequence[Waiting]
    ended_at: datetime | None
    ended_as: str
    due_at: datetime | None
    created_at: datetime

    def standing(self, now: datetime | None = None) -> SafeString:
        """Return the sentence that says where it stands."""
        if self.status in FINAL_STATUSES:
            return say_end(self.status, self.ended_at, self.ended_as, now)
        return say_standing(self.status, self.waits_for, now=now)


def read_own_tickets(ids: Sequence[int], *, reader: CustomUser) -> list[OwnTicket]:
    """Return the tickets of these ids, in their order. The name of `reader` is "you"."""
    tickets = [_Ticket._make(row) for row in read_in_order(_TICKETS, ids)]
    waiting = _read_waiting([ticket.id for ticket in tickets if ticket.status not in FINAL_STATUSES], reader)
    ends = end_titles({ticket.run for ticket in tickets if ticket.status in FINAL_STATUSES})
    return [
        OwnTicket(
            ticket.number,
            ticket.type_title,
            ticket.status,
            *two_lines(ticket.subject, ticket.type_title, ticket.number),
            waiting.get(ticket.id, ()),
            ticket.ended_at,
            ends.get(ticket.run, ""),
            ticket.due_at,
            ticket.created_at,
        )
        for ticket in tickets
    ]


def _read_waiting(ticket_ids: Sequence[int], reader: CustomUser) -> dict[int, list[Waiting]]:
    """Return the unfinished tasks of each ticket, oldest first."""
    waits = read_waits(ticket_ids)
    named = [each for its in waits.values() for each in its]
    names = {pk: name_of(each, reader) for pk, each in read_people(each.assignee for each in named).items()}
    systems = read_systems(each.action for each in named)
    return {
        ticket_id: [
            Waiting(
                each.task_id,
                each.title,
                each.status,
                systems.get(each.action or 0, ""),
                names.get(each.assignee or 0, ""),
                each.since,
            )
            for each in its
        ]
        for ticket_id, its in waits.items()
    }
