"""Timeline entries for what people do and write (`history.timeline_wording` puts them into words)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from ticketflower.tenancy.context import current_actor
from users.models import CustomUser
from workflow_design.engine import Source, Write
from workflow_ops.models import (
    Comment,
    TaskInstance,
    TicketInstance,
    TimelineEvent,
    TimelineKind,
    WorkflowWrite,
    WriteSource,
)


def record(
    ticket: TicketInstance,
    kind: TimelineKind,
    *,
    by: CustomUser,
    task: TaskInstance | None = None,
    about: CustomUser | None = None,
    comment: Comment | None = None,
    **details: Any,
) -> None:
    """Store a timeline entry for an action of a person. Empty details are left out.

    The token with which a program acts for the person is one of the details.
    """
    details["token"] = current_actor().token
    filled = {name: value for name, value in details.items() if value}
    TimelineEvent.objects.create(
        ticket=ticket,
        kind=kind,
        task=task,
        about=about,
        comment=comment,
        details=filled,
        **by.as_author("person"),
    )


def content_of(write: Write) -> dict[str, Any]:
    """Return a write as it is stored, with the name of the token if a program makes it for a person.

    The token is stored because another process, which does not know it, may apply the write.
    """
    token = current_actor().token
    return {**write.as_json(), "token": token} if token else write.as_json()


_EVENT_KINDS: Final = {
    WriteSource.TICKET: TimelineKind.SUBMITTED,
    WriteSource.TASK: TimelineKind.TASK_COMPLETED,
    WriteSource.EDIT: TimelineKind.DATA_EDITED,
    WriteSource.CORRECTION: TimelineKind.DATA_CORRECTED,
    WriteSource.CLOCK: TimelineKind.DATA_EDITED,
    WriteSource.RESUME: TimelineKind.RESUMED,
}
_NAME_FIELDS: Final = {
    TimelineKind.DATA_EDITED,
    TimelineKind.DATA_CORRECTED,
    TimelineKind.TICKET_CORRECTED,
}


def build_write_event(
    write: WorkflowWrite,
    ticket: TicketInstance,
    *,
    fields: Collection[str] | None = None,
    is_too_late: bool = False,
) -> dict[str, Any] | None:
    """Return the columns of the timeline entry for the action that made this write, in the person's name.

    `fields` are those that an edit actually changed. Return None for a retry, and for an edit that changes
    nothing. The entry is stored only once: with the effects of the write, or with its failure. The entry of a
    resume is stored only with its effects, even if it is a retry, because the ticket is on hold until then.
    """
    changed = {*write.content["values"], *write.content["emptied"]}
    is_retry = "retries" in write.content and write.source != WriteSource.RESUME
    if is_retry or (write.source == WriteSource.EDIT and not changed):
        return None
    kind = _EVENT_KINDS[WriteSource(write.source)]
    if kind is TimelineKind.SUBMITTED and write.content["source"] == Source.EDIT:  # `is_own_correction`
        kind = TimelineKind.TICKET_CORRECTED
    details: dict[str, Any] = {"reason": write.content["note"]} if "note" in write.content else {}
    if "token" in write.content:
        details["token"] = write.content["token"]
    if kind in _NAME_FIELDS:
        details["fields"] = sorted(changed if fields is None else fields)
    if "prepared_by" in write.content:
        details |= {"prepared_with": write.content["prepared_with"], "differs": write.content["differs"]}
    is_for_another = kind == TimelineKind.SUBMITTED and ticket.created_by_id != write.person_id
    return {
        "ticket_id": ticket.pk,
        "kind": kind,
        "about_id": ticket.created_by_id if is_for_another else write.content.get("prepared_by"),
        "task_id": write.task_id,
        "person_id": write.person_id,
        "impersonator_id": write.impersonator_id,
        "details": {**details, "too_late": True} if is_too_late else details,
    }
