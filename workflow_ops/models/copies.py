"""Triggers that maintain denormalised columns for lists (`docs/speed.md`, "Lists"), and task holders.

An index can only contain columns of one table. Triggers maintain the copies, so that no code that changes a
workflow can forget them, and so that they cost no extra statement.
"""

from datetime import UTC, datetime
from typing import Any, Final

import pgtrigger

NO_DUE_TIME: Final = datetime(9000, 1, 1, tzinfo=UTC)
"""The sort value of tickets and tasks without a due time, so that they come last."""

# A stalled ticket has no open task, although it is in progress. Every end of a task is followed by a step. A
# ticket on hold has no due time, because nobody can work on it and its due times move when it is resumed. A
# ticket is inserted with the values that it will have after its first step, so that nearly every submission
# writes the indexes of lists only once. In that case, the time of its last change remains that of its
# submission.
_TELL_TICKET = """
    UPDATE workflow_ops_ticketinstance AS ticket
    SET status = NEW.status,
        is_finished = NEW.status IN ('COMPLETED', 'CANCELLED'),
        changed_at = NEW.updated_at,
        waiting_since = coalesce(oldest.created_at, NEW.updated_at),
        due_at = CASE WHEN NEW.status <> 'ON_HOLD' THEN oldest.due_at END,
        is_stalled = NEW.status = 'IN_PROGRESS' AND oldest.created_at IS NULL,
        -- A hold by hand makes no step. Whatever makes one ends it, or begins one without a date.
        held_until = CASE WHEN NEW.status = 'ON_HOLD' AND NEW.step = OLD.step THEN held_until END,
        resumes_by_itself = resumes_by_itself AND NEW.status = 'ON_HOLD' AND NEW.step = OLD.step
    FROM (
        SELECT min(task.created_at) AS created_at, min(task.due_at) AS due_at
        FROM workflow_ops_taskinstance AS task
        WHERE task.workflow_instance_id = NEW.id
            AND task.status IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR')
    ) AS oldest
    WHERE ticket.workflow_instance_id = NEW.id AND ticket.company_id = NEW.company_id AND NOT (
        OLD.step = 0 AND ticket.status = NEW.status AND ticket.ticket_data = NEW.data
        AND oldest.created_at IS NOT NULL AND oldest.due_at IS NULL);
    RETURN NULL;
"""

# One statement can change a ticket twice: its priority directly, and the rest by the trigger above. The
# triggers of both updates run at the end of the statement, in any order. So they copy the ticket's current
# row instead of NEW.
_TELL_LISTS = """
    UPDATE workflow_ops_opentask AS copy
    SET ticket_status = ticket.status, changed_at = ticket.changed_at, waiting_since = ticket.waiting_since,
        priority = ticket.priority, due_order = ticket.due_order,
        task_due_order = coalesce(CASE WHEN ticket.status <> 'ON_HOLD' THEN task.due_at END, '9000-01-01+00')
    FROM workflow_ops_ticketinstance AS ticket, workflow_ops_taskinstance AS task
    WHERE ticket.id = NEW.id AND copy.ticket_id = NEW.id AND copy.company_id = NEW.company_id
        AND task.id = copy.task_id;
    UPDATE workflow_ops_ticketfieldvalue AS copy
    SET is_finished = ticket.is_finished, changed_at = ticket.changed_at,
        waiting_since = ticket.waiting_since, priority = ticket.priority, due_order = ticket.due_order
    FROM workflow_ops_ticketinstance AS ticket
    WHERE ticket.id = NEW.id AND copy.ticket_id = NEW.id AND copy.company_id = NEW.company_id;
    RETURN NULL;
"""

_KEEP_OPEN_TASK = """
    IF TG_OP = 'DELETE' THEN
        DELETE FROM workflow_ops_opentask WHERE task_id = OLD.id;
        RETURN NULL;
    END IF;
    IF NEW.status NOT IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR') THEN
        DELETE FROM workflow_ops_opentask WHERE task_id = NEW.id
            RETURNING ticket_status INTO status_of_ticket;
        IF status_of_ticket IS DISTINCT FROM 'ON_HOLD' THEN
            RETURN NULL;
        END IF;
        -- On hold, the step that follows the end of a task waits for the resume.
        UPDATE workflow_ops_ticketinstance AS ticket SET waiting_since = oldest.created_at
        FROM (
            SELECT min(task.created_at) AS created_at FROM workflow_ops_taskinstance AS task
            WHERE task.workflow_instance_id = NEW.workflow_instance_id
                AND task.status IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR')
        ) AS oldest
        WHERE ticket.workflow_instance_id = NEW.workflow_instance_id AND ticket.company_id = NEW.company_id
            AND ticket.status = 'ON_HOLD' AND ticket.waiting_since < oldest.created_at;
        RETURN NULL;
    END IF;
    INSERT INTO workflow_ops_opentask (company_id, task_id, ticket_id, line_id, title, status, assignee,
        ticket_status, changed_at, waiting_since, priority, due_order, task_due_order, created_at)
    SELECT NEW.company_id, NEW.id, ticket.id, ticket.line_id, definition.title, NEW.status,
        coalesce(NEW.assigned_to_id, CASE definition.task_type WHEN 'FORM' THEN 0 END),
        ticket.status, ticket.changed_at, ticket.waiting_since, ticket.priority, ticket.due_order,
        coalesce(CASE WHEN ticket.status <> 'ON_HOLD' THEN NEW.due_at END, '9000-01-01+00'), NEW.created_at
    FROM workflow_ops_ticketinstance AS ticket, workflow_design_taskdefinition AS definition
    WHERE ticket.workflow_instance_id = NEW.workflow_instance_id AND ticket.company_id = NEW.company_id
        AND definition.id = NEW.task_definition_id
    ON CONFLICT (task_id) DO UPDATE
    SET status = excluded.status, assignee = excluded.assignee, created_at = excluded.created_at,
        task_due_order = excluded.task_due_order;
    -- A due time moves without a step, too.
    IF TG_OP = 'UPDATE' AND NEW.due_at IS DISTINCT FROM OLD.due_at THEN
        UPDATE workflow_ops_ticketinstance AS ticket SET due_at = (
            SELECT min(task.due_at) FROM workflow_ops_taskinstance AS task
            WHERE task.workflow_instance_id = NEW.workflow_instance_id
                AND task.status IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR')
        )
        WHERE ticket.workflow_instance_id = NEW.workflow_instance_id AND ticket.company_id = NEW.company_id
            AND ticket.status <> 'ON_HOLD';
    END IF;
    RETURN NULL;
"""

# A service account sees a ticket only while it has an unfinished task in it (`docs/programs.md`).
# People stay holders for good, so that nothing changes as long as those who had a task keep it or do it.
_KEEP_HOLDERS = """
    IF TG_OP = 'UPDATE' AND NEW.assigned_to_id IS NOT DISTINCT FROM OLD.assigned_to_id
        AND coalesce(NEW.completed_by_id, NEW.assigned_to_id) IS NOT DISTINCT FROM NEW.assigned_to_id
        AND NOT EXISTS (
            SELECT FROM users_customuser WHERE id = NEW.assigned_to_id AND is_service_account) THEN
        RETURN NULL;
    END IF;
    INSERT INTO workflow_ops_taskholder (company_id, workflow_instance_id, person_id)
    SELECT NEW.company_id, NEW.workflow_instance_id, person.id
    FROM users_customuser AS person
    WHERE person.id IN (NEW.assigned_to_id, NEW.completed_by_id) AND (
        NOT person.is_service_account
        OR (person.id = NEW.assigned_to_id AND NEW.status IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR')))
    ON CONFLICT (workflow_instance_id, person_id) DO NOTHING;
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM workflow_ops_taskholder AS holder USING users_customuser AS person
        WHERE holder.workflow_instance_id = NEW.workflow_instance_id AND person.id = holder.person_id
            AND holder.person_id IN (OLD.assigned_to_id, NEW.assigned_to_id) AND person.is_service_account
            AND NOT EXISTS (
                SELECT FROM workflow_ops_taskinstance AS task
                WHERE task.workflow_instance_id = NEW.workflow_instance_id AND task.assigned_to_id = person.id
                    AND task.status IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR'));
    END IF;
    RETURN NULL;
"""


def keep_holders() -> list[pgtrigger.Trigger]:
    """Return the triggers of tasks that maintain `TaskHolder`: who has, had or did a task of a workflow."""
    old, new = (
        f"({row}.assigned_to_id, {row}.completed_by_id, {row}.status IN ('COMPLETED', 'CANCELLED'))"
        for row in ("OLD", "NEW")
    )
    return [
        pgtrigger.Trigger(
            name="keep_first_holder",
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            condition=pgtrigger.Q(new__assigned_to_id__isnull=False),
            func=_KEEP_HOLDERS,
        ),
        pgtrigger.Trigger(
            name="keep_holders",
            when=pgtrigger.After,
            operation=pgtrigger.UpdateOf("assigned_to_id", "completed_by_id", "status"),  # type: ignore[no-untyped-call]  # theirs
            condition=pgtrigger.Condition(f"({old} IS DISTINCT FROM {new})"),
            func=_KEEP_HOLDERS,
        ),
    ]


def _after_change(name: str, func: str, *columns: str, **options: Any) -> pgtrigger.Trigger:
    """Return a trigger that runs after an update which changes one of the columns."""
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=pgtrigger.UpdateOf(*columns),  # type: ignore[no-untyped-call]  # theirs
        condition=pgtrigger.Condition(f"(({old}) IS DISTINCT FROM ({new}))"),
        func=func,
        **options,
    )


def tell_ticket() -> pgtrigger.Trigger:
    """Return the trigger of workflows that copies their status and times to the ticket."""
    return _after_change("tell_ticket", _TELL_TICKET, "status", "updated_at")


def tell_lists() -> pgtrigger.Trigger:
    """Return the trigger of tickets that copies their sort columns to their open tasks and field values."""
    columns = ("status", "is_finished", "changed_at", "waiting_since", "priority", "due_at")
    return _after_change("tell_lists", _TELL_LISTS, *columns)


def copy_line(table: str, column: str) -> pgtrigger.Trigger:
    """Return the trigger that copies `line` from the row of `table` to which `column` of a new row refers."""
    row = f"SELECT line_id FROM {table} WHERE id = NEW.{column}"  # noqa: S608 - names of our own
    return pgtrigger.Trigger(
        name="copy_line",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"NEW.line_id = ({row}); RETURN NEW;",
    )


def keep_open_task() -> list[pgtrigger.Trigger]:
    """Return the triggers of tasks that maintain their rows in `OpenTask`."""
    variables = [("status_of_ticket", "text")]
    columns = ("status", "assigned_to_id", "created_at", "due_at")
    return [
        pgtrigger.Trigger(
            name="keep_open_row",
            when=pgtrigger.After,
            operation=pgtrigger.Insert | pgtrigger.Delete,
            func=_KEEP_OPEN_TASK,
            declare=variables,
        ),
        _after_change("change_open_row", _KEEP_OPEN_TASK, *columns, declare=variables),
    ]
