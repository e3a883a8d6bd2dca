"""Pausing of connections over which all calls fail, until a person resumes them.

An action whose connection is paused stays PENDING, with the time at which its call was due, and no job
(`docs/engine.md`, "Actions").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from procrastinate.contrib.django import app

from ticketflower.formats import write_count
from ticketflower.tenancy.context import current_company_id
from users.access import may_manage_company
from users.models import CustomUser
from workflow_design.access import administered_by
from workflow_design.models import Connection
from workflow_design.persistence.connections import connections_named, tasks_over
from workflow_ops.engine.calls import call_again
from workflow_ops.engine.task_rows import lock_task_by_id
from workflow_ops.models import ActionCall, CallKind, CallOutcome, TaskInstance, TaskStatus

FAILURES: Final = 10
LEAST_TASKS: Final = 3
"""Minimum number of tasks that must fail: a single one does not show that the connection is broken."""
BATCH: Final = 100
_MOST_COUNTED: Final = 1_000


def is_paused(connection: Connection) -> bool:
    """Return whether calls over the connection are paused because all of them failed."""
    return connection.paused_at is not None


def is_name_paused(name: str) -> bool:
    """Return whether the connection of this name is paused; False if there is none."""
    return connections_named(name).filter(paused_at__isnull=False).exists()


def pause_if_all_fail(connection_id: int) -> bool:
    """Pause a connection if its newest calls since the last resume, for several tasks, have all failed.

    Return whether they have. Call this after a failed call was recorded, in the same transaction.
    """
    calls = ActionCall.objects.filter(connection=connection_id, kind=CallKind.CALL)
    calls = calls.exclude(outcome__in=(CallOutcome.RUNNING, CallOutcome.INTERRUPTED))
    # Locked, so that a resume either comes before this or finds the caller's task among the waiting ones.
    locked = Connection.objects.select_for_update(no_key=True).filter(pk=connection_id)
    resumed_at = locked.values_list("resumed_at", flat=True).first()
    if resumed_at is not None:
        calls = calls.filter(started_at__gte=resumed_at)
    newest = list(calls.order_by("-pk").values_list("outcome", "task_id")[:FAILURES])
    all_failed = len(newest) == FAILURES and all(outcome == CallOutcome.FAILED for outcome, _task in newest)
    is_broken = all_failed and len({task for _outcome, task in newest}) >= LEAST_TASKS
    if is_broken:
        Connection.objects.filter(pk=connection_id, paused_at=None).update(paused_at=timezone.now())
    return is_broken


def resume(connection: Connection) -> bool:
    """Resume a paused connection, including the calls that wait for it. Return False if it is not paused.

    Effects: a job calls each waiting action from its first try.
    """
    with transaction.atomic():
        paused = Connection.objects.filter(pk=connection.pk, paused_at__isnull=False)
        is_resumed = bool(paused.update(paused_at=None, resumed_at=timezone.now()))
        if is_resumed:
            call_waiting_soon(connection.name)
    return is_resumed


def call_waiting_soon(name: str, *, after: int = 0) -> None:
    """Enqueue the job that calls the actions that wait for the connection of this name."""
    job = app.configure_task("workflow_ops.jobs.call_waiting_tasks")
    job.defer(company_id=current_company_id(), connection=name, after=after)


def call_waiting(name: str, *, after: int, most: int = BATCH) -> None:
    """Call the next actions that wait for a connection, then continue in a new job. Called by the job.

    Each action is locked in its own transaction, so that no workflow stays locked for long.
    """
    with transaction.atomic():
        following = waiting_tasks(name).filter(pk__gt=after).order_by("pk")
        ids = list(following.values_list("pk", flat=True)[:most])
    for task_id in ids:
        with transaction.atomic():
            task = lock_task_by_id(task_id)
            if task is not None and task.status == TaskStatus.PENDING and task.next_call_at is not None:
                call_again([task])
    if len(ids) == most:
        with transaction.atomic():
            call_waiting_soon(name, after=ids[-1])


def waiting_tasks(name: str) -> QuerySet[TaskInstance]:
    """Return the actions that wait for their next call over the connection of this name."""
    return TaskInstance.objects.filter(
        task_definition__in=tasks_over(name), status=TaskStatus.PENDING, next_call_at__isnull=False
    )


@dataclass(frozen=True, slots=True)
class PausedConnection:
    """A paused connection as ticket admins see it."""

    connection: Connection
    waiting: str
    """How many tasks wait, as a sentence."""


def paused_connections(person: CustomUser) -> list[PausedConnection]:
    """Return the paused connections for which tasks wait that the person administers.

    This takes one statement if no connection is paused.
    """
    found = []
    for connection in Connection.objects.filter(paused_at__isnull=False).order_by("name"):
        if count := _administered(person, connection)[: _MOST_COUNTED + 1].count():
            found.append(PausedConnection(connection, _how_many(count)))
    return found


def may_resume(person: CustomUser, connection: Connection) -> bool:
    """Return whether the person may resume the connection: they administer a task that waits for it."""
    return may_manage_company(person) or _administered(person, connection).exists()


def find_resumable(person: CustomUser, connection_id: int) -> Connection:
    """Return a connection that the person may resume. Raise Http404 or PermissionDenied."""
    connection = get_object_or_404(Connection, pk=connection_id)
    if not may_resume(person, connection):
        raise PermissionDenied
    return connection


def _administered(person: CustomUser, connection: Connection) -> QuerySet[TaskInstance]:
    return waiting_tasks(connection.name).filter(task_definition__workflow__in=administered_by(person))


def _how_many(count: int) -> str:
    if count > _MOST_COUNTED:
        return _("More than %(count)s tasks wait.") % {"count": write_count(_MOST_COUNTED)}
    return ngettext("%(count)d task waits.", "%(count)d tasks wait.", count) % {"count": count}
