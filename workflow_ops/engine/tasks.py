"""Tasks that a write starts or refreshes (`docs/engine.md`, "One write, step by step", 3 to 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ticketflower.fast_sql import insert_rows
from workflow_design.definition.workflow import TaskType
from workflow_design.engine import Decision, Plan, Start
from workflow_ops.engine.assignment import Given, choose
from workflow_ops.engine.cached_rules import Rules
from workflow_ops.engine.errors import (
    TaskCreationError,
    TaskUpdateError,
    assignment_error,
    creation_error,
    is_transient,
)
from workflow_ops.models import (
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
    """The tasks that were created, the starts behind them, and what went wrong."""

    starts: list[Start] = field(default_factory=list)
    tasks: list[TaskInstance] = field(default_factory=list)
    errors: list[TicketError] = field(default_factory=list)


def create_tasks(
    rules: Rules,
    decision: Decision,
    *,
    row: WorkflowWrite,
    run: WorkflowInstance,
    newest: Mapping[str, TaskInstance],
    carefully: bool,
) -> NewTasks:
    """Create what starts, forms given to somebody and actions waiting.

    `newest` are the newest tasks that there are, by the keys of their definitions.
    Raises TaskCreationError if one can't be created, but if `carefully` creates the others and
    says so in an error.
    """
    new = NewTasks()
    if not decision.starts:
        return new
    keys = [start.task.key for start in decision.starts if start.task.task_type is TaskType.FORM]
    given = choose(rules.assignment, keys, ticket=run.ticket, workspace=decision.data)
    now = timezone.now()
    built = [_task(start, run, newest.get(start.task.key), given, now) for start in decision.starts]
    if carefully:
        for start, task in zip(decision.starts, built, strict=True):
            _create_alone(new, start, task, row=row, modified=sorted(decision.modified))
    else:
        _create_all(new, decision.starts, built)
    _narrow_down(new.tasks, given)
    new.errors += [
        assignment_error(task, given[str(task.task_definition_id)].problem, row)
        for task in new.tasks
        if task.status == TaskStatus.OPEN and task.assigned_to_id is None
    ]
    return new


def _task(
    start: Start,
    run: WorkflowInstance,
    before: TaskInstance | None,
    given: Mapping[str, Given],
    now: datetime,
) -> TaskInstance:
    person_id = given[start.task.key].person_id if start.task.key in given else None
    return TaskInstance(
        workflow_instance=run,
        task_definition_id=int(start.task.key),
        run=before.run + 1 if before else 1,
        status=TaskStatus.OPEN if start.task.task_type is TaskType.FORM else TaskStatus.PENDING,
        input_data=dict(start.input_data),
        assigned_to_id=person_id,
        assigned_at=now if person_id else None,
    )


def _create_all(new: NewTasks, starts: Sequence[Start], tasks: list[TaskInstance]) -> None:
    try:
        insert_rows(tasks)
    except Exception as error:
        if is_transient(error):
            raise
        raise TaskCreationError from error
    new.starts, new.tasks = list(starts), tasks


def _create_alone(
    new: NewTasks, start: Start, task: TaskInstance, *, row: WorkflowWrite, modified: Sequence[str]
) -> None:
    try:
        with transaction.atomic():
            task.save(force_insert=True)
    except Exception as error:
        if is_transient(error):
            raise
        new.errors.append(creation_error(start.task.key, start.task.title, row, modified, error))
        return
    new.starts.append(start)
    new.tasks.append(task)


def _narrow_down(tasks: Sequence[TaskInstance], given: Mapping[str, Given]) -> None:
    """Whoever a field names is the only one who may do the task."""
    links = [
        TaskAllowedUser(task=task, person_id=task.assigned_to_id)
        for task in tasks
        if task.assigned_to_id and given[str(task.task_definition_id)].is_named
    ]
    if links:
        TaskAllowedUser.objects.bulk_create(links)


def refresh_tasks(decision: Decision, unfinished: Mapping[str, TaskInstance]) -> list[TaskInstance]:
    """Give unfinished tasks their new input; a form that was shown before is noticed by its version.

    An action is to be called again from its first try, also one that had failed. Raises TaskUpdateError.
    """
    tasks = []
    for refresh in decision.refreshes:
        task = unfinished[refresh.task.key]
        task.input_data = dict(refresh.input_data)
        task.input_version += 1
        if refresh.task.task_type is not TaskType.FORM:
            task.status = TaskStatus.PENDING
        tasks.append(task)
    if tasks:
        with _storing(tasks, [refresh.task.title for refresh in decision.refreshes]):
            TaskInstance.objects.bulk_update(tasks, ["input_data", "input_version", "status"])
    return tasks


def cancel_tasks(plan: Plan, tasks: Sequence[TaskInstance]) -> None:
    """Cancel the unfinished tasks of a workflow that ends. Raises TaskUpdateError."""
    if not tasks:
        return
    titles = {task.key: task.title for task in plan.tasks}
    rows = TaskInstance.objects.filter(pk__in=[task.pk for task in tasks], status__in=UNFINISHED_STATUSES)
    with _storing(tasks, [titles[str(task.task_definition_id)] for task in tasks]):
        rows.update(status=TaskStatus.CANCELLED)


@contextmanager
def _storing(tasks: Sequence[TaskInstance], titles: Sequence[str]) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if is_transient(error):
            raise
        raise TaskUpdateError(tasks, titles) from error
