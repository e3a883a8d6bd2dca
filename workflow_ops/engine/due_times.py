"""Due times of tasks, in working time of their company, to the minute (`docs/engine.md`, "Clock")."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from users.sessions import company_of_scope
from users.working_time import WorkingTime
from workflow_ops.models import TaskInstance, TicketInstance, TimelineEvent, TimelineKind


def due_after(hours: float, begin: datetime) -> datetime:
    """Return the due time of a task that starts at `begin` and is allowed this many working hours.

    Time counts from the minute in which the task starts, so that a few seconds never move it to the next day.
    """
    return WorkingTime.of(company_of_scope()).add_working_time(_minute(begin), timedelta(hours=hours))


def move_due_times(ticket: TicketInstance, tasks: Iterable[TaskInstance]) -> None:
    """At the end of a hold, move due times so that tasks keep the working time left when the hold began.

    Tasks that were already due keep their due time. This takes no statement if no task can become overdue,
    and at most three otherwise.
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
