"""The person who is responsible for a ticket (`docs/access.md`, "Who may do what")."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from users.models import CustomUser, PersonQuerySet, SystemRoleMembership
from users.system_roles import SystemRoleName
from workflow_design.access import may_administer_workflow, people_who_may_administer
from workflow_design.models import TicketAdminRole
from workflow_ops.engine.run_rows import lock_run, one_transaction
from workflow_ops.engine.timeline import record
from workflow_ops.models import TicketInstance, TimelineKind
from workflow_ops.refusals import NotAllowedError
from workflow_ops.work.tools import refuse_status


def tickets_in_care(people: Collection[int]) -> QuerySet[TicketInstance]:
    """Return the unfinished tickets for which these people are responsible."""
    return TicketInstance.objects.filter(responsible__in=people, is_finished=False)


def tickets_with_ineligible_responsible(tickets: QuerySet[TicketInstance]) -> QuerySet[TicketInstance]:
    """Narrow tickets down to those whose responsible person is deactivated or may not administer them."""
    system = SystemRoleMembership.objects.filter(person=OuterRef("responsible"))
    named = TicketAdminRole.objects.filter(workflow=OuterRef("workflow_instance__workflow"))
    may = (
        Q(Exists(system.filter(group__name=SystemRoleName.ADMIN)))
        | Q(Exists(named.filter(role__memberships__person=OuterRef("responsible"))))
        | (~Exists(named) & Exists(system.filter(group__name=SystemRoleName.TICKET_ADMIN)))
    )
    return tickets.filter(~(Q(responsible__is_active=True) & may), responsible__isnull=False)


def people_who_can_be_responsible(ticket: TicketInstance) -> PersonQuerySet:
    """Return the active people who may administer the ticket, without service accounts."""
    return people_who_may_administer([ticket.workflow_instance.workflow_id]).without_programs()


def set_responsible(ticket: TicketInstance, *, to: CustomUser | None, by: CustomUser, note: str = "") -> None:
    """Make an eligible person, or nobody, responsible for an unfinished ticket.

    Raise NotAllowedError or WrongStatusError.
    """
    with one_transaction():
        run = lock_run(ticket.workflow_instance_id)
        if not may_administer_workflow(by, run.workflow):
            raise NotAllowedError
        refuse_status(run, "manage_ticket_responsible")
        if to is not None and not people_who_can_be_responsible(run.ticket).filter(pk=to.pk).exists():
            raise NotAllowedError(
                _("%(name)s may not administer this ticket.") % {"name": to.get_full_name()}
            )
        if run.ticket.responsible_id != (to.pk if to else None):
            TicketInstance.objects.filter(pk=run.ticket.pk).update(responsible=to)
            record(run.ticket, TimelineKind.RESPONSIBLE, by=by, about=to, reason=note)
