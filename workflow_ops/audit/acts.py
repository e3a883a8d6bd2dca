"""Reading the audit log by acts, newest first (`docs/data-model.md`, "The audit log").

The ids of acts are in the order of time, so an index gives the acts of a page without sorting or counting.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import Case, Count, Model, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber

from ticketflower.listing import PAGE_SIZE
from users.models import AuditEvent, CompanyRoleMembership, InvitationRole, SystemRoleMembership
from workflow_design.models import ExecutorRole, SubmitterRole, TicketAdminRole, WorkflowDefinition
from workflow_ops.audit.wording import MOST_EVENTS, Line, build_line
from workflow_ops.models import TaskAllowedUser

Events = QuerySet[AuditEvent]

# One act may change hundreds of these. They are ranked last, so that what says most is among those read.
_LINKS: tuple[type[Model], ...] = (
    CompanyRoleMembership,
    SystemRoleMembership,
    InvitationRole,
    TicketAdminRole,
    SubmitterRole,
    ExecutorRole,
    TaskAllowedUser,
)


@dataclass(frozen=True, slots=True)
class Page:
    """Acts, newest first, and the ids next to which the neighbouring pages begin."""

    lines: list[Line]
    newer: int | None
    older: int | None


def read_acts(
    visible: Events,
    found: Events,
    *,
    is_company_admin: bool,
    cursor: int | None = None,
    backwards: bool = False,
    size: int = PAGE_SIZE,
) -> Page:
    """Return the page next to the act `cursor` (with `backwards`, the newer side), or the newest page.

    It has the acts with an event in `found`, and their events in `visible`. This takes three statements.
    """
    if cursor is not None:
        found = found.filter(**{"act__gt" if backwards else "act__lt": cursor})
    order = "act" if backwards else "-act"
    # One more than needed, to know whether there is another page.
    acts = list(found.order_by(order).values_list("act", flat=True).distinct()[: size + 1])
    more = len(acts) > size
    acts = sorted(acts[:size], reverse=True)
    has_older = bool(acts) and (more or backwards)
    has_newer = bool(acts) and cursor is not None and (more or not backwards)
    return Page(
        lines=_build_lines(_read_events(visible, acts), is_company_admin=is_company_admin),
        newer=acts[0] if has_newer else None,
        older=acts[-1] if has_older else None,
    )


def _read_events(visible: Events, acts: Iterable[int]) -> list[Any]:
    """Return the events of the acts that say most, of each act at most MOST_EVENTS."""
    links = When(table__in=[model._meta.db_table for model in _LINKS], then=Value(1))
    order = (Case(links, default=Value(0)), "id")
    ranked = visible.filter(act__in=acts).annotate(
        place=Window(RowNumber(), partition_by="act", order_by=order),
        total=Window(Count("*"), partition_by="act"),
    )
    return list(ranked.filter(place__lte=MOST_EVENTS).order_by("-act", "place"))


def _build_lines(events: list[Any], *, is_company_admin: bool) -> list[Line]:
    versions = {event.workflow_id for event in events if event.workflow_id and event.ticket is None}
    existing = set(WorkflowDefinition.objects.filter(pk__in=versions).values_list("pk", flat=True))
    acts = [list(changes) for _act, changes in groupby(events, key=attrgetter("act"))]
    return [
        build_line(
            changes,
            left_out=changes[0].total - len(changes),
            workflow_ids=existing,
            is_company_admin=is_company_admin,
        )
        for changes in acts
    ]
