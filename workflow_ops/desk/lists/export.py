"""The list of tickets as a CSV file."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ticketflower.csv_files import csv_lines, csv_response
from ticketflower.http import PageRequest, company_page
from users.models import CustomUser
from workflow_ops.access import administered_tickets, may_administer_something
from workflow_ops.desk.lists.rows import ticket_rows
from workflow_ops.desk.lists.ticket_form import FIELD_PREFIX
from workflow_ops.desk.lists.tickets import TicketList
from workflow_ops.history.timeline_wording import actor_name
from workflow_ops.models import RunStatus, TicketFieldValue, TicketInstance

MAX_ROWS = 10_000
ROWS_AT_ONCE = 500
Fields = Mapping[str, forms.Field]
"""The fields by which tickets of the chosen workflow are filtered, by their names."""


@require_safe
@company_page(may_administer_something)
def manage_tickets_csv(request: PageRequest) -> HttpResponse:
    """Send the tickets that the address asks for as a CSV file, in the order of the list."""
    found = TicketList(request.GET, request.user)
    if not found.form.is_valid():
        # The page says what is wrong. A file with other tickets than were asked for would mislead.
        return redirect(f"{reverse('manage_tickets')}?{request.GET.urlencode()}")
    fields = {
        name.removeprefix(FIELD_PREFIX): field
        for name, field in found.form.fields.items()
        if name.startswith(FIELD_PREFIX)
    }
    lines = _lines(found.ids(MAX_ROWS + 1), request.user, fields)
    return csv_response(lines, name="tickets.csv")


def _lines(ids: list[int], person: CustomUser, fields: Fields) -> Iterator[str]:
    """Yield the file in parts. Each opens the scope itself, because the request's transaction has ended."""
    with timezone.override(person.time_zone_in_use):
        yield csv_lines([[*_heads(), *(str(field.label) for field in fields.values())]])
    for start in range(0, min(len(ids), MAX_ROWS), ROWS_AT_ONCE):
        part = ids[start : min(start + ROWS_AT_ONCE, MAX_ROWS)]
        with person.scope(), transaction.atomic(), timezone.override(person.time_zone_in_use):
            # The rights are asked again: they may have changed since the file began.
            tickets = administered_tickets(_as_they_are_now(person)).filter(pk__in=part)
            people = ("created_by", "entered_by", "responsible")
            by_id = {ticket.pk: ticket for ticket in tickets.select_related("line", *people)}
            yield csv_lines(_rows([by_id[key] for key in part if key in by_id], fields))
    if len(ids) > MAX_ROWS:
        yield csv_lines([[_("There are more tickets. To get them, narrow the filters.")]])


def _as_they_are_now(person: CustomUser) -> CustomUser | AnonymousUser:
    """Return the person with the roles of now; somebody without rights if they may not log in any more."""
    if person.impersonating:
        return person  # the rights of staff are not read from the company
    now = CustomUser.objects.active().select_related("company").filter(pk=person.pk).first()
    return now or AnonymousUser()


def _heads() -> list[str]:
    return [
        _("Number"),
        _("Subject"),
        _("Type"),
        _("Workflow"),
        _("Status"),
        _("Priority"),
        _("Submitted by"),
        _("Entered by"),
        _("Responsible"),
        _("Waits for"),
        _("Submitted"),
        _("Last change"),
        _("Waiting since"),
        _("On hold until"),
    ]


def _rows(tickets: list[TicketInstance], fields: Fields) -> Iterator[list[str]]:
    marked = _marked_values(tickets, fields)
    for ticket, row in zip(tickets, ticket_rows(tickets), strict=True):
        yield [
            str(ticket.number),
            ticket.subject,
            ticket.type_title,
            ticket.line.title,
            str(RunStatus(ticket.status).label),
            row["priority"],
            actor_name(ticket.created_by, ticket.impersonator_id),
            ticket.entered_by.get_full_name() if ticket.entered_by else "",
            ticket.responsible.get_full_name() if ticket.responsible else "",
            "; ".join(row["waits_for"]),
            _moment(ticket.created_at),
            _moment(ticket.changed_at),
            "" if ticket.is_finished else _moment(ticket.waiting_since),
            _moment(ticket.held_until),
            *(marked.get((ticket.pk, name), "") for name in fields),
        ]


def _marked_values(tickets: list[TicketInstance], fields: Fields) -> dict[tuple[int, str], str]:
    """Return the values of the fields of each ticket as its form's choices call them, and names of people."""
    if not fields:
        return {}
    stored = TicketFieldValue.objects.filter(ticket__in=tickets, field__in=fields)
    values = list(stored.values_list("ticket", "field", "value"))
    titles = {name: dict(getattr(field, "choices", ())) for name, field in fields.items()}
    ids = [value for _ticket, name, value in values if not titles[name]]  # too many people for a choice
    people = {str(pk): person.get_full_name() for pk, person in CustomUser.objects.in_bulk(ids).items()}
    return {
        (ticket, name): str(titles[name].get(value) or people.get(value, value))
        for ticket, name, value in values
    }


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else timezone.localtime(moment).isoformat(" ", "seconds")
