"""What was said last about tickets on hold, and to the people who have a task or may take it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.template.loader import render_to_string

from workflow_design.wording.rules import Vocabulary
from workflow_ops.history.timeline_wording import TimelineEntry, build_entry
from workflow_ops.models import RunStatus, TaskInstance, TicketInstance, TimelineEvent, TimelineKind

_CHANGES_OF_HANDS = (
    TimelineKind.TASK_ASSIGNED,
    TimelineKind.TASK_TAKEN,
    TimelineKind.TASK_GIVEN_BACK,
    TimelineKind.TASK_SENT_BACK,
)


def held_entries(tickets: Collection[TicketInstance]) -> dict[int, TimelineEntry]:
    """Return who put each ticket on hold, when, why and until when; tickets not on hold are left out."""
    return remarks_of_holds({ticket.pk for ticket in tickets if ticket.status == RunStatus.ON_HOLD})


def remarks_of_holds(held: Collection[int]) -> dict[int, TimelineEntry]:
    """Return who put each of these tickets on hold, when, why and until when; by its id."""
    if not held:
        return {}
    events = TimelineEvent.objects.filter(ticket__in=held, kind=TimelineKind.HELD)
    newest = events.order_by("ticket", "-pk").distinct("ticket")
    return {event.ticket_id: _entry(event) for event in newest.select_related("person", "about", "task")}


def task_remarks(tasks: Collection[TaskInstance]) -> dict[int, TimelineEntry]:
    """Return the note with which each task was assigned, or the reason for which it was given or sent back.

    Tasks that changed hands without one are left out. The tickets of the tasks must be loaded.
    """
    return remarks_of_tasks({task.pk: task.workflow_instance.ticket.pk for task in tasks})


def remarks_of_tasks(tasks: Mapping[int, int]) -> dict[int, TimelineEntry]:
    """Return the same for the ids of tasks, each with that of its ticket."""
    if not tasks:
        return {}
    events = TimelineEvent.objects.filter(
        ticket__in=set(tasks.values()), task__in=tasks, kind__in=_CHANGES_OF_HANDS
    )
    newest = events.order_by("task", "-pk").distinct("task")
    loaded = newest.select_related("person", "about", "task__task_definition")
    return {event.task_id or 0: _entry(event) for event in loaded if event.details.get("reason")}


def draw_remark(remark: TimelineEntry | None) -> str:
    """Return a remark as a list shows it, "" for none."""
    return render_to_string("workflow_ops/includes/remark.html", {"remark": remark}) if remark else ""


def _entry(event: TimelineEvent) -> TimelineEntry:
    return build_entry(event, vocabulary=Vocabulary({}, {}))
