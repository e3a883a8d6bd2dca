"""Entries of a ticket's timeline, as they are written; `timeline_words` reads them."""

from __future__ import annotations

from typing import Any, Final

from users.models import CustomUser
from workflow_ops.models import (
    TaskInstance,
    TicketInstance,
    TimelineEvent,
    TimelineKind,
    WorkflowWrite,
    WriteSource,
)

_ACTS: Final = {
    WriteSource.TICKET: TimelineKind.SUBMITTED,
    WriteSource.TASK: TimelineKind.TASK_COMPLETED,
    WriteSource.EDIT: TimelineKind.DATA_EDITED,
    WriteSource.CLOCK: TimelineKind.DATA_EDITED,
    WriteSource.RESUME: TimelineKind.RESUMED,
}


def event_of_write(write: WorkflowWrite, ticket: TicketInstance, **more: Any) -> TimelineEvent | None:
    """What somebody did with this write, in their name; nothing for a retry or a mere look for a stall.

    It is stored with what follows from it, or with its failure: whichever comes, comes once.
    """
    content = write.content
    changes = content["values"] or content["emptied"]
    if "retries" in content or (write.source == WriteSource.EDIT and not changes):
        return None
    details = {"fields": content["modified"]} if write.source in (WriteSource.EDIT, WriteSource.CLOCK) else {}
    return TimelineEvent(
        ticket=ticket,
        kind=_ACTS[WriteSource(write.source)],
        task_id=write.task_id,
        person_id=write.person_id,
        impersonator_id=write.impersonator_id,
        details={**details, **more.pop("details", {})},
        **more,
    )


def record(
    ticket: TicketInstance,
    kind: TimelineKind,
    *,
    by: CustomUser,
    task: TaskInstance | None = None,
    about: CustomUser | None = None,
    **details: Any,
) -> None:
    """Store one entry for what a person did."""
    told = {name: value for name, value in details.items() if value}
    TimelineEvent.objects.create(
        ticket=ticket, kind=kind, task=task, about=about, details=told, **by.as_author("person")
    )
