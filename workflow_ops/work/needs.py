"""The section "Needs you" for ticket admins: counts of each kind, and the tickets that wait longest.

Counting stops at 100, and each count links to the list of its rows (`docs/speed.md`, "Lists").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ticketflower.navigation import badge_text
from users.access import is_company_admin
from users.models import Company, CompanyRole, CustomUser
from users.person_queries import PersonQuery
from users.working_time import WorkingTime
from workflow_design.access import administered_by
from workflow_design.models import Connection, TicketAdminRole, TicketDefinition, WorkflowLine, WorkflowStatus
from workflow_ops.access import administered_tickets
from workflow_ops.actions.connections.pausing import paused_connections
from workflow_ops.models import ErrorStatus, OpenTask, RunStatus, TicketInstance
from workflow_ops.models.copies import NO_DUE_TIME
from workflow_ops.models.lists import NOBODY

MAX_COUNT: Final = 100
"""Counting stops here, because badges show at most "99+"."""
MAX_LONGEST: Final = 3
MAX_ROLES: Final = 10
MAX_TYPES: Final = 100
"""Maximum number of ticket types that are considered, except for people who administer all of a company."""
IN_WORK: Final = (RunStatus.NOT_STARTED, RunStatus.IN_PROGRESS)
"""The statuses of tickets that are neither finished nor on hold."""
STILL_AFTER: Final = 10
"""A ticket counts as inactive after this many working days without a write or a comment."""


@dataclass(frozen=True, slots=True)
class Need:
    """A kind of rows that need an admin: a label, their number, and the URL of their list."""

    label: str
    url: str
    count: str


def held_past(now: datetime) -> dict[str, Any]:
    """Return the conditions for tickets past the date of their hold that no job will resume.

    Only tickets on hold have such a date.
    """
    return {"held_until__lte": now, "resumes_by_itself": False}


def nothing_due_ahead(now: datetime) -> Q:
    """Return the condition that no task of a ticket is due in the future; until then, nobody has to act."""
    return Q(due_order__lte=now) | Q(due_order=NO_DUE_TIME)


def responsible_people(*, is_active: bool) -> QuerySet[CustomUser]:
    """Return the active or the deactivated people who are responsible for an unfinished ticket."""
    theirs = TicketInstance.objects.filter(responsible=OuterRef("pk"), is_finished=False)
    return CustomUser.objects.filter(Exists(theirs), is_active=is_active)


def still_since(company: Company, now: datetime) -> datetime:
    """Return the time since which a ticket in work must not have changed to count as inactive.

    Stalled tickets do not count, because they have an error.
    """
    return WorkingTime.of(company).working_days_before(now, STILL_AFTER)


def _tickets_in_work(person: CustomUser) -> list[QuerySet[TicketInstance]]:
    """Return the tickets in work that the person administers, in parts that each have an index.

    This takes one statement, or none for a company admin, for whom each status is one part.
    """
    tickets = administered_tickets(person).filter(is_finished=False)
    if is_company_admin(person):
        return [tickets.filter(status=status) for status in IN_WORK]
    tickets = tickets.filter(status__in=IN_WORK)
    types = TicketDefinition.objects.filter(workflow__in=administered_by(person)).order_by(
        "workflow__line", "title"
    )
    named = types.values_list("workflow__line", "title").distinct()[:MAX_TYPES]
    return [tickets.filter(line=line, type_title=title) for line, title in named]


def waiting_at_desk(person: CustomUser, company: Company) -> tuple[list[Need], list[TicketInstance]]:
    """Return the needs with a count above 0, and the tickets that wait longest.

    These tickets have waited, like their oldest open task, for at least one working day. New errors are those
    that the menu's badge counts. This takes two statements of bounded cost.
    """
    now = timezone.now()
    times = {"now": now, "still_since": still_since(company, now)}
    before = WorkingTime.of(company).working_days_before(now, 1)
    if is_company_admin(person):
        (found,) = _COUNTED.rows(person, company=company.pk, **times)
        return _needs(person, found), _LONGEST.rows(person, before=before)
    in_work = _tickets_in_work(person)  # the statement's text depends on the number of parts
    found = _counted(person, in_work, company=company.pk, **times).get()
    return _needs(person, found), list(_longest(in_work, before=before))


def _needs(person: CustomUser, found: Any) -> list[Need]:
    errors = reverse("manage_errors")
    paused = len(paused_connections(person)) if found.has_paused else 0
    # If the person administers nothing, there is no subquery, and the value is NULL.
    counts = [len(getattr(found, kind) or ()) for kind in _KINDS]
    counted = [
        (person.waiting.errors, _("New errors"), f"{errors}?status={ErrorStatus.NEW}"),
        (paused, _("Paused connections"), errors),
        *((count, label, url) for count, (label, url) in zip(counts, _lists(), strict=True)),
    ]
    return [Need(label, url, badge_text(count)) for count, label, url in counted if count]


_KINDS: Final = ("overdue", "unassigned", "of_absent", "of_left", "held", "still")


def _lists() -> list[tuple[str, str]]:
    """Return the label of each kind, and the URL of its list."""
    tickets, tasks = reverse("manage_tickets"), reverse("manage_tasks")
    stands_still = _("Tickets that stand still: nothing happened for %(count)d working days")
    return [
        (_("Overdue tickets"), f"{tickets}?due=overdue&sort=due"),
        (_("Tasks that nobody has"), f"{tasks}?assigned=nobody"),
        (_("Tasks of people who left or are away"), f"{tasks}?assigned=gone"),
        (_("Tickets whose responsible person has left"), f"{tickets}?responsible=gone"),
        (_("Tickets on hold past their date"), f"{tickets}?held=past"),
        (stands_still % {"count": STILL_AFTER}, f"{tickets}?still=1&sort=changed"),
    ]


def _counted(
    person: CustomUser,
    in_work: Sequence[QuerySet[TicketInstance]],
    *,
    company: int,
    now: datetime,
    still_since: datetime,
) -> QuerySet[Company]:
    """Return the company with the ids of the first rows of each kind."""
    mine, open_tasks = administered_tickets(person), _open_tasks(person)
    absent = CustomUser.objects.absent().values("pk")
    left = responsible_people(is_active=False).values("pk")
    untouched = {"changed_at__lte": still_since, "is_stalled": False, "status": RunStatus.IN_PROGRESS}
    rows: dict[str, QuerySet[Any]] = {
        "overdue": _first([part.filter(due_order__lte=now) for part in in_work], most=MAX_COUNT),
        "unassigned": open_tasks.filter(assignee=NOBODY)[:MAX_COUNT],
        "of_absent": open_tasks.filter(assignee__in=absent)[:MAX_COUNT],
        "of_left": mine.filter(responsible__in=left, is_finished=False)[:MAX_COUNT],
        "held": mine.filter(**held_past(now))[:MAX_COUNT],
        "still": _first(
            [part.filter(nothing_due_ahead(now), **untouched) for part in in_work], most=MAX_COUNT
        ),
    }
    return Company.objects.filter(pk=company).annotate(
        has_paused=Exists(Connection.objects.filter(paused_at__isnull=False)),
        **{kind: ArraySubquery(rows[kind].values("pk")) for kind in _KINDS},
    )


def _open_tasks(person: CustomUser) -> QuerySet[OpenTask]:
    """Return the unfinished tasks that the person administers; their indexes begin with the workflow."""
    if is_company_admin(person):
        return OpenTask.objects.filter(line__in=WorkflowLine.objects.values("pk"))
    lines = WorkflowLine.objects.filter(versions__in=administered_by(person)).values("pk")
    return OpenTask.objects.filter(
        line__in=lines, ticket__workflow_instance__workflow__in=administered_by(person)
    )


_COUNTED: Final = PersonQuery(
    lambda person, **values: _counted(person, _tickets_in_work(person), **values),
    *("id", "has_paused", *_KINDS),
)


def _longest(in_work: Sequence[QuerySet[TicketInstance]], *, before: datetime) -> QuerySet[TicketInstance]:
    waiting = [part.filter(waiting_since__lte=before) for part in in_work]
    return _first(waiting, "waiting_since", "pk", most=MAX_LONGEST)


_LONGEST: Final = PersonQuery(
    lambda person, **values: _longest(_tickets_in_work(person), **values),
    *("id", "number", "subject", "type_title", "waiting_since", "due_at"),
)


def _first(parts: Sequence[QuerySet[TicketInstance]], *order: str, most: int) -> QuerySet[TicketInstance]:
    """Return the first `most` tickets of all parts together, reading at most that many of each part."""
    if not parts:
        return TicketInstance.objects.none()
    limited = [part.order_by(*order)[:most] for part in parts]
    if len(limited) == 1:
        return limited[0]
    return limited[0].union(*limited[1:], all=True).order_by(*order)[:most]


def roles_to_ask_for(person: CustomUser) -> list[str]:
    """Return names of roles that administer active workflows and that the person lacks."""
    if is_company_admin(person):
        return []
    named = TicketAdminRole.objects.filter(role=OuterRef("pk"), workflow__status=WorkflowStatus.ACTIVE)
    others = CompanyRole.objects.filter(Exists(named)).exclude(pk__in=person.company_role_ids)
    return list(others.order_by(Lower("name")).values_list("name", flat=True)[:MAX_ROLES])
