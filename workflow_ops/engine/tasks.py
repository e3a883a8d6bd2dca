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
    TaskUpdateError,
    assignment_error,
    creation_error,
    is_transient,
    resolve_errors,
)
from workflow_ops.engine.run_rows import NEXT_RUN
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


@dataclass(slots=True)
class NewTasks:
    """The new tasks, the starts that they come from, to whom fields restrict them, and the errors."""

    starts: list[Start] = field(default_factory=list)
    tasks: list[TaskInstance] = field(default_factory=list)
    restrictions: list[TaskAllowedUser] = field(default_factory=list)
    errors: list[TicketError] = field(default_factory=list)

    @property
    def to_insert(self) -> list[TaskInstance]:
        """The tasks that are inserted together with the step: all, unless each was inserted carefully."""
        return [task for task in self.tasks if task.pk is None]


def create_tasks(
    rules: Rules,
    decision: Decision,
    *,
    row: WorkflowWrite,
    run: WorkflowInstance,
    carefully: bool,
) -> NewTasks:
    """Make the tasks that start: forms with an assignee, actions as PENDING. `store_run` inserts them.

    With `carefully`, insert each in a savepoint, and add an error instead of one that can't be inserted.
    """
    new = NewTasks()
    if not decision.starts:
        return new
    keys = [start.key for start in decision.starts if start.task.is_form]
    assignments = choose_assignees(rules.assignment, keys, ticket=run.ticket, workspace=decision.data)
    now = timezone.now()
    for start in decision.starts:
        task = _task(start, run, assignments, now)
        error = _insert_alone(start, task, row, sorted(decision.modified)) if carefully else None
        if error is not None:
            new.errors.append(error)
            continue
        new.starts.append(start)
        new.tasks.append(task)
        assignment = assignments.get(start.key)
        if assignment is None:
            continue
        if assignment.person_id is None:
            new.errors.append(assignment_error(task, assignment.problem, row))
        elif assignment.is_named:
            new.restrictions.append(TaskAllowedUser(task=task, person_id=assignment.person_id))
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


def _insert_alone(
    start: Start, task: TaskInstance, row: WorkflowWrite, modified: Sequence[str]
) -> TicketError | None:
    """Insert a task. Return the error if that fails; raise it if it is transient."""
    try:
        # A savepoint: a row that is refused must not abort the transaction of the whole write.
        with transaction.atomic():
            insert_rows([task], run=NEXT_RUN)
    except Exception as error:
        if is_transient(error):
            raise
        return creation_error(start.key, start.task.title, row, modified, error)
    return None


def follow_new_tasks(new: NewTasks) -> None:
    """Store to whom the inserted tasks are restricted, and enqueue the jobs that call actions."""
    if new.restrictions:
        TaskAllowedUser.objects.bulk_create(new.restrictions)
    actions = [task for task in new.tasks if task.status == TaskStatus.PENDING]
    if actions:
        enqueue_tries(actions)


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
