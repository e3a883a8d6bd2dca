"""Timeline entries for what people do (`history.timeline_wording` puts them into words)."""

from __future__ import annotations

from typing import Any

from users.models import CustomUser
from workflow_ops.models import (
    TaskInstance,
    TicketInstance,
    TimelineEvent,
    TimelineKind,
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
    """Store a timeline entry for an action of a person. Empty details are left out."""
    filled = {name: value for name, value in details.items() if value}
    TimelineEvent.objects.create(
        ticket=ticket, kind=kind, task=task, about=about, details=filled, **by.as_author("person")
    )
