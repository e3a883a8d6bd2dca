"""When tasks are due, in the working time of their company, to the minute (`docs/engine.md`, "Clock")."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from users.sessions import company_of_scope
from users.working_time import WorkingTime
from workflow_ops.models import TaskInstance, TicketInstance, TimelineEvent, TimelineKind


def due_after(hours: float, begin: datetime) -> datetime:
    """Return when a task is due that starts at `begin` and has so many working hours.

    It counts from the minute in which it starts, so that some seconds never cost it a night.
    """
    return WorkingTime.of(company_of_scope()).add_working_time(_minute(begin), timedelta(hours=hours))


def move_due_times(ticket: TicketInstance, tasks: Iterable[TaskInstance]) -> None:
    """Leave unfinished tasks the working time that they had when the hold began which ends now.

    What was due by then stays so. No statement if no task can become overdue, else at most three.
    """
    dated = [(task, task.due_at) for task in tasks if task.due_at is not None and task.overdue_at is None]
    if not dated:
        return
    hold = TimelineEvent.objects.filter(ticket=ticket, kind=TimelineKind.HELD).latest("pk")
    held_at, now = _minute(hold.created_at), _minute(timezone.now())
    week, moved = WorkingTime.of(company_of_scope()), []
    for task, due_at in dated:
        if due_at > held_at:
            task.due_at = week.add_working_time(now, week.working_time_between(held_at, due_at))
            moved.append(task)
    TaskInstance.objects.bulk_update(moved, ["due_at"])


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
