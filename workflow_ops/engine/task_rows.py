"""The rows of one task, in statements whose text is built once (`ticketflower/fast_sql.py`)."""

from __future__ import annotations

import json
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from ticketflower.fast_sql import RowColumns
from ticketflower.tenancy.context import current_company_id
from users.models import CustomUser
from workflow_design.engine import Write
from workflow_design.models import TaskDefinition
from workflow_ops.engine.new_tickets import ADMIN_ROLES, MAX_ID, WORKFLOW
from workflow_ops.engine.timeline import content_of
from workflow_ops.models import TaskInstance, TicketInstance, WorkflowInstance

_TASK = RowColumns(TaskInstance, of="task")
_RUN = RowColumns(WorkflowInstance, of="run")
_TICKET = RowColumns(TicketInstance, of="ticket")
_DEFINITION = RowColumns(TaskDefinition, of="definition")
_REQUESTER = RowColumns(CustomUser, of="requester")

_WITH_TICKET = """
FROM workflow_ops_taskinstance AS task
JOIN workflow_ops_workflowinstance AS run ON run.id = task.workflow_instance_id
JOIN workflow_ops_ticketinstance AS ticket ON ticket.workflow_instance_id = run.id
"""
_FOUND = ", ".join(each.sql for each in (_TASK, _RUN, _TICKET, _DEFINITION, WORKFLOW, _REQUESTER))
_FIND: Final = f"""
SELECT {_FOUND}, {ADMIN_ROLES},
    ARRAY(SELECT person_id FROM workflow_ops_taskalloweduser AS allowed WHERE allowed.task_id = task.id),
    ARRAY(SELECT person_id FROM workflow_ops_taskholder AS holder
        WHERE holder.workflow_instance_id = run.id),
    EXISTS (SELECT FROM workflow_ops_comment AS comment WHERE comment.ticket_id = ticket.id),
    EXISTS (
        SELECT FROM workflow_ops_timelineevent AS event
        WHERE event.ticket_id = ticket.id AND event.task_id = task.id
            AND event.kind IN ('TASK_ASSIGNED', 'TASK_TAKEN', 'TASK_GIVEN_BACK', 'TASK_SENT_BACK'))
{_WITH_TICKET}
JOIN workflow_design_taskdefinition AS definition ON definition.id = task.task_definition_id
JOIN workflow_design_workflowdefinition AS workflow ON workflow.id = run.workflow_id
LEFT JOIN users_customuser AS requester ON requester.id = ticket.created_by_id
WHERE task.id = %s::bigint AND task.company_id = %s::bigint
"""  # noqa: S608 - columns of our own models

# As in `run_rows`, the workflow is locked first. The task is locked, too, so that its row is read again after
# waiting for the workflow.
_LOCKING: Final = "FOR NO KEY UPDATE OF run, task"
_FIND_AND_LOCK: Final = f"{_FIND}{_LOCKING}"
_LOCK: Final = f"""
SELECT {_TASK.sql}, {_RUN.sql}, {_TICKET.sql}
{_WITH_TICKET}
WHERE task.id = %s::bigint AND task.company_id = %s::bigint
{_LOCKING}
"""

_ALLOWED: Final = """
SELECT person_id FROM workflow_ops_taskalloweduser
WHERE task_id = %s::bigint AND company_id = %s::bigint
"""

# The row's state is checked although its workflow is locked, as a defence against code that forgets the lock.
_COMPLETE: Final = """
WITH completed AS (
    UPDATE workflow_ops_taskinstance SET
        status = 'COMPLETED',
        output_data = %(values)s::jsonb,
        draft = NULL,
        started_at = coalesce(started_at, %(now)s::timestamptz),
        completed_at = %(now)s::timestamptz,
        completed_by_id = %(person_id)s::bigint,
        impersonator_id = %(impersonator_id)s::bigint
    WHERE id = %(task)s::bigint AND status = %(status)s AND input_version = %(input_version)s::integer
    RETURNING id, company_id, workflow_instance_id
)
INSERT INTO workflow_ops_workflowwrite (
    company_id, workflow_instance_id, source, task_id, content, status, person_id, impersonator_id,
    created_at)
SELECT company_id, workflow_instance_id, 'task', id, %(content)s::jsonb, 'WAITING', %(person_id)s::bigint,
    %(impersonator_id)s::bigint, %(now)s::timestamptz
FROM completed
"""


def find_task_by_id(task_id: int, *, lock: bool = False) -> TaskInstance | None:
    """Return a task with its definition, workflow, ticket and requester, or None.

    With `lock`, its workflow is locked until the transaction ends.
    """
    # A larger number in the URL would cause a database error instead of a 404.
    values = _fetch(_FIND_AND_LOCK if lock else _FIND, task_id) if task_id <= MAX_ID else None
    if values is None:
        return None
    task = _take_task(values)
    task.task_definition = _DEFINITION.take(values)
    task.task_definition.workflow = task.workflow_instance.workflow = WORKFLOW.take(values)
    requester = _REQUESTER.take(values)
    task.workflow_instance.ticket.created_by = requester if requester.pk else None
    admin_role_ids, allowed_ids, holder_ids, has_comments, may_have_remark = values
    task.task_definition.workflow.read_admin_role_ids = frozenset(admin_role_ids)
    task.is_locked = lock
    # These do not include changes by others while the statement waited for the lock.
    if not lock:
        task.read_allowed_ids = frozenset(allowed_ids)
        task.workflow_instance.read_holder_ids = frozenset(holder_ids)
        task.may_have_comments, task.may_have_remark = has_comments, may_have_remark
    return task


def lock_task_by_id(task_id: int) -> TaskInstance | None:
    """Lock a task and its workflow in one statement. Return it with workflow and ticket, or None."""
    values = _fetch(_LOCK, task_id)
    return None if values is None else _take_task(values)


def lock_task(task: TaskInstance) -> TaskInstance:
    """Lock the task's workflow. Return the task's current row with its definition, workflow and ticket.

    If it was found with the lock, that is this row.
    """
    if task.is_locked:
        return task
    fresh = lock_task_by_id(task.pk)
    if fresh is None:
        raise TaskInstance.DoesNotExist
    fresh.task_definition = task.task_definition  # of a published version, which never changes
    return fresh


def allowed_person_ids(task: TaskInstance) -> frozenset[int]:
    """Return the ids of the people to whom the task is restricted, cached on the task object."""
    if task.read_allowed_ids is None:
        with connection.cursor() as cursor:
            cursor.execute(_ALLOWED, [task.pk, task.company_id])
            task.read_allowed_ids = frozenset(person_id for (person_id,) in cursor.fetchall())
    return task.read_allowed_ids


def store_completed_form(task: TaskInstance, write: Write, *, by: CustomUser, **about: Any) -> bool:
    """Complete a form whose workflow is locked, and store its write with the status WAITING.

    `about` is stored with the write, for the timeline (`build_write_event`). Return False if the task has
    changed in the meantime.
    """
    values: dict[str, Any] = {
        "task": task.pk,
        "status": str(task.status),
        "input_version": task.input_version,
        "values": json.dumps(dict(write.values)),
        "content": json.dumps({**content_of(write), **about}),
        "now": timezone.now(),
        **by.as_author("person"),
    }
    with connection.cursor() as cursor:
        cursor.execute(_COMPLETE, values)
        return int(cursor.rowcount) > 0


def _fetch(statement: str, task_id: int) -> list[Any] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [task_id, current_company_id()])
        row = cursor.fetchone()
    return None if row is None else list(row)


def _take_task(values: list[Any]) -> TaskInstance:
    """Build a task with its workflow and ticket, and remove their values from the list."""
    task, run = _TASK.take(values), _RUN.take(values)
    run.ticket = _TICKET.take(values)
    run.ticket.workflow_instance = task.workflow_instance = run
    return task
