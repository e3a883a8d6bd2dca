"""The latest remarks on tickets on hold, and on tasks that were assigned, given back or sent back."""

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
    """Return, for each of the tickets that is on hold, the timeline entry of its hold, by the ticket's id."""
    return remarks_of_holds({ticket.pk for ticket in tickets if ticket.status == RunStatus.ON_HOLD})


def remarks_of_holds(held: Collection[int]) -> dict[int, TimelineEntry]:
    """Return the timeline entry of the hold (who, when, why, until when) for each ticket, by its id."""
    if not held:
        return {}
    events = TimelineEvent.objects.filter(ticket__in=held, kind=TimelineKind.HELD)
    newest = events.order_by("ticket", "-pk").distinct("ticket")
    return {event.ticket_id: _entry(event) for event in newest.select_related("person", "about", "task")}


def task_remarks(tasks: Collection[TaskInstance]) -> dict[int, TimelineEntry]:
    """Return for each task the latest note of an assignment, or reason for giving or sending it back.

    Tasks whose latest change of assignee has no such text are left out. The tasks' tickets must be loaded.
    """
    return remarks_of_tasks({task.pk: task.workflow_instance.ticket.pk for task in tasks})


def remarks_of_tasks(tasks: Mapping[int, int]) -> dict[int, TimelineEntry]:
    """Return the same as `task_remarks`, given the id of each task's ticket by the id of the task."""
    if not tasks:
        return {}
    events = TimelineEvent.objects.filter(
        ticket__in=set(tasks.values()), task__in=tasks, kind__in=_CHANGES_OF_HANDS
    )
    newest = events.order_by("task", "-pk").distinct("task")
    loaded = newest.select_related("person", "about", "task__task_definition")
    return {event.task_id or 0: _entry(event) for event in loaded if event.details.get("reason")}


def draw_remark(remark: TimelineEntry | None) -> str:
    """Return the HTML of a remark in a list; "" for None."""
    return render_to_string("workflow_ops/includes/remark.html", {"remark": remark}) if remark else ""


def _entry(event: TimelineEvent) -> TimelineEntry:
    return build_entry(event, vocabulary=Vocabulary({}, {}))
