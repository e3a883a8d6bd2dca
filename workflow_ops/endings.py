"""Ending a workflow by hand: cancelled by a ticket admin, withdrawn by who submitted it."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from users.models import CustomUser
from workflow_ops.engine.timeline import record
from workflow_ops.models import (
    RunStatus,
    TaskInstance,
    TaskStatus,
    TimelineKind,
    WorkflowInstance,
    WorkflowWrite,
    WriteStatus,
)
from workflow_ops.models.tasks import UNFINISHED_STATUSES
from workflow_ops.refusals import WrongStatusError
from workflow_ops.writes import apply_soon


def end_by_hand(run: WorkflowInstance, *, kind: TimelineKind, reason: str, by: CustomUser) -> None:
    """Cancel a workflow that the caller has locked, and its unfinished tasks.

    Writes that still wait are recorded as too late. Raises WrongStatusError if it has ended.
    """
    if run.is_final:
        raise WrongStatusError(_("This ticket has ended already."))
    run.status, run.ended_at, run.waiting_modified = RunStatus.CANCELLED, timezone.now(), None
    run.save(update_fields=["status", "ended_at", "waiting_modified", "updated_at"])
    tasks = TaskInstance.objects.filter(workflow_instance=run, status__in=UNFINISHED_STATUSES)
    tasks.update(status=TaskStatus.CANCELLED)
    record(run.ticket, kind, by=by, reason=reason)
    if WorkflowWrite.objects.filter(workflow_instance=run, status=WriteStatus.WAITING).exists():
        apply_soon(run.pk)
