"""What was said last about tickets on hold, and to the people who have a task or may take it."""

from __future__ import annotations

from collections.abc import Collection

from workflow_design.wording.rules import Vocabulary
from workflow_ops.history.timeline_wording import TimelineEntry, build_entry
from workflow_ops.models import RunStatus, TaskInstance, TicketInstance, TimelineEvent, TimelineKind

_CHANGES_OF_HANDS = (TimelineKind.TASK_ASSIGNED, TimelineKind.TASK_TAKEN, TimelineKind.TASK_GIVEN_BACK)


def held_entries(tickets: Collection[TicketInstance]) -> dict[int, TimelineEntry]:
    """Return who put each ticket on hold, when, why and until when; tickets not on hold are left out."""
    held = [ticket.pk for ticket in tickets if ticket.status == RunStatus.ON_HOLD]
    if not held:
        return {}
    events = TimelineEvent.objects.filter(ticket__in=held, kind=TimelineKind.HELD)
    newest = events.order_by("ticket", "-pk").distinct("ticket")
    return {event.ticket_id: _entry(event) for event in newest.select_related("person", "about", "task")}


def task_remarks(tasks: Collection[TaskInstance]) -> dict[int, TimelineEntry]:
    """Return the note with which each task was assigned, or the reason for which it was given back.

    Tasks that changed hands without one are left out. The tickets of the tasks must be loaded.
    """
    if not tasks:
        return {}
    tickets = {task.workflow_instance.ticket.pk for task in tasks}
    events = TimelineEvent.objects.filter(ticket__in=tickets, task__in=tasks, kind__in=_CHANGES_OF_HANDS)
    newest = events.order_by("task", "-pk").distinct("task")
    loaded = newest.select_related("person", "about", "task__task_definition")
    return {event.task_id or 0: _entry(event) for event in loaded if event.details.get("reason")}


def _entry(event: TimelineEvent) -> TimelineEntry:
    return build_entry(event, vocabulary=Vocabulary({}, {}))
