"""Choosing the requester of a ticket that is submitted for another person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from ticketflower.http import Form
from users.filters import NAME_IN_ORDER
from users.models import CompanyRoleMembership, CustomUser, PersonQuerySet, SystemRoleMembership
from users.system_roles import SystemRoleName
from workflow_design.access import may_administer_workflow
from workflow_design.models import TicketDefinition
from workflow_ops.access import may_submit
from workflow_ops.engine.cached_rules import get_rules

REQUESTER = "_for"
"""The control with the requester; empty means the person who submits. No workspace field has such a name."""


def people_who_may_submit(definition: TicketDefinition) -> PersonQuerySet:
    """Return the active people who may submit tickets of this definition, as `may_submit` decides.

    Service accounts are left out: they get no notifications, so nobody submits tickets for them.
    """
    named = get_rules(definition.workflow_id).submitter_role_ids[definition.pk]
    system = SystemRoleMembership.objects.filter(person=OuterRef("pk"))
    groups = [SystemRoleName.ADMIN] if named else [SystemRoleName.ADMIN, SystemRoleName.USER]
    by_name = CompanyRoleMembership.objects.filter(person=OuterRef("pk"), role__in=named)
    may = Exists(system.filter(group__name__in=groups)) | Exists(by_name)
    return CustomUser.objects.active().without_programs().filter(may)


def people_to_submit_for(definition: TicketDefinition, *, by: CustomUser) -> PersonQuerySet:
    """Return the people for whom this person may submit such a ticket.

    Its admins may submit for others, everybody else only for themselves.
    """
    if not may_administer_workflow(by, definition.workflow):
        return CustomUser.objects.filter(pk=by.pk)
    return people_who_may_submit(definition)


class RequesterForm(Form):
    """The requester of a ticket, chosen among the active people who may submit it themselves."""

    def __init__(self, data: Any = None, *, definition: TicketDefinition, by: CustomUser) -> None:
        super().__init__(data)
        people = people_to_submit_for(definition, by=by).exclude(pk=by.pk).order_by(NAME_IN_ORDER, "pk")
        self.fields[REQUESTER] = forms.ModelChoiceField(
            people,
            label=_("For"),
            required=not may_submit(by, definition),
            empty_label=_("Me") if may_submit(by, definition) else _("Choose a person"),
            help_text=_("That person owns the ticket, is told of it, and may withdraw it."),
        )

    def requester(self) -> CustomUser | None:
        """Return the chosen person. Only call this on valid forms."""
        person: CustomUser | None = self.cleaned_data[REQUESTER]
        return person
