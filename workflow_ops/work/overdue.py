"""The clock's actions when tasks become overdue (`docs/engine.md`, "Clock"). Called by jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from ticketflower.tenancy.context import JOB, all_companies_scope, company_scope, one_act
from users.models import Company
from workflow_design.engine import Write
from workflow_ops.engine.cached_rules import get_rules
from workflow_ops.engine.run_rows import lock_run
from workflow_ops.models import (
    RunStatus,
    TaskInstance,
    TimelineEvent,
    TimelineKind,
    WriteSource,
)
from workflow_ops.models.tasks import UNFINISHED_STATUSES
from workflow_ops.state_manager import store_write

log = structlog.get_logger(__name__)

BATCH: Final = 100
_LOCK: Final = "mark_overdue_tasks:"


def _overdue_tasks(now: datetime) -> QuerySet[TaskInstance]:
    """Return tasks whose due time has passed and that are not marked as overdue (index `tasks_to_be_due`)."""
    return TaskInstance.objects.filter(
        status__in=UNFINISHED_STATUSES,
        due_at__lte=now,
        overdue_at=None,
        workflow_instance__status=RunStatus.IN_PROGRESS,
    )


def enqueue_overdue_checks() -> None:
    """Enqueue a job for each company with newly overdue tasks, so that no company waits for another.

    A company with a waiting or running job needs no other.
    """
    with all_companies_scope(), transaction.atomic():
        tasks = _overdue_tasks(timezone.now()).filter(company=OuterRef("pk"))
        jobs = ProcrastinateJob.objects.filter(
            lock=Concat(Value(_LOCK), OuterRef("pk"), output_field=TextField()), status__in=("todo", "doing")
        )
        companies = Company.objects.filter(Exists(tasks), ~Exists(jobs)).order_by("pk")
        behind = list(companies.values_list("pk", flat=True))
    for company_id in behind:
        _enqueue(company_id, failed=0)


def _enqueue(company_id: int, *, failed: int) -> None:
    job = app.configure_task("workflow_ops.jobs.mark_overdue_tasks", lock=f"{_LOCK}{company_id}")
    job.defer(company_id=company_id, failed=failed)


def mark_overdue_tasks(company_id: int, *, failed: int = 0, most: int = BATCH) -> None:
    """Mark a company's tasks as overdue whose due time has passed, each in its own transaction.

    Continue in a new job if there may be more. A task that fails does not block others, and is tried again a
    minute later: until then, the first `failed` tasks are skipped.
    """
    with company_scope(company_id):
        with transaction.atomic():
            found = list(_overdue_tasks(timezone.now()).order_by("due_at", "pk")[failed : failed + most])
        for task in found:
            try:
                with one_act(JOB), transaction.atomic():
                    _mark_overdue(task)
            except Exception as error:
                log.exception("overdue_task_failed", task=task.pk, exc_info=error)
                failed += 1
    if len(found) == most:
        _enqueue(company_id, failed=failed)


def _mark_overdue(task: TaskInstance) -> None:
    """Mark a task as overdue, and store the clock's write, unless another process has done so.

    Effects: `overdue_at` and a timeline entry; with an `overdue_field`, a write that is applied after the
    commit. All of this is committed together, so it happens exactly once, even if the worker is killed.
    """
    run, now = lock_run(task.workflow_instance_id), timezone.now()
    # Check again under the lock: the task may have been completed, moved by a hold, or marked by another job.
    if not _overdue_tasks(now).filter(pk=task.pk).update(overdue_at=now):
        return
    assert task.due_at is not None
    TimelineEvent.objects.create(
        ticket=run.ticket, kind=TimelineKind.OVERDUE, task=task, details={"since": task.due_at.isoformat()}
    )
    field = get_rules(run.workflow_id).tasks[task.task_definition_id].overdue_field
    if field:
        store_write(run, Write.by_clock({field: True}), source=WriteSource.CLOCK, by=None, task=task)
