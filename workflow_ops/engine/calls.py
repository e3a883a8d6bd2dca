"""Scheduling of calls: the state of actions that wait for a call, and the jobs that make the calls.

A round of calls has up to five tries. `next_call_at` is the time at which the next try is due. It is an
argument of the try's job, and stays the same until the try has a result. So a job is outdated if the task has
another `next_call_at` (`docs/engine.md`, "Actions").
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from workflow_design.definition.workflow import TaskFile
from workflow_ops.engine.cached_rules import get_rules
from workflow_ops.models import TaskInstance, TaskStatus

CALLS: Final = "calls"
MAILS: Final = "mails"
ROUND: Final = ("status", "tries", "next_call_at", "answer_until")
"""The columns that a new round of calls sets."""
_LANES: Final = {CALLS: 4, MAILS: 1}
"""How many jobs of one company run at once in each queue, so that one company can't occupy all workers.

Only one for e-mails, because invitations and password resets are in that queue, too.
"""


def definition_of(task: TaskInstance) -> TaskFile:
    """Return the definition of a task that was loaded with its workflow."""
    return get_rules(task.workflow_instance.workflow_id).tasks[task.task_definition_id]


def begin_round(task: TaskInstance) -> None:
    """Let an action wait for its first try, due now. The caller stores ROUND and enqueues the try."""
    task.status = TaskStatus.PENDING
    task.tries, task.next_call_at, task.answer_until = 0, timezone.now(), None


def call_again(tasks: Iterable[TaskInstance]) -> None:
    """Call unfinished actions again from the first try; the caller holds the locks of their workflows."""
    again = list(tasks)
    for task in again:
        begin_round(task)
    TaskInstance.objects.bulk_update(again, ROUND)
    enqueue_tries(again)


def enqueue_tries(tasks: Iterable[TaskInstance]) -> None:
    """Enqueue the due tries of these actions, in one statement; do nothing if there are no tasks."""
    enqueue(*(_job_of_try(task) for task in tasks))


def enqueue_later_try(task: TaskInstance) -> None:
    """Enqueue a job that enqueues the task's next try when it is due.

    The job of the try can't be scheduled itself: a scheduled job blocks all later jobs with the same lock.
    """
    assert task.next_call_at is not None
    enqueue(build_job("call_action_later", task, at=task.next_call_at, due=task.next_call_at.isoformat()))


def enqueue(*jobs: Job) -> None:
    """Enqueue jobs in one statement."""
    if jobs:
        app.job_manager.batch_defer_jobs(list(jobs))


def _job_of_try(task: TaskInstance) -> Job:
    assert task.next_call_at is not None
    queue = MAILS if "email" in (definition_of(task).action or {}) else CALLS
    lock = f"{queue}:{task.company_id}:{task.pk % _LANES[queue]}"
    return build_job("call_action", task, queue=queue, lock=lock, due=task.next_call_at.isoformat())


def build_job(
    name: str,
    task: TaskInstance,
    *,
    queue: str = CALLS,
    lock: str | None = None,
    at: datetime | None = None,
    **arguments: Any,
) -> Job:
    """Return the job of this name in `workflow_ops.jobs` for a task.

    Jobs without a lock have lower priority than due calls, because thousands of one company may be due at
    once.
    """
    return Job(
        queue=queue,
        priority=0 if lock else -1,
        lock=lock,
        queueing_lock=None,
        task_name=f"workflow_ops.jobs.{name}",
        task_kwargs={"company_id": task.company_id, "task_id": task.pk, **arguments},
        scheduled_at=at,
    )
