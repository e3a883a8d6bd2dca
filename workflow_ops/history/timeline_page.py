"""A page of the timeline of a ticket: events and comments together, newest first."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import IntegerField, Q, QuerySet, Value
from django.utils.dateparse import parse_datetime

from workflow_design.definition.fields import Fields
from workflow_ops.history.names import vocabulary_for
from workflow_ops.history.timeline_wording import TimelineEntry, build_entries
from workflow_ops.models import Comment, TicketInstance, TimelineEvent, WorkflowData

PAGE_SIZE = 40
_EVENT, _COMMENT = 0, 1

_Position = tuple[datetime, int, int]


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """A page for `workflow_ops/includes/timeline.html`; `older` is the value of `?before=`, or ""."""

    entries: list[TimelineEntry]
    older: str
    is_newest: bool


def timeline_page(
    ticket: TicketInstance, *, fields: Fields, before: str = "", size: int = PAGE_SIZE
) -> TimelinePage:
    """Return a page of the timeline. An invalid `before` is ignored.

    This takes four statements, and one each for people and files that conditions read.
    """
    beyond = _decode(before)
    positions = _find_positions(ticket, beyond, size + 1)  # one more shows whether there is an older page
    page = positions[:size]
    events = list(
        TimelineEvent.objects.filter(pk__in=[pk for _at, kind, pk in page if kind == _EVENT]).select_related(
            "task__task_definition", "person", "about"
        )
    )
    # The union found the positions; the rows are loaded by id with their related rows.
    comments = Comment.objects.filter(pk__in=[pk for _at, kind, pk in page if kind == _COMMENT])
    steps = list(_steps(ticket, events))
    evaluations = (evaluation for step in steps for evaluation in step.looks)
    vocabulary = vocabulary_for(evaluations, fields=fields, ticket=ticket)
    return TimelinePage(
        entries=build_entries(
            events, comments.select_related("created_by"), steps=steps, vocabulary=vocabulary
        ),
        older=_encode(page[-1]) if len(positions) > size else "",
        is_newest=beyond is None,
    )


def _find_positions(ticket: TicketInstance, beyond: _Position | None, limit: int) -> list[_Position]:
    events: QuerySet[Any, Any] = TimelineEvent.objects.filter(ticket=ticket)
    comments: QuerySet[Any, Any] = Comment.objects.filter(ticket=ticket)
    both = _keys(events, _EVENT, beyond).union(_keys(comments, _COMMENT, beyond), all=True)
    return list(both.order_by("-created_at", "-row_kind", "-pk")[:limit])


def _keys(rows: "QuerySet[Any, Any]", kind: int, beyond: _Position | None) -> "QuerySet[Any, Any]":
    if beyond is not None:
        at, other, pk = beyond
        earlier = Q(created_at__lt=at)
        # Of one time, comments come before events, and higher ids before lower ones.
        if kind < other:
            earlier |= Q(created_at=at)
        elif kind == other:
            earlier |= Q(created_at=at, pk__lt=pk)
        rows = rows.filter(earlier)
    keyed: QuerySet[Any, Any] = rows.annotate(row_kind=Value(kind, IntegerField()))
    return keyed.values_list("created_at", "row_kind", "pk")


def _steps(ticket: TicketInstance, events: list[TimelineEvent]) -> "QuerySet[WorkflowData]":
    """Return the steps whose decisions explain these events."""
    steps = WorkflowData.objects.filter(workflow_instance_id=ticket.workflow_instance_id)
    # Step 1 is the write of the ticket, which explains its submission.
    own = Q(pk__in={event.workflow_data_id for event in events if event.workflow_data_id})
    of_tasks = Q(task_id__in={event.task_id for event in events if event.task_id})
    return steps.filter(own | of_tasks | Q(step=1)).only("source", "task_id", "looks")


def _encode(position: _Position) -> str:
    at, kind, pk = position
    return base64.urlsafe_b64encode(f"{at.isoformat()} {kind} {pk}".encode()).decode()


def _decode(text: str) -> _Position | None:
    try:
        at, kind, pk = base64.urlsafe_b64decode(text.encode()).decode().split(" ")
        moment = parse_datetime(at)
        return None if moment is None or moment.tzinfo is None else (moment, int(kind), int(pk))
    # The cursor comes from the URL, so it may be manipulated.
    except (ValueError, binascii.Error):
        return None
