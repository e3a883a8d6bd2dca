"""Reading the audit log by acts, newest first (`docs/data-model.md`, "The audit log").

The ids of acts are in the order of time, so an index gives the acts of a page without sorting or counting.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import Case, Count, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest

from ticketflower.listing import PAGE_SIZE
from users.access import may_manage_company
from users.models import AuditEvent, CustomUser
from workflow_design.models import WorkflowDefinition
from workflow_ops.audit.filters import LARGEST_NUMBER, AuditFilter
from workflow_ops.audit.wording import MAX_EVENTS, Line, build_line

# One act may change hundreds of these rows. They rank last, so that more informative changes are read.
_LINKS = [f"users_{name}" for name in ("companyrolemembership", "systemrolemembership", "invitationrole")]
_LINKS += [f"workflow_design_{name}" for name in ("ticketadminrole", "submitterrole", "executorrole")]
# The same is true of these: in such acts, the change of the version says more.
_PARTS = [f"workflow_design_{name}" for name in ("ticketdefinition", "taskdefinition", "workflowcompletion")]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of acts, newest first, with the cursors of the neighbouring pages (ids of acts, or None).

    `bad_cursor` is the name of the URL parameter that was not a valid id, or "".
    """

    lines: list[Line]
    newer: int | None
    older: int | None
    bad_cursor: str = ""


def find_acts(request: HttpRequest, person: CustomUser) -> tuple[AuditFilter, Page]:
    """Return the filter and the page of acts that the URL requests. Raise PermissionDenied."""
    found = AuditFilter(request.GET, person=person)
    place = next((name for name in ("before", "after") if request.GET.get(name)), "")
    cursor = _cursor(request.GET.get(place, ""))
    if cursor is None:
        return found, replace(read_acts(found, person=person), bad_cursor=place)
    return found, read_acts(found, person=person, cursor=cursor, backwards=place == "before")


def _cursor(text: str) -> int | None:
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_NUMBER))
    return min(int(text), LARGEST_NUMBER) if is_number else None


def read_acts(
    found: AuditFilter,
    *,
    person: CustomUser,
    cursor: int | None = None,
    backwards: bool = False,
    size: int = PAGE_SIZE,
) -> Page:
    """Return the page next to the act `cursor` (with `backwards`, the newer side), or the newest page.

    The page contains each act with at least one event that matches the filter, with all its events that the
    person may read. This takes three statements.
    """
    matching = found.qs
    if cursor is not None:
        matching = matching.filter(**{"act__gt" if backwards else "act__lt": cursor})
    order = "act" if backwards else "-act"
    # One more than needed, to know whether there is another page.
    acts = list(matching.order_by(order).values_list("act", flat=True).distinct()[: size + 1])
    more = len(acts) > size
    acts = sorted(acts[:size], reverse=True)
    has_older = bool(acts) and (more or backwards)
    has_newer = bool(acts) and cursor is not None and (more or not backwards)
    return Page(
        lines=_build_lines(_read_events(found.queryset, acts), is_company_admin=may_manage_company(person)),
        newer=acts[0] if has_newer else None,
        older=acts[-1] if has_older else None,
    )


def _read_events(visible: QuerySet[AuditEvent], acts: Iterable[int]) -> list[Any]:
    """Return the most informative events of each act, at most MAX_EVENTS per act."""
    links, parts = When(table__in=_LINKS, then=Value(2)), When(table__in=_PARTS, then=Value(1))
    order = (Case(links, parts, default=Value(0)), "id")
    ranked = visible.filter(act__in=acts).annotate(
        place=Window(RowNumber(), partition_by="act", order_by=order),
        total=Window(Count("*"), partition_by="act"),
    )
    return list(ranked.filter(place__lte=MAX_EVENTS).order_by("-act", "place"))


def _build_lines(events: list[Any], *, is_company_admin: bool) -> list[Line]:
    versions = {event.workflow_id for event in events if event.workflow_id and event.ticket is None}
    existing = set(WorkflowDefinition.objects.filter(pk__in=versions).values_list("pk", flat=True))
    lines = []
    for _act, changes in groupby(events, key=attrgetter("act")):
        first, *others = changes
        left_out = first.total - len(others) - 1
        lines.append(
            build_line(
                [first, *others],
                left_out=left_out,
                workflow_ids=existing,
                is_company_admin=is_company_admin,
            )
        )
    return lines
