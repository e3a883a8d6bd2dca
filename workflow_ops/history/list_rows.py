"""The rows of tickets and tasks in lists, read with hand-written SQL into named tuples.

Building model instances would take longer than everything else on the page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from ticketflower.fast_sql import array_of, read_in_order
from ticketflower.row_tags import Line
from users.models import CustomUser
from workflow_design.models import TaskDefinition
from workflow_design.wording.actions import name_system
from workflow_ops.engine.cached_rules import title_of_priority
from workflow_ops.history.timeline_wording import actor_name
from workflow_ops.models import RunStatus
from workflow_ops.models.lists import NOBODY
from workflow_ops.models.tasks import PREPARED, UNFINISHED_STATUSES
from workflow_ops.models.tickets import two_lines

MAX_WAITS = 3
NAME_COLUMNS = ("id", "email", "first_name", "last_name", "is_active", "time_zone", "away_from", "away_until")
"""The columns that a name and its mark ("away", "deactivated") need, in the order of the model's fields."""
_PEOPLE = f"SELECT {', '.join(NAME_COLUMNS)} FROM users_customuser WHERE id = ANY(%s::bigint[])"  # noqa: S608 - our own names

# Each class has the columns of a statement, in order. `action` is the task definition, if it is an action.
_TICKETS = """
    SELECT id, number, subject, type_title, ticket_definition_id, priority, status, created_by_id,
        impersonator_id, CASE WHEN NOT is_finished THEN waiting_since END,
        CASE WHEN NOT is_finished THEN due_at END, changed_at, created_at
    FROM workflow_ops_ticketinstance WHERE id = ANY(%s::bigint[])
"""


class _Ticket(NamedTuple):
    id: int
    number: int
    subject: str
    type_title: str
    kind: int
    priority: int
    status: str
    requester: int | None
    impersonator: int | None
    waiting_since: datetime | None
    due_at: datetime | None
    changed_at: datetime
    created_at: datetime


# The subqueries (an OFFSET blocks flattening) keep PostgreSQL from reading all unfinished tasks of a small
# company.
_WAITS = """
    SELECT open.ticket_id, open.task_id, open.title, open.status, open.assignee,
        CASE WHEN open.assignee IS NULL THEN (
            SELECT task_definition_id FROM workflow_ops_taskinstance WHERE id = open.task_id) END,
        open.created_at
    FROM unnest(%s::bigint[]) AS ticket (id)
    CROSS JOIN LATERAL (
        SELECT * FROM workflow_ops_opentask WHERE ticket_id = ticket.id OFFSET 0) AS open
    ORDER BY open.created_at, open.task_id
"""


class Wait(NamedTuple):
    """An unfinished task. `assignee` is NOBODY for a form that nobody has."""

    ticket_id: int
    task_id: int
    title: str
    status: str
    assignee: int | None
    action: int | None
    since: datetime


# Without the OFFSET, PostgreSQL would start from all tickets until a new database has been analyzed.
_TASKS = """
    SELECT task.id, definition.title, task.run, task.status, task.draft IS NOT NULL, task.assigned_to_id,
        CASE WHEN definition.task_type <> 'FORM' THEN definition.id END, task.due_at, task.created_at,
        task.completed_at, ticket.id, ticket.number, ticket.subject, ticket.type_title,
        ticket.ticket_definition_id, ticket.priority, ticket.status, ticket.created_by_id, task.prepared_by_id
    FROM (SELECT * FROM workflow_ops_taskinstance WHERE id = ANY(%s::bigint[]) OFFSET 0) AS task
    JOIN workflow_design_taskdefinition AS definition ON definition.id = task.task_definition_id
    JOIN workflow_ops_ticketinstance AS ticket ON ticket.workflow_instance_id = task.workflow_instance_id
"""


class _Task(NamedTuple):
    id: int
    title: str
    run: int
    status: str
    is_draft: bool
    assignee: int | None
    action: int | None
    due_at: datetime | None
    created_at: datetime
    completed_at: datetime | None
    ticket_id: int
    number: int
    subject: str
    type_title: str
    kind: int
    priority: int
    ticket_status: str
    requester: int | None
    prepared_by: int | None


class TicketRow(NamedTuple):
    """A ticket with the two lines that name it. A ticket that has ended does not wait, and is not due."""

    id: int
    number: int
    type_title: str
    heading: str
    below: str
    status: str
    priority: str
    submitter: str
    waits_for: list[str]
    waiting_since: datetime | None
    due_at: datetime | None
    changed_at: datetime
    created_at: datetime


class TaskRow(NamedTuple):
    """A task with the two lines that name its ticket. `status` and `due_at` are as people see them.

    `assignee` is the text for a person with their state, a system, or nobody; `assignee_name` is only the
    name, or "". `prepared_by` is the account of the program whose prepared answer waits for a person.
    """

    id: int
    title: str
    status: str
    ticket_id: int
    number: int
    type_title: str
    heading: str
    below: str
    priority: str
    requester: str
    assignee: str
    assignee_name: str
    is_unassigned: bool
    is_draft: bool
    due_at: datetime | None
    created_at: datetime
    completed_at: datetime | None
    prepared_by: str

    @property
    def prepared_text(self) -> str:
        """A sentence that says who prepared the task, or ""."""
        return _("Prepared by %(name)s") % {"name": self.prepared_by} if self.prepared_by else ""

    @property
    def mark(self) -> str:
        """The status that lists of one's own tasks show, or ""."""
        return PREPARED if self.prepared_by else "DRAFT" if self.is_draft else ""


def lines_of_tasks(tasks: Iterable[TaskRow]) -> list[Line]:
    """Return the lines of short lists of one's own or takeable tasks: what, for whom, since when."""
    top = reverse("task_list")
    return [
        Line(
            f"{top}{task.id}/",
            task.heading,
            below=" · ".join(filter(None, (task.title, task.below, task.requester, task.prepared_text))),
            mark=task.mark,
            due_at=task.due_at,
            at=task.created_at,
        )
        for task in tasks
    ]


def read_ticket_rows(ids: Sequence[int]) -> list[TicketRow]:
    """Return the tickets of these ids, in their order."""
    tickets = [_Ticket._make(row) for row in read_in_order(_TICKETS, ids)]
    waits = _read_waits(ids)
    named = [each for its in waits.values() for each in its[:MAX_WAITS]]
    people = read_people([*(ticket.requester for ticket in tickets), *(each.assignee for each in named)])
    systems = read_systems(each.action for each in named)
    return [
        TicketRow(
            ticket.id,
            ticket.number,
            ticket.type_title,
            *two_lines(ticket.subject, ticket.type_title, ticket.number),
            ticket.status,
            title_of_priority(ticket.kind, ticket.priority),
            actor_name(people.get(ticket.requester or 0), ticket.impersonator),
            _waits(ticket.status, waits[ticket.id], people, systems),
            ticket.waiting_since,
            ticket.due_at,
            ticket.changed_at,
            ticket.created_at,
        )
        for ticket in tickets
    ]


def _read_waits(ticket_ids: Sequence[int]) -> Mapping[int, list[Wait]]:
    """Return the unfinished tasks of each of these tickets, oldest first."""
    found: dict[int, list[Wait]] = defaultdict(list)
    if not ticket_ids:
        return found
    with connection.cursor() as cursor:
        cursor.execute(_WAITS, [array_of(ticket_ids)])
        for wait in map(Wait._make, cursor.fetchall()):
            found[wait.ticket_id].append(wait)
    return found


def _waits(
    status: str, waits: Sequence[Wait], people: Mapping[int, CustomUser], systems: Mapping[int, str]
) -> list[str]:
    if not waits:
        return [_("nothing: it has stopped")] if status == RunStatus.IN_PROGRESS else []
    words = [
        f"{wait.title}: {_who(wait.assignee, wait.action, people, systems)}" for wait in waits[:MAX_WAITS]
    ]
    more = len(waits) - MAX_WAITS
    return [*words, _("and %(count)d more") % {"count": more}] if more > 0 else words


def read_task_rows(ids: Sequence[int]) -> list[TaskRow]:
    """Return the tasks of these ids, in their order."""
    tasks = [_Task._make(row) for row in read_in_order(_TASKS, ids)]
    named = [person for task in tasks for person in (task.assignee, task.requester, task.prepared_by)]
    people = read_people(named)
    systems = read_systems(task.action for task in tasks)
    return [_task_row(task, people, systems) for task in tasks]


def _task_row(task: _Task, people: Mapping[int, CustomUser], systems: Mapping[int, str]) -> TaskRow:
    is_unfinished = task.status in UNFINISHED_STATUSES
    is_held = is_unfinished and task.ticket_status == RunStatus.ON_HOLD
    preparer = task.prepared_by if is_unfinished else None
    status = PREPARED if preparer else task.status
    return TaskRow(
        task.id,
        f"{task.title} #{task.run}" if task.run > 1 else task.title,
        RunStatus.ON_HOLD if is_held else status,
        task.ticket_id,
        task.number,
        task.type_title,
        *two_lines(task.subject, task.type_title, task.number),
        title_of_priority(task.kind, task.priority),
        actor_name(people.get(task.requester or 0), None),
        _who(task.assignee, task.action, people, systems),
        people[task.assignee].get_full_name() if task.assignee else systems.get(task.action or 0, ""),
        is_unfinished and task.assignee is None,
        task.is_draft,
        task.due_at if is_unfinished and not is_held else None,
        task.created_at,
        task.completed_at,
        actor_name(people.get(preparer or 0), None),
    )


def read_people(ids: Iterable[int | None]) -> dict[int, CustomUser]:
    """Return these people with the columns that their names need, in one statement."""
    found = read_in_order(_PEOPLE, list({person for person in ids if person}))
    return {row[0]: CustomUser.from_db("default", NAME_COLUMNS, row) for row in found}


def read_systems(definition_ids: Iterable[int | None]) -> dict[int, str]:
    """Return the names of other systems, by the ids of the definitions of their tasks."""
    ids = {each for each in definition_ids if each}
    return {pk: name_system(each) for pk, each in TaskDefinition.objects.in_bulk(ids).items()} if ids else {}


def _who(
    person: int | None, action: int | None, people: Mapping[int, CustomUser], systems: Mapping[int, str]
) -> str:
    if person is not None and person != NOBODY:
        return people[person].get_name_and_state()
    return systems[action] if action else _("nobody yet")
