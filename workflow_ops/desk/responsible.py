"""The person who is responsible for a ticket (`docs/access.md`, "Who may do what")."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from users.filters import NAME_IN_ORDER
from users.models import CustomUser, PersonQuerySet
from users.system_roles import SystemRoleName
from workflow_design.access import admins_of, may_administer_workflow
from workflow_design.models import WorkflowDefinition
from workflow_ops.engine.run_rows import lock_run, one_transaction
from workflow_ops.engine.timeline import record
from workflow_ops.models import TicketInstance, TimelineKind
from workflow_ops.refusals import NotAllowedError, WrongStatusError


def people_who_may_administer(workflow: WorkflowDefinition) -> PersonQuerySet:
    """Return the active people who may administer a version, the same as `may_administer_workflow` says."""
    people = CustomUser.objects.active()
    company_admins = people.with_system_role(SystemRoleName.ADMIN)
    may = Q(pk__in=admins_of(workflow).order_by().values("pk")) | Q(pk__in=company_admins.values("pk"))
    return people.filter(may).order_by(NAME_IN_ORDER, "pk")


def set_responsible(ticket: TicketInstance, *, to: CustomUser | None, by: CustomUser) -> None:
    """Make a person who may administer the workflow responsible for an unfinished ticket, or nobody.

    Raise NotAllowedError or WrongStatusError.
    """
    with one_transaction():
        run = lock_run(ticket.workflow_instance_id)
        if not may_administer_workflow(by, run.workflow):
            raise NotAllowedError
        if run.is_final:
            raise WrongStatusError(_("This ticket has ended already."))
        if to is not None and not people_who_may_administer(run.workflow).filter(pk=to.pk).exists():
            raise NotAllowedError(
                _("%(name)s may not administer this ticket.") % {"name": to.get_full_name()}
            )
        if run.ticket.responsible_id != (to.pk if to else None):
            TicketInstance.objects.filter(pk=run.ticket.pk).update(responsible=to)
            record(run.ticket, TimelineKind.RESPONSIBLE, by=by, about=to)
