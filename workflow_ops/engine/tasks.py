"""Tasks that a write starts, refreshes or cancels (`docs/engine.md`, "One write, step by step", 2 to 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ticketflower.fast_sql import insert_rows
from workflow_design.engine import Decision, Plan, Start
from workflow_ops.engine.assignment import Assignment, choose_assignees
from workflow_ops.engine.cached_rules import Rules
from workflow_ops.engine.calls import ROUND, begin_round, enqueue_tries
from workflow_ops.engine.due_times import due_after
from workflow_ops.engine.errors import (
    TaskCreationError,
    TaskUpdateError,
    assignment_error,
    creation_error,
    is_transient,
    resolve_errors,
)
from workflow_ops.models import (
    ErrorReason,
    TaskAllowedUser,
    TaskInstance,
    TaskStatus,
    TicketError,
    WorkflowInstance,
    WorkflowWrite,
)
from workflow_ops.models.tasks import UNFINISHED_STATUSES

# When a task is inserted, the index `newest_tasks` gives the number of its definition's earlier runs.
_NEXT_RUN = """1 + coalesce((
    SELECT max(earlier.run) FROM workflow_ops_taskinstance AS earlier
    WHERE earlier.workflow_instance_id = jsonb_populate_recordset.workflow_instance_id
        AND earlier.task_definition_id = jsonb_populate_recordset.task_definition_id), 0)"""


@dataclass(slots=True)
class NewTasks:
    """The created tasks, the decision's starts from which they were created, and the errors."""

    starts: list[Start] = field(default_factory=list)
    tasks: list[TaskInstance] = field(default_factory=list)
    errors: list[TicketError] = field(default_factory=list)


def create_tasks(
    rules: Rules,
    decision: Decision,
    *,
    row: WorkflowWrite,
    run: WorkflowInstance,
    carefully: bool,
) -> NewTasks:
    """Create the tasks that start: forms with an assignee, actions as PENDING with the job that calls them.

    Raise TaskCreationError if a task can't be created. With `carefully`, create the others and add an error
    for that one instead.
    """
    new = NewTasks()
    if not decision.starts:
        return new
    keys = [start.key for start in decision.starts if start.task.is_form]
    assignments = choose_assignees(rules.assignment, keys, ticket=run.ticket, workspace=decision.data)
    now = timezone.now()
    built = [_task(start, run, assignments, now) for start in decision.starts]
    if carefully:
        for start, task in zip(decision.starts, built, strict=True):
            _create_alone(new, start, task, row=row, modified=sorted(decision.modified))
    else:
        _create_all(new, decision.starts, built)
    _restrict_to_named(new.tasks, assignments)
    if len(keys) < len(decision.starts):
        enqueue_tries(task for task in new.tasks if task.status == TaskStatus.PENDING)
    new.errors += [
        assignment_error(task, assignments[str(task.task_definition_id)].problem, row)
        for task in new.tasks
        if task.status == TaskStatus.OPEN and task.assigned_to_id is None
    ]
    return new


def _task(
    start: Start,
    run: WorkflowInstance,
    assignments: Mapping[str, Assignment],
    now: datetime,
) -> TaskInstance:
    person_id = assignments[start.key].person_id if start.key in assignments else None
    task = TaskInstance(
        workflow_instance=run,
        task_definition_id=int(start.key),
        line_id=run.ticket.line_id,
        input_data=dict(start.input_data),
        assigned_to_id=person_id,
        assigned_at=now if person_id else None,
        due_at=due_after(start.task.due_hours, now) if start.task.due_hours else None,
    )
    if not start.task.is_form:
        begin_round(task)
    return task


def _create_all(new: NewTasks, starts: Sequence[Start], tasks: list[TaskInstance]) -> None:
    try:
        insert_rows(tasks, run=_NEXT_RUN)
    except Exception as error:
        if is_transient(error):
            raise
        raise TaskCreationError from error
    new.starts, new.tasks = list(starts), tasks


def _create_alone(
    new: NewTasks, start: Start, task: TaskInstance, *, row: WorkflowWrite, modified: Sequence[str]
) -> None:
    try:
        # A savepoint: a row that is refused must not abort the transaction of the whole write.
        with transaction.atomic():
            insert_rows([task], run=_NEXT_RUN)
    except Exception as error:
        if is_transient(error):
            raise
        new.errors.append(creation_error(start.key, start.task.title, row, modified, error))
        return
    new.starts.append(start)
    new.tasks.append(task)


def _restrict_to_named(tasks: Sequence[TaskInstance], assignments: Mapping[str, Assignment]) -> None:
    """Make the assignee whom a field named the only person who may do the task."""
    links = [
        TaskAllowedUser(task=task, person_id=task.assigned_to_id)
        for task in tasks
        if task.assigned_to_id and assignments[str(task.task_definition_id)].is_named
    ]
    if links:
        TaskAllowedUser.objects.bulk_create(links)


def refresh_tasks(decision: Decision, unfinished: Mapping[str, TaskInstance]) -> list[TaskInstance]:
    """Give unfinished tasks their new input, and return them. Raise TaskUpdateError.

    `input_version` goes up, so that a form opened with the old input is noticed. An action, even a failed
    one, is called again from its first try, and its errors are resolved.
    """
    tasks, actions = [], []
    for refresh in decision.refreshes:
        task = unfinished[refresh.key]
        task.input_data = dict(refresh.input_data)
        task.input_version += 1
        if not refresh.task.is_form:
            begin_round(task)
            actions.append(task)
        tasks.append(task)
    if tasks:
        with _storing_tasks(tasks, [refresh.task.title for refresh in decision.refreshes]):
            columns = ("input_data", "input_version", *(ROUND if actions else ()))
            TaskInstance.objects.bulk_update(tasks, columns)
    if actions:
        resolve_errors(ErrorReason.ACTION, task__in=actions)
        enqueue_tries(actions)
    return tasks


def cancel_tasks(plan: Plan, tasks: Sequence[TaskInstance]) -> None:
    """Cancel the unfinished tasks of a workflow that ends, and resolve errors of actions that failed.

    Raise TaskUpdateError.
    """
    if not tasks:
        return
    files = {plan.key(file).key: file for file in plan.tasks}
    cancelled = [files[str(task.task_definition_id)] for task in tasks]
    rows = TaskInstance.objects.filter(pk__in=[task.pk for task in tasks], status__in=UNFINISHED_STATUSES)
    with _storing_tasks(tasks, [file.title for file in cancelled]):
        rows.update(status=TaskStatus.CANCELLED)
    if not all(file.is_form for file in cancelled):
        resolve_errors(ErrorReason.ACTION, task__in=tasks)


@contextmanager
def _storing_tasks(tasks: Sequence[TaskInstance], titles: Sequence[str]) -> Iterator[None]:
    """Turn an error of the database into TaskUpdateError, unless it is transient."""
    try:
        yield
    except Exception as error:
        if is_transient(error):
            raise
        raise TaskUpdateError(tasks, titles) from error
