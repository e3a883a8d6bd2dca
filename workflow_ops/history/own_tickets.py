"""The rows of one's own tickets, each with a sentence that says where it stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.utils.safestring import SafeString

from ticketflower.fast_sql import read_in_order
from users.models import CustomUser
from workflow_ops.history.list_rows import read_people, read_systems
from workflow_ops.history.names import end_titles
from workflow_ops.history.standing import Waiting, name_of, say_end, say_standing
from workflow_ops.models import RunStatus
from workflow_ops.models.tickets import two_lines

# Each class has the columns of a statement, in their order. `action` is the definition, if a system does it.
_TICKETS = """
    SELECT ticket.id, ticket.number, ticket.subject, ticket.type_title, run.id, run.status, run.ended_at,
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
    run: int
    status: str
    ended_at: datetime | None
    due_at: datetime | None
    created_at: datetime


_WAITING = """
    SELECT task.workflow_instance_id, task.id, definition.title, task.status, task.assigned_to_id,
        CASE WHEN definition.task_type <> 'FORM' THEN definition.id END, task.created_at
    FROM workflow_ops_taskinstance AS task
    JOIN workflow_design_taskdefinition AS definition ON definition.id = task.task_definition_id
    WHERE task.workflow_instance_id = ANY(%s::bigint[])
        AND task.status IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR')
    ORDER BY task.created_at, task.id
"""


class _Task(NamedTuple):
    run: int
    id: int
    title: str
    status: str
    assignee: int | None
    action: int | None
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
        if RunStatus(self.status).is_final:
            return say_end(self.status, self.ended_at, self.ended_as, now)
        return say_standing(self.status, self.waits_for, now=now)


def read_own_tickets(ids: Sequence[int], *, reader: CustomUser) -> list[OwnTicket]:
    """Return the tickets of these ids, in their order. The name of `reader` is "you"."""
    tickets = [_Ticket._make(row) for row in read_in_order(_TICKETS, ids)]
    final = {ticket.run for ticket in tickets if RunStatus(ticket.status).is_final}
    waiting = _read_waiting([ticket.run for ticket in tickets if ticket.run not in final], reader)
    ends = end_titles(final)
    return [
        OwnTicket(
            ticket.number,
            ticket.type_title,
            ticket.status,
            *two_lines(ticket.subject, ticket.type_title, ticket.number),
            waiting.get(ticket.run, ()),
            ticket.ended_at,
            ends.get(ticket.run, ""),
            ticket.due_at,
            ticket.created_at,
        )
        for ticket in tickets
    ]


def _read_waiting(run_ids: Sequence[int], reader: CustomUser) -> Mapping[int, list[Waiting]]:
    """Return the unfinished tasks of each workflow, oldest first."""
    found: dict[int, list[Waiting]] = defaultdict(list)
    if not run_ids:
        return found
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [list(run_ids)])
        tasks = [_Task._make(row) for row in cursor.fetchall()]
    people = read_people(task.assignee for task in tasks)
    names = {pk: name_of(person, reader) for pk, person in people.items()}
    systems = read_systems(task.action for task in tasks)
    for task in tasks:
        system, name = systems.get(task.action or 0, ""), names.get(task.assignee or 0, "")
        found[task.run].append(Waiting(task.id, task.title, task.status, system, name, task.created_at))
    return found
