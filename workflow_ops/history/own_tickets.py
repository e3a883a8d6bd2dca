"""The rows of one's own tickets, each with a sentence about its current state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import connection
from django.utils.safestring import SafeString

from ticketflower.fast_sql import array_of
from users.models import CustomUser
from workflow_ops.history.list_rows import NAME_COLUMNS, read_systems
from workflow_ops.history.names import end_titles
from workflow_ops.history.state_sentence import Waiting, ended_sentence, name_of, unfinished_sentence
from workflow_ops.models.runs import FINAL_STATUSES
from workflow_ops.models.tickets import two_lines

# One row for each unfinished task of a ticket, or one without a task. The classes have the columns in order;
# those of the assignee's name come last. Only the run's status shows that a ticket has not started yet.
# `action` is the task definition, if it is an action. The subqueries (an OFFSET blocks flattening) keep
# PostgreSQL from reading all workflows and unfinished tasks of a small company.
_TICKETS = f"""
    SELECT ticket.id, ticket.number, ticket.subject, ticket.type_title, run.status, run.id, run.ended_at,
        CASE WHEN NOT ticket.is_finished THEN ticket.due_at END, ticket.created_at,
        open.task_id, open.title, open.status, open.created_at, CASE WHEN open.assignee IS NULL THEN (
            SELECT task_definition_id FROM workflow_ops_taskinstance WHERE id = open.task_id) END,
        {", ".join(f"person.{column}" for column in NAME_COLUMNS)}
    FROM workflow_ops_ticketinstance AS ticket
    CROSS JOIN LATERAL (
        SELECT * FROM workflow_ops_workflowinstance WHERE id = ticket.workflow_instance_id OFFSET 0) AS run
    LEFT JOIN LATERAL (
        SELECT * FROM workflow_ops_opentask WHERE ticket_id = ticket.id OFFSET 0) AS open ON true
    LEFT JOIN users_customuser AS person ON person.id = open.assignee
    WHERE ticket.id = ANY(%s::bigint[]) ORDER BY open.created_at, open.task_id
"""  # noqa: S608 - our own names


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


class _Task(NamedTuple):
    id: int
    title: str
    status: str
    created_at: datetime
    action: int | None


_TASK: Final = len(_Ticket._fields)
_PERSON: Final = _TASK + len(_Task._fields)
"""The positions at which the columns of a task and of its assignee begin."""


class OwnTicket(NamedTuple):
    """A ticket with the two lines that name it, and the tasks for which it waits or the way it ended."""

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

    def state_sentence(self, now: datetime | None = None) -> SafeString:
        """Return the sentence about its current state."""
        if self.status in FINAL_STATUSES:
            return ended_sentence(self.status, self.ended_at, self.ended_as, now)
        return unfinished_sentence(self.status, self.waits_for, now=now)


def read_own_tickets(ids: Sequence[int], *, reader: CustomUser) -> list[OwnTicket]:
    """Return the tickets of these ids, in their order. The name of `reader` is "you"."""
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_TICKETS, [array_of(ids)])
        rows = cursor.fetchall()
    tickets = {row[0]: _Ticket._make(row[:_TASK]) for row in rows}
    waiting = _what_they_wait_for(rows, reader)
    ends = end_titles({ticket.run for ticket in tickets.values() if ticket.status in FINAL_STATUSES})
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
        for ticket in (tickets[ticket_id] for ticket_id in ids if ticket_id in tickets)
    ]


def _what_they_wait_for(rows: Sequence[tuple[Any, ...]], reader: CustomUser) -> dict[int, list[Waiting]]:
    """Return the unfinished tasks of each ticket, oldest first."""
    found = [(row[0], _Task._make(row[_TASK:_PERSON]), row[_PERSON:]) for row in rows if row[_TASK]]
    systems = read_systems(task.action for _ticket, task, _person in found)
    names = {
        person[0]: name_of(CustomUser.from_db("default", NAME_COLUMNS, person), reader)
        for person in {person for _ticket, _task, person in found if person[0]}
    }
    waiting: dict[int, list[Waiting]] = {}
    for ticket, task, (person, *_name) in found:
        system, name = systems.get(task.action or 0, ""), names.get(person, "")
        each = Waiting(task.id, task.title, task.status, system, name, task.created_at)
        waiting.setdefault(ticket, []).append(each)
    return waiting
