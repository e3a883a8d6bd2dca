"""Submitting a ticket again: its values in a new form of the same kind."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ticketflower.clean_json import parse_number
from ticketflower.http import PageRequest, company_page
from users.models import CustomUser
from workflow_design.access import may_administer_workflow
from workflow_design.definition.field_types import FILE
from workflow_design.models import TicketDefinition
from workflow_design.persistence.plans import load_fields
from workflow_ops.access import requested_or_entered, submittable_by, visible_tickets
from workflow_ops.engine.cached_rules import get_rules
from workflow_ops.models import TicketInstance
from workflow_ops.work.finding import find_ticket

COPIED_FROM = "again"
"""The URL parameter of a new form with the number of the ticket from which values are copied."""


@require_safe
@company_page()
def ticket_again(request: PageRequest, number: int) -> HttpResponse:
    """Redirect to a new form with the values of a ticket, or say that its kind is no longer offered."""
    ticket = find_ticket(request.user, number)
    if not _may_copy(request.user, ticket):
        raise PermissionDenied
    offered = submittable_by(request.user, for_others=True)
    found = offered.filter(workflow__line=ticket.line_id, title=ticket.type_title).first()
    if found is None:
        text = _("“%(kind)s” can't be submitted again: it is not offered any more, or not to you.")
        messages.error(request, text % {"kind": ticket.type_title})
        return redirect("ticket_detail", number)
    return redirect(f"{reverse('ticket_create', args=[found.pk])}?form={uuid4()}&{COPIED_FROM}={number}")


def _may_copy(person: CustomUser, ticket: TicketInstance) -> bool:
    """Return whether the person may read all submitted values, including those not on the ticket's page."""
    workflow = ticket.workflow_instance.workflow
    return requested_or_entered(person, ticket) or may_administer_workflow(person, workflow)


def copied_values(request: PageRequest, definition: TicketDefinition) -> tuple[dict[str, Any], list[str]]:
    """Return the values copied from the ticket in the URL, and the names of fields that can't be copied.

    Files belong to one ticket, so they have to be attached again.
    """
    number = parse_number(request.GET.get(COPIED_FROM, ""))
    if number is None:
        return {}, []
    same = {"line": definition.workflow.line_id, "type_title": definition.title, "number": number}
    visible = visible_tickets(request.user).select_related("workflow_instance__workflow")
    ticket = visible.filter(**same).first()
    if ticket is None or not _may_copy(request.user, ticket):
        return {}, []
    validator, data = get_rules(definition.workflow_id).validator, ticket.ticket_data
    before = load_fields(ticket.workflow_instance.workflow)
    values: dict[str, Any] = {}
    left: list[str] = []
    for name, field in before.items():
        if name not in data:
            continue
        if name not in definition.fields or validator.problems({name: data[name]}):
            left.append(field.title)
        elif field.type.base is FILE:
            left.append(_("%(field)s (attach the files again)") % {"field": field.title})
        else:
            values[name] = data[name]
    return values, left
