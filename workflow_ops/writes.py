"""What somebody did, kept before anything follows from it (`engine.md`, "Two transactions, nothing lost")."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app

from ticketflower.tenancy.context import Acting, acting, company_scope, current_company_id
from users.models import CustomUser
from workflow_design.engine import Write
from workflow_ops.models import TaskInstance, TicketError, WorkflowInstance, WorkflowWrite, WriteSource
from workflow_ops.state_manager import WorkflowStateManager

FALLBACK_SECONDS = 30
"""When the job looks whether the request that stored a write came to apply it, too."""


def store_write(
    run: WorkflowInstance,
    write: Write,
    *,
    source: WriteSource,
    by: CustomUser,
    task: TaskInstance | None = None,
    retries: TicketError | None = None,
) -> WorkflowWrite:
    """Keep a write of a workflow that the caller has locked, and see to it that it is applied.

    `retries` is the error that is resolved if it can be applied now.
    """
    content: dict[str, Any] = write.as_json()
    if retries is not None:
        content["retries"] = retries.pk
    row = WorkflowWrite.objects.create(
        workflow_instance=run, source=source, task=task, content=content, **by.as_author("person")
    )
    apply_soon(run.pk)
    return row


def apply_soon(run_id: int) -> None:
    """Apply what waits as soon as this transaction is committed, in this process; else the job does."""
    job = app.configure_task("workflow_ops.jobs.apply_writes", schedule_in={"seconds": FALLBACK_SECONDS})
    job.defer(company_id=current_company_id(), workflow_instance_id=run_id)
    go_on(run_id)


def go_on(run_id: int) -> None:
    """Apply what waits as soon as this transaction is committed, in this process."""
    who = acting()

    def apply() -> None:  # no partial: Django 5.2 asks a robust hook that fails for its name
        _apply(run_id, who)

    # Robust: nothing of what follows may turn what the person did into an error page.
    transaction.on_commit(apply, robust=True)


def _apply(run_id: int, who: Acting) -> None:
    # In the scope of whoever did it, also where the transaction outlived that scope.
    assert who.company_id is not None
    with company_scope(who.company_id, person_id=who.person_id, impersonator_id=who.impersonator_id):
        WorkflowStateManager(run_id).apply_waiting()
