"""What needs an admin of tickets: how many of each kind, and which tickets wait longest.

Each count ends at 100 and is a link to the list of what it counts (`docs/speed.md`, "Lists").
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ticketflower.navigation import badge_text
from users.access import is_company_admin
from users.models import Company, CompanyRole, CustomUser
from users.working_time import WorkingTime
from workflow_design.models import TaskType, TicketAdminRole, WorkflowStatus
from workflow_ops.access import administered_tasks, administered_tickets
from workflow_ops.actions.connections.pausing import paused_connections
from workflow_ops.models import ErrorStatus, RunStatus, TicketInstance
from workflow_ops.models.tasks import UNFINISHED_STATUSES

MAX_COUNT: Final = 100
"""As with badges, more than 99 are not counted."""
MAX_LONGEST: Final = 3
MAX_ROLES: Final = 10
STILL_AFTER: Final = 10
"""After so many working days without a write or a comment, a ticket stands still."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something at the desk that waits for an admin: how many there are, and the list of them."""

    label: str
    url: str
    count: str


def held_past(now: datetime) -> Q:
    """Return the condition that a ticket is on hold past its date, and that nothing will resume it."""
    return Q(status=RunStatus.ON_HOLD, held_until__lte=now, resumes_by_itself=False)


def standing_still(company: Company, now: datetime) -> Q:
    """Return the condition that nothing has happened to a ticket for long; what stalled has an error."""
    before = WorkingTime.of(company).working_days_before(now, STILL_AFTER)
    return Q(status=RunStatus.IN_PROGRESS, is_stalled=False, changed_at__lte=before)


def needs_of_desk(person: CustomUser, company: Company) -> list[Need]:
    """Return what needs the person, without what nothing is of, using two statements of bounded cost.

    New errors are those that the menu's badge counts.
    """
    now = timezone.now()
    tickets, tasks = administered_tickets(person), administered_tasks(person)
    unfinished = tasks.filter(status__in=UNFINISHED_STATUSES)
    forms = unfinished.filter(assigned_to=None, task_definition__task_type=TaskType.FORM)
    orphans = unfinished.filter(assigned_to__in=CustomUser.objects.absent())
    kinds = [
        (forms, _("Tasks that nobody has"), "manage_tasks", "?assigned=nobody"),
        (orphans, _("Tasks of people who left or are away"), "manage_tasks", "?assigned=gone"),
        (
            tickets.filter(held_past(now)),
            _("Tickets on hold past their date"),
            "manage_tickets",
            "?held=past",
        ),
        (
            tickets.filter(standing_still(company, now)),
            _("Tickets that stand still: nothing happened for %(count)d working days")
            % {"count": STILL_AFTER},
            *("manage_tickets", "?still=1&sort=changed"),
        ),
    ]
    found = Company.objects.filter(pk=company.pk).values_list(
        *(ArraySubquery(rows.order_by().values("pk")[:MAX_COUNT]) for rows, *_link in kinds)
    )
    counts = [person.new_error_count, len(paused_connections(person)), *map(len, found.get())]
    errors = (_("New errors"), reverse("manage_errors") + f"?status={ErrorStatus.NEW}")
    paused = (_("Paused connections"), reverse("manage_errors"))
    links = [errors, paused, *((label, reverse(page) + query) for _rows, label, page, query in kinds)]
    return [Need(*link, badge_text(count)) for link, count in zip(links, counts, strict=True) if count]


def roles_to_ask_for(person: CustomUser) -> list[str]:
    """Return names of roles that workflows in use name for their administration and the person lacks."""
    if is_company_admin(person):
        return []
    named = TicketAdminRole.objects.filter(role=OuterRef("pk"), workflow__status=WorkflowStatus.ACTIVE)
    others = CompanyRole.objects.filter(Exists(named)).exclude(pk__in=person.company_role_ids)
    return list(others.order_by(Lower("name")).values_list("name", flat=True)[:MAX_ROLES])


def waiting_longest(person: CustomUser, company: Company) -> list[TicketInstance]:
    """Return the tickets whose oldest task waits longest, of those that wait for a working day or more."""
    before = WorkingTime.of(company).working_days_before(timezone.now(), 1)
    waiting = administered_tickets(person).filter(status=RunStatus.IN_PROGRESS, waiting_since__lte=before)
    return list(waiting.order_by("waiting_since", "pk")[:MAX_LONGEST])
