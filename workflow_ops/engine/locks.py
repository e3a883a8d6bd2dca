"""The lock under which everything in one workflow happens, one thing after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from workflow_ops.models import TaskInstance, WorkflowInstance


@contextmanager
def one_transaction() -> Iterator[None]:
    """A transaction, or the one that is open, without the two statements of a savepoint.

    For functions that refuse before they change anything: what they raise leaves nothing to undo.
    """
    if connection.in_atomic_block:
        yield
    else:
        with transaction.atomic():
            yield


def lock_run(run_id: int) -> WorkflowInstance:
    """The workflow that runs, as it stands now, locked until the transaction ends; its `ticket` comes along.

    Whatever changes a workflow, its tasks or its writes takes this lock first, and so is in one
    order with all else: the ids of writes are in the order of their commits.
    """
    runs = WorkflowInstance.objects.select_for_update(of=("self",), no_key=True).select_related("ticket")
    return runs.get(pk=run_id)


def lock_task(task: TaskInstance) -> TaskInstance:
    """The task as it stands now, with its definition, workflow and ticket; the workflow is locked."""
    run = lock_run(task.workflow_instance_id)
    fresh = TaskInstance.objects.select_related("task_definition__workflow", "assigned_to").get(pk=task.pk)
    fresh.workflow_instance = run
    return fresh


def lock_assignment() -> None:
    """Until the transaction ends, nobody else in the company chooses whom to give a task.

    Taken after the lock of a workflow, never before it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock("
            "hashtextextended('assignment ' || current_setting('app.company_id'), 0))"
        )
